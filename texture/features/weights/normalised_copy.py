"""Making and reading the copy in the cache: others' weights as they are, and each channel's mean activation beside."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from texture.features.weights import weights_file
from texture.features.weights.formats import convolutions, read
from texture.images.samples import textures
from texture.images.tensors import resize, to_tensor

MEAN = "mean."  # before a convolution's name: the mean of each of its channels after the ReLU, 1-D
SAMPLE_SIDE = 256  # pixels; the size at which the samples are looked at
FAINTEST = 0.01  # a channel that hardly ever fires on the samples counts as firing this much of its layer's mean


def make_copy(file: Path, copy: Path, source: str, network: str) -> None:
    """Convert `file`, in any form that weights_formats knows, to `copy`; `source` says in words where it is from.

    Raises:
        Unreadable: it is damaged, or another network.
        SetupProblem, OSError: the copy cannot be written, or the file not opened.
    """
    found = read(file, network)
    tensors = dict(found.tensors)
    if not found.normalised:
        means = mean_activations(tensors, sample_images())
        tensors |= {MEAN + name: mean for name, mean in means.items()}
    about = {"format": found.format, "source": source, "original_sha256": weights_file.checksum(file)}
    weights_file.write(copy, tensors, about)


def load_copy(copy: Path, *, rescale: bool) -> dict[str, Tensor]:
    """The network's tensors, divided by the mean activations if `rescale` and the copy has any."""
    stored = load_file(copy)
    means = {name.removeprefix(MEAN): stored.pop(name) for name in list(stored) if name.startswith(MEAN)}
    return rescaled(stored, means) if rescale and means else stored


def sample_images() -> list[Tensor]:
    """The built-in textures as 3×256×256 in 0..1."""
    return [resize(to_tensor(sample.pixels()), (SAMPLE_SIDE, SAMPLE_SIDE)) for sample in textures()]


@torch.no_grad()
def mean_activations(tensors: Mapping[str, Tensor], images: list[Tensor]) -> dict[str, Tensor]:
    """The mean of each channel after each ReLU over `images` (each 3×H×W in 0..1), by the convolution's name.

    Max pooling, as the networks were trained. Gatys 2015, section 2: dividing by these gives VGG-19n.
    """
    sums = [_activations(tensors, image) for image in images]
    means = {name: torch.stack([each[name] for each in sums]).mean(0) for name in convolutions(tensors)}
    return {name: mean.clamp_min(FAINTEST * float(mean.mean())) for name, mean in means.items()}


def _activations(tensors: Mapping[str, Tensor], image: Tensor) -> dict[str, Tensor]:
    x = F.conv2d(image[None], tensors["input.weight"], tensors["input.bias"])
    means: dict[str, Tensor] = {}
    for name in convolutions(tensors):
        if name.endswith("_1") and name != "conv1_1":
            x = F.max_pool2d(x, 2)
        x = F.conv2d(x, tensors[f"{name}.weight"], tensors[f"{name}.bias"], padding=1).relu()
        means[name] = x.mean((0, 2, 3))
    return means


def rescaled(tensors: Mapping[str, Tensor], means: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Divide each channel by its mean activation and undo that where the next layer takes it in.

    ReLU and pooling commute with positive factors: the network's features change in scale and in nothing else.
    """
    scaled = dict(tensors)
    incoming = torch.ones(3)
    for name in convolutions(tensors):
        outgoing = means[name]
        scaled[f"{name}.weight"] = tensors[f"{name}.weight"] * incoming[:, None, None] / outgoing[:, None, None, None]
        scaled[f"{name}.bias"] = tensors[f"{name}.bias"] / outgoing
        incoming = outgoing
    return scaled
