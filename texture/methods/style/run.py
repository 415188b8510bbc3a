"""The method `style`: its pictures, and the steps from coarse to fine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from texture.methods.common.kept_colours import are_grey
from texture.methods.common.luminance import luminance, matched, recoloured
from texture.methods.common.multiscale import Place, extent_of, extents_of, optimiser, sized, state_of
from texture.methods.common.network import LOSS_ERROR, network_of
from texture.methods.common.starting import matching, steps_after
from texture.methods.contract import State, Step
from texture.methods.registry import method
from texture.methods.roles import Inputs
from texture.methods.style.params import StyleParams
from texture.methods.style.plan import Scale, planned, style_size
from texture.methods.style.regions import STYLES, regions

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from texture.features.vgg import VGG
    from texture.losses.style import Region, StyleObjective
    from texture.methods.match.patchmatch import Work as Matching
    from texture.optimisers import Optimiser
    from texture.optimisers.lbfgs import Bounds


@dataclass(frozen=True)
class Work:
    """Pictures at the size they came in, 3×H×W, or 1×H×W where brightness alone is sought.

    scales: from coarse to fine. colours: the content with its colours, 3×H×W, where the result is to have them.
    planes: where each of the styles is wanted, styles×H×W, of the mask's size; None for a blend of all everywhere.
    first: the work of `match` that makes the picture to begin with, where that was asked for.
    grey: whether content and styles are.
    """

    scales: list[Scale]
    content: Tensor
    styles: tuple[Tensor, ...]
    colours: Tensor | None
    planes: Tensor | None
    initial: Tensor | None
    first: Matching | None
    grey: bool = False


@method(
    "style",
    title="Style transfer",
    purpose="a photo in the style of a painting or a texture",
    citation="Gatys 2016",
    paper="doi:10.1109/CVPR.2016.265",
    params=StyleParams,
    images=("content", *STYLES, "mask", "initial"),
    needs=("content", "source"),
    called={"source": "Style"},
    network="vgg19",
    check=planned,
)
def style(p: StyleParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Repaints a picture in the style of others: what is seen stays, how it is painted is theirs.

    Pixels change until a network trained on photographs sees the content's shapes and the styles' statistics.
    """
    return _steps(p, prepare(p, images, device), device, state)


def prepare(p: StyleParams, images: Inputs, device: torch.device) -> Work:
    """Everything in its place, and on the device.

    Raises:
        InvalidInput: the pictures do not fit each other, the parameters, or their purpose; it names which.
    """
    assert images.content is not None  # whoever calls has seen to what is needed
    scales = planned(p, extents_of(images))
    styles = {role: getattr(images, role) for role in STYLES if getattr(images, role) is not None}
    content, initial = images.content.to(device), images.initial
    planes = None if images.mask is None else regions(images.mask, list(styles)).to(device)
    first = None if initial is None else initial.to(device)
    given = tuple(style.to(device) for style in styles.values())
    quick = _matching(p, scales[0], images, device) if p.start == "match" else None
    if not p.keep_colours:
        return Work(scales, content, given, None, planes, first, quick, are_grey(images))
    grey = luminance(content)
    greys = tuple(matched(luminance(style), grey) for style in given)
    return Work(scales, grey, greys, content, planes, None if first is None else luminance(first), quick)


def _matching(p: StyleParams, scale: Scale, images: Inputs, device: torch.device) -> Matching:
    """`match` with the content as its guide, and the first style as its exemplar."""
    size = style_size(extent_of(images.source), scale, p.style_scale)
    return matching(scale.size, size, images, device, tile="none", seed=p.seed, whole=scale.size)


def _steps(p: StyleParams, work: Work, device: torch.device, state: State | None) -> Iterator[Step]:
    network = cache(partial(network_of, p, [*p.style_layers, *p.content_layers], device))
    objective: StyleObjective

    def begin(scale: Scale, exact: bool, image: Tensor | None, state: State | None) -> Optimiser:
        nonlocal objective
        content = sized(work.content, scale.size)
        objective = _objective(p, scale, work, content, network(exact))
        start = _first_image(p, scale, work) if image is None else image
        noise = LOSS_ERROR[str(network(exact).dtype)]
        return optimiser(p, objective, start, bounds=_bounds(work, content), noise=noise, grey=work.grey, state=state)

    def step(at: Place, search: Optimiser) -> Step:
        draw, now = partial(_picture, search, work.colours), partial(state_of, at, search)
        return Step(at.number, at.total, draw, objective.parts(search.x), now, at.share)

    taken = luminance if p.keep_colours else lambda picture: picture
    yield from steps_after(work.first, work.scales, begin, "none", step, state, taken)


def _picture(search: Optimiser, colours: Tensor | None) -> Tensor:
    """The picture as it is, with those colours where there are some."""
    image = search.x.detach().clamp(0, 1)
    return image if colours is None else recoloured(image, sized(colours, extent_of(image)))


def _objective(p: StyleParams, scale: Scale, work: Work, content: Tensor, network: VGG) -> StyleObjective:
    from texture.losses.style import StyleObjective, Weights

    weights = Weights(p.content_weight, p.style_weight, p.total_variation, p.content_layers, p.style_layers)
    return StyleObjective(network, weights, content, _regions(p, scale, work, network))


def _regions(p: StyleParams, scale: Scale, work: Work, network: VGG) -> list[Region]:
    """What is wanted where: one blend of all styles, or each in its part of the mask, weighted by how large that is."""
    from texture.losses.style import Region, blended, style_grams

    shares = p.blend or (1.0,) * len(work.styles)
    sizes = [style_size(extent_of(style), scale, p.style_scale) for style in work.styles]
    grams = [
        style_grams(network, p.style_layers, sized(style, size)) for style, size in zip(work.styles, sizes, strict=True)
    ]
    if work.planes is None:
        return [Region(blended(grams, shares))]
    planes = sized(work.planes, scale.size)
    return [
        Region(targets, share * float(plane.mean()), plane)
        for targets, share, plane in zip(grams, shares, planes, strict=True)
    ]


def _bounds(work: Work, content: Tensor) -> Bounds:
    """What can be shown; where no style is wanted, the content's own pixels and nothing else."""
    low, high = content.new_zeros(()), content.new_ones(())
    if work.planes is None:
        return low, high
    kept = sized(work.planes, extent_of(content)).sum(0) < 0.5
    return content.where(kept, low), content.where(kept, high)


def _first_image(p: StyleParams, scale: Scale, work: Work) -> Tensor:
    """Where the coarsest scale begins. Noise is drawn on the CPU, so that a seed means the same on every device."""
    import torch

    if p.start != "noise":
        return sized(work.content if work.initial is None else work.initial, scale.size)
    noise = torch.randn(len(work.content), *reversed(scale.size), generator=torch.Generator().manual_seed(p.seed))
    return work.content.mean((1, 2), keepdim=True) + 0.2 * noise.to(work.content.device)
