"""`match`: patches of the exemplar, put together anew (PatchMatch, Barnes et al. 2009). No network, no weights.

Texture optimisation (Kwatra et al. 2005; Kaspar et al. 2015) on a torus, from coarse to fine: see `search`. Where it
departs from these, and why:

- A regular exemplar is fitted to the tile first, each pixel begins at its own place in the pattern, each cell of the
  pattern at another place of the exemplar, and leaving one's place in the pattern costs something.
- Prices instead of a fixed penalty have all parts of the exemplar used alike.
- The result may live on a torus (`tile`); where it does not, patches end at its border. The exemplar's never leave it.
- Neighbours are asked in the order of a chequerboard's two colours instead of row by row, so that all pixels of one
  colour can be worked on at one time and the number of threads changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from texture.methods.artifacts import ORIGINS, PICTURE
from texture.methods.contract import State, Step
from texture.methods.match.params import MatchParams, SeamlessParams
from texture.methods.match.plan import check_match, check_seamless
from texture.methods.registry import method
from texture.methods.roles import Inputs

if TYPE_CHECKING:
    import torch


@method(
    "match",
    title="PatchMatch",
    paper="doi:10.1145/1531326.1531330",
    params=MatchParams,
    images=("source", "content", "mask", "guide", "exemplar_guide", "initial"),
    produces=(PICTURE, ORIGINS),
    check=check_match,
)
def match(p: MatchParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Puts the texture together from patches of the exemplar, in a second or two, and keeps bricks and weaves whole.

    It needs no network, and tells where each pixel comes from.
    """
    from texture.methods.match.run import Work

    yield from Work(p, images, device).steps(state)


@method(
    "seamless",
    title="Only make it tile",
    paper="doi:10.1145/1531326.1531330",
    params=SeamlessParams,
    produces=(PICTURE, ORIGINS),
    called={"source": "Picture"},
    check=check_seamless,
)
def seamless(p: SeamlessParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Makes a picture repeat without a seam: a strip over each seam is made anew, all else stays pixel for pixel."""
    from texture.methods.match.run import Work, seamless_work

    work: Work = seamless_work(p, images, device)
    yield from work.steps(state)


__all__ = ["MatchParams", "SeamlessParams", "match", "seamless"]
