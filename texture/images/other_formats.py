"""Unsupported file formats, each with its name and what to do about it."""

from __future__ import annotations

from PIL import Image

from texture.images.formats import titles

WANTED = f"{titles()} are supported"
PICTURE = "open it in a picture viewer and save it as PNG or JPEG"
PHOTO = "save or share it as JPEG (iPhone: Settings, Camera, Formats, Most Compatible)"
DEVELOP = "develop it in a photo program and save it as PNG or JPEG"
BY_START = (  # where, what stands there, the kind, what to do; the first that fits
    (0, b"GIF8", "a GIF", PICTURE),
    (8, b"CR\x02", "a camera's raw file", DEVELOP),
    (0, b"II*\x00", "a camera's raw file, or a damaged TIFF", DEVELOP),
    (0, b"MM\x00*", "a camera's raw file, or a damaged TIFF", DEVELOP),
    (0, b"IIRO", "a camera's raw file", DEVELOP),
    (0, b"IIU\x00", "a camera's raw file", DEVELOP),
    (0, b"FUJIFILMCCD-RAW", "a camera's raw file", DEVELOP),
    (0, b"\xff\x0a", "a JPEG XL", PICTURE),
    (0, b"\x00\x00\x00\x0cJXL ", "a JPEG XL", PICTURE),
    (0, b"\x00\x00\x00\x0cjP  ", "a JPEG 2000", PICTURE),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000", PICTURE),
    (0, b"8BPS", "a Photoshop file", "export it as PNG or JPEG"),
    (0, b"gimp xcf", "a GIMP file", "export it as PNG or JPEG"),
    (0, b"\x76\x2f\x31\x01", "an OpenEXR picture", "tone-map it and save it as PNG"),
    (0, b"#?RADIANCE", "a Radiance HDR picture", "tone-map it and save it as PNG"),
    (0, b"DDS ", "a DDS texture", "export it as PNG"),
    (0, b"qoif", "a QOI", PICTURE),
    (0, b"\x00\x00\x01\x00", "an icon", PICTURE),
    (0, b"%PDF", "a PDF", "export the page as PNG"),
    (0, b"%!PS", "a PostScript file", "export the page as PNG"),
    (0, b"PK\x03\x04", "a ZIP archive", "unpack it and use one of its pictures"),
    (4, b"ftyp", "a video", "save one of its frames as PNG"),
)
BRANDS = {  # of what begins as a video does
    b"crx ": ("a camera's raw file", DEVELOP),
    b"avif": ("a damaged AVIF", PICTURE),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"mif1"), ("a damaged HEIC photo", PHOTO)),
    **dict.fromkeys((b"avis", b"hevc", b"hevx", b"msf1"), ("a sequence of photos", PHOTO)),
}
KIND_OF_PICTURE, REDUCED = 254, 1  # the tag of a TIFF, and its bit that says that a larger picture follows
DNG_VERSION = 50706  # the tag that a camera's raw file has
BY_TEXT = (
    (b"<svg", "an SVG drawing", "export it as PNG"),
    (b"<html", "a web page, not a picture", "save the picture itself"),
    (b"<!doctype html", "a web page, not a picture", "save the picture itself"),
    (b"<?xml", "an XML file (perhaps an SVG drawing)", "export it as PNG"),
)
SOUGHT_IN = 512  # bytes searched for the kind of a text file


def what_instead(data: bytes) -> str:
    """What a file is that is none of those which are read, and what to do: the end of a sentence "the file is …"."""
    kind, advice = _kind(data)
    return f"{kind}; {WANTED}: {advice}" if advice else f"{kind}; {WANTED}"


def is_raw(image: Image.Image, data: bytes) -> bool:
    """Whether an opened file is a camera's, of which Pillow would take the small preview for the picture."""
    if image.format != "TIFF":
        return False
    tags = image.getexif()
    kind = tags.get(KIND_OF_PICTURE)
    reduced = isinstance(kind, int) and bool(kind & REDUCED)
    return data.startswith(b"CR\x02", 8) or DNG_VERSION in tags or reduced


def _kind(data: bytes) -> tuple[str, str]:
    if data[4:8] == b"ftyp":
        brands = [data[at : at + 4] for at in (8, *range(16, min(int.from_bytes(data[:4]), 64), 4))]
        for brand in sorted(brands, key=lambda brand: brand == b"mif1"):  # of AVIF as well as of HEIC
            if brand in BRANDS:
                return BRANDS[brand]
    for offset, start, kind, advice in BY_START:
        if data.startswith(start, offset):
            return kind, advice
    text = data[:SOUGHT_IN].lower()
    for word, kind, advice in BY_TEXT:
        if word in text and text.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
            return kind, advice
    return "of another kind, or damaged at its beginning", ""
