from __future__ import annotations

import contextlib
import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from texture.errors import InvalidInput
from texture.methods.common import model_file as models
from texture.methods.common.model_file import EXEMPLAR, HEADER, PICTURE, Model, model_from, read_model, write_model


def made() -> Model:
    random = np.random.default_rng(0)
    picture = random.integers(0, 256, (24, 32, 3), dtype=np.uint8)
    tensors = {"average.weight": random.standard_normal((3, 4)).astype(np.float32)}
    return Model("counting", {"size": "64", "seed": 3}, 12, picture, picture[::-1].copy(), tensors)


FILE = write_model(made())


def test_a_model_comes_back_as_it_was(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(FILE)
    for found in (read_model(FILE), model_from(path), model_from(str(path)), model_from(FILE), model_from(made())):
        assert (found.method, found.params, found.steps) == ("counting", {"size": "64", "seed": 3}, 12)
        assert np.array_equal(found.exemplar, made().exemplar)
        assert np.array_equal(found.picture, made().picture)
        assert np.array_equal(found.tensors["average.weight"], made().tensors["average.weight"])


def test_reading_needs_no_torch(tmp_path):
    (tmp_path / "model").write_bytes(FILE)
    code = "import sys; from texture.methods.common.model_file import model_from; model_from(sys.argv[1])"
    code += "; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "model")], check=True)


def with_header(**words: object) -> bytes:
    header = {"format": 1, "method": "counting", "params": {}, "steps": 1, **words}
    pictures = {EXEMPLAR: made().exemplar, PICTURE: made().picture}
    return save(pictures, metadata={HEADER: json.dumps(header)})


NO_MODEL = "model: not a model that Texture Lab wrote, or damaged"


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", NO_MODEL),
        (b"\xff" * 100, NO_MODEL),
        (FILE[:-1], NO_MODEL),
        (FILE[:40], NO_MODEL),
        (save({"a": np.zeros(3, np.float32)}), NO_MODEL),
        (save({"a": np.zeros(3, np.float32)}, metadata={HEADER: "[]"}), NO_MODEL),
        (save({"a": np.zeros(3, np.float32)}, metadata={HEADER: "[" * 100_000}), NO_MODEL),
        (with_header(format=2), "model: of format 2, and this version reads 1"),
        (with_header(steps="many"), "does not say how it was trained"),
        (with_header(params=[]), "does not say how it was trained"),
        (
            write_model(dataclasses.replace(made(), tensors={"a": np.array([np.nan], np.float32)})),
            "values that are not finite",
        ),
        (
            write_model(dataclasses.replace(made(), exemplar=np.zeros((4, 4, 3), np.uint8))),
            "pictures are not valid",
        ),
        (write_model(dataclasses.replace(made(), picture=np.zeros((4, 0, 3), np.uint8))), "pictures are not valid"),
        (write_model(dataclasses.replace(made(), picture=np.zeros((16, 2_000_000, 3), np.uint8))), "at most 25 mill"),
        (with_header(steps=10**30), "does not say how it was trained"),
    ],
)
def test_what_is_none_is_refused_by_name(data, complaint):
    with pytest.raises(InvalidInput, match=complaint) as caught:
        read_model(data)
    assert caught.value.field == "model"


def test_a_file_too_large_is_not_even_looked_at(monkeypatch):
    monkeypatch.setattr(models, "MOST_BYTES", 2**20)
    with pytest.raises(InvalidInput, match="model: 2 MB is too large: at most 1 MB"):
        read_model(b"\0" * 2 * 2**20)


@given(st.integers(0, len(FILE) - 1), st.integers(0, 255))
def test_a_changed_byte_is_refused_or_read_but_never_anything_else(at, value):
    changed = FILE[:at] + bytes([value]) + FILE[at + 1 :]
    with contextlib.suppress(InvalidInput):
        read_model(changed)
