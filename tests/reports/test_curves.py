"""Curves as pictures."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.reports.conftest import point
from texture.palette import run_colour
from texture.reports.curves import curve_svg, curves_png, measured


@pytest.fixture
def runs(result):
    """Two runs; the second one has been measured once."""
    points = [point(i, i, 2.0 * i, distance=1.0, patch=4.0 / i, seam=1.0) for i in range(1, 30)]
    return [
        result("a", points=points, baselines={"patch": 0.3}),
        result("$b_1$ <c>", points=[point(5, 5, 10, patch=2.0)], baselines={"patch": 0.3}),
    ]


def words(svg):
    return {text.text for text in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")}


def test_what_was_measured_is_drawn_and_losses_are_not(runs):
    assert measured(runs) == ["patch", "seam"]
    one, both = (Image.open(io.BytesIO(curves_png(some))) for some in ([replace(runs[0], points=runs[1].points)], runs))
    assert both.height - one.height > 200  # a row for seam
    assert both.width == one.width > 1000


def test_each_run_has_its_colour_and_baselines_are_dashed(runs):
    svg = curve_svg(runs, "patch", "wall")
    assert run_colour(0) in svg
    assert run_colour(1) in svg
    assert svg.count("stroke-dasharray") == 1
    assert "stroke-dasharray" not in curve_svg(runs, "seam", "wall")


def test_no_two_of_sixteen_runs_are_drawn_alike(result):
    runs = [result(str(run), points=[point(i, i, i, patch=run + i) for i in range(20)]) for run in range(16)]
    lines = re.findall(r'style="(fill: none;[^"]*stroke: #[^"]*width: 1\.8[^"]*)"', curve_svg(runs, "patch", "own"))
    assert len(lines) == len(set(lines)) == 16


def test_either_clock_and_in_minutes_where_it_takes_long(runs):
    assert {"Patch distance", "seconds elapsed"} <= words(curve_svg(runs, "patch", "wall"))
    assert "seconds compute" in words(curve_svg(runs, "patch", "own"))
    later = [replace(runs[0], points=[*runs[0].points, point(99, 250.0, 500.0, patch=0.2)])]
    assert "minutes elapsed" in words(curve_svg(later, "patch", "wall"))


def test_an_axis_is_logarithmic_only_where_values_span_a_decade(runs, result):
    near = [result(points=[point(i, i, i, patch=1.0 + i / 10) for i in range(9)])]
    assert "0.00" in words(curve_svg(near, "patch", "own"))
    assert {"0.5", "1", "2"} <= words(curve_svg(runs, "patch", "own"))
    curve_svg([result(points=[point(1, 1, 1, patch=0.0), point(2, 2, 2, patch=9.0)])], "patch", "own")  # has no log


def test_a_curve_in_a_page_takes_the_pages_colours_and_loads_nothing(runs):
    svg = curve_svg(runs, "patch", "wall")
    assert svg.startswith("<svg")
    assert "var(--ink)" in svg
    assert "#1b1b1b" not in svg
    assert 'href="http' not in svg


def test_without_anything_measured_there_is_a_picture_that_says_so(result):
    assert Image.open(io.BytesIO(curves_png([result()]))).size[0] > 1000
    assert Image.open(io.BytesIO(curves_png([]))).size[0] > 1000


def test_several_at_a_time_come_out_as_one_by_one(runs):
    alone = np.asarray(Image.open(io.BytesIO(curves_png(runs))))
    with ThreadPoolExecutor(3) as pool:
        for made in pool.map(lambda _: curves_png(runs), range(3)):
            assert np.array_equal(np.asarray(Image.open(io.BytesIO(made))), alone)


def test_reports_load_neither_torch_nor_flask_nor_matplotlib_before_a_curve_is_wanted():
    code = """
import sys
from texture.reports import curves, page, result, sheet, table
print(sorted({name.split(".")[0] for name in sys.modules} & {"torch", "flask", "matplotlib"}))
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert said.stdout == "[]\n", said.stderr
