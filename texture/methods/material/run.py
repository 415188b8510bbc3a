"""The run: one map after the other, the base colour first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from texture.materials.maps import BASE_COLOUR, HEIGHT, MAPS, NORMAL, OCCLUSION, ROUGHNESS
from texture.methods.artifacts import MATERIAL, PICTURE
from texture.methods.contract import State, Step
from texture.methods.material.params import MaterialParams
from texture.methods.registry import method
from texture.methods.roles import Inputs

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Maps = Mapping[str, "Tensor"]


@method(
    "material",
    title="Material maps",
    purpose="height, normal, roughness and ambient occlusion from one picture",
    citation="Frankot & Chellappa 1988",
    paper="doi:10.1109/34.3909",
    params=MaterialParams,
    produces=tuple(MATERIAL.values()),
    called={"source": "Picture"},
    brief=True,
    processor=True,
)
def material(p: MaterialParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Estimates the maps of a material from a seamless texture: they tile just as it does.

    The picture is taken as it is, whatever its size; nothing of it is synthesised.
    """
    picture = images.source.to(device)
    maps: dict[str, Tensor] = {name: one.to(device) for name, one in (state or {}).items()}
    for number, one in enumerate(MAPS, 1):
        if one.name in maps:
            continue
        maps[one.name] = _made(one.name, p, picture, maps)
        further = {MATERIAL[name]: partial(maps.__getitem__, name) for name in maps if MATERIAL[name] != PICTURE}
        yield Step(
            number, len(MAPS), partial(maps.__getitem__, BASE_COLOUR.name), {}, partial(dict, maps), artifacts=further
        )


def _made(name: str, p: MaterialParams, picture: Tensor, maps: Maps) -> Tensor:
    """That map, C×H×W in 0..1, from the picture, 3×H×W in sRGB, and from the maps before it."""
    from texture.materials.colour import lightness, to_linear, to_srgb
    from texture.materials.delighting import delighted
    from texture.materials.heights import heights
    from texture.materials.normals import normals
    from texture.materials.occlusion import occlusion
    from texture.materials.roughness import roughness

    if name == BASE_COLOUR.name:
        return to_srgb(delighted(to_linear(picture), p.tile, p.delight, p.delight_reach)).clamp(0, 1)
    base = to_linear(maps[BASE_COLOUR.name])
    if name == HEIGHT.name:
        return heights(lightness(base), p.tile, p.detail, p.deep, p.light)
    if name == NORMAL.name:
        return normals(maps[HEIGHT.name], p.tile, p.depth * p.normal_strength, p.normals)
    if name == ROUGHNESS.name:
        return roughness(lightness(base), p.tile, p.roughness, p.roughness_variation)
    assert name == OCCLUSION.name
    return occlusion(maps[HEIGHT.name], p.tile, p.depth, p.occlusion, p.occlusion_radius)
