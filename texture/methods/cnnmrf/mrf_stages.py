"""What the stages of CNNMRF share: pictures, networks, the objective, and the search from one matching to the next."""

from __future__ import annotations

from functools import cache, lru_cache, partial

import torch
from torch import Tensor

from texture.features.layers import cell_side
from texture.images.tensors import match_histograms
from texture.losses.markov import MarkovObjective, Sampling, Weights
from texture.methods.cnnmrf.params import CNNMRFParams
from texture.methods.cnnmrf.plan import Stage, planned
from texture.methods.common.exemplar_copies import copies
from texture.methods.common.kept_colours import are_grey
from texture.methods.common.multiscale import Place, extents_of, optimiser, sized, state_of
from texture.methods.common.network import LOSS_ERROR, network_of
from texture.methods.common.origins import copied, origins
from texture.methods.common.starting import in_pattern, matching, pattern_of
from texture.methods.contract import State
from texture.methods.match.patchmatch import Work as Matching
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent, Tile
from texture.optimisers import Optimiser

NOISE = 0.2  # deviation of what it begins with


class Work:
    """One run, from pictures that have been checked.

    `objective` and `search` are those of the stage that `begin` was last called for.
    """

    objective: MarkovObjective
    search: Optimiser

    def __init__(self, p: CNNMRFParams, images: Inputs, device: torch.device) -> None:
        """Raise InvalidInput where pictures and parameters do not fit each other."""
        self.p, self.lattice, self.grey = p, pattern_of(p.start, images.lattice), are_grey(images)
        self.start, self.stages = planned(p, extents_of(images), self.lattice)
        self.source = images.source.to(device)
        self.content = None if images.content is None else images.content.to(device)
        self.initial = None if images.initial is None else images.initial.to(device)
        self.tile: Tile = p.tile if self.content is None else "none"
        detail, content = p.detail_layers or {}, p.content_layers if self.content is not None else {}
        self.weights = Weights(p.layers, detail, p.content_weight, content, p.total_variation)
        self.network = cache(partial(network_of, p, [*p.layers, *detail, *content], device))
        self._objective_of = lru_cache(1)(self._objective)
        self.first = self._matching(images, device) if self.start == "match" else None

    def begin(
        self, stage: Stage, exact: bool, image: Tensor | None, state: State | None, *, written: State | None
    ) -> Optimiser:
        """The optimiser of a stage, for `refine`; `written` is what `state` gave, where it is taken up from there.

        At a size where there was a stage before, it keeps what it knows of the curvature, which is the network's more
        than the matches'.
        """
        kept = None if stage.opens or exact or image is None else self.search.state()
        self.objective = self._objective_of(stage.size, stage.exemplar, exact)
        if state is not None and written is not None:
            self.objective.lay({layer: names.to(self.source.device) for layer, names in written["matches"].items()})
            self.search = self._optimiser(self.source, exact, state)
            return self.search
        start = self._first_image(stage) if image is None else image
        self.objective.match(start, stage.variety)
        if kept is not None:
            loss, gradient = self.objective(start)
            kept |= {"x": start, "loss": loss, "gradient": gradient}
        self.search = self._optimiser(start, exact, kept)
        return self.search

    def state(self, at: Place, search: Optimiser) -> State:
        """All that is needed to go on from here bit for bit."""
        return state_of(at, search) | {"matches": self.objective.matches}

    def picture(self, search: Optimiser, last: bool) -> Tensor:
        """The picture as it is; at the end with the exemplar's histogram, where that was asked for."""
        image = search.x.detach().clamp(0, 1)
        return match_histograms(image, self.source) if last and self.p.match_histogram else image

    def origins(self) -> Tensor:
        """Where in the exemplar each pixel's patch comes from, as colours: 3×H×W in 0..1."""
        mrf = self.objective
        return origins(mrf.origins(), self.p.patch_size, mrf.sides[mrf.finest], mrf.size, self._copies)

    def _matching(self, images: Inputs, device: torch.device) -> Matching:
        stage, size = self.stages[0], self.stages[-1].size
        return matching(stage.size, stage.exemplar, images, device, tile=self.tile, seed=self.p.seed, whole=size)

    def _objective(self, size: Extent, exemplar: Extent, exact: bool) -> MarkovObjective:
        p = self.p
        plain = sized(self.source, exemplar)
        self._copies = copies(p, exemplar)
        sides = {layer: cell_side(layer) for layer in [*p.layers, *self.weights.detail, *self.weights.content_layers]}
        return MarkovObjective(
            self.network(exact),
            self.weights,
            Sampling(p.patch_size, p.stride, p.exemplar_stride, sides),
            [copied(plain, copy) for copy in self._copies],
            (size.height, size.width),
            self.tile,
            None if self.content is None else sized(self.content, size),
        )

    def _optimiser(self, start: Tensor, exact: bool, state: State | None) -> Optimiser:
        bounds = (start.new_zeros(()), start.new_ones(()))
        noise = LOSS_ERROR[str(self.network(exact).dtype)]
        return optimiser(self.p, self.objective, start, bounds=bounds, noise=noise, grey=self.grey, state=state)

    def _first_image(self, stage: Stage) -> Tensor:
        """Where the coarsest scale begins. Noise is drawn on the CPU, so that a seed means the same on every device."""
        width, height = stage.size
        given = {"content": self.content, "picture": self.initial}.get(self.start)
        if given is not None:
            return sized(given, stage.size, self.tile)
        exemplar = sized(self.source, stage.exemplar)
        if self.lattice is not None:
            return in_pattern(exemplar, self.lattice, stage, self.p.size, self.p.seed)
        if self.start == "exemplar":
            rows, columns = torch.arange(height) % exemplar.shape[1], torch.arange(width) % exemplar.shape[2]
            return exemplar[:, rows[:, None], columns].contiguous()
        noise = torch.randn(3, height, width, generator=torch.Generator().manual_seed(self.p.seed))
        return exemplar.mean((1, 2), keepdim=True) + NOISE * noise.to(exemplar.device)
