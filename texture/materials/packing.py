"""A material as one zip: its textures, named and packed as an engine expects them, and a README.

No torch here: it works on files that are there already.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np

from texture.images.map_files import Levels, bits_of, decode_map, encode_map
from texture.materials.engines import CHANNELS, Channel, Engine, Texture
from texture.materials.maps import MAPS, METALLIC, NORMAL, OCCLUSION, ROUGHNESS, USUAL_ROUGHNESS, Map, Surface

Read = Callable[[Map], bytes]  # from a map to its PNG

LONGEST_NAME = 60


def write_zip(
    file: BinaryIO, engine: Engine, name: str, surface: Surface, read: Read, there: Collection[Map] = MAPS
) -> None:
    """Write the zip of a material. No more than the maps of one texture are in memory.

    name: of the material, with which those of its files begin. read: gives the map's file. there: the maps that it has,
    the base colour among them; a texture that would hold none of them is left out.

    Raises:
        InvalidInput: a map's file is damaged.
    """
    name = engine.prefix + plain_name(name)
    textures = [texture for texture in engine.textures if texture.needed(there)]
    files = {texture.ending: f"{name}_{texture.ending}.png" for texture in textures}
    told = {}
    with ZipFile(file, "w") as archive:
        for texture in textures:
            data = _textured(texture, engine, surface, read, there)
            told[files[texture.ending]] = texture.words(bits_of(data), there)
            _put(archive, files[texture.ending], data, ZIP_STORED)
        texts = engine.further(name, files, surface, there)
        readme = _readme(engine, name, told, surface, there)
        for path, text in {**texts, "README.txt": readme}.items():
            _put(archive, path, text.encode(), ZIP_DEFLATED)


def plain_name(name: str) -> str:
    """The name in characters that every engine takes: letters, digits and underscores."""
    return re.sub(r"[^A-Za-z0-9]+", "_", name)[:LONGEST_NAME].strip("_") or "material"


def _put(archive: ZipFile, path: str, data: bytes, compression: int) -> None:
    about = ZipInfo(path)  # of no date, so that the same material is the same zip
    about.compress_type = compression
    archive.writestr(about, data)


def _textured(texture: Texture, engine: Engine, surface: Surface, read: Read, there: Collection[Map]) -> bytes:
    """The file of a texture."""
    holds = texture.holds
    if not isinstance(holds, Map):
        return encode_map(_packed(holds, surface, read, there))
    data = read(holds)
    if texture.alpha in there and texture.alpha:
        colours, alpha = (_eight(decode_map(one, holds.title)) for one in (data, read(texture.alpha)))
        return encode_map(np.dstack([colours, alpha]))
    if holds == NORMAL and engine.normals != surface.normals:
        levels = decode_map(data, holds.title)
        levels[..., 1] = np.iinfo(levels.dtype).max - levels[..., 1]
        return encode_map(levels)
    return data


def _packed(channels: tuple[Channel, ...], surface: Surface, read: Read, there: Collection[Map]) -> Levels:
    """H×W×3 or H×W×4 uint8 with these in its channels; what there is no map of is the same everywhere."""
    usual = {ROUGHNESS: USUAL_ROUGHNESS, OCCLUSION: 1.0, METALLIC: surface.metallic}
    wanted = {made: usual[made] for channel in channels if (made := CHANNELS[channel])}
    maps = {one: _eight(decode_map(read(one), one.title)) for one in wanted if one in there}
    like = next(iter(maps.values()))
    for one, value in wanted.items():
        maps.setdefault(one, np.full_like(like, round(255 * value)))
    held: list[Levels] = []
    for channel in channels:
        source = CHANNELS[channel]
        levels = np.full_like(like, 255) if source is None else maps[source]
        held.append(255 - levels if channel == "smoothness" else levels)
    return np.stack(held, -1)


def _eight(levels: Levels) -> Levels:
    """In 8 bits."""
    return levels if levels.dtype == np.uint8 else ((levels.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _readme(engine: Engine, name: str, told: Mapping[str, str], surface: Surface, there: Collection[Map]) -> str:
    width = max(map(len, told))
    lines = [f"  {file:<{width}}  {words}" for file, words in told.items()]
    how = engine.how.format(metallic=surface.metallic, depth=surface.scale)
    further = [words for one, words in engine.also.items() if one in there]
    missing = [] if set(MAPS) <= {*there} else ["This material has no texture of the other kinds."]
    title = f"{name}, a material for {engine.title}, made by Texture Lab"
    return "\n".join([title, "", *lines, "", _facts(engine, surface, there), "", how, *further, *missing, ""])


def _facts(engine: Engine, surface: Surface, there: Collection[Map]) -> str:
    green = "green up (OpenGL, Y+)" if engine.normals == "opengl" else "green down (DirectX, Y-)"
    metallic = "by its map" if METALLIC in there else f"{surface.metallic:g} everywhere"
    guess = ", as a starting value; the true depth is not known" if surface.depth is None else ""
    depth = f"{surface.scale:g} of a tile's shorter side{guess}"
    return (
        f"Normals: {green}. Metallic: {metallic}. Height, from black to\n"
        f"white: {depth}.\nAll textures repeat in the same directions."
    )
