"""One picture of a whole comparison."""

from __future__ import annotations

import numpy as np
import pytest

from tests.reports.conftest import BLUE, GREEN, RED, plain
from texture.reports.fonts import cut, font, wrapped
from texture.reports.sheet import CELL, GROUND, MARGIN, comparison_sheet, scaled

FIGURES = {"metrics": {"patch": 0.5, "seam": 1.2, "seam_limit": 1.4}, "baselines": {"patch": 0.3}}


def area(sheet, colour):
    """Pixels of that colour, and how high and wide they lie."""
    rows, columns = np.nonzero((sheet == colour).all(axis=2))
    return len(rows), int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


def test_all_pictures_are_drawn_at_one_scale_the_largest_filling_its_place(result):
    half, whole = (
        result("a", {"size": "128x64"}, pixels=plain(GREEN, 64, 128), method="match"),
        result("b", pixels=plain(BLUE, 128, 128)),
    )
    sheet = comparison_sheet(plain(RED, 100, 100), "Title", [half, whole])
    assert area(sheet, BLUE) == (CELL * CELL, CELL, CELL)
    assert area(sheet, GREEN) == (CELL * CELL // 2, CELL // 2, CELL)
    assert area(sheet, RED) == (256 * 256, 256, 256)  # reduced to 64, as the first run takes it, and then four times


def test_a_larger_one_is_reduced(result):
    sheet = comparison_sheet(plain(RED, 64, 64), "Title", [result(pixels=plain(GREEN, 2048, 1024))])
    assert area(sheet, GREEN) == (CELL * CELL // 2, CELL, CELL // 2)


@pytest.mark.parametrize(
    ("params", "shape"),
    [
        ({"size": "64"}, (64, 96, 3)),
        ({"size": "64x32"}, (32, 48, 3)),
        ({"size": "512"}, (128, 192, 3)),
        ({"size": "64", "exemplar_size": 100}, (100, 150, 3)),
        ({"size": "64", "exemplar_size": None}, (64, 96, 3)),
    ],
)
def test_the_exemplar_is_as_large_as_the_method_takes_it(result, params, shape):
    assert scaled(plain(RED, 128, 192), [result(params=params, method="match")]).shape == shape


def test_the_exemplar_is_shown_as_the_first_run_has_fitted_it(result):
    fitted = [result(exemplar=plain(BLUE, 60, 64)), result(exemplar=plain(RED, 64, 64))]
    assert scaled(plain(RED, 128, 192), fitted).shape == (60, 64, 3)
    assert scaled(plain(RED, 128, 192), [result(params={"size": "64"}, method="match"), *fitted]).shape == (64, 96, 3)
    assert area(comparison_sheet(plain(RED, 64, 64), "Title", fitted), BLUE)[0] > 0


def test_the_content_stands_beside_the_exemplar_as_large_as_the_results(result):
    runs = [result(pixels=plain(GREEN, 64, 128))]
    sheet = comparison_sheet(plain(RED, 64, 64), "Title", runs, plain(BLUE, 320, 640))
    assert area(sheet, BLUE) == area(sheet, GREEN) == (CELL * CELL // 2, CELL // 2, CELL)


def test_without_exemplar_and_runs_there_is_a_sheet_all_the_same():
    assert comparison_sheet(None, "Nothing left", []).shape[1] > CELL


def test_names_figures_and_baselines_are_written(result):
    """There is no reading the letters; but each of them changes the picture, and only beneath its own panel."""
    picture = plain(GREEN, 64, 64)

    def sheet(title="Title", label="a", **more):
        return comparison_sheet(plain(RED, 64, 64), title, [result(label, pixels=picture, **{**FIGURES, **more})])

    known = sheet()
    assert not np.array_equal(known[: MARGIN + 40], sheet(title="Other")[: MARGIN + 40])
    for other in (sheet(label="b"), sheet(baselines={"patch": 0.2}), sheet(memory=2**20), sheet(state="cancelled")):
        rows, columns = np.nonzero((known != other).any(axis=2))
        assert rows.min() > CELL
        assert columns.min() > MARGIN + CELL


def test_a_run_without_a_picture_has_a_place_all_the_same(result):
    sheet = comparison_sheet(plain(RED, 64, 64), "Title", [result("a", state="failed"), result("b", state="queued")])
    assert sheet.shape[1] == 2 * MARGIN + 3 * CELL + 2 * 36


@pytest.mark.parametrize("runs", [1, 3, 4, 8, 16])
def test_however_many_runs_and_however_long_their_names_nothing_leaves_the_sheet(result, runs):
    many = [result("Long name × " * 30, pixels=plain(GREEN, 64, 64), **FIGURES) for _ in range(runs)]
    sheet = comparison_sheet(plain(RED, 64, 64), "Title " * 200, many)
    ground = np.array([int(GROUND[i : i + 2], 16) for i in (1, 3, 5)])
    edges = np.concatenate([sheet[:20].reshape(-1, 3), sheet[-20:].reshape(-1, 3), sheet[:, :40].reshape(-1, 3)])
    assert (edges == ground).all()
    assert (sheet[:, -40:] == ground).all()


def test_text_is_broken_between_words_and_cut_where_it_is_too_much():
    letters = font(20)
    assert wrapped("one two three", letters, letters.getlength("one two "), 3) == ["one two", "three"]
    assert wrapped("one two three four", letters, letters.getlength("three..."), 2)[1].endswith("…")
    assert cut("ground", letters, 500) == "ground"
    assert letters.getlength(cut("ground " * 50, letters, 200)) <= 200
    assert cut("×", letters, 0) == "…"


def test_letters_have_accents_and_signs():
    missing = font(20).getmask("\uffff")
    for sign in "éüłж×·–":
        assert bytes(font(20).getmask(sign)) != bytes(missing)
