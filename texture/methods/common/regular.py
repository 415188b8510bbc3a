"""Regular exemplars: what is found of a lattice, and the exemplar as it is fitted to the tile before any method starts.

Finding and fitting need no torch, so that a page can tell before the start what will be done.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from texture.methods.contract import ExemplarParams, Outline, Params
from texture.methods.roles import Inputs
from texture.methods.sizes import SIDE_STEP, Extent, Tile, times

if TYPE_CHECKING:
    from torch import Tensor

    from texture.images.fitting import Fit
    from texture.images.lattice import Lattice
    from texture.images.map_files import Levels

WORTHWHILE = 0.02  # of strain: what another size must save to be offered


@dataclass(frozen=True)
class Pattern:
    """What an exemplar repeats by, and how that goes into a result of `size` that tiles as `tile` says.

    found: in pixels of the exemplar as it is given. lattice: in pixels of the result, before it is fitted.
    fit: None where nothing tiles, or where it does not fit. parts: of that size, the result has across and down.
    """

    found: Lattice
    lattice: Lattice
    fit: Fit | None
    size: Extent
    tile: Tile
    parts: int = 1

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
        """The result's size that is proposed, where it strains the exemplar less by so much that it may be seen."""
        from texture.images.fitting import fit

        strain = math.inf if self.fit is None else self.fit.strain
        size = self.proposed if strain > WORTHWHILE else None
        there = fit(self.lattice, size.height, size.width, self.tile) if size else None
        return times(size, self.parts) if size and there and there.strain < strain - WORTHWHILE else None


def find_pattern(outline: Outline, exemplar: NDArray[np.uint8]) -> Pattern | None:
    """What is found in an exemplar, H×W×3, for a run of that outline; None where there is nothing, or it fits none."""
    if not outline.fits or outline.size is None:
        return None
    from texture.images.fitting import fit
    from texture.images.lattice import find_lattice

    found = find_lattice(exemplar)
    if found is None:
        return None
    before = Extent(exemplar.shape[1], exemplar.shape[0])
    shown, size, tile = outline.exemplar or before, times(outline.size, 1 / outline.parts), outline.tile
    lattice = found.scaled(shown.height / before.height, shown.width / before.width)
    return Pattern(found, lattice, fit(lattice, size.height, size.width, tile), size, tile, outline.parts)


def better_params(p: ExemplarParams, exemplar: Extent, pattern: Pattern) -> dict[str, Any]:
    """What to change of the parameters for a size that strains the exemplar less; empty where nothing is gained.

    With the size the scale of the exemplar would change, and with that the fit: so `exemplar_size` keeps it.
    """
    size, sizes = pattern.better, {"source": exemplar}
    if size is None:
        return {}
    before = p.outline(sizes).exemplar or exemplar
    kept = p.model_copy(update={"size": size}).outline(sizes).exemplar == before
    return {"size": size} if kept else {"size": size, "exemplar_size": min(before)}


def fitted_inputs(p: Params, images: Inputs) -> tuple[Params, Inputs]:
    """Both as a method is given them: the exemplar fitted, at its final size, and the lattice it then has.

    A guide of the exemplar is fitted along with it.
    """
    from texture.images.tensors import to_pixels
    from texture.methods.common.multiscale import extents_of

    outline = p.outline(extents_of(images))
    pattern = find_pattern(outline, to_pixels(images.source)) if outline.fits else None
    if pattern is None:
        return p, images
    images = replace(images, lattice=pattern.fit.lattice if pattern.fit else pattern.lattice)
    source = _fitted(images.source, outline, pattern)
    if source is None:
        return p, images
    guide = None if images.exemplar_guide is None else _fitted(images.exemplar_guide, outline, pattern)
    p = p.model_copy(update={"exemplar_size": min(source.shape[1:])})
    maps = {name: _fitted_map(name, levels, outline, pattern) for name, levels in images.maps.items()}
    return p, replace(images, source=source, exemplar_guide=guide, maps=maps)


def fitted_exemplar(outline: Outline, source: Tensor) -> Tensor | None:
    """The exemplar 3×H×W as a run of that outline fits it, 3×h×w in 0..1; None where it stays as it is."""
    from texture.images.tensors import to_pixels

    pattern = find_pattern(outline, to_pixels(source)) if outline.fits else None
    return None if pattern is None else _fitted(source, outline, pattern)


def _fitted_map(name: str, levels: Levels, outline: Outline, pattern: Pattern) -> Levels:
    """A map of the exemplar, fitted as that is; its normals follow the slopes, which that makes more or less steep."""
    import torch

    from texture.images.fitting import warped_plane
    from texture.images.tensors import to_levels
    from texture.materials.given import turned
    from texture.materials.maps import NORMAL
    from texture.methods.common.carried import as_tensor
    from texture.methods.common.multiscale import extent_of, sized

    fit, picture = pattern.fit, as_tensor(levels)
    assert fit is not None
    shown = sized(picture, outline.exemplar or extent_of(picture)).numpy()
    planes = np.stack([warped_plane(plane, fit) for plane in shown])
    if name == NORMAL.name:
        planes = turned(2 * planes - 1, np.array(fit.matrix)) * np.float32(0.5) + np.float32(0.5)
    return to_levels(torch.from_numpy(planes), 16 if levels.dtype == np.uint16 else 8)


def _fitted(picture: Tensor, outline: Outline, pattern: Pattern) -> Tensor | None:
    """A picture of the exemplar, or laid over it, at the size at which that is shown and fitted; None as it is."""
    from texture.images.fitting import LEAST_STRAIN, warped
    from texture.images.tensors import to_pixels, to_tensor
    from texture.methods.common.multiscale import extent_of, sized

    if pattern.fit is None or pattern.fit.strain < LEAST_STRAIN:
        return None
    shown = sized(picture, outline.exemplar or extent_of(picture))
    return to_tensor(warped(to_pixels(shown), pattern.fit))
