"""Limits on a decoder's work, checked on the bytes alone: small files can keep a decoder busy for minutes.

Each scan of a progressive JPEG goes through all of the picture again; chunks and segments are looked at one by one.
"""

from __future__ import annotations

from PIL import Image

from texture.errors import InvalidInput

MOST_SCANS = 100  # cameras and programs write about ten
MOST_SCANNED = 1_000_000_000  # pixels, times scans
MOST_PARTS = 20_000  # chunks or segments; 20 MB in pieces of 8 kB are 2,500
SCAN = b"\xff\xda"  # within the compressed data no 0xff is followed by such a byte
PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8"


def check_parts(data: bytes) -> None:
    """Raise InvalidInput where a PNG or a JPEG is cut into too many pieces, or a JPEG into too many scans."""
    if data.startswith(PNG):
        _check_chunks(data)
    elif data.startswith(JPEG):
        _check_segments(data)
        scans = data.count(SCAN)
        if scans > MOST_SCANS:
            raise InvalidInput(f"the JPEG has {scans} scans: at most {MOST_SCANS}; save it again", value=scans)


def check_scanned(data: bytes, pixels: int) -> None:
    """Raise InvalidInput where all scans of a JPEG of so many pixels together are too much."""
    scans = data.count(SCAN) if data.startswith(JPEG) else 0
    if scans > 1 and scans * pixels > MOST_SCANNED:
        most = MOST_SCANNED // pixels
        raise InvalidInput(
            f"the JPEG has {scans} scans of {pixels / 1e6:.0f} megapixels: at most {most}; save it again", value=scans
        )


def check_unpacked(image: Image.Image) -> None:
    """Raise InvalidInput for a BMP in runs of equal pixels, which Pillow unpacks one by one, in Python."""
    if any(tile[0] == "bmp_rle" for tile in vars(image).get("tile", ())):
        raise InvalidInput("the BMP is compressed: save it as PNG", value="RLE")


def _check_chunks(data: bytes) -> None:
    at = len(PNG)
    for _ in range(MOST_PARTS):
        if at >= len(data):
            return
        at += 12 + int.from_bytes(data[at : at + 4])
    raise InvalidInput(f"the PNG has more than {MOST_PARTS} chunks: save it again")


def _check_segments(data: bytes) -> None:
    """Up to the first scan; bytes between segments count like them."""
    at = len(JPEG)
    for _ in range(MOST_PARTS):
        marker = data[at : at + 2]
        if len(marker) < 2 or marker == SCAN:
            return
        plain = marker[0] != 0xFF or marker[1] in (0x00, 0x01, 0xFF) or 0xD0 <= marker[1] <= 0xD9
        at += 1 if plain else 2 + int.from_bytes(data[at + 2 : at + 4])
    raise InvalidInput(f"the JPEG has more than {MOST_PARTS} segments: save it again")
