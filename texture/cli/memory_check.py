"""Refusing a run for which there is not memory enough, before its work."""

from __future__ import annotations

from texture.errors import InvalidInput
from texture.memory import free_memory
from texture.methods.contract import Outline


def check_memory(outline: Outline, device: str) -> None:
    """Raise InvalidInput if a run is known to need more memory than is free.

    device: its type; all but the processor have memory of their own.
    """
    free = free_memory() if device == "cpu" and outline.memory else None
    if free is None or outline.memory is None or outline.memory <= free:
        return
    raise InvalidInput(
        f"a result of {outline.size} takes at least {_gigabytes(outline.memory)} of memory, and {_gigabytes(free)} are "
        "free: choose a smaller --size",
        field="size",
        value=str(outline.size),
    )


def _gigabytes(count: int) -> str:
    return f"{count / 2**30:.1f} GB"
