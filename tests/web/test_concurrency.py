"""The crossings between native threads and the web's side, in a child process for each mode."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.serving import MODES, ROOT

START = """
import socket, sys, threading, time
from texture.web.concurrency import Stop, concurrency
mode = concurrency(sys.argv[1])
stop = Stop()
listener = socket.create_server(("127.0.0.1", 0))
def serve():
    mode.serve(lambda environ, start: [], listener, stop)
"""

BRIDGE = """
got = []
def work():
    for number in range(5000):
        post(number)
    post("last")
def deliver(item):
    got.append(item)
    if item == "last":
        stop.ring()
post = mode.bridge(deliver)
threading.Thread(target=work).start()
serve()
print(got == [*range(5000), "last"])
"""

BAD_ITEM = """
got = []
def deliver(item):
    got.append(1 / item)
    stop.ring()
post = mode.bridge(deliver)
threading.Thread(target=lambda: (post(0), post(1))).start()
serve()
print(got == [1.0])
"""

BLOCKING = """
ticks = []
post = mode.bridge(ticks.append)
def tick():
    while len(ticks) < 1000:
        post(1)
        time.sleep(0.01)
threading.Thread(target=tick, daemon=True).start()
def wait_for_ticks():
    while len(ticks) < 20:
        time.sleep(0.01)
    return threading.current_thread()
thread = mode.run_blocking(wait_for_ticks)
print(len(ticks) >= 20)
try:
    mode.run_blocking(lambda: 1 / 0)
except ZeroDivisionError:
    print(True)
"""

HEAVY = """
free = threading.Event()
running, most = [], []
def heavy():
    running.append(1)
    most.append(len(running))
    free.wait()
    running.pop()
from texture.web.turns import Gone, Turn
def begin(turn):
    if mode.mode == "threading":
        threading.Thread(target=mode.run_heavy, args=(turn, heavy)).start()
    else:
        mode._eventlet.spawn(mode.run_heavy, turn, heavy)
for _ in range(10):
    begin(Turn("uploads", "greedy"))
for _ in range(10):
    mode.run_blocking(time.sleep, 0.02)
print(len(running))
print(mode.run_heavy(Turn("pictures", "greedy"), len, "ab"))
for person in range(40):
    begin(Turn("uploads", str(person)))
for _ in range(10):
    mode.run_blocking(time.sleep, 0.02)
free.set()
while len(most) < 50:
    mode.run_blocking(time.sleep, 0.02)
print(max(most))
try:
    mode.run_heavy(Turn("uploads", "gone", lambda: True), print, "done for nobody")
except Gone:
    print("dropped")
"""

PATCHED = """
import threading, _thread
print(threading.Thread.__module__ == "threading" and threading._start_new_thread is _thread.start_new_thread)
import time
print(time.sleep.__module__ == "time" and type(time.sleep).__name__ == "builtin_function_or_method")
"""


def said(mode: str, code: str) -> tuple[list[str], str]:
    done = subprocess.run(
        [sys.executable, "-c", START + code, mode], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    return done.stdout.split(), done.stderr


@pytest.mark.parametrize("mode", MODES)
def test_everything_that_a_native_thread_posts_arrives_in_order(mode: str) -> None:
    assert said(mode, BRIDGE) == (["True"], "")


@pytest.mark.parametrize("mode", MODES)
def test_an_item_that_cannot_be_delivered_is_logged_and_the_next_one_arrives(mode: str) -> None:
    out, err = said(mode, BAD_ITEM)
    assert out == ["True"]
    assert "ZeroDivisionError" in err


@pytest.mark.parametrize("mode", MODES)
def test_what_blocks_holds_up_no_delivery_and_its_errors_come_through(mode: str) -> None:
    assert said(mode, BLOCKING) == (["True", "True"], "")


@pytest.mark.parametrize("mode", MODES)
def test_few_heavy_calls_run_at_one_time_one_of_each_person_and_those_that_wait_hold_up_no_other(mode: str) -> None:
    assert said(mode, HEAVY) == (["1", "2", "2", "dropped"], "")


@pytest.mark.parametrize("mode", MODES)
def test_nothing_is_monkey_patched(mode: str) -> None:
    assert said(mode, PATCHED) == (["True", "True"], "")
