"""The log: JSON lines with the job's id, and few of a kind."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from tests.serving import ROOT, Serve
from texture.web.logs import MOST, FewOfAKind, JsonLines

ID = "0123456789abcdef" * 2


def record(message: str, *args: object, line: int = 1) -> logging.LogRecord:
    return logging.LogRecord("texture.jobs", logging.ERROR, "worker.py", line, message, args, None)


def test_a_line_is_an_object_that_has_the_jobs_id() -> None:
    told = json.loads(JsonLines().format(record("job %s failed", ID)))
    assert (told["level"], told["logger"], told["message"], told["job"]) == (
        "error",
        "texture.jobs",
        f"job {ID} failed",
        ID,
    )
    assert told["time"].endswith("+00:00")
    assert "job" not in json.loads(JsonLines().format(record("the queue is empty\nnow")))


@pytest.fixture
def few() -> Iterator[FewOfAKind]:
    few = FewOfAKind(io.StringIO())
    yield few
    few.close()


def lines(few: FewOfAKind) -> list[str]:
    assert isinstance(few.stream, io.StringIO)
    return few.stream.getvalue().splitlines()


def test_what_happens_too_often_is_written_a_few_times_and_then_counted(few: FewOfAKind) -> None:
    for _ in range(84_000):
        few.handle(record("the disk is full"))
    few.handle(record("something else", line=2))
    assert lines(few) == ["the disk is full"] * MOST + ["something else"]
    few.tell()
    assert lines(few)[-1] == f"the disk is full ({84_000 - MOST} more like this were suppressed)"
    few.handle(record("the disk is full"))
    few.close()
    assert lines(few)[-1] == "the disk is full"
    assert len(lines(few)) == MOST + 3


def failed(how: Callable[[], object]) -> logging.LogRecord:
    """What problem_of, say, writes of an error: one line for all."""
    try:
        how()
    except Exception:
        return logging.LogRecord("texture.web", logging.ERROR, "problems.py", 1, "/api/jobs", (), sys.exc_info())
    raise AssertionError("it did not fail")


def test_one_error_does_not_hide_another_that_is_written_by_the_same_line(few: FewOfAKind) -> None:
    for _ in range(300):
        few.handle(failed(lambda: 1 / 0))  # type: ignore[arg-type]
    few.handle(failed(lambda: [][0]))
    few.tell()
    written = "\n".join(lines(few))
    assert written.count("ZeroDivisionError") == MOST
    assert written.count("IndexError") == 1
    assert written.endswith(f"/api/jobs ({300 - MOST} more like this were suppressed)")


NOISE = """
import gc, logging, sys, threading, warnings
from texture.web.logs import begin_log
begin_log("json")
import engineio, socketio
from texture.web.concurrency import concurrency
green = concurrency("eventlet")._eventlet

class Odd:
    def __del__(self):
        raise RuntimeError("in a finalizer")

def fail():
    raise RuntimeError("in a thread")

def hung_up():
    raise OSError("of a client that has gone")

threading.Thread(target=hung_up, name="Thread-7 (writer)").start()
threading.Thread(target=hung_up, name="another").start()
server = socketio.Server(async_mode="threading")
for number in range(200):
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    green.spawn(fail)
    green.sleep(0)
    Odd()
    server.logger.error("of Socket.IO")
    server.eio.logger.error("of Engine.IO")
warnings.warn("of a library")
logging.shutdown()
"""


def test_nothing_is_written_beside_the_log() -> None:
    """Socket.IO's and Engine.IO's lines came twice, once as they are, and tracebacks of threads without a limit."""
    done = subprocess.run([sys.executable, "-c", NOISE], cwd=ROOT, capture_output=True, text=True, check=True)
    told = [json.loads(line)["message"] for line in done.stderr.splitlines()]
    errors = [line for line in told if "unhandled error" in line]
    assert len([line for line in errors if "another" in line]) == 1
    assert not [line for line in errors if "writer" in line], "a client that has gone is no error of ours"
    assert len(errors) == 3 * (MOST + 1) + 1, told
    for of in ("of Socket.IO", "of Engine.IO"):
        assert [line for line in told if of in line] == [of] * MOST + [f"{of} (190 more like this were suppressed)"]
    assert len([line for line in told if "of a library" in line]) == 1


def test_the_setting_makes_json_lines(serve: Serve) -> None:
    server = serve(log="json")
    deadline = time.monotonic() + 20
    while "VGG-19" not in server.errors():  # the weights are looked at after the page is served
        assert time.monotonic() < deadline
        time.sleep(0.05)
    server.stop()
    told = [json.loads(line) for line in server.errors().splitlines()]
    assert any("VGG-19" in line["message"] for line in told)


def test_a_wrong_call_is_told_in_words_whatever_the_log() -> None:
    environment = {"TEXTURE_LOG": "xml", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "TEXTURE_LOG" in done.stderr
