"""The method `material`: as large as its picture, tiling as it does, resumable, and with files of 16 bits."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from texture import save_material, synthesize
from texture.errors import InvalidInput, SetupProblem
from texture.images.map_files import decode_map
from texture.images.samples import find_sample
from texture.jobs.running.checkpoint import Checkpoint
from texture.jobs.store.blobs import FolderBlobs
from texture.materials.maps import MAPS, Surface
from texture.methods.artifacts import MATERIAL, PICTURE
from texture.methods.contract import Step
from texture.methods.registry import find_method, methods
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent
from texture.runs.collection import encoded, left

METHOD = find_method("material")
CPU = torch.device("cpu")
PEBBLES = np.ascontiguousarray(find_sample("pebbles").pixels()[:96, :130])


def last_of(pixels: np.ndarray = PEBBLES, **params: object) -> Step:
    *_, step = synthesize("material", pixels, device="cpu", **params)
    return step


def maps_of(step: Step) -> dict[str, Tensor]:
    return {name: step.made(artifact) for name, artifact in MATERIAL.items()}  # type: ignore[misc]


def test_every_map_has_the_size_of_the_picture_whatever_that_is() -> None:
    step = last_of()
    assert {name: tuple(one.shape) for name, one in maps_of(step).items()} == {
        one.name: (one.channels, 96, 130) for one in MAPS
    }
    assert METHOD.outline(METHOD.parse({}), {"source": Extent(130, 96)}).size == (130, 96)
    assert not METHOD.outline(METHOD.parse({}), {}).fits


def test_maps_come_one_by_one_and_are_declared() -> None:
    steps = synthesize("material", PEBBLES, device="cpu")
    found = [(step.number, step.total, [one.stem for one in left(METHOD, step)]) for step in steps]
    names = ["result", "height", "normal", "roughness", "occlusion"]
    assert found == [(number, 5, names[:number]) for number in range(1, 6)]


def test_only_this_method_makes_materials() -> None:
    assert [method.name for method in methods().values() if method.makes_material] == ["material"]
    assert METHOD.outline(METHOD.parse({"depth": 0.1, "metallic": 1, "normals": "directx"}), {}).surface == Surface(
        "directx", 0.1, 1.0
    )
    assert find_method("gatys").outline(find_method("gatys").parse({}), {}).surface is None


@pytest.mark.parametrize("tile", ["x", "y", "both"])
def test_a_rolled_picture_has_rolled_maps(tile: str) -> None:
    offset = (37 if tile in ("y", "both") else 0, 51 if tile in ("x", "both") else 0)
    before, after = last_of(tile=tile), last_of(np.roll(PEBBLES, offset, (0, 1)), tile=tile)
    for name, one in maps_of(before).items():
        assert torch.allclose(one.roll(offset, (-2, -1)), maps_of(after)[name], atol=1e-3), name


@pytest.mark.parametrize("stop", [1, 3, 4])
def test_it_goes_on_bit_for_bit_from_a_checkpoint(tmp_path: Path, stop: int) -> None:
    inputs = Inputs(torch.from_numpy(PEBBLES).permute(2, 0, 1).float() / 255)
    stopped = list(itertools.islice(METHOD.run(METHOD.parse({}), inputs, CPU), stop))[-1]
    Checkpoint(FolderBlobs(tmp_path), "state").save(stopped.state())
    resumed = list(METHOD.run(METHOD.parse({}), inputs, CPU, Checkpoint(FolderBlobs(tmp_path), "state").load()))
    assert [step.number for step in resumed] == list(range(stop + 1, 6))
    for name, one in maps_of(last_of()).items():
        assert torch.equal(one, maps_of(resumed[-1])[name]), name


@pytest.mark.parametrize(
    ("params", "changed"),
    [
        ({"delight": 0.0}, "base_colour"),
        ({"delight_reach": 0.05}, "base_colour"),
        ({"detail": 0.9}, "height"),
        ({"deep": "light"}, "height"),
        ({"light": 135.0}, "height"),
        ({"depth": 0.1}, "normal"),
        ({"normal_strength": 3.0}, "normal"),
        ({"normals": "directx"}, "normal"),
        ({"roughness": 0.2}, "roughness"),
        ({"roughness_variation": 1.0}, "roughness"),
        ({"occlusion": 2.0}, "occlusion"),
        ({"occlusion_radius": 0.2}, "occlusion"),
    ],
)
def test_every_setting_changes_its_map_and_none_that_comes_before(params: dict[str, object], changed: str) -> None:
    usual, other = maps_of(last_of()), maps_of(last_of(**params))
    order = [one.name for one in MAPS]
    assert not torch.allclose(usual[changed], other[changed], atol=1e-3)
    for name in order[: order.index(changed)]:
        assert torch.equal(usual[name], other[name]), name


@pytest.mark.parametrize("preset", list(METHOD.params.PRESETS))
def test_presets_make_maps_with_contrast(preset: str) -> None:
    found = maps_of(last_of(preset=preset))
    assert all(0.002 < one.std() < 0.5 for one in found.values()), {name: one.std() for name, one in found.items()}


def test_heights_and_normals_keep_16_bits_and_the_others_8() -> None:
    """A soft slope, of which 8 bits would make steps."""
    angle = np.arange(256) / 256 * 2 * np.pi
    picture = np.broadcast_to((128 + 100 * np.sin(angle))[None, :, None], (64, 256, 3)).astype(np.uint8)
    step = last_of(picture, detail=1.0)
    files = {one: decode_map(encoded(one, step.made(one)), one.name) for one in left(METHOD, step) if one != PICTURE}
    assert {one.stem: levels.dtype.itemsize * 8 for one, levels in files.items()} == {
        "height": 16,
        "normal": 16,
        "roughness": 8,
        "occlusion": 8,
    }
    assert len(np.unique(decode_map(encoded(MATERIAL["height"], last_of().made(MATERIAL["height"])), "h"))) > 4096
    small = decode_map(encoded(MATERIAL["height"], step.made(MATERIAL["height"]), for_screen=True), "height")
    assert small.dtype == np.uint8


@pytest.mark.parametrize("colour", [(0, 0, 0), (128, 128, 128), (255, 255, 255), (200, 30, 90)])
@pytest.mark.parametrize("tile", ["none", "both"])
def test_a_flat_picture_has_flat_maps(colour: tuple[int, int, int], tile: str) -> None:
    found = maps_of(last_of(np.full((48, 64, 3), colour, np.uint8), tile=tile))
    assert torch.allclose(found["base_colour"], torch.tensor(colour)[:, None, None].expand(3, 48, 64) / 255, atol=1e-3)
    assert torch.allclose(found["height"], torch.full((1, 48, 64), 0.5), atol=1e-3)
    assert torch.allclose(found["normal"][2], torch.ones(48, 64), atol=1e-3)
    assert torch.allclose(found["roughness"], torch.full((1, 48, 64), 0.75), atol=1e-3)
    assert torch.allclose(found["occlusion"], torch.ones(1, 48, 64), atol=1e-3)


def test_noise_of_one_level_is_no_relief() -> None:
    """Of a plain wall only the camera's noise is left: it must not be stretched into mountains."""
    noise = 128 + np.random.default_rng(0).integers(0, 2, (96, 96, 1), np.uint8)
    found = maps_of(last_of(np.repeat(noise, 3, 2)))
    assert found["normal"][2].mean() > 0.97


@pytest.mark.parametrize("shape", [(31, 64), (64, 16)])
def test_a_picture_too_small_is_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(InvalidInput, match="at least 32 on each side") as caught:
        synthesize("material", np.zeros((*shape, 3), np.uint8))
    assert caught.value.field == "source"


@pytest.mark.parametrize(
    ("params", "complaint"),
    [
        ({"depth": 0}, "Depth must be"),
        ({"light": 400}, "Light direction must be between 0 and 360"),
        ({"normals": "up"}, "Normal map format must be one of opengl, directx"),
        ({"size": 256}, "size is not known to material"),
    ],
)
def test_settings_beyond_their_range_are_refused(params: dict[str, object], complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        METHOD.parse(params)


def test_a_zip_is_written_from_python(tmp_path: Path) -> None:
    from zipfile import ZipFile

    save_material(PEBBLES, tmp_path / "grey stones.zip", "unreal", depth=0.1, device="cpu")
    with ZipFile(tmp_path / "grey stones.zip") as archive:
        assert archive.namelist()[0] == "T_grey_stones_BaseColor.png"
        green = decode_map(archive.read("T_grey_stones_Normal.png"), "normal")[..., 1]
        assert b"0.1 of a tile" in archive.read("README.txt")
    ours = maps_of(last_of(depth=0.1))["normal"][1] * 65535
    assert np.abs(65535 - ours.numpy() - green).max() <= 1


@pytest.mark.parametrize(
    ("path", "engine", "complaint"),
    [
        ("a.png", "unity", "zip"),
        ("a.zip", "maya", "must be one of blender"),
        ("no/a.zip", "unity", "cannot be written"),
    ],
)
def test_a_zip_that_cannot_be_is_refused(tmp_path: Path, path: str, engine: str, complaint: str) -> None:
    with pytest.raises((InvalidInput, SetupProblem), match=complaint):
        save_material(PEBBLES, tmp_path / path, engine, device="cpu")
    assert list(tmp_path.rglob("*")) == []
