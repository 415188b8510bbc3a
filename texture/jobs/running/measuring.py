"""Measuring the quality of live pictures: at intervals, at little cost to the methods, and at the end."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from texture.jobs.domain.throttle import Throttle

if TYPE_CHECKING:
    from torch import Tensor

    from texture.jobs.running.run import Run
    from texture.metrics import ExemplarMetrics

log = logging.getLogger(__name__)

SHARE = 0.03  # of the worker's time, at most, goes into measuring
OFTEN = 0.5  # seconds between two measurements, at least
COMPLETE = 5  # every so many measurements of a job, the expensive metrics are taken too
KEPT = 8  # exemplars kept prepared


class Measuring:
    """Measures for the whole worker, one job at a time, the one with the oldest metrics first."""

    def __init__(self) -> None:
        self._throttle = Throttle(OFTEN, SHARE)
        self._measures: defaultdict[str, Measures] = defaultdict(Measures)  # by the id of a job
        self._known: dict[tuple[str, ...], ExemplarMetrics] = {}

    def next(self, runs: Sequence[Run]) -> Run | None:
        """The job to measure next, if it is time: the one with the oldest metrics."""
        if not self._throttle.due:
            return None
        wanted = (run for run in runs if self._measures[run.id].wanted(run))
        return min(wanted, key=lambda run: self._measures[run.id].when, default=None)

    def forget(self, run: Run) -> None:
        """The worker has released it."""
        self._measures.pop(run.id, None)

    def measure(self, run: Run, complete: bool = False) -> None:
        """Measure the picture so far; a metric that fails never fails the job.

        complete: the expensive ones too. Never those of a brief job, which somebody is waiting for.

        Raises:
            Diverged: the picture is no longer one.
        """
        with self._throttle.taken():
            run.check_finite()
            measures = self._measures[run.id]
            if run.picture is None or measures.failed:
                return
            complete = measures.count(run.number) % COMPLETE == 0 or complete
            try:
                self._take(run, run.picture, complete and not run.brief)
            except Exception:
                measures.failed = True
                log.exception("job %s: its picture could not be measured", run.id)

    def _take(self, run: Run, picture: Tensor, complete: bool) -> None:
        from texture.metrics import METRICS, QUICK, seam

        measure = self._metrics_of(run)
        tile = run.prepared.outline.tile
        metrics = measure(_full_size(picture, run), tuple(METRICS) if complete else QUICK)
        if tile != "none":
            wrap = seam(picture, tile)
            metrics |= {"seam": wrap.ratio, "seam_limit": wrap.limit}
        run.progress.read(run.step)
        run.progress.measured(run.mark, metrics, measure.baselines)

    def _metrics_of(self, run: Run) -> ExemplarMetrics:
        """The metrics against the job's exemplar, at the scale at which its method shows it; shared between jobs."""
        from texture.metrics import scaled_exemplar

        measures, prepared = self._measures[run.id], run.prepared
        if measures.exemplar_metrics is None:
            exemplar = scaled_exemplar(prepared.inputs.source, prepared.outline)
            measures.exemplar_metrics = self._find(prepared.checksums["source"], exemplar)
        return measures.exemplar_metrics

    def _find(self, checksum: str, exemplar: Tensor) -> ExemplarMetrics:
        from texture.metrics import ExemplarMetrics

        key = (checksum, *map(str, exemplar.shape))
        exemplar_metrics = self._known.pop(key, None) or ExemplarMetrics(exemplar)
        self._known[key] = exemplar_metrics  # the newest is the last
        while len(self._known) > KEPT:
            del self._known[next(iter(self._known))]
        return exemplar_metrics


class Measures:
    """When one job was last measured, and against what."""

    def __init__(self) -> None:
        self.exemplar_metrics: ExemplarMetrics | None = None
        self.when = 0.0  # by the monotonic clock
        self.failed = False  # it cannot be, and that has been logged
        self._count, self._number = 0, 0

    def wanted(self, run: Run) -> bool:
        """Whether there is something new to measure; not for what is generated piece by piece and soon done."""
        return run.step is not None and not (self.failed or run.brief) and run.number != self._number

    def count(self, number: int) -> int:
        """Record that it is measured now, after step `number`. Returns how often it has been."""
        self.when, self._number, self._count = time.monotonic(), number, self._count + 1
        return self._count


def _full_size(picture: Tensor, run: Run) -> Tensor:
    """A coarse stage as a viewer sees it: enlarged to the size of the result, whose longer side is that asked for."""
    from texture.images.tensors import resize

    outline, (height, width) = run.prepared.outline, picture.shape[1:]
    if outline.size is None or run.brief:
        return picture
    share = max(outline.size) / max(height, width)
    if share <= 1:
        return picture
    return resize(picture, (round(share * height), round(share * width)), outline.tile).clamp(0, 1)
