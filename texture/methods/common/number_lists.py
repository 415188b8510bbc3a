"""Several numbers as one parameter: written "150 80 30", or with commas, or given as a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pydantic import PlainSerializer

N = TypeVar("N", int, float)

WRITTEN = PlainSerializer(
    lambda numbers: " ".join(str(number).removesuffix(".0") for number in numbers), return_type=str
)


def parse(
    value: object, kind: Callable[[str], N], how: str, *, low: N, high: N, counts: tuple[int, int]
) -> tuple[N, ...]:
    """The numbers in `value`, each from `low` to `high`; how: what to say where it has something else in it.

    counts: how many there are at least and at most.
    """
    if isinstance(value, list | tuple):
        words = [str(word) for word in value]
    else:
        words = str(value).strip("()[] ").replace(",", " ").split()
    try:
        numbers = tuple(map(kind, words))
    except ValueError:
        raise ValueError(how) from None
    if not counts[0] <= len(numbers) <= counts[1]:
        raise ValueError(f"write {counts[0]} to {counts[1]} numbers, not {len(numbers)}")
    for word, number in zip(words, numbers, strict=True):
        if not low <= number <= high:
            raise ValueError(f"{word} is not between {low:g} and {high:g}")
    return numbers
