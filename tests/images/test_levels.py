"""Maps as they are stored: 8 and 16 bits, grey, alpha and floats."""

from __future__ import annotations

import io

import imagecodecs
import numpy as np
import OpenEXR
import pytest
import tifffile
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
    found = read_levels(exr(tmp_path, Y=given), "a.exr", told.append, floats="stretch")
    assert (found.min(), found.max()) == (0, 65535)
    assert told == ["the values go from -2 to 6: stretched to span black to white"]


def test_what_is_no_number_is_the_lowest_and_infinite_is_the_highest(tmp_path):
    given = np.linspace(2, 6, 32 * 32, dtype=np.float32).reshape(32, 32)
    given[5, :3] = np.nan, np.inf, -np.inf
    found = read_levels(exr(tmp_path, Y=given), "a.exr", lambda words: None, floats="stretch")
    assert found[5, :3].tolist() == [0, 65535, 0]
    assert found[16, 16] == pytest.approx(65535 * (given[16, 16] - 2) / 4, abs=1)


def test_the_largest_floats_are_stretched_too(tmp_path):
    given = np.linspace(-3e38, 3e38, 32 * 32, dtype=np.float64).reshape(32, 32).astype(np.float32)
    found = read_levels(exr(tmp_path, Y=given), "a.exr", lambda words: None, floats="stretch")
    assert (found[0, 0], found[-1, -1]) == (0, 65535)


def test_what_is_no_height_is_cut_off_beyond_black_and_white_and_that_is_told(tmp_path):
    told: list[str] = []
    given = np.full((32, 32), 0.5, np.float32)
    given[3, 4] = 1.001
    found = read_levels(exr(tmp_path, Y=given), "a.exr", told.append)
    assert (found[0, 0], found[3, 4]) == (32768, 65535)
    assert told == ["the values go from 0.5 to 1.001: cut off at 0 and 1"]


@pytest.mark.parametrize("lean", [0.0, 0.3])
def test_directions_are_read_alike_with_and_without_signs(tmp_path, lean):
    vector = np.array([lean, 0, np.sqrt(1 - lean**2)], np.float32)
    signed = np.tile(vector, (32, 32, 1))
    packed = signed / 2 + 0.5
    packed[0, 0] = 1.0005
    found = [
        read_levels(exr(tmp_path, RGB=one), "a.exr", lambda words: None, floats="directions")
        for one in (signed, packed)
    ]
    for one in found:
        assert abs(one[1:] / 65535 - packed[1:]).max() < 1e-4


@pytest.mark.parametrize("dtype", [np.uint16, np.float16, np.float32])
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_a_tiff_is_read_however_it_has_its_channels(dtype, channels, planar):
    given = levels((33, 40, channels)).squeeze()
    values = given if dtype == np.uint16 else (given / 65535).astype(dtype)
    how = {"photometric": "rgb", "planarconfig": planar} if channels > 1 else {}
    planes = values if planar == "contig" or channels == 1 else values.transpose(2, 0, 1)
    file = io.BytesIO()
    tifffile.imwrite(file, planes, **how)
    found = read_levels(file.getvalue(), "a.tif")
    assert found.shape == given.shape
    assert abs(found.astype(int) - given).max() <= (32 if dtype == np.float16 else 1)


def test_a_tiff_of_many_channels_is_refused():
    file = io.BytesIO()
    tifffile.imwrite(file, levels((33, 40, 5)), photometric="minisblack", planarconfig="contig")
    with pytest.raises(InvalidInput, match="the TIFF has 5 channels: at most 4"):
        read_levels(file.getvalue(), "a.tif")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_sixteen_bits_lie_upright_as_eight_do(orientation):
    given = levels((33, 40, 3), 8)
    how = {"photometric": "rgb", "extratags": [(274, "H", 1, orientation, True)]}
    eight, sixteen = io.BytesIO(), io.BytesIO()
    tifffile.imwrite(eight, given, **how)
    tifffile.imwrite(sixteen, given.astype(np.uint16) * 257, **how)
    upright = read_levels(eight.getvalue(), "a.tif")
    assert (read_levels(sixteen.getvalue(), "a.tif") == upright.astype(np.uint16) * 257).all()


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


def test_a_deep_openexr_picture_is_refused_before_it_is_unpacked(tmp_path):
    samples = np.empty((32, 32), object)
    for at in np.ndindex(samples.shape):
        samples[at] = np.zeros(3, np.float32)
    path = tmp_path / "deep.exr"
    header = {"compression": OpenEXR.ZIPS_COMPRESSION, "type": OpenEXR.deepscanline}
    OpenEXR.File(header, {"Y": samples}).write(str(path))
    with pytest.raises(InvalidInput, match="the OpenEXR picture is a deep one: flatten it"):
        read_levels(path.read_bytes(), "a.exr")
