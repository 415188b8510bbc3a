"""Surroundings that set, or lack, what the settings are read from."""

from __future__ import annotations

import os
import pwd
import tempfile
from pathlib import Path

import pytest

from texture.errors import SetupProblem
from texture.settings import Settings

KUBERNETES = {
    "TEXTURE_SERVICE_HOST": "10.96.0.10",
    "TEXTURE_SERVICE_PORT": "5000",
    "TEXTURE_SERVICE_PORT_HTTP": "5000",
    "TEXTURE_PORT": "tcp://10.96.0.10:5000",
    "TEXTURE_PORT_5000_TCP": "tcp://10.96.0.10:5000",
    "TEXTURE_PORT_5000_TCP_PROTO": "tcp",
    "TEXTURE_PORT_5000_TCP_PORT": "5000",
    "TEXTURE_PORT_5000_TCP_ADDR": "10.96.0.10",
    "TEXTURE_LAB_SERVICE_HOST": "10.96.0.11",
    "TEXTURE_LAB_SERVICE_PORT": "80",
    "TEXTURE_LAB_PORT": "tcp://10.96.0.11:80",
    "TEXTURE_LAB_PORT_80_UDP_ADDR": "10.96.0.11",
    "TEXTURE_NAME": "/web/texture",
    "TEXTURE_ENV_PATH": "/usr/bin",
}


def test_what_kubernetes_says_of_services_is_left_aside():
    assert Settings.from_environment(KUBERNETES) == Settings.from_environment({})
    assert Settings.from_environment({**KUBERNETES, "TEXTURE_PORT": "5001"}).port == 5001


@pytest.mark.parametrize(
    ("name", "value"),
    [("TEXTURE_PORTS", "5000"), ("TEXTURE_SERVICE", "x"), ("TEXTURE_PORT", "http://x"), ("TEXTURE_PORT", "70000")],
)
def test_what_only_looks_alike_is_refused(name, value):
    with pytest.raises(SetupProblem, match=name):
        Settings.from_environment({name: value})


@pytest.fixture
def no_home(monkeypatch):
    """A user id without a passwd entry, and no HOME, as `docker run --user 4321` may have it."""

    def missing(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", missing)


@pytest.mark.usefixtures("no_home")
def test_without_a_home_weights_are_kept_among_temporary_files():
    assert Settings.from_environment({}).cache == Path(tempfile.gettempdir(), f"texture-lab-{os.getuid()}")
    assert Settings.from_environment({"TEXTURE_CACHE": "/somewhere"}).cache == Path("/somewhere")
    with pytest.raises(SetupProblem, match='TEXTURE_DATA cannot be "~/data": there is no such home folder'):
        Settings.from_environment({"TEXTURE_DATA": "~/data"})


def test_the_home_of_somebody_unknown_is_refused():
    with pytest.raises(SetupProblem, match="TEXTURE_VGG19 cannot be"):
        Settings.from_environment({"TEXTURE_VGG19": "~nobody-of-that-name/vgg.pth"})
