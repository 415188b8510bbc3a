"""Grey in, grey out, to the bit; one colour in, that colour out: every method, and what is painted from its models."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from texture import METHODS, sample, stylise, synthesize
from texture.images.tensors import to_pixels, to_tensor
from texture.methods.artifacts import ANIMATION, MODEL
from texture.methods.common.kept_colours import in_grey, kept_colours
from texture.methods.common.model_file import read_model
from texture.methods.roles import Inputs
from texture.runs.preparation import prepare, trained_from

Pixels = NDArray[np.uint8]
COLOUR = (200, 30, 90)
SGAN = {"depth": 3, "base_channels": 4, "noise_channels": 3, "crop": 16, "batch": 4}
TEXNET = {"channels": 4, "scales": 3, "batch": 1, "layers": "relu1_1 relu2_1"}
SMALL: dict[str, dict[str, Any]] = {
    "counting": {"steps": 3},
    "sgan": {**SGAN, "steps": 2},
    "texnet": {**TEXNET, "steps": 2},
    "match": {},
    "material": {},
    "tileset": {"size": 144, "rounds": 2},
    "seamless": {},
    "mend": {},
    "cnnmrf": {"start": "noise", "steps": 2},
    "gatys": {"start": "noise", "steps": 2},
    "guided": {"steps": 2},
}

pytestmark = pytest.mark.usefixtures("random_filters")


def grey() -> Pixels:
    """Blots of any size, and no pattern."""
    random = np.random.default_rng(5)
    values = sum(np.kron(random.integers(0, 64, (96 // side,) * 2), np.ones((side, side))) for side in (1, 3, 8, 16))
    return np.asarray(values, np.uint8)[..., None].repeat(3, 2)


def coloured() -> Pixels:
    return np.random.default_rng(6).integers(0, 256, (96, 96, 3), dtype=np.uint8)


def flat() -> Pixels:
    return np.full((64, 64, 3), COLOUR, np.uint8)


def is_grey(pixels: Pixels) -> bool:
    return bool((pixels == pixels[..., :1]).all())


def params_of(method: str) -> dict[str, Any]:
    sized = {"size": 64} if "size" in METHODS[method].params.model_fields else {}
    return {**sized, **SMALL.get(method, {"steps": 2})}


def shown(method: str, source: Pixels, **more: Any) -> list[Pixels]:
    """The picture after each step."""
    if METHODS[method].needs[0] == "content" and "content" not in more:
        more["content"] = source
    if "mask" in METHODS[method].needs:
        more["mask"] = np.pad(np.full((24, 24, 3), 255, np.uint8), ((20, 20), (20, 20), (0, 0)))
    return [to_pixels(step.image) for step in synthesize(method, source, **{**params_of(method), **more})]


EVERY = [name for name, method in METHODS.items() if "model" not in method.needs]


@pytest.mark.parametrize("method", EVERY)
def test_grey_in_grey_out(method):
    pictures = shown(method, grey())
    assert all(map(is_grey, pictures))
    assert method == "sgan" or pictures[-1].std() > 0.5  # that is of one grey until it has trained for longer


@pytest.mark.parametrize("method", EVERY)
def test_one_colour_in_that_colour_out(method):
    assert all((picture == COLOUR).all() for picture in shown(method, flat()))


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("patch", {"colours": "rgb"}),
        ("gatys", {"start": "match", "optimiser": "adam", "steps": 1}),
        ("gatys", {"statistics": "wasserstein", "match_histogram": True}),
        ("style", {"start": "noise"}),
        ("style", {"keep_colours": True}),
        ("texnet", {"task": "stylise", "content": grey()}),
    ],
)
def test_grey_by_other_ways_too(method, more):
    assert all(map(is_grey, shown(method, grey(), **more)))


def test_the_colours_kept_of_a_grey_content_are_none():
    assert is_grey(shown("style", coloured(), content=grey(), keep_colours=True)[-1])


@pytest.mark.parametrize("method", ["gatys", "cnnmrf", "guided"])
def test_what_is_minimised_is_a_grey_picture(method):
    """Not one whose colours are taken off when it is shown: its statistics would be others."""
    *_, last = synthesize(method, grey(), **params_of(method))
    found = last.state()["search"]
    x = found.get("x", found.get("search", {}).get("x"))
    assert torch.equal(x, x[:1].expand_as(x))


def test_colours_stay_where_a_picture_has_some():
    assert not is_grey(shown("patch", coloured())[-1])
    assert not is_grey(shown("style", grey(), content=coloured())[-1])
    source, content = to_tensor(grey()), to_tensor(coloured())
    assert kept_colours(Inputs(source, content=content)) is None
    assert kept_colours(Inputs(source, initial=content, mask=source)) is None  # parts of it stay
    assert kept_colours(Inputs(source, initial=content)) is in_grey  # it is begun with, and no more
    assert kept_colours(Inputs(source, guide=content, exemplar_guide=content)) is in_grey  # they are never seen


def test_the_nearest_grey_of_grey_is_itself():
    every = torch.arange(256, dtype=torch.uint8).repeat(3, 2, 1)
    for picture in (every, every.float() / 255):
        assert torch.equal(in_grey(picture), picture)
    assert in_grey(torch.tensor([[[10]], [[20]], [[31]]], dtype=torch.uint8)).flatten().tolist() == [20] * 3


@pytest.mark.parametrize("source", [grey(), flat()])
@pytest.mark.parametrize("method", ["sgan", "texnet"])
def test_a_model_paints_in_the_colours_that_it_was_trained_on(method, source):
    *_, last = synthesize(method, source, **params_of(method))
    data = last.artifacts[MODEL]()
    assert isinstance(data, bytes)
    walk = METHODS["walk"]
    run = prepare(walk, walk.parse({"size": 64, "frames": 4, "stops": 2}), {}, trained_from(data))
    *_, end = run.start(torch.device("cpu"))
    animation = Image.open(io.BytesIO(end.artifacts[ANIMATION]()))  # type: ignore[arg-type]
    pictures = [read_model(data).picture, sample(data, size="80x64", seed=7), to_pixels(end.image)]
    for picture in pictures:
        assert is_grey(picture) if is_grey(source) else (picture == COLOUR).all()
    frame = np.asarray(animation.convert("RGB")).astype(int)
    assert np.abs(frame - (frame.mean(2, keepdims=True) if is_grey(source) else COLOUR)).max() <= 4  # it is lossy


def test_a_stylised_grey_picture_is_grey():
    *_, last = synthesize("texnet", grey(), task="stylise", **params_of("texnet"))
    model = last.artifacts[MODEL]()
    assert isinstance(model, bytes)
    assert is_grey(stylise(model, grey(), size=64))
    assert not is_grey(stylise(model, coloured(), size=64))
