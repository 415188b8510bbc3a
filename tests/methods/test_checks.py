"""What the sizes of the pictures tell before any work: refused by the page, the command line and Python alike."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from texture.errors import InvalidInput
from texture.methods.registry import find_method
from texture.methods.sizes import Extent, Sizes

SQUARE = Extent(64, 64)
PAINTED = {"source": SQUARE, "content": Extent(64, 48)}


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
    "name", ["match", "seamless", "gatys", "patch", "style", "cnnmrf", "guided", "texnet", "sgan", "counting"]
)
def test_pictures_of_usual_sizes_fit_every_method(name: str) -> None:
    method = find_method(name)
    method.check(method.params(), {role: Extent(384, 256) for role in method.needs})


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
