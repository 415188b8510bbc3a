"""The method `texnet`, and the sampler of its models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from texture.methods.artifacts import MODEL, PICTURE
from texture.methods.common.model_file import Model
from texture.methods.common.multiscale import extent_of
from texture.methods.common.sampling import Sampler
from texture.methods.common.trained import check_architecture
from texture.methods.common.training import train
from texture.methods.contract import State, Step
from texture.methods.registry import method
from texture.methods.roles import Inputs
from texture.methods.texnet.params import TexNetParams
from texture.methods.texnet.plan import check_texnet, exemplar_size

if TYPE_CHECKING:
    import torch


def painter(model: Model, device: torch.device) -> Sampler:
    """The generator of a model, ready to paint."""
    from texture.methods.texnet.texnet_painter import Painter

    return Painter.of_model(model, device)


@method(
    "texnet",
    title="Texture network",
    purpose="one texture at any size, or one style for many photos",
    citation="Ulyanov 2016",
    paper="arXiv:1603.03417",
    params=TexNetParams,
    images=("source", "content", "model"),
    produces=(PICTURE, MODEL),
    network="vgg19",
    sampler=painter,
    check=check_texnet,
)
def texnet(p: TexNetParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Trains a network on the statistics that `gatys` seeks for one picture, to paint any number of them at once.

    It learns to make a texture from noise, of any size, or to repaint any picture in the source texture's style.
    """
    exemplar_size(p, extent_of(images.source))
    check_architecture(p, images.model, "texnet")
    return _steps(p, images, device, state)


def _steps(p: TexNetParams, images: Inputs, device: torch.device, state: State | None) -> Iterator[Step]:
    from texture.methods.texnet.texnet_trainer import TexNetTrainer

    yield from train(TexNetTrainer(p, images, device, state))
