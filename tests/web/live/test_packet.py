"""JSON as it goes over the sockets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from texture.web.live.packet import FastJson, Ready


@pytest.mark.parametrize("part", [2**70, -(2**64), "half a pair: \ud800", "é", 1.5, None, True])
def test_whatever_a_row_may_hold_is_written(part: Any) -> None:
    message = {"row": {"params": {"x": part}}, "points": Ready('[{"number":1}]')}
    assert json.loads(FastJson.dumps(message)) == {"row": {"params": {"x": part}}, "points": [{"number": 1}]}


def test_what_is_no_number_is_null() -> None:
    assert FastJson.dumps([float("nan"), float("inf")], separators=(",", ":")) == "[null,null]"


def test_text_that_is_ready_is_passed_on_as_it_is() -> None:
    assert FastJson.dumps({"points": Ready("[1, 2]")}) == '{"points":[1, 2]}'
