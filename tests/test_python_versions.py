"""What can be shown of the versions of Python that pyproject.toml names, with only one of them at hand."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
import warnings
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
NAMED = [
    tuple(map(int, found)) for found in re.findall(r"Python :: (\d)\.(\d+)", str(PROJECT["project"]["classifiers"]))
]
SOURCES = [ROOT / "app.py", *(path for folder in ("texture", "tools") for path in (ROOT / folder).rglob("*.py"))]
GONE = {  # of the standard library, by 3.12 to 3.14
    *("asynchat", "asyncore", "distutils", "imp", "smtpd"),
    *("aifc", "audioop", "cgi", "cgitb", "chunk", "crypt", "imghdr", "mailcap", "msilib", "nis", "nntplib"),
    *("ossaudiodev", "pipes", "sndhdr", "spwd", "sunau", "telnetlib", "uu", "xdrlib", "lib2to3", "pkg_resources"),
}


def test_the_oldest_is_said_alike_everywhere() -> None:
    oldest = min(NAMED)
    written = "{}.{}".format(*oldest)
    assert PROJECT["project"]["requires-python"] == f">={written}"
    assert PROJECT["tool"]["mypy"]["python_version"] == written
    assert PROJECT["tool"]["ruff"]["target-version"] == f"py{written.replace('.', '')}"
    assert oldest <= sys.version_info[:2]


def test_every_source_is_good_for_the_oldest_and_imports_nothing_that_later_ones_lack() -> None:
    lacking = {str(path.relative_to(ROOT)): gone for path in SOURCES if (gone := imported_by(path) & GONE)}
    assert len(SOURCES) > 100
    assert lacking == {}


def imported_by(path: Path) -> set[str]:
    """The packages that a file imports. Raises SyntaxError, or a warning, where it is not for the oldest version."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # what is only warned of in one version is an error in a later one
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source, feature_version=min(NAMED))
        compile(source, str(path), "exec", dont_inherit=True)
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return {name.split(".")[0] for name in imported}
