"""What is refused is refused in plain words: the field's label, the value, and what would be right."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from texture.errors import InvalidInput
from texture.methods.registry import methods
from texture.wording import Limits, file_reason, limits_in, part_at, refusal, refused, shown, system_reason

PYDANTIC = re.compile(
    r"[Ii]nput should|[Vv]alue error|valid (integer|number|string|boolean)|parse|greater than|less than|dictionary|"
    r"finite|instance of|\bNone\b|_error|_type"
)
FORMATS = {"size": "pixels", "schedule": "whole numbers", "numbers": "numbers", "layers": "layer", "share": "%"}


def wrong_values(part: dict[str, Any]) -> Iterator[tuple[object, str]]:
    """Values that a field does not take, each with what the sentence has to say of its range."""
    limits, words = limits_in(part), str(limits_in(part))
    kind = part.get("type")
    if limits.choices:
        yield "nonsense", f"one of {', '.join(limits.choices)}" if len(limits.choices) > 1 else limits.choices[0]
    elif kind == "boolean":
        yield "perhaps", "true or false"
    elif kind in ("integer", "number"):
        yield "nonsense", words
        if kind == "integer":
            yield 1.5, words
        by = 1 if kind == "integer" else 0.5
        if limits.lowest is not None:
            yield limits.lowest - by, words
        if limits.highest is not None:
            yield limits.highest + by, words
        yield from ((bound, words) for bound in limits.excluded)
    elif part.get("format") == "size":
        yield "nonsense", f"between {part['x-smallest']} and"
        yield str(part["x-largest"] + 16), str(part["x-largest"])
        if part["x-multiple"] > 1:
            yield "100", f"in steps of {part['x-multiple']}"
    else:
        yield "nonsense", FORMATS.get(part["format"], "")


CASES = [
    pytest.param(method, name, value, words, id=f"{method.name}-{name}-{value}")
    for method in methods().values()
    for schema in [method.params.model_json_schema()]
    for name in method.params.model_fields
    for value, words in wrong_values(dict(part_at(schema, [name])))
]


@pytest.mark.parametrize(("method", "name", "value", "words"), CASES)
def test_every_parameter_of_every_method_is_refused_in_plain_words(
    method: Any, name: str, value: object, words: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        method.parse({name: value})
    said = str(caught.value)
    assert (caught.value.field, caught.value.value) == (name, value)
    title = method.params.model_json_schema()["properties"][name]["title"]
    assert re.match(rf"{title} (must|cannot) be ", said)
    assert shown(value) in said
    assert words in said
    assert not PYDANTIC.search(said), said


def test_the_cases_are_of_every_kind() -> None:
    schemas = [(case.values[0].params.model_json_schema(), case.values[1]) for case in CASES]
    parts = [part_at(schema, [name]) for schema, name in schemas]
    bounds = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum"}
    assert {key for part in parts for key in part} >= bounds
    assert {part.get("type") for part in parts} == {"integer", "number", "boolean", "string"}


def test_an_error_carries_what_would_be_right_as_data() -> None:
    error = refused("size", 40, Limits(32, 2048, step=16, unit="pixels"), "32 or 48 would do")
    assert (error.field, error.value, error.lowest, error.highest, error.step) == ("size", 40, 32, 2048, 16)
    assert str(error) == "Size must be between 32 and 2048 pixels in steps of 16, not 40: 32 or 48 would do"
    placed = error.placed("runs.0.params.size", "in other words")
    assert (placed.field, placed.highest, str(placed), error.field) == (
        "runs.0.params.size",
        2048,
        "in other words",
        "size",
    )


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(1, 10), "between 1 and 10"),
        (Limits(0, 1, excluded=(0,)), "above 0 and at most 1"),
        (Limits(0, 1, excluded=(1,)), "at least 0 and below 1"),
        (Limits(lowest=0.05), "at least 0.05"),
        (Limits(highest=9, excluded=(9,)), "below 9"),
        (Limits(0, 10_000_000, unit="steps"), "between 0 and 10,000,000 steps"),
        (Limits(choices=("none", "x")), "one of none, x"),
        (Limits(choices=("only",)), "only"),
        (Limits(), ""),
    ],
)
def test_a_range_in_words(limits: Limits, words: str) -> None:
    assert str(limits) == words


class Inner(BaseModel, extra="forbid"):
    """What lies within."""

    method: str = Field(max_length=5)
    kind: Literal["one", "other"] = "one"


class Outer(BaseModel, extra="forbid"):
    """A request."""

    runs: list[Inner] = Field(min_length=1, max_length=2)
    share: float | None = Field(None, gt=0, le=1)
    more: dict[str, Any] = Field(default_factory=dict)


GOOD = {"method": "a"}


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        (5, None, "send a JSON object with runs, share, more"),
        ({}, "runs", "runs is missing"),
        ({"runs": 5}, "runs", "Runs must be a list, not 5"),
        ({"runs": []}, "runs", "Runs must have between 1 and 2 entries, not 0"),
        ({"runs": [GOOD] * 3}, "runs", "Runs must have between 1 and 2 entries, not 3"),
        ({"runs": [5]}, "runs.0", "runs.0 must be a JSON object with method, kind, not 5"),
        ({"runs": [{}]}, "runs.0.method", "runs.0.method is missing"),
        ({"runs": [{"method": None}]}, "runs.0.method", "Method must be text, not empty"),
        ({"runs": [{"method": "a" * 6}]}, "runs.0.method", "Method must be at most 5 characters long, not 6"),
        ({"runs": [{**GOOD, "kind": 7}]}, "runs.0.kind", "Kind must be one of one, other, not 7"),
        ({"runs": [{**GOOD, "size": 7}]}, "runs.0.size", "runs.0.size is not known here; known: method, kind"),
        ({"runs": [GOOD], "share": 1.5}, "share", "Share must be above 0 and at most 1, not 1.5"),
        ({"runs": [GOOD], "share": float("inf")}, "share", 'Share must be above 0 and at most 1, not "inf"'),
        ({"runs": [GOOD], "more": []}, "more", "More must be a JSON object, not []"),
    ],
)
def test_whatever_a_model_refuses_is_said_in_our_words(given: object, field: str | None, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(given)
    error = refusal(caught.value, Outer.model_json_schema())
    assert (error.field, str(error)) == (field, words)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (7, "7"),
        (10_000_000.0, "10,000,000"),
        (True, "true"),
        ("-1.5", "-1.5"),
        ("both", '"both"'),
        (None, "empty"),
        ([1, 2], "[1, 2]"),
        (10**250, "1" + "0" * 199 + "…"),
        ("x" * 300, '"' + "x" * 199 + "…"),
    ],
)
def test_a_value_in_a_sentence(value: object, said: str) -> None:
    assert shown(value) == said


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "permission denied"),
        (errno.ENOSPC, "no space left on the disk"),
        (errno.ENOENT, "no such file or folder"),
        (errno.EISDIR, "it is a folder, not a file"),
    ],
)
def test_what_the_system_says_is_said_in_words(number: int, words: str) -> None:
    error = OSError(number, "whatever it calls it", "/where/the/server/keeps/a.png")
    assert (system_reason(error), file_reason(error)) == (words, f"a.png: {words}")


def test_what_the_system_says_of_no_file_and_of_what_we_do_not_know() -> None:
    assert file_reason(OSError(errno.ENOSPC, "")) == "no space left on the disk"
    assert system_reason(OSError(9999, "the moon is full", "a.png")) == "the moon is full"
    assert system_reason(OSError("cut short")) == "cut short"
