"""The errors that a caller can act on: one class for each way to respond."""

from __future__ import annotations

from copy import copy
from typing import Any

OUT_OF_MEMORY = ("DefaultCPUAllocator", "can't allocate memory", "out of memory")  # what torch says on CPU and MPS


class TextureError(Exception):
    """The base of every error that is meant for users; its text is one sentence they can act on."""


class InvalidInput(TextureError):
    """A parameter or a picture was rejected: correct the input and try again.

    `field` names the thing ("size", "source", "file"), `value` is what was given. What may be given, where that can be
    said so: from `lowest` to `highest`, a multiple of `step`, or one of `choices`.
    """

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        value: object = None,
        lowest: float | None = None,
        highest: float | None = None,
        step: float | None = None,
        choices: tuple[Any, ...] = (),
    ) -> None:
        super().__init__(message)
        self.field, self.value = field, value
        self.lowest, self.highest, self.step, self.choices = lowest, highest, step, choices

    def placed(self, field: str | None, message: str | None = None) -> InvalidInput:
        """The same error in the caller's terms: the field under another name, and perhaps another text."""
        placed = copy(self)
        placed.field = field
        placed.args = (message or str(self),)
        return placed


class WeightsMissing(TextureError):
    """A network's weights are not on this machine: install them (the text says how) and try again."""


class Diverged(TextureError):
    """The numbers blew up and smaller steps did not help: change a parameter, or the seed, and retry."""


class NotFound(TextureError):
    """There is no such job, picture or method, or it belongs to another session."""


class Conflict(TextureError):
    """The job is in a state in which this cannot be done (a finished job cannot be paused)."""


class QuotaReached(TextureError):
    """This owner has as much as one may have: delete something, or wait."""


class NotEnoughMemory(InvalidInput):
    """A run is known to need more memory than is free; in a server that may change when others end."""


class SetupProblem(TextureError):
    """The environment is not right: a port in use, a folder that cannot be written, a missing device."""


def is_out_of_memory(error: Exception) -> bool:
    """Whether the device or the machine ran out of memory. Recognised by name, so that torch is not imported."""
    named = isinstance(error, MemoryError | NotEnoughMemory) or type(error).__name__ == "OutOfMemoryError"
    return named or (isinstance(error, RuntimeError) and any(words in str(error) for words in OUT_OF_MEMORY))
