"""docs/add-a-method.md quotes the project's own code, and the code is really there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from texture.methods.registry import MODULES, find_method

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/add-a-method.md").read_text()


def quotations() -> list[tuple[str, str]]:
    """Each piece of Python with the file that was last named on a line of its own."""
    found, file = [], ""
    for named, code in re.findall(r"^`([\w./]+\.py)`:$|^```python\n(.+?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        file = named or file
        if code:
            found.append((file, code))
    return found


@pytest.mark.parametrize(("file", "code"), quotations())
def test_what_is_quoted_is_in_the_file(file: str, code: str) -> None:
    assert code in (ROOT / file).read_text()


def test_the_page_tells_of_a_method_that_is_there() -> None:
    assert len(quotations()) >= 12
    assert "patch" in MODULES
    assert find_method("patch").listed
    assert find_method("patch").network is None
