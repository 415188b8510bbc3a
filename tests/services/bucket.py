"""An S3 of the tests' own, moto's, and in it a prefix for each test that asks for one."""

from __future__ import annotations

import itertools
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.services.processes import absent, free_port, running

BUCKET = "textures"


class Bucket:
    """A bucket of a running server.

    environment: the variables by which a program finds it.
    """

    def __init__(self, port: int) -> None:
        self.endpoint = f"http://127.0.0.1:{port}"
        self.environment = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
        }
        self._numbers = itertools.count()
        put = urllib.request.Request(f"{self.endpoint}/{BUCKET}", method="PUT")
        urllib.request.urlopen(put, timeout=30).close()

    def prefix(self) -> str:
        """The address of a part of the bucket in which there is nothing yet, for the setting."""
        return f"s3://{BUCKET}/test-{next(self._numbers)}"


@contextmanager
def s3_server(folder: Path) -> Iterator[Bucket]:
    """A server with one bucket, for the block. folder: for its log."""
    if find_spec("moto") is None:
        absent("moto is not installed")
    port = free_port()
    with running([sys.executable, "-m", "moto.server", "-p", str(port)], port, folder / "moto.log"):
        yield Bucket(port)
