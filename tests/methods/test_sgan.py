"""SGAN at a tiny size: everything but how good its pictures get, which benchmarks/sgan.py tells."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from texture import sample
from texture.errors import Diverged, InvalidInput
from texture.images.samples import find_sample
from texture.images.tensors import resize, to_pixels, to_tensor
from texture.methods.artifacts import MODEL
from texture.methods.common.model_file import Model, read_model, write_model
from texture.methods.common.trainer import DIVERGED, Trainer
from texture.methods.contract import Step
from texture.methods.registry import find_method
from texture.methods.roles import Inputs
from texture.methods.sgan.guard import COLLAPSED, DEAD, WARM_UP, Guard
from texture.metrics import seam

CPU = torch.device("cpu")
TINY = {"size": "64", "depth": 2, "base_channels": 4, "noise_channels": 3, "crop": 16, "batch": 4, "steps": 4}
TINY |= {"discriminator_channels": 4, "discriminator_scales": 1, "precision": "float32"}


@pytest.fixture(scope="module")
def exemplar() -> torch.Tensor:
    return resize(to_tensor(find_sample("pebbles").pixels()), (64, 64)).clamp(0, 1)


def run(exemplar: torch.Tensor, state: Any = None, model: Model | None = None, **params: Any) -> Iterator[Step]:
    sgan = find_method("sgan")
    return sgan.run(sgan.parse({**TINY, **params}), Inputs(exemplar, model=model), CPU, state)


def last(steps: Iterator[Step]) -> Step:
    *_, step = steps
    return step


def saved_and_loaded(state: Any) -> Any:
    """As a checkpoint does it."""
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def weights(state: Any) -> list[torch.Tensor]:
    return [*state["now"]["pairs"][0]["generator"].values(), *state["now"]["average"].values()]


def test_a_step_is_a_batch_and_they_are_counted(exemplar):
    steps = list(run(exemplar))
    assert [(step.number, step.total, step.done) for step in steps] == [(n, 4, n / 4) for n in (1, 2, 3, 4)]
    assert set(steps[0].losses) == {"generator", "discriminator"}
    assert steps[-1].last


VARIANTS: dict[str, dict[str, Any]] = {
    "default": {},
    "two discriminators": {"discriminator_scales": 2},
    "paper": {
        "upsampling": "transposed",
        "loss": "bce",
        "spectral_norm": False,
        "discriminator_norms": True,
        "ema_decay": 0,
        "weight_decay": 1e-5,
    },
    "ensemble": {"scheme": "ensemble", "pairs": 2},
    "augmented": {"flips": True, "rotations": True},
    "bfloat16": {"precision": "bfloat16"},
}


@pytest.mark.parametrize("params", VARIANTS.values(), ids=VARIANTS)
def test_it_goes_on_bit_for_bit_from_its_state(exemplar, params):
    halfway = next(itertools.islice(run(exemplar, **params), 1, None))
    resumed = last(run(exemplar, state=saved_and_loaded(halfway.state()), **params))
    whole = last(run(exemplar, **params))
    assert torch.equal(resumed.image, whole.image)
    for ours, theirs in zip(weights(resumed.state()), weights(whole.state()), strict=True):
        assert torch.equal(ours, theirs)


def test_it_goes_on_from_a_state_of_version_0_1(exemplar):
    """Which named no networks, and had good weights beside their number."""
    halfway = next(itertools.islice(run(exemplar), 1, None)).state()
    old = {name: it for name, it in halfway.items() if name != "network"}
    old["good"] = {"number": halfway["good"]["number"], **halfway["good"]["weights"]}
    assert torch.equal(last(run(exemplar, state=saved_and_loaded(old))).image, last(run(exemplar)).image)


@pytest.mark.parametrize("params", VARIANTS.values(), ids=VARIANTS)
def test_training_changes_the_weights_and_another_seed_makes_others(exemplar, params):
    def kernel(step: Step) -> torch.Tensor:
        return step.state()["now"]["pairs"][0]["generator"]["weights.0"].clone()

    first, *_, final = (kernel(step) for step in run(exemplar, **params))
    assert not torch.equal(first, final)
    assert not torch.equal(kernel(last(run(exemplar, seed=1, **params))), final)


def test_looking_at_the_picture_disturbs_nothing(exemplar):
    seen, unseen = run(exemplar), run(exemplar)
    for step in seen:
        assert torch.equal(step.image, step.draw())
        assert (step.image.dtype, step.image.shape) == (torch.uint8, (3, 64, 64))
        blind = next(unseen)
    for ours, theirs in zip(weights(step.state()), weights(blind.state()), strict=True):
        assert torch.equal(ours, theirs)


def test_what_is_shown_is_an_average_that_follows_weights_and_statistics(exemplar):
    before, after = itertools.islice(run(exemplar, ema_decay=0.0), 2)
    now = after.state()["now"]
    for name, values in now["average"].items():  # which, where nothing stays of it, is the generator itself
        assert torch.equal(values, now["pairs"][0]["generator"][name])
    slow = last(run(exemplar, ema_decay=0.99)).state()["now"]
    weight = "weights.0"
    assert not torch.equal(slow["average"][weight], slow["pairs"][0]["generator"][weight])
    assert before.number < after.number


@pytest.mark.parametrize("tile", ["x", "y", "both"])
@pytest.mark.parametrize("upsampling", ["nearest", "transposed"])
def test_the_picture_wraps_exactly(exemplar, tile, upsampling):
    image = last(run(exemplar, tile=tile, upsampling=upsampling)).image
    assert seam(image, tile).seamless


def test_the_model_paints_what_was_shown_last(exemplar):
    step = last(run(exemplar))
    painted = sample(step.artifacts[MODEL](), size="64", seed=0)
    assert np.array_equal(painted, to_pixels(step.image))


def test_the_model_carries_what_it_was_trained_with_and_on(exemplar):
    model = read_model(last(run(exemplar)).artifacts[MODEL]())
    assert (model.method, model.steps, model.params["depth"]) == ("sgan", 4, 2)
    assert np.array_equal(model.exemplar, to_pixels(exemplar))


def test_a_model_is_trained_further(exemplar):
    model = read_model(last(run(exemplar)).artifacts[MODEL]())
    untouched = last(run(exemplar, model=model, steps=1, generator_rate=1e-12, ema_decay=0))
    for name, values in untouched.state()["now"]["pairs"][0]["generator"].items():
        if "weight" in name:
            assert torch.allclose(values, torch.tensor(model.tensors[f"generator.{name}"]), atol=1e-9)


def test_training_further_asks_for_the_same_networks(exemplar):
    model = read_model(last(run(exemplar)).artifacts[MODEL]())
    with pytest.raises(InvalidInput, match="depth=3: the model was trained with 2"):
        next(run(exemplar, model=model, depth=3))


def test_weights_that_do_not_fit_the_header_are_refused(exemplar):
    model = read_model(last(run(exemplar)).artifacts[MODEL]())
    tensors = {name: values for name, values in model.tensors.items() if name != "average.weights.0"}
    damaged = Model(model.method, model.params, model.steps, model.exemplar, model.picture, tensors)
    with pytest.raises(InvalidInput, match="model: its weights do not match"):
        sample(write_model(damaged))


def test_a_budget_of_time_ends_when_it_is_used_up(exemplar):
    steps = list(run(exemplar, steps=1_000_000, minutes=0.02))
    assert steps[0].total is None
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1].total == steps[-1].number > 1
    assert steps[-1].done == 1
    halfway = steps[0].state()["seconds"]
    assert halfway > 0


def test_time_already_spent_counts_after_a_crash(exemplar):
    first = next(run(exemplar, minutes=10))
    state = {**first.state(), "seconds": 599.999}
    resumed = list(run(exemplar, state=state, minutes=10))
    assert len(resumed) <= 2


def test_an_exemplar_smaller_than_a_crop_is_enlarged_with_a_word(exemplar):
    small = resize(exemplar, (40, 48))
    step = next(run(small, crop=64, depth=2))
    assert step.note == "the source texture of 48x40 pixels was enlarged to 77x64: a crop has 64 a side"
    assert next(run(exemplar)).note is None


@pytest.mark.parametrize(
    ("params", "complaint"),
    [
        ({"crop": 40, "depth": 4}, "not a multiple of 16, as depth requires: 32 or 48 would do"),
        ({"depth": 7}, " and 6, not "),
        ({"batch": 1}, "must be between 2 and "),
        ({"minutes": 0}, "above 0 and at most "),
        ({"loss": "wasserstein"}, "hinge, bce, not "),
        ({"generator_rate": float("nan")}, "a number above 0"),
        ({"pairs": 1}, "must be between 2 and "),
        ({"discriminator_scales": 3, "depth": 6}, "crops of 64 pixels and depth 6 leave room for 2"),
        ({"discriminator_scales": 3, "depth": 4, "crop": 16}, "crops of 16 pixels and depth 4 leave room for 2"),
    ],
)
def test_bad_parameters_are_refused(params, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        find_method("sgan").parse(params)


@pytest.mark.parametrize(("crop", "depth"), [(16, 3), (32, 4), (16, 2)])
def test_as_many_discriminators_as_are_allowed_have_something_to_see(exemplar, crop, depth):
    assert next(run(exemplar, discriminator_scales=3, crop=crop, depth=depth)).number == 1


def test_a_model_of_a_wide_exemplar_can_be_read_again(exemplar):
    wide = resize(exemplar, (32, 2400))
    data = last(run(wide, crop=32, steps=1)).artifacts[MODEL]()
    assert read_model(data).exemplar.shape == (32, 2400, 3)
    with pytest.raises(
        InvalidInput, match=r"crop=512: the source texture would have to be enlarged to 51200x512"
    ) as refused:
        next(run(resize(exemplar, (32, 3200)), crop=512, batch=2))
    assert refused.value.field == "crop"


def test_a_model_that_nobody_could_read_is_not_trained(exemplar, monkeypatch):
    size = len(last(run(exemplar, steps=1)).artifacts[MODEL]())
    monkeypatch.setattr("texture.methods.sgan.gan_trainer.MOST_BYTES", 2**20 + size)
    next(run(exemplar))
    with pytest.raises(InvalidInput, match="base_channels=8: the model would have 0 MB: at most 1;") as refused:
        next(run(exemplar, base_channels=8, noise_channels=30))
    assert refused.value.field == "base_channels"


def test_a_state_of_other_networks_is_refused(exemplar):
    state = next(run(exemplar)).state()
    for wrong, changes in ((state, {"base_channels": 8}), ({"place": {}}, {})):
        with pytest.raises(ValueError, match="state: of another method, or of other parameters"):
            next(run(exemplar, state=wrong, **changes))


def test_going_on_leaves_the_state_as_it_was(exemplar):
    state = saved_and_loaded(next(run(exemplar)).state())
    for _ in range(2):
        last(run(exemplar, state=state))
        assert (state["number"], state["guard"]["steps"]) == (1, 1)


# Guards


def test_numbers_that_blow_up_lead_back_to_good_weights_and_lower_rates(exemplar, monkeypatch):
    monkeypatch.setattr(Trainer, "EVERY", 2)
    steps = run(exemplar, steps=40)
    for _ in range(4):
        step = next(steps)
    pair = step.state()["now"]["pairs"][0]
    rate = pair["optimisers"]["generator"]["param_groups"][0]["lr"]
    pair["generator"]["weights.0"].fill_(float("nan"))  # shares storage with the network
    for _ in range(3):
        step = next(steps)
    assert step.note.startswith("the training diverged at step 6: went back to step 4")
    state = step.state()
    assert all(values.isfinite().all() for values in weights(state))
    assert state["now"]["pairs"][0]["optimisers"]["generator"]["param_groups"][0]["lr"] == rate / 2
    assert last(steps).number == 40


def test_each_return_halves_the_rates_once(exemplar, monkeypatch):
    """Also where there were good weights in between, with lower rates already."""
    monkeypatch.setattr(Trainer, "EVERY", 2)
    steps = run(exemplar, steps=40, generator_rate=2e-4)
    rates = []
    for number in range(1, 15):
        pair = next(steps).state()["now"]["pairs"][0]
        rates.append(pair["optimisers"]["generator"]["param_groups"][0]["lr"])
        if number in (4, 8):
            pair["generator"]["weights.0"].fill_(float("nan"))
    assert rates[::2] == [2e-4, 2e-4, 2e-4, 1e-4, 1e-4, 5e-5, 5e-5]


def test_numbers_that_blow_up_at_the_very_end_leave_good_weights_too(exemplar, monkeypatch):
    monkeypatch.setattr(Trainer, "EVERY", 2)
    steps = run(exemplar, steps=5)
    for _ in range(4):
        step = next(steps)
    step.state()["now"]["pairs"][0]["generator"]["weights.0"].fill_(float("nan"))
    step = next(steps)
    assert step.last
    assert step.note.startswith("the training diverged at step 5: went back to step 4")
    read_model(step.artifacts[MODEL]())


def test_an_absurd_rate_ends_with_a_word_about_what_to_do(exemplar, monkeypatch):
    monkeypatch.setattr(Trainer, "EVERY", 2)
    with pytest.raises(Diverged, match="try a lower learning rate, or a larger batch"):
        last(run(exemplar, steps=400, generator_rate=1.0, discriminator_rate=1.0, spectral_norm=False, beta1=0))


def judged(number: int = WARM_UP, loss: float = 1.0, answers: float = 1.0, samples: Any = None, looks: int = 1):
    torch.manual_seed(0)
    crops = torch.rand(16, 3, 16, 16).repeat_interleave(4, 2).repeat_interleave(4, 3)
    guard = Guard()
    for _ in range(looks):
        for _ in range(Trainer.EVERY):
            guard.note({"discriminator": torch.tensor(loss), "generator": torch.tensor(0.0)}, torch.tensor(answers))
        verdict = guard.judge(number, crops if samples is None else samples, crops)
    return verdict


def test_the_guard_tells_what_is_wrong():
    alike = torch.full((16, 3, 64, 64), 0.3)
    assert judged() is None
    assert judged(loss=float("nan")) == DIVERGED
    assert judged(samples=alike * float("inf")) == DIVERGED
    assert judged(loss=1e-3) == DEAD
    assert judged(answers=1e-7) == DEAD
    assert judged(samples=alike, looks=2) == COLLAPSED


def test_samples_that_look_alike_once_or_at_the_beginning_may_be_a_mood():
    alike = torch.full((16, 3, 64, 64), 0.3)
    assert judged(samples=alike, looks=1) is None
    assert judged(samples=alike, looks=2, number=WARM_UP - 1) is None


def test_a_plain_exemplar_has_samples_that_look_alike():
    alike = torch.full((16, 3, 64, 64), 0.3)
    guard = Guard()
    for _ in range(3):
        guard.note({"discriminator": torch.tensor(1.0), "generator": torch.tensor(0.0)}, torch.tensor(1.0))
        assert guard.judge(1000, alike, alike) is None
