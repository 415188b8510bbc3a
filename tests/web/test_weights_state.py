"""The server's eye on the weights: they are fetched when they are missing, and again when they no longer are sound."""

from __future__ import annotations

import os
import queue
from pathlib import Path

import pytest
import torch

from tests.features.networks import settings_for, vgg19n
from texture.features.weights import fetch
from texture.features.weights.fetch import Source
from texture.web import weights_state
from texture.web.weights_state import Weights

SOON = 60.0  # seconds


def test_weights_that_are_damaged_while_it_runs_are_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made_up(folder: Path, report: object) -> Path:
        torch.save(vgg19n(), folder / "network.pth")
        return folder / "network.pth"

    monkeypatch.setitem(fetch.SOURCES, "vgg19", (Source("made up", 10, made_up),))
    monkeypatch.setattr(weights_state, "LOOK_AGAIN", 0.05)
    came: queue.SimpleQueue[bool] = queue.SimpleQueue()
    watched = Weights(settings_for(tmp_path), lambda change: None, lambda: came.put(True))
    watched.start()
    assert came.get(timeout=SOON)
    copy = tmp_path / "cache/vgg19.safetensors"
    size = copy.stat().st_size
    os.truncate(copy, 30_000_000)
    assert came.get(timeout=SOON)
    assert copy.stat().st_size == size
    assert watched.state().state == "ready"
