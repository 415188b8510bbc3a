"""What goes into Redis comes out of it as it was."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from texture.jobs.domain.events import Changed, ComparisonChanged, Deleted, Framed, Stepped
from texture.jobs.domain.job import Job
from texture.jobs.engines.distributed.wire import packed, packed_frame, unpacked, unpacked_frame


def test_every_event_comes_out_as_it_was(add: Callable[..., Job]) -> None:
    job = add()
    step = Stepped(job.id, 3, 5, None, 0.25, 1.5, 2.5, None, {"loss": 1e-9}, {})
    shared = ComparisonChanged("comparison", "me", frozenset({"a", "b"}), True)
    for event in (Changed(job.id, 7, job), Deleted(job.id, 8), step, shared):
        assert unpacked(packed(event)) == event
    assert unpacked(packed(Changed(job.id, 7, job))).row.owner == "me"  # type: ignore[union-attr]


def test_a_frame_keeps_its_jpeg_as_it_is() -> None:
    frame = Framed("job", 2**40, 9, 640, 480, b"\xff\xd8\x00")
    assert unpacked_frame("job", packed_frame(frame)) == frame


@pytest.mark.parametrize("data", [b"", b"[]", b'["unheard-of", {}]', b'["changed", "job"]'])
def test_what_another_version_wrote_is_an_error_that_can_be_caught(data: bytes) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        unpacked(data)
