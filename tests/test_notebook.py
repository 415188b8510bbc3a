"""The example notebook runs from its first cell to its last, in a kernel, as somebody would run it; only smaller."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from texture.methods.registry import methods
from texture.settings import Settings

TOUR = Path(__file__).parents[1] / "examples" / "tour.ipynb"
SMALL = {
    "SIZE": 64,
    "QUICK": {"steps": 2},
    "TRAINED": {"steps": 2, "batch": 2},
}


@pytest.fixture
def tour() -> nbformat.NotebookNode:
    return nbformat.read(TOUR, as_version=4)


def test_it_goes_through_all_methods(tour: nbformat.NotebookNode) -> None:
    nbformat.validate(tour)
    code = "\n".join(cell.source for cell in tour.cells if cell.cell_type == "code")
    missing = [name for name, method in methods().items() if method.listed and f'"{name}"' not in code]
    assert not missing


@pytest.mark.weights
def test_every_cell_runs(tour: nbformat.NotebookNode, vgg19: Settings, tmp_path: Path) -> None:
    (place,) = [i for i, cell in enumerate(tour.cells) if "parameters" in cell.metadata.get("tags", ())]
    smaller = "\n".join(f"{name} = {value!r}" for name, value in SMALL.items())
    tour.cells[place].source += "\n" + smaller
    NotebookClient(tour, timeout=120, resources={"metadata": {"path": str(TOUR.parents[1])}}).execute()
    code = [cell for cell in tour.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    pictures = [output for cell in code for output in cell.outputs if "image/png" in output.get("data", {})]
    assert len(pictures) >= 12
    printed = "".join(output.text for output in code[-1].outputs if output.output_type == "stream")
    assert "baseline" in printed
    assert "texnet" in printed
