"""Whose doing it was that the process died: told by the next one, from what the dead one left."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from texture.jobs.running import turn_record
from texture.jobs.running.turn_record import TurnRecord

ROOT = Path(__file__).parents[3]
PROCESS = """
import faulthandler, os, signal, sys
from pathlib import Path
from texture.jobs.running.turn_record import TurnRecord

record = TurnRecord(Path(sys.argv[1], "turn"), Path(sys.argv[1], "signals"))
record.open()
record.watch_signals()
with record.turn("one"):
    pass
if sys.argv[2] == "between":
    os.kill(os.getpid(), int(sys.argv[3]))
with record.turn("two"):
    os.kill(os.getpid(), int(sys.argv[3]))
"""


@pytest.fixture
def record(tmp_path: Path) -> TurnRecord:
    return TurnRecord(tmp_path / "turn", tmp_path / "signals")


def die(folder: Path, when: str, how: signal.Signals) -> None:
    ended = subprocess.run([sys.executable, "-c", PROCESS, str(folder), when, str(int(how))], cwd=ROOT, check=False)
    assert ended.returncode == -how


@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS], ids=lambda how: how.name)
def test_a_fatal_signal_in_its_turn_is_the_jobs_doing(tmp_path: Path, record: TurnRecord, how: signal.Signals) -> None:
    die(tmp_path, "in a turn", how)
    assert record.culprit() == "two"


def test_a_fatal_signal_between_turns_is_nobodys(tmp_path: Path, record: TurnRecord) -> None:
    die(tmp_path, "between", signal.SIGSEGV)
    assert record.culprit() is None


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=lambda how: how.name)
def test_a_kill_from_outside_is_nobodys(tmp_path: Path, record: TurnRecord, how: signal.Signals) -> None:
    die(tmp_path, "in a turn", how)
    assert record.culprit() is None


def test_a_kill_for_memory_in_its_turn_is_the_jobs_doing(
    tmp_path: Path, record: TurnRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn_record, "VMSTAT", tmp_path / "vmstat")
    (tmp_path / "vmstat").write_text("nr_free_pages 5\noom_kill 7\n")
    record.open()
    with record.turn("one"):
        assert record.culprit() is None
        (tmp_path / "vmstat").write_text("nr_free_pages 5\noom_kill 8\n")
        assert record.culprit() == "one"
    assert record.culprit() is None


def test_the_first_start_finds_nothing(record: TurnRecord) -> None:
    assert record.culprit() is None
    record.open()
    assert record.culprit() is None
