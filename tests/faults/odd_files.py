"""Files as people bring them by mistake, and as attackers make them: each by name, made on the spot."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image, TiffImagePlugin, TiffTags

from tests.images.real_files import (
    GREY,
    HEIC,
    RED,
    RGB,
    black_png,
    chunk,
    colour_key,
    colours_swapped_profile,
    halves,
    picture,
    plain,
    png,
    saved,
    scan_bomb,
    segment,
    with_orientation,
)

BIG = 4990  # pixels a side: just below 25 megapixels


def big(depth: int, colour_type: int, samples: int, before: bytes = b"") -> bytes:
    """A PNG of one value, as large as one may be."""
    row = b"\0" + bytes([0, 5] * (BIG * samples * depth // 16))
    return png(BIG, BIG, depth, colour_type, row * BIG, before)


def interlaced() -> bytes:
    header = struct.pack(">IIBBBBB", BIG, BIG, 8, GREY, 0, 0, 1)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(BIG * (BIG + 8)))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def jpeg(before: bytes = b"", after: bytes = b"") -> bytes:
    """A JPEG with something put in before and after its data."""
    data = saved(Image.fromarray(picture()), "JPEG", progressive=True)
    return data[:2] + before + data[2:-2] + after + data[-2:]


def photo(**options: object) -> bytes:
    return saved(Image.fromarray(picture(640, 480)), "JPEG", **options)


def plain_png(before: bytes = b"") -> bytes:
    return png(40, 40, 8, GREY, bytes(41) * 40, before)


def many_frames() -> bytes:
    frames = [plain((level, 0, 0)) for level in range(200)]
    return saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=20)


def filled(kind: bytes, data: bytes, count: int) -> Callable[[], bytes]:
    return lambda: plain_png(chunk(kind, data) * count)


def tiff(
    width: int,
    height: int,
    *,
    rows: int | None = None,
    offsets: int = 1,
    tile: tuple[int, int] | None = None,
    big: bool = False,
) -> bytes:
    """A TIFF of eight bits of grey, uncompressed, whose pieces all lie at one place."""
    tags = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 277: 1, 278: rows or height}
    if tile:
        tags |= {322: tile[0], 323: tile[1]}
    number, size = ("<Q", 8) if big else ("<I", 4)
    head = struct.pack("<2sHHHQ", b"II", 43, 8, 0, 16) if big else struct.pack("<2sHI", b"II", 42, 8)
    count = len(tags) + 1
    end = len(head) + (8 if big else 2) + count * (4 + 2 * size) + size
    entries = [
        struct.pack("<HH", tag, 4) + struct.pack(number, 1) + struct.pack(number, value) for tag, value in tags.items()
    ]
    where = struct.pack(number, end if offsets > 1 else 8)
    entries.append(struct.pack("<HH", 324 if tile else 273, 4) + struct.pack(number, offsets) + where)
    entries.sort(key=lambda entry: struct.unpack_from("<H", entry))
    directory = struct.pack("<Q" if big else "<H", count) + b"".join(entries) + struct.pack(number, 0)
    return head + directory + struct.pack("<I", 8) * offsets + bytes(20_000)


def words_for_numbers() -> TiffImagePlugin.ImageFileDirectory_v2:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags.tagtype[254] = TiffTags.ASCII
    tags[254] = "one"
    return tags


ODD: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "one byte": lambda: b"\x89",
    "text": lambda: b"hello",
    "a web page": lambda: b"<!doctype html><html><body>Not found</body></html>",
    "a PNG's signature alone": lambda: b"\x89PNG\r\n\x1a\n",
    "a JPEG's signature alone": lambda: b"\xff\xd8\xff",
    "a WebP's signature alone": lambda: b"RIFF\x24\0\0\0WEBPVP8 ",
    "a PNG in a JPEG's clothes": lambda: b"\xff\xd8\xff\xe0" + plain_png(),
    "noise": lambda: random.Random(0).randbytes(1_000_000),
    "a bomb of 169 megapixels": lambda: black_png(13_000, 13_000),
    "a bomb of 10**18 pixels": lambda: png(2**30, 2**30, 1, GREY, b""),
    "no width": lambda: png(0, 40, 8, GREY, b""),
    "a line": lambda: png(20_000, 1, 8, GREY, bytes(20_001)),
    "a thread": lambda: png(20_000, 32, 8, GREY, bytes(20_001) * 32),
    "no pixels": lambda: png(40, 40, 8, GREY, b""),
    "too few rows": lambda: png(40, 40, 8, GREY, bytes(41) * 20),
    "too many rows": lambda: png(40, 40, 8, GREY, bytes(41) * 400_000),
    "a depth that does not exist": lambda: png(40, 40, 3, GREY, bytes(41) * 40),
    "a palette that is missing": lambda: png(40, 40, 8, 3, bytes(41) * 40),
    "a palette that is too short": lambda: png(40, 40, 8, 3, (b"\0" + b"\7" * 40) * 40, chunk(b"PLTE", b"\1\2\3")),
    "a key that is too short": lambda: png(40, 40, 8, RGB, bytes(121) * 40, chunk(b"tRNS", b"\0")),
    "a key for each of 256 greys": lambda: png(40, 40, 8, GREY, bytes(41) * 40, chunk(b"tRNS", bytes(256))),
    "a key of sixteen bits": lambda: halves(16, RGB, (300, 5, 7), (9, 9, 9), colour_key(300, 5, 7)),
    "a key of sixteen bits at full size": lambda: big(16, RGB, 3, colour_key(5, 5, 5)),
    "sixteen bits with alpha at full size": lambda: big(16, 6, 4),
    "sixteen bits of grey at full size": lambda: big(16, GREY, 1, colour_key(5)),
    "interlaced at full size": interlaced,
    "a million chunks": filled(b"abCd", b"", 1_000_000),
    "as many chunks as may be": filled(b"tEXt", b"a\0b", 19_000),
    "texts that unpack to gigabytes": filled(b"zTXt", b"a\0\0" + zlib.compress(bytes(10**6)), 15_000),
    "a profile that unpacks to gigabytes": filled(b"iCCP", b"a\0\0" + zlib.compress(bytes(10**8)), 1),
    "a profile of nonsense": lambda: photo(icc_profile=random.Random(1).randbytes(60_000)),
    "a profile that swaps colours": lambda: photo(icc_profile=colours_swapped_profile()),
    "three thousand scans": lambda: scan_bomb(5000, 5000, 3000),
    "as many scans as may be": lambda: scan_bomb(5000, 5000, 40),
    "a million segments": lambda: jpeg(segment(0xEF) * 1_000_000),
    "fill bytes before": lambda: jpeg(b"\xff" * 20_000_000),
    "fill bytes after": lambda: jpeg(after=b"\xff" * 20_000_000),
    "restarts without end": lambda: jpeg(after=b"\xff\xd0" * 1_000_000),
    "EXIF of nonsense": lambda: jpeg(segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + bytes(60_000)) * 300),
    "EXIF that turns it": lambda: with_orientation(Image.fromarray(picture()), 6, "JPEG"),
    "CMYK": lambda: saved(plain((0, 255, 255, 0), "CMYK"), "JPEG"),
    "Photoshop's notes": lambda: jpeg(segment(0xED, b"Photoshop 3.0\0" + b"8BIM\0\0\0\0\0\0\0\0" * 5000) * 300),
    "two hundred frames": many_frames,
    "a WebP that claims a huge canvas": lambda: saved(plain(RED), "WEBP", exif=b"Exif\0\0-")[:24] + b"\xff" * 6,
    "a HEIC's beginning alone": lambda: HEIC[:60],
    "an AVIF of full size": lambda: saved(plain(size=(BIG, BIG)), "AVIF", speed=10),
    "a TIFF of full size in sixteen bits": lambda: saved(plain((7,), "I;16", (BIG, BIG)), "TIFF", compression="zstd"),
    "a TIFF whose tags never end": lambda: b"II*\0\x08\0\0\0\xff\xff" + struct.pack("<HHII", 305, 2, 2**31, 8) * 65_535,
    "a TIFF of a million strips": lambda: tiff(width=64, height=64, offsets=1_000_000),
    "a TIFF whose strips are nearly all of it": lambda: tiff(width=4000, height=4000, rows=3999, offsets=15_000),
    "a TIFF with a tile of two gigabytes": lambda: tiff(width=64, height=64, tile=(32_768, 65_536)),
    "a big TIFF of a million strips": lambda: tiff(width=64, height=64, offsets=1_000_000, big=True),
    "a TIFF whose kind is a word": lambda: saved(plain(), "TIFF", tiffinfo=words_for_numbers()),
    "a TIFF that comes back to itself": lambda: saved(plain(), "TIFF")[:-4] + b"\x08\0\0\0",
    "a BMP of 10**18 pixels": lambda: saved(plain(), "BMP")[:18] + struct.pack("<ii", 2**30, 2**30) + bytes(100),
    "alpha everywhere": lambda: saved(plain((1, 2, 3, 0), "RGBA"), "PNG"),
    "white on transparent": lambda: saved(plain((255, 255, 255, 90), "RGBA"), "PNG"),
}

ORIGINALS = [
    saved(Image.fromarray(picture()), "PNG", icc_profile=colours_swapped_profile()),
    saved(plain().quantize(4), "PNG", transparency=0),
    halves(16, RGB, (300, 5, 7), (9, 9, 9), colour_key(300, 5, 7)),
    halves(16, GREY, (300,), (9,), colour_key(300)),
    halves(2, GREY, (1,), (2,), colour_key(1)),
    saved(plain((1, 2, 3, 90), "RGBA"), "PNG"),
    with_orientation(Image.fromarray(picture()), 6, "JPEG"),
    saved(Image.fromarray(picture()), "JPEG", progressive=True, icc_profile=colours_swapped_profile()),
    saved(plain((1, 2, 3, 4), "CMYK"), "JPEG"),
    saved(Image.fromarray(picture()), "WEBP", exif=b"Exif\0\0MM\0*\0\0\0\x08", icc_profile=colours_swapped_profile()),
    saved(plain((1, 2, 3, 90), "RGBA"), "WEBP", lossless=True),
    saved(plain(), "WEBP", save_all=True, append_images=[plain((0, 0, 255))]),
    saved(Image.fromarray(picture()), "AVIF", icc_profile=colours_swapped_profile()),
    HEIC,
    saved(Image.fromarray(picture()), "TIFF", compression="tiff_lzw", icc_profile=colours_swapped_profile()),
    saved(plain((1, 2, 3, 90), "RGBA"), "TIFF", compression="tiff_adobe_deflate"),
    saved(plain((700,), "I;16"), "TIFF"),
    saved(plain((1, 2, 3, 4), "CMYK"), "TIFF", compression="jpeg"),
    saved(plain().quantize(4), "BMP"),
]


def mutated(seed: int) -> bytes:
    """A real file with some bytes changed, a piece cut out, doubled or moved, or its end gone; PNG chunks made to fit.

    A checksum that does not fit would have most changed PNGs refused at once.
    """
    draw = random.Random(seed)
    data = bytearray(draw.choice(ORIGINALS))
    for _ in range(draw.choice((0, 1, 1, 2, 4, 16))):
        data[draw.randrange(len(data))] = draw.choice((0, 1, 0x7F, 0x80, 0xFF, draw.randrange(256)))
    start = draw.randrange(len(data))
    piece = bytes(data[start : start + draw.randrange(200)])
    match draw.choice(("keep", "keep", "cut", "double", "move", "truncate")):
        case "cut":
            del data[start : start + len(piece)]
        case "double":
            data[start:start] = piece * draw.choice((1, 1, 1000))
        case "move":
            at = draw.randrange(len(data))
            data[at:at] = piece
        case "truncate":
            del data[start:]
    return _with_fitting_checksums(bytes(data)) if draw.random() < 0.8 else bytes(data)


def _with_fitting_checksums(data: bytes) -> bytes:
    """The file, where it is a PNG, with each chunk's checksum as it should be."""
    whole, at = bytearray(data), 8
    while data.startswith(b"\x89PNG") and at + 12 <= len(whole):
        end = at + 8 + int.from_bytes(whole[at : at + 4])
        if end + 4 > len(whole):
            break
        whole[end : end + 4] = struct.pack(">I", zlib.crc32(whole[at + 4 : end]))
        at = end + 4
    return bytes(whole)


def is_picture(pixels: object) -> bool:
    return isinstance(pixels, np.ndarray) and pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3
