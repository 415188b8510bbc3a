"""Pixels to files: PNG with its recipe for keeping, small JPEG for viewing, and atomic writing."""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngImageFile, PngInfo

from texture.errors import InvalidInput, SetupProblem
from texture.wording import system_reason

LARGE = 16_000_000  # pixels; what is larger is packed less tightly: PNG in a quarter of the time, WebP in a tenth
RECIPE_KEY = "texture-lab"  # the keyword of the text chunk
LONGEST = {".jpg": 65_500, ".jpeg": 65_500, ".webp": 16_383}  # pixels a side, of what the formats can say
ENDINGS = (".png", *LONGEST)
BLOCK = 4096  # bytes: no disk keeps less


def encode_png(pixels: NDArray[np.uint8], recipe: Mapping[str, Any] | None = None) -> bytes:
    """H×W×3 uint8 as a PNG; `recipe` (anything JSON can say) goes into an iTXt chunk for `read_recipe`."""
    notes = PngInfo()
    if recipe is not None:
        notes.add_itxt(RECIPE_KEY, json.dumps(dict(recipe), ensure_ascii=False, allow_nan=False))
    file = io.BytesIO()
    level = 2 if pixels.shape[0] * pixels.shape[1] > LARGE else 6
    Image.fromarray(pixels).save(file, "PNG", pnginfo=notes, compress_level=level)
    return file.getvalue()


def read_recipe(data: bytes) -> dict[str, Any] | None:
    """The recipe inside a PNG that `encode_png` made, or None when it carries none.

    Raises:
        InvalidInput: no PNG, or the recipe in it cannot be read.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            assert isinstance(image, PngImageFile)
            text = image.text.get(RECIPE_KEY)
    except Exception as error:  # hostile bytes: a decoder fails in more ways than its documentation tells
        raise InvalidInput("the file is no PNG, or a damaged one", field="file") from error
    return None if text is None else _parse(text)


def _parse(text: str) -> dict[str, Any]:
    try:
        recipe = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("the recipe in the PNG is damaged", field="file") from error
    if not isinstance(recipe, dict):
        raise InvalidInput(f"the recipe in the PNG is a {type(recipe).__name__}, not an object", field="file")
    return recipe


def encode_jpeg(pixels: NDArray[np.uint8], quality: int = 80, limit: int | None = 512) -> bytes:
    """H×W×3 uint8 as a JPEG for the screen, reduced to at most `limit` pixels a side; never enlarged.

    Its colours are as fine as its brightness (4:4:4): at half the resolution a weave of red and blue turns to purple.
    """
    image = Image.fromarray(pixels)
    if limit is not None:
        image.thumbnail((limit, limit), Image.Resampling.BILINEAR, reducing_gap=2)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, subsampling="4:4:4")
    return file.getvalue()


def encode_animation(frames: Sequence[NDArray[np.uint8]], rate: int, hold: int = 0) -> bytes:
    """H×W×3 uint8 pictures as an endless WebP loop, `rate` of them a second, each as large as the last one.

    hold: milliseconds for which the last one stays longer.
    """
    height, width = frames[-1].shape[:2]
    images = (Image.fromarray(frame) for frame in frames)
    first, *rest = (one if one.size == (width, height) else one.resize((width, height)) for one in images)
    durations = [round(1000 / rate)] * len(frames)
    durations[-1] += hold
    file = io.BytesIO()
    first.save(file, "WEBP", save_all=True, append_images=rest, duration=durations, loop=0, quality=85)
    return file.getvalue()


def check_ending(path: Path | str, field: str = "path", endings: Sequence[str] = ENDINGS) -> str:
    """The path's ending, one of these, in small letters.

    Raises:
        InvalidInput: another one; it names `field`.
    """
    ending = Path(path).suffix.lower()
    if ending not in endings:
        kind = "a picture" if ".png" in endings else "this"
        name = f'"{path}" is not a file name' if Path(path).name.lower() in ("", *endings) else path
        raise InvalidInput(f"{name}: {kind} is written as {', '.join(endings)}", field=field, value=str(path))
    return ending


def encode_as(ending: str, pixels: NDArray[np.uint8], recipe: Mapping[str, Any] | None = None) -> bytes:
    """H×W×3 uint8 as a file of that ending for keeping, without loss but for a JPEG; only a PNG carries the recipe.

    Raises:
        InvalidInput: too long for a JPEG or a WebP.
    """
    if ending == ".png":
        return encode_png(pixels, recipe)
    height, width = pixels.shape[:2]
    if max(height, width) > LONGEST[ending]:
        kind = "WebP" if ending == ".webp" else "JPEG"
        reason = f"a {kind} has at most {LONGEST[ending]} pixels on each side, not {width}x{height}: write a .png"
        raise InvalidInput(reason, field="path", value=f"{width}x{height}")
    return _encode_webp(pixels) if ending == ".webp" else encode_jpeg(pixels, quality=95, limit=None)


def _encode_webp(pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    quick = {"method": 0, "quality": 20} if pixels.shape[0] * pixels.shape[1] > LARGE else {}
    Image.fromarray(pixels).save(file, "WEBP", lossless=True, **quick)
    return file.getvalue()


def write_atomically(path: Path | str, data: bytes) -> None:
    """Write under a temporary name beside `path`, then rename: a reader sees the old file or the new one, whole.

    Raises:
        SetupProblem: the folder or the file cannot be written; the text names it.
    """
    try:
        replace_file(Path(path), data)
    except OSError as error:
        raise SetupProblem(f"{path} cannot be written: {system_reason(error)}") from error


def replace_file(path: Path, data: bytes, *, forced: bool = True) -> None:
    """The same, for those who have words of their own for the system's errors. Raises OSError.

    forced: as far as the disk; without that it is quicker, and after a power cut the file may be torn.
    """
    with _draft(path.parent, path.name, data, forced) as draft:
        draft.replace(path)


def check_folder(folder: Path) -> None:
    """Write a block into a folder, as far as the disk, and remove it again.

    Raises:
        OSError: that cannot be done.
    """
    with _draft(folder, "", bytes(BLOCK)):
        pass


def drafts(path: Path) -> list[Path]:
    """The temporary files of killed writers of `path`."""
    return list(path.parent.glob(f"{_draft_prefix(path.name)}*"))


def _draft_prefix(name: str) -> str:
    """Of the temporary names of a file; short, however long its own name is."""
    return f".texture-{hashlib.sha256(os.fsencode(name)).hexdigest()[:12]}-"


@contextmanager
def _draft(folder: Path, name: str, data: bytes, forced: bool = True) -> Iterator[Path]:
    """A file of that content under a temporary name.

    forced: it is written as far as the disk, so that a rename after it never names an empty file.
    """
    draft = folder / f"{_draft_prefix(name)}{secrets.token_hex(8)}.part"
    try:
        with draft.open("xb") as file:
            file.write(data)
            if forced:
                file.flush()
                os.fsync(file.fileno())
        yield draft
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
