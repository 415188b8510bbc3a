"""Regular exemplars: what is found of a lattice, and the exemplar as it is fitted to the tile before any method starts.

Finding and fitting need no torch, so that a page can tell before the start what will be done.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from texture.methods.contract import ExemplarParams, Params
from texture.methods.roles import Inputs
from texture.methods.sizes import SIDE_STEP, Extent, Tile

if TYPE_CHECKING:
    from torch import Tensor

    from texture.images.fitting import Fit
    from texture.images.lattice import Lattice

WORTHWHILE = 0.02  # of strain: what another size must save to be offered


@dataclass(frozen=True)
class Pattern:
    """What an exemplar repeats by, and how that goes into a result of `size` that tiles as `tile` says.

    found: in pixels of the exemplar as it is given. lattice: in pixels of the result, before it is fitted.
    fit: None where nothing tiles, or where it does not fit.
    """

    found: Lattice
    lattice: Lattice
    fit: Fit | None
    size: Extent
    tile: Tile

    @property
    def words(self) -> str:
        """What a person is told of it."""
        from texture.images.fitting import words

        return words(self.lattice, self.fit, self.size.height, self.size.width, self.tile)

    @property
    def proposed(self) -> Extent | None:
        """The size nearby into which it goes with the least change."""
        from texture.images.fitting import proposed_size

        found = proposed_size(self.lattice, self.size.height, self.size.width, self.tile, SIDE_STEP)
        return None if found is None else Extent(found[1], found[0])

    @property
    def better(self) -> Extent | None:
        """The size that is proposed, where it strains the exemplar less by so much that it may be seen."""
        from texture.images.fitting import fit

        strain = math.inf if self.fit is None else self.fit.strain
        size = self.proposed if strain > WORTHWHILE else None
        there = fit(self.lattice, size.height, size.width, self.tile) if size else None
        return size if there and there.strain < strain - WORTHWHILE else None


def find_pattern(p: Params, exemplar: NDArray[np.uint8], tile: Tile | None = None) -> Pattern | None:
    """What is found in an exemplar, H×W×3, for a run with these parameters; None where there is nothing, or unasked.

    tile: instead of the parameters' own.
    """
    if not isinstance(p, ExemplarParams) or p.regular == "off":
        return None
    from texture.images.fitting import fit
    from texture.images.lattice import find_lattice

    found = find_lattice(exemplar)
    if found is None:
        return None
    before = Extent(exemplar.shape[1], exemplar.shape[0])
    shown, tile = _shown(p, before), p.tile if tile is None else tile
    lattice = found.scaled(shown.height / before.height, shown.width / before.width)
    return Pattern(found, lattice, fit(lattice, p.size.height, p.size.width, tile), p.size, tile)


def better_params(p: ExemplarParams, exemplar: Extent, pattern: Pattern) -> dict[str, Any]:
    """What to change of the parameters for a size that strains the exemplar less; empty where nothing is gained.

    With the size the scale of the exemplar would change, and with that the fit: so `exemplar_size` keeps it.
    """
    size = pattern.better
    if size is None:
        return {}
    kept = _shown(p.model_copy(update={"size": size}), exemplar) == _shown(p, exemplar)
    return {"size": size} if kept else {"size": size, "exemplar_size": min(p.size)}


def fitted_inputs(p: Params, images: Inputs) -> tuple[Params, Inputs]:
    """Both as a method is given them: the exemplar fitted, at its final size, and the lattice it then has.

    A guide of the exemplar is fitted along with it.
    """
    if not isinstance(p, ExemplarParams) or p.regular == "off" or images.content is not None:
        return p, images
    from texture.images.tensors import to_pixels
    from texture.methods.common.multiscale import extent_of

    pattern = find_pattern(p, to_pixels(images.source))
    if pattern is None:
        return p, images
    images = replace(images, lattice=pattern.fit.lattice if pattern.fit else pattern.lattice)
    shown = _shown(p, extent_of(images.source))
    source = _fitted(images.source, shown, pattern)
    if source is None:
        return p, images
    guide = None if images.exemplar_guide is None else _fitted(images.exemplar_guide, shown, pattern)
    p = p.model_copy(update={"exemplar_size": min(source.shape[1:])})
    return p, replace(images, source=source, exemplar_guide=guide)


def fitted_exemplar(p: Params, source: Tensor) -> Tensor | None:
    """The exemplar 3×H×W as a run with these parameters fits it, 3×h×w in 0..1; None where it stays as it is."""
    from texture.images.tensors import to_pixels
    from texture.methods.common.multiscale import extent_of

    pattern = find_pattern(p, to_pixels(source))
    return None if pattern is None else _fitted(source, _shown(p, extent_of(source)), pattern)


def _shown(p: Any, exemplar: Extent) -> Extent:
    """The exemplar's size, in the scale of the result."""
    from texture.methods.common.multiscale import looked_at

    return looked_at(exemplar, p.exemplar_size or min(p.size))


def _fitted(picture: Tensor, shown: Extent, pattern: Pattern) -> Tensor | None:
    """A picture of the exemplar, or laid over it, at the size at which that is shown and fitted; None as it is."""
    from texture.images.fitting import LEAST_STRAIN, warped
    from texture.images.tensors import to_pixels, to_tensor
    from texture.methods.common.multiscale import sized

    if pattern.fit is None or pattern.fit.strain < LEAST_STRAIN:
        return None
    return to_tensor(warped(to_pixels(sized(picture, shown)), pattern.fit))
