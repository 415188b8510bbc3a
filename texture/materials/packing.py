"""A material as one zip: its textures, named and packed as an engine expects them, and a README.

No torch here: it works on files that are there already.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np

from texture.images.map_files import Levels, decode_map, encode_map
from texture.materials.engines import Channel, Engine
from texture.materials.maps import NORMAL, OCCLUSION, ROUGHNESS, Map, Surface

Read = Callable[[Map], bytes]  # from a map to its PNG

LONGEST_NAME = 60


def write_zip(file: BinaryIO, engine: Engine, name: str, surface: Surface, read: Read) -> None:
    """Write the zip of a material. No more than the maps of one texture are in memory.

    name: of the material, with which those of its files begin. read: gives the map's file.

    Raises:
        InvalidInput: a map's file is damaged.
    """
    name = engine.prefix + plain_name(name)
    files = {texture.ending: f"{name}_{texture.ending}.png" for texture in engine.textures}
    with ZipFile(file, "w") as archive:
        for texture in engine.textures:
            _put(archive, files[texture.ending], _textured(texture.holds, engine, surface, read), ZIP_STORED)
        texts = {**engine.further(name, files, surface), "README.txt": _readme(engine, name, files, surface)}
        for path, text in texts.items():
            _put(archive, path, text.encode(), ZIP_DEFLATED)


def plain_name(name: str) -> str:
    """The name in characters that every engine takes: letters, digits and underscores."""
    return re.sub(r"[^A-Za-z0-9]+", "_", name)[:LONGEST_NAME].strip("_") or "material"


def _put(archive: ZipFile, path: str, data: bytes, compression: int) -> None:
    about = ZipInfo(path)  # of no date, so that the same material is the same zip
    about.compress_type = compression
    archive.writestr(about, data)


def _textured(holds: Map | tuple[Channel, ...], engine: Engine, surface: Surface, read: Read) -> bytes:
    """The file of a texture."""
    if not isinstance(holds, Map):
        return encode_map(_packed(holds, surface, read))
    data = read(holds)
    if holds == NORMAL and engine.normals != surface.normals:
        levels = decode_map(data, holds.title)
        levels[..., 1] = np.iinfo(levels.dtype).max - levels[..., 1]
        return encode_map(levels)
    return data


def _packed(channels: tuple[Channel, ...], surface: Surface, read: Read) -> Levels:
    """H×W×3 or H×W×4 uint8 with these in its channels."""
    rough, occlusion = (decode_map(read(one), one.title) for one in (ROUGHNESS, OCCLUSION))
    held: dict[Channel, Levels] = {
        "roughness": rough,
        "occlusion": occlusion,
        "smoothness": 255 - rough,
        "metallic": np.full_like(rough, round(255 * surface.metallic)),
        "white": np.full_like(rough, 255),
    }
    return np.stack([held[channel] for channel in channels], -1)


def _readme(engine: Engine, name: str, files: Mapping[str, str], surface: Surface) -> str:
    width = max(map(len, files.values()))
    told = [f"  {files[texture.ending]:<{width}}  {texture.words}" for texture in engine.textures]
    green = "green up (OpenGL, Y+)" if engine.normals == "opengl" else "green down (DirectX, Y-)"
    facts = (
        f"Normals: {green}. Metallic: {surface.metallic:g} everywhere. Height, from black to\n"
        f"white: {surface.depth:g} of a tile's shorter side. All textures repeat in the same directions."
    )
    how = engine.how.format(metallic=surface.metallic, depth=surface.depth)
    return "\n".join([f"{name}, a material for {engine.title}, made by Texture Lab", "", *told, "", facts, "", how, ""])
