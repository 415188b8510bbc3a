"""The calibration, for real."""

from __future__ import annotations

import time

import torch

from texture.runs.calibration import calibrate
from texture.runs.forecast import references


def test_it_takes_a_time_for_each_kind_and_changes_nothing() -> None:
    torch.manual_seed(1)
    before, began = torch.get_rng_state(), time.monotonic()
    found = calibrate(torch.device("cpu"))
    took = time.monotonic() - began
    assert set(found) == set(references().calibration)
    assert all(0 < seconds < took for seconds in found.values())
    assert torch.equal(torch.get_rng_state(), before), "the picture of a seed is the same, measured or not"
