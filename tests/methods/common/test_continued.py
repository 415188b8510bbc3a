"""What a result is continued with at two and four times its size, and where that makes no sense."""

from __future__ import annotations

from typing import Any

import pytest

from texture.errors import InvalidInput
from texture.methods.common.continued import continued
from texture.methods.match.plan import plan, shown_exemplar
from texture.methods.registry import find_method, methods
from texture.methods.sizes import Extent

PHOTO = Extent(600, 512)


def written(name: str, given: dict[str, Any], by: int = 2) -> dict[str, Any]:
    """What of the parameters differs from the defaults."""
    stored = find_method(name).parse(given).model_dump(mode="json")
    found = continued(find_method(name), stored, {"source": PHOTO}, by)
    return found.model_dump(mode="json", exclude_defaults=True)


@pytest.mark.parametrize(
    ("name", "given", "more"),
    [
        ("gatys", {"seed": 3}, {"size": "512", "seed": 3}),
        ("gatys", {"scales": 3, "steps": "9 5 2"}, {"size": "512", "steps": "20"}),
        ("patch", {"size": "128x192", "tile": "x", "coarsest": 64}, {"size": "256x384", "tile": "x"}),
        ("patch", {"exemplar_size": 100, "start": "shuffled"}, {"size": "512", "exemplar_size": 200, "steps": "60"}),
        ("patch", {"start": "match", "learning_rate": 0.02}, {"size": "512", "learning_rate": None}),
        ("match", {}, {"size": "512", "coarsest": 256, "rounds": "16 8"}),
        ("match", {"size": "1024", "exemplar_size": 128}, {"size": "2048", "exemplar_size": 256, "coarsest": 128}),
        ("cnnmrf", {}, {"size": "512", "scales": 1, "steps": "20", "variety": 0}),
    ],
)
def test_the_result_is_begun_with_and_everything_is_twice_as_large(
    name: str, given: dict[str, Any], more: dict[str, Any]
) -> None:
    found = written(name, given)
    assert {key: found.get(key) for key in ("start", *more)} == {"start": "picture", **more}


@pytest.mark.parametrize(
    ("name", "given", "more"),
    [
        ("gatys", {}, {"scales": 2, "steps": "20"}),
        ("patch", {}, {"coarsest": 256, "steps": "60"}),
        ("match", {}, {"coarsest": 128, "rounds": "16 8"}),
        ("cnnmrf", {}, {"scales": 2, "steps": "20", "variety": 0}),
    ],
)
def test_four_times_the_size_is_reached_by_way_of_twice(name: str, given: dict[str, Any], more: dict[str, Any]) -> None:
    found = written(name, {"size": "128", **given}, by=4)
    assert {key: found[key] for key in ("size", "start", *more)} == {"size": "512", "start": "picture", **more}


@pytest.mark.parametrize(
    ("given", "source", "complaint"),
    [
        ({}, PHOTO, "four times the size needs 1024; twice is possible$"),
        ({}, Extent(400, 400), "four times the size needs 1024$"),
        ({"size": "1024", "exemplar_size": 128}, Extent(4000, 4000), None),
        ({"size": "4096", "exemplar_size": 128}, Extent(4000, 4000), "8192 pixels.* not .?16384.*; twice is possible$"),
        ({"size": "1024"}, Extent(4096, 4096), "needs a source texture of .*; twice is possible$"),
    ],
)
def test_where_four_times_is_too_much_it_is_told_what_is_possible(
    given: dict[str, Any], source: Extent, complaint: str | None
) -> None:
    if complaint is None:
        assert str(continued(find_method("match"), given, {"source": source}, 4).size) == "4096"
        return
    with pytest.raises(InvalidInput, match=complaint):
        continued(find_method("match"), given, {"source": source}, 4)


def test_by_what_it_is_continued_is_two_or_four() -> None:
    with pytest.raises(InvalidInput, match="By must be one of 2, 4, not 3"):
        continued(find_method("match"), {}, {"source": PHOTO}, 3)


@pytest.mark.parametrize(
    ("name", "given", "sizes", "complaint"),
    [
        ("gatys", {"size": "512"}, {}, "shorter side of the source texture has 512 pixels: twice the size needs 1024"),
        ("gatys", {"exemplar_size": 300}, {}, "has 512 pixels: twice the size needs 600"),
        ("match", {}, {"source": Extent(200, 400)}, "has 200 pixels: twice the size needs 400"),
        (
            "match",
            {"size": "1024"},
            {"source": Extent(6000, 4000)},
            "twice the size needs a source texture of 3072x2048 pixels: it is looked at with 2048x2048 at most",
        ),
        ("patch", {"size": "2048", "exemplar_size": 64}, {}, "Size must be between 32 and 2048 pixels .*not .?4096"),
        ("match", {}, {"initial": PHOTO, "mask": PHOTO}, "only the masked part of this picture was synthesised"),
        ("guided", {}, {}, "a result of Guided correspondence cannot be continued"),
        ("counting", {}, {}, "a result of Counting cannot be continued"),
    ],
)
def test_what_cannot_have_twice_the_detail_is_not_continued(
    name: str, given: dict[str, Any], sizes: dict[str, Extent], complaint: str
) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        continued(find_method(name), given, {"source": PHOTO, **sizes})


@pytest.mark.parametrize(("size", "shorter"), [("2048", 512), ("1024", None), ("512x768", 200)])
def test_match_begins_at_the_scale_of_the_result_also_where_the_exemplar_is_smaller(
    size: str, shorter: int | None
) -> None:
    p: Any = continued(
        find_method("match"), {"size": size, "exemplar_size": shorter}, {"source": Extent(2048, 2048)}, 2
    )
    source = shown_exemplar(p, Extent(2048, 2048))
    assert str(plan(p, p.size, source)[0].size) == str(find_method("match").parse({"size": size}).size)  # type: ignore[attr-defined]


def test_a_source_that_has_just_enough_pixels_will_do() -> None:
    assert continued(find_method("gatys"), {}, {"source": Extent(512, 512)})


def test_whether_there_is_such_a_run_is_told_with_the_method() -> None:
    told = {name for name, method in methods().items() if method.description()["continues"]}
    assert told == {"match", "gatys", "patch", "cnnmrf"}
    assert all("initial" in find_method(name).images for name in told)
