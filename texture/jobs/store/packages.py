"""The packages that only some installations need."""

from __future__ import annotations

from importlib.util import find_spec

from texture.errors import SetupProblem


def need_package(name: str, setting: str) -> None:
    """Raise SetupProblem, which says what to type, where a package is absent that a setting asks for."""
    if find_spec(name) is None:
        raise SetupProblem(f"{setting} needs the package {name}: type pip install -r requirements-scale.txt")
