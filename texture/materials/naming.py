"""Which map of a material a file is, by the naming habits of engines and libraries of materials.

`T_Bricks_N.png` (Unreal), `Bricks076_1K-PNG_NormalGL.png` (ambientCG), `red_brick_nor_gl_1k.exr` (Poly Haven),
`Bricks_MetallicSmoothness.tga` (Unity): what counts is how the name ends, without what says its size or bits.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from pathlib import PurePath
from typing import NamedTuple

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
METAL = "metal"  # a kind, and what many materials are called


class Named(NamedTuple):
    """A file's name. before: its words before those that say which map it is. ending: these, as one; "" if there are
    none."""

    before: list[str]
    ending: str


def kind_of(name: str) -> str | None:
    """What a file of that name is: BASE, a name of GIVEN, or None where the name does not say."""
    return KINDS.get(_named(name).ending)


def is_by_letter(name: str) -> bool:
    """Whether a single letter is all that says which map a file is."""
    return len(_named(name).ending) == 1


def _named(name: str) -> Named:
    words = _words(name)
    while not (count := _ending(words, PACKED)) and len(words) > 1 and PASSED.fullmatch(words[-1]):
        words.pop()
    at = len(words) - (count or _ending(words, KINDS))
    ending = "".join(words[at:])
    return Named(words[:at], "" if len(ending) == 1 and at == 0 else ending)


def _ending(words: list[str], known: Container[str]) -> int:
    """How many of the last words are, as one, a known one: the most; 0 if none are."""
    counts = range(min(LONGEST, len(words)), 0, -1)
    return next((count for count in counts if "".join(words[-count:]) in known), 0)


def _words(name: str) -> list[str]:
    """The words of a file's name, in small letters: "NormalGL" is two, and the "E0042" of a camera one."""
    stem = PurePath(name.replace("\\", "/")).stem
    words = re.findall(r"(?<![A-Za-z\d])[A-Za-z]\d+|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+[kK]?", stem)
    return [word.lower() for word in words]


def _is_doubtful(name: str, named: Named, others: Iterable[str]) -> bool:
    """Whether its ending may mean something else, as these other files are named.

    A letter counts where another name begins as this one does: "T_Wall_N" beside "T_Wall_D". "rusty_metal" is what a
    material is called where there is a "rusty_metal_normal".
    """
    start = named.before + ([METAL] if named.ending == METAL else [])
    shared = any(_words(other)[: len(start)] == start for other in others if other != name)
    return shared if named.ending == METAL else len(named.ending) == 1 and not shared


def recognised(names: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Which of these files is what: names by BASE and the names of GIVEN; and those that are nothing known.

    Where none is named like a base colour, a single file of which nothing is known is it. Where normals are there in
    both directions, green up is taken.

    Raises:
        InvalidInput: two files are the same map, or none is the base colour.
    """
    found: dict[str, str] = {}
    unknown: list[str] = []
    all_named = {name: _named(name) for name in names}
    for name, named in all_named.items():
        kind = KINDS.get(named.ending)
        if kind is None or _is_doubtful(name, named, all_named):
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
    bases = [name for name in unknown if all_named[name].ending not in PACKED]
    if BASE not in found and len(bases) == 1:
        found[BASE] = bases[0]
        unknown.remove(bases[0])
    return found, unknown


def title(kind: str) -> str:
    """What a person calls it."""
    return "the base colour" if kind == BASE else GIVEN[kind].title.lower()
