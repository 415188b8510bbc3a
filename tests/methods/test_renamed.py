"""Parameters that have other names now: whoever has written the old ones, and wherever, is understood."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
import torch
from click.testing import CliRunner

from tests.jobs.listening import Recorder
from texture import METHODS, sample, stylise, synthesize
from texture.cli.compared_runs import plan
from texture.cli.method_command import method_command
from texture.errors import InvalidInput
from texture.images.encoding import encode_png, read_recipe
from texture.jobs.engines.inline import Inline
from texture.jobs.store import Store
from texture.methods.common.model_file import read_model
from texture.methods.registry import find_method
from texture.methods.roles import Inputs
from texture.runs.recipe import recipe
from texture.settings import Settings
from texture.web.endpoints.requested_run import NewRun, chosen

MODELS = Path(__file__).parent / "models"  # written by version 0.1.0, when the parameters had their old names
RENAMED = [(name, old, new) for name, method in METHODS.items() for old, new in method.params.RENAMED.items()]
TINY = {"size": "32", "steps": 1, "depth": 2, "base_channels": 4, "crop": 16, "batch": 2, "discriminator_channels": 4}


def test_those_that_are_renamed() -> None:
    assert set(RENAMED) == {
        ("sgan", "average", "ema_decay"),
        ("sgan", "turns", "rotations"),
        ("sgan", "widest", "max_channels"),
        ("texnet", "together", "pooled_statistics"),
        ("texnet", "settling", "freeze_fraction"),
        ("texnet", "widest", "max_channels"),
    }


def test_both_names_at_once_are_refused() -> None:
    with pytest.raises(InvalidInput, match="average is called ema_decay now: give one of them"):
        METHODS["sgan"].parse({"average": 0.9, "ema_decay": 0.5})
    assert METHODS["sgan"].parse({"average": 0.9}, "paper").ema_decay == 0.9  # on top of a preset that sets it


def other(name: str, field: str) -> Any:
    """A value that is not the default."""
    usual = getattr(METHODS[name].params(), field)
    return not usual if isinstance(usual, bool) else type(usual)(usual / 2)


@pytest.mark.parametrize(("name", "old", "new"), RENAMED)
def test_the_old_name_of_a_parameter_is_read_and_the_new_one_is_written(name: str, old: str, new: str) -> None:
    method, value = METHODS[name], other(name, new)
    p = method.parse({old: value})
    written = p.model_dump(mode="json")
    assert written[new] == value
    assert old not in written
    assert old not in method.description()["schema"]["properties"]


def test_the_old_name_goes_on_top_of_a_preset() -> None:
    assert METHODS["sgan"].parse({"average": 0.5}, "paper").ema_decay == 0.5


def test_a_recipe_in_a_picture_may_have_old_names() -> None:
    made = recipe("sgan", {"turns": True, "seed": 3}, {"source": "0"}, 1, 1)
    found = read_recipe(encode_png(np.zeros((8, 8, 3), np.uint8), made))
    assert found is not None
    assert METHODS["sgan"].parse(found["params"]).rotations is True


@pytest.mark.parametrize(("name", "old", "new"), RENAMED)
def test_the_command_line_takes_the_old_option_and_shows_the_new_one(
    name: str, old: str, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {}
    command = method_command(METHODS[name])
    monkeypatch.setattr(command, "callback", lambda **values: seen.update(values))
    value = other(name, new)
    typed = [f"--{old}"] if value is True else [f"--no-{old}"] if value is False else [f"--{old}", str(value)]
    result = CliRunner().invoke(command, ["sample:clay", *typed])
    assert result.exit_code == 0, result.output
    from texture.cli.options import given

    p = METHODS[name].parse(given(seen, METHODS[name].params))
    assert getattr(p, new) == value
    help = command.get_help(click.Context(command))
    assert f"--{new.replace('_', '-')}" in help
    assert f"--{old}" not in help


def test_a_run_of_a_comparison_may_have_old_names() -> None:
    planned = plan(None, ["sgan average=0.5,turns=yes"], {}, None)
    assert (planned[0].params.ema_decay, planned[0].params.rotations) == (0.5, True)


def test_a_call_of_the_http_api_may_have_old_names() -> None:
    run = NewRun(method="texnet", preset="paper", params={"together": True, "settling": 0.5})
    name, p = chosen(run)
    assert (name, p.pooled_statistics, p.freeze_fraction) == ("texnet", True, 0.5)


def test_a_job_stored_with_old_names_is_worked_off(tmp_path: Path) -> None:
    store = Store(settings := Settings(data=tmp_path, device="cpu", offline=True))
    pixels = np.random.default_rng(7).integers(0, 256, (48, 40, 3), np.uint8)
    images = {"source": store.pictures.add("me", "noise", pixels).id}
    job = store.jobs.add("me", "sgan", METHODS["sgan"].parse({**TINY, "seed": 4}), images)
    old = {"average": 0.5, **{name: it for name, it in job.params.items() if name != "ema_decay"}}
    with closing(sqlite3.connect(tmp_path / "texture.db")) as connection, connection:
        connection.execute("UPDATE jobs SET params = ? WHERE id = ?", (json.dumps(old), job.id))
    engine = Inline(settings, store, Recorder())
    engine.start()
    done = store.jobs.get(job.id)
    engine.stop()
    store.close()
    assert (done.state, done.message) == ("done", None)


def test_a_call_in_python_may_have_old_names() -> None:
    by_old_names = next(synthesize("sgan", "sample:clay", device="cpu", **TINY, average=0.5, widest=8))
    by_new_names = next(synthesize("sgan", "sample:clay", device="cpu", **TINY, ema_decay=0.5, max_channels=8))
    assert torch.equal(by_old_names.image, by_new_names.image)


@pytest.mark.parametrize("name", ["sgan", "texnet"])
def test_a_model_of_before_paints_the_picture_that_it_showed(name: str) -> None:
    path = MODELS / f"{name}-0.1.0.safetensors"
    assert set(read_model(path.read_bytes()).params) & set(METHODS[name].params.RENAMED)
    assert np.array_equal(sample(path, size=32, seed=0, device="cpu"), read_model(path.read_bytes()).picture)


def test_a_stylisation_model_of_before_repaints_as_it_did() -> None:
    assert stylise(MODELS / "texnet-stylise-0.1.0.safetensors", "sample:coffee", size=32, device="cpu").std() > 10


def test_a_model_of_before_is_trained_further() -> None:
    method, model = find_method("sgan"), read_model((MODELS / "sgan-0.1.0.safetensors").read_bytes())
    p = method.parse({**model.params, "steps": 1})
    step = next(method.run(p, Inputs(torch.rand(3, 32, 32), model=model), torch.device("cpu")))
    assert step.last
