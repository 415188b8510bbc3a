"""The app behind nginx, as deploy/nginx.conf and deploy/nginx-scale.conf have it."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import websocket

from tests.nginx import TOKEN, Proxy, needs_nginx, proxied, running, trusting, wait_until_up
from tests.serving import Serve, free_port


@pytest.fixture
def proxy(serve: Serve, tmp_path: Path) -> Iterator[Proxy]:
    with proxied(serve, tmp_path) as proxy:
        yield proxy


@needs_nginx
def test_the_page_its_calls_and_its_socket_work_under_the_prefix_and_behind_tls(proxy: Proxy, png: bytes) -> None:
    base = f"https://{proxy.host}/texture"
    with proxy.session() as browser:
        page = browser.get(f"{base}/?token={TOKEN}", timeout=10)
        assert page.ok
        assert page.url == f"{base}/", "the token is traded for a cookie, and the address is without it"
        addresses = re.findall(r'(?:src|href|action)="(/[^"]*)"', page.text)
        assert [address for address in addresses if not address.startswith("/texture/")] == []
        script = next(address for address in addresses if address.endswith("main.js"))
        assert browser.get(f"https://{proxy.host}{script}", timeout=10).ok

        (cookie,) = browser.cookies
        assert (cookie.path, cookie.secure) == ("/texture", True)

        ours = {"Origin": f"https://{proxy.host}"}
        made = browser.post(f"{base}/api/images", files={"file": png}, headers=ours, timeout=20)
        assert made.status_code == 201
        assert browser.get(f"https://{proxy.host}{made.json()['url']}", timeout=10).ok
        plain = {"Origin": f"http://{proxy.host}"}
        assert browser.post(f"{base}/api/images", files={"file": png}, headers=plain, timeout=20).status_code == 403

        link = websocket.create_connection(
            f"wss://{proxy.host}/texture/socket.io/?EIO=4&transport=websocket",
            cookie=f"{cookie.name}={cookie.value}",
            origin=f"https://{proxy.host}",
            sslopt={"context": ssl.create_default_context(cafile=str(proxy.certificate))},
            timeout=10,
        )
        try:
            link.recv()
            link.send("40")
            link.recv()
            link.send('427["watch",{"jobs":"mine"}]')
            assert str(link.recv()).startswith("437")
        finally:
            link.shutdown()
    assert TOKEN not in proxy.log.read_text()
    assert TOKEN not in proxy.server.errors()


@needs_nginx
def test_sockets_and_their_polling_work_before_several_processes(serve: Serve, tmp_path: Path) -> None:
    """One process here, which stands for both: tests/test_deploy.py has how browsers are spread."""
    process, port = serve(token=TOKEN).url.removeprefix("http://"), free_port()
    places = {
        "listen 443": f"listen 127.0.0.1:{port}",
        "/etc/nginx/certificates": str(tmp_path),
        "/var/log/nginx/texture.log": str(tmp_path / "texture.log"),
        "web-1:5000": process,
        "web-2:5000": process,
    }
    base, certificate = f"https://localhost:{port}", tmp_path / "lab.pem"
    with running("nginx-scale.conf", places, tmp_path), trusting(certificate) as browser:
        wait_until_up(trusting(certificate), f"{base}/api/health/live")
        assert browser.get(f"{base}/?token={TOKEN}", timeout=10).ok
        assert {cookie.name.partition("-")[0] for cookie in browser.cookies} == {"texture", "texture_route"}
        polled = browser.get(f"{base}/socket.io/?EIO=4&transport=polling", headers={"Origin": base}, timeout=10)
        assert polled.text.startswith('0{"sid"')
        link = websocket.create_connection(
            f"wss://localhost:{port}/socket.io/?EIO=4&transport=websocket",
            cookie="; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies),
            origin=base,
            sslopt={"context": ssl.create_default_context(cafile=str(certificate))},
            timeout=10,
        )
        try:
            assert str(link.recv()).startswith('0{"sid"')
            link.send("40")
            assert str(link.recv()).startswith("40")
        finally:
            link.shutdown()
    assert TOKEN not in (tmp_path / "texture.log").read_text()
