"""Maps of materials beside each other, and under a light: the pictures of docs/methods/material.md.

    python -m benchmarks.material wall.png pebbles.png -o maps.jpg --set preset=stone

A row for each picture: base colour, height, normal, roughness, ambient occlusion, then plaster of that relief and the
material itself, both lit from the upper left.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections import deque
from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from texture import save, synthesize
from texture.images.tensors import to_pixels
from texture.materials.colour import to_linear, to_srgb
from texture.methods.artifacts import MATERIAL

SIDE, GAP = 192, 4  # pixels of a cell, cropped from the upper left, and between two
LIGHT = (-0.5, 0.5, 0.7)  # towards it: right, up, out of the picture
AMBIENT, DIRECT = 0.25, 0.95
PLASTER = 0.5


def main() -> None:
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", nargs="+")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="settings of the method")
    known = parser.parse_args()
    settings = dict(one.split("=", 1) for one in known.set)
    rows = [row(maps_of(picture, settings)) for picture in known.pictures]
    save(to_pixels(torch.cat(rows, 1)[:, GAP:, GAP:]), known.output)


def maps_of(picture: str, settings: Mapping[str, str]) -> dict[str, Tensor]:
    """Its maps by name, C×H×W in 0..1."""
    (last,) = deque(synthesize("material", picture, **settings), maxlen=1)
    return {name: last.made(artifact) for name, artifact in MATERIAL.items()}


def row(maps: Mapping[str, Tensor]) -> Tensor:
    """The cells beside each other, 3×SIDE×width."""
    plaster = torch.full_like(maps["base_colour"], PLASTER)
    shown = [*maps.values(), lit(plaster, maps), lit(to_linear(maps["base_colour"]), maps)]
    cells = [F.pad(one.expand(3, -1, -1)[:, :SIDE, :SIDE], (GAP, 0, GAP, 0), value=1.0) for one in shown]
    return torch.cat(cells, 2)


def lit(colour: Tensor, maps: Mapping[str, Tensor]) -> Tensor:
    """A matt surface of that colour, 3×H×W in linear light, under the light: sRGB."""
    light = F.normalize(torch.tensor(LIGHT), dim=0)[:, None, None]
    direct = ((maps["normal"] * 2 - 1) * light).sum(0, keepdim=True).clamp_min(0)
    return to_srgb((colour * (AMBIENT * maps["occlusion"] + DIRECT * direct)).clamp(0, 1))


if __name__ == "__main__":
    main()
