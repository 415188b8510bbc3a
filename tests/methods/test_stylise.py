"""Repainting with a model: any size and aspect, blocks that fit, models that are for it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import Tensor

from texture import sample, stylise
from texture.errors import InvalidInput
from texture.images.tensors import resize, to_pixels, to_tensor
from texture.methods.common.model_file import Model, read_model, write_model
from texture.methods.registry import find_method
from texture.methods.roles import Inputs
from texture.methods.texnet import stylist
from texture.methods.texnet.stylist import Stylist
from texture.methods.texnet.texnet_painter import network_for

CPU = torch.device("cpu")
STYLISE = find_method("stylise")


def untrained(**params: object) -> bytes:
    """A model with weights at random: lively enough to see what is done with them."""
    p = find_method("texnet").parse({"channels": 4, "precision": "float32", **params})
    torch.manual_seed(0)
    network = network_for(p, torch.float32)
    tensors = {f"network.{name}": values.numpy() for name, values in network.state_dict().items()}
    picture = np.zeros((16, 16, 3), np.uint8)
    return write_model(Model("texnet", p.model_dump(mode="json"), 0, picture, picture, tensors))


@pytest.fixture(scope="module")
def model() -> bytes:
    return untrained(task="stylise", blocks=1)


@pytest.fixture(scope="module")
def content() -> np.ndarray:
    noise = torch.rand(3, 9, 13, generator=torch.Generator().manual_seed(2))
    return to_pixels(resize(noise, (90, 131)))


def test_the_result_is_as_large_as_the_content(model, content):
    assert stylise(model, content).shape == (90, 131, 3)


@pytest.mark.parametrize(("size", "shape"), [(200, (137, 200, 3)), (33, (23, 33, 3)), (16, (11, 16, 3))])
def test_a_size_is_that_of_the_longer_side(model, content, size, shape):
    assert stylise(model, content, size=size).shape == shape


def test_a_content_too_large_is_reduced(model):
    assert stylise(model, np.zeros((128, 4096, 3), np.uint8)).shape == (64, 2048, 3)


def test_any_aspect_will_do(model):
    assert stylise(model, np.zeros((300, 32, 3), np.uint8)).shape == (300, 32, 3)


def test_repainted_in_blocks_it_is_the_picture_repainted_at_once(model, content, monkeypatch):
    """Of which the network is given all, mirrored far beyond each border."""
    monkeypatch.setattr(stylist, "BLOCK", 36)
    blocks = stylise(model, content)
    whole = Stylist.of_model(read_model(model), CPU)
    whole.look_at(to_tensor(content))
    margin = 60
    mirrored = np.pad(content, ((margin, margin + 2), (margin, margin + 1), (0, 0)), mode="symmetric")
    with torch.no_grad():
        at_once = whole._network(to_tensor(mirrored)[None])[0, :, margin : margin + 90, margin : margin + 131]
    assert np.abs(to_pixels(at_once).astype(int) - blocks).max() <= 1


def test_normalised_by_the_statistics_of_the_whole_it_does_not_see_brightness_or_contrast(model, content):
    """Instance normalisation: the first layer takes both away, and only its rounding is left."""
    pale = to_pixels(0.4 + 0.4 * to_tensor(content))
    assert np.abs(stylise(model, pale).astype(int) - stylise(model, content)).mean() < 2


def test_a_large_picture_is_looked_at_in_parts(model):
    seen: list[Tensor] = []
    painter = Stylist.of_model(read_model(model), CPU)
    painter._network.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    painter.look_at(torch.rand(3, 1800, 600))
    assert seen[0].shape == (4 * 3, 3, 256, 256)


def test_it_goes_on_where_it_was(model, content, monkeypatch):
    monkeypatch.setattr(stylist, "BLOCK", 36)
    p, inputs = STYLISE.parse({}), Inputs(to_tensor(content), content=to_tensor(content), model=read_model(model))
    whole = list(STYLISE.run(p, inputs, CPU))
    assert [(step.number, step.total) for step in whole] == [(n, 12) for n in range(1, 13)]
    some = next(itertools.islice(STYLISE.run(p, inputs, CPU), 4, None))
    state = {**some.state(), "canvas": some.state()["canvas"].clone()}
    resumed = list(STYLISE.run(p, inputs, CPU, state))
    assert [step.number for step in resumed] == list(range(6, 13))
    assert torch.equal(resumed[-1].image, whole[-1].image)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"size": 8}, "must be between 16 and "),
        ({"size": 2049}, " and 2048, not "),
        ({"size": "x"}, "x"),
    ],
)
def test_bad_parameters_are_refused(model, content, given, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        stylise(model, content, **given)


def test_each_model_is_refused_where_the_other_kind_is_needed(model, content):
    with pytest.raises(InvalidInput, match="model: one that repaints pictures: `stylise` is for it"):
        sample(model)
    with pytest.raises(InvalidInput, match="model: one that makes textures from noise: `sample` is for it"):
        stylise(untrained(), content)
    picture = np.zeros((16, 16, 3), np.uint8)
    with pytest.raises(InvalidInput, match="model: one of sgan, not of texnet"):
        stylise(Model("sgan", {}, 1, picture, picture, {}), content)


def test_what_is_missing_is_named(content):
    inputs = Inputs(to_tensor(content), content=to_tensor(content))
    with pytest.raises(InvalidInput, match="model: a trained model and a content picture are needed"):
        next(STYLISE.run(STYLISE.parse({}), inputs, CPU))
