"""The maps of an exemplar, carried along: in register with the picture, in all their bits."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from texture.images.map_files import Levels
from texture.images.samples import find_sample
from texture.images.tensors import to_pixels
from texture.materials.normals import normals
from texture.methods.artifacts import MAP_FILES
from texture.methods.common.carried import as_tensor, copied_map
from texture.methods.common.exemplar_copies import Copy
from texture.methods.contract import Step
from texture.methods.registry import find_method
from texture.methods.sizes import Extent
from texture.metrics import seam
from texture.runs.preparation import Prepared, prepare

DEPTH = 0.05
CPU = torch.device("cpu")


def exemplar(name: str = "pebbles", side: int = 128):
    """A part of a sample, its heights (brightness, in 16 bits), the normals of these, and a roughness of 8 bits."""
    pixels = find_sample(name).pixels()[:side, :side]
    height = heights_of(pixels)
    facing = normals(as_tensor(height), "none", DEPTH)
    rough = 255 - pixels[..., 1]
    return pixels, {"height": height, "normal": levels_of(facing), "roughness": rough}


def heights_of(pixels) -> Levels:
    """H×W uint16: a weighted brightness, which takes more than 256 values."""
    return (pixels.astype(float) @ [0.31, 0.57, 0.12] * 257).round().astype(np.uint16)


def levels_of(vectors: torch.Tensor) -> Levels:
    return (vectors * 65535).round().permute(1, 2, 0).numpy().astype(np.uint16)


def run_of(method: str, name: str = "pebbles", **params) -> Prepared:
    pixels, maps = exemplar(name)
    chosen = find_method(method)
    return prepare(chosen, chosen.parse(params), {"source": pixels}, maps=maps)


def last_of(run: Prepared, state=None) -> Step:
    *_, last = run.start(CPU, state)
    return last


def map_of(step: Step, name: str) -> Levels:
    made = step.made(MAP_FILES[name])
    assert isinstance(made, np.ndarray)
    return made


SMALL = {"size": 128, "rounds": "8 6 4 3", "regular": "off"}


@pytest.mark.parametrize("tile", ["none", "both"])
def test_maps_are_in_register_with_the_picture(tile):
    last = last_of(run_of("match", tile=tile, **SMALL))
    height, wanted = map_of(last, "height") / 65535, heights_of(to_pixels(last.image)) / 65535
    assert abs(height - wanted).mean() < 0.005
    rough = 255 - map_of(last, "roughness").astype(int)
    assert abs(rough - to_pixels(last.image)[..., 1]).mean() < 1.5


def test_every_value_is_one_of_the_exemplar():
    run = run_of("match", **SMALL)
    last = last_of(run)
    for name, given in run.maps.items():
        found = map_of(last, name)
        assert found.dtype == given.dtype
        depth = given.shape[2:] or (1,)
        assert set(map(tuple, found.reshape(-1, *depth))) <= set(map(tuple, given.reshape(-1, *depth)))


def test_sixteen_bits_go_all_the_way():
    last = last_of(run_of("match", **SMALL))
    assert len(np.unique(map_of(last, "height"))) > 2000


def test_normals_fit_the_heights_they_came_with():
    last = last_of(run_of("match", **SMALL))
    again = normals(as_tensor(map_of(last, "height")), "both", DEPTH)
    off = abs(as_tensor(map_of(last, "normal")) - again)
    assert off.median() < 0.002  # but where two patches meet
    assert off.mean() < 0.03


@pytest.mark.parametrize("name", ["height", "normal", "roughness"])
def test_every_map_wraps(name):
    last = last_of(run_of("match", **SMALL))
    levels = map_of(last, name)
    shown = (as_tensor(levels).expand(3, -1, -1).permute(1, 2, 0) * 255).byte().numpy()
    assert seam(shown, "both").ratio < 1.3


def test_a_run_that_is_taken_up_again_leaves_the_same_maps():
    run = run_of("match", **SMALL)
    steps = run.start(CPU)
    for step in steps:
        if step.number == 11:
            state = step.state()
            break
    whole, again = last_of(run), last_of(run, state)
    for name in run.maps:
        assert (map_of(whole, name) == map_of(again, name)).all()


def test_a_regular_exemplars_maps_are_fitted_as_it_is():
    run = run_of("match", "wall", size=112, rounds="8 6 4 3")
    last = last_of(run)
    height, wanted = map_of(last, "height") / 65535, heights_of(to_pixels(last.image)) / 65535
    assert abs(height - wanted).mean() < 0.01
    vectors = 2 * as_tensor(map_of(last, "normal")) - 1
    assert vectors.norm(dim=0) == pytest.approx(1, abs=1e-3)


def test_seamless_leaves_all_maps_where_they_are_but_over_the_seams():
    run = run_of("seamless", rounds=4)
    last = last_of(run)
    margin = round(0.15 * 128)
    inside = slice(margin, 128 - margin)
    for name, given in run.maps.items():
        assert (map_of(last, name)[inside, inside] == given[inside, inside]).all()
        assert (map_of(last, name) != given).any()


def test_an_optimised_picture_takes_its_maps_from_the_likest_patches():
    last = last_of(run_of("patch", size=64, exemplar_size=64, steps="40 20", regular="off"))
    height, wanted = map_of(last, "height").ravel(), heights_of(to_pixels(last.image)).ravel()
    assert np.corrcoef(height, wanted)[0, 1] > 0.8
    vectors = 2 * as_tensor(map_of(last, "normal")) - 1
    assert vectors.norm(dim=0).mean() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("degrees", [90.0, -30.0])
def test_normals_of_a_rotated_copy_are_those_of_its_heights(degrees):
    down, right = torch.meshgrid(torch.arange(96), torch.arange(96), indexing="ij")
    hills = (0.5 + 0.25 * torch.sin(right / 9.0) + 0.2 * torch.sin(down / 13.0 + right / 31.0))[None]
    height = (hills[0] * 65535).round().numpy().astype(np.uint16)
    facing = levels_of(normals(hills, "none", 0.2))
    share = 1.0 if degrees == 90 else 0.7
    copy = Copy(Extent(round(96 * share), round(96 * share)), degrees, share)
    turned_heights = as_tensor(copied_map("height", height, copy))
    wanted = normals(turned_heights * (96 * 0.2 / (turned_heights.shape[1] * 0.2)), "none", 0.2)[:, 4:-4, 4:-4]
    found = as_tensor(copied_map("normal", facing, copy))[:, 4:-4, 4:-4]
    assert abs(found - wanted).max() < 0.02


def test_patches_of_rotated_copies_bring_their_normals_turned():
    last = last_of(run_of("match", **SMALL, patch_rotations="0 90"))
    again = normals(as_tensor(map_of(last, "height")), "both", DEPTH)
    off = abs(as_tensor(map_of(last, "normal")) - again)
    assert off.median() < 0.005
