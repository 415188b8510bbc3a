"""What a user may do to a job, and in which states: the whole state machine, as a table.

queued → running ⇄ paused → done | failed | cancelled. The other transitions are the worker's: queued → running when it
claims a job, running → queued when it releases one at shutdown, running → done | failed when the job has ended.
"""

from __future__ import annotations

from typing import NamedTuple

from texture.jobs.domain.job import State


class Transition(NamedTuple):
    """From any of `start` to `end`; `words` name it in an error message."""

    start: tuple[State, ...]
    end: State
    words: str


TRANSITIONS = {
    "pause": Transition(("queued", "running"), "paused", "paused"),
    "resume": Transition(("paused", "failed"), "queued", "resumed"),
    "cancel": Transition(("queued", "running", "paused"), "cancelled", "cancelled"),
    "retry": Transition(("failed", "cancelled"), "queued", "tried again"),
}
