"""What the sizes of the pictures tell before any work: refused by the page, the command line and Python alike."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from texture.errors import InvalidInput
from texture.methods.common import network
from texture.methods.common.model_file import Model
from texture.methods.registry import find_method
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent, Sizes

SQUARE = Extent(64, 64)
PAINTED = {"source": SQUARE, "content": Extent(64, 48)}
GUIDED = {"source": SQUARE, "guide": SQUARE, "exemplar_guide": SQUARE}
LATTICE_OF_COPIES = {"start": "lattice", "patch_rotations": "0 90"}


@pytest.mark.parametrize(
    ("name", "params", "sizes", "field", "complaint"),
    [
        ("cnnmrf", {"patch_size": 7}, {"source": Extent(48, 48)}, "source", "48x48 pixels: at least 56 each way"),
        (
            "cnnmrf",
            {"start": "picture"},
            {"source": SQUARE},
            "initial",
            "start=picture: a picture to start from is needed",
        ),
        ("style", {}, {**PAINTED, "mask": Extent(8, 8)}, "mask", "the mask is 8x8 pixels and the content 64x48"),
        ("style", {"blend": "1 2"}, PAINTED, "blend", "one number for each style, and there is 1"),
        ("style", {}, {**PAINTED, "content": Extent(900, 20)}, "content", "at a size of 448 its shorter side is 10"),
        (
            "gatys",
            {},
            {"source": Extent(400, 31)},
            "source",
            "source texture is 400x31 pixels: at least 32 each way",
        ),
        ("patch", {}, {"source": Extent(13, 64)}, "source", "the source texture is 13x64 pixels: at least 14 each way"),
        (
            "patch",
            {"patch": 3, "start": "match"},
            {"source": Extent(10, 64)},
            "source",
            "at least 11 each way for a patch of 9",
        ),
        (
            "texnet",
            {},
            {"source": Extent(31, 64)},
            "source",
            "source texture is 31x64 pixels: at least 32 each way",
        ),
        ("sgan", {"crop": 512}, {"source": Extent(3200, 32)}, "crop", "would have to be enlarged to 51200x512"),
        ("match", {"start": "lattice"}, PAINTED, "start", "start=lattice: the content says what goes where"),
        ("match", {"start": "lattice"}, GUIDED, "start", "start=lattice: the guide says what goes where"),
        (
            "match",
            {"start": "lattice"},
            {**PAINTED, "initial": SQUARE},
            "start",
            "the picture to start from would be ignored",
        ),
        ("match", LATTICE_OF_COPIES, {"source": SQUARE}, "start", "start=lattice: scaled and rotated copies have an"),
        ("cnnmrf", {"start": "lattice"}, PAINTED, "start", "start=lattice: the content says what goes where"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(
    name: str, params: dict[str, Any], sizes: Sizes, field: str, complaint: str
) -> None:
    method = find_method(name)
    with pytest.raises(InvalidInput, match=complaint) as caught:
        method.check(method.parse(params), sizes)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "name", ["match", "seamless", "mend", "gatys", "patch", "style", "cnnmrf", "guided", "texnet", "sgan", "counting"]
)
def test_pictures_of_usual_sizes_fit_every_method(name: str) -> None:
    method = find_method(name)
    method.check(method.params(), {role: Extent(384, 256) for role in method.needs})


def picture(height: int = 64, width: int = 64, seed: int = 0) -> Tensor:
    return torch.rand(3, height, width, generator=torch.Generator().manual_seed(seed))


DARK = torch.zeros(3, 64, 64)
OF_COUNTING = Model("counting", {}, 1, np.zeros((16, 16, 3), np.uint8), np.zeros((16, 16, 3), np.uint8), {})


@pytest.mark.parametrize(
    ("name", "params", "images", "complaint"),
    [
        *(
            (name, {"start": "lattice"}, Inputs(picture()), "start=lattice: the source texture has no regular pattern")
            for name in ("gatys", "patch", "cnnmrf", "match")
        ),
        (
            "guided",
            {"start": "lattice"},
            Inputs(picture(128, 128)),
            "start=lattice: the source texture has no regular pattern",
        ),
        ("gatys", {}, Inputs(picture(31)), "64x31 pixels: at least 32"),
        ("patch", {}, Inputs(picture(13)), "64x13 pixels: at least 14"),
        ("guided", {}, Inputs(picture(48)), "the source texture is 64x48 pixels: at least 64"),
        ("match", {}, Inputs(picture(), initial=picture(seed=1), mask=DARK), "the mask is entirely dark"),
        ("seamless", {"margin": "1%"}, Inputs(picture()), "at least a patch of 9"),
        ("mend", {}, Inputs(picture(), mask=DARK), "the mask is entirely dark"),
        ("style", {}, Inputs(picture(), content=picture(), style2=picture(), mask=DARK), "nothing in the mask is"),
        ("texnet", {}, Inputs(picture(31)), "64x31 pixels: at least 32"),
        ("texnet", {}, Inputs(picture(), model=OF_COUNTING), "model: one of counting, not of texnet"),
        ("sgan", {}, Inputs(picture(), model=OF_COUNTING), "model: one of counting, not of sgan"),
    ],
)
def test_what_the_pixels_or_a_model_tell_is_refused_at_the_call_before_any_weights(
    name: str, params: dict[str, Any], images: Inputs, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not at the first step: on the command line the weights are fetched between the two."""
    monkeypatch.delattr(network, "load")
    method = find_method(name)
    p = method.parse({**({"size": "64"} if name in ("gatys", "patch", "cnnmrf", "match") else {}), **params})
    with pytest.raises(InvalidInput, match=complaint):
        method.run(p, images, torch.device("cpu"))


def test_it_takes_no_torch() -> None:
    code = (
        "import sys\n"
        "from texture.methods.registry import methods\n"
        "from texture.methods.sizes import Extent\n"
        "for method in methods().values():\n"
        "    method.check(method.params(), {role: Extent(384, 256) for role in method.needs})\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
