"""What is asked of pictures that are given: one to start from, and those that lie over another. No torch here."""

from __future__ import annotations

from collections.abc import Collection

from texture.errors import InvalidInput
from texture.methods.sizes import Extent, Sizes

SKEWED = 0.02  # share by which the aspects of two pictures may differ that lie over each other
CALLED = {"exemplar_guide": "guide of the source texture", "initial": "starting picture"}


def unused_by(start: str | None) -> frozenset[str]:
    """The roles that are of no use: a picture to start from, where something else was asked for."""
    return frozenset() if start in (None, "picture") else frozenset({"initial"})


def check_start(start: str | None, given: Collection[str]) -> None:
    """Raise InvalidInput where a picture to start from was asked for and is not given, or is given and has no use.

    start: "picture", another one, or None, which takes the picture if there is one. given: roles.
    """
    if start == "picture" and "initial" not in given:
        raise InvalidInput("start=picture: a picture to start from is needed", field="initial")
    if unused_by(start) & set(given):
        message = f"start={start}: the picture to start from would be ignored; use start=picture"
        raise InvalidInput(message, field="start", value=start)


def check_shape(sizes: Sizes, role: str, wanted: Extent, of: str) -> None:
    """Raise InvalidInput where the picture in a role, if there is one, has another aspect than what it lies over."""
    if role not in sizes:
        return
    size = sizes[role]
    if abs(size.width * wanted.height / (size.height * wanted.width) - 1) > SKEWED:
        message = (
            f"the {CALLED.get(role, role)} is {size.width}x{size.height} pixels and {of} {wanted.width}x{wanted.height}"
        )
        raise InvalidInput(
            f"{message}: it is laid over that, so both need the same aspect ratio", field=role, value=str(size)
        )
