"""The benchmark against others: what it reads, what it recomputes, and its arithmetic."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from benchmarks import bench50
from benchmarks.bench50 import Score, cases, means, ours, page, table, wins
from texture import save
from texture.errors import InvalidInput, TextureError
from texture.images.decoding import read
from texture.metrics import METRICS


def picture(path: Path, side: int = 48, seed: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    save(np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8), path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two exemplars; of the second one there is a picture by one of the others only."""
    for seed, name in enumerate(("a/source.png", "a/quilt.jpg", "a/graph.png", "b/source.jpg", "b/quilt.png")):
        picture(tmp_path / "others" / name, seed=seed)
    (tmp_path / "others" / "README.md").write_text("text")
    (tmp_path / "others" / "a" / "notes.txt").write_text("text")
    return tmp_path / "others"


def score(exemplar: str, method: str, seconds: float | None = None, **metrics: float) -> Score:
    return Score(exemplar, method, metrics, seconds=seconds)


SCORES = [
    score("a", "baseline", patch=1, regularity=0.9),
    score("a", "quilt", patch=2, regularity=0.5, copying=0.1),
    score("a", "our match", 3.0, patch=1.5, regularity=0.8, copying=0.2),
    score("b", "baseline", patch=3),
    score("b", "quilt", patch=4),
    score("b", "our match", 5.0, patch=5.5),
]


def cells(text: str) -> dict[str, list[str]]:
    """Each line of a table by its first cell."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    return {first: rest for first, *rest in lines}


def test_each_folder_is_an_exemplar_with_pictures_by_others(folder):
    one, other = cases(folder)
    assert (one.name, one.source.name, sorted(one.others)) == ("a", "source.png", ["graph", "quilt"])
    assert (other.name, other.source.name, sorted(other.others)) == ("b", "source.jpg", ["quilt"])


def test_what_is_wrong_with_a_folder_is_said(folder, tmp_path):
    with pytest.raises(InvalidInput, match=r"nowhere: there is no such folder"):
        cases(tmp_path / "nowhere")
    with pytest.raises(InvalidInput, match="no folders in it"):
        cases(folder / "a")
    picture(folder / "a" / "quilt.png")
    with pytest.raises(InvalidInput, match=r"a: both quilt.jpg and quilt.png; keep one"):
        cases(folder)
    (folder / "a" / "quilt.png").unlink()
    (folder / "a" / "source.png").unlink()
    with pytest.raises(InvalidInput, match=r"a: no exemplar in it; expected is source.png"):
        cases(folder)


@pytest.mark.parametrize("names", ["nothing", "patch:nothing", "style", "sample"])
def test_a_method_that_cannot_take_part_is_refused(names):
    with pytest.raises(TextureError):
        ours(names)


def test_methods_are_named_with_their_preset():
    assert [one.label for one in ours("gatys,patch:draft")] == ["our gatys", "our patch:draft"]
    assert ours("") == []


def test_ours_shows_the_exemplar_at_its_own_scale():
    (one,) = ours("patch")
    params = one.params(512, np.zeros((300, 256, 3), np.uint8))
    assert (params.size.width, params.exemplar_size) == (512, 256)


def test_means_are_over_what_there_is_and_the_best_is_marked():
    found = cells(means(SCORES))
    assert found["method"] == ["pictures", *METRICS, "seconds"]
    place = found["method"].index
    assert [found[name][place("patch")] for name in ("baseline", "quilt", "our match")] == ["2", "**3**", "3.5"]
    assert [found[name][place("regularity")] for name in ("baseline", "quilt", "our match")] == [
        "0.9",
        "0.5",
        "**0.8**",
    ]
    assert [found[name][place("copying")] for name in ("quilt", "our match")] == ["0.1", "0.2"]  # no merit
    assert [found[name][place("odd")] for name in ("quilt", "our match")] == ["–", "–"]
    assert [found[name][place("seconds")] for name in ("quilt", "our match")] == ["", "4"]


def test_wins_are_counted_where_both_have_the_metric():
    found = cells(wins(SCORES))
    assert dict(zip(found[""], found["our match against quilt"], strict=True)) == {
        "patch": "1 of 2",
        "spectrum": "–",
        "colour": "–",
        "odd": "–",
        "regularity": "1 of 1",
    }
    same = [score("a", "baseline"), score("a", "quilt", patch=1), score("a", "our match", patch=1)]
    assert cells(wins(same))["our match against quilt"][0] == "0 of 1"


def test_every_picture_has_its_line():
    assert len(table(SCORES).splitlines()) == 2 + len(SCORES)
    assert "Exemplars on which ours is better" in page(SCORES)
    assert "Exemplars on which ours is better" not in page(SCORES[:2])


def test_all_are_scored_and_ours_are_made_once(folder, tmp_path, monkeypatch, capsys):
    output = tmp_path / "output"
    bench50.run(folder, "counting", 48, output)
    text = (output / "table.md").read_text()
    assert text == capsys.readouterr().out[-len(text) - 1 : -1]
    assert re.findall(r"^\| (\S.*?) \| *(\d*) \|", text, re.MULTILINE)[:4] == [
        ("baseline", ""),
        ("graph", "1"),
        ("quilt", "2"),
        ("our counting", "2"),
    ]
    assert read(output / "a" / "counting.png").shape == (48, 48, 3)
    assert read(output / "sheet.png").shape[1] > 4 * bench50.CELL
    monkeypatch.setattr(bench50, "synthesize", lambda *_, **__: pytest.fail("it was there"))
    bench50.run(folder, "counting", 48, output)
    assert (output / "table.md").read_text() == text
    with pytest.raises(pytest.fail.Exception):
        bench50.run(folder, "counting", 64, output)


def test_the_command_says_what_is_wrong(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["bench50", str(tmp_path / "nowhere")])
    with pytest.raises(SystemExit) as ended:
        bench50.main()
    assert ended.value.code == 2
    assert "nowhere: there is no such folder" in capsys.readouterr().err
