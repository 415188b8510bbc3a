"""What the maps of a material are, each once, and what else a renderer needs to know of it. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Space = Literal["sRGB", "linear"]
Direction = Literal["opengl", "directx"]  # of a normal map's green channel: up, or down


@dataclass(frozen=True)
class Map:
    """One of them. space: how its numbers are meant. channels, bits: of its file."""

    name: str
    title: str
    use: str
    space: Space
    channels: int
    bits: Literal[8, 16]


BASE_COLOUR = Map("base_colour", "Base colour", "the colour of the surface, without shading", "sRGB", 3, 8)
HEIGHT = Map("height", "Height", "how high each pixel lies: white is high", "linear", 1, 16)
NORMAL = Map("normal", "Normal", "which way the surface faces at each pixel", "linear", 3, 16)
ROUGHNESS = Map("roughness", "Roughness", "how rough the surface is: black is mirror-smooth", "linear", 1, 8)
OCCLUSION = Map("occlusion", "Ambient occlusion", "how much of the sky each pixel sees: white is all", "linear", 1, 8)
METALLIC = Map("metallic", "Metallic", "what is bare metal: white is, black is not", "linear", 1, 8)
EMISSIVE = Map("emissive", "Emissive", "the light that the surface gives off by itself", "sRGB", 3, 8)
OPACITY = Map("opacity", "Opacity", "where there is surface: black is a hole", "linear", 1, 8)
MAPS = (BASE_COLOUR, HEIGHT, NORMAL, ROUGHNESS, OCCLUSION)  # those that can be estimated
CARRIED = (HEIGHT, NORMAL, ROUGHNESS, OCCLUSION, METALLIC, EMISSIVE, OPACITY)  # those that follow a base colour
USUAL_DEPTH = 0.03  # to begin with, where nobody knows that of a height map
USUAL_ROUGHNESS = 0.75  # where there is no map of it


@dataclass(frozen=True)
class Surface:
    """What is the same everywhere on a material.

    normals: the direction of its normal map. depth: from black to white in the height map, as a share of the shorter
    side; None where nobody knows. metallic: 0..1, unless there is a map of that.
    """

    normals: Direction
    depth: float | None
    metallic: float

    @property
    def scale(self) -> float:
        """The depth, or one to begin with."""
        return USUAL_DEPTH if self.depth is None else self.depth
