"""A trained model as a file: the weights, what they were trained with, and the pictures to know it by.

safetensors, so that nothing of it is ever run. The header's metadata has a JSON document under `texture-lab`; beside
the weights lie the exemplar as it was trained on and the picture that the model shows, both H×W×3 uint8. Reading and
writing need no torch, so that a process which only serves pages can show a shelf of models.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from texture.errors import InvalidInput
from texture.images.decoding import MAX_PIXELS
from texture.version import VERSION
from texture.wording import system_reason

FORMAT = 1
HEADER = "texture-lab"
EXEMPLAR, PICTURE = "pictures.exemplar", "pictures.shown"
SMALLEST_EXEMPLAR = 16  # pixels a side: less cannot be measured by
MOST_BYTES = 256 * 2**20  # of a file
MOST_HEADER = 2**20  # bytes; as JSON in memory it may be many times that
MOST_STEPS = 10**12  # of training; the table has no room for more than 2**63


@dataclass(frozen=True)
class Model:
    """What training leaves behind.

    params: of the training, as JSON; steps: how many there were.
    exemplar, picture: H×W×3 uint8; the former has the size at which it was trained on.
    tensors: the weights by name, float32, on the CPU.
    """

    method: str
    params: Mapping[str, Any]
    steps: int
    exemplar: NDArray[np.uint8]
    picture: NDArray[np.uint8]
    tensors: Mapping[str, NDArray[np.float32]]


ModelSource = Model | bytes | str | Path


def write_model(model: Model) -> bytes:
    """The file."""
    words = {
        "format": FORMAT,
        "version": VERSION,
        "method": model.method,
        "params": dict(model.params),
        "steps": model.steps,
    }
    pictures = {EXEMPLAR: np.ascontiguousarray(model.exemplar), PICTURE: np.ascontiguousarray(model.picture)}
    data: bytes = save({**model.tensors, **pictures}, metadata={HEADER: json.dumps(words)})
    return data


def read_model(data: bytes, field: str = "model") -> Model:
    """The model in a file's bytes.

    Raises:
        InvalidInput: it is no such file, or damaged, or of another kind; it names `field`.
    """
    if len(data) > MOST_BYTES:
        raise _refused(field, f"{len(data) // 2**20} MB is too large: at most {MOST_BYTES // 2**20} MB")
    try:
        length = int.from_bytes(data[:8], "little")
        if length > MOST_HEADER:
            raise _refused(field, "not a model that Texture Lab wrote, or damaged")
        header = json.loads(data[8 : 8 + length])
        words = json.loads(header["__metadata__"][HEADER])
        tensors = load(data)
        return _model(words, tensors, field)
    except InvalidInput:
        raise
    except (SafetensorError, ValueError, LookupError, TypeError, RecursionError, AttributeError) as error:
        raise _refused(field, "not a model that Texture Lab wrote, or damaged") from error


def model_from(source: ModelSource, field: str = "model") -> Model:
    """The model that a caller has in hand.

    Raises:
        InvalidInput: there is no such file, or it is no model; it names `field`.
    """
    if isinstance(source, Model):
        return source
    if isinstance(source, bytes):
        return read_model(source, field)
    if not isinstance(source, str | Path):
        raise _refused(field, f"{type(source).__name__} is not a model: give a path, or the bytes of a file")
    path = Path(source)
    try:
        return read_model(path.read_bytes(), field)
    except OSError as error:
        reason = system_reason(error)
    except ValueError as error:  # a name with a null byte in it
        reason = str(error)
    except InvalidInput as error:
        reason = str(error).removeprefix(f"{field}: ")
    raise InvalidInput(f"{path}: {reason}", field=field, value=str(path))


def _model(words: Mapping[str, Any], tensors: dict[str, NDArray[Any]], field: str) -> Model:
    if words["format"] != FORMAT:
        raise _refused(field, f"of format {words['format']!r}, and this version reads {FORMAT}")
    exemplar = _picture(tensors.pop(EXEMPLAR), field, SMALLEST_EXEMPLAR)
    picture = _picture(tensors.pop(PICTURE), field, 1)  # a repainted panorama is low
    for name, weights in tensors.items():
        if weights.dtype != np.float32 or not np.isfinite(weights).all():
            raise _refused(field, f"damaged: {name} has values that are not finite")
    steps, method, params = words["steps"], words["method"], words["params"]
    known = isinstance(steps, int) and 0 <= steps <= MOST_STEPS
    if not (known and isinstance(method, str) and isinstance(params, dict)):
        raise _refused(field, "damaged: its header does not say how it was trained")
    return Model(method, params, steps, exemplar, picture, tensors)


def _picture(pixels: NDArray[Any], field: str, smallest: int) -> NDArray[np.uint8]:
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or min(pixels.shape[:2]) < smallest:
        raise _refused(field, "damaged: its pictures are not valid")
    height, width = pixels.shape[:2]
    if height * width > MAX_PIXELS:  # which is also the most that an exemplar may have
        raise _refused(field, f"one of its pictures has {width}x{height} pixels: at most {MAX_PIXELS // 10**6} million")
    return pixels


def _refused(field: str, reason: str) -> InvalidInput:
    return InvalidInput(f"{field}: {reason}", field=field)
