"""A job in the worker's hands: its generator, suspended after a step, and what is known of it. Imports torch."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Generator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import cast

import torch
from torch import Tensor

from texture.device import return_freed_memory, wait_for
from texture.errors import Diverged
from texture.images.encoding import encode_jpeg
from texture.images.tensors import to_pixels, to_pixels_tensor
from texture.jobs.domain.job import Job, Point
from texture.jobs.running.checkpoint import Checkpoint, Content, Damaged
from texture.jobs.running.clock import Clock
from texture.jobs.running.inputs import given
from texture.jobs.running.measuring import Measures
from texture.jobs.running.memory import Memory
from texture.jobs.running.throttle import SHARE, Throttle
from texture.jobs.scheduling.queue import Progress
from texture.jobs.store import Store
from texture.jobs.store.artifacts import Output, thinned
from texture.jobs.store.files import EXEMPLAR
from texture.jobs.store.points import worth_keeping
from texture.methods.common.regular import fitted_exemplar
from texture.methods.contract import Step
from texture.methods.registry import find_method
from texture.methods.sizes import LARGEST_SIDE

log = logging.getLogger(__name__)

SAVED_EVERY, SAVED_AT_LEAST = 5.0, 8.0  # seconds, the latter where saving takes long; what is promised is 10
FRAMES_SHARE = 0.02  # of the time, at most, goes into pictures for whoever looks
FRESH: Content = {**asdict(Progress()), "note": None, "picture": None}
STARTED_ANEW = "its checkpoint could not be used, so this job started again from the beginning"


class Run:
    """One job while it runs. `step` is the one after which its generator is suspended, None before the first."""

    number: int
    total: int | None
    done: float  # share of the whole work, 0..1
    losses: Mapping[str, float]
    metrics: Mapping[str, float]
    floors: Mapping[str, float]
    note: str | None  # what the method had to say last of how it goes on
    step: Step | None
    _kept: Tensor | None  # the picture as it was at the checkpoint
    _new_points: list[Point]  # of the curves, not yet written down
    _memory: Memory
    resumed: bool  # from a checkpoint, and no step has shown yet that it is of use

    def __init__(self, job: Job, store: Store, device: torch.device) -> None:
        """Take the job up where its checkpoint left off, or at the start; nothing is computed yet.

        Raises:
            TextureError: a picture or a model is gone, or a parameter no longer fits its method.
        """
        self.id, self.entry, self.device = job.id, job.comparison or job.id, device
        self._created = job.created
        self.share = 0.0  # device time for which it has had its turns, in seconds, to compare with the others'
        self.alone = False  # it must not share the device
        self.shown = False  # its first step since it was taken up has been told
        self._newest_point: Point | None = None
        self.measures = Measures()
        self.steps_throttle = Throttle(0.25, warms_up=True)
        self.frames_throttle = Throttle(0.1, FRAMES_SHARE, warms_up=True)
        self._method = find_method(job.method)
        self.brief, self.params = self._method.brief, self._method.parse(job.params)
        self.given = given(job, store)
        self.output = Output(store.artifacts, job, self.given.checksums, self.given.inputs.model)
        self._exemplar_kept = EXEMPLAR in job.files
        self._checkpoint = Checkpoint(store.files.checkpoint(job.id))
        self._given_model = store.files.given_model(job.id)
        self._started_anew: str | None = None
        self._begin(self._load())

    def advance(self, sharing: bool) -> bool:
        """One step. False when there are no more: it was taken up after its last one.

        sharing: others take turns on the device, so that its time must be known exactly.

        Raises:
            RuntimeError: its generator ended before its last step; whatever else the method raises.
        """
        began = time.perf_counter()
        with self._memory.turn():
            step = next(self._steps, None)
            self.step = step or self.step
            if sharing:
                wait_for(self.device)
        self._count(time.perf_counter() - began, step)
        if step is None:
            if self.number != self.total:
                raise RuntimeError("it ended before its last step")
            return False
        self.number, self.total, self.done = step.number, step.total, step.done
        self.note = step.note or self.note
        self.resumed, self.unsaved = False, True
        return True

    @property
    def ended(self) -> bool:
        """Whether no step comes after this one. Its generator is still suspended: all that it holds can be had."""
        return self.step is not None and self.step.last

    @property
    def has_picture(self) -> bool:
        """Whether there is one, drawn or not."""
        return self.step is not None or self._kept is not None

    @property
    def picture(self) -> Tensor | None:
        """The picture so far, 3×H×W; drawn, which may be costly, when first asked for after a step."""
        if self.step is None:
            return self._kept
        with self._memory.turn():
            return self.step.image

    def read_losses(self) -> None:
        """Take the losses of the step off the device. Not-a-numbers are left out."""
        if self.step is not None:
            self.losses = finite({name: float(loss) for name, loss in self.step.losses.items()})

    def measured(self, metrics: Mapping[str, float], floors: Mapping[str, float]) -> None:
        """Somebody has measured the picture: a point of the curves, whenever it is written down."""
        self.read_losses()
        self.metrics, self.floors = {**self.metrics, **finite(metrics)}, finite(floors)
        self._new_points.append(self._point(finite(metrics)))

    def progress(self, eta: float | None = None) -> Progress:
        """For the row."""
        return Progress(
            number=self.number,
            total=self.total,
            done=self.done,
            seconds=self.seconds,
            memory=self._memory.peak,
            eta=eta,
            losses=self.losses,
            metrics=self.metrics,
            floors=self.floors,
            files=self.output.left,
        )

    def take_points(self, last: bool) -> list[Point]:
        """For the curves: what was measured since they were taken; where it is time, or at the last, this step too."""
        newest = self._newest_point
        if not self._new_points and (last or worth_keeping(newest, self.seconds)):
            self._new_points.append(self._point({}))
        points, self._new_points = self._new_points, []
        self._newest_point = points[-1] if points else newest
        return points

    @property
    def message(self) -> str | None:
        """What the row says while it runs."""
        return self.note or self._started_anew

    @property
    def seconds(self) -> float:
        """Device time that it has had in all."""
        return self._clock.seconds

    @property
    def wall(self) -> float:
        """Seconds since the job was made."""
        return (datetime.now(UTC) - self._created).total_seconds()

    @property
    def need(self) -> float | None:
        """Device time that it still needs, in seconds; None before the first step."""
        return self._clock.need(self.done)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture so far."""
        picture = self._shown_picture()
        return picture.shape[2], picture.shape[1]

    def jpeg(self) -> bytes:
        """The picture so far, for the screen."""
        return encode_jpeg(thinned(to_pixels(self._shown_picture())))

    def keep_preview(self) -> bytes:
        """Write preview.jpg, and the maps of the step beside it; the former's bytes."""
        self._keep_exemplar()
        for name, draw in self.step.maps.items() if self.step is not None else ():
            with self._memory.turn():
                drawn = draw()
            self.output.map(name, to_pixels(drawn))
        return self.output.preview(to_pixels(self._shown_picture()))

    def _keep_exemplar(self) -> None:
        """Write the exemplar as it was fitted, once, where it was: the picture is to be judged by that."""
        if self._exemplar_kept:
            return
        self._exemplar_kept = True
        given = self.given.inputs
        fitted = fitted_exemplar(self.params, given.source) if given.content is None else None
        if fitted is not None:
            self.output.exemplar(to_pixels(fitted))

    def keep_result(self) -> None:
        """Write result.png."""
        self.output.result(to_pixels(self._shown_picture()), self.number, self.total)

    def keep_files(self) -> None:
        """Write what the step has to leave besides the picture."""
        for name, make in self.step.files.items() if self.step is not None else ():
            with self._memory.turn():
                data = make()
            self.output.extra(name, data)

    @property
    def save_due(self) -> bool:
        """Whether the checkpoint is getting old."""
        return self.unsaved and time.monotonic() >= self._save_at

    def save(self) -> None:
        """Write the checkpoint, where there is something new.

        Raises:
            Diverged: the picture is no longer one.
            OSError: the disk does not take it; the previous checkpoint is still whole.
        """
        if self.step is not None and self.unsaved:
            began = time.monotonic()
            self.check_finite()
            self._checkpoint.save(self._content(self.step))
            cost = time.monotonic() - began
            self.unsaved, self._save_at = False, began + max(SAVED_EVERY, min(SAVED_AT_LEAST, cost / SHARE))

    def check_finite(self) -> None:
        """Raise Diverged where the picture has values that are no numbers."""
        picture = self.picture
        if picture is not None and picture.is_floating_point() and not bool(torch.isfinite(picture).all()):
            raise Diverged(f"the picture turned into not-a-numbers by step {self.number}: try another seed")

    def start_anew(self) -> None:
        """Begin at the beginning: the checkpoint turned out to be of no use."""
        self.close()
        self.forget_checkpoint()
        self._started_anew = STARTED_ANEW
        self._begin(None)

    def forget_checkpoint(self) -> None:
        """The job will not go on from here."""
        self._checkpoint.remove()
        self._given_model.unlink(missing_ok=True)

    def close(self) -> None:
        """End the generator and give its memory back."""
        try:
            self._steps.close()
        except Exception:  # a method's own clean-up failed; it has ended all the same
            log.exception("job %s: its generator did not close", self.id)
        self.step = None
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        return_freed_memory()

    def _load(self) -> Content | None:
        if not self._checkpoint.exists:
            return None
        try:
            return {**FRESH, **self._checkpoint.load()}  # one that an older version wrote has less in it
        except Damaged as error:
            log.warning("job %s: checkpoint: %s", self.id, error)
            self._started_anew = STARTED_ANEW
            self.forget_checkpoint()
            return None

    def _begin(self, content: Content | None) -> None:
        """Make the generator, with all measures as they were."""
        was = content or FRESH
        self.number, self.total, self.done = was["number"], was["total"], was["done"]
        self.losses, self.metrics, self.floors = was["losses"], was["metrics"], was["floors"]
        self.note, self._kept, self.step = was["note"], was["picture"], None
        self.resumed = content is not None
        self.unsaved, self._save_at = False, time.monotonic() + SAVED_EVERY
        self._new_points = []
        self._clock, self._memory = Clock(was["seconds"]), Memory(self.device, was["memory"])
        steps = self._method.run(self.params, self.given.inputs, self.device, content and content["state"])
        self._steps: Generator[Step, None, object] = cast(Generator[Step, None, object], steps)

    def _content(self, step: Step) -> Content:
        return {
            **asdict(self.progress()),
            "note": self.note,
            "picture": _to_keep(self._shown_picture()),
            "state": step.state(),
        }

    def _point(self, metrics: Mapping[str, float]) -> Point:
        return Point(number=self.number, seconds=self.seconds, wall=self.wall, values={**self.losses, **metrics})

    def _shown_picture(self) -> Tensor:
        picture = self.picture
        assert picture is not None
        return picture

    def _count(self, seconds: float, step: Step | None) -> None:
        self.share += seconds
        self._clock.count(seconds, step.done - self.done if step else 0.0)


def finite(values: Mapping[str, float]) -> dict[str, float]:
    """Without those that are no numbers."""
    return {name: value for name, value in values.items() if math.isfinite(value)}


def _to_keep(image: Tensor) -> Tensor | None:
    """A picture for the checkpoint, 3×H×W uint8; none where it is so large that a method keeps it in its state."""
    return to_pixels_tensor(image).permute(2, 0, 1) if image[0].numel() <= LARGEST_SIDE**2 else None
