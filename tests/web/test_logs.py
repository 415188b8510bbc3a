"""The log: JSON lines with the job's id, and few of a kind."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time

from tests.serving import ROOT, Serve
from texture.web.logs import MOST, WITHIN, FewOfAKind, JsonLines

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


def test_what_happens_too_often_is_written_a_few_times_and_then_counted() -> None:
    now = [0.0]
    few = FewOfAKind(lambda: now[0])
    assert sum(few.filter(record("the disk is full")) for _ in range(84_000)) == MOST
    assert few.filter(record("something else", line=2))
    now[0] = WITHIN
    late = record("the disk is full")
    assert few.filter(late)
    assert late.getMessage() == f"the disk is full ({84_000 - MOST} more like this were suppressed)"


def test_the_setting_makes_json_lines(serve: Serve) -> None:
    server = serve(log="json")
    deadline = time.monotonic() + 20
    while "VGG-19" not in server.errors():  # the weights are looked at after the page is served
        assert time.monotonic() < deadline
        time.sleep(0.05)
    server.stop()
    lines = [json.loads(line) for line in server.errors().splitlines()]
    assert any("VGG-19" in line["message"] for line in lines)


def test_a_wrong_call_is_told_in_words_whatever_the_log() -> None:
    environment = {"TEXTURE_LOG": "xml", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "TEXTURE_LOG" in done.stderr
