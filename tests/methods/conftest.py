"""What the methods' tests share: VGG-19 with random filters in place of a download."""

from __future__ import annotations

import pytest

from tests.features.random_network import random_weights
from texture.methods import gatys


@pytest.fixture
def random_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what would come over the network is replaced."""
    weights = random_weights()
    monkeypatch.setattr(gatys, "load", lambda settings, rescale: weights)
