"""`score`: quality numbers as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from texture import save
from texture.images.encoding import encode_png
from texture.images.samples import find_sample
from texture.images.tensors import resize, to_pixels, to_tensor
from texture.metrics import METRICS


def scores(call, *arguments):
    status, out, _ = call("score", *arguments)
    assert status == 0
    return json.loads(out)


def test_the_seams_of_each_picture(call):
    waves = (127 + 100 * np.cos(np.arange(64) * 2 * np.pi / 32)).astype(np.uint8)
    Path("wraps.png").write_bytes(encode_png(np.repeat(np.tile(waves, (64, 1))[..., None], 3, axis=2)))
    found = scores(call, "sample:clay", "wraps.png", "sample:pebbles")
    assert found["exemplar"]["picture"] == "sample:clay"
    assert [one["picture"] for one in found["results"]] == ["wraps.png", "sample:pebbles"]
    assert found["results"][0]["seamless"] == {"x": True, "y": True}
    assert found["results"][1]["seam"]["x"] > 2


def test_metrics_stand_beside_their_floors(call):
    same, other = scores(call, "sample:clay", "sample:clay", "sample:pebbles")["results"]
    for one in (same, other):
        assert (
            [*one["metrics"], "regularity"] == [*one["baselines"], "regularity"] == list(METRICS)
        )  # clay has no periods
    assert same["metrics"]["patch"] < same["baselines"]["patch"] < other["metrics"]["patch"]
    assert same["metrics"]["copying"] > 0.4 > other["metrics"]["copying"]


def test_the_exemplar_is_taken_in_the_scale_of_the_result(call):
    """A reduced copy is a perfect result of that size, and a poor one of the whole exemplar."""
    small = to_pixels(resize(to_tensor(find_sample("clay").pixels()), (128, 128)).clamp(0, 1))
    save(small, "plain.png")
    save(small, "half.png", {"method": "gatys", "params": {"size": "128", "exemplar_size": 256}})
    save(small, "damaged.png", {"method": "gatys", "params": 3})
    trained = {"method": "sgan", "params": {"size": "64", "exemplar_size": 256}, "steps": 1}
    save(small, "painted.png", {"method": "sample", "params": {"size": "128"}, "model": trained})
    pictures = ("plain.png", "half.png", "damaged.png", "painted.png")
    plain, half, damaged, painted = scores(call, "sample:clay", *pictures)["results"]
    assert plain["metrics"]["patch"] < plain["baselines"]["patch"]
    assert half["metrics"]["patch"] > 3 * plain["metrics"]["patch"]
    assert damaged["metrics"] == plain["metrics"]
    assert painted["metrics"] == half["metrics"]
