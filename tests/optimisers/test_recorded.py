"""Recorded functions: whatever plays the recording, what comes out is what the function itself gives."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from texture.optimisers import recorded as module
from texture.optimisers.lbfgs import LBFGS
from texture.optimisers.recorded import Recorded, recorded

MANY = 100  # steps


def bowl(x: Tensor) -> tuple[Tensor, Tensor]:
    weights = torch.arange(1.0, x.numel() + 1).view_as(x)
    return (weights * (x - 2) ** 2).sum(), 2 * weights * (x - 2)


def again(work: Callable[[], None]) -> Callable[[], None]:
    """Plays without a GPU: the work is done once more, on the tensors that it was done on before."""
    work()
    return work


class OnGPU(Tensor):
    """A tensor that claims to be on a GPU."""

    @property
    def device(self) -> torch.device:
        return torch.device("cuda")


def test_an_optimiser_takes_the_same_steps_with_a_recording() -> None:
    start = torch.zeros(3, 4, 4)
    plain, replayed = LBFGS(bowl, start), LBFGS(Recorded(bowl, start, again), start)
    for _ in range(6):
        plain.step()
        replayed.step()
        assert torch.equal(plain.x, replayed.x)
        assert torch.equal(plain.gradient, replayed.gradient)


def test_a_result_is_not_written_over_by_the_next_one() -> None:
    """A graph writes each time into the same tensors."""
    kept = torch.zeros(()), torch.zeros(3, 4, 4)

    def in_place(x: Tensor) -> tuple[Tensor, Tensor]:
        for ours, theirs in zip(kept, bowl(x), strict=True):
            ours.copy_(theirs)
        return kept

    found = Recorded(in_place, torch.zeros(3, 4, 4), again)
    first = found(torch.zeros(3, 4, 4))
    found(torch.ones(3, 4, 4))
    assert torch.equal(first[1], bowl(torch.zeros(3, 4, 4))[1])


def test_on_the_processor_nothing_is_recorded() -> None:
    assert recorded(bowl, torch.zeros(3, 4, 4), MANY) is bowl


def test_a_large_picture_keeps_the_gpu_busy_anyway() -> None:
    large = torch.zeros(1).expand(3, 1025, 1024).as_subclass(OnGPU)
    assert recorded(bowl, large, MANY) is bowl


def test_for_a_few_steps_it_does_not_pay() -> None:
    assert recorded(bowl, torch.zeros(3, 4, 4).as_subclass(OnGPU), 8) is bowl


def test_what_cannot_be_recorded_is_done_as_it_is(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(work: Callable[[], None]) -> Callable[[], None]:
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr(module, "on_gpu", refused)
    with caplog.at_level(logging.WARNING):
        assert recorded(bowl, torch.zeros(3, 4, 4).as_subclass(OnGPU), MANY) is bowl
    assert "not permitted when stream is capturing" in caplog.text


def deaf(work: Callable[[], None]) -> Callable[[], None]:
    """Plays nothing."""
    work()
    return lambda: None


@pytest.mark.parametrize(("play", "taken"), [(again, True), (deaf, False)])
def test_a_recording_is_taken_only_where_it_follows_the_picture(
    monkeypatch: pytest.MonkeyPatch, play: Callable[[Callable[[], None]], Callable[[], None]], taken: bool
) -> None:
    monkeypatch.setattr(module, "on_gpu", play)
    assert (recorded(bowl, torch.zeros(3, 4, 4).as_subclass(OnGPU), MANY) is not bowl) is taken
