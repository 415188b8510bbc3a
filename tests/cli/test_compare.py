"""`compare`: several runs on one picture, and the folder that is left."""

from __future__ import annotations

import csv
import json
import re
import signal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import Field

from tests.cli.calling import Terminal, needs_terminal, refusal
from texture import synthesize
from texture.cli.compared_runs import plan
from texture.errors import InvalidInput, WeightsMissing
from texture.features.weights import WeightsStatus
from texture.images.checksum import checksum
from texture.images.decoding import read
from texture.images.encoding import read_recipe
from texture.images.samples import find_sample
from texture.images.tensors import to_pixels
from texture.methods import registry
from texture.methods.common.model_file import read_model
from texture.methods.counting import CountingParams
from texture.methods.registry import method
from texture.methods.sizes import Extent

REPORTS = {"comparison.json", "exemplar.png", "sheet.png", "curves.png", "curves.csv", "table.csv", "index.html"}


def table(folder="out"):
    with Path(folder, "table.csv").open() as file:
        return list(csv.DictReader(file))


def names(folder="out"):
    return {path.name for path in Path(folder).iterdir()}


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """A folder with three finished runs of `counting`, one of which leaves a model; and what was said."""
    from texture.cli.main import main

    folder = tmp_path_factory.mktemp("compared") / "out"
    runs = ["--run", "counting steps=30", "--run", "counting steps=7,train=yes,size=48x32"]
    with pytest.MonkeyPatch.context() as patch:
        said = []
        patch.setattr("texture.cli.compare.click.echo", said.append)
        assert main(["compare", "sample:clay", "--methods", "counting", *runs, "--seed", "3", "-o", str(folder)]) == 0
    return folder, said


def test_the_last_line_says_what_was_written(compared):
    folder, said = compared
    assert re.fullmatch(
        rf"{folder}: 3 pictures, 1 model, sheet\.png, curves\.png, curves\.csv, table\.csv, index\.html, \d+\.\d s",
        said[0],
    )
    runs = {"counting.png", "counting-2.png", "counting-3.png", "counting-3.safetensors"}
    assert names(folder) == REPORTS | runs


def test_each_picture_is_what_the_method_makes_by_itself(compared):
    folder, _ = compared
    *_, step = synthesize("counting", "sample:clay", steps=30, seed=3)
    assert np.array_equal(read(folder / "counting-2.png"), to_pixels(step.image))
    recipe = read_recipe((folder / "counting-2.png").read_bytes())
    assert (recipe["params"]["steps"], recipe["exemplar"]) == (30, checksum(find_sample("clay").pixels()))
    assert read_model((folder / "counting-3.safetensors").read_bytes()).steps == 7


def test_the_table_has_a_line_for_each_run(compared):
    lines = table(compared[0])
    assert [line["steps"] for line in lines] == ["20", "30", "7"]
    assert [line["params.size"] for line in lines] == ["64", "64", "48x32"]
    for line in lines:
        assert line["state"] == "done"
        assert float(line["patch"]) > 0
        assert float(line["patch_baseline"]) > 0
        assert 0 < float(line["seconds"]) <= float(line["wall_seconds"])


def test_the_page_shows_all_and_leads_to_the_files(compared):
    folder, _ = compared
    page = (folder / "index.html").read_text()
    links = set(re.findall(r'href="([^"#]+)"', page))
    assert {"counting.png", "counting-3.safetensors", "table.csv", "sheet.png"} <= links
    assert links <= names(folder)
    assert page.count("data:image/jpeg") == 4
    assert "Cracked clay" in page


def test_the_curves_have_both_clocks_and_every_run(compared):
    with (compared[0] / "curves.csv").open() as file:
        points = list(csv.DictReader(file))
    assert len({point["run"] for point in points}) == 3
    assert all(float(point["wall_seconds"]) >= float(point["seconds"]) for point in points)
    assert any(point["patch"] for point in points)


def test_a_picture_of_ones_own_can_be_the_exemplar(call, compared):
    Path("my stones.png").write_bytes((compared[0] / "counting.png").read_bytes())
    assert call("compare", "my stones.png", "--methods", "counting", "-o", "out")[0] == 0
    assert json.loads(Path("out/comparison.json").read_text())["exemplar"] == "my stones"
    assert np.array_equal(read("out/exemplar.png"), read("my stones.png"))


def test_what_still_runs_after_its_minutes_is_stopped_and_that_is_no_failure(call):
    runs = ["--methods", "counting", "--run", "counting steps=9999999,work=1,train=yes"]
    status, out, _ = call("compare", "sample:clay", *runs, "--minutes", "0.01", "-o", "out")
    assert status == 0
    assert "2 pictures, 1 model" in out
    short, long = table()
    assert (short["state"], long["state"]) == ("done", "cancelled")
    assert 0.6 <= float(long["seconds"]) < 3
    assert float(long["patch"]) > 0
    assert read_model(Path("out/counting-2.safetensors").read_bytes()).steps == int(long["steps"])


def test_a_run_that_fails_is_told_and_the_others_are_written(call):
    status, out, error = call(
        "compare", "sample:clay", "--methods", "counting", "--run", "counting fail_at=5", "-o", "out"
    )
    assert status == 1
    assert out.startswith("out: 1 picture, sheet.png")
    assert error.endswith("counting stopped at step 5, as fail_at asked\n")
    assert [line["state"] for line in table()] == ["done", "failed"]


def test_quotas_of_a_server_do_not_count(call, monkeypatch):
    for name in ("MOST_QUEUED", "MOST_PICTURES", "MOST_MODELS", "MOST_GIGABYTES"):
        monkeypatch.setenv(f"TEXTURE_{name}", "1e-9" if name == "MOST_GIGABYTES" else "1")
    Image.new("RGB", (48, 40)).save("mine.png")
    runs = ["--run", "counting steps=2,train=yes", "--run", "counting steps=3,train=yes"]
    done = call("compare", "mine.png", "--content", "mine.png", *runs, "-o", "out")
    assert done[0] == 0, done
    assert "2 pictures, 2 models" in done[1]


def test_the_folder_of_an_earlier_comparison_is_overwritten(call):
    Path("out").mkdir()
    for count in (2, 1):
        assert call("compare", "sample:clay", "--methods", ",".join(["counting"] * count), "-o", "out")[0] == 0
        Path("out/notes.txt").write_text("mine")
    assert names() == {*REPORTS, "counting.png", "notes.txt"}


@pytest.mark.parametrize("left", [{"holiday.png": b""}, {"comparison.json": b"{}"}, {"comparison.json": b"[]"}])
def test_a_folder_with_something_else_in_it_is_left_alone(call, left):
    Path("out").mkdir()
    for name, data in left.items():
        Path("out", name).write_bytes(data)
    said = refusal(call("compare", "sample:clay", "--methods", "counting", "-o", "out"))
    assert said == "out is not empty, and not from an earlier comparison: choose another folder, or add --force"
    assert names() == set(left)


def test_an_earlier_comparison_cannot_name_files_outside_its_folder(call):
    Path("out").mkdir()
    Path("mine.txt").write_text("mine")
    Path("out/comparison.json").write_text(json.dumps({"files": ["../mine.txt", "/etc/passwd", ".."]}))
    assert call("compare", "sample:clay", "--methods", "counting", "-o", "out")[0] == 0
    assert Path("mine.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "0 runs: 1 to 16, by --methods a,b or --run"),
        (["--methods", ",".join(["counting"] * 17)], "17 runs: 1 to 16"),
        (["--methods", "counting,magic"], "method 'magic': one of match"),
        (
            ["--methods", "sample"],
            "sample cannot be compared: it needs a trained model, which a comparison cannot give it",
        ),
        (["--methods", "counting", "--size", "100"], "between 32 and 2048 pixels in steps of 16, not 100"),
        (["--run", "counting steps"], "run 'counting steps': 'steps' is not a setting; write \"METHOD name=value"),
        (["--run", "counting stesp=3"], "stesp is not known to counting; known: size"),
        (["--run", "gatys preset=best"], "Preset of gatys must be one of draft, "),
        (
            ["--methods", "counting", "--run", "cnnmrf start=picture"],
            "cnnmrf: start=picture: a picture to start from",
        ),
        (["--methods", "counting", "--minutes", "0"], "Minutes must be above 0 and at most 10080, not 0"),
        (["--methods", "counting", "--minutes", "nan"], "Minutes must be above 0 and at most 10080, not"),
        (["--methods", "counting", "--device", "abacus"], "'abacus' is not one of"),
    ],
)
def test_a_wrong_call_is_answered_in_one_line_before_the_work(call, arguments, reason):
    assert reason in refusal(call("compare", "sample:clay", *arguments, "-o", "out"))
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("no/such", "no/such cannot be written: no such file"),
        (__file__, "something of that name is there already"),
    ],
)
def test_a_folder_that_cannot_be_is_told_before_the_work(call, output, reason):
    assert reason in refusal(call("compare", "sample:clay", "--methods", "counting", "-o", output))
    assert "Missing option '-o'" in refusal(call("compare", "sample:clay", "--methods", "counting"))


def test_weights_are_fetched_before_the_work(call, monkeypatch):
    def ensure(settings, progress, network):
        raise WeightsMissing("no weights; bring some")

    missing = WeightsStatus("missing", None, Path("vgg19.safetensors"), "some words")
    monkeypatch.setattr("texture.cli.weights_command.status", lambda settings, network: missing)
    monkeypatch.setattr("texture.cli.weights_command.ensure", ensure)
    said = refusal(call("compare", "sample:clay", "--methods", "counting,gatys", "-o", "out"), status=1)
    assert said == "no weights; bring some"


def test_runs_are_told_what_is_common_and_then_what_is_their_own():
    first, second, third = plan(
        "counting, gatys", ["counting  steps=5, size=96 ,fail-at="], {"size": "128", "tile": "x"}, None
    )
    assert (first.params.size, first.params.tile, first.params.steps) == (Extent(128, 128), "x", 20)
    assert (second.method.name, second.params.size) == ("gatys", Extent(128, 128))
    assert (third.params.size, third.params.steps, third.params.fail_at) == (Extent(96, 96), 5, None)


def test_a_preset_of_a_run_has_settings_on_top():
    (run,) = plan(None, ["gatys preset=draft,steps=60 30"], {}, 2.0)
    draft = run.method.parse({"steps": "60 30"}, "draft")
    assert run.params == draft
    assert run.limit == 120


def test_a_value_may_contain_an_equals_sign_and_spaces():
    (run,) = plan(None, ["gatys layers=relu1_1 pool1=0.5"], {}, None)
    assert run.params.layers == {"relu1_1": 1.0, "pool1": 0.5}
    assert run.limit is None
    with pytest.raises(InvalidInput, match="Layers cannot be"):
        plan(None, ["gatys layers=relu9_9"], {}, None)


class TimedParams(CountingParams):
    """Of a method that can keep to a time by itself."""

    PRESETS = {"standard": {}, "short": {"steps": 3}}  # noqa: RUF012 - as all methods have it
    minutes: float | None = Field(None, gt=0)


@pytest.mark.parametrize(
    ("run", "minutes", "limit"),
    [
        ("timed", 2.0, None),
        ("timed minutes=3", 3.0, None),
        ("timed steps=9", None, 120.0),
        ("timed preset=short", None, 120.0),
    ],
)
def test_a_method_that_keeps_to_a_time_is_told_unless_it_is_asked_for_steps(run, minutes, limit):
    method("timed", title="Timed", paper="none", params=TimedParams, listed=False)(lambda *given: iter(()))
    (planned,) = plan(None, [run], {}, 2.0)
    assert (planned.params.minutes, planned.limit) == (minutes, limit)
    del registry._METHODS["timed"]


@needs_terminal
class TestTerminal:
    RUNS = ("compare", "sample:clay", "--methods", "counting", "--run", "counting steps=9999999,work=1", "-o", "out")

    def test_every_run_has_a_bar_and_ctrl_c_keeps_what_there_is(self):
        terminal = Terminal(*self.RUNS)
        terminal.wait_for(r"Counting · steps 20 · work 0 +100%\|[^|]*\| 20/20, [\d.]+ s, patch \d")
        terminal.wait_for(r"Counting · steps 9999999.* +\d+%\|[^|]*\| \d+/9999999, [\d.]+ s")
        terminal.process.send_signal(signal.SIGINT)
        status, out = terminal.close()
        assert status == 130
        assert re.fullmatch(r"out: 2 pictures, sheet\.png, .*, index\.html, \d+\.\d s\n", out)
        assert [line["state"] for line in table()] == ["done", "cancelled"]
