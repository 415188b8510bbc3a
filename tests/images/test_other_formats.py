"""What is not read is called by its name, and the message says what to do."""

from __future__ import annotations

import pytest

from texture.errors import InvalidInput
from texture.images.decoding import decode


def ftyp(major: bytes, *compatible: bytes) -> bytes:
    brands = major + b"\0\0\0\0" + b"".join(compatible)
    return (8 + len(brands)).to_bytes(4) + b"ftyp" + brands + bytes(64)


@pytest.mark.parametrize(
    ("data", "kind", "advice"),
    [
        (ftyp(b"crx ", b"isom"), "a camera's raw file", "develop it"),
        (ftyp(b"isom", b"mp41"), "a video", "save one of its frames"),
        (b"\xff\x0a" + bytes(64), "a JPEG XL", "save it as PNG or JPEG"),
        (b"\x00\x00\x00\x0cjP  \r\n" + bytes(64), "a JPEG 2000", "save it as PNG or JPEG"),
        (b"II*\0\x10\0\0\0CR\x02\0" + bytes(64), "a camera's raw file", "develop it"),
        (b"8BPS\0\1" + bytes(64), "a Photoshop file", "export it"),
        (b"\x76\x2f\x31\x01" + bytes(64), "an OpenEXR picture", "tone-map it"),
        (b"%PDF-1.7" + bytes(64), "a PDF", "export the page"),
        (b"PK\x03\x04" + bytes(64), "a ZIP archive", "unpack it"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><svg xmlns="">', "an SVG drawing", "export it as PNG"),
        (b"\n<!DOCTYPE html><html>", "a web page, not a picture", "save the picture itself"),
    ],
)
def test_it_is_named_with_what_to_do(data, kind, advice):
    with pytest.raises(InvalidInput) as caught:
        decode(data)
    assert str(caught.value).startswith(
        f"the file is {kind}; PNG, JPEG, WebP, AVIF, HEIC, TIFF and BMP are supported: "
    )
    assert advice in str(caught.value)


def test_what_nobody_knows_is_said_to_be_so():
    with pytest.raises(InvalidInput, match="of another kind, or damaged at its beginning; PNG, JPEG"):
        decode(bytes(100))
