"""The browser's cookie, and guesses of the token, without a server."""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import patch

import pytest
from flask import Flask
from flask.testing import FlaskClient

from texture.web.pages import install_errors
from texture.web.security.access import Access, current_owner, install_access
from texture.web.security.guesses import MOST_ADDRESSES, MOST_GUESSES, WITHIN, Guesses

DAY = 86_400


@pytest.fixture
def clock() -> Callable[[float], object]:
    """Sets the machine's clock for what signs and checks: seconds from a day of 2027."""
    return lambda seconds: patch("time.time", return_value=1_800_000_000.0 + seconds)


def browser(token: str | None = None) -> FlaskClient:
    app = Flask("test")
    install_access(app, Access(token, b"k" * 32))
    app.add_url_rule("/", view_func=lambda: current_owner())
    install_errors(app)
    return app.test_client()


@pytest.mark.parametrize("moved", [-60, -40 * DAY, 60, 400 * DAY])
def test_a_clock_that_is_moved_costs_nobody_their_session(clock: Callable[[float], object], moved: float) -> None:
    client = browser()
    with clock(0):  # type: ignore[attr-defined]
        owner = client.get("/").text
    with clock(moved):  # type: ignore[attr-defined]
        answer = client.get("/")
    assert answer.text == owner
    assert "Set-Cookie" not in answer.headers


def test_a_forged_cookie_is_no_session() -> None:
    client = browser()
    owner = client.get("/").text
    name, _, value = client.get("/").request.headers["Cookie"].partition("=")
    client.set_cookie(name, value[:-4] + "AAAA")
    assert client.get("/").text != owner


def test_who_guesses_tokens_has_to_wait_and_the_cookie_of_others_is_good_all_the_same() -> None:
    client = browser("the-right-token!")
    known = browser("the-right-token!")
    known.get("/?token=the-right-token!")
    for _ in range(MOST_GUESSES):
        assert client.get("/", headers={"Authorization": "Bearer wrong"}).status_code == 401
    refused = client.get("/?token=the-right-token!")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= WITHIN
    assert known.get("/").status_code == 200


@pytest.mark.parametrize(
    "said",
    [
        {"Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Dest": "empty"},
        {"Accept": "image/avif,image/webp,*/*;q=0.8"},
    ],
)
def test_somebody_elses_page_cannot_use_up_the_guesses_of_its_visitors(said: dict[str, str]) -> None:
    client = browser("the-right-token!")
    for _ in range(MOST_GUESSES + 1):
        assert client.get("/?token=wrong", headers=said).status_code == 401
    opened = client.get("/?token=the-right-token!", headers={"Sec-Fetch-Dest": "document"})
    assert opened.status_code == 303


def test_guesses_are_forgotten_one_by_one() -> None:
    now = [0.0]
    guesses = Guesses(lambda: now[0])
    for second in range(MOST_GUESSES):
        now[0] = second
        assert guesses.wait("a") == 0
        guesses.add("a")
    assert (guesses.wait("a"), guesses.wait("b")) == (WITHIN - MOST_GUESSES + 1, 0)
    now[0] = WITHIN
    assert guesses.wait("a") == 0
    guesses.add("a")
    assert guesses.wait("a") == 1


def test_many_addresses_cost_no_memory() -> None:
    guesses = Guesses()
    for number in range(MOST_ADDRESSES + 10):
        guesses.add(str(number))
    assert len(guesses._wrong) == MOST_ADDRESSES


def test_one_who_has_a_whole_ipv6_network_has_no_more_guesses() -> None:
    guesses = Guesses(lambda: 0.0)
    for number in range(MOST_GUESSES):
        guesses.add(f"2001:db8::{number:x}")
    assert guesses.wait("2001:db8::ffff") > 0
    assert guesses.wait("2001:db8:0:1::1") == 0
    for number in range(MOST_GUESSES):
        guesses.add("10.0.0.2" if number % 2 else "::ffff:10.0.0.2")
    assert guesses.wait("10.0.0.2") > 0
    assert guesses.wait("10.0.0.3") == guesses.wait("no address") == 0


@pytest.mark.parametrize("path", ["//evil.example/", "/%09/evil.example", "/%2f%2fevil.example", "/%5cevil.example"])
def test_the_token_leads_to_no_other_host(path: str) -> None:
    client = browser(token="a-secret-of-sixteen")
    answer = client.get(f"{path}?token=a-secret-of-sixteen")
    assert answer.status_code == 303
    assert answer.headers["Location"][:2] not in ("//", "/\\", "ht")
