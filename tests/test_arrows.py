"""Imports point one way, and a process that only serves pages never loads torch."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from texture.methods.registry import methods

ROOT = Path(__file__).parents[1]
SERVES_PAGES = """
import sys
import texture, texture.web
from texture.features import weights
from texture.jobs import store
from texture.jobs.engines import protocol
from texture.methods.registry import methods
from texture.settings import Settings
methods()
weights.status(Settings())
print(sorted({name.split(".")[0] for name in sys.modules} & {"torch", "torchvision", "scipy", "skimage", "eventlet"}))
"""


def test_the_rooms_import_one_way() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout


def test_serving_pages_needs_no_torch() -> None:
    said = subprocess.run([sys.executable, "-c", SERVES_PAGES], cwd=ROOT, capture_output=True, text=True)
    assert said.stdout == "[]\n", said.stderr


OUTSIDE = sorted(path for path in (ROOT / "texture").rglob("*.py") if "methods" not in path.relative_to(ROOT).parts)
FIELDS = {name for method in methods().values() for name in method.params.model_fields}


def looks_at_a_name(node: ast.AST) -> bool:
    """Whether something is decided by a method's name: by comparing it, or by a collection of names."""
    match node:
        case ast.Compare(left, _, others):
            return any(isinstance(one, ast.Constant) and one.value in methods() for one in (left, *others))
        case ast.MatchValue(ast.Constant(value)):
            return value in methods()
        case ast.Tuple(elements) | ast.List(elements) | ast.Set(elements):
            return bool(elements) and all(isinstance(one, ast.Constant) and one.value in methods() for one in elements)
    return False


def asks_for_a_field(node: ast.AST) -> bool:
    """Whether a parameter is asked for by its name: getattr(params, "size"), job.params.get("steps")."""
    match node:
        case ast.Call(ast.Name("getattr" | "hasattr"), [_, ast.Constant(value), *_]):
            return value in FIELDS
        case ast.Call(ast.Attribute(ast.Attribute(attr="params"), "get"), [ast.Constant(value), *_]):
            return value in FIELDS
        case ast.Subscript(ast.Attribute(attr="params"), ast.Constant(value)):
            return value in FIELDS
    return False


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_outside_the_methods_goes_by_their_names_or_by_those_of_their_parameters(path: Path) -> None:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    assert not [node.lineno for node in nodes if looks_at_a_name(node) or asks_for_a_field(node)]  # type: ignore[attr-defined]


def test_it_would_be_seen() -> None:
    looks = ('job.method == "sgan"', 'ANIMATED = ("walk",)', 'getattr(p, "tile", "none")', 'job.params.get("minutes")')
    for line in looks:
        assert any(looks_at_a_name(node) or asks_for_a_field(node) for node in ast.walk(ast.parse(line))), line
