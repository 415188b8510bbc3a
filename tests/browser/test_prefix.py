"""The page behind nginx, with TLS and under a prefix: nothing that it asks for leaves the prefix."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, expect

from tests.nginx import TOKEN, needs_nginx, proxied
from tests.serving import Serve


@needs_nginx
def test_the_page_keeps_to_its_prefix(chromium: Browser, serve: Serve, tmp_path: Path) -> None:
    with proxied(serve, tmp_path) as proxy, chromium.new_context(ignore_https_errors=True) as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("websocket", lambda socket: asked.append(socket.url))
        page.goto(f"https://{proxy.host}/texture/?token={TOKEN}")
        expect(page.locator("html")).to_have_attribute("data-ready", "true")
        expect(page.locator("#banner-connection")).to_have_count(0)
        page.get_by_label("History").first.click()
        expect(page).to_have_url(f"https://{proxy.host}/texture/history")
        page.reload()
        expect(page.locator("html")).to_have_attribute("data-view", "history")
        paths = [urlsplit(address).path for address in asked if not address.startswith(("blob:", "data:"))]
        assert [path for path in paths if not path.startswith("/texture/")] == []
        assert "/texture/socket.io/" in paths
        assert "/texture/api/methods" in paths or "/texture/api/catalogue" in paths
