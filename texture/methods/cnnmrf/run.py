"""The method `cnnmrf`: what it yields from one matching to the next."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from texture.methods.artifacts import ORIGINS, PICTURE
from texture.methods.cnnmrf.params import CNNMRFParams
from texture.methods.cnnmrf.plan import planned
from texture.methods.common.multiscale import Place
from texture.methods.common.starting import steps_after
from texture.methods.contract import State, Step
from texture.methods.registry import method
from texture.methods.roles import Inputs

if TYPE_CHECKING:
    import torch

    from texture.methods.cnnmrf.mrf_stages import Work
    from texture.optimisers import Optimiser


@method(
    "cnnmrf",
    title="Neural patches",
    purpose="whole forms: leaves, bricks, eyes",
    citation="Li & Wand 2016",
    paper="arXiv:1601.04589",
    params=CNNMRFParams,
    images=("source", "content", "initial"),
    produces=(PICTURE, ORIGINS),
    network="vgg19",
    check=planned,
    carries=True,
)
def cnnmrf(p: CNNMRFParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Changes pixels until each small patch, as a network trained on photographs sees it, is one of the source's.

    Keeps whole forms where statistics would mix them: bricks, leaves, eyes. With a content picture, that picture is
    rebuilt from the source texture's patches.
    """
    from texture.methods.cnnmrf.mrf_stages import Work

    work = Work(p, images, device)
    begin = partial(work.begin, written=state)
    return steps_after(work.first, work.stages, begin, work.tile, partial(_step, work), state)


def _step(work: Work, at: Place, search: Optimiser) -> Step:
    parts = work.objective.parts(search.x)
    return Step(
        at.number,
        at.total,
        partial(work.picture, search, last=at.number == at.total),
        {name: parts[name] for name in ("style", "content") if name in parts},
        partial(work.state, at, search),
        at.share,
        artifacts={ORIGINS: work.origins},
    )
