"""The simulation of many machines: against what can be worked out by hand, and against its page."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import numpy as np
import pytest

from benchmarks.scale import (
    Design,
    Lock,
    first,
    late_from,
    lock,
    lost_from,
    mean_length,
    needs,
    parse,
    pick_ups,
    queue_waits,
    report,
    shards,
)
from tests.serving import ROOT

DESIGN = Design()
PAGE = ROOT / "docs" / "scale-out.md"


def test_a_lock_that_few_share_is_held_as_long_as_they_write():
    few = replace(DESIGN, workers=10)
    entries = few.load / mean_length(few) * 3
    writes = 10 * (few.numbers + 1 / few.checkpoint + entries)
    met = lock(few)
    assert met.busy == pytest.approx(writes * few.hold / 1000, rel=0.03)
    assert met.pause == pytest.approx(1 / few.numbers, rel=0.02)
    assert met.waits.min() == pytest.approx(few.hold / 1000)
    assert met.expired == 0


def test_numbers_give_way_before_leases_do():
    met = lock(replace(DESIGN, workers=400))
    assert met.busy > 0.9
    assert met.pause > 4 / DESIGN.numbers
    assert np.median(met.waits) / met.pause == pytest.approx(DESIGN.share, rel=0.3), "the throttle keeps to its share"
    assert met.expired == 0


def test_too_many_heartbeats_lose_leases_unless_they_do_without_the_lock():
    many = replace(DESIGN, workers=1000)
    assert lock(many).expired == 0
    assert lost_from(many) is None
    assert lock(replace(many, heartbeats_lock=1)).expired > 0
    assert lost_from(replace(many, heartbeats_lock=1)) < 1000


def test_locks_that_have_nothing_to_do_with_each_other_carry_as_many_times_the_workers():
    assert late_from(replace(DESIGN, locks=8)) == 8 * late_from(DESIGN)
    met, alone = lock(replace(DESIGN, workers=160, locks=8)), lock(replace(DESIGN, workers=20))
    assert met.busy == pytest.approx(alone.busy)


@pytest.mark.parametrize("threshold", [1, 2, 37, 1000])
def test_the_first_number_that_fails_is_found(threshold):
    found = first(lambda design: design.workers >= threshold, DESIGN)
    assert threshold <= found <= threshold * 1.04
    assert first(lambda design: False, DESIGN, most=64) is None


def test_one_worker_s_queue_is_that_of_the_textbook():
    """Pollaczek and Khinchine: the mean wait is λE[S²] / 2(1 − ρ)."""
    one = replace(DESIGN, workers=1, load=0.5, spread=0.3, length=10)
    second_moment = mean_length(one) ** 2 * math.exp(one.spread**2)
    expected = one.load / mean_length(one) * second_moment / (2 * (1 - one.load))
    assert queue_waits(one, 100_000).mean() == pytest.approx(expected, rel=0.06)


def test_a_lost_worker_s_entry_waits_for_its_lease_and_for_somebody_who_looks():
    idle = replace(DESIGN, workers=100, load=0.1)
    seconds = pick_ups(idle, Lock(0, 0, np.array([0.0]), 0))
    assert seconds.min() >= DESIGN.expiry - DESIGN.heartbeat + DESIGN.restart
    assert seconds.max() <= DESIGN.expiry + DESIGN.look + DESIGN.restart
    assert seconds.mean() == pytest.approx(DESIGN.expiry + DESIGN.restart, rel=0.02)  # half a heartbeat, half a look
    busy = replace(idle, workers=10, load=0.95)
    assert pick_ups(busy, Lock(0, 0, np.array([0.0]), 0)).mean() > seconds.mean()


def test_what_is_needed_is_multiplied_out():
    small = replace(DESIGN, workers=2, viewers=4, per_process=2, popularity=1e-9, frames=1, frame_size=100)
    needed = needs(small, pause=0.5)
    assert needed.processes == 2
    assert needed.events == 2 / 0.5
    assert needed.events_read == pytest.approx(needed.events * DESIGN.event_size / 1e6 * 2)
    assert needed.to_viewers == pytest.approx(0.4)
    assert needed.frames_read == pytest.approx(2 * 0.1 * (2 * 0.75)), "one of two viewers, at each of two processes"
    assert needed.frames_by_job == pytest.approx(0.1 * 2 * (1 - 0.5**4))
    assert needed.puts == 2 * DESIGN.checkpoint_files / DESIGN.checkpoint
    assert shards(small, needed) == 1
    assert shards(replace(small, redis_bytes=0.1), needed) > 1


def test_every_assumption_says_where_it_comes_from(capsys):
    with pytest.raises(SystemExit):
        parse(["--help"])
    told = capsys.readouterr().out
    assert all(f"--{one.name.replace('_', '-')} N" in told for one in fields(Design))
    kinds = (
        "measured: ",
        "the code: ",
        "the design: ",
        "assumed: ",
        "estimated: ",
        "computed: ",
        "asked for: ",
        "aimed at: ",
    )
    assert all(one.metadata["source"].startswith(kinds) for one in fields(Design))


def test_numbers_that_make_no_sense_are_refused(capsys):
    with pytest.raises(SystemExit):
        parse(["--workers", "0"])
    assert "--workers 0: it must be greater than 0" in capsys.readouterr().err
    assert parse(["--heartbeats-lock", "0"])[0].heartbeats_lock == 0


def test_the_page_has_what_it_says():
    assert report(*parse([])) in PAGE.read_text(encoding="utf-8"), "run: python -m benchmarks.scale, and put it there"
