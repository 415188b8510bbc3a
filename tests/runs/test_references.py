"""The references that come with the package."""

from __future__ import annotations

import pytest

from texture.methods.registry import find_method, methods
from texture.methods.sizes import Extent
from texture.runs.forecast import forecast, references


def test_they_fit_todays_methods_and_there_are_some_of_each() -> None:
    told = references()
    assert set(told.calibration) == {"network", "plain"}
    for one in told.examples:
        method = find_method(one.method)
        assert method.outline(method.parse(one.settings), {}).work == pytest.approx(one.work)
        assert one.seconds > 0
    offered = {method.name for method in methods().values() if method.listed and not method.brief}
    assert {one.method for one in told.examples} == offered - {"seamless", "mend"}


@pytest.mark.parametrize("name", ["gatys", "match"])
def test_a_larger_result_takes_no_less(name: str) -> None:
    method, before = find_method(name), 0.0
    for side in (64, 128, 256, 512, 1024, 2048):
        params = method.parse({"size": str(side)})
        found = method.outline(params, {"source": Extent(300, 300)})
        seconds = forecast(method, params, found, [], references().calibration).seconds
        assert seconds is not None
        assert seconds >= before
        before = seconds
