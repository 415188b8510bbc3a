"""How running jobs get on: numbers into the table and out, pictures to whoever looks. Used on the worker's thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from texture.jobs.lineup import Lineup
from texture.jobs.teller import Teller
from texture.jobs.worklist import Worklist

if TYPE_CHECKING:
    from texture.jobs.live import Live


class News:
    """Tells of steps, each job's at a pace that costs little, however many there are."""

    def __init__(self, worklist: Worklist, lineup: Lineup, teller: Teller) -> None:
        self._worklist, self._lineup, self._teller = worklist, lineup, teller

    def after_step(self, live: Live, others: Sequence[Live]) -> bool:
        """Numbers and a picture, where it is time. False if the row says that the job should no longer run."""
        first, running = not live.shown, True
        if first or live.steps_pace.due:
            with live.steps_pace.taken(len(others)):
                running = self.numbers(live, others)
        if first or (live.frames_pace.due and self._teller.wants_frame(live.id)):
            with live.frames_pace.taken(len(others)):
                self.picture(live, live.keep_preview() if first else live.jpeg())
        live.shown = True
        return running

    def numbers(self, live: Live, others: Sequence[Live], last: bool = False) -> bool:
        """How far it has come, now. False if the row says that the job should no longer run."""
        live.read_losses()
        progress = live.progress(self._lineup.eta(live, others))
        if not self._worklist.note(live.id, progress, live.take_points(last), live.message):
            return False
        self._teller.stepped(live.id, progress, live.wall)
        self._teller.changes()
        return True

    def picture(self, live: Live, jpeg: bytes) -> None:
        """The picture so far, which somebody may want to see."""
        self._teller.framed(live.id, live.number, *live.size, jpeg)
