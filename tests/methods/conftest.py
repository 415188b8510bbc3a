"""What the methods' tests share: VGG with random filters in place of a download."""

from __future__ import annotations

import pytest

from tests.features.random_network import random_weights
from texture.methods.common import network


@pytest.fixture
def random_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what would come over the network is replaced."""
    monkeypatch.setattr(network, "load", lambda settings, network, rescale: random_weights(network=network[:5]))
