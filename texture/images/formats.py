"""The file formats that pictures are read from."""

from __future__ import annotations

from typing import NamedTuple


class Format(NamedTuple):
    """One of them: as people call it, as Pillow calls it, the endings of its files, its media types."""

    title: str
    pillow: str
    endings: tuple[str, ...]
    types: tuple[str, ...]


PNG = Format("PNG", "PNG", (".png",), ("image/png",))
JPEG = Format("JPEG", "JPEG", (".jpg", ".jpeg"), ("image/jpeg",))
WEBP = Format("WebP", "WEBP", (".webp",), ("image/webp",))
FORMATS = (
    PNG,
    JPEG,
    WEBP,
    Format("AVIF", "AVIF", (".avif",), ("image/avif",)),
    Format("HEIC", "HEIF", (".heic", ".heif"), ("image/heic", "image/heif")),
    Format("TIFF", "TIFF", (".tif", ".tiff"), ("image/tiff",)),
    Format("BMP", "BMP", (".bmp",), ("image/bmp", "image/x-ms-bmp")),
)
MEDIA = tuple(type for format in FORMATS for type in format.types)
ENDINGS = tuple(ending for format in FORMATS for ending in format.endings)
TAKEN = MEDIA + ENDINGS  # as file dialogues have it


def titles(last: str = "and") -> str:
    """All of them in words: "PNG, JPEG and WebP"."""
    *first, final = (format.title for format in FORMATS)
    return f"{', '.join(first)} {last} {final}"
