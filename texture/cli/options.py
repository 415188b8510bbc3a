"""Click options made from a method's parameter class, the only place with names, defaults and help texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from texture.methods.contract import Params

Schema = Mapping[str, Any]


def options(params: type[Params]) -> list[click.Parameter]:
    """One option for each parameter, and a hidden one for each former name.

    What is not given stays None, and what is given is checked by the class alone.
    """
    schemas = params.model_json_schema()["properties"]
    defaults = params().model_dump(mode="json")
    shown = [_option(name, schemas[name], defaults[name]) for name in params.model_fields]
    return [*shown, *(_option(old, schemas[new], defaults[new], hidden=True) for old, new in params.RENAMED.items())]


def given(values: Mapping[str, Any], params: type[Params]) -> dict[str, Any]:
    """What was typed, by parameter name."""
    names = [*params.RENAMED, *params.model_fields]
    typed = {name: values[name] for name in names if values[name] is not None}
    return {name: spoken(value, name, params) for name, value in typed.items()}


def spoken(value: Any, name: str, params: type[Params]) -> Any:
    """The meaning of `value` typed for a parameter: an empty word is None where None is allowed."""
    schema = params.model_json_schema()["properties"].get(params.RENAMED.get(name, name), {})
    return None if value == "" and _nullable(schema) else value


def _option(name: str, schema: Schema, default: Any, hidden: bool = False) -> click.Option:
    flag = "--" + name.replace("_", "-")
    help = f"{schema.get('description', '')}  [{'; '.join(_notes(_inner(schema), default))}]"
    if schema.get("type") == "boolean":
        return click.Option([f"{flag}/--no-{flag[2:]}", name], default=None, help=help, hidden=hidden)
    return click.Option([flag, name], metavar=_metavar(_inner(schema)), default=None, help=help, hidden=hidden)


def _inner(schema: Schema) -> Schema:
    """The schema of the value itself, where it may also be null."""
    return next((one for one in schema.get("anyOf", ()) if one.get("type") != "null"), schema)


def _nullable(schema: Schema) -> bool:
    return any(one.get("type") == "null" for one in schema.get("anyOf", ()))


def _metavar(schema: Schema) -> str:
    if "enum" in schema:
        return "|".join(map(str, schema["enum"]))
    return str(schema.get("format") or schema.get("type", "text")).upper()


def _notes(schema: Schema, default: Any) -> list[str]:
    """The range, if there is one, and the default."""
    notes = []
    low, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    high, below = schema.get("maximum"), schema.get("exclusiveMaximum")
    bounds = ((low, "at least"), (above, "above"), (high, "at most"), (below, "below"))
    if low is not None and high is not None:
        notes.append(f"{low} to {high}")
    else:
        notes.extend(f"{words} {bound}" for bound, words in bounds if bound is not None)
    return [*notes, f"default: {_word(default)}"]


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "empty" if value is None else str(value)
