"""A job in the worker's hands: its generator, suspended after a step, and what was measured. Imports torch."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Generator, Mapping
from typing import cast

import torch
from torch import Tensor

from texture.device import return_freed_memory
from texture.errors import Diverged
from texture.images.checksum import checksum
from texture.images.encoding import encode_jpeg
from texture.images.tensors import to_pixels, to_tensor
from texture.jobs.checkpoint import Checkpoint, Content, Damaged
from texture.jobs.job import Job, Point
from texture.jobs.output import Output
from texture.jobs.pace import SHARE, Pace
from texture.jobs.store import Store
from texture.jobs.worklist import Progress
from texture.methods.base import Inputs, Step, Tile, find_method
from texture.metrics import seam

log = logging.getLogger(__name__)

SAVED_EVERY, SAVED_AT_LEAST = 5.0, 8.0  # seconds, the latter where saving takes long; what is promised is 10
AVERAGED_OVER = 5.0  # seconds, for the time that a step takes
FRESH: Content = {
    "number": 0,
    "done": 0.0,
    "total": None,
    "seconds": 0.0,
    "losses": {},
    "metrics": {},
    "picture": None,
}
STARTED_ANEW = "its checkpoint could not be used, so this job started again from the beginning"


class Live:
    """One job while it runs. `step` is the one after which its generator is suspended, None before the first."""

    number: int
    total: int | None
    seconds: float
    losses: Mapping[str, float]
    metrics: Mapping[str, float]
    picture: Tensor | None
    done: float  # share of the whole work, 0..1
    step: Step | None
    resumed: bool  # from a checkpoint, and no step has shown yet that it is of use

    def __init__(self, job: Job, store: Store, device: torch.device) -> None:
        """Take the job up where its checkpoint left off, or at the start; nothing is computed yet.

        Raises:
            TextureError: a picture is gone, or a parameter no longer fits its method.
        """
        self.id, self.device = job.id, device
        self.share = 0.0  # device time for which it has had its turns, in seconds, to compare with the others'
        self.alone = False  # it must not share the device
        self.shown = False  # its first step since it was taken up has been told
        self.message: str | None = None  # for the row, while it runs
        self.newest_point: Point | None = None
        self.steps_pace, self.frames_pace = Pace(0.25), Pace(0.1)
        pixels = {role: store.pixels(picture) for role, picture in job.images.items()}
        self.output = Output(store.files, job, {role: checksum(picture) for role, picture in pixels.items()})
        self._method = find_method(job.method)
        self._params = self._method.parse(job.params)
        self._inputs = Inputs(**{role: to_tensor(picture) for role, picture in pixels.items()})
        self._checkpoint = Checkpoint(store.files.checkpoint(job.id))
        self._begin(self._load())

    def advance(self, sharing: bool) -> bool:
        """One step. False when there are no more; the last picture stays.

        sharing: others take turns on the device, so that its time must be known exactly.
        """
        began = time.perf_counter()
        step = next(self._steps, None)
        if sharing:
            _wait_for(self.device)
        self._count(time.perf_counter() - began, step.done - self.done if step else 0.0)
        if step is None:
            self.step, self.unsaved = None, False
            return False
        self.done = step.done
        self.step, self.number, self.total = step, step.number, step.total
        # The picture belongs to the generator; once it has ended, only a copy is surely what it was.
        self.picture = step.image.detach().clone() if step.number >= step.total else step.image
        self.resumed, self.unsaved = False, True
        return True

    def measure(self) -> None:
        """Take the numbers off the device: losses, and the seam of a picture that tiles. Not-a-numbers are left out.

        Raises:
            Diverged: the picture is no longer one.
        """
        if self.step is None:
            return
        self.check_finite()
        self.losses = _finite({name: float(loss) for name, loss in self.step.losses.items()})
        tile: Tile = getattr(self._params, "tile", "none")
        if tile != "none":
            wrap = seam(self.step.image, tile)
            self.metrics = _finite({"seam": wrap.ratio, "seam_limit": wrap.limit})

    def progress(self, eta: float | None = None) -> Progress:
        """For the row."""
        return Progress(self.number, self.total, self.seconds, eta, self.losses, self.metrics)

    def point(self) -> Point:
        """For the curves."""
        return Point(number=self.number, seconds=self.seconds, values={**self.losses, **self.metrics})

    @property
    def need(self) -> float | None:
        """Device time that it still needs, in seconds; None before the first step."""
        return None if self._pace is None else self._pace * (1 - self.done)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture so far."""
        assert self.picture is not None
        return self.picture.shape[2], self.picture.shape[1]

    def jpeg(self) -> bytes:
        """The picture so far, for the screen."""
        assert self.picture is not None
        return encode_jpeg(to_pixels(self.picture))

    def keep_preview(self) -> bytes:
        """Write preview.jpg; its bytes."""
        assert self.picture is not None
        return self.output.preview(to_pixels(self.picture))

    def keep_result(self) -> None:
        """Write result.png."""
        assert self.picture is not None
        self.output.result(to_pixels(self.picture), self.number, self.total)

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
        if self.picture is not None and not bool(torch.isfinite(self.picture).all()):
            raise Diverged(f"the picture turned into not-a-numbers by step {self.number}: try another seed")

    def start_anew(self) -> None:
        """Begin at the beginning: the checkpoint turned out to be of no use."""
        self.close()
        self.forget_checkpoint()
        self.message = STARTED_ANEW
        self._begin(None)

    def forget_checkpoint(self) -> None:
        """The job will not go on from here."""
        self._checkpoint.remove()

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
            return self._checkpoint.load()
        except Damaged as error:
            log.warning("job %s: checkpoint: %s", self.id, error)
            self.message = STARTED_ANEW
            self.forget_checkpoint()
            return None

    def _begin(self, content: Content | None) -> None:
        """Make the generator, with all measures as they were."""
        was = content or FRESH
        self.number, self.total, self.seconds = was["number"], was["total"], was["seconds"]
        self.losses, self.metrics, self.done = was["losses"], was["metrics"], was["done"]
        self.picture, self.step = was["picture"], None
        self.resumed = content is not None
        self.unsaved, self._save_at = False, time.monotonic() + SAVED_EVERY
        self._pace: float | None = None  # seconds of device time for the whole work, going by lately
        self._measured = 0
        steps = self._method.run(self._params, self._inputs, self.device, content and content["state"])
        self._steps: Generator[Step, None, object] = cast(Generator[Step, None, object], steps)

    def _content(self, step: Step) -> Content:
        return {
            "number": self.number,
            "done": self.done,
            "total": self.total,
            "seconds": self.seconds,
            "losses": dict(self.losses),
            "metrics": dict(self.metrics),
            "picture": step.image,
            "state": step.state(),
        }

    def _count(self, seconds: float, gained: float) -> None:
        """Add a step's time, and what it gained of the whole; the very first prepares, and says little of the rest."""
        self.seconds += seconds
        self.share += seconds
        self._measured += 1
        if gained <= 0 or self._measured == 1:
            return
        whole = seconds / gained
        weight = max(1 / (self._measured - 1), min(1.0, seconds / AVERAGED_OVER))
        self._pace = whole if self._pace is None else self._pace + weight * (whole - self._pace)


def _finite(values: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in values.items() if math.isfinite(value)}


def _wait_for(device: torch.device) -> None:
    """Until the device has done what it was told."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
