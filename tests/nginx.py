"""The configuration in deploy/, in a real nginx: with TLS, under a prefix. `proxied` starts one before a server."""

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
        session = requests.Session()
        session.verify, session.trust_env = str(self.certificate), False  # the environment may name other certificates
        return session


@contextmanager
def proxied(serve: Serve, tmp_path: Path) -> Iterator[Proxy]:
    """A server, whose token is TOKEN, and an nginx before it."""
    server, port = serve(token=TOKEN), free_port()
    certificate, key, log = tmp_path / "lab.pem", tmp_path / "lab.key", tmp_path / "texture.log"
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    subprocess.run([*made.split(), "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    site = (ROOT / "deploy" / "nginx.conf").read_text()
    for ours, theirs in {
        "listen 443": f"listen 127.0.0.1:{port}",
        "/etc/ssl/lab.example.org.pem": str(certificate),
        "/etc/ssl/lab.example.org.key": str(key),
        "/var/log/nginx/texture.log": str(log),
        "http://127.0.0.1:5000/": server.url + "/",
    }.items():
        assert ours in site
        site = site.replace(ours, theirs)
    paths = "\n".join(f"{name}_temp_path {tmp_path}/{name};" for name in FOLDERS)
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {tmp_path}/nginx.pid; error_log {tmp_path}/error.log;\n"
        f"events {{}}\nhttp {{\n{paths}\n{site}\n}}\n"
    )
    nginx = subprocess.Popen([str(NGINX), "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")])
    found = Proxy(server, f"localhost:{port}", certificate, log)
    try:
        wait_until_up(found)
        yield found
    finally:
        nginx.terminate()
        nginx.wait()


def wait_until_up(proxy: Proxy) -> None:
    with proxy.session() as session:
        session.mount("https://", HTTPAdapter(max_retries=Retry(8, backoff_factor=0.1)))
        assert session.get(f"https://{proxy.host}/texture/api/health/live", timeout=10).ok
