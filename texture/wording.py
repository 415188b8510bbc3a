"""Rejected values and system errors in plain words: the one place where such data become sentences."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from texture.errors import InvalidInput

LONGEST_ECHO = 200  # characters of a rejected value that are quoted
MANY = 100_000  # numbers from here on are written with commas
BOUNDS = ("greater_than", "greater_than_equal", "less_than", "less_than_equal", "multiple_of")  # pydantic's names
KINDS = {  # what JSON Schema calls a type
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "text",
    "array": "a list",
    "object": "a JSON object",
}
REASONS = {
    errno.EACCES: "permission denied",
    errno.EADDRNOTAVAIL: "this machine does not have that address",
    errno.EDQUOT: "your quota of the disk is used up",
    errno.EEXIST: "something of that name is there already",
    errno.EFBIG: "no file may be that large here",
    errno.EINVAL: "the system does not take such a name",
    errno.EIO: "the disk does not answer as it should",
    errno.EISDIR: "it is a folder, not a file",
    errno.ELOOP: "its links lead in a circle",
    errno.EMFILE: "too many files are open",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ENFILE: "too many files are open",
    errno.ENOENT: "no such file or folder",
    errno.ENOSPC: "no space left on the disk",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.EPERM: "permission denied",
    errno.EROFS: "the disk is read-only",
}

ABBREVIATIONS = {"ema": "EMA"}  # parts of field names that are abbreviations

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Limits:
    """The limits of a value; what is None, or empty, does not apply.

    lowest, highest: themselves allowed, unless they are among `excluded`. step: of which the value is a multiple.
    unit: "pixels". choices: everything that may be chosen.
    """

    lowest: float | None = None
    highest: float | None = None
    excluded: tuple[float, ...] = ()
    step: float | None = None
    unit: str = ""
    choices: tuple[Any, ...] = ()

    def __str__(self) -> str:
        """The words after "must be": "between 32 and 2048 pixels in steps of 16", "above 0", "one of x, y"."""
        if self.choices:
            return "one of " * (len(self.choices) > 1) + ", ".join(map(str, self.choices))
        words = [self._range(), self.unit, f"in steps of {_number(self.step)}" if self.step else ""]
        return " ".join(filter(None, words))

    def _range(self) -> str:
        low = _bound(self.lowest, "above" if self.lowest in self.excluded else "at least")
        high = _bound(self.highest, "below" if self.highest in self.excluded else "at most")
        if low and high and not self.excluded:
            return f"between {low.removeprefix('at least ')} and {high.removeprefix('at most ')}"
        return " and ".join(filter(None, (low, high)))


class OutOfRange(ValueError):
    """What a field's own validator raises where a range can be told; hint: what would do instead."""

    def __init__(self, limits: Limits, hint: str = "") -> None:
        super().__init__(str(limits))
        self.limits = limits
        self.hint = hint


def label(name: str) -> str:
    """A field's name for the reader: "learning_rate" is "Learning rate"; of a path its last name, "Size"."""
    last = name.rpartition(".")[2]
    if last.isdecimal():
        return name
    first, *others = (ABBREVIATIONS.get(word, word) for word in last.split("_"))
    return " ".join([first[:1].upper() + first[1:], *others])


def refused(field: str, value: object, limits: Limits, hint: str = "", called: str | None = None) -> InvalidInput:
    """The error for a value beyond its limits: "Steps must be between 1 and 10000, not 0".

    hint: what would do instead. called: how the field is named in the sentence, where that is not its label.
    """
    words = f"{called or label(field)} must be {limits}, not {shown(value)}{f': {hint}' if hint else ''}"
    return _refusal(words, field, value, limits)


def refusal(error: ValidationError, schema: Schema, known: str = "here", called: str | None = None) -> InvalidInput:
    """What pydantic found first, in our words; it names the field by its path ("runs.0.method").

    schema: of the model. known: to whom an unknown field is not known. called: as for `refused`.
    """
    first = error.errors(include_url=False)[0]
    path, value = [str(part) for part in first["loc"]], first["input"]
    field, part = ".".join(path), part_at(schema, path)
    limits, name = limits_in(part), called or label(field)
    match first["type"]:
        case "missing":
            return _refusal(f"{field} is missing", field, None, limits)
        case "extra_forbidden":
            words = f"{field} is not known {known}; known: {_names(part_at(schema, path[:-1]))}"
        case "value_error":
            reason = first["ctx"]["error"]
            if isinstance(reason, OutOfRange):
                return refused(field, value, reason.limits, reason.hint, called)
            words = f"{name} cannot be {shown(value)}: {reason}" if field else str(reason)
        case "string_too_short" | "string_too_long":
            words = f"{name} must be {_length(part, 'Length')} characters long, not {len(value)}"
        case "too_short" | "too_long":
            words = f"{name} must have {_length(part, 'Items')} entries, not {len(value)}"
        case "model_type" | "model_attributes_type" if not field:
            words = f"send a JSON object with {_names(part)}"
        case kind:
            words = f"{name} must be {_wanted(part, limits, kind)}, not {shown(value)}"
    return _refusal(words, field, value, limits)


def _refusal(words: str, field: str, value: object, limits: Limits) -> InvalidInput:
    return InvalidInput(
        words,
        field=field or None,
        value=value,
        lowest=limits.lowest,
        highest=limits.highest,
        step=limits.step,
        choices=limits.choices,
    )


def _wanted(part: Schema, limits: Limits, kind: str) -> str:
    """What belongs behind "must be" of a value that pydantic refuses for an error of that kind."""
    said = str(limits)
    if kind in BOUNDS or limits.choices:
        return said
    wanted = KINDS.get(part.get("type", ""), "something else")
    if "properties" in part:
        return f"{wanted} with {_names(part)}"
    return f"{wanted} {'of ' if said.startswith('at ') else ''}{said}".rstrip()


def _length(part: Schema, what: str) -> str:
    return str(Limits(part.get(f"min{what}"), part.get(f"max{what}")))


def _names(part: Schema) -> str:
    """The fields that an object may have."""
    return ", ".join(part.get("properties", ())) or "none"


def limits_in(part: Schema) -> Limits:
    """What JSON Schema says of a value's range. Whole numbers have no excluded bounds: above 0 is from 1 on."""
    above, below = part.get("exclusiveMinimum"), part.get("exclusiveMaximum")
    if part.get("type") == "integer":
        above, below = (None if bound is None else bound + by for bound, by in ((above, 1), (below, -1)))
        excluded: tuple[float, ...] = ()
    else:
        excluded = tuple(bound for bound in (above, below) if bound is not None)
    return Limits(
        part.get("minimum", above),
        part.get("maximum", below),
        excluded,
        part.get("multipleOf"),
        choices=tuple(part.get("enum", [part["const"]] if "const" in part else ())),
    )


def part_at(schema: Schema, path: Iterable[str]) -> Schema:
    """All that a schema says of a value at that path, its alternatives but null in one; empty where it says nothing.

    path: a field's name leads into an object, a number into a list: ["runs", "0", "method"].
    """
    options = _options(schema, schema)
    for name in path:
        parts = [_within(option, name) for option in options]
        options = [option for part in parts if part for option in _options(schema, part)]
    return {key: value for option in options if option.get("type") != "null" for key, value in option.items()}


def _within(described: Schema, name: str) -> Schema | None:
    """What is said of a field, or of any item of a list; None: nothing."""
    part: Schema | None = described.get("items" if name.isdecimal() else "properties")
    return part if part is None or name.isdecimal() else part.get(name)


def _options(schema: Schema, part: Schema) -> list[Schema]:
    """A part of a schema, its reference followed, and each of its alternatives."""
    if "$ref" in part:
        part = schema["$defs"][part["$ref"].rpartition("/")[2]]
    return [part, *(option for choice in part.get("anyOf", ()) for option in _options(schema, choice))]


def _bound(value: float | None, words: str) -> str:
    return "" if value is None else f"{words} {_number(value)}"


def _number(value: float) -> str:
    """0.05, 2048, 4,294,967,295."""
    return f"{value:,.15g}" if abs(value) >= MANY else f"{value:g}"


def shown(value: object) -> str:
    """A value in a sentence: as JSON writes it, numbers that are written as text without quotes, and not too long."""
    match echo(value):
        case None | "":
            return "empty"
        case str(text) if text.endswith("…") or text.lstrip("+-.")[:1].isdecimal():
            return text
        case int() | float() as number if float(number).is_integer() and not isinstance(number, bool):
            return _number(number)
        case other:
            return json.dumps(other, ensure_ascii=False)


def echo(value: object) -> Any:
    """A value fit to be said back: what JSON can say, and not too long."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        value = text = str(value)
    return value if len(text) <= LONGEST_ECHO else text[:LONGEST_ECHO] + "…"


def system_reason(error: OSError) -> str:
    """Why the system did not do it, in a few words without the file's name: "no space left on the disk"."""
    return REASONS.get(error.errno or 0) or error.strerror or str(error)


def file_reason(error: OSError) -> str:
    """The same behind the file's name, where there is one: "result.png: no space left on the disk"."""
    name = "" if error.filename is None else Path(str(error.filename)).name
    return f"{name}: {system_reason(error)}" if name else system_reason(error)
