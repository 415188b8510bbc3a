"""Hostile, odd and mutated pictures: each is taken, or refused with a reason, soon and in little memory."""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.faults.odd_files import ODD, is_picture, mutated
from tests.images.real_files import plain, saved
from tests.serving import ROOT, Session, serving
from texture.errors import InvalidInput
from texture.images.decoding import decode

LONGEST = 5.0  # seconds for one file
MOST_MEMORY = 1_000  # MB, of the process that decodes all of them one after another


def outcome(data: bytes) -> str:
    """ "taken", or why it was refused; within the time."""
    began = time.process_time()
    try:
        assert is_picture(decode(data, tell=lambda _: None))
        found = "taken"
    except InvalidInput as error:
        found = str(error)
    assert time.process_time() - began < LONGEST
    return found


TAKEN = {
    "as many chunks as may be",
    "as many scans as may be",
    "a key of sixteen bits",
    "a profile of nonsense",
    "CMYK",
    "EXIF that turns it",
    "a TIFF whose kind is a word",
    "two hundred frames",
    "white on transparent",
}
REFUSED = {
    "nothing": "the file is empty",
    "a web page": "the file is a web page, not a picture",
    "a bomb of 10**18 pixels": "megapixels",
    "a million chunks": "more than 20000 chunks",
    "three thousand scans": "3000 scans",
    "a TIFF of a million strips": "1000000 strips",
    "a big TIFF of a million strips": "1000000 strips",
    "a TIFF whose strips are nearly all of it": "15000 strips",
    "a TIFF with a tile of two gigabytes": "tiles of 32768x65536 pixels",
}


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("name", ODD)
def test_an_odd_file_is_taken_or_refused_with_a_reason(name):
    found = outcome(ODD[name]())
    assert len(found) < 300
    assert found == "taken" or name not in TAKEN
    assert REFUSED.get(name, "") in found


def test_the_largest_of_them_take_less_than_a_gigabyte():
    script = """
import re, warnings
warnings.simplefilter("ignore")
from tests.faults.odd_files import ODD
from tests.faults.test_pictures import outcome
for name, make in ODD.items():
    if "full size" in name or "gigabytes" in name:
        outcome(make())
print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024)
"""
    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(said.stdout) < MOST_MEMORY


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize(
    "seeds", [range(400), pytest.param(range(1000, 11_000), marks=pytest.mark.slow)], ids=["400", "10000"]
)
def test_a_mutated_file_is_taken_or_refused_with_a_reason(seeds):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = [outcome(mutated(seed)) for seed in seeds]
    assert 0.05 < found.count("taken") / len(found) < 0.95  # a mutation of nothing, or of all, would prove nothing
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_MEMORY * 1024


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A browser of a real server."""
    with serving(tmp_path_factory.mktemp("server")) as serve:
        yield serve().session()


def upload(session: Session, data: bytes) -> tuple[int, dict[str, object]]:
    """The answer to one."""
    began = time.perf_counter()
    answer = session.post("/api/images", files={"file": ("picture.png", data)})
    assert time.perf_counter() - began < 2 * LONGEST  # on a machine that has other things to do
    return answer.status_code, answer.json()


def test_an_upload_is_answered_with_a_picture_or_a_4xx_that_says_why(session):
    chosen = [name for name in ODD if "full size" not in name and "gigabytes" not in name]
    files = [ODD[name]() for name in chosen]
    files += [mutated(seed) for seed in random.Random(0).sample(range(10_000), 60)]
    for data in files:
        status, said = upload(session, data)
        assert status in (201, 413, 422), said
        assert status == 201 or said["detail"]
    assert session.get("/api/health").status_code == 200


def test_the_answer_says_what_was_done_to_a_picture(session):
    status, said = upload(session, saved(plain((255, 255, 255, 0), "RGBA"), "PNG"))
    assert (status, said["note"]) == (201, "100 % of the picture is transparent: laid over white")
    assert upload(session, saved(plain(), "PNG"))[1]["note"] is None
