from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from texture.errors import NotFound
from texture.images.samples import DRAWINGS, FOLDER, PHOTOS, SCENES, find_sample, samples, textures


def test_our_drawings_and_the_photos_are_there():
    assert list(samples()) == [*DRAWINGS, *PHOTOS, *SCENES]


def test_scenes_are_no_exemplars():
    assert [sample.name for sample in textures()] == [*DRAWINGS, *PHOTOS]


@pytest.mark.parametrize("name", [*DRAWINGS, *PHOTOS, *SCENES])
def test_a_sample_is_a_free_picture_of_fit_size(name):
    sample = find_sample(name)
    height, width, channels = sample.pixels().shape
    assert 256 <= min(height, width) <= max(height, width) <= 640
    assert channels == 3
    assert sample.title
    assert any(word in sample.credit for word in ("CC0", "public domain", "drawn"))


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_what_make_draws(name):
    """Within what JPEG rounds away: the committed file must not drift from the script that made it."""
    drawn = np.asarray(runpy.run_path(str(FOLDER / "make.py"))["draw"](name)).astype(int)
    assert np.abs(drawn - find_sample(name).pixels()).mean() < 3
    assert find_sample(name).path.stat().st_size < 300_000


def test_an_unknown_sample_is_answered_with_those_there_are():
    with pytest.raises(NotFound, match="sample 'sand': one of pebbles, "):
        find_sample("sand")


def test_listing_samples_and_decoding_import_neither_torch_nor_scikit_image():
    code = (
        "import sys; from texture.images import checksum, decoding, encoding, samples, sheets; import texture.metrics;"
        "samples.samples(); print([name for name in ('torch', 'skimage', 'scipy') if name in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
