"""Large answers go out from a file, which has no name and is closed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from texture.errors import SetupProblem
from texture.web.api.response import PIECE, File, _spool

LARGE = File(os.urandom(PIECE + 1), "image/png", "a.png")


def test_it_is_the_same_answer(tmp_path: Path) -> None:
    stored = _spool(LARGE, tmp_path)
    with stored.file as file:
        assert file.read() == LARGE.data
    assert (stored.etag, stored.size, stored.name) == (LARGE.etag, PIECE + 1, "a.png")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_takes_nothing_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(SetupProblem, match="cannot be put on the server's disk") as refused:
        _spool(LARGE, tmp_path / "gone")
    assert str(tmp_path) not in str(refused.value)
