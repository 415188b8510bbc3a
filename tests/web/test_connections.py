"""Which connection is hung up on, and when: with a clock that the test moves."""

from __future__ import annotations

import pytest

from texture.web.connections import BODY, KEY, PACE, PATIENCE, WAIT, Connections, Paced
from texture.web.networks import networks


class Link:
    """A socket that remembers whether it was hung up on."""

    gone = False

    def shutdown(self, _: int) -> None:
        self.gone = True


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def connections(now: list[float]) -> Connections:
    return Connections(networks("127.0.0.1"), most=4, most_of_one=2, clock=lambda: now[0])


def taken(connections: Connections, address: str = "127.0.0.1") -> Link:
    link = Link()
    assert connections.open(link, address)
    return link


def test_whoever_waits_longest_makes_room(connections: Connections, now: list[float]) -> None:
    links = []
    for second in range(4):
        now[0] = second
        links.append(taken(connections))
    connections.enter(connections.find(links[0]), "working", None)
    taken(connections)
    assert [link.gone for link in links] == [False, True, False, False]


def test_those_that_work_stay_and_the_newcomer_goes(connections: Connections) -> None:
    links = [taken(connections) for _ in range(4)]
    for link in links:
        connections.enter(connections.find(link), "working", None)
    late = Link()
    assert not connections.open(late, "127.0.0.1")
    assert late.gone
    assert not any(link.gone for link in links)


def test_a_body_that_gets_on_is_not_spared_for_one_that_does_not(connections: Connections, now: list[float]) -> None:
    links = [taken(connections) for _ in range(4)]
    for link in links:
        connections.enter(connections.find(link), "reading", 30)
    now[0] = 10
    for link in links[1:]:
        connections.progress(connections.find(link))
    taken(connections)
    assert [link.gone for link in links] == [True, False, False, False]


def test_one_address_has_its_share_unless_it_is_a_proxy(connections: Connections) -> None:
    first, second = taken(connections, "203.0.113.5"), taken(connections, "203.0.113.5")
    third = taken(connections, "203.0.113.5")
    assert (first.gone, second.gone, third.gone) == (True, False, False)
    taken(connections)
    taken(connections)
    assert len(connections) == 4


def test_a_process_without_handles_lets_one_go(connections: Connections) -> None:
    links = [taken(connections), taken(connections)]
    connections.relieve()
    assert [link.gone for link in links] == [True, False]


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [({}, WAIT), ({"CONTENT_LENGTH": str(10 * PACE)}, BODY + 10), ({"HTTP_TRANSFER_ENCODING": "chunked"}, BODY)],
)
def test_headers_and_bodies_have_their_time(
    connections: Connections, now: list[float], environ: dict[str, str], seconds: float
) -> None:
    link = taken(connections)
    if environ:
        stream = type("Stream", (), {"read": lambda self, size: b"x"})()
        request = {**environ, KEY: connections.find(link), "wsgi.input": stream}
        Paced(lambda environ, _: [environ["wsgi.input"].read(1)], connections)(request, lambda *_: None)
    now[0] = seconds - 0.1
    connections.sweep()
    assert not link.gone
    now[0] = seconds + 0.1
    connections.sweep()
    assert link.gone


def test_work_takes_as_long_as_it_takes_and_each_piece_of_an_answer_has_its_time(
    connections: Connections, now: list[float]
) -> None:
    link = taken(connections)

    def app(_: object, start: object) -> object:
        now[0] += 1000
        connections.sweep()
        start("200 OK", [])  # type: ignore[operator]
        return iter([b"a", b"b"])

    for _ in Paced(app, connections)({KEY: connections.find(link)}, lambda *_: None):  # type: ignore[arg-type]
        now[0] += PATIENCE - 1
        connections.sweep()
        assert not link.gone
    now[0] += 2
    connections.sweep()
    assert link.gone


def test_a_whole_ipv6_network_counts_as_one_address(connections: Connections, now: list[float]) -> None:
    links = [taken(connections, f"2001:db8::{number}") for number in range(1, 3)]
    now[0] = 1
    taken(connections, "2001:db8::3")
    assert [link.gone for link in links] == [True, False], "it has two places"
