"""Small files that make much work: refused by their bytes, before a decoder sees them."""

from __future__ import annotations

import io
import time

import numpy as np
import pytest
from PIL import Image

from tests.images.real_files import chunk, picture, png, saved, scan_bomb, segment
from texture.errors import InvalidInput
from texture.images.decoding import decode

SOON = 0.5  # seconds; each of these took from 10 to 60


def refused(data: bytes, reason: str) -> None:
    began = time.perf_counter()
    with pytest.raises(InvalidInput, match=reason) as caught:
        decode(data)
    assert time.perf_counter() - began < SOON
    assert caught.value.field == "file"


def test_thousands_of_scans_are_refused():
    bomb = scan_bomb(5000, 5000, 3000)
    assert len(bomb) < 300_000
    refused(bomb, "the JPEG has 3000 scans: at most 100; save it again")
    refused(scan_bomb(5000, 5000, 60), "the JPEG has 60 scans of 25 megapixels: at most 40; save it again")


def test_as_many_scans_as_anybody_writes_are_read():
    data = scan_bomb(640, 640, 100)
    assert Image.open(io.BytesIO(data)).info["progressive"]
    assert (decode(data) == 128).all()
    photo = saved(Image.fromarray(picture(640, 480)), "JPEG", progressive=True, quality=95)
    assert np.abs(decode(photo).astype(int) - picture(640, 480)).max() < 8


def test_a_million_chunks_are_refused():
    before = chunk(b"abCd", b"") * 1_000_000
    refused(png(40, 40, 8, 0, bytes(41) * 40, before), "the PNG has more than 20000 chunks")


@pytest.mark.parametrize("filling", [segment(0xEF), b"\xff", b"\0"])
def test_a_million_segments_are_refused(filling):
    data = saved(Image.fromarray(picture()), "JPEG")
    refused(data[:2] + filling * 1_000_000 + data[2:], "the JPEG has more than 20000 segments")
