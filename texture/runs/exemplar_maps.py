"""An exemplar with its maps, from whatever somebody names: a folder, a zip, or files one by one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from texture.errors import InvalidInput
from texture.images.decoding import MAX_PIXELS, OWN, Pixels, check_sides, from_image, log, opened_own
from texture.images.depth import Tell
from texture.images.levels import EXR, read_levels
from texture.images.map_files import Levels
from texture.images.sources import Source, pixels_from
from texture.materials.gathering import Gathered, gather, is_material
from texture.materials.given import GIVEN, alpha_of, check_names
from texture.wording import system_reason

WITH_MAPS = replace(OWN, pixels=MAX_PIXELS)  # a larger picture alone is reduced
MapSource = str | Path | bytes | NDArray[Any]
Maps = str | Path | Mapping[str, MapSource]
"""A folder, a zip, or a file each by the names of `materials.given.GIVEN`."""


def read_exemplar(
    source: Source, maps: Maps | None = None, tell: Tell = log.warning
) -> tuple[Pixels, dict[str, Levels]]:
    """The pixels of an exemplar, H×W×3, and its maps as they are given.

    source: a picture, or a folder or zip with all of a material. maps: take precedence over those in it.

    Raises:
        InvalidInput: something cannot be read, two files are the same map, or none is the base colour.
    """
    base: Source = source
    name, found = "", dict[str, MapSource]()
    if isinstance(source, str | Path) and is_material(str(source)):
        whole = gather(source)
        _tell_of_unknown(whole, tell)
        if whole.base is None:
            message = f"{source} has no base colour: name one of its files like …_color.png"
            raise InvalidInput(message, field="source", value=str(source))
        name, read = whole.base
        base, found = read(), _files(whole)
    if maps is not None:
        found = _preferred(files_of(maps, tell=tell), found)
    if found and isinstance(base, str | Path) and Path(base).is_file():
        name, base = str(base), _bytes(base)
    if isinstance(base, bytes):
        pixels, more = _base(base, name, found, tell)
    else:
        pixels, more = pixels_from(base, tell=tell, bounds=WITH_MAPS if found else OWN), {}
    return pixels, {**more, **{kind: _levels(one, kind, tell) for kind, one in found.items()}}


def files_of(maps: Maps, but: Collection[str] = (), tell: Tell = log.warning) -> dict[str, MapSource]:
    """The files of maps, by the names of GIVEN. but: without those that would be the same map as one of these."""
    if not isinstance(maps, str | Path):
        check_names(maps)
        return dict(maps)
    gathered = gather(maps)
    _tell_of_unknown(gathered, tell)
    found = _preferred(dict.fromkeys(but, b""), _files(gathered))
    return {name: one for name, one in found.items() if name not in but}


def _preferred(these: Mapping[str, MapSource], others: Mapping[str, MapSource]) -> dict[str, MapSource]:
    """Both, without those of the others that would be the same map."""
    kept = dict(these)
    for name, one in others.items():
        try:
            check_names([*kept, name])
        except InvalidInput:
            continue
        kept.setdefault(name, one)
    return kept


def _files(gathered: Gathered) -> dict[str, MapSource]:
    return {kind: read() for kind, (_, read) in gathered.maps.items()}


def _tell_of_unknown(gathered: Gathered, tell: Tell) -> None:
    for name in gathered.unknown:
        tell(f"{name} is left out: its name does not say which map it is")


def _levels(source: object, name: str, tell: Tell) -> Levels:
    """A map as it is stored."""
    floats = GIVEN[name].floats
    if isinstance(source, np.ndarray):
        if source.dtype not in (np.uint8, np.uint16) or source.ndim not in (2, 3):
            message = f"{name}: an array of {source.dtype} and shape {source.shape}: H×W or H×W×C, uint8 or uint16"
            raise InvalidInput(message, field="maps", value=str(source.dtype))
        check_sides(source.shape[1], source.shape[0], OWN)
        return source
    if isinstance(source, bytes):
        return read_levels(source, name, lambda words: tell(f"{name}: {words}"), OWN, floats)
    if not isinstance(source, str | Path):
        message = f"{name}: {type(source).__name__} is no map: give a path, bytes or a NumPy array"
        raise InvalidInput(message, field="maps", value=type(source).__name__)
    return read_levels(_bytes(source), f"{name} ({source})", lambda words: tell(f"{source}: {words}"), OWN, floats)


def _bytes(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path}: {system_reason(error)}", field="maps", value=str(path)) from error


def _base(data: bytes, name: str, maps: Collection[str], tell: Tell) -> tuple[Pixels, dict[str, Levels]]:
    """A base colour; and its opacity, if it comes with maps and has an alpha channel: it is not laid over white then.

    name: of its file, for errors, or empty. maps: the names of those that it comes with.
    """
    before = f"{name}: " if name else ""
    bounds = WITH_MAPS if maps else OWN
    try:
        if data.startswith(EXR) and (name or maps):
            raise InvalidInput("the base colour cannot be an OpenEXR picture: tone-map it and save it as PNG")
        image, alpha = opened_own(data), None
        check_sides(image.width, image.height, bounds)
        if maps and "opacity" not in maps and image.has_transparency_data:
            alpha = alpha_of(read_levels(data, "the base colour", lambda words: None))
        if alpha is None:
            return from_image(image, lambda words: tell(before + words), bounds), {}
        opaque = image.convert("L") if image.mode == "LA" else image.convert("RGBA").convert("RGB")
        return from_image(opaque, lambda words: tell(before + words), bounds), {"opacity": alpha}
    except InvalidInput as error:
        raise error.placed("source", before + str(error)) from error.__cause__
    except OSError as error:
        raise InvalidInput(f"{before}this file is damaged or incomplete", field="source") from error
