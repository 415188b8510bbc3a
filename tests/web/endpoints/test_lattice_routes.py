"""What a regular picture repeats by, and how it would be fitted: asked before anything is started."""

from __future__ import annotations

from typing import Any

import pytest

from tests.drawn import wall
from tests.serving import Session
from texture.images.encoding import encode_png

PERIOD = 20  # pixels


@pytest.fixture
def bricks(session: Session) -> str:
    """A picture of 120×120 pixels that repeats every 20."""
    answer = session.post("/api/images", files={"file": ("wall.png", encode_png(wall(120, PERIOD)))})
    return str(answer.json()["id"])


def asked(session: Session, picture: str, **query: Any) -> Any:
    answer = session.get(f"/api/images/{picture}/lattice", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["lattice"]


def test_vectors_are_in_pixels_of_the_picture_and_words_in_those_of_the_result(session: Session, bricks: str) -> None:
    found = asked(session, bricks, size=96)
    assert (found["width"], found["height"]) == (120, 120)
    assert sorted((abs(v["x"]), abs(v["y"])) for v in found["vectors"]) == [
        pytest.approx((0, PERIOD), abs=0.1),
        pytest.approx((PERIOD, 0), abs=0.1),
    ]
    assert 0.25 < found["strength"] < 1.1
    assert found["words"].startswith("Repeats every 16 × 16 px: fitted to 6 × 6")  # 120 pixels become 96
    assert (found["fit"]["across"], found["fit"]["down"]) == (6, 6)
    assert found["proposed"] is None


def test_a_size_that_strains_it_less_is_proposed_and_keeps_what_it_promises(session: Session, bricks: str) -> None:
    """At its own scale it repeats 5.6 times in 112 pixels."""
    found = asked(session, bricks, size=112, exemplar_size=120)
    assert found["fit"]["stretch"] == pytest.approx(0.067, abs=0.01)
    assert found["proposed"] == {"size": "80", "exemplar_size": None}
    assert asked(session, bricks, size=80, exemplar_size=120)["fit"]["stretch"] < 0.01


def test_a_size_at_which_the_exemplar_would_be_seen_larger_keeps_its_scale(session: Session) -> None:
    answer = session.post("/api/images", files={"file": ("wall.png", encode_png(wall(330, 60)))})
    picture = answer.json()["id"]
    found = asked(session, picture, size=256)
    proposed = found["proposed"]
    assert proposed["exemplar_size"] == 256
    there = asked(session, picture, **proposed)
    assert there["fit"]["stretch"] < found["fit"]["stretch"] - 0.02


@pytest.mark.parametrize("query", [{"regular": "off"}, {}])
def test_nothing_is_found_where_there_is_nothing_or_where_nobody_asks(
    session: Session, bricks: str, png: bytes, query: dict[str, str]
) -> None:
    noise = session.post("/api/images", files={"file": ("noise.png", png)}).json()["id"]
    assert asked(session, bricks if query else noise, **query) is None


def test_it_is_fitted_as_the_method_fits_it(session: Session, bricks: str) -> None:
    """To each of sixteen tiles, the sheet of which is as large as is proposed; and to a result of any size."""
    assert asked(session, bricks, size=4096, method="match")["fit"]["across"] > 0
    found = asked(session, bricks, size=320, method="tileset", exemplar_size=120)
    assert (found["fit"]["across"], found["fit"]["down"]) == (4, 4)
    assert found["proposed"] is None
    strained = asked(session, bricks, size=448, method="tileset", exemplar_size=120)
    assert strained["proposed"] == {"size": "320", "exemplar_size": None}


def test_what_need_not_close_is_not_fitted(session: Session, bricks: str) -> None:
    assert asked(session, bricks, size=96, tile="none")["fit"] is None
    assert asked(session, bricks, size=96, tile="none")["words"] == "Repeats every 16 × 16 px"
    assert asked(session, bricks, size=96, tile="x")["fit"]["down"] == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"size": "huge"}, "size"),
        ({"size": "100"}, "size"),
        ({"tile": "round"}, "tile"),
        ({"exemplar_size": "8"}, "exemplar_size"),
        ({"regular": "maybe"}, "regular"),
        ({"method": "nothing"}, "method"),
        ({"size": "9000"}, "size"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(session: Session, query: dict[str, str], field: str) -> None:
    answer = session.get("/api/images/sample:weave/lattice", params=query)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_a_picture_of_somebody_else_is_not_there(session: Session, server: Any, bricks: str) -> None:
    assert server.session().get(f"/api/images/{bricks}/lattice").status_code == 404
    assert session.get("/api/images/sample:nothing/lattice").status_code == 404
