"""Which map of a material a file is, by the naming habits of engines and libraries of materials.

`T_Bricks_N.png` (Unreal), `Bricks076_1K-PNG_NormalGL.png` (ambientCG), `red_brick_nor_gl_1k.exr` (Poly Haven),
`Bricks_MetallicSmoothness.tga` (Unity): what counts is how the name ends, without what says its size or bits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath

from texture.errors import InvalidInput
from texture.materials.given import GIVEN

BASE = "base_colour"
WORDS = {
    BASE: "basecolor basecolour base albedo alb diffuse diff color colour col bc d",
    "normal": "normal normals norm nor nrm nrml n normalgl norgl nrmgl normalopengl noropengl normalogl",
    "normal_dx": "normaldx nordx nrmdx normaldirectx nordirectx",
    "height": "height heights displacement disp displace bump depth parallax h",
    "roughness": "roughness rough rgh r",
    "glossiness": "glossiness gloss smoothness smooth",
    "metallic": "metallic metal metalness metallness met m",
    "occlusion": "occlusion ambientocclusion ao occ",
    "emissive": "emissive emission emit emissivecolor glow e",
    "opacity": "opacity alpha mask transparency cutout",
    "orm": "orm arm aorm occlusionroughnessmetallic",
}
KINDS = {word: kind for kind, words in WORDS.items() for word in words.split()}
PACKED = {"maskmap", "metallicsmoothness", "rma", "mra", "metallicroughness", "hdrpmask"}  # otherwise than orm
PASSED = re.compile(r"\d+k?|x|bits?|jpe?g|png|tiff?|exr|map|tex|texture|tga|srgb|linear|raw|lod\d")
LONGEST = 3  # words of a kind


def kind_of(name: str) -> str | None:
    """What a file of that name is: BASE, a name of GIVEN, or None where the name does not say."""
    words = _words(name)
    for count in range(1, LONGEST + 1):
        if "".join(words[-count:]) in PACKED:
            return None
    while len(words) > 1 and PASSED.fullmatch(words[-1]):
        words.pop()
    for count in range(min(LONGEST, len(words)), 0, -1):
        found = KINDS.get("".join(words[-count:]))
        if found and (len(words) > count or len("".join(words[-count:])) > 1):
            return found
    return None


def _words(name: str) -> list[str]:
    """The words of a file's name, in small letters: "NormalGL" is two."""
    stem = PurePath(name.replace("\\", "/")).stem
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+[kK]?", stem)]


def recognised(names: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Which of these files is what: names by BASE and the names of GIVEN; and those that are nothing known.

    Where none is named like a base colour, a single file of which nothing is known is it. Where normals are there in
    both directions, green up is taken.

    Raises:
        InvalidInput: two files are the same map, or none is the base colour.
    """
    found: dict[str, str] = {}
    unknown: list[str] = []
    for name in names:
        kind = kind_of(name)
        if kind is None:
            unknown.append(name)
        elif kind in found:
            raise InvalidInput(
                f"{found[kind]} and {name} are both named like {title(kind)}: leave one out", field="maps"
            )
        else:
            found[kind] = name
    if "normal" in found:
        found.pop("normal_dx", None)
    if "roughness" in found:
        found.pop("glossiness", None)
    if BASE not in found and len(unknown) == 1:
        found[BASE] = unknown.pop()
    return found, unknown


def title(kind: str) -> str:
    """What a person calls it."""
    return "the base colour" if kind == BASE else GIVEN[kind].title.lower()
