"""Parts that are told apart by colour: which source texture has which, and what a guide asks for in vain."""

from __future__ import annotations

import torch
from torch import Tensor

from texture.errors import InvalidInput
from texture.methods.match.loops import BAND
from texture.methods.match.plan import EXEMPLARS
from texture.palette import LABELS

NEAR = 0.1  # of 1, in each channel: what is still that colour
MOSTLY = 0.9  # of a picture: from there on its colours are labels, and no shades


def colour_of(label: str) -> Tensor:
    """3×1×1 in 0..1."""
    return torch.tensor(list(bytes.fromhex(LABELS[label].removeprefix("#"))))[:, None, None] / 255


def label_of(exemplar: str) -> str:
    """The one of a source texture that is one of several, by its role."""
    return list(LABELS)[EXEMPLARS.index(exemplar)]


def shares(picture: Tensor) -> dict[str, float]:
    """How much of 3×H×W has the colour of each label."""
    found = dict.fromkeys(LABELS, 0)
    for band in torch.split(picture.cpu(), BAND, 1):
        for label in LABELS:
            found[label] += int(((band - colour_of(label)).abs().amax(0) < NEAR).sum())
    return {label: count / picture[0].numel() for label, count in found.items()}


def check_guides(guide: Tensor, exemplar_guide: Tensor) -> None:
    """Raise InvalidInput where both are labels, and the result is to have one that the exemplar has not."""
    wanted, there = shares(guide), shares(exemplar_guide)
    if min(sum(wanted.values()), sum(there.values())) < MOSTLY:
        return
    for label, share in wanted.items():
        if share and not there[label]:
            message = f"the guide asks for {label}, and nothing in the guide of the source texture is {label}"
            raise InvalidInput(message, field="guide", value=label)


def wanted_of(guide: Tensor, exemplars: list[str]) -> list[float]:
    """How much of the result each of several source textures is wanted in, which are roles: they add up to 1.

    Raises:
        InvalidInput: the guide has no colour of theirs, or one that none of them has.
    """
    found = shares(guide)
    ours = {label_of(role): found[label_of(role)] for role in exemplars}
    for label, share in found.items():
        if share and label not in ours:
            has = f"there are {len(ours)} source textures: {', '.join(ours)}"
            raise InvalidInput(f"the guide asks for {label}, and {has}", field="guide", value=label)
    if not sum(ours.values()):
        message = f"nothing in the guide has the colour of a source texture: {', '.join(ours)}"
        raise InvalidInput(message, field="guide")
    return [share / sum(ours.values()) for share in ours.values()]
