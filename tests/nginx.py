"""The configurations in deploy/, in a real nginx: `proxied` starts one before a server, `running` any of them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from tests.serving import ROOT, Serve, Server, free_port

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
needs_nginx = pytest.mark.skipif(not (NGINX and shutil.which("openssl")), reason="needs nginx and openssl")
TOKEN = "a-token-of-our-own"
FOLDERS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass
class Proxy:
    """An nginx before a server. host: as a browser would name it; certificate: the one to trust."""

    server: Server
    host: str
    certificate: Path
    log: Path

    def session(self) -> requests.Session:
        return trusting(self.certificate)


def trusting(certificate: Path) -> requests.Session:
    session = requests.Session()
    session.verify, session.trust_env = str(certificate), False  # the environment may name other certificates
    return session


@contextmanager
def proxied(serve: Serve, tmp_path: Path) -> Iterator[Proxy]:
    """A server, whose token is TOKEN, and an nginx before it."""
    server, port = serve(token=TOKEN), free_port()
    certificate, key, log = tmp_path / "lab.pem", tmp_path / "lab.key", tmp_path / "texture.log"
    places = {
        "listen 443": f"listen 127.0.0.1:{port}",
        "/etc/ssl/lab.example.org.pem": str(certificate),
        "/etc/ssl/lab.example.org.key": str(key),
        "/var/log/nginx/texture.log": str(log),
        "http://127.0.0.1:5000/": server.url + "/",
    }
    with running("nginx.conf", places, tmp_path):
        found = Proxy(server, f"localhost:{port}", certificate, log)
        wait_until_up(found.session(), f"https://{found.host}/texture/api/health/live")
        yield found


@contextmanager
def running(site: str, places: dict[str, str], folder: Path) -> Iterator[None]:
    """An nginx with a file of deploy/, in which its places are ours; lab.pem and lab.key are made in the folder."""
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    written = ["-keyout", str(folder / "lab.key"), "-out", str(folder / "lab.pem")]
    subprocess.run([*made.split(), *written], check=True, capture_output=True)
    text = (ROOT / "deploy" / site).read_text()
    for ours, theirs in places.items():
        assert ours in text
        text = text.replace(ours, theirs)
    paths = "\n".join(f"{name}_temp_path {folder}/{name};" for name in FOLDERS)
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\n{paths}\n{text}\n}}\n"
    )
    nginx = subprocess.Popen([str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        yield
    finally:
        nginx.terminate()
        nginx.wait()


def wait_until_up(session: requests.Session, address: str) -> None:
    with session:
        session.mount("https://", HTTPAdapter(max_retries=Retry(8, backoff_factor=0.1)))
        assert session.get(address, timeout=10).ok
