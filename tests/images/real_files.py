"""Real files of every awkward kind, made on the spot: what people upload, and what attackers do."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)
GREY, RGB = 0, 2  # colour types of PNG


# picture() at quality 90, by pillow_heif.register_heif_opener() and Image.save(…, "HEIF"): no encoder is among what the
# tests are run with
HEIC = Path(__file__).with_name("picture.heic").read_bytes()


def saved(image: Image.Image, format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def plain(colour: tuple[int, ...] = RED, mode: str = "RGB", size: tuple[int, int] = (40, 40)) -> Image.Image:
    return Image.new(mode, size, colour)


def picture(width: int = 48, height: int = 40) -> NDArray[np.uint8]:
    """Smooth colours, no two corners alike: JPEG keeps it nearly as it is."""
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    return np.stack([255 * x, 255 * y, 127 + 100 * (x - y)], axis=-1).round().astype(np.uint8)


def png(width: int, height: int, depth: int, colour_type: int, rows: bytes, before: bytes = b"") -> bytes:
    """A PNG from its raw rows, each with its filter byte, for kinds that Pillow does not write.

    before: chunks that stand before the pixels.
    """
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    body = chunk(b"IHDR", header) + before + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def halves(depth: int, colour_type: int, left: tuple[int, ...], right: tuple[int, ...], before: bytes = b"") -> bytes:
    """A PNG of 64×40 pixels in two colours, each as samples of that depth."""
    samples = [*left * 32, *right * 32]
    bits = "".join(format(sample, f"0{depth}b") for sample in samples)
    return png(64, 40, depth, colour_type, (b"\0" + int(bits, 2).to_bytes(len(bits) // 8)) * 40, before)


def colour_key(*samples: int) -> bytes:
    """The tRNS chunk that makes one grey, or one colour, transparent."""
    return chunk(b"tRNS", struct.pack(f">{len(samples)}H", *samples))


def segment(marker: int, data: bytes = b"") -> bytes:
    """One of a JPEG."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def scan_bomb(width: int, height: int, scans: int) -> bytes:
    """A progressive JPEG of flat grey in so many scans: some sixty bytes each, and each of them goes through it all."""
    blocks = -(-width // 8) * -(-height // 8)
    tables = segment(0xC4, b"\0" + bytes([1] + [0] * 15) + b"\0")
    tables += segment(0xC4, b"\x10" + bytes([1, 1] + [0] * 14) + b"\xe0\0")  # 0: a run of blocks, 10: one block
    frame = segment(0xDB, b"\0" + bytes([1] * 64))
    frame += segment(0xC2, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0")
    parts = -(-blocks // (2**15 - 1))
    lengths = [(blocks + part) // parts for part in range(parts)]
    runs = "".join("10" * n if n < 2**14 else "0" + format(n - 2**14, "014b") for n in lengths)
    first = segment(0xDA, b"\1\1\0\0\0\0") + _stuffed("0" * blocks)
    others = segment(0xDA, b"\1\1\0\1\x3f\0") + _stuffed(runs)
    return b"\xff\xd8" + frame + tables + first + others * (scans - 1) + b"\xff\xd9"


def _stuffed(bits: str) -> bytes:
    """Compressed data of a JPEG from its bits."""
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8).replace(b"\xff", b"\xff\0")


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def chunk_names(data: bytes) -> list[bytes]:
    names, at = [], 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        names.append(data[at + 4 : at + 8])
        at += 12 + length
    return names


def black_png(width: int, height: int) -> bytes:
    """One bit a pixel: a few kilobytes open as many megapixels."""
    return png(width, height, 1, GREY, bytes((1 + (width + 7) // 8) * height))


def colours_swapped_profile() -> bytes:
    """sRGB with the red and the green primary exchanged: who heeds the profile sees red numbers as green."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"----", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"----", b"gXYZ", 1)


def with_orientation(image: Image.Image, orientation: int, format: str = "PNG") -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(image, format, exif=exif)
