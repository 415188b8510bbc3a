"""What can be set of the maps of a material."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, Literal

from pydantic import Field

from texture.materials.maps import Direction, Surface
from texture.methods.contract import TILE_WORDS, Outline, Params
from texture.methods.sizes import Sizes, Tile

SIMPLE: dict[str, Any] = {"simple": True}
BYTES = 60  # at the peak, for each pixel of the picture and again of the torus; measured at 1024² and 2048²


class MaterialParams(Params):
    """Two or three settings for each map."""

    PRESETS: ClassVar = {
        "standard": {},
        "stone": {"depth": 0.05, "detail": 0.25, "roughness": 0.8},
        "fabric": {"depth": 0.015, "detail": 0.5, "roughness": 0.95, "roughness_variation": 0.1},
        "wood": {"depth": 0.01, "detail": 0.7, "roughness": 0.6},
        "metal": {"depth": 0.008, "detail": 0.6, "roughness": 0.35, "roughness_variation": 0.4, "metallic": 1.0},
    }
    PRESET_WORDS: ClassVar = {
        "standard": "Bricks, tiles, soil, most surfaces",
        "stone": "Pebbles, gravel, cobblestones",
        "fabric": "Cloth, knitwear, carpet",
        "wood": "Planks, bark",
        "metal": "Bare metal",
    }

    tile: Tile = Field(
        "both",
        title="Seamless",
        description="directions in which the picture tiles, and so will the maps; off for a picture that does not tile",
        json_schema_extra={**SIMPLE, "x-words": TILE_WORDS},
    )
    delight: float = Field(
        0.5,
        ge=0,
        le=1,
        title="De-lighting",
        description="base colour: share of the uneven lighting that is taken off",
        json_schema_extra=SIMPLE,
    )
    delight_reach: float = Field(
        0.15,
        ge=0.02,
        le=0.5,
        title="Shading scale",
        description="base colour: brightness that varies over less than this share of the picture is kept",
    )
    depth: float = Field(
        0.03,
        ge=0.001,
        le=0.3,
        description="height from the lowest to the highest point, as a share of the shorter side",
        json_schema_extra=SIMPLE,
    )
    detail: float = Field(
        0.35,
        ge=0,
        le=1,
        description="height: 0 keeps the rounded forms between grooves, 1 only the fine detail",
        json_schema_extra=SIMPLE,
    )
    deep: Literal["auto", "dark", "light"] = Field(
        "auto",
        title="Grooves",
        description="height: whether dark or light lines are the deep ones; auto: light ones where they are clearly "
        "stronger, such as pale mortar",
        json_schema_extra={**SIMPLE, "x-words": {"auto": "Automatic", "dark": "Dark", "light": "Light"}},
    )
    light: float | None = Field(
        None,
        ge=0,
        le=360,
        title="Light direction",
        description="height: direction of the light in the photo, in degrees counter-clockwise from the right (90: "
        "above), so that its shading can be used; empty: unknown, or even",
    )
    normal_strength: float = Field(
        1.0, ge=0, le=5, description="normal map: exaggerates the slopes of the height map", json_schema_extra=SIMPLE
    )
    normals: Direction = Field(
        "opengl",
        title="Normal map format",
        description="normal map: opengl has green pointing up (Blender, Unity, Godot), directx down (Unreal)",
        json_schema_extra={"x-words": {"opengl": "OpenGL (Y+)", "directx": "DirectX (Y−)"}},
    )
    roughness: float = Field(
        0.75, ge=0, le=1, description="mean roughness: 0 is a mirror, 1 is chalk", json_schema_extra=SIMPLE
    )
    roughness_variation: float = Field(
        0.25, ge=0, le=1, description="how far roughness differs between smooth, light parts and busy, dark ones"
    )
    metallic: float = Field(0.0, ge=0, le=1, description="uniform: 1 for bare metal, 0 for everything else")
    occlusion: float = Field(
        1.0,
        ge=0,
        le=3,
        title="Ambient occlusion",
        description="strength of the ambient occlusion: 1 is what the height map gives",
        json_schema_extra=SIMPLE,
    )
    occlusion_radius: float = Field(
        0.06,
        ge=0.005,
        le=0.25,
        title="Occlusion radius",
        description="distance at which relief still casts ambient occlusion, as a share of the shorter side",
    )

    def outline(self, sizes: Sizes) -> Outline:
        """As large as its picture."""
        found = replace(super().outline(sizes), tile=self.tile, surface=self.surface)
        size = sizes.get("source")
        if size is None:
            return found
        area = size.width * size.height
        return replace(found, size=size, work=float(area), memory=BYTES * area * (1 + mirrored(self.tile)))

    @property
    def surface(self) -> Surface:
        """What is the same everywhere."""
        return Surface(self.normals, self.depth, self.metallic)


def mirrored(tile: Tile) -> int:
    """How many times as large the torus is on which the maps are made as the picture."""
    return {"none": 4, "x": 2, "y": 2, "both": 1}[tile]
