"""Zips for engines, read back: names, channels, bits, the direction of normals, and what others say of them."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import MaterialX
import numpy as np
import pytest
from PIL import Image

from texture.errors import InvalidInput
from texture.images.map_files import Levels, decode_map, encode_map
from texture.materials.engines import ENGINES, find_engine
from texture.materials.maps import (
    BASE_COLOUR,
    CARRIED,
    EMISSIVE,
    HEIGHT,
    MAPS,
    METALLIC,
    NORMAL,
    OCCLUSION,
    OPACITY,
    ROUGHNESS,
    Map,
    Surface,
)
from texture.materials.packing import plain_name, write_zip

ROOT = Path(__file__).parents[2]
SURFACE = Surface("opengl", 0.05, 0.2)
RANDOM = np.random.default_rng(0)
LEVELS: dict[Map, Levels] = {
    one: RANDOM.integers(
        0, 2**one.bits, (32, 64, 3) if one.channels == 3 else (32, 64), dtype=np.uint16 if one.bits == 16 else np.uint8
    )
    for one in (BASE_COLOUR, *CARRIED)
}
ALL = tuple(LEVELS)
FEW = (BASE_COLOUR, NORMAL)


def zipped(
    engine: str, surface: Surface = SURFACE, name: str = "Old bricks", there: tuple[Map, ...] = MAPS
) -> dict[str, bytes]:
    """The files of the zip, by name, as it holds them."""
    file = io.BytesIO()
    write_zip(file, find_engine(engine), name, surface, lambda one: encode_map(LEVELS[one]), there)
    with ZipFile(file) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def levels(files: dict[str, bytes], name: str) -> Levels:
    return decode_map(files[name], name)


def flipped(normals: Levels) -> Levels:
    return np.stack([normals[..., 0], 65535 - normals[..., 1], normals[..., 2]], -1)


@pytest.mark.parametrize(
    ("engine", "names"),
    [
        ("blender", ["BaseColor", "Roughness", "Normal", "Height", "AO"]),
        ("unity", ["BaseMap", "Normal", "MaskMap", "Height"]),
        ("unreal", ["BaseColor", "Normal", "ORM", "Height"]),
        ("godot", ["albedo", "normal", "orm", "height"]),
        ("gltf", ["baseColor", "normal", "occlusionRoughnessMetallic", "height"]),
        ("materialx", ["base_color", "roughness", "normal", "displacement", "occlusion"]),
    ],
)
def test_textures_are_named_as_the_engine_expects(engine: str, names: list[str]) -> None:
    prefix = "T_Old_bricks" if engine == "unreal" else "Old_bricks"
    further = {"gltf": ["Old_bricks.gltf"], "materialx": ["Old_bricks.mtlx"]}.get(engine, [])
    assert list(zipped(engine)) == [*(f"{prefix}_{name}.png" for name in names), *further, "README.txt"]


@pytest.mark.parametrize("engine", list(ENGINES))
def test_maps_that_stand_alone_are_copied_with_all_their_bits(engine: str) -> None:
    files = zipped(engine)
    for texture in ENGINES[engine].textures:
        if isinstance(texture.holds, Map) and texture.holds != NORMAL and texture.needed(MAPS):
            (name,) = (one for one in files if one.endswith(f"_{texture.ending}.png"))
            assert np.array_equal(levels(files, name), LEVELS[texture.holds])


@pytest.mark.parametrize("engine", list(ENGINES))
@pytest.mark.parametrize("given", ["opengl", "directx"])
def test_green_points_where_the_engine_wants_it(engine: str, given: str) -> None:
    files = zipped(engine, Surface(given, 0.05, 0.0))  # type: ignore[arg-type]
    (name,) = (one for one in files if one.lower().endswith("_normal.png"))
    same = given == ("directx" if engine == "unreal" else "opengl")
    assert np.array_equal(levels(files, name), LEVELS[NORMAL] if same else flipped(LEVELS[NORMAL]))


def test_the_mask_map_of_unity_has_smoothness_in_alpha() -> None:
    packed = levels(zipped("unity"), "Old_bricks_MaskMap.png")
    assert packed.shape == (32, 64, 4)
    assert (packed[..., 0] == 51).all()
    assert np.array_equal(packed[..., 1], LEVELS[OCCLUSION])
    assert (packed[..., 2] == 255).all()
    assert np.array_equal(packed[..., 3], 255 - LEVELS[ROUGHNESS])


@pytest.mark.parametrize(
    ("engine", "name"),
    [
        ("unreal", "T_Old_bricks_ORM.png"),
        ("godot", "Old_bricks_orm.png"),
        ("gltf", "Old_bricks_occlusionRoughnessMetallic.png"),
    ],
)
def test_occlusion_roughness_and_metallic_are_packed_in_this_order(engine: str, name: str) -> None:
    packed = levels(zipped(engine), name)
    assert np.array_equal(packed[..., 0], LEVELS[OCCLUSION])
    assert np.array_equal(packed[..., 1], LEVELS[ROUGHNESS])
    assert (packed[..., 2] == 51).all()
    assert packed.shape[2] == 3


@pytest.mark.parametrize(
    ("engine", "metallic", "emissive", "opacity"),
    [
        ("blender", "Metallic", "Emission", "Alpha"),
        ("unity", "MaskMap:0", "Emission", "BaseMap:3"),
        ("unreal", "ORM:2", "Emissive", "Opacity"),
        ("godot", "orm:2", "emission", "albedo:3"),
        ("gltf", "occlusionRoughnessMetallic:2", "emissive", "baseColor:3"),
        ("materialx", "metalness", "emission", "opacity"),
    ],
)
def test_further_maps_go_where_the_engine_has_a_place_for_them(
    engine: str, metallic: str, emissive: str, opacity: str
) -> None:
    files = zipped(engine, there=ALL)
    for place, one in ((metallic, METALLIC), (emissive, EMISSIVE), (opacity, OPACITY)):
        ending, _, channel = place.partition(":")
        (name,) = (name for name in files if name.endswith(f"_{ending}.png"))
        found = levels(files, name)
        assert np.array_equal(found[..., int(channel)] if channel else found, LEVELS[one])
    text = files["README.txt"].decode()
    assert "Metallic: by its map" in text
    assert all(name in text for name in files if name.endswith(".png"))


@pytest.mark.parametrize("engine", list(ENGINES))
def test_what_a_material_has_not_is_left_out(engine: str) -> None:
    files = zipped(engine, Surface("opengl", None, 0.0), there=FEW)
    assert len([name for name in files if name.endswith(".png")]) == 2
    assert "no texture of the other kinds" in files["README.txt"].decode()
    assert "as a starting value; the true depth is not known" in files["README.txt"].decode()


def test_a_channel_without_a_map_is_the_same_everywhere() -> None:
    packed = levels(zipped("unreal", there=(BASE_COLOUR, ROUGHNESS)), "T_Old_bricks_ORM.png")
    assert (packed[..., 0] == 255).all()
    assert np.array_equal(packed[..., 1], LEVELS[ROUGHNESS])
    assert (packed[..., 2] == 51).all()


@pytest.mark.parametrize("engine", list(ENGINES))
def test_the_readme_tells_what_each_file_is(engine: str) -> None:
    files = zipped(engine)
    text = files["README.txt"].decode()
    for name in files:
        assert name.endswith((".txt", ".gltf", ".mtlx")) or name in text
    assert ("green down" if engine == "unreal" else "green up") in text
    assert "0.05 of a tile" in text
    assert "{" not in text


def test_the_same_material_is_the_same_zip() -> None:
    assert zipped("gltf") == zipped("gltf")


@pytest.mark.parametrize(
    ("name", "plain"),
    [("Ziegel, süß.png", "Ziegel_s_png"), ("../../etc", "etc"), ("", "material"), ("x" * 99, "x" * 60)],
)
def test_names_are_such_as_every_engine_and_disk_takes(name: str, plain: str) -> None:
    assert plain_name(name) == plain


def test_an_unknown_engine_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidInput, match='must be one of blender, unity, unreal, godot, gltf, materialx, not "maya"'):
        find_engine("maya")


def test_a_damaged_map_is_named() -> None:
    with pytest.raises(InvalidInput, match="Ambient occlusion is no PNG, or a damaged one"):
        write_zip(
            io.BytesIO(),
            find_engine("godot"),
            "a",
            SURFACE,
            lambda one: encode_map(LEVELS[one])[: 60 if one == OCCLUSION else None],
        )


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node.js")
@pytest.mark.parametrize("there", [ALL, FEW, (BASE_COLOUR,)], ids=["all", "few", "one"])
def test_khronos_validator_finds_nothing_in_a_gltf_of_other_maps(tmp_path: Path, there: tuple[Map, ...]) -> None:
    report = validated(tmp_path, zipped("gltf", there=there))
    assert report["issues"]["messages"] == []


def validated(folder: Path, files: dict[str, bytes]) -> dict[str, Any]:
    """What Khronos' validator says of the .gltf among them."""
    for path, data in files.items():
        (folder / path).write_bytes(data)
    (document,) = folder.glob("*.gltf")
    script = ["node", str(ROOT / "tests/materials/validate.js"), str(document)]
    report: dict[str, Any] = json.loads(subprocess.run(script, capture_output=True, text=True, check=True).stdout)
    return report


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node.js")
@pytest.mark.parametrize("name", ["Old bricks", "3 stones"])
def test_khronos_validator_finds_nothing_in_the_gltf(tmp_path: Path, name: str) -> None:
    report = validated(tmp_path, zipped("gltf", name=name))
    (document,) = tmp_path.glob("*.gltf")
    assert report["issues"]["messages"] == []
    assert [one["image"]["bits"] for one in report["info"]["resources"] if "image" in one] == [8, 16, 8]
    told = json.loads(document.read_text())["materials"][0]
    assert told["occlusionTexture"] == told["pbrMetallicRoughness"]["metallicRoughnessTexture"] == {"index": 2}


@pytest.mark.parametrize("name", ["Old bricks", "3 stones"])
def test_materialx_reads_the_mtlx_and_makes_a_shader_of_it(tmp_path: Path, name: str) -> None:
    from MaterialX import PyMaterialXGenGlsl, PyMaterialXGenShader

    for path, data in zipped("materialx", name=name).items():
        (tmp_path / path).write_bytes(data)
    (path,) = tmp_path.glob("*.mtlx")
    document, library = MaterialX.createDocument(), MaterialX.createDocument()
    MaterialX.readFromXmlFile(document, str(path))
    search = MaterialX.getDefaultDataSearchPath()
    MaterialX.loadLibraries(MaterialX.getDefaultDataLibraryFolders(), search, library)
    document.importLibrary(library)
    assert document.validate() == (True, "")
    (material,) = document.getMaterialNodes()
    (surface,) = MaterialX.getShaderNodes(material)
    assert surface.getInputValue("metalness") == pytest.approx(0.2)
    (relief,) = MaterialX.getShaderNodes(material, MaterialX.DISPLACEMENT_SHADER_TYPE_STRING)
    assert relief.getInputValue("scale") == pytest.approx(0.05)
    assert not material.getName()[0].isdigit()
    images = document.getNodeGraph(f"{material.getName()}_textures")
    files = {image.getInputValue("file") for image in images.getNodes("image")}
    assert len(files) == 4
    assert all((tmp_path / file).exists() for file in files)
    generator = PyMaterialXGenGlsl.GlslShaderGenerator.create()
    context = PyMaterialXGenShader.GenContext(generator)
    context.registerSourceCodeSearchPath(search)
    shader = generator.generate("material", material, context)
    assert "normalmap" in shader.getSourceCode(PyMaterialXGenShader.PIXEL_STAGE)


@pytest.mark.parametrize("there", [ALL, FEW, (BASE_COLOUR,)], ids=["all", "few", "one"])
def test_materialx_validates_other_maps(tmp_path: Path, there: tuple[Map, ...]) -> None:
    for path, data in zipped("materialx", there=there).items():
        (tmp_path / path).write_bytes(data)
    (path,) = tmp_path.glob("*.mtlx")
    document, library = MaterialX.createDocument(), MaterialX.createDocument()
    MaterialX.readFromXmlFile(document, str(path))
    MaterialX.loadLibraries(MaterialX.getDefaultDataLibraryFolders(), MaterialX.getDefaultDataSearchPath(), library)
    document.importLibrary(library)
    assert document.validate() == (True, "")


def test_a_png_of_ours_is_what_others_read() -> None:
    """Pillow knows grey of 16 bits, and of colours the upper byte."""
    grey = np.asarray(Image.open(io.BytesIO(encode_map(LEVELS[HEIGHT]))))
    assert np.array_equal(grey, LEVELS[HEIGHT])
    colours = np.asarray(Image.open(io.BytesIO(encode_map(LEVELS[NORMAL]))))
    assert np.array_equal(colours, (LEVELS[NORMAL] >> 8).astype(np.uint8))
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encode_map(LEVELS[BASE_COLOUR])))), LEVELS[BASE_COLOUR])
