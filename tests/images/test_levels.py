"""Maps as they are stored: 8 and 16 bits, grey, alpha and floats."""

from __future__ import annotations

import io

import imagecodecs
import numpy as np
import OpenEXR
import pytest
from PIL import Image

from texture.errors import InvalidInput
from texture.images.decoding import OWN, UPLOADED
from texture.images.levels import read_levels

RANDOM = np.random.default_rng(0)


def levels(shape: tuple[int, ...], bits: int = 16):
    return RANDOM.integers(0, 2**bits, shape, dtype=np.uint16 if bits == 16 else np.uint8)


def saved(values, format: str = "PNG", **how) -> bytes:
    file = io.BytesIO()
    Image.fromarray(values).save(file, format, **how)
    return file.getvalue()


def exr(tmp_path, **channels) -> bytes:
    path = tmp_path / "map.exr"
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    OpenEXR.File(header, channels).write(str(path))
    return path.read_bytes()


@pytest.mark.parametrize("bounds", [OWN, UPLOADED])
@pytest.mark.parametrize("shape", [(33, 40), (33, 40, 3), (33, 40, 4)], ids=str)
@pytest.mark.parametrize("encode", [imagecodecs.png_encode, imagecodecs.tiff_encode], ids=["PNG", "TIFF"])
def test_sixteen_bits_stay_sixteen(encode, shape, bounds):
    given = levels(shape)
    found = read_levels(encode(given), "a.png", bounds=bounds)
    assert found.dtype == np.uint16
    assert (found == given).all()


@pytest.mark.parametrize("shape", [(33, 40), (33, 40, 3), (33, 40, 4)], ids=str)
def test_eight_bits_stay_eight_and_alpha_is_kept(shape):
    given = levels(shape, 8)
    found = read_levels(saved(given), "a.png")
    assert found.dtype == np.uint8
    assert (found == given).all()


def test_no_profile_is_applied():
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    given = levels((32, 32, 3), 8)
    assert (read_levels(saved(given, icc_profile=profile), "a.png") == given).all()


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_openexr_becomes_sixteen_bits(tmp_path, dtype):
    given = np.linspace(0, 1, 32 * 48, dtype=np.float32).reshape(32, 48).astype(dtype)
    found = read_levels(exr(tmp_path, Y=given), "a.exr")
    assert found.dtype == np.uint16
    assert abs(found / 65535 - given).max() < 1e-5
    colours = read_levels(exr(tmp_path, RGB=np.stack([given] * 3, -1)), "a.exr")
    assert (colours == found[..., None]).all()


def test_heights_beyond_black_and_white_are_stretched_and_that_is_told(tmp_path):
    told: list[str] = []
    given = np.linspace(-2, 6, 32 * 32, dtype=np.float32).reshape(32, 32)
    found = read_levels(exr(tmp_path, Y=given), "a.exr", told.append)
    assert (found.min(), found.max()) == (0, 65535)
    assert told == ["the values go from -2 to 6: stretched to span black to white"]


@pytest.mark.parametrize("name", ["PNG", "TIFF", "EXR"])
def test_a_damaged_file_is_named(tmp_path, name):
    whole = {
        "PNG": imagecodecs.png_encode(levels((64, 64))),
        "TIFF": imagecodecs.tiff_encode(levels((64, 64))),
        "EXR": exr(tmp_path, Y=np.zeros((64, 64), np.float32)),
    }[name]
    with pytest.raises(InvalidInput, match=r"wall_height: .*(damaged|incomplete|not read)"):
        read_levels(whole[: len(whole) // 3], "wall_height")


def test_a_size_beyond_the_bounds_is_refused_before_it_is_read(tmp_path):
    with pytest.raises(InvalidInput, match="at least 32"):
        read_levels(exr(tmp_path, Y=np.zeros((8, 64), np.float32)), "a.exr")


def test_an_openexr_picture_of_many_channels_is_refused_before_it_is_unpacked(tmp_path):
    planes = {f"light{number}.Y": np.zeros((32, 32), np.float32) for number in range(9)}
    with pytest.raises(InvalidInput, match=r"1 part\(s\) and 9 channels: one part, and at most 8 channels"):
        read_levels(exr(tmp_path, **planes), "a.exr")
