"""The method `sgan`, and the sampler of its models."""

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
from texture.methods.sgan.params import SGANParams
from texture.methods.sgan.plan import check_sgan, exemplar_size

if TYPE_CHECKING:
    import torch


def painter(model: Model, device: torch.device) -> Sampler:
    """The averaged generator of a model, ready to paint."""
    from texture.methods.sgan.gan_painter import Painter

    return Painter.of_model(model, device)


@method(
    "sgan",
    title="Spatial GAN",
    purpose="endless variants of one texture",
    citation="Jetchev 2016",
    paper="arXiv:1611.08207",
    params=SGANParams,
    images=("source", "model"),
    produces=(PICTURE, MODEL),
    sampler=painter,
    check=check_sgan,
)
def sgan(p: SGANParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Trains a generator until a critic cannot tell its pictures from crops of the source texture.

    Takes minutes; the generator then paints new pictures of any size at once.
    """
    exemplar_size(p, extent_of(images.source))
    check_architecture(p, images.model, "sgan")
    return _steps(p, images, device, state)


def _steps(p: SGANParams, images: Inputs, device: torch.device, state: State | None) -> Iterator[Step]:
    from texture.methods.sgan.gan_trainer import GANTrainer

    yield from train(GANTrainer(p, images, device, state))
