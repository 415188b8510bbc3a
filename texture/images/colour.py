"""Whatever a file's colours are (profile, palette, CMYK, 16 bit, alpha) to eight-bit sRGB."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
READS = {"RGB": ("RGB", "L"), "GRAY": ("L",), "CMYK": ("CMYK",)}  # a profile's space -> the pictures it may describe
MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
WHITE = (255, 255, 255)


def flatten(image: Image.Image) -> Image.Image:
    """An RGB picture in sRGB that looks as `image` does on white paper. `image` must have been loaded."""
    profile = image.info.get("icc_profile")
    image = _eight_bits(image)
    alpha = None
    if image.has_transparency_data:
        image = image.convert("RGBA")
        alpha = image.getchannel("A")
        image = image.convert("RGB")
    if image.mode not in ("RGB", "L", "CMYK"):
        image = image.convert("RGB")
    colour = _to_srgb(image, profile)
    if alpha is None:
        return colour
    return Image.composite(colour, Image.new("RGB", colour.size, WHITE), alpha)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Sixteen-bit grey to L; everything else has eight bits a channel already."""
    if not image.mode.startswith("I"):
        return image
    values = np.asarray(image).astype(np.uint32).clip(0, 65535)
    return Image.fromarray(((values + 128) // 257).astype(np.uint8))


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Through the profile where there is one that fits; the usual reading of the numbers where there is none."""
    if not profile:
        return image.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if image.mode not in READS.get(space, ()):
            return image.convert("RGB")
        converted = ImageCms.profileToProfile(image.convert(MODES[space]), source, SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):  # a broken profile on whole pixels is as good as none
        return image.convert("RGB")
    assert converted is not None  # None only comes back when converting in place
    return converted
