"""Write the table of settings in docs/operations.md from texture/settings.py: `python tools/settings_table.py`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "operations.md"
BEGIN, END = "<!-- settings: made by tools/settings_table.py -->", "<!-- end of settings -->"

sys.path.insert(0, str(ROOT))


def table() -> str:
    """The settings as a Markdown table: variable, default, what it may be, what it sets."""
    from texture.settings import PREFIX, Settings

    rows = ["| variable | default | allowed | what it sets |", "|---|---|---|---|"]
    for name, field in Settings.model_fields.items():
        variable = PREFIX + (field.alias or name).upper()
        rows.append(f"| `{variable}` | {default(field.default)} | {allowed(field)} | {field.description} |")
    return "\n".join(rows)


def default(value: object) -> str:
    """A default as it would be typed; none as a dash."""
    if value is None:
        return "–"
    return f"`{int(value) if isinstance(value, bool) else value}`"


def allowed(field: Any) -> str:
    """The range, the choices or the kind of value, in words."""
    if field.annotation is bool:
        return "`0` or `1`"
    bounds = {type(bound).__name__: bound for bound in field.metadata}
    if "Ge" in bounds and "Le" in bounds:
        return f"{bounds['Ge'].ge} to {bounds['Le'].le}"
    if "MinLen" in bounds:
        return f"at least {bounds['MinLen'].min_length} characters"
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(field.annotation))
    return "a path" if Path in (field.annotation, *get_args(field.annotation)) else "any"


def with_table(page: str) -> str:
    """The page with its table regenerated."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
