"""A function of a picture whose work on a GPU is recorded once and replayed (a CUDA graph).

A small picture keeps a GPU busy for less time than it takes Python to start the hundred kernels of an evaluation one by
one. A recording starts them all at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import torch
from torch import Tensor

from texture.optimisers.lbfgs import Evaluate

log = logging.getLogger(__name__)

LARGEST = 2**20  # pixels of a picture that it pays for: a larger one keeps the GPU busy anyway
FEWEST = 50  # steps that it pays for: a recording takes as long as some six evaluations
WARM_UP = 3  # calls before the recording, in which libraries choose their kernels and take their memory
OTHERWISE = 0.9  # of a picture's negative: another one, to try a recording with
CLOSE = 1e-2  # relative difference between a recording and what it records: more than rounding, and it is wrong

Record = Callable[[Callable[[], None]], Callable[[], None]]  # some work -> what does the same again on the same tensors


def recorded(evaluate: Evaluate, like: Tensor, steps: int) -> Evaluate:
    """The same function for pictures like this one, 3×H×W, recorded where that pays and can be done.

    evaluate: what it does may depend on the picture's values on the GPU alone, and on nothing that changes later.
    steps: how many an optimiser will take with it.
    """
    if like.device.type != "cuda" or like[0].numel() > LARGEST or steps < FEWEST:
        return evaluate
    try:
        found = Recorded(evaluate, like, on_gpu)
    except RuntimeError as error:  # of CUDA: something in it cannot be recorded on this machine
        log.warning("a CUDA graph could not be recorded, the job goes on without: %s", error)
        return evaluate
    other = 1 - OTHERWISE * like
    if not _agree(found(other), evaluate(other)):
        log.warning("a CUDA graph gave other values than what it was recorded from: the job goes on without")
        return evaluate
    return found


class Recorded:
    """An `Evaluate` that replays."""

    def __init__(self, evaluate: Evaluate, like: Tensor, record: Record) -> None:
        self._x = like.clone()
        self._found = like, like

        def work() -> None:
            self._found = evaluate(self._x)

        self._replay = record(work)

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The loss and its gradient; both are new tensors, as the next replay writes over its own."""
        self._x.copy_(x)
        self._replay()
        loss, gradient = self._found
        return loss.clone(), gradient.clone()


def on_gpu(work: Callable[[], None]) -> Callable[[], None]:
    """A `Record` by a CUDA graph. Other threads may use the GPU meanwhile.

    Raises:
        RuntimeError: it waits for the GPU in its midst, or does something else that cannot be recorded.
    """
    aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(WARM_UP):
            work()
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):
        work()
    return graph.replay


def _agree(ours: tuple[Tensor, Tensor], theirs: tuple[Tensor, Tensor]) -> bool:
    """Whether a loss and its gradient are the same but for rounding."""
    return all(
        bool(torch.linalg.vector_norm(one - other) <= CLOSE * torch.linalg.vector_norm(other))
        for one, other in zip(ours, theirs, strict=True)
    )
