"""Machines that are not as one would like them: without a home, with a service's variables, with damaged weights."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.features.networks import settings_for, vgg19n
from tests.serving import ROOT, Serve, environment
from tests.test_settings import KUBERNETES
from texture import synthesize
from texture.features import weights
from texture.features.weights import fetch
from texture.features.weights.fetch import Source
from texture.images.tensors import to_pixels

SOON = 60.0  # seconds
NO_PASSWD_ENTRY = """
import pwd

def missing(uid):
    raise KeyError(uid)

pwd.getpwuid = missing
"""


def texture(folder: Path, *arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    """The command line in a folder that it has to itself; settings may also name whole variables."""
    variables = {**environment(folder), "PYTHONPATH": str(ROOT)} | {
        name: str(value) for name, value in settings.items()
    }
    command = [sys.executable, "-m", "texture", *arguments]
    surroundings = {name: value for name, value in variables.items() if value}
    return subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)


def test_a_user_without_home_and_name_makes_a_texture(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text(NO_PASSWD_ENTRY)
    path = os.pathsep.join([str(tmp_path / "site"), str(ROOT)])
    said = texture(tmp_path, "match", "sample:pebbles", "--size", "32", HOME="", TEXTURE_CACHE="", PYTHONPATH=path)
    assert (said.returncode, said.stderr.count("Traceback")) == (0, 0), said.stderr
    assert (tmp_path / "pebbles-match.png").is_file()


def test_what_kubernetes_sets_for_a_service_of_that_name_stops_neither_command_nor_server(tmp_path, serve: Serve):
    variables = {**KUBERNETES, "TEXTURE_PORT": "tcp://10.96.0.10:5000"}
    said = texture(tmp_path, "counting", "sample:pebbles", "--size", "32", **variables)
    assert said.returncode == 0, said.stderr
    links = {
        name.removeprefix("TEXTURE_").lower(): value for name, value in variables.items() if name != "TEXTURE_PORT"
    }
    assert serve(**links).session().get("/api/health").status_code == 200


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache with the sound copy of a made-up network."""

    def made_up(folder: Path, report: object) -> Path:
        torch.save(vgg19n(), folder / "network.pth")
        return folder / "network.pth"

    monkeypatch.setitem(fetch.SOURCES, "vgg19", (Source("made up", 10, made_up),))
    return weights.ensure(settings_for(tmp_path)).parent


def flip_a_byte(file: Path) -> None:
    """Somewhere in the tensors; the file stays as long as it is."""
    with file.open("r+b") as stream:
        stream.seek(file.stat().st_size // 2)
        byte = stream.read(1)[0]
        stream.seek(-1, os.SEEK_CUR)
        stream.write(bytes([byte ^ 1]))


def test_half_copied_weights_are_called_damaged_and_counted(cache, tmp_path):
    os.truncate(cache / "vgg19.safetensors", 30_000_000)
    for command in (["gatys", "sample:pebbles", "--size", "32"], ["weights", "status"]):
        said = texture(tmp_path, *command)
        assert said.returncode == 1
        assert "damaged" in said.stdout + said.stderr
        assert "has 30000000 bytes instead of" in said.stdout + said.stderr


def test_a_job_waits_for_damaged_weights_and_runs_when_they_are_put_right(cache, tmp_path, serve: Serve):
    copy, sound = cache / "vgg19.safetensors", tmp_path / "sound"
    shutil.copy(copy, sound)
    server = serve(cache=cache)
    session = server.session()
    assert session.get("/api/health").json()["weights"]["state"] == "ready"
    flip_a_byte(copy)  # offline, as this server is, they cannot be fetched again
    health = session.get("/api/health").json()["weights"]
    assert (health["state"], "does not match its own checksum" in health["message"]) == ("damaged", True)
    params = {"size": "32", "exemplar_size": 32, "start": "noise", "scales": 1, "steps": "1"}
    job = session.start_job(method="gatys", params=params)["id"]
    assert row_when(session, job, lambda row: bool(row["message"]))["state"] == "queued"
    sound.replace(copy)
    assert row_when(session, job, lambda row: row["state"] not in ("queued", "running"))["state"] == "done"
    assert session.get("/api/health").json()["weights"]["state"] == "ready"


def row_when(session, job, told):
    """The job's row as soon as it is as asked."""
    end = time.monotonic() + SOON
    while True:
        row = session.get(f"/api/jobs/{job}").json()
        if told(row) or time.monotonic() > end:
            return row
        time.sleep(0.1)


@pytest.mark.parametrize("method", ["counting", "match", "patch", "seamless"])
def test_a_seed_is_a_picture_on_any_number_of_threads(method):
    """What goes through a network says of its seed that it holds on the same machine."""
    sized = {} if method == "seamless" else {"size": 64}
    steps = {"steps": 30} if method in ("counting", "patch") else {}
    pictures = []
    before = torch.get_num_threads()
    for threads in (1, 2):
        torch.set_num_threads(threads)
        *_, last = synthesize(method, "sample:pebbles", **sized, **steps)
        pictures.append(to_pixels(last.image))
    torch.set_num_threads(before)
    assert np.array_equal(*pictures)


def test_a_wheel_has_the_command_and_the_drawings_and_no_server(tmp_path):
    """Built from what git tracks, as `pip install .` of a clone does."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    for name in filter(None, tracked):
        if name.startswith(("texture/", "samples/", "setup.py", "pyproject", "requirements")):
            (tmp_path / "src" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / "src" / name)
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "src")], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("texture_lab-*.whl")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(tmp_path / "site")
        entries = next(name for name in file.namelist() if name.endswith("entry_points.txt"))
        assert "texture = texture.__main__:main" in file.read(entries).decode()
    assert not (tmp_path / "site/texture/web").exists()
    said = texture(tmp_path, "counting", "sample:weave", "--size", "32", PYTHONPATH=tmp_path / "site")
    assert said.returncode == 0, said.stderr
    script = "import texture; print(texture.__file__)"
    where = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path / "site", capture_output=True, text=True, check=True
    )
    assert where.stdout.startswith(str(tmp_path))
