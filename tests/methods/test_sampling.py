"""Painting from a model: blocks that fit, tiles that wrap, loops that close."""

from __future__ import annotations

import dataclasses
import io
import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from texture import sample, synthesize
from texture.errors import InvalidInput
from texture.images.tensors import resize, to_pixels
from texture.methods.artifacts import ANIMATION, MODEL
from texture.methods.common import sampling
from texture.methods.common.model_file import read_model, write_model
from texture.methods.common.sampling import inputs_of, noise_field, paint, painted
from texture.methods.registry import find_method
from texture.methods.sample import SampleParams
from texture.methods.sizes import Extent
from texture.methods.walk import WalkParams, between
from texture.metrics import seam
from texture.networks.gan import Generator

CPU = torch.device("cpu")
SGAN = {"size": "64", "depth": 3, "base_channels": 4, "noise_channels": 3, "crop": 16, "batch": 4, "steps": 3}


@pytest.fixture(scope="module")
def model() -> bytes:
    """Of an SGAN with weights at random, large enough for lively pictures."""
    *_, last = synthesize("sgan", "sample:pebbles", **SGAN)
    trained = read_model(last.artifacts[MODEL]())
    random = np.random.default_rng(0)
    lively = {
        name: random.standard_normal(values.shape, np.float32) * 0.1 if "weight" in name else values
        for name, values in trained.tensors.items()
    }
    return write_model(dataclasses.replace(trained, tensors=lively))


class Blurred:
    """A sampler with known answers: each pixel is a mean over the cells within `reach`."""

    channels, factor, reach = 1, 2, 2

    def __call__(self, field: Tensor) -> Tensor:
        mean = torch.nn.functional.avg_pool2d(field[None], 5, 1, 2, count_include_pad=False)[0]
        larger = mean.repeat_interleave(2, 1).repeat_interleave(2, 2)
        return (larger.expand(3, -1, -1) / 4 + 0.5).clamp(0, 1)


@pytest.mark.parametrize("tile", ["none", "x", "y", "both"])
def test_blocks_fit_together_to_the_pixel(tile, monkeypatch):
    p = SampleParams(size="60x46", tile=tile)
    field = noise_field(Blurred(), p.size, p.tile, 3)
    whole = paint(Blurred(), field, p)
    monkeypatch.setattr(sampling, "BLOCK", 14)
    assert torch.equal(paint(Blurred(), field, p), whole)


def test_a_generator_in_blocks_is_the_generator_at_once_on_the_torus(model, monkeypatch):
    """Against the network itself, which is on a torus and so needs no margin: equal to rounding."""
    p = SampleParams(size="192x128")
    inputs = inputs_of(read_model(model))
    sampler = sampling.sampler_of(inputs, CPU)
    field = noise_field(sampler, p.size, "both", 5)
    inner = field[:, sampler.reach : -sampler.reach, sampler.reach : -sampler.reach]
    at_once = (sampler(inner).clamp(0, 1) * 255).round()
    for block in (40, 64, 1024):
        monkeypatch.setattr(sampling, "BLOCK", block)
        assert (paint(sampler, field, p).float() - at_once).abs().max() <= 1


@pytest.mark.parametrize("tile", ["x", "y", "both"])
def test_samples_wrap_exactly_in_the_directions_asked_for(model, tile):
    """On a torus no place is special: rolled by a cell, the same field gives the same picture, rolled."""
    sampler = sampling.sampler_of(inputs_of(read_model(model)), CPU)
    p = SampleParams(size="80x48", tile=tile)
    field = noise_field(sampler, p.size, tile, 2)
    picture, rolled, reach = paint(sampler, field, p), field, sampler.reach
    for axis, dim in (("y", 1), ("x", 2)):
        if tile in (axis, "both"):
            cells = rolled.shape[dim] - 2 * reach
            around = reach + torch.arange(-reach - 1, cells + reach - 1) % cells
            rolled, picture = rolled.index_select(dim, around), picture.roll(sampler.factor, dim)
    assert (paint(sampler, rolled, p).float() - picture.float()).abs().max() <= 1


def test_a_side_that_is_no_multiple_is_painted_near_and_resampled_on_the_torus(model):
    pixels = sample(model, size="203x310", tile="both", seed=2)
    assert pixels.shape == (310, 203, 3)
    near = torch.tensor(sample(model, size="200x312", tile="both", seed=2)).permute(2, 0, 1) / 255
    assert np.abs(to_pixels(resize(near, (310, 203), "both")).astype(int) - pixels).max() <= 1


def test_a_sample_without_tiles_has_a_seam_and_no_border(model):
    """Its noise goes on beyond the picture: a larger one has the same kind of pixels at that place."""
    pixels = sample(model, size="128", tile="none", seed=2).astype(float)
    assert not seam(pixels.astype(np.uint8), "both").seamless
    border, inside = pixels[:4].std(), pixels[60:68].std()
    assert border == pytest.approx(inside, rel=0.5)


def test_same_seed_same_picture_and_another_seed_another(model):
    assert np.array_equal(sample(model, size="64", seed=1), sample(model, size="64", seed=1))
    assert not np.array_equal(sample(model, size="64", seed=1), sample(model, size="64", seed=2))


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"size": "8200"}, "between 16 and 8192 pixels, not 8200"),
        ({"size": "8"}, "between 16 and 8192 pixels, not 8:"),
        ({"tile": "z"}, "none, x, y, both, not "),
        ({"seed": -1}, "must be between 0 and "),
    ],
)
def test_bad_parameters_are_refused(model, given, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        sample(model, **given)


def test_what_is_no_model_is_refused(tmp_path: Path, png):
    with pytest.raises(InvalidInput, match="model: not a model that Texture Lab wrote, or damaged"):
        sample(png)
    with pytest.raises(InvalidInput, match=r"none\.safetensors: no such file"):
        sample(tmp_path / "none.safetensors")


def test_a_sample_is_painted_block_by_block_and_goes_on_where_it_was(model, monkeypatch):
    monkeypatch.setattr(sampling, "BLOCK", 32)
    method, inputs = find_method("sample"), inputs_of(read_model(model))
    p = method.parse({"size": "96x64"})
    whole = list(method.run(p, inputs, CPU))
    assert [(step.number, step.total) for step in whole] == [(n, 6) for n in range(1, 7)]
    some = next(itertools.islice(method.run(p, inputs, CPU), 2, None))
    resumed = list(method.run(p, inputs, CPU, {**some.state(), "canvas": some.state()["canvas"].clone()}))
    assert [step.number for step in resumed] == [4, 5, 6]
    assert torch.equal(resumed[-1].image, whole[-1].image)


# Walks


def walk(model: bytes, **given: object):
    method = find_method("walk")
    return list(method.run(method.parse({"size": "64", **given}), inputs_of(read_model(model)), CPU))


def test_a_walk_is_a_loop_of_frames_that_change_a_little_each(model):
    frames = torch.stack([step.image.float() for step in walk(model, frames=40, stops=2)])
    steps = (frames - frames.roll(-1, 0)).abs().mean((1, 2, 3))  # the last one leads back to the first
    apart = (frames[0] - frames[20]).abs().mean()
    assert steps.max() < apart / 3
    assert steps.min() > 0


def test_a_walk_leaves_an_animation(model):
    *_, last = walk(model, frames=10, rate=20)
    loop = Image.open(io.BytesIO(last.artifacts[ANIMATION]()))
    assert (loop.format, loop.n_frames, loop.size, loop.info["loop"]) == ("WEBP", 10, (64, 64), 0)


def test_a_walk_too_long_for_its_size_says_what_would_do(model):
    with pytest.raises(InvalidInput, match="must be between 4 and 64, not 480: 64 megapixels in all, at size 1024"):
        walk(model, size="1024", frames=480)
    with pytest.raises(InvalidInput, match="at most 1024 pixels, not 1040x32"):
        walk(model, size="1040x32")


def test_a_walk_goes_on_where_it_was(model):
    method, inputs = find_method("walk"), inputs_of(read_model(model))
    p = WalkParams(size=Extent(64, 64), frames=6, stops=2)
    some = next(itertools.islice(method.run(p, inputs, CPU), 2, None))
    resumed = list(method.run(p, inputs, CPU, some.state()))
    assert [step.number for step in resumed] == [4, 5, 6]
    assert torch.equal(resumed[-1].image, walk(model, frames=6, stops=2)[-1].image)


def test_every_field_on_the_way_is_as_normal_as_the_stops():
    fields = [torch.randn(4, 100, 100, generator=torch.Generator().manual_seed(seed)) for seed in range(3)]
    for way in (0, 0.1, 1 / 6, 0.5, 0.99):
        field = between(fields, way)
        assert float(field.mean()) == pytest.approx(0, abs=0.02)
        assert float(field.std()) == pytest.approx(1, abs=0.02)
    assert torch.equal(between(fields, 0), fields[0])


def test_cells_are_enough_and_whole_where_it_wraps():
    network: Callable[..., Tensor] = Generator([3, 8, 8, 8, 8], "nearest", torch.float32)
    sampler = type("Sampler", (), {"factor": network.factor, "reach": network.reach, "channels": 3})()
    assert painted(sampler, Extent(100, 100), "none") == (7, 7)
    assert painted(sampler, Extent(100, 100), "x") == (6, 7)
    assert painted(sampler, Extent(16, 20), "both") == (1, 1)
