"""What schemathesis sends where the document names a format or a media type of ours: something that is right."""

from __future__ import annotations

import io
import os

import numpy as np
import schemathesis
from hypothesis import strategies
from PIL import Image

from texture.methods.common.model_file import Model, write_model

PIXELS = np.full((64, 64, 3), 128, np.uint8)


def picture(kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(PIXELS).save(file, kind)
    return file.getvalue()


schemathesis.openapi.format("size", strategies.sampled_from(["64", "512", "96x128"]))
schemathesis.openapi.format("job", strategies.just(os.environ["JOB"]))
schemathesis.openapi.format("entry", strategies.just(os.environ["ENTRY"]))
for kind in ("png", "jpeg", "webp"):
    schemathesis.openapi.media_type(f"image/{kind}", strategies.just(picture(kind)))
model = Model("counting", {"size": "64", "seed": 3}, 12, PIXELS, PIXELS, {"colour": np.zeros(3, np.float32)})
schemathesis.openapi.media_type("application/octet-stream", strategies.just(write_model(model)))
