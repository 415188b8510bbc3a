"""Whatever a file's colours are (profile, palette, CMYK, alpha) to eight-bit sRGB."""

from __future__ import annotations

import io

from PIL import Image, ImageChops, ImageCms, ImageStat

from texture.images.depth import Tell

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
READS = {"RGB": ("RGB", "L"), "GRAY": ("L",), "CMYK": ("CMYK",)}  # a profile's space -> the pictures it may describe
MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
HARDLY = 26  # grey levels, on average, by which what is visible must differ from white to be laid over it
NOTABLE = 0.001  # share of the picture that is transparent, from which on it is told


def flatten(image: Image.Image, tell: Tell) -> Image.Image:
    """An RGB picture in sRGB that looks as `image` does on white paper; on black where all of it is near white.

    image: of eight bits a channel, and loaded.
    """
    profile, alpha = image.info.get("icc_profile"), None
    if image.has_transparency_data:
        image = image.convert("RGBA")
        alpha = image.getchannel("A")
        image = image.convert("RGB")
    if image.mode not in ("RGB", "L", "CMYK"):
        image = image.convert("RGB")
    colour = _to_srgb(image, profile)
    return colour if alpha is None else _laid_over(colour, alpha, tell)


def _laid_over(colour: Image.Image, alpha: Image.Image, tell: Tell) -> Image.Image:
    """RGB over the ground on which it can be seen; alpha: of its size, mode L."""
    share = 1 - ImageStat.Stat(alpha).mean[0] / 255
    ground, name = (BLACK, "black: on white it could not be seen") if _is_white(colour, alpha) else (WHITE, "white")
    if share >= NOTABLE:
        tell(f"{max(1, round(100 * share))} % of the picture is transparent: laid over {name}")
    return Image.composite(colour, Image.new("RGB", colour.size, ground), alpha)


def _is_white(colour: Image.Image, alpha: Image.Image) -> bool:
    """Whether what is visible hardly differs from white, on average and weighted by how visible it is."""
    visible = ImageStat.Stat(alpha).sum[0]
    shadow = ImageChops.invert(colour.convert("L"))
    return visible > 0 and ImageStat.Stat(ImageChops.multiply(shadow, alpha)).sum[0] * 255 < HARDLY * visible


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
