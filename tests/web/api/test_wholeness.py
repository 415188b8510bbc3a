"""A file that is cut or damaged is told from a whole one."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save

from texture.images.encoding import encode_png
from texture.web.api.wholeness import is_whole

PIXELS = np.random.default_rng(3).integers(0, 256, (40, 60, 3), dtype=np.uint8)


def encoded(kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(PIXELS).save(file, kind)
    return file.getvalue()


WHOLE = {
    "a.png": encode_png(PIXELS, {"method": "counting"}),
    "a.jpg": encoded("JPEG"),
    "a.webp": encoded("WEBP"),
    "a.safetensors": save({"a": PIXELS, "b": PIXELS[:1]}, {"note": "x"}),
}


def told(path: Path, data: bytes, name: str) -> bool:
    path.write_bytes(data)
    with path.open("rb") as file:
        whole = is_whole(file, name)
        assert file.tell() == 0
        return whole


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_file_is_and_a_cut_one_is_not(tmp_path: Path, name: str) -> None:
    data = WHOLE[name]
    assert told(tmp_path / "whole", data, name)
    for length in (0, 1, 7, 20, len(data) // 2, len(data) - 1):
        assert not told(tmp_path / str(length), data[:length], name), length


@pytest.mark.parametrize("place", [0, 5, 17, 30, 1000, -2])
def test_a_png_with_one_byte_flipped_is_not(tmp_path: Path, place: int) -> None:
    data = bytearray(WHOLE["a.png"])
    data[place] ^= 1
    assert not told(tmp_path / "flipped", bytes(data), "a.png")


def test_what_has_no_check_is_served_as_it_is(tmp_path: Path) -> None:
    assert told(tmp_path / "table.csv", b"a,b", "a.csv")
