"""The quality of live pictures: measured now and then, without taking the time from the methods, and at the end."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from texture.jobs.pace import Pace

if TYPE_CHECKING:
    from torch import Tensor

    from texture.jobs.live import Live
    from texture.methods.base import Tile
    from texture.metrics import Yardstick

log = logging.getLogger(__name__)

SHARE = 0.03  # of the worker's time, at most, goes into measuring
OFTEN = 0.5  # seconds between two measurements, at least
COMPLETE = 5  # every so many measurements of a job, the costly metrics are taken too
KEPT = 8  # exemplars that are ready to be measured by


class Measuring:
    """Measures for the whole worker, one job at a time, whichever has the oldest figures."""

    def __init__(self) -> None:
        self._pace = Pace(OFTEN, SHARE)
        self._yardsticks: dict[tuple[str, ...], Yardstick] = {}

    def next(self, live: Sequence[Live]) -> Live | None:
        """Whose turn it is to be measured, if it is time: whichever has the oldest figures."""
        if not self._pace.due:
            return None
        return min((job for job in live if job.measures.wanted(job)), key=lambda job: job.measures.when, default=None)

    def measure(self, live: Live, complete: bool = False) -> None:
        """Take the figures of the picture so far; a metric that fails costs no job.

        complete: the costly ones too. Never those of a brief job, which somebody is waiting for.

        Raises:
            Diverged: the picture is no longer one.
        """
        with self._pace.taken():
            live.check_finite()
            if live.picture is None or live.measures.failed:
                return
            complete = live.measures.count(live.number) % COMPLETE == 0 or complete
            try:
                self._take(live, live.picture, complete and not live.brief)
            except Exception:
                live.measures.failed = True
                log.exception("job %s: its picture could not be measured", live.id)

    def _take(self, live: Live, picture: Tensor, complete: bool) -> None:
        from texture.metrics import METRICS, QUICK, seam

        yardstick = self._yardstick(live)
        tile: Tile = "none" if live.given.inputs.content is not None else getattr(live.params, "tile", "none")
        metrics = yardstick(_full_size(picture, live, tile), tuple(METRICS) if complete else QUICK)
        if tile != "none":
            wrap = seam(picture, tile)
            metrics |= {"seam": wrap.ratio, "seam_limit": wrap.limit}
        live.measured(metrics, yardstick.floors)

    def _yardstick(self, live: Live) -> Yardstick:
        """The one of the job's exemplar, in the scale in which its method shows it; jobs share them."""
        from texture.metrics import scaled_exemplar

        if live.measures.yardstick is None:
            given = live.given.inputs
            exemplar = scaled_exemplar(given.source, live.params, given.content is not None)
            live.measures.yardstick = self._find(live.given.checksums["source"], exemplar)
        return live.measures.yardstick

    def _find(self, checksum: str, exemplar: Tensor) -> Yardstick:
        from texture.metrics import Yardstick

        key = (checksum, *map(str, exemplar.shape))
        yardstick = self._yardsticks.pop(key, None) or Yardstick(exemplar)
        self._yardsticks[key] = yardstick  # the newest is the last
        while len(self._yardsticks) > KEPT:
            del self._yardsticks[next(iter(self._yardsticks))]
        return yardstick


class Measures:
    """When one job was measured, and by what."""

    def __init__(self) -> None:
        self.yardstick: Yardstick | None = None
        self.when = 0.0  # by the monotonic clock
        self.failed = False  # it cannot be, and that has been logged
        self._count, self._number = 0, 0

    def wanted(self, live: Live) -> bool:
        """Whether there is something new to measure; not for what is painted piece by piece and soon done."""
        return live.step is not None and not (self.failed or live.brief) and live.number != self._number

    def count(self, number: int) -> int:
        """It is measured now, after step `number`; how often it has been."""
        self.when, self._number, self._count = time.monotonic(), number, self._count + 1
        return self._count


def _full_size(picture: Tensor, live: Live, tile: Tile) -> Tensor:
    """A coarse stage as a viewer sees it: enlarged to the size of the result, whose longer side is that asked for."""
    from texture.images.tensors import resize

    size = getattr(live.params, "size", None)
    height, width = picture.shape[1:]
    if size is None or live.brief:
        return picture
    share = (size if isinstance(size, int) else max(size)) / max(height, width)
    if share <= 1:
        return picture
    return resize(picture, (round(share * height), round(share * width)), tile).clamp(0, 1)
