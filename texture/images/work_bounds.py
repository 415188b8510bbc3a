"""Limits on a decoder's work, checked on the bytes alone: small files can keep a decoder busy for minutes.

Each scan of a progressive JPEG goes through all of the picture again; chunks and segments are looked at one by one. A
TIFF may list more strips or tiles than make its picture, and larger ones.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Literal

from PIL import Image

from texture.errors import InvalidInput

MOST_SCANS = 100  # cameras and programs write about ten
MOST_SCANNED = 1_000_000_000  # pixels, times scans
MOST_PARTS = 20_000  # chunks or segments; 20 MB in pieces of 8 kB are 2,500
SCAN = b"\xff\xda"  # within the compressed data no 0xff is followed by such a byte
PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8"
TIFFS: dict[bytes, tuple[Literal["little", "big"], int]] = {  # how they begin -> order and length of their numbers
    b"II*\0": ("little", 4),
    b"MM\0*": ("big", 4),
    b"II+\0": ("little", 8),
    b"MM\0+": ("big", 8),
}
WIDTH, HEIGHT, SAMPLES, PLANAR = 256, 257, 277, 284  # tags of a TIFF
STRIP_ROWS, TILE_WIDTH, TILE_HEIGHT = 278, 322, 323
OFFSETS = 273, 324  # of its strips, of its tiles
LENGTHS = {3: 2, 4: 4, 16: 8}  # of a number, by the type that its tag says
MOST_IN_TILE = 2**25  # pixels


def check_parts(data: bytes) -> None:
    """Raise InvalidInput where a PNG, JPEG or TIFF is cut into too many pieces, or a JPEG into too many scans."""
    if data.startswith(PNG):
        _check_chunks(data)
    elif data.startswith(JPEG):
        _check_segments(data)
        scans = data.count(SCAN)
        if scans > MOST_SCANS:
            raise InvalidInput(f"the JPEG has {scans} scans: at most {MOST_SCANS}; save it again", value=scans)
    elif data[:4] in TIFFS:
        _check_tiles(data)


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


def _check_tiles(data: bytes) -> None:
    """Of a TIFF's first picture; what is damaged is left to the decoder."""
    counts, values = _first_directory(data)
    pieces = max(counts[tag] for tag in OFFSETS)
    tiled = counts[OFFSETS[1]] > 0
    width = values[TILE_WIDTH] if tiled else values[WIDTH]
    height = values[TILE_HEIGHT] if tiled else values[STRIP_ROWS] or values[HEIGHT]
    if tiled and width * height > MOST_IN_TILE:
        raise InvalidInput(f"the TIFF has tiles of {width}x{height} pixels: save it again", value=f"{width}x{height}")
    planes = values[SAMPLES] if values[PLANAR] == 2 else 1
    needed = planes * -(-values[WIDTH] // max(width, 1)) * -(-values[HEIGHT] // max(height, 1))
    if pieces > MOST_PARTS or pieces > max(needed, 1):
        raise InvalidInput(f"the TIFF has {pieces} strips or tiles: save it again", value=pieces)


def _first_directory(data: bytes) -> tuple[dict[int, int], dict[int, int]]:
    """How many values each tag has, and its first one; 0 where there is none. BigTIFF has longer numbers."""
    order, size = TIFFS[data[:4]]
    counts: dict[int, int] = defaultdict(int)
    values: dict[int, int] = defaultdict(int)

    def number(at: int, length: int) -> int:
        return int.from_bytes(data[at : at + length], order)

    at = number(size, size)  # classic: 4 at 4; BigTIFF: 8 at 8
    length = 2 if size == 4 else 8
    for entry in range(min(number(at, length), MOST_PARTS)):
        place = at + length + entry * (4 + 2 * size)
        tag, kind = number(place, 2), number(place + 2, 2)
        counts[tag] = number(place + 4, size)
        values[tag] = number(place + 4 + size, LENGTHS.get(kind, size))
    return counts, values
