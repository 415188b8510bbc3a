"""The methods `match`, `seamless` and `mend`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from texture.methods.artifacts import ORIGINS, PICTURE
from texture.methods.contract import State, Step
from texture.methods.match.params import MatchParams, MendParams, SeamlessParams
from texture.methods.match.plan import EXEMPLARS, check_match, check_mend, check_seamless
from texture.methods.registry import method
from texture.methods.roles import Inputs

if TYPE_CHECKING:
    import torch


@method(
    "match",
    title="Match",
    purpose="fast, sharp, regular patterns",
    citation="Barnes 2009",
    paper="doi:10.1145/1531326.1531330",
    params=MatchParams,
    images=(*EXEMPLARS, "content", "mask", "guide", "exemplar_guide", "initial"),
    produces=(PICTURE, ORIGINS),
    check=check_match,
    carries=True,
    processor=True,
)
def match(p: MatchParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Rearranges patches of the source texture (PatchMatch) in a second or two, and keeps bricks and weaves whole.

    It needs no network, and tells where each pixel comes from.
    """
    from texture.methods.match.patchmatch import Work

    return Work(p, images, device).steps(state)


@method(
    "seamless",
    title="Only make it tile",
    purpose="the picture stays as it is; only its borders are resynthesised",
    paper="doi:10.1145/1531326.1531330",
    params=SeamlessParams,
    produces=(PICTURE, ORIGINS),
    called={"source": "Picture"},
    check=check_seamless,
    carries=True,
    processor=True,
)
def seamless(p: SeamlessParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Makes a picture repeat without a seam: only a strip over each seam is resynthesised; all else stays."""
    from texture.methods.match.patchmatch import seamless_work

    return seamless_work(p, images, device).steps(state)


@method(
    "mend",
    title="Mend a part",
    purpose="a hole is filled from the rest of the picture",
    paper="doi:10.1145/1531326.1531330",
    params=MendParams,
    images=("source", "mask"),
    needs=("source", "mask"),
    produces=(PICTURE, ORIGINS),
    called={"source": "Photo", "mask": "Part to fill"},
    check=check_mend,
    carries=True,
    processor=True,
)
def mend(p: MendParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Fills a hole, a stain or a scratch with patches of the rest of the picture; all else stays, pixel for pixel."""
    from texture.methods.match.patchmatch import mending_work

    return mending_work(p, images, device).steps(state)
