"""Texture networks at a tiny size, with random filters: everything but how good their pictures get."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from texture import sample
from texture.errors import Diverged, InvalidInput
from texture.images.samples import find_sample
from texture.images.tensors import resize, to_pixels, to_tensor
from texture.jobs.running.checkpoint import Checkpoint
from texture.jobs.store.blobs import FolderBlobs
from texture.methods.artifacts import MODEL
from texture.methods.common import sampling
from texture.methods.common.model_file import Model, read_model, write_model
from texture.methods.common.sampling import inputs_of, noise_field, paint, sampler_of
from texture.methods.common.trainer import Trainer
from texture.methods.contract import Step
from texture.methods.registry import find_method
from texture.methods.roles import Inputs
from texture.methods.sample import SampleParams
from texture.methods.sizes import Extent
from texture.methods.texnet.contents import Contents, fitted
from texture.metrics import seam

CPU = torch.device("cpu")
TEXNET = find_method("texnet")
SMALL = {"size": "48", "steps": 4, "channels": 4, "batch": 2, "views": 1, "precision": "float32"}
SMALL |= {"side": 32, "layers": "relu1_1 relu2_1", "content_layers": "relu2_1"}
TEXTURE = SMALL | {"scales": 3, "max_channels": 8, "branch": 2}
STYLISE = SMALL | {"task": "stylise", "blocks": 1}
TASKS = pytest.mark.parametrize("task", [TEXTURE, STYLISE], ids=["texture", "stylise"])

pytestmark = pytest.mark.usefixtures("random_filters")


@pytest.fixture(scope="module")
def exemplar() -> Tensor:
    return resize(to_tensor(find_sample("pebbles").pixels()), (48, 48)).clamp(0, 1)


@pytest.fixture(scope="module")
def content() -> Tensor:
    noise = torch.rand(3, 6, 8, generator=torch.Generator().manual_seed(2))
    return resize(noise, (54, 72)).clamp(0, 1)


def run(
    exemplar: Tensor, task: dict[str, Any], state: Any = None, model: Any = None, content: Any = None, **more: Any
) -> Iterator[Step]:
    return TEXNET.run(TEXNET.parse({**task, **more}), Inputs(exemplar, content=content, model=model), CPU, state)


def last(steps: Iterator[Step]) -> Step:
    *_, step = steps
    return step


def weights(step: Step) -> dict[str, Tensor]:
    return {name: values.clone() for name, values in step.state()["now"]["network"].items()}


def same(ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> bool:
    return all(torch.equal(values, theirs[name]) for name, values in ours.items())


def model_of(step: Step) -> bytes:
    return step.artifacts[MODEL]()


@TASKS
def test_a_step_is_a_batch_and_they_are_counted(exemplar, task):
    steps = list(run(exemplar, task))
    assert [(step.number, step.total, step.done) for step in steps] == [(n, 4, n / 4) for n in (1, 2, 3, 4)]
    assert set(steps[0].losses) == ({"style"} if task is TEXTURE else {"style", "content", "variation"})


VARIANTS: dict[str, dict[str, Any]] = {
    "default": {},
    "each by itself": {"pooled_statistics": False},
    "Gatys' own loss": {"whitening": 0, "rooted": False},
    "two views": {"views": 2, "side": 64},
    "pyramid": {"architecture": "pyramid"},
    "bfloat16": {"precision": "bfloat16"},
}


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_training_lowers_the_loss(exemplar, variant):
    losses = [float(step.losses["style"]) for step in run(exemplar, TEXTURE, steps=12, freeze_fraction=0, **variant)]
    assert np.mean(losses[-3:]) < 0.85 * np.mean(losses[:2])


def test_training_to_stylise_lowers_the_loss(exemplar, content):
    steps = list(run(exemplar, STYLISE, content=content, steps=16, learning_rate=0.03, content_weight=0.1))
    losses = [float(step.losses["style"]) for step in steps]
    assert np.mean(losses[-4:]) < 0.8 * np.mean(losses[:2])


@TASKS
@pytest.mark.parametrize("stop", [2, 3])
def test_it_goes_on_bit_for_bit_through_a_checkpoint(exemplar, content, task, stop, tmp_path: Path):
    """Before the statistics stand still, and after."""
    halfway = next(itertools.islice(run(exemplar, task, content=content), stop - 1, None))
    Checkpoint(FolderBlobs(tmp_path), "state").save(halfway.state())
    resumed = last(run(exemplar, task, Checkpoint(FolderBlobs(tmp_path), "state").load(), content=content))
    whole = last(run(exemplar, task, content=content))
    assert same(weights(resumed), weights(whole))
    assert torch.equal(resumed.image, whole.image)


def test_it_goes_on_from_a_state_of_version_0_1(exemplar):
    """Which called its network by another key, and had good weights beside their number."""
    halfway = next(itertools.islice(run(exemplar, TEXTURE), 1, None)).state()
    old = {"shape" if name == "network" else name: it for name, it in halfway.items()}
    old["good"] = {"number": halfway["good"]["number"], **halfway["good"]["weights"]}
    assert torch.equal(last(run(exemplar, TEXTURE, old)).image, last(run(exemplar, TEXTURE)).image)


def test_a_state_of_another_network_is_refused(exemplar):
    state = next(run(exemplar, TEXTURE)).state()
    for wrong, changes in ((state, {"channels": 5}), ({"place": {}}, {})):
        with pytest.raises(ValueError, match="state: of another method, or of other parameters"):
            next(run(exemplar, TEXTURE, wrong, **changes))


@TASKS
def test_looking_at_the_picture_disturbs_nothing(exemplar, task):
    seen, unseen = run(exemplar, task), run(exemplar, task)
    for step in seen:
        assert torch.equal(step.image, step.draw())
        blind = next(unseen)
    assert same(weights(step), weights(blind))


@TASKS
def test_a_seed_is_a_network(exemplar, task):
    one, again, other = (weights(last(run(exemplar, task, steps=2, seed=seed))) for seed in (1, 1, 2))
    assert same(one, again)
    assert not same(one, other)


def test_the_statistics_stand_still_at_the_end(exemplar):
    means = [weights(step)["first.1.mean"] for step in run(exemplar, TEXTURE, freeze_fraction=0.5)]
    moved = [not torch.equal(*pair) for pair in itertools.pairwise(means)]
    assert moved == [True, False, False]


@pytest.mark.parametrize("tile", ["x", "y", "both"])
def test_the_picture_wraps_exactly(exemplar, tile):
    """On a torus no place is special: rolled by a cell, the same field gives the same picture, rolled."""
    sampler = sampler_of(inputs_of(read_model(model_of(last(run(exemplar, TEXTURE))))), CPU)
    p = SampleParams(size=Extent(80, 48), tile=tile)
    field = noise_field(sampler, p.size, tile, 2)
    picture, rolled, reach = paint(sampler, field, p), field, sampler.reach
    for axis, dim in (("y", 1), ("x", 2)):
        if tile in (axis, "both"):
            cells = rolled.shape[dim] - 2 * reach
            around = reach + torch.arange(-reach - 1, cells + reach - 1) % cells
            rolled, picture = rolled.index_select(dim, around), picture.roll(sampler.factor, dim)
    assert (paint(sampler, rolled, p).float() - picture.float()).abs().max() <= 1
    assert seam(picture, tile).seamless


def test_painted_in_blocks_it_is_the_picture_painted_at_once(exemplar, monkeypatch):
    sampler = sampler_of(inputs_of(read_model(model_of(last(run(exemplar, TEXTURE))))), CPU)
    p = SampleParams(size=Extent(112, 80))
    field = noise_field(sampler, p.size, "both", 5)
    inner = field[:, sampler.reach : -sampler.reach, sampler.reach : -sampler.reach]
    at_once = (sampler(inner).clamp(0, 1) * 255).round()
    for block in (40, 1024):
        monkeypatch.setattr(sampling, "BLOCK", block)
        assert (paint(sampler, field, p).float() - at_once).abs().max() <= 1


def test_the_model_paints_what_was_shown_last_and_other_seeds_something_else(exemplar):
    step = last(run(exemplar, TEXTURE))
    painted = sample(model_of(step), size="48", seed=0)
    assert np.array_equal(painted, to_pixels(step.image))
    assert not np.array_equal(painted, sample(model_of(step), size="48", seed=1))


@TASKS
def test_the_model_carries_what_it_was_trained_with_and_on(exemplar, task):
    model = read_model(model_of(last(run(exemplar, task))))
    assert (model.method, model.steps, model.params["channels"]) == ("texnet", 4, 4)
    assert np.array_equal(model.exemplar, to_pixels(exemplar))


@TASKS
def test_a_model_is_trained_further(exemplar, task):
    step = last(run(exemplar, task))
    further = next(run(exemplar, task, model=read_model(model_of(step)), learning_rate=1e-9, freeze_fraction=0.9))
    for name, values in weights(step).items():
        if "weight" in name:
            assert torch.allclose(weights(further)[name], values, atol=1e-6)


@pytest.mark.parametrize(
    ("task", "change", "complaint"),
    [
        (TEXTURE, {"scales": 2}, "scales=2: the model was trained with 3"),
        (TEXTURE, {"architecture": "pyramid"}, "architecture='pyramid': the model was trained with 'tapered'"),
        (TEXTURE, STYLISE, "task='stylise': the model was trained with 'texture'"),
        (STYLISE, {"blocks": 2}, "blocks=2: the model was trained with 1"),
    ],
)
def test_training_further_asks_for_the_same_network(exemplar, task, change, complaint):
    model = read_model(model_of(last(run(exemplar, task, steps=1))))
    with pytest.raises(InvalidInput, match=complaint):
        next(run(exemplar, {**task, **change}, model=model))


def test_models_that_do_not_fit_are_refused(exemplar):
    model = read_model(model_of(last(run(exemplar, TEXTURE, steps=1))))
    few = {name: values for name, values in model.tensors.items() if name != "network.last.weight"}
    for params, tensors, complaint in (
        (model.params, few, "model: its weights do not match"),
        ({**model.params, "scales": 4}, model.tensors, "model: its weights do not match"),
        ({**model.params, "scales": 99}, model.tensors, "model: of another version, or damaged"),
    ):
        hostile = Model(model.method, params, model.steps, model.exemplar, model.picture, tensors)
        with pytest.raises(InvalidInput, match=complaint):
            sample(write_model(hostile))
    other = Model("counting", {}, 1, model.exemplar, model.picture, {})
    with pytest.raises(InvalidInput, match="model: one of counting, not of texnet"):
        next(run(exemplar, TEXTURE, model=other))


def test_a_budget_of_time_ends_when_it_is_used_up(exemplar):
    steps = list(run(exemplar, TEXTURE, minutes=0.03))
    assert steps[0].total is None
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1].total == steps[-1].number
    assert steps[-1].done == 1
    spent = {**steps[0].state(), "seconds": 599.999}
    assert len(list(run(exemplar, TEXTURE, spent, minutes=10))) <= 2


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [("weight", float("nan"), "the training diverged"), ("bias", 50.0, "the output collapsed to a single colour")],
)
def test_training_that_fails_goes_back_to_good_weights_and_a_lower_rate(exemplar, monkeypatch, name, value, wrong):
    monkeypatch.setattr(Trainer, "EVERY", 2)
    steps = run(exemplar, TEXTURE, steps=10, decay="steps")
    good = list(itertools.islice(steps, 2))[-1]
    kept = weights(good)
    good.state()["now"]["network"][f"last.{name}"].fill_(value)  # shares storage with the network
    blown = list(itertools.islice(steps, 2))[-1]
    assert blown.note == f"{wrong} at step 4: went back to step 2, with half the learning rate"
    assert same(weights(blown), kept)
    assert last(steps).number == 10


def test_training_that_fails_again_and_again_ends_with_a_word_about_what_to_do(exemplar, monkeypatch):
    monkeypatch.setattr(Trainer, "EVERY", 1)
    with pytest.raises(Diverged, match="for the 7th time, at step 8: try a lower learning rate"):  # noqa: PT012
        for step in run(exemplar, TEXTURE, steps=20):  # the first step is a good one
            step.state()["now"]["network"]["last.weight"].fill_(float("nan"))
            step.state()["good"]["weights"]["network"]["last.weight"].fill_(float("nan"))


def test_the_picture_that_is_shown_is_the_content_that_is_given(exemplar, content):
    image = next(run(exemplar, STYLISE, content=content)).image
    assert (image.dtype, image.shape) == (torch.uint8, (3, 36, 48))  # reduced to fit into 48×48
    assert next(run(exemplar, STYLISE)).image.shape == (3, 48, 48)  # the astronaut


def test_a_model_whose_picture_is_low_can_be_read_again(exemplar):
    horizon = torch.rand(3, 32, 1024)
    step = last(run(exemplar, STYLISE, content=horizon, steps=1))
    assert step.image.shape == (3, 2, 48)
    assert read_model(step.artifacts[MODEL]()).picture.shape == (2, 48, 3)


def test_crops_are_of_the_content_that_is_given_half_of_the_time(content):
    marked = torch.cat([torch.full_like(content[:1], 0.123), content[1:]])
    contents = Contents(marked, 32, torch.Generator().manual_seed(0))
    crops = [contents.crops(2) for _ in range(40)]
    assert all(crop.shape == (2, 3, 32, 32) for crop in crops)
    ours = sum(bool(torch.allclose(crop[:, 0], torch.tensor(0.123), atol=1e-3)) for crop in crops)
    assert 12 <= ours <= 28


def test_a_small_content_is_not_enlarged_to_be_shown(content):
    assert torch.equal(fitted(content, Extent(500, 500)), content)


def test_a_stylisation_has_no_tile():
    assert TEXNET.parse({"task": "stylise", "tile": "both"}).tile == "none"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("params", "complaint"),
    [
        ({"task": "paint"}, "texture, stylise, not "),
        ({"side": 136}, "not a multiple of 32 from 64 up, as views and scales require: 128 or 160 would do"),
        ({"side": 32}, "not a multiple of 32 from 64 up, as views and scales require: 64 would do"),
        (
            {"side": 48, "scales": 6, "views": 1},
            "not a multiple of 32 from 64 up, as views and scales require: 64 would do",
        ),
        ({"scales": 1}, "must be between 2 and "),
        ({"minutes": 0}, "above 0 and at most "),
        ({"batch": 0}, "must be between 1 and "),
        ({"learning_rate": float("nan")}, "a number above 0"),
        ({"whitening": 2}, " and 1, not "),
        ({"layers": "conv9_1"}, "no layer 'conv9_1'"),
        ({"content_layers": "relu3_4", "network": "vgg16"}, "vgg16 has no layer relu3_4"),
        ({"freeze_fraction": 1}, " and 0.9, not "),
    ],
)
def test_bad_parameters_are_refused(params, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        TEXNET.parse(params)


def test_an_exemplar_without_statistics_is_refused():
    with pytest.raises(InvalidInput, match="the source texture is 400x31 pixels: at least 32 each way") as refused:
        next(run(torch.rand(3, 31, 400), TEXTURE))
    assert refused.value.field == "source"


def test_a_content_beside_other_methods_is_nothing_to_a_texture(exemplar, content):
    with_it, without = last(run(exemplar, TEXTURE, content=content)), last(run(exemplar, TEXTURE))
    assert same(weights(with_it), weights(without))


def test_a_small_exemplar_is_looked_at_in_as_many_sizes_as_it_has(exemplar):
    assert next(run(exemplar, TEXTURE, views=3, side=128)).losses["style"].isfinite()
