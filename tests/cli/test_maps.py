"""A whole material through one run: on the command line and in Python."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

from tests.cli.calling import refusal
from tests.images.real_files import colours_swapped_profile
from texture import InvalidInput, synthesize
from texture.cli.outputs import stem
from texture.images.decoding import read
from texture.images.levels import read_levels
from texture.images.map_files import decode_map, encode_map, encode_map_as
from texture.images.samples import find_sample
from texture.methods.artifacts import MAP_FILES
from texture.runs.exemplar_maps import read_exemplar

QUICK = ["--size", "64", "--rounds", "3", "--regular", "off"]
PARAMS = {"size": 64, "rounds": 3, "regular": "off"}


@pytest.fixture
def bricks(tmp_path) -> Path:
    """A folder with a base colour, heights and normals of 16 bits, a roughness of 8, and a preview."""
    folder = tmp_path / "bricks"
    folder.mkdir()
    pixels = find_sample("pebbles").pixels()[:64, :64]
    Image.fromarray(pixels).save(folder / "Bricks_Color.png")
    Image.fromarray(pixels[:40, :40]).save(folder / "Bricks_Preview.png")
    height = (pixels.astype(float) @ [0.31, 0.57, 0.12] * 257).round().astype(np.uint16)
    normal = np.dstack([np.full_like(height, 32768), height // 8 + 32768, np.full_like(height, 65535)])
    for name, levels in {"Displacement": height, "NormalGL": normal, "Roughness": pixels[..., 1].copy()}.items():
        (folder / f"Bricks_{name}.png").write_bytes(encode_map(levels))
    return folder


def map_at(path: str):
    return decode_map(Path(path).read_bytes(), path)


def test_a_folder_goes_in_and_every_map_comes_out(call, bricks, caplog):
    status, said, _ = call("match", str(bricks), *QUICK, "-o", "new.png")
    assert status == 0
    assert "new-height.png" in said
    assert "Bricks_Preview.png is left out: its name does not say which map it is" in caplog.text
    height, normal, rough = (map_at(f"new-{name}.png") for name in ("height", "normal", "roughness"))
    assert (height.dtype, normal.dtype, rough.dtype) == (np.uint16, np.uint16, np.uint8)
    assert abs(rough.astype(int) - read("new.png")[..., 1]).mean() < 3
    assert not Path("new-metallic.png").exists()
    *_, step = synthesize("match", bricks, **PARAMS)
    assert np.array_equal(step.made(MAP_FILES["height"]), height)


def test_it_is_packed_for_an_engine(call, bricks):
    assert call("match", str(bricks), *QUICK, "-o", "new.png", "--for", "unreal")[0] == 0
    with ZipFile("new-unreal.zip") as archive:
        assert archive.namelist() == [
            *(f"T_new_{one}.png" for one in ("BaseColor", "Normal", "ORM", "Height")),
            "README.txt",
        ]
        green = decode_map(archive.read("T_new_Normal.png"), "")[..., 1]
    assert np.array_equal(green, 65535 - map_at("new-normal.png")[..., 1])


@pytest.mark.parametrize("kind", ["tif", "exr"])
def test_maps_are_written_as_tiff_or_openexr(call, bricks, kind):
    assert call("match", str(bricks), *QUICK, "-o", "new.png", "--maps-as", kind, "--for", "godot")[0] == 0
    assert call("match", str(bricks), *QUICK, "-o", "png.png")[0] == 0
    for name in ("height", "normal", "roughness"):
        found, wanted = read_levels(Path(f"new-{name}.{kind}").read_bytes(), name), map_at(f"png-{name}.png")
        assert not Path(f"new-{name}.png").exists()
        scale = 257 if found.dtype != wanted.dtype else 1  # floats are read as 16 bits
        assert np.array_equal(found, wanted.astype(np.uint16) * scale)
    assert Path("new-godot.zip").exists()


def test_a_zip_is_as_good_as_a_folder(call, bricks, tmp_path):
    with ZipFile(tmp_path / "bricks.zip", "w") as archive:
        for path in bricks.iterdir():
            archive.write(path, path.name)
    assert call("match", str(tmp_path / "bricks.zip"), *QUICK, "-o", "a.png")[0] == 0
    assert call("match", str(bricks), *QUICK, "-o", "b.png")[0] == 0
    assert np.array_equal(map_at("a-normal.png"), map_at("b-normal.png"))


def test_new_maps_do_not_come_to_lie_among_those_of_the_material(call, bricks, monkeypatch):
    before = sorted(bricks.iterdir())
    monkeypatch.chdir(bricks)
    for more in ([], ["-o", "new.png"], ["-o", str(bricks / "Bricks_Color.png")]):
        assert ". has the maps of the material" in refusal(call("match", ".", *QUICK, *more))
    assert sorted(bricks.iterdir()) == before


def test_a_file_of_the_material_is_not_overwritten(call, bricks):
    for path in bricks.glob("*_[DNR]*"):
        path.unlink()
    said = refusal(call("match", str(bricks), *QUICK, "-o", str(bricks / "Bricks_Color.png")))
    assert "Bricks_Color.png is an input of this command" in said


def test_a_folder_by_another_name_gives_its_own(bricks, monkeypatch):
    monkeypatch.chdir(bricks)
    assert (stem("."), stem("../bricks/"), stem("sample:pebbles")) == ("bricks", "bricks", "pebbles")


def test_maps_are_named_outright(call, bricks):
    given = ["--map", f"height={bricks / 'Bricks_Roughness.png'}", "--maps", str(bricks)]
    assert call("match", str(bricks / "Bricks_Color.png"), *QUICK, *given, "-o", "a.png")[0] == 0
    assert np.array_equal(map_at("a-height.png"), map_at("a-roughness.png"))
    *_, step = synthesize(
        "match", bricks / "Bricks_Color.png", maps={"glossiness": str(bricks / "Bricks_Roughness.png")}, **PARAMS
    )
    assert np.array_equal(step.made(MAP_FILES["roughness"]), 255 - map_at("a-roughness.png"))


def test_alpha_of_the_base_colour_is_opacity(call, bricks):
    pixels = np.asarray(Image.open(bricks / "Bricks_Color.png"))
    Image.fromarray(np.dstack([pixels, 255 - pixels[..., 0]])).save(bricks / "Bricks_Color.png")
    assert call("match", str(bricks), *QUICK, "-o", "a.png")[0] == 0
    assert abs(255 - map_at("a-opacity.png").astype(int) - read("a.png")[..., 0]).mean() < 3


def test_alpha_of_a_grey_base_colour_is_opacity_and_its_colours_are_those_of_its_profile(bricks):
    pixels = np.asarray(Image.open(bricks / "Bricks_Color.png"))
    grey, alpha = pixels[..., 0], 255 - pixels[..., 1]
    Image.fromarray(np.dstack([grey, alpha])).save(bricks / "Bricks_Color.png")
    found, levels = read_exemplar(bricks)
    assert (found == grey[..., None]).all()
    assert (levels["opacity"] == alpha).all()
    swapped = colours_swapped_profile()
    Image.fromarray(np.dstack([pixels, alpha])).save(bricks / "Bricks_Color.png", icc_profile=swapped)
    found, levels = read_exemplar(bricks)
    assert (levels["opacity"] == alpha).all()
    Image.fromarray(pixels).save(bricks / "Bricks_Color.png", icc_profile=swapped)
    assert (found == read_exemplar(bricks)[0]).all()


def test_a_base_colour_that_cannot_be_is_named(bricks):
    path = bricks / "Bricks_Color.png"
    path.unlink()
    other = path.with_suffix(".exr")
    other.write_bytes(encode_map_as(".exr", np.zeros((64, 64, 3), np.uint8)))
    with pytest.raises(InvalidInput, match=r"Bricks_Color\.exr: the base colour cannot be an OpenEXR picture"):
        read_exemplar(bricks)
    other.unlink()
    Image.new("L", (5001, 5000)).save(path)
    with pytest.raises(InvalidInput, match=r"Bricks_Color\.png: the picture has 5001x5000 = 25 megapixels: at most 25"):
        read_exemplar(bricks)


def test_without_maps_all_is_as_before(call):
    assert call("match", "sample:pebbles", *QUICK, "-o", "a.png")[0] == 0
    assert sorted(path.name for path in Path().iterdir() if path.name.startswith("a")) == ["a-origins.png", "a.png"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--map", "normal"], "--map normal: write NAME=FILE"),
        (["--map", "colour=a.png"], "maps: 'colour' is none of normal"),
        (["--map", "height=none.png"], "none.png: "),
        (["--for", "unity"], "--for unity: there are no maps"),
        (["--maps", "nowhere"], "nowhere is no folder and no zip"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(call, more, words):
    assert words in refusal(call("match", "sample:pebbles", *QUICK, *more))


def test_maps_of_another_size_are_refused_with_both(call, bricks):
    more = ["--map", f"height={bricks / 'Bricks_Preview.png'}"]
    said = refusal(call("match", str(bricks / "Bricks_Color.png"), *QUICK, *more))
    assert "height has 40x40 pixels, and the base colour 64x64" in said


def test_a_method_that_carries_none_says_so():
    maps = {"roughness": np.zeros((384, 384), np.uint8)}
    with pytest.raises(InvalidInput, match="counting does not carry maps along"):
        synthesize("counting", "sample:pebbles", maps=maps)
    with pytest.raises(InvalidInput, match="Image is no map"):
        synthesize("match", "sample:pebbles", maps={"height": Image.new("L", (64, 64))})  # type: ignore[dict-item]
