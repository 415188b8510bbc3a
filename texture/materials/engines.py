"""Whom a material can be packed for: engines, and exchange formats, each with what its textures hold. No torch here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from texture.materials.exchange import gltf, materialx
from texture.materials.maps import (
    BASE_COLOUR,
    EMISSIVE,
    HEIGHT,
    METALLIC,
    NORMAL,
    OCCLUSION,
    OPACITY,
    ROUGHNESS,
    Direction,
    Map,
    Surface,
)
from texture.wording import Limits, refused

EngineName = Literal["blender", "unity", "unreal", "godot", "gltf", "materialx"]
Channel = Literal["metallic", "occlusion", "roughness", "smoothness", "white"]


CHANNELS: Mapping[Channel, Map | None] = {  # what each is made of
    "metallic": METALLIC,
    "occlusion": OCCLUSION,
    "roughness": ROUGHNESS,
    "smoothness": ROUGHNESS,
    "white": None,
}


@dataclass(frozen=True)
class Texture:
    """A file: how its name ends, and the map or, of a packed one, the channels in it. alpha: what its alpha channel is
    where there is such a map."""

    ending: str
    holds: Map | tuple[Channel, ...]
    alpha: Map | None = None

    def needed(self, there: Collection[Map]) -> bool:
        """Whether there is anything to put into it."""
        wanted = {self.holds} if isinstance(self.holds, Map) else {CHANNELS[channel] for channel in self.holds}
        return not wanted.isdisjoint(there)

    def words(self, bits: int, there: Collection[Map]) -> str:
        """What is in it, for the README."""
        if not isinstance(self.holds, Map):
            held = ", ".join(f"{place} {held}" for place, held in zip("RGBA", self.holds, strict=False))
            return f"{held} (linear, {bits}-bit)"
        alpha = f", alpha {self.alpha.title.lower()}" if self.alpha in there and self.alpha else ""
        return f"{self.holds.title}{alpha} ({self.holds.space}, {bits}-bit)"


ORM: tuple[Channel, ...] = ("occlusion", "roughness", "metallic")
Further = Callable[[str, Mapping[str, str], Surface, Collection[Map]], Mapping[str, str]]


@dataclass(frozen=True)
class Engine:
    """Who the zip is for. prefix: of all its names. further: files made of names, the surface and the maps there are.
    how: to import it; also: where further maps go, where they are there."""

    name: EngineName
    title: str
    normals: Direction
    textures: tuple[Texture, ...]
    how: str
    prefix: str = ""
    further: Further = lambda name, files, surface, there: {}
    also: Mapping[Map, str] = field(default_factory=dict)


ENGINES: Mapping[str, Engine] = {
    engine.name: engine
    for engine in (
        Engine(
            "blender",
            "Blender",
            "opengl",
            (
                Texture("BaseColor", BASE_COLOUR),
                Texture("Roughness", ROUGHNESS),
                Texture("Normal", NORMAL),
                Texture("Height", HEIGHT),
                Texture("AO", OCCLUSION),
                Texture("Metallic", METALLIC),
                Texture("Emission", EMISSIVE),
                Texture("Alpha", OPACITY),
            ),
            "Select a Principled BSDF node, press Ctrl+Shift+T (add-on Node Wrangler) and choose all textures\n"
            "but AO. By hand: every texture but BaseColor gets the colour space Non-Color; Normal goes\n"
            "through a Normal Map node, Height through a Displacement node. Set Metallic of the Principled\n"
            "BSDF to {metallic:g}, and Scale of the Displacement node to {depth:g} times a tile's shorter side.\n"
            "Cycles needs no AO: it computes its own.",
            also={
                METALLIC: "Metallic goes into Metallic (Non-Color) instead of a number.",
                EMISSIVE: "Emission goes into Emission Color; set its Strength to 1 or more.",
                OPACITY: "Alpha goes into Alpha (Non-Color).",
            },
        ),
        Engine(
            "unity",
            "Unity (URP)",
            "opengl",
            (
                Texture("BaseMap", BASE_COLOUR, alpha=OPACITY),
                Texture("Normal", NORMAL),
                Texture("MaskMap", ("metallic", "occlusion", "white", "smoothness")),
                Texture("Height", HEIGHT),
                Texture("Emission", EMISSIVE),
            ),
            "Make a material with the shader Universal Render Pipeline/Lit: BaseMap goes into Base Map;\n"
            "MaskMap into Metallic Map, with Smoothness 1 and Source Metallic Alpha, and into Occlusion Map\n"
            "too; Normal into Normal Map (its Texture Type is Normal map); Height into Height Map. Switch\n"
            "sRGB (Color Texture) off for MaskMap and Height. HDRP takes the same MaskMap as its Mask Map.",
            also={
                EMISSIVE: "Switch Emission on; Emission goes into its Emission Map.",
                OPACITY: "The alpha of BaseMap is the opacity: switch Alpha Clipping on.",
            },
        ),
        Engine(
            "unreal",
            "Unreal Engine",
            "directx",
            (
                Texture("BaseColor", BASE_COLOUR),
                Texture("Normal", NORMAL),
                Texture("ORM", ORM),
                Texture("Height", HEIGHT),
                Texture("Emissive", EMISSIVE),
                Texture("Opacity", OPACITY),
            ),
            "Import all; switch sRGB off for ORM (Compression: Masks) and Height (Compression: Grayscale);\n"
            "Normal is recognised as a normal map. In the material, R of ORM goes to Ambient Occlusion, G to\n"
            "Roughness and B to Metallic.",
            prefix="T_",
            also={
                EMISSIVE: "Emissive goes into Emissive Color.",
                OPACITY: "Opacity (sRGB off) goes into Opacity Mask, with the Blend Mode Masked.",
            },
        ),
        Engine(
            "godot",
            "Godot",
            "opengl",
            (
                Texture("albedo", BASE_COLOUR, alpha=OPACITY),
                Texture("normal", NORMAL),
                Texture("orm", ORM),
                Texture("height", HEIGHT),
                Texture("emission", EMISSIVE),
            ),
            "Make an ORMMaterial3D: albedo goes into Albedo, orm into ORM, normal into Normal Map (Enabled),\n"
            "height into Height (Enabled, Flip Texture off). Sampling, Repeat lets UVs beyond 0..1 repeat the\n"
            "tile.",
            also={
                EMISSIVE: "emission goes into Emission (Enabled).",
                OPACITY: "The alpha of albedo is the opacity: set Transparency to Alpha Scissor.",
            },
        ),
        Engine(
            "gltf",
            "glTF 2.0",
            "opengl",
            (
                Texture("baseColor", BASE_COLOUR, alpha=OPACITY),
                Texture("normal", NORMAL),
                Texture("occlusionRoughnessMetallic", ORM),
                Texture("height", HEIGHT),
                Texture("emissive", EMISSIVE),
            ),
            "Open the .gltf, a square with the material, in any viewer or modeller. glTF has no heights: that\n"
            "texture is there for programs that use it.",
            further=gltf,
        ),
        Engine(
            "materialx",
            "MaterialX",
            "opengl",
            (
                Texture("base_color", BASE_COLOUR),
                Texture("roughness", ROUGHNESS),
                Texture("normal", NORMAL),
                Texture("displacement", HEIGHT),
                Texture("occlusion", OCCLUSION),
                Texture("metalness", METALLIC),
                Texture("emission", EMISSIVE),
                Texture("opacity", OPACITY),
            ),
            "Import the .mtlx: a standard_surface with its displacement, for a tile whose shorter side is one\n"
            "unit. It does not use the occlusion: renderers compute their own.",
            further=materialx,
        ),
    )
}
assert set(ENGINES) == set(get_args(EngineName))


def find_engine(name: str) -> Engine:
    """The engine of that name.

    Raises:
        InvalidInput: there is none; the text lists those there are.
    """
    if name not in ENGINES:
        raise refused("engine", name, Limits(choices=tuple(ENGINES)))
    return ENGINES[name]
