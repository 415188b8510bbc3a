"""The work of `match`, with what lies along the tiles' edges tied together, at all but the coarsest scales."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from texture.methods.contract import State, Step
from texture.methods.match.patchmatch import Work
from texture.methods.match.plan import Scale
from texture.methods.match.search import Canvas
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent
from texture.methods.tileset.corners import TILES, inconspicuous, ties
from texture.methods.tileset.params import TileSetParams
from texture.optimisers import Optimiser

SMALLEST_TIED = 16  # pixels: of a smaller tile, edges as wide as a pixel on either side would be too much


class TileSetWork(Work):
    """That of one sheet. Before its edges are tied, what they are all to be like is chosen from the picture."""

    def __init__(self, p: TileSetParams, images: Inputs, device: torch.device) -> None:
        """Raises InvalidInput: pictures and parameters do not fit each other."""
        super().__init__(p.matching, images, device)
        self._reach = p.reach
        self._models: list[tuple[tuple[str, int, int], tuple[int, int]]] = []

    def steps(self, state: State | None) -> Iterator[Step]:
        """All rounds, from the start or from where `state` was taken."""
        if state is not None:
            self._models = [(tuple(kind), tuple(place)) for kind, place in state["models"]]
        for step in super().steps(state):
            yield replace(step, state=partial(self._state, step))

    def begin(self, scale: Scale, exact: bool, image: Tensor | None, state: State | None) -> Optimiser:
        """The search at a scale, for `refine`."""
        if not self._models and self._tied(scale):
            picture = torch.zeros(3, scale.size.height, scale.size.width) if image is None else image.cpu()
            chosen = inconspicuous(picture.permute(1, 2, 0).numpy(), self._reach_at(scale.size))
            self._models = list(chosen.items())
        return super().begin(scale, exact, image, state)

    def _state(self, step: Step) -> State:
        """That of `match`, and what was chosen."""
        return {**step.state(), "models": self._models}

    def _canvas(self, scale: Scale) -> Canvas:
        (width, height), canvas = scale.size, super()._canvas(scale)
        if not self._tied(scale):
            return canvas
        tied = ties(height, width, self._reach_at(scale.size), dict(self._models))
        return replace(canvas, ties=torch.from_numpy(tied).to(canvas.painted.device))

    def _tied(self, scale: Scale) -> bool:
        return scale.last or (scale is not self.scales[0] and min(scale.size) >= TILES * SMALLEST_TIED)

    def _reach_at(self, size: Extent) -> int:
        return max(1, round(self._reach * size.height / self.size.height))
