"""The bookkeeping of viewers, without a socket: who hears what, and at most two frames on their way."""

from __future__ import annotations

import gc
import itertools
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from texture.jobs.domain.events import Changed, ComparisonChanged, Deleted, Framed, Stepped
from texture.jobs.domain.job import Job
from texture.web.items import Concerns, Corrects, Item, Joined, Left, Watches, WeightsChanged
from texture.web.live.viewers import MOST_FRAMES, MOST_STEPS, Viewers


class Wire:
    """Remembers what was sent; `draw` acknowledges a viewer's oldest frame."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, Mapping[str, Any]]] = []
        self.pending: list[tuple[str, Callable[..., None]]] = []
        self.calls = 0

    def __call__(
        self, viewers: Sequence[str], name: str, message: Mapping[str, Any], drawn: Callable[..., None] | None = None
    ) -> None:
        self.calls += 1
        for viewer in viewers:
            self.sent.append((viewer, name, message))
            if drawn:
                self.pending.append((viewer, drawn))

    def draw(self, viewer: str) -> None:
        index = next(i for i, (name, _) in enumerate(self.pending) if name == viewer)
        self.pending.pop(index)[1]()

    def to(self, viewer: str, name: str) -> list[Mapping[str, Any]]:
        return [message for who, what, message in self.sent if (who, what) == (viewer, name)]

    def frames(self, viewer: str) -> list[int]:
        return [message["number"] for message in self.to(viewer, "frame")]


def frame(number: int, job: str = "j") -> Framed:
    return Framed(job, number, number, 4, 3, b"jpeg")


def step(job: str = "j", loss: float = 0.5) -> Stepped:
    return Stepped(
        job, seq=1, number=1, total=10, done=0.1, seconds=0.1, wall=0.2, eta=None, losses={"style": loss}, metrics={}
    )


def row(job: str = "j", owner: str = "ada", comparison: str | None = None) -> Job:
    return Job(
        id=job,
        owner=owner,
        comparison=comparison,
        method="counting",
        params={},
        images={},
        state="running",
        seq=1,
        created=datetime.now(UTC),
    )


def changed(*jobs: str, shared: bool = True) -> ComparisonChanged:
    """Something about ada's comparison c."""
    return ComparisonChanged("c", "ada", frozenset(jobs), shared)


def deliver(viewers: Viewers, *items: Item) -> None:
    for item in items:
        viewers.deliver(item)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def viewers(wire: Wire) -> Viewers:
    """Two viewers of ada's job j."""
    viewers = Viewers(wire, clock=itertools.count().__next__)  # a second between any two looks at it
    for name in ("slow", "quick"):
        deliver(viewers, Joined(name, "ada"), Watches(name, frozenset({"j"}), mine=False))
    return viewers


def test_two_frames_and_then_the_newest_only(viewers: Viewers, wire: Wire) -> None:
    for number in range(1, 8):
        viewers.deliver(frame(number))
    assert wire.frames("slow") == [1, 2]
    wire.draw("slow")
    assert wire.frames("slow") == [1, 2, 7]
    wire.draw("slow")
    assert wire.frames("slow") == [1, 2, 7]


def test_a_slow_viewer_does_not_hold_up_a_quick_one(viewers: Viewers, wire: Wire) -> None:
    for number in range(1, 8):
        viewers.deliver(frame(number))
        wire.draw("quick")
    assert wire.frames("quick") == list(range(1, 8))
    assert wire.frames("slow") == [1, 2]


def test_frames_that_nobody_will_see_cost_no_memory(viewers: Viewers) -> None:
    deliver(viewers, Watches("slow", frozenset({"unique"}), mine=False), Left("quick"))
    for number in range(200):
        viewers.deliver(frame(number, "unique"))
    gc.collect()
    kept = [thing.number for thing in gc.get_objects() if type(thing) is Framed and thing.job == "unique"]
    assert kept == [199]


def test_each_job_keeps_its_own_newest_frame_and_they_take_turns(viewers: Viewers, wire: Wire) -> None:
    viewers.deliver(Watches("slow", frozenset({"j", "k"}), mine=False))
    for number in range(1, 6):
        viewers.deliver(frame(number, "j"))
        viewers.deliver(frame(number, "k"))
    wire.draw("slow")
    wire.draw("slow")
    assert [(m["job"], m["number"]) for m in wire.to("slow", "frame")[2:]] == [("j", 5), ("k", 5)]


def test_frames_are_wanted_while_somebody_who_watches_has_room(viewers: Viewers, wire: Wire) -> None:
    assert viewers.wants_frame("j")
    assert not viewers.wants_frame("k")
    viewers.deliver(frame(1))
    viewers.deliver(frame(2))
    assert not viewers.wants_frame("j")
    wire.draw("quick")
    assert viewers.wants_frame("j")
    viewers.deliver(Left("quick"))
    assert not viewers.wants_frame("j")


def test_many_viewers_do_not_take_the_processor_from_the_worker(wire: Wire) -> None:
    """All together get so many frames a second: the more there are who watch, the fewer has each."""
    now = [0.0]
    viewers = Viewers(wire, clock=lambda: now[0])
    for number in range(60):
        viewers.deliver(Joined(f"viewer {number}", "them"))
        viewers.deliver(Watches(f"viewer {number}", frozenset({"j"}), mine=False))
    assert viewers.wants_frame("j")
    viewers.deliver(frame(1))
    assert not viewers.wants_frame("j")
    now[0] = 59 / MOST_FRAMES
    assert not viewers.wants_frame("j")
    now[0] = 61.01 / MOST_FRAMES
    assert viewers.wants_frame("j")


def test_numbers_are_put_into_bytes_once_and_go_out_less_often_the_more_there_are_who_watch(wire: Wire) -> None:
    now = [0.0]
    viewers = Viewers(wire, clock=lambda: now[0])
    for number in range(60):
        viewers.deliver(Joined(f"viewer {number}", "them"))
        viewers.deliver(Watches(f"viewer {number}", frozenset({"j", "k"}), mine=False))
    for part in (0.0, 0.25, 0.5, 0.99, 1.0):
        now[0] = part * 60 / MOST_STEPS
        viewers.deliver(step("j"))
    assert wire.calls == 2  # the first and the last, each for all
    assert len(wire.to("viewer 59", "step")) == 2
    viewers.deliver(step("k"))
    assert wire.calls == 3  # each job for itself
    viewers.deliver(Changed("j", 2, row()))
    viewers.deliver(step("j"))
    assert wire.calls == 5  # after a change at once


def test_an_acknowledgement_after_the_viewer_has_gone_does_nothing(viewers: Viewers, wire: Wire) -> None:
    viewers.deliver(frame(1))
    viewers.deliver(Left("slow"))
    wire.draw("slow")
    viewers.deliver(frame(2))
    assert wire.frames("slow") == [1]


def test_who_watches_something_else_hears_nothing(viewers: Viewers, wire: Wire) -> None:
    viewers.deliver(Watches("slow", frozenset({"other"}), mine=False))
    deliver(viewers, Changed("j", 1, row()), step(), frame(1), Deleted("j", 2))
    assert [name for who, name, _ in wire.sent if who == "slow"] == []
    assert [name for who, name, _ in wire.sent if who == "quick"] == ["job", "step", "frame", "deleted"]


def test_mine_takes_in_new_jobs_of_the_same_session_and_no_other(viewers: Viewers, wire: Wire) -> None:
    viewers.deliver(Watches("slow", frozenset(), mine=True))
    deliver(viewers, Changed("new", 1, row("new")), Changed("alien", 1, row("alien", "eve")), step("new"))
    deliver(viewers, step("alien"), Concerns("ada", "old"), Deleted("old", 9), Concerns("eve", "x"), Deleted("x", 1))
    assert [(name, m["job"]) for who, name, m in wire.sent if who == "slow"] == [
        ("job", "new"),
        ("step", "new"),
        ("deleted", "old"),
    ]


@pytest.fixture
def guest(viewers: Viewers) -> Watches:
    """Eve looks at ada's comparison c, in which there is j so far."""
    said = Watches("guest", frozenset({"j"}), comparison="c")
    deliver(viewers, Joined("guest", "eve"), said)
    return said


def test_who_watches_a_comparison_sees_the_runs_that_are_added(viewers: Viewers, wire: Wire, guest: Watches) -> None:
    deliver(viewers, Changed("added", 1, row("added", comparison="c")), changed("j", "added"), step("added"))
    deliver(viewers, Changed("other", 1, row("other", comparison="d")), step("other"), Changed("single", 1, row()))
    assert [name for who, name, _ in wire.sent if who == "guest"] == ["job", "comparison", "step"]
    assert wire.to("guest", "comparison") == [{"id": "c"}]


def test_who_looks_at_all_that_is_theirs_hears_of_their_comparisons(viewers: Viewers, wire: Wire) -> None:
    viewers.deliver(Watches("slow", frozenset(), mine=True))
    viewers.deliver(changed("j"))
    assert [who for who, name, _ in wire.sent if name == "comparison"] == ["slow"]


def test_when_it_is_shared_no_longer_others_hear_that_and_nothing_more(
    viewers: Viewers, wire: Wire, guest: Watches
) -> None:
    for number in range(1, 5):
        viewers.deliver(frame(number))
    deliver(viewers, changed("j", shared=False), step(), Changed("later", 1, row("later", comparison="c")))
    wire.draw("guest")
    deliver(viewers, frame(5), changed("j"))
    assert wire.frames("guest") == [1, 2]
    assert [name for who, name, _ in wire.sent if who == "guest" and name != "frame"] == ["comparison"]
    assert wire.to("quick", "step"), "its owner goes on"


def test_a_job_of_a_comparison_watched_by_its_own_id_is_hidden_too(viewers: Viewers, wire: Wire) -> None:
    deliver(viewers, Joined("guest", "eve"), Watches("guest", frozenset({"j"})), changed("j", shared=False), step())
    assert wire.to("guest", "step") == []


def test_what_was_found_meanwhile_is_put_right(viewers: Viewers, wire: Wire, guest: Watches) -> None:
    deliver(viewers, Corrects(guest, more=frozenset({"k"}), less=frozenset({"j"})), step("j"), step("k"))
    assert [message["job"] for message in wire.to("guest", "step")] == ["k"]


def test_what_was_found_for_an_earlier_wish_counts_no_longer(viewers: Viewers, wire: Wire, guest: Watches) -> None:
    deliver(viewers, Watches("guest", frozenset()), Corrects(guest, more=frozenset({"k"})), step("k"))
    assert wire.to("guest", "step") == []


def test_a_deleted_job_is_no_longer_watched(viewers: Viewers, wire: Wire) -> None:
    for number in range(1, 5):
        viewers.deliver(frame(number))
    viewers.deliver(Deleted("j", 9))
    wire.draw("slow")
    assert wire.frames("slow") == [1, 2]
    assert not viewers.wants_frame("j")


def test_numbers_that_json_cannot_say_become_null(viewers: Viewers, wire: Wire) -> None:
    for loss in (float("nan"), float("inf"), -float("inf"), 0.25):
        viewers.deliver(step(loss=loss))
    assert [m["losses"]["style"] for m in wire.to("quick", "step")] == [None, None, None, 0.25]


def test_a_step_tells_both_clocks_and_how_much_is_done(viewers: Viewers, wire: Wire) -> None:
    viewers.deliver(step())
    told = wire.to("quick", "step")[0]
    assert (told["seconds"], told["wall"], told["done"]) == (0.1, 0.2, 0.1)


def test_the_state_of_the_weights_goes_to_everybody(viewers: Viewers, wire: Wire) -> None:
    viewers.deliver(WeightsChanged({"state": "fetching"}))
    assert {who for who, name, _ in wire.sent if name == "weights"} == {"slow", "quick"}


def test_a_viewer_that_has_gone_leaves_nothing_behind(viewers: Viewers) -> None:
    deliver(viewers, Joined("guest", "unique owner"), Watches("guest", frozenset({"j"}), mine=True), Left("guest"))
    gc.collect()
    owners = [thing.owner for thing in gc.get_objects() if type(thing).__name__ == "_Viewer"]
    assert "ada" in owners
    assert "unique owner" not in owners
