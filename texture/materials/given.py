"""What a person may give beside a base colour, and the maps that it comes to.

The maps within are always the same: normals with green up, roughness, one value a channel. What is given may be
DirectX normals, glossiness, or three maps in the channels of one file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from texture.errors import InvalidInput
from texture.images.levels import Floats
from texture.images.map_files import Levels
from texture.materials.maps import (
    CARRIED,
    EMISSIVE,
    HEIGHT,
    METALLIC,
    NORMAL,
    OCCLUSION,
    OPACITY,
    ROUGHNESS,
    Map,
)

LEAST_FACING = 0.3  # of the mean normal towards the viewer
UNIT = 0.7, 1.3  # lengths of normals, on average
SAMPLED = 512  # pixels a side that are looked at

Make = Callable[[Levels], Levels]


@dataclass(frozen=True)
class Given:
    """One of them. makes: the maps that it comes to, each with what makes it. floats: how a file of floats is read."""

    name: str
    title: str
    makes: tuple[tuple[Map, Make], ...]
    floats: Floats = "clip"


def _one(levels: Levels) -> Levels:
    """One channel, H×W: grey as it is, colours by their mean."""
    if levels.ndim == 2:
        return levels
    colours = levels[..., : 3 if levels.shape[2] > 2 else 1]
    first: Levels = colours[..., 0]
    if (colours == first[..., None]).all():
        return np.ascontiguousarray(first)
    mean: Levels = colours.mean(-1).round().astype(levels.dtype)
    return mean


def _three(levels: Levels) -> Levels:
    """Three channels, H×W×3."""
    if levels.ndim == 3 and levels.shape[2] > 2:
        return np.ascontiguousarray(levels[..., :3])
    grey = levels if levels.ndim == 2 else levels[..., 0]
    return np.stack([grey] * 3, -1)


def _inverted(levels: Levels) -> Levels:
    flipped: Levels = np.iinfo(levels.dtype).max - levels
    return flipped


def _green_up(levels: Levels) -> Levels:
    normals = _three(levels).copy()
    normals[..., 1] = _inverted(normals[..., 1])
    return normals


def _opacity(levels: Levels) -> Levels:
    alpha = alpha_of(levels)
    return _one(levels) if alpha is None else alpha


def alpha_of(levels: Levels) -> Levels | None:
    """The alpha channel, H×W, where there is one that says something."""
    if levels.ndim == 2 or levels.shape[2] not in (2, 4):
        return None
    alpha = levels[..., -1]
    return None if (alpha == np.iinfo(levels.dtype).max).all() else np.ascontiguousarray(alpha)


def _channel(number: int) -> Make:
    return lambda levels: np.ascontiguousarray(_three(levels)[..., number])


GIVEN: Mapping[str, Given] = {
    one.name: one
    for one in (
        Given("normal", "Normal (OpenGL)", ((NORMAL, _three),), "directions"),
        Given("normal_dx", "Normal (DirectX)", ((NORMAL, _green_up),), "directions"),
        Given("height", "Height", ((HEIGHT, _one),), "stretch"),
        Given("roughness", "Roughness", ((ROUGHNESS, _one),)),
        Given("glossiness", "Glossiness", ((ROUGHNESS, lambda levels: _inverted(_one(levels))),)),
        Given("metallic", "Metallic", ((METALLIC, _one),)),
        Given("occlusion", "Ambient occlusion", ((OCCLUSION, _one),)),
        Given("emissive", "Emissive", ((EMISSIVE, _three),)),
        Given("opacity", "Opacity", ((OPACITY, _opacity),)),
        Given(
            "orm",
            "Occlusion, roughness, metallic",
            ((OCCLUSION, _channel(0)), (ROUGHNESS, _channel(1)), (METALLIC, _channel(2))),
        ),
    )
}


def maps_of(given: Mapping[str, Levels], size: tuple[int, int]) -> dict[str, Levels]:
    """The maps, by their names, that these come to. size: height and width of the base colour.

    What is packed gives only what is not given by itself.

    Raises:
        InvalidInput: two of them are the same map, one has another size, or is not a normal map; it names the one.
    """
    check_sizes({name: levels.shape[:2] for name, levels in given.items()}, size)
    check_names(given)
    found: dict[str, Levels] = {}
    for name in sorted(given, key=lambda name: len(GIVEN[name].makes)):
        for one, make in GIVEN[name].makes:
            if one.name not in found:
                found[one.name] = make(given[name])
    if NORMAL.name in found:
        check_normals(found[NORMAL.name])
    return {one.name: found[one.name] for one in CARRIED if one.name in found}


def check_names(names: Iterable[str]) -> None:
    """Raise InvalidInput where one of these is nothing that can be given, or two of them are the same map."""
    sources: dict[Map, str] = {}
    for name in names:
        if name not in GIVEN:
            raise InvalidInput(f"maps: {name!r} is none of {', '.join(GIVEN)}", field="maps", value=name)
        if len(GIVEN[name].makes) == 1:
            one = GIVEN[name].makes[0][0]
            if one in sources:
                raise InvalidInput(f"{sources[one]} and {name} are both given: take one of them", field=name)
            sources[one] = name


def check_sizes(sizes: Mapping[str, tuple[int, ...]], size: tuple[int, ...]) -> None:
    """Raise InvalidInput where one of them, height and width by name, has another size than the base colour."""
    for name, (height, width) in sizes.items():
        if (height, width) != tuple(size):
            both = f"{name} has {width}x{height} pixels, and the base colour {size[1]}x{size[0]}"
            raise InvalidInput(f"{both}: both must be the same size", field=name, value=f"{width}x{height}")


def check_normals(levels: Levels) -> None:
    """Raise InvalidInput where H×W×3 are no directions that face the viewer, as those of a normal map do."""
    step = max(1, min(levels.shape[:2]) // SAMPLED)
    vectors = 2 * levels[::step, ::step].astype(np.float32) / np.iinfo(levels.dtype).max - 1
    length = float(np.linalg.norm(vectors, axis=-1).mean())
    facing = float(vectors[..., 2].mean())
    if facing < LEAST_FACING or not UNIT[0] <= length <= UNIT[1]:
        message = (
            f"this is not a normal map: on average its vectors have the length {length:.2f} and point {facing:.2f} "
            "towards the viewer; in a normal map both are nearly 1 (a bluish picture)"
        )
        raise InvalidInput(message, field=NORMAL.name, value=round(facing, 2))


def turned(vectors: NDArray[np.float32], matrix: NDArray[np.float64]) -> NDArray[np.float32]:
    """Normals 3×H×W, green up, of a surface whose picture is deformed, and of length 1 again.

    matrix: 2×2; a place (down, right) of the picture times it is where it comes to lie.
    """
    slopes = np.stack([-vectors[1], vectors[0]], -1) @ np.linalg.inv(matrix).T.astype(np.float32)
    bent = np.stack([slopes[..., 1], -slopes[..., 0], vectors[2]])
    found: NDArray[np.float32] = bent / np.maximum(np.linalg.norm(bent, axis=0), 1e-6)
    return found
