"""Where in an exemplar the pixels of a finished picture would come from, of a picture that no patches were laid for.

The picture stays as it is; PatchMatch finds the likest patch of the exemplar for each of its pixels, from coarse to
fine, so that neighbours mostly come from neighbours.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from texture.methods.common.exemplar_copies import Copy
from texture.methods.common.multiscale import extent_of, scales_within, sized
from texture.methods.common.sources import Sources
from texture.methods.match.ground import Planes, ground, sources
from texture.methods.match.params import MatchParams
from texture.methods.match.search import Canvas, Search
from texture.methods.sizes import Extent, Tile, times

COARSEST = 24  # pixels of the shorter side
FIRST, THEN = 24, 5  # sweeps at the coarsest scale, at each finer one


def traced(picture: Tensor, exemplar: Tensor, size: Extent, tile: Tile) -> Sources:
    """The sources of a picture, 3×H×W in 0..1. size: at which the exemplar, 3×h×w, is looked at."""
    p = MatchParams()
    picture, exemplar = (one.detach().cpu().float().clamp(0, 1) for one in (picture, exemplar))
    whole = extent_of(picture)
    count = scales_within(max(1.0, min(*whole, *size) / COARSEST))
    search: Search | None = None
    for halvings in reversed(range(count)):
        here, shown = times(whole, 0.5**halvings), times(size, 0.5**halvings)
        below = ground([Planes(sized(exemplar, shown), [Copy(shown, 0.0, 1.0)])], torch.ones(3), p.patch)
        seen = sized(picture, here, tile).permute(1, 2, 0).contiguous()
        painted = torch.ones(here.height, here.width, dtype=torch.bool)
        canvas = Canvas(here, tile, seen[..., :0], None, painted, None)
        source = _anywhere(below.places, here) if search is None else search.enlarged(here, below)
        first = search is None
        search = Search(p, below, canvas, rounds=1, first=first, last=halvings == 0, source=source, image=seen)
        search.seek(FIRST if first else THEN)
    assert search is not None
    return sources(search.source, search.ground)


def _anywhere(places: Tensor, size: Extent) -> Tensor:
    """One of the places for each pixel, at random: 2×H×W."""
    random = np.random.default_rng(0)
    chosen = places.numpy()[random.integers(len(places), size=(size.height, size.width))]
    return torch.from_numpy(np.ascontiguousarray(chosen.transpose(2, 0, 1), np.int32))
