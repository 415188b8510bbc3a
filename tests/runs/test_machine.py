"""What is kept of a machine between starts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from texture.runs.forecast import Example
from texture.runs.machine import KEPT, Machine, machine_name


def run(seconds: float, method: str = "gatys") -> Example:
    return Example(method, {"size": "256"}, 1e6, 65536.0, seconds, 10**8)


def test_it_is_kept_between_starts(tmp_path: Path) -> None:
    Machine(tmp_path, "cpu").add_run(run(1.5))
    Machine(tmp_path, "cpu").set_calibration({"network": 0.2})
    again = Machine(tmp_path, "cpu")
    assert again.known().runs == (run(1.5),)
    assert again.known().calibration == {"network": 0.2}


def test_another_device_has_its_own(tmp_path: Path) -> None:
    Machine(tmp_path, "cpu").add_run(run(1.5))
    assert Machine(tmp_path, "cuda").known().runs == ()


def test_so_many_runs_of_each_method_are_kept_the_newest(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "cpu")
    machine.add_run(run(99.0, "match"))
    for number in range(1, KEPT + 4):
        machine.add_run(run(float(number)))
    own = [one.seconds for one in machine.known().runs if one.method == "gatys"]
    assert own == [float(number) for number in range(4, KEPT + 4)]
    assert [one.seconds for one in machine.known().runs if one.method == "match"] == [99.0]


RUN = '{"method": "gatys", "settings": {}, "work": 1, "pixels": 1, "seconds": %s}'
DAMAGED = (
    "",
    "{",
    "[1]",
    '{"runs": [{"method": "gatys"}]}',
    '{"runs": 3}',
    '{"calibration": []}',
    '{"calibration": {"network": 0}}',
    f'{{"runs": [{RUN % 1}]}}'.replace('"seconds"', f'"memory": {10**400}, "seconds"'),
    *(f'{{"runs": [{RUN % seconds}]}}' for seconds in ("-1", "0", "NaN", '"long"', "null", "1e308")),
)


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_file_is_begun_anew(tmp_path: Path, text: str) -> None:
    machine = Machine(tmp_path, "cpu")
    machine.path.parent.mkdir()
    machine.path.write_text(text)
    assert machine.known().runs == ()
    assert machine.known().calibration == {}
    machine.add_run(run(2.0))
    assert machine.known().runs == (run(2.0),)


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file in the folder's place")
    machine = Machine(tmp_path / "cache", "cpu")
    machine.add_run(run(2.0))
    assert machine.known().runs == ()


def test_a_run_that_took_no_time_is_nothing(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "cpu")
    machine.add_run(run(2.0))
    machine.add_run(run(0.0))
    assert machine.known().runs == (run(2.0),)


def test_no_draft_is_left(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "cpu")
    machine.add_run(run(2.0))
    assert list(machine.path.parent.iterdir()) == [machine.path]
    assert json.loads(machine.path.read_text())["machine"] == machine_name("cpu")


def test_fewer_threads_are_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    whole = machine_name("cpu")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert machine_name("cpu") != whole
