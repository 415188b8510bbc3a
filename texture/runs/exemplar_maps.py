"""An exemplar with its maps, from whatever somebody names: a folder, a zip, or files one by one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from texture.errors import InvalidInput
from texture.images.decoding import OWN, Pixels, check_sides, log
from texture.images.depth import Tell
from texture.images.levels import read_levels
from texture.images.map_files import Levels
from texture.images.sources import Source, pixels_from
from texture.materials.gathering import Gathered, gather, is_material
from texture.materials.given import GIVEN, alpha_of, check_names
from texture.wording import system_reason

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
    found: Mapping[str, MapSource] = {}
    if isinstance(source, str | Path) and is_material(str(source)):
        whole = gather(source)
        _tell_of_unknown(whole, tell)
        if whole.base is None:
            message = f"{source} has no base colour: name one of its files like …_color.png"
            raise InvalidInput(message, field="source", value=str(source))
        base, found = whole.base[1](), _files(whole)
    if maps is not None:
        found = _preferred(files_of(maps, tell=tell), found)
    levels = {name: _levels(one, name, tell) for name, one in found.items()}
    if found and isinstance(base, str | Path | bytes) and "opacity" not in levels:
        pixels, alpha = _with_alpha(base, tell)
        return pixels, levels if alpha is None else {**levels, "opacity": alpha}
    return pixels_from(base, tell=tell), levels


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


def _with_alpha(source: str | Path | bytes, tell: Tell) -> tuple[Pixels, Levels | None]:
    """A base colour and its alpha channel, where it has one: its colours are then not laid over white."""
    is_file = isinstance(source, bytes) or Path(source).is_file()
    pixels = pixels_from(source, tell=(lambda words: None) if is_file else tell)
    if not is_file:
        return pixels, None
    levels = read_levels(source if isinstance(source, bytes) else _bytes(source), "the base colour", lambda words: None)
    alpha = alpha_of(levels)
    if alpha is None or levels.shape[2] != 4:
        return pixels_from(source, tell=tell), None
    colours = levels[..., :3] if levels.dtype == np.uint8 else (levels[..., :3] >> 8).astype(np.uint8)
    return np.ascontiguousarray(colours, np.uint8), alpha
