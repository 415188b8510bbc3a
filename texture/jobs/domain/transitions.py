"""What a person may do to a job, and in which states: the whole state machine, as a table.

queued → running ⇄ paused → done | failed | cancelled. The other moves are the worker's: queued → running when it takes
a job up, running → queued when it puts one down at a stop, running → done | failed when there is nothing left to do.
"""

from __future__ import annotations

from typing import NamedTuple

from texture.jobs.domain.job import State


class Transition(NamedTuple):
    """From any of `start` to `end`; `words` say in an error what was asked."""

    start: tuple[State, ...]
    end: State
    words: str


TRANSITIONS = {
    "pause": Transition(("queued", "running"), "paused", "paused"),
    "resume": Transition(("paused", "failed"), "queued", "resumed"),
    "cancel": Transition(("queued", "running", "paused"), "cancelled", "cancelled"),
    "retry": Transition(("failed", "cancelled"), "queued", "tried again"),
}
