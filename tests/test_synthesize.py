from __future__ import annotations

import inspect
import io
import re
import subprocess
import sys
import tomllib
from collections import deque
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import texture
from texture import METHODS, InvalidInput, TextureError, sample, save, synthesize
from texture.errors import NotFound, SetupProblem
from texture.images.decoding import read
from texture.images.encoding import read_recipe
from texture.methods import registry
from texture.methods.counting import CountingParams, counting
from texture.methods.registry import method
from texture.methods.roles import ROLES

ROOT = Path(__file__).parents[1]
PIXELS = np.random.default_rng(0).integers(0, 256, (40, 48, 3), dtype=np.uint8)


def last_of(steps):
    return deque(steps, maxlen=1).pop()


def as_png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_importing_it_imports_no_torch():
    code = "import sys, texture; texture.METHODS['gatys'].params(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_version_is_the_projects():
    assert texture.__version__ == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_methods_are_there_by_name_and_other_names_are_not():
    assert METHODS["counting"].params().steps == 20
    with pytest.raises(AttributeError, match="has no attribute 'METHOD'"):
        _ = texture.METHOD


def test_it_yields_every_step_up_to_the_last():
    steps = synthesize("counting", PIXELS, steps=5, size="64x32")
    assert [(step.number, step.total) for step in steps] == [(n, 5) for n in range(1, 6)]
    step = last_of(synthesize("counting", PIXELS, steps=5, size="64x32"))
    assert step.image.shape == (3, 32, 64)
    assert step.losses["distance"] < 1


@pytest.mark.parametrize("kind", ["path", "string", "bytes", "pillow", "array", "floats"])
def test_the_source_may_be_of_any_kind(kind, tmp_path):
    path = tmp_path / "source.png"
    path.write_bytes(as_png(PIXELS))
    with Image.open(path) as pillow:
        sources = {
            "path": path,
            "string": str(path),
            "bytes": path.read_bytes(),
            "pillow": pillow,
            "array": PIXELS,
            "floats": PIXELS / 255,
        }
        step = last_of(synthesize("counting", sources[kind], steps=30))
    expected = last_of(synthesize("counting", PIXELS, steps=30))
    assert torch.equal(step.image, expected.image)


def test_grey_alpha_and_samples_are_sources_too():
    grey, clear = PIXELS[..., 0], np.dstack([PIXELS, np.full((40, 48), 255, np.uint8)])
    for source in (grey, clear, "sample:marble", Image.fromarray(PIXELS).quantize(8)):
        assert last_of(synthesize("counting", source, steps=1)).number == 1


def test_a_pillow_picture_is_left_as_it_was():
    image = Image.fromarray(PIXELS)
    image.getexif()[0x0112] = 6
    synthesize("counting", image)
    assert image.size == (48, 40)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (PIXELS.astype(np.int64), "array of int64"),
        (PIXELS / 100.0, "floats from 0 to 2.55"),
        (np.full((40, 40), np.nan), "floats from nan"),
        (PIXELS[None], "shape (1, 40, 48, 3)"),
        (PIXELS[..., :2], "shape (40, 48, 2)"),
        (PIXELS[:20], "48x20 pixels: at least 32"),
        (np.zeros((0, 40, 3), np.uint8), "at least 32"),
        (42, "int is not a picture"),
        (b"hello", "TIFF and BMP are supported"),
        ("no/such/file.png", "no such file"),
    ],
)
def test_a_source_that_is_no_picture_is_refused_at_the_call(source, reason):
    with pytest.raises(InvalidInput) as caught:
        synthesize("counting", source)
    assert reason in str(caught.value)
    assert caught.value.field == "source"


@pytest.fixture
def picky():
    """`picky`: counting, for one size of picture only."""

    def check(p, sizes):
        if sizes != {"source": (40, 40)}:
            raise InvalidInput(f"source is {sizes['source']}, not 40", field="source")

    method("picky", title="Picky", paper="none", params=CountingParams, check=check)(counting)
    yield "picky"
    del registry._METHODS["picky"]


def test_pictures_that_do_not_fit_are_refused_at_the_call(picky):
    with pytest.raises(InvalidInput, match="source is 48x40, not 40"):
        synthesize(picky, PIXELS)  # not even one step is asked for
    assert last_of(synthesize(picky, PIXELS[:, :40], steps=2)).number == 2


def test_everything_else_is_checked_at_the_call_too():
    with pytest.raises(InvalidInput, match="Steps must be between 1 and 10,000,000, not 0"):
        synthesize("counting", PIXELS, steps=0)
    with pytest.raises(InvalidInput, match="stesp is not known to counting"):
        synthesize("counting", PIXELS, stesp=3)
    with pytest.raises(InvalidInput, match="Preset of counting must be standard, not"):
        synthesize("counting", PIXELS, preset="best")
    with pytest.raises(InvalidInput) as caught:
        synthesize("counting", PIXELS, content=b"hello")
    assert caught.value.field == "content"
    with pytest.raises(InvalidInput, match="styles=str: a list of pictures"):
        synthesize("style", PIXELS, content=PIXELS, styles="sample:marble")
    with pytest.raises(NotFound, match="method 'magic': one of"):
        synthesize("magic", PIXELS)
    with pytest.raises(NotFound, match="sample 'sand'"):
        synthesize("counting", "sample:sand")
    with pytest.raises(SetupProblem, match="device 'abacus'"):
        synthesize("counting", PIXELS, device="abacus")


def test_it_goes_on_from_a_state_to_the_same_picture():
    whole = last_of(synthesize("counting", PIXELS, steps=9)).image
    for step in synthesize("counting", PIXELS, steps=9):
        if step.number == 4:
            state = step.state()
            break
    rest = list(synthesize("counting", PIXELS, steps=9, state=state))
    assert [step.number for step in rest] == [5, 6, 7, 8, 9]
    assert torch.equal(rest[-1].image, whole)


def test_saving_takes_tensors_and_pixels_and_keeps_the_recipe(tmp_path):
    save(PIXELS, tmp_path / "a.png", recipe={"seed": 3})
    save(torch.tensor(PIXELS).permute(2, 0, 1) / 255, str(tmp_path / "b.PNG"))
    assert np.array_equal(read(tmp_path / "a.png"), PIXELS)
    assert np.array_equal(read(tmp_path / "b.PNG"), PIXELS)
    assert read_recipe((tmp_path / "a.png").read_bytes()) == {"seed": 3}


@pytest.mark.parametrize("ending", [".jpg", ".jpeg"])
def test_saving_as_jpeg_keeps_the_size(tmp_path, ending):
    save(np.full((600, 700, 3), 90, np.uint8), tmp_path / f"a{ending}")
    assert read(tmp_path / f"a{ending}").shape == (600, 700, 3)


@pytest.mark.parametrize("name", ["a.gif", "a", "png"])
def test_saving_under_another_ending_is_refused(tmp_path, name):
    with pytest.raises(InvalidInput, match=r"written as .png, .jpg, .jpeg"):
        save(PIXELS, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_every_role_can_be_given():
    """The styles after the first as a list, and so the source textures."""
    named = {role for role in ROLES if not re.fullmatch(r"(style|source)\d", role)}
    assert {*named, "styles", "sources"} <= set(inspect.signature(synthesize).parameters)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: synthesize("counting", "a\0.png"), "is not a file name"),
        (lambda: synthesize([], PIXELS), r"method \[\]: one of"),
        (lambda: sample(None), "NoneType is not a model"),
        (lambda: sample("a\0"), "null byte"),
        (lambda: save(None, "x.png"), "NoneType of shape"),
        (lambda: save(PIXELS / 255, "x.png"), "float64 of shape"),
    ],
)
def test_things_of_the_wrong_kind_are_refused_in_words(call, said):
    with pytest.raises(TextureError, match=said):
        call()
