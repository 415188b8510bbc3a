"""The table and the curves as other programs read them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from tests.reports.conftest import point
from texture.methods.registry import methods
from texture.reports.table import curves_csv, differing, rows, table_csv


def read(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_a_row_says_what_a_run_took_and_what_it_came_to(result):
    made = rows(
        [
            result(
                "a", memory=5 * 2**20, metrics={"patch": 0.5, "seam": 1.2, "seam_limit": 1.4}, baselines={"patch": 0.3}
            ),
            result("b", {"steps": 7}, state="cancelled"),
        ]
    )
    assert made[0] == {
        "run": "a",
        "method": "counting",
        "state": "done",
        "steps": 20,
        "seconds": 3.0,
        "wall_seconds": 12.0,
        "share": 0.25,
        "patch": 0.5,
        "patch_baseline": 0.3,
        "seam": 1.2,
        "seam_limit": 1.4,
        "memory_bytes": 5 * 2**20,
        "params.steps": 20,
    }
    assert list(made[1]) == list(made[0])
    assert (made[1]["state"], made[1]["patch"], made[1]["patch_baseline"], made[1]["params.steps"]) == (
        "cancelled",
        None,
        None,
        7,
    )


def test_a_run_that_had_no_time_yet_has_no_share(result):
    assert rows([replace(result(), wall=0.0, seconds=0.0)])[0]["share"] is None


def test_the_csv_has_the_rows_and_leaves_out_what_is_not_known(result):
    text = table_csv([result("a, b", metrics={"patch": 1 / 3}), result("c")])
    first, second = read(text)
    assert (first["run"], first["patch"], second["patch"]) == ("a, b", "0.333333", "")
    assert text.count("\n") == 3
    assert table_csv([]).strip() == ""


def test_parameters_are_told_where_runs_differ_or_where_only_one_has_what_is_not_usual(result):
    gatys = methods()["gatys"].params().model_dump(mode="json")
    usual = result(method="gatys", params=gatys)
    assert differing([result(), result()]) == []
    assert differing([result(), result(params={"steps": 3, "seed": 1})]) == ["seed", "steps"]
    assert differing([result(params={"size": gatys["size"], "steps": gatys["steps"]}), usual]) == []
    told = result(params={"size": gatys["size"], "steps": gatys["steps"], "work": 5})
    assert differing([told, usual]) == ["work"]


def test_every_point_of_every_run_is_a_line_on_both_clocks(result):
    a = result("a", points=[point(1, 0.5, 1.0, distance=2.0), point(9, 4.0, 9.0, distance=1.0, patch=0.25)])
    b = result("b", points=[point(2, 0.7, 2.0, style=3.0)])
    assert curves_csv([a, b]) == (
        "run,steps,wall_seconds,seconds,distance,patch,style\na,1,1,0.5,2,,\na,9,9,4,1,0.25,\nb,2,2,0.7,,,3\n"
    )


@pytest.mark.parametrize(("value", "written"), [("none", "none"), (True, "True"), (1.5, "1.5"), ([1, 2], "[1, 2]")])
def test_any_kind_of_parameter_can_be_written(result, value, written):
    assert read(table_csv([result(params={"extra": value}), result()]))[0]["params.extra"] == written
