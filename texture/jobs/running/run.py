"""A running job: its generator, suspended after a step, with its clock and its memory. Imports torch."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import cast

import torch
from torch import Tensor

from texture.device import return_freed_memory, wait_for
from texture.errors import Diverged
from texture.images.decoding import Pixels
from texture.images.encoding import encode_jpeg
from texture.images.tensors import to_pixels, to_pixels_tensor
from texture.jobs.domain.job import Job
from texture.jobs.domain.throttle import Throttle
from texture.jobs.running.checkpoint import Content
from texture.jobs.running.clock import Clock
from texture.jobs.running.inputs import prepared_run
from texture.jobs.running.memory import Memory
from texture.jobs.running.run_files import RunFiles
from texture.jobs.running.run_progress import Mark, RunProgress
from texture.jobs.scheduling.queue import Progress
from texture.jobs.store import Store
from texture.memory import check_memory
from texture.methods.contract import Step
from texture.methods.sizes import LARGEST_SIDE
from texture.runs.collection import thinned

log = logging.getLogger(__name__)

FRAMES_SHARE = 0.02  # the largest share of time spent on pictures for viewers
ITERATIONS_EVERY, ITERATIONS_SHARE = 0.05, 0.003  # seconds, and share, for those that are kept of its iterations
FRESH: Content = {**asdict(Progress()), "note": None, "picture": None}
RESTARTED = "its checkpoint could not be used, so this job started again from the beginning"


class Run:
    """One job while it runs. `step` is the one after which its generator is suspended, None before the first."""

    number: int
    total: int | None
    done: float  # fraction of the work, 0..1
    note: str | None  # the method's last note on its progress
    step: Step | None
    progress: RunProgress
    iterations: list[int] | None  # the steps whose pictures are kept; None: nobody has looked
    broken: bool  # its generator has raised, and cannot go on
    resumed: bool  # from a checkpoint that no step has yet proved usable
    _kept: Tensor | None  # the picture as it was at the checkpoint
    _memory: Memory

    def __init__(self, job: Job, store: Store, device: torch.device, lease: int = 0) -> None:
        """Continue the job from its checkpoint, or begin at the start; nothing is computed yet.

        lease: the number of the worker's lease; 0 where there is no other worker.

        Raises:
            TextureError: a picture or a model is gone, or a parameter no longer fits its method.
            NotEnoughMemory: it is known to need more than is free.
        """
        self.id, self.entry, self.device = job.id, job.comparison or job.id, device
        self._created = job.created
        self.share = 0.0  # device time of its turns so far, in seconds, to compare with the others'
        self.alone = False  # it must not share the device
        self.trouble: str | None = None  # what the surroundings do not let it do
        self._rests_until = 0.0  # by the monotonic clock
        self.shown = False  # its first step since it was claimed has been published
        self.steps_throttle = Throttle(0.25, warms_up=True)
        self.frames_throttle = Throttle(0.1, FRAMES_SHARE, warms_up=True)
        self.iterations_throttle = Throttle(ITERATIONS_EVERY, ITERATIONS_SHARE)  # the first is warm already
        self.prepared = prepared_run(job, store)
        self.brief = self.prepared.method.brief
        check_memory(self.prepared.outline.memory, self.prepared.outline.size, device.type)
        self.files = RunFiles(job, store, self.prepared, lease)
        self._restarted: str | None = None
        self._begin(self._load())

    def advance(self, sharing: bool) -> bool:
        """Compute one step. False when there are no more: it was claimed again after its last one.

        sharing: others take turns on the device, so its time must be measured exactly.

        Raises:
            RuntimeError: its generator ended before its last step; whatever else the method raises.
        """
        began = time.perf_counter()
        with self._memory.turn():
            self.broken = True
            step = next(self._steps, None)
            self.broken = False
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
        self.resumed = False
        self.files.unsaved = True
        return True

    @property
    def ended(self) -> bool:
        """Whether this is the last step. Its generator is still suspended: all that it holds is still available."""
        return self.step is not None and self.step.last

    @property
    def ready(self) -> bool:
        """Whether it has something to do now."""
        return not (self.ended and time.monotonic() < self._rests_until)

    def postpone(self, seconds: float) -> None:
        """What could not be written is not tried again before."""
        self._rests_until = time.monotonic() + seconds
        self.files.postpone(seconds)

    @property
    def has_picture(self) -> bool:
        """Whether there is a picture, drawn or not."""
        return self.step is not None or self._kept is not None

    @property
    def picture(self) -> Tensor | None:
        """The picture so far, 3×H×W; drawn, which may be expensive, when first asked for after a step."""
        if self.step is None:
            return self._kept
        with self._memory.turn():
            return self.step.image

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture so far."""
        picture = self._shown_picture()
        return picture.shape[2], picture.shape[1]

    @property
    def message(self) -> str | None:
        """The message of its row while it runs."""
        return self.trouble or self.note or self._restarted

    @property
    def mark(self) -> Mark:
        """Its position on all clocks: steps, total device time, and seconds since the job was created."""
        return Mark(self.number, self._clock.seconds, (datetime.now(UTC) - self._created).total_seconds())

    @property
    def need(self) -> float | None:
        """Device time that it still needs, in seconds; None before the first step."""
        return self._clock.need(self.done)

    def standing(self, eta: float | None = None) -> Progress:
        """Its progress, for the row."""
        return Progress(
            number=self.number,
            total=self.total,
            done=self.done,
            seconds=self._clock.seconds,
            memory=self._memory.peak,
            eta=eta,
            losses=self.progress.losses,
            metrics=self.progress.metrics,
            baselines=self.progress.baselines,
            files=self.files.left,
        )

    def check_finite(self) -> None:
        """Raise Diverged where the picture has values that are not finite."""
        picture = self.picture
        if picture is not None and picture.is_floating_point() and not bool(torch.isfinite(picture).all()):
            raise Diverged(
                f"the picture has NaN or infinite values at step {self.number}: it diverged, try another seed"
            )

    def jpeg(self) -> bytes:
        """The picture so far as a JPEG for the screen."""
        return encode_jpeg(self.screen_pixels())

    def screen_pixels(self) -> Pixels:
        """As many pixels of the picture so far as a screen needs: a copy, as the method goes on in its own memory."""
        picture = thinned(self._shown_picture().permute(1, 2, 0))
        return to_pixels_tensor(picture.permute(2, 0, 1)).clone().cpu().numpy()

    def keep_preview(self) -> bytes:
        """Write preview.jpg and whatever else is drawn beside it. Returns the bytes of preview.jpg."""
        self.files.keep_further(self.step, self._memory.turn, for_screen=True)
        return self.files.keep_preview(self.jpeg())

    def keep_result(self) -> None:
        """Write result.png."""
        self.files.keep_picture(to_pixels(self._shown_picture()), self.number, self.total)

    def keep_files(self) -> None:
        """Write the step's other artifacts, at full size."""
        self.files.keep_further(self.step, self._memory.turn)

    def save(self) -> None:
        """Write the checkpoint if there is something new.

        Raises:
            Diverged: the picture is no longer one.
            SetupProblem: it cannot be written; the previous checkpoint is still intact.
        """
        if self.step is not None and self.files.unsaved:
            self.check_finite()
            self.files.save(self._content(self.step))

    def restart(self) -> None:
        """Restart from the beginning: the checkpoint turned out to be unusable."""
        self.close()
        self.files.forget_checkpoint()
        self._restarted = RESTARTED
        self._begin(None)

    def close(self) -> None:
        """End the generator and release its memory."""
        try:
            self._steps.close()
        except Exception:  # a method's own clean-up failed; it has ended all the same
            log.exception("job %s: its generator did not close cleanly", self.id)
        self.step = None
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        return_freed_memory()

    def _load(self) -> Content | None:
        content, damaged = self.files.load()
        self._restarted = RESTARTED if damaged else None
        return None if content is None else _today(content)

    def _begin(self, content: Content | None) -> None:
        """Create the generator, with clock, memory and metrics as they were."""
        was = content or FRESH
        self.number, self.total, self.done = was["number"], was["total"], was["done"]
        self.note, self._kept, self.step = was["note"], was["picture"], None
        self.progress = RunProgress(was["losses"], was["metrics"], was["baselines"])
        self.iterations, self.resumed, self.broken = None, content is not None, False
        self._clock, self._memory = Clock(was["seconds"]), Memory(self.device, was["memory"])
        with self._memory.turn():  # some methods bring their pictures to the device now
            steps = self.prepared.start(self.device, content and content["state"])
        self._steps: Generator[Step, None, object] = cast(Generator[Step, None, object], steps)

    def _content(self, step: Step) -> Content:
        return {
            **asdict(self.standing()),
            "note": self.note,
            "picture": _to_keep(self._shown_picture()),
            "state": step.state(),
        }

    def _shown_picture(self) -> Tensor:
        picture = self.picture
        assert picture is not None
        return picture

    def _count(self, seconds: float, step: Step | None) -> None:
        self.share += seconds
        self._clock.count(seconds, step.done - self.done if step else 0.0)


def _today(content: Content) -> Content:
    """A checkpoint in today's format: an older version wrote less, or under another name."""
    return {**FRESH, **content, "baselines": content.get("baselines", content.get("floors", {}))}


def _to_keep(image: Tensor) -> Tensor | None:
    """A picture for the checkpoint, 3×H×W uint8; None if so large that the method keeps it in its state."""
    return to_pixels_tensor(image).permute(2, 0, 1) if image[0].numel() <= LARGEST_SIDE**2 else None
