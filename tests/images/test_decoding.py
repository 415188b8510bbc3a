"""Each point of what the web will send, with a real file of that kind."""

from __future__ import annotations

import io
import struct
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.images.real_files import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    HEIC,
    RED,
    RGB,
    WHITE,
    black_png,
    chunk_names,
    colours_swapped_profile,
    picture,
    plain,
    png,
    saved,
    with_orientation,
)
from texture.errors import InvalidInput
from texture.images.decoding import MAX_BYTES, decode, from_image, read
from texture.images.encoding import encode_png
from texture.images.formats import titles


def only_colour(data: bytes) -> np.ndarray:
    """The colour of a picture that should have one colour only."""
    pixels = decode(data).reshape(-1, 3)
    assert np.ptp(pixels, axis=0).max() <= 1
    return pixels[0].astype(int)


def refusal(data: bytes) -> str:
    with pytest.raises(InvalidInput) as caught:
        decode(data)
    assert caught.value.field == "file"
    return str(caught.value)


def of_format(name: str, pixels: np.ndarray) -> bytes:
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 98}, "AVIF": {"quality": 98, "subsampling": "4:4:4"}}
    return saved(Image.fromarray(pixels), name, **options.get(name, {}))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        *((of_format(name, picture()), 0) for name in ("PNG", "WEBP", "TIFF", "BMP")),
        *((of_format(name, picture()), 6) for name in ("JPEG", "AVIF")),
        (HEIC, 6),
    ],
    ids=["PNG", "WebP", "TIFF", "BMP", "JPEG", "AVIF", "HEIC"],
)
def test_each_format_gives_the_pixels_that_went_in(data, error):
    pixels = decode(data)
    assert pixels.shape == (40, 48, 3)
    assert pixels.dtype == np.uint8
    assert np.abs(pixels.astype(int) - picture()).max() <= error
    pixels[0, 0] = 0  # the array is the caller's own


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "AVIF", "TIFF", "BMP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_truncated_file_is_damaged(format, share):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    data = saved(Image.fromarray(noise), format)
    assert "damaged" in refusal(data[: int(len(data) * share)])


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_truncated_heic_is_damaged(share):
    assert "damaged" in refusal(HEIC[: int(len(HEIC) * share)])


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "zstd"])
def test_a_tiff_may_be_compressed(compression):
    data = saved(Image.fromarray(picture()), "TIFF", compression=compression)
    assert (decode(data) == picture()).all()


def test_sixteen_bits_of_grey_in_a_tiff_are_rounded_to_eight():
    heights = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    pixels = decode(saved(Image.fromarray(heights), "TIFF"))
    assert np.abs(pixels[..., 0] - heights / 257.0).max() <= 0.5


def test_floats_are_refused_with_what_to_do():
    data = saved(Image.fromarray(np.ones((40, 40), np.float32)), "TIFF")
    assert refusal(data) == "the picture has floating-point values: convert it to 8 or 16 bits a channel"


def test_of_a_tiff_with_pages_the_first_is_taken():
    data = saved(plain(RED), "TIFF", save_all=True, append_images=[plain(BLUE)])
    assert only_colour(data).tolist() == list(RED)


@pytest.mark.parametrize("tags", [{254: 1}, {50706: b"\1\4\0\0"}], ids=["a preview comes first", "DNG"])
def test_a_cameras_raw_file_is_not_taken_for_the_preview_in_it(tags):
    assert "a camera's raw file" in refusal(saved(plain(), "TIFF", tiffinfo=tags))


def test_a_bmp_in_runs_is_refused_to_strangers():
    header = struct.pack("<2sIHHIIiiHHIIiiII", b"BM", 0, 0, 0, 54 + 1024, 40, 40, 40, 1, 8, 1, 0, 0, 0, 256, 0)
    assert refusal(header + bytes(1024) + b"\x28\0\0\0" * 40 + b"\0\1") == "the BMP is compressed: save it as PNG"


def test_verify_would_pass_a_truncated_jpeg():
    """Why decoding loads the picture: the cheap check misses it."""
    data = saved(Image.fromarray(picture()), "JPEG")
    Image.open(io.BytesIO(data[:-40])).verify()
    assert "damaged" in refusal(data[:-40])


def test_a_decompression_bomb_is_refused_before_it_opens():
    bomb = black_png(13_000, 13_000)
    assert len(bomb) < 30_000
    assert "25 megapixels" in refusal(bomb)


def test_a_bomb_that_pillow_only_warns_of_is_refused_without_its_warning(recwarn):
    warnings.simplefilter("always")  # as in a server; in the tests every warning is an error
    assert refusal(black_png(10_000, 9_000)) == "the picture has too many pixels: at most 25 megapixels"
    assert not recwarn.list


def test_a_picture_just_too_large_names_its_size():
    assert refusal(black_png(5001, 5000)) == "the picture has 5001x5000 = 25 megapixels: at most 25"


def test_just_25_megapixels_are_welcome():
    assert decode(black_png(5000, 5000)).shape == (5000, 5000, 3)


def test_a_webp_that_claims_a_huge_canvas_is_refused():
    data = bytearray(saved(plain(), "WEBP", exif=b"Exif\0\0-"))
    assert data[12:16] == b"VP8X"
    data[24:30] = (16_000).to_bytes(3, "little") * 2
    assert "25 megapixels" in refusal(bytes(data))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "there is not enough memory for a picture of 48x40 pixels"),
        (AssertionError(), "this file is damaged or incomplete"),
        (ValueError("bad row\nat 7"), "this file is damaged or incomplete"),
    ],
)
def test_what_a_decoder_meets_is_told_without_the_names_of_classes(error, words):
    class Failing(Image.Image):
        size = (48, 40)

        def load(self):
            raise error

    with pytest.raises(InvalidInput) as caught:
        from_image(Failing())
    assert str(caught.value) == words


def test_more_than_20_megabytes_are_refused():
    side = 2700
    noise = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    data = saved(Image.fromarray(noise), "PNG", compress_level=0)
    assert len(data) > MAX_BYTES
    assert refusal(data) == "the file is 20.9 MB; the limit is 20 MB"


def test_a_picture_too_small_for_the_network_is_refused():
    assert refusal(saved(plain(size=(31, 200)), "PNG")) == "the picture has 31x200 pixels: at least 32 on each side"


def test_a_picture_that_is_a_thread_is_refused():
    assert decode(saved(plain(size=(1280, 40)), "PNG")).shape == (40, 1280, 3)
    complaint = "the picture has 1281x40 pixels: one side at most 32 times the other"
    assert refusal(saved(plain(size=(1281, 40)), "PNG")) == complaint


def test_an_empty_file_is_refused():
    assert refusal(b"") == "the file is empty"


@pytest.mark.parametrize(("format", "name"), [("GIF", "a GIF"), ("ICO", "an icon"), ("JPEG2000", "a JPEG 2000")])
def test_other_formats_are_named(format, name):
    advice = f"{titles()} are supported: open it in a picture viewer and save it as PNG or JPEG"
    assert refusal(saved(plain(), format)) == f"the file is {name}; {advice}"


@pytest.mark.parametrize("data", [b"hello", b"%PDF-1.7 ...", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", bytes(100)])
def test_what_is_no_picture_is_refused_in_words(data):
    assert "TIFF and BMP are supported" in refusal(data) or "damaged" in refusal(data)


UPRIGHT = {  # EXIF orientation -> what a viewer does to the stored rows and columns
    1: lambda p: p,
    2: lambda p: p[:, ::-1],
    3: lambda p: p[::-1, ::-1],
    4: lambda p: p[::-1],
    5: lambda p: p.transpose(1, 0, 2),
    6: lambda p: np.rot90(p, -1),
    7: lambda p: p[::-1, ::-1].transpose(1, 0, 2),
    8: lambda p: np.rot90(p, 1),
}


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_exif_orientation_is_applied(orientation):
    data = with_orientation(Image.fromarray(picture()), orientation)
    assert np.array_equal(decode(data), UPRIGHT[orientation](picture()))


def test_exif_orientation_is_applied_to_jpeg():
    data = with_orientation(plain(size=(64, 32)), 6, "JPEG")
    assert decode(data).shape == (64, 32, 3)


def test_unreadable_exif_turns_nothing():
    data = saved(Image.fromarray(picture()), "PNG", exif=b"Exif\0\0this is no TIFF header")
    assert np.array_equal(decode(data), picture())


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_an_icc_profile_is_heeded(format):
    options = {"lossless": True} if format == "WEBP" else {}
    data = saved(plain(RED), format, icc_profile=colours_swapped_profile(), **options)
    assert only_colour(data) == pytest.approx(GREEN, abs=3)


def test_an_icc_profile_is_heeded_under_a_palette_and_alpha():
    palette = plain(RED).quantize(4)
    assert only_colour(saved(palette, "PNG", icc_profile=colours_swapped_profile())) == pytest.approx(GREEN, abs=3)
    clear = plain((255, 0, 0, 128), "RGBA")
    seen = only_colour(saved(clear, "PNG", icc_profile=colours_swapped_profile()))
    assert seen == pytest.approx((127, 255, 127), abs=3)


@pytest.mark.parametrize("profile", [b"no profile at all", colours_swapped_profile()[:200]])
def test_a_broken_profile_is_as_good_as_none(profile):
    assert only_colour(saved(plain(RED), "PNG", icc_profile=profile)) == pytest.approx(RED, abs=1)


def test_a_profile_of_another_kind_of_picture_is_left_aside():
    """An RGB profile has nothing to say about inks; used all the same, this one would turn red to green."""
    data = saved(plain((0, 255, 255, 0), "CMYK"), "JPEG", quality=98, icc_profile=colours_swapped_profile())
    assert only_colour(data) == pytest.approx(RED, abs=3)


@pytest.mark.parametrize(
    ("ink", "seen"),
    [((0, 0, 0, 0), WHITE), ((0, 0, 0, 255), BLACK), ((0, 255, 255, 0), RED), ((255, 255, 0, 0), BLUE)],
)
def test_a_cmyk_jpeg_shows_its_inks(ink, seen):
    assert only_colour(saved(plain(ink, "CMYK"), "JPEG", quality=98)) == pytest.approx(seen, abs=3)


def test_a_grey_16_bit_png_keeps_its_brightness():
    values = np.tile(np.linspace(0, 65535, 64).round().astype(np.uint16), (64, 1))
    pixels = decode(saved(Image.fromarray(values), "PNG"))
    assert np.array_equal(pixels[..., 0], np.round(values / 257).astype(np.uint8))
    assert np.array_equal(pixels[..., 0], pixels[..., 2])


def test_a_coloured_16_bit_png_keeps_its_colours():
    row = b"\0" + np.tile(np.array([65535, 32896, 0], ">u2"), 40).tobytes()
    assert only_colour(png(40, 40, 16, RGB, row * 40)) == pytest.approx((255, 128, 0), abs=1)


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_few_bits_of_grey_span_black_to_white(depth):
    row = b"\0" + b"\xff" * (5 * depth // 2) + b"\x00" * (5 * depth - 5 * depth // 2)
    pixels = decode(png(40, 40, depth, GREY, row * 40))
    assert set(np.unique(pixels)) == {0, 255}


def test_a_palette_with_a_transparent_entry_lies_on_white():
    image = Image.new("P", (40, 40), 1)
    image.putpalette([*RED, *BLUE])
    assert tuple(only_colour(saved(image, "PNG"))) == BLUE
    assert tuple(only_colour(saved(image, "PNG", transparency=1))) == WHITE
    assert tuple(only_colour(saved(image, "PNG", transparency=bytes([255, 128])))) == (127, 127, 255)


def test_a_colour_key_lies_on_white():
    assert tuple(only_colour(saved(plain(RED), "PNG", transparency=RED))) == WHITE


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_alpha_lies_on_white(format):
    data = saved(plain((0, 0, 255, 51), "RGBA"), format, **({"lossless": True} if format == "WEBP" else {}))
    assert only_colour(data) == pytest.approx((204, 204, 255), abs=1)


def test_grey_with_alpha_lies_on_white():
    assert only_colour(saved(plain((0, 102), "LA"), "PNG")) == pytest.approx((153, 153, 153), abs=1)


@pytest.mark.parametrize("format", ["WEBP", "PNG"])
def test_only_the_first_frame_of_an_animation_is_read(format):
    options = {"lossless": True} if format == "WEBP" else {}
    data = saved(plain(RED), format, save_all=True, append_images=[plain(GREEN), plain(BLUE)], duration=100, **options)
    assert Image.open(io.BytesIO(data)).n_frames == 3
    assert tuple(only_colour(data)) == RED


def test_no_metadata_survives_decoding_and_encoding():
    exif = Image.Exif()
    exif[0x010E], exif[0x013B] = "the kitchen at home", "Somebody Real"
    exif.get_ifd(0x8825)[1] = "N"
    notes = {"exif": exif, "comment": b"my secret", "icc_profile": colours_swapped_profile()}
    data = saved(Image.fromarray(picture()), "JPEG", **notes)
    assert b"Somebody Real" in data
    assert chunk_names(encode_png(decode(data))) == [b"IHDR", b"IDAT", b"IEND"]


def test_reading_a_file_names_the_path(tmp_path: Path):
    good = tmp_path / "good.png"
    good.write_bytes(saved(Image.fromarray(picture()), "PNG"))
    assert np.array_equal(read(good), picture())
    (tmp_path / "bad.png").write_bytes(b"hello")
    for path, reason in ((tmp_path / "bad.png", "of another kind"), (tmp_path / "none.png", "no such file")):
        with pytest.raises(InvalidInput, match=reason) as caught:
            read(path)
        assert str(path) in str(caught.value)
        assert caught.value.field == "source"
    with pytest.raises(InvalidInput, match="it is a folder, not a file"):
        read(tmp_path)


def test_reading_a_huge_file_does_not_read_it(tmp_path: Path):
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.truncate(2**40)  # sparse: takes no room, and nobody could read it
    with pytest.raises(InvalidInput, match="the limit is 2048 MB"):
        read(path)


ORIGINALS = [
    saved(Image.fromarray(picture()), "PNG", icc_profile=colours_swapped_profile()),
    saved(plain().quantize(4), "PNG", transparency=0),
    with_orientation(Image.fromarray(picture()), 6, "JPEG"),
    saved(plain((1, 2, 3, 4), "CMYK"), "JPEG", icc_profile=colours_swapped_profile()),
    saved(Image.fromarray(picture()), "WEBP", exif=b"Exif\0\0MM\0*\0\0\0\x08", icc_profile=colours_swapped_profile()),
    saved(plain(), "WEBP", save_all=True, append_images=[plain(BLUE)]),
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real file with some bytes changed, a piece cut out or doubled, or its end gone."""
    data = bytearray(draw(st.sampled_from(ORIGINALS)))
    for _ in range(draw(st.integers(0, 6))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    start = draw(st.integers(0, len(data)))
    piece = slice(start, start + draw(st.integers(0, 40)))
    what = draw(st.sampled_from(["keep", "cut", "double", "truncate"]))
    if what == "cut":
        del data[piece]
    elif what == "double":
        data[piece.start : piece.start] = data[piece]
    elif what == "truncate":
        del data[start:]
    return bytes(data)


@settings(max_examples=400, deadline=None)
@given(mutated() | st.binary(max_size=200))
def test_whatever_the_bytes_decoding_gives_pixels_or_a_refusal(data: bytes):
    try:
        pixels = decode(data)
    except InvalidInput:
        return
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 3
    assert pixels.shape[2] == 3
