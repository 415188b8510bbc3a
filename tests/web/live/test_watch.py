"""Viewers that cannot keep up, over real sockets: they see less, and nobody else does."""

from __future__ import annotations

from tests.serving import Server, Session
from tests.web.watching import Look

LONG = {"steps": 1_000_000, "work": 1}


def test_a_stalled_viewer_gets_two_frames_and_holds_up_nobody(session: Session, look: Look) -> None:
    stalled, quick = look(session, acknowledges=False), look(session)
    stalled.watch("mine")
    quick.watch("mine")
    job = session.start_job(params=LONG)["id"]
    quick.wait_for_count("frame", 15)
    assert len(stalled.of("frame")) == 2
    assert stalled.of("step"), "numbers still come"
    assert stalled.watch([job])["jobs"], "and calls are still answered"

    seen_meanwhile = quick.of("frame")[-1]["number"]
    stalled.draw_one()
    stalled.wait_for_count("frame", 3)
    assert stalled.of("frame")[2]["number"] >= seen_meanwhile, "the newest, none of those in between"

    stalled.draw_all_from_now_on()
    stalled.wait_for_count("frame", 6)
    numbers = [frame["number"] for frame in stalled.of("frame")]
    assert numbers == sorted(set(numbers))


def test_a_stalled_viewer_still_gets_the_last_picture_when_it_wakes(session: Session, look: Look) -> None:
    stalled = look(session, acknowledges=False)
    stalled.watch("mine")
    job = session.start_job(params={"steps": 3000})["id"]
    stalled.wait_for_state(job, "done")
    stalled.draw_all_from_now_on()
    stalled.wait_for(lambda name, message: name == "frame" and message["number"] == 3000, "last frame")


def test_other_sessions_hear_nothing(server: Server, session: Session, look: Look) -> None:
    mine, theirs = look(session), look(server.session())
    mine.watch("mine")
    theirs.watch("mine")
    job = session.start_job()["id"]
    mine.wait_for_state(job, "done")
    theirs.watch("mine")  # whatever was on its way has come by now
    assert theirs.events == []


def test_watching_something_else_ends_what_was_watched(session: Session, look: Look) -> None:
    viewer, other = look(session), look(session)
    viewer.watch("mine")
    other.watch("mine")
    session.start_job(params=LONG)
    viewer.wait_for_count("frame", 1)
    viewer.watch([])
    viewer.watch([])  # what was on its way at the first one has come by the second
    before = len(viewer.events)
    other.wait_for_count("frame", len(other.of("frame")) + 3)
    viewer.watch([])
    assert len(viewer.events) == before
