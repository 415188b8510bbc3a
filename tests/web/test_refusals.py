"""What is refused, on each call and each event, and that the answer says what is wrong and what would be right."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

import pytest
import requests
import websocket
from websocket import ABNF

from tests.serving import Server, Session
from tests.web.watching import Look, Viewer

NOBODY = "0" * 32
SAMPLE = {"source": "sample:pebbles"}
FURTHER = ("content", "style2", "mask", "initial")  # that counting may be given, besides the source


@pytest.fixture(scope="module")
def session(server: Server) -> Session:
    return server.session()


@pytest.fixture(scope="module")
def job(session: Session) -> str:
    """A cancelled job of this session, which never ran."""
    made: str = session.start_job(params={"steps": 1_000_000})["id"]
    session.post(f"/api/jobs/{made}/cancel")
    return made


@pytest.fixture(scope="module")
def comparison(session: Session) -> str:
    """A comparison of one cancelled run."""
    made = session.start_comparison({"steps": 1_000_000})
    session.post(f"/api/jobs/{made['jobs'][0]['id']}/cancel")
    id: str = made["id"]
    return id


@pytest.fixture(scope="module")
def theirs(server: Server, png: bytes) -> dict[str, str]:
    """Somebody else's job, picture and comparison."""
    other = server.session()
    job = other.start_job(params={"steps": 1_000_000})["id"]
    other.post(f"/api/jobs/{job}/cancel")
    made = other.start_comparison({"steps": 1_000_000})
    other.post(f"/api/jobs/{made['jobs'][0]['id']}/cancel")
    picture = other.post("/api/images", files={"file": ("p.png", png)}).json()["id"]
    return {"job": job, "picture": picture, "comparison": made["id"]}


def new(**more: Any) -> dict[str, Any]:
    return {"json": {"method": "counting", "images": SAMPLE, **more}}


def text(data: str | bytes, media: str = "application/json") -> dict[str, Any]:
    return {"data": data, "headers": {"Content-Type": media}}


BODIES = [
    # what is sent, status, field, a word that the sentence must have
    (new(method="painting"), 422, "method", "gatys"),
    (new(method=7), 422, "method", "must be text"),
    (new(method="x" * 101), 422, "method", "100"),
    ({"json": {"images": SAMPLE}}, 422, "method", "missing"),
    ({"json": {"method": "counting"}}, 422, "images", "missing"),
    (new(images={}), 422, "images.source", "source picture is needed"),
    (new(images={"source": NOBODY}), 422, "images.source", NOBODY),
    (new(images={"source": "sample:moon"}), 422, "images.source", "pebbles"),
    (new(images={"source": "../../etc/passwd"}), 422, "images.source", "no such"),
    (new(images={"source": 5}), 422, "images.source", "Source must be text, not 5"),
    *[(new(images={**SAMPLE, role: NOBODY}), 422, f"images.{role}", NOBODY) for role in FURTHER],
    (new(images={**SAMPLE, "content": 5}), 422, "images.content", "Content must be text, not 5"),
    (
        new(images={**SAMPLE, "style3": "sample:pebbles"}),
        422,
        "images.style3",
        "counting takes source, content, style2",
    ),
    (new(method="gatys", images={**SAMPLE, "mask": "sample:clay"}), 422, "images.mask", "gatys takes source, initial"),
    (
        new(images={**SAMPLE, "map": NOBODY}),
        422,
        "images.map",
        "known: source, content, style2, style3, style4, source2",
    ),
    (new(images={**SAMPLE, "model": NOBODY}), 422, "images.model", NOBODY),
    (new(images={**SAMPLE, "model": "sample:pebbles"}), 422, "images.model", "no model"),
    (new(method="sample", images={}), 422, "images.model", "trained model is needed"),
    (new(method="sample"), 422, "images.model", "trained model is needed"),
    (new(method="style"), 422, "images.content", "content picture is needed"),
    (new(method="style", images={"content": "sample:cat"}), 422, "images.source", "source picture is needed"),
    (new(method="mend"), 422, "images.mask", "a mask is needed"),
    (new(method="match", images={**SAMPLE, "source2": "sample:clay"}), 422, "images.guide", "which goes where"),
    (new(preset="huge"), 422, "preset", "standard"),
    (new(preset=["standard"]), 422, "preset", "must be text"),
    (new(params=[]), 422, "params", "a JSON object, not []"),
    (new(params={"steps": 0}), 422, "params.steps", "Steps must be between 1 and 10,000,000, not 0"),
    (new(params={"steps": "many"}), 422, "params.steps", "a whole number"),
    (new(params={"steps": 1.5}), 422, "params.steps", "1.5"),
    (new(params={"seed": 2**32}), 422, "params.seed", "4,294,967,295, not 4,294,967,296"),
    (new(params={"tile": "z"}), 422, "params.tile", "both"),
    (new(params={"size": "100"}), 422, "params.size", "96 or 112"),
    (new(params={"size": "16"}), 422, "params.size", "between 32 and 2048 pixels"),
    (new(params={"size": None}), 422, "params.size", "512 or 640x384"),
    (new(params={"colour": 1}), 422, "params.colour", "not known to counting"),
    (new(colour=1), 422, "colour", "method, preset, params, images"),
    ({"json": []}, 422, None, "object"),
    ({"json": "counting"}, 422, None, "object"),
    (text("null"), 422, None, "object"),
    (text(""), 400, None, "JSON"),
    (text("{"), 400, None, "JSON"),
    (text(b"\xff\xfe"), 400, None, "JSON"),
    (text('{"method": NaN}'), 400, None, "NaN"),
    (text('{"method": "\\ud800"}'), 400, None, "surrogates"),
    (text("[" * 50_000), 400, None, "deep"),
    (text('{"seed": ' + "9" * 5000 + "}"), 400, None, "JSON"),
    (text("{}", "text/plain"), 415, None, "application/json"),
    (text("{}", "multipart/form-data"), 415, None, "application/json"),
    (text(json.dumps({"method": "x" * 70_000})), 413, None, "64 KB"),
]


@pytest.mark.parametrize(("sent", "status", "field", "word"), BODIES)
def test_jobs_that_are_not_started(
    session: Session, sent: dict[str, Any], status: int, field: str | None, word: str
) -> None:
    before = session.get("/api/jobs").json()
    check(session.post("/api/jobs", **sent), status, field, word)
    assert session.get("/api/jobs").json() == before


def compared(*runs: Any, images: Any = SAMPLE) -> dict[str, Any]:
    return {"json": {"images": images, "runs": list(runs)}}


GOOD = {"method": "counting"}
COMPARISONS = [
    (compared(), 422, "runs", "between 1 and 16 entries, not 0"),
    (compared(*[GOOD] * 17), 422, "runs", "between 1 and 16 entries, not 17"),
    ({"json": {"images": SAMPLE}}, 422, "runs", "missing"),
    ({"json": {"runs": [GOOD]}}, 422, "images", "missing"),
    (compared(GOOD, images={}), 422, "images.source", "missing"),
    (compared(GOOD, images={"source": NOBODY}), 422, "images.source", NOBODY),
    (compared(GOOD, images={**SAMPLE, "style3": "sample:pebbles"}), 422, "images.style3", "no run uses it"),
    (compared(GOOD, images={**SAMPLE, "mask": NOBODY}), 422, "images.mask", NOBODY),
    (compared(GOOD, images={**SAMPLE, "model": NOBODY}), 422, "images.model", "no model"),
    (compared(GOOD, {"method": "style"}), 422, "images.content", "content picture is needed"),
    (compared(GOOD, 5), 422, "runs.1", "object with method, preset, params"),
    (compared(GOOD, {}), 422, "runs.1.method", "missing"),
    (compared(GOOD, {"method": "painting"}), 422, "runs.1.method", "gatys"),
    (compared({**GOOD, "preset": "huge"}), 422, "runs.0.preset", "standard"),
    (compared({**GOOD, "colour": 1}), 422, "runs.0.colour", "known: method, preset, params"),
    (compared({**GOOD, "params": []}), 422, "runs.0.params", "a JSON object, not []"),
    (compared({**GOOD, "params": {"size": "100"}}), 422, "runs.0.params.size", "96 or 112"),
    (compared(GOOD, GOOD, {**GOOD, "params": {"steps": 0}}), 422, "runs.2.params.steps", "between 1 and 10,000,000"),
    (compared({**GOOD, "params": {"colour": 1}}), 422, "runs.0.params.colour", "not known to counting"),
    ({"json": []}, 422, None, "object"),
    (text("{"), 400, None, "JSON"),
    (text("{}", "text/plain"), 415, None, "application/json"),
    (compared(*[{**GOOD, "params": {"tile": "z" * 20_000}}] * 4), 413, None, "64 KB"),
]


@pytest.mark.parametrize(("sent", "status", "field", "word"), COMPARISONS)
def test_comparisons_that_are_not_started(
    session: Session, sent: dict[str, Any], status: int, field: str | None, word: str
) -> None:
    before = session.get("/api/history").json()
    check(session.post("/api/comparisons", **sent), status, field, word)
    assert session.get("/api/history").json() == before


RUNS = [
    ({}, "method", "missing"),
    ({"method": "painting"}, "method", "gatys"),
    ({**GOOD, "params": {"size": "100"}}, "params.size", "96 or 112"),
    ({**GOOD, "images": SAMPLE}, "images", "known: method, preset, params"),
    ({"method": "sample"}, "images.model", "trained model is needed"),
    ({"method": "style"}, "images.content", "content picture is needed"),
]


@pytest.mark.parametrize(("sent", "field", "word"), RUNS)
def test_runs_that_are_not_added(
    session: Session, comparison: str, sent: dict[str, Any], field: str, word: str
) -> None:
    check(session.post(f"/api/comparisons/{comparison}/runs", json=sent), 422, field, word)
    assert len(session.get(f"/api/comparisons/{comparison}").json()["jobs"]) == 1


@pytest.mark.parametrize(
    "sent", [{}, {"shared": "yes"}, {"shared": 1}, {"shared": None}, {"shared": True, "with": "eve"}]
)
def test_sharing_is_yes_or_no(session: Session, comparison: str, sent: dict[str, Any]) -> None:
    field = "with" if "with" in sent else "shared"
    check(session.post(f"/api/comparisons/{comparison}/share", json=sent), 422, field, "")
    assert session.get(f"/api/comparisons/{comparison}").json()["shared"] is False


def test_the_range_of_a_refused_value_is_told(session: Session) -> None:
    told = session.post("/api/jobs", **new(params={"steps": 0})).json()
    assert (told["value"], told["allowed"]) == (0, {"minimum": 1, "maximum": 10_000_000})
    told = session.post("/api/jobs", **new(params={"tile": "z"})).json()
    assert (told["value"], told["allowed"]) == ("z", {"enum": ["none", "x", "y", "both"]})
    told = session.get("/api/jobs?limit=0").json()
    assert (told["value"], told["allowed"]) == ("0", {"minimum": 1, "maximum": 100})
    told = session.post("/api/comparisons", **compared({**GOOD, "params": {"steps": 0}})).json()
    assert (told["value"], told["allowed"]) == (0, {"minimum": 1, "maximum": 10_000_000})
    told = session.post("/api/comparisons", **compared({"method": "x" * 101})).json()
    assert (told["field"], told["allowed"]) == ("runs.0.method", {"maxLength": 100})
    told = session.post("/api/comparisons", **compared()).json()
    assert (told["value"], told["allowed"]) == ([], {"minItems": 1, "maxItems": 16})


def test_a_long_value_is_not_sent_back_whole(session: Session) -> None:
    answer = session.post("/api/jobs", **new(params={"tile": "z" * 50_000}))
    assert len(answer.json()["value"]) < 300


def part(name: str = "file", data: bytes = b"GIF89a") -> dict[str, Any]:
    return {"files": {name: ("a.png", data)}}


UPLOADS = [
    (part(), 422, "file", "a GIF"),
    (part(data=b""), 422, "file", "empty"),
    (part(data=b"\x89PNG\r\n\x1a\n but no more"), 422, "file", "damaged"),
    (part("picture"), 422, "picture", "known: file"),
    ({"files": {"file": ("a.png", b"x")}, "data": {"note": "hello"}}, 422, "note", "known: file"),
    ({"files": {"other": (None, "text")}}, 422, "other", "known: file"),
    ({"files": {"file": (None, "text without a file name")}}, 422, "file", "file name"),
    ({"json": {"file": "x"}}, 415, None, "multipart/form-data"),
    ({}, 415, None, "multipart/form-data"),
    (text(b"not multipart at all", "multipart/form-data; boundary=x"), 422, "file", "missing"),
    (text(b"", "multipart/form-data"), 422, "file", "missing"),
    ({"files": [("file", (f"{i}", b"x")) for i in range(20)]}, 422, None, "at most 10 parts"),
    ({"files": [("file", ("1", b"x")), ("file", ("2", b"x"))]}, 422, "file", "one at a time"),
]


@pytest.mark.parametrize(("sent", "status", "field", "word"), UPLOADS)
def test_pictures_that_are_not_taken(
    session: Session, sent: dict[str, Any], status: int, field: str | None, word: str
) -> None:
    check(session.post("/api/images", **sent), status, field, word)


@pytest.mark.parametrize(("sent", "status", "field", "word"), UPLOADS[3:])
def test_forms_that_bring_no_model(
    session: Session, sent: dict[str, Any], status: int, field: str | None, word: str
) -> None:
    check(session.post("/api/models", **sent), status, field, word)


def test_a_picture_that_is_too_large_is_refused_in_words(session: Session) -> None:
    answer = session.post("/api/images", files={"file": ("big.png", b"\0" * (21 * 2**20))})
    check(answer, 413, "file", "20 MB")
    assert session.get("/api/health").ok


def test_who_sends_all_of_it_before_listening_hears_the_refusal(session: Session) -> None:
    """As browsers do: a connection that is reset while they still send is all that they would see."""
    link = HTTPConnection(session.url.removeprefix("http://"), timeout=20)
    headers = {"Cookie": session.cookie, "Content-Type": "multipart/form-data; boundary=x"}
    link.request("POST", "/api/images", b"\0" * (21 * 2**20), headers)
    answer = link.getresponse()
    assert (answer.status, b"20 MB" in answer.read()) == (413, True)
    link.close()


GETS = [
    ("/api/nothing", 404, None, "nothing at /api/nothing"),
    ("/api/jobs/", 404, None, ""),
    (f"/api/jobs/{NOBODY}", 404, None, NOBODY),
    (f"/api/jobs/{NOBODY}/points", 404, None, NOBODY),
    (f"/api/jobs/{NOBODY}/preview.jpg", 404, None, NOBODY),
    (f"/api/jobs/{NOBODY}/result.png", 404, None, NOBODY),
    (f"/api/jobs/{NOBODY}/result", 404, None, NOBODY),
    (f"/api/jobs/{NOBODY}/tiled.png", 404, None, NOBODY),
    (f"/api/jobs/{NOBODY}/model.safetensors", 404, None, NOBODY),
    (f"/api/jobs/{NOBODY}/animation.webp", 404, None, NOBODY),
    (f"/api/jobs/{NOBODY}/maps/origins.png", 404, None, NOBODY),
    (f"/api/images/{NOBODY}", 404, None, NOBODY),
    (f"/api/comparisons/{NOBODY}", 404, None, NOBODY),
    (f"/api/comparisons/{NOBODY}/table.csv", 404, None, NOBODY),
    (f"/api/comparisons/{NOBODY}/curves.csv", 404, None, NOBODY),
    (f"/api/comparisons/{NOBODY}/sheet.png", 404, None, NOBODY),
    ("/api/comparisons", 405, None, ""),
    ("/api/history?limit=0", 422, "limit", "1"),
    ("/api/history?limit=101", 422, "limit", "100"),
    (f"/api/history?before={NOBODY}", 422, "before", NOBODY),
    ("/api/history?before={job}x", 422, "before", "no such"),
    ("/api/history?colour=red", 422, "colour", "known: "),
    ("/api/history?exemplar=" + "x" * 201, 422, "exemplar", "200"),
    ("/api/models?x=1", 422, "x", "known: none"),
    ("/api/images/sample:moon", 404, None, "pebbles"),
    ("/api/images/..%2f..%2fapp.py", 404, None, ""),
    ("/api/images/sample:pebbles?size=15", 422, "size", "16"),
    ("/api/images/sample:pebbles?size=2049", 422, "size", "2048"),
    ("/api/images/sample:pebbles?size=big", 422, "size", "a whole number between 16 and 2048"),
    ("/api/images/sample:pebbles?width=7", 422, "width", "known: size"),
    ("/api/jobs?limit=0", 422, "limit", "Limit must be between 1 and 100, not 0"),
    ("/api/jobs?limit=101", 422, "limit", "100"),
    ("/api/jobs?limit=all", 422, "limit", "a whole number"),
    ("/api/jobs?state=asleep", 422, "state", "queued"),
    (f"/api/jobs?before={NOBODY}", 422, "before", NOBODY),
    ("/api/jobs?after=x", 422, "after", "before"),
    ("/api/jobs/{job}?x=1", 422, "x", "known: none"),
    ("/api/jobs/{job}/files/preview.jpg", 404, None, "no preview yet"),
    ("/api/jobs/{job}/preview.jpg", 404, None, "no preview yet"),
    ("/api/jobs/{job}/files/result.png", 404, None, "no picture yet"),
    ("/api/jobs/{job}/result.png", 404, None, "no picture yet"),
    ("/api/jobs/{job}/result?format=jpeg", 404, None, "no picture yet"),
    ("/api/jobs/{job}/result?format=gif", 422, "format", "png, jpeg, webp"),
    ("/api/jobs/{job}/result?quality=3", 422, "quality", "known: format"),
    ("/api/jobs/{job}/tiled.png", 404, None, "no picture"),
    ("/api/jobs/{job}/maps/origins.png", 404, None, "no file 'origins.png'"),
    ("/api/jobs/{job}/files/..%2Ftexture.db", 404, None, "there is nothing at"),
    ("/api/jobs/{job}/files/given.safetensors", 404, None, "no file 'given.safetensors'"),
    ("/api/jobs/{job}/maps/result.png", 404, None, "no picture yet"),
    ("/api/jobs/{job}/maps/..%2f..%2fpicture.png", 404, None, ""),
    ("/api/jobs/{job}/maps/origins.png?size=16", 422, "size", "known: none"),
    ("/api/jobs/{job}/tiled.png?columns=0", 422, "columns", "1"),
    ("/api/jobs/{job}/tiled.png?rows=17", 422, "rows", "16"),
    ("/api/jobs/{job}/tiled.png?rows=2.5", 422, "rows", "a whole number between 1 and 16, not 2.5"),
    ("/api/methods?unlisted=perhaps", 422, "unlisted", "true or false"),
    ("/api/health?verbose=1", 422, "verbose", "known: none"),
    ("/api/samples?x=1", 422, "x", "known: none"),
]


@pytest.mark.parametrize(("path", "status", "field", "word"), GETS)
def test_what_cannot_be_read(session: Session, job: str, path: str, status: int, field: str | None, word: str) -> None:
    check(session.get(path.format(job=job)), status, field, word)


OTHERS = [
    ("GET", "/api/jobs/{job}"),
    ("GET", "/api/jobs/{job}/points"),
    ("GET", "/api/jobs/{job}/preview.jpg"),
    ("GET", "/api/jobs/{job}/result.png"),
    ("GET", "/api/jobs/{job}/result"),
    ("GET", "/api/jobs/{job}/iterations"),
    ("GET", "/api/jobs/{job}/iterations.webp"),
    ("GET", "/api/jobs/{job}/tiled.png"),
    ("POST", "/api/jobs/{job}/pause"),
    ("POST", "/api/jobs/{job}/resume"),
    ("POST", "/api/jobs/{job}/cancel"),
    ("POST", "/api/jobs/{job}/retry"),
    ("DELETE", "/api/jobs/{job}"),
    ("POST", "/api/jobs/{job}/restore"),
    ("GET", "/api/jobs/{job}/model.safetensors"),
    ("GET", "/api/jobs/{job}/animation.webp"),
    ("GET", "/api/jobs/{job}/maps/origins.png"),
    ("POST", "/api/models/{job}/sample"),
    ("POST", "/api/models/{job}/walk"),
    ("GET", "/api/images/{picture}"),
    ("GET", "/api/comparisons/{comparison}"),
    ("GET", "/api/comparisons/{comparison}/table.csv"),
    ("GET", "/api/comparisons/{comparison}/curves.csv"),
    ("GET", "/api/comparisons/{comparison}/sheet.png"),
    ("POST", "/api/comparisons/{comparison}/runs"),
    ("POST", "/api/comparisons/{comparison}/share"),
    ("POST", "/api/comparisons/{comparison}/restore"),
    ("DELETE", "/api/comparisons/{comparison}"),
]
BODY = {"runs": {"method": "counting"}, "share": {"shared": True}, "sample": {}, "walk": {}}


@pytest.mark.parametrize(("verb", "path"), OTHERS)
def test_what_is_somebody_elses_is_not_there(session: Session, theirs: dict[str, str], verb: str, path: str) -> None:
    """Word for word what is said of an id that nobody has."""
    nobody = dict.fromkeys(theirs, NOBODY)
    body = BODY.get(path.rpartition("/")[2])
    missing = check(session.request(verb, path.format(**nobody), json=body), 404, None, "no such")
    answer = check(session.request(verb, path.format(**theirs), json=body), 404, None, "no such")
    told = json.dumps(answer)
    for id in theirs.values():
        told = told.replace(id, NOBODY)
    assert told == json.dumps(missing)


def test_somebody_elses_picture_is_no_exemplar(session: Session, theirs: dict[str, str]) -> None:
    answer = session.post("/api/jobs", **new(images={"source": theirs["picture"]}))
    check(answer, 422, "images.source", "no such")


def test_somebody_elses_jobs_are_not_listed(session: Session, job: str, theirs: dict[str, str]) -> None:
    assert theirs["job"] not in [row["id"] for row in session.get("/api/jobs").json()["jobs"]]
    assert {theirs["job"], theirs["comparison"]}.isdisjoint(
        entry["id"] for entry in session.get("/api/history").json()["entries"]
    )


def test_somebody_elses_entry_is_no_page_of_a_history(session: Session, theirs: dict[str, str]) -> None:
    for kind in ("job", "comparison"):
        answer = session.get("/api/history", params={"before": theirs[kind]})
        check(answer, 422, "before", "no such")


@pytest.mark.parametrize("action", ["pause", "resume", "cancel"])
def test_a_cancelled_job_can_only_be_retried_or_deleted(session: Session, job: str, action: str) -> None:
    check(session.post(f"/api/jobs/{job}/{action}"), 409, None, "cancelled")


@pytest.mark.parametrize(
    ("verb", "path", "allowed"),
    [
        ("PUT", "/api/jobs", {"GET", "POST", "HEAD", "OPTIONS"}),
        ("PUT", "/api/jobs/x", {"GET", "PATCH", "DELETE", "HEAD", "OPTIONS"}),
        ("GET", "/api/jobs/x/pause", {"POST", "OPTIONS"}),
        ("POST", "/api/health", {"GET", "HEAD", "OPTIONS"}),
        ("DELETE", "/", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_methods_that_are_not_allowed(session: Session, verb: str, path: str, allowed: set[str]) -> None:
    answer = session.request(verb, path)
    check(answer, 405, None, "")
    assert set(answer.headers["Allow"].split(", ")) == allowed


def test_a_browser_gets_a_page_instead(session: Session) -> None:
    answer = session.get("/nowhere", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "<h1>Not found</h1>" in answer.text
    assert "<p>There is nothing at /nowhere.</p>" in answer.text


ELSEWHERE = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Host": "evil.example"},
    {"Host": "evil.example:5000", "Origin": "http://evil.example:5000"},
]


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_requests_from_elsewhere(session: Session, headers: dict[str, str]) -> None:
    check(session.post("/api/jobs", **new(), headers=headers), 403, None, "")
    check(session.get("/socket.io/?EIO=4&transport=polling", headers=headers), 403, None, "")


@pytest.mark.parametrize(
    "handshake",
    [{"origin": "http://evil.example"}, {"host": "evil.example"}, {"header": {"Sec-Fetch-Site": "cross-site"}}],
)
def test_sockets_from_elsewhere(session: Session, handshake: dict[str, Any], look: Look) -> None:
    with pytest.raises(ConnectionRefusedError):
        look(session, **handshake)


def test_our_own_page_is_welcome(session: Session, server: Server, look: Look) -> None:
    headers = {"Origin": server.url, "Sec-Fetch-Site": "same-origin"}
    assert session.post("/api/weights", headers=headers).status_code == 202
    look(session, origin=server.url)


def test_sockets_carry_the_security_headers_and_no_permission_for_others(session: Session) -> None:
    answer = session.get("/socket.io/?EIO=4&transport=polling", headers={"Origin": session.url})
    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_socket_needs_a_session(session: Session, look: Look) -> None:
    with pytest.raises(ConnectionRefusedError):
        look(session, cookie="")
    refused = requests.get(f"{session.url}/socket.io/?EIO=4&transport=polling", timeout=10)
    assert (refused.status_code, "load the page first" in refused.text) == (401, True)


def test_a_forged_cookie_is_no_session(session: Session, job: str, look: Look) -> None:
    forged = session.cookie[:-4] + "AAAA"
    answer = requests.get(f"{session.url}/api/jobs/{job}", headers={"Cookie": forged}, timeout=10)
    check(answer, 404, None, "no such")
    with pytest.raises(ConnectionRefusedError):
        look(session, cookie=forged)


@pytest.fixture
def viewer(session: Session, look: Look) -> Viewer:
    return look(session)


@pytest.fixture
def newcomer(server: Server, look: Look) -> Viewer:
    """Of a session of its own, which has not used up any of its messages."""
    return look(server.session())


MESSAGES = [
    ("watch", (), None, "one message"),
    ("watch", ({"jobs": []}, 2), None, "one message"),
    ("watch", ("mine",), None, "object"),
    ("watch", (None,), None, "object"),
    ("watch", ({},), None, "jobs, comparison, or both"),
    ("watch", ({"comparison": 5},), "comparison", "id"),
    ("watch", ({"comparison": "\ud800"},), "comparison", "id"),
    ("watch", ({"comparison": NOBODY},), None, "no such"),
    ("watch", ({"jobs": 5},), "jobs", "mine"),
    ("watch", ({"jobs": "theirs"},), "jobs", "mine"),
    ("watch", ({"jobs": [5]},), "jobs", "ids"),
    ("watch", ({"jobs": [NOBODY] * 33},), "jobs", "32"),
    ("watch", ({"jobs": ["\ud800"]},), "jobs", "ids"),
    ("watch", ({"jobs": [], "all": True},), "all", "known: jobs, comparison"),
    ("pause", ({"job": NOBODY},), None, "known: watch"),
    ("frame", ({},), None, "known: watch"),
]


@pytest.mark.parametrize(("name", "message", "field", "word"), MESSAGES)
def test_messages_that_are_wrong(
    newcomer: Viewer, name: str, message: tuple[Any, ...], field: str | None, word: str
) -> None:
    told = newcomer.call(name, *message)["problem"]
    assert told.get("field") == field
    assert word in told["detail"]
    assert newcomer.watch([])["jobs"] == []


def test_watching_somebody_elses_job_shows_nothing(viewer: Viewer, theirs: dict[str, str], job: str) -> None:
    snapshot = viewer.watch([theirs["job"], NOBODY, job])
    assert [told["job"]["id"] for told in snapshot["jobs"]] == [job]
    assert snapshot["missing"] == [theirs["job"], NOBODY]


def test_watching_somebody_elses_comparison_is_refused(viewer: Viewer, theirs: dict[str, str]) -> None:
    told = viewer.watch_comparison(theirs["comparison"])["problem"]
    assert (told["status"], "no such" in told["detail"]) == (404, True)


def test_an_oversized_message_ends_the_connection_and_harms_nobody_else(
    server: Server, session: Session, look: Look
) -> None:
    big, other = look(session), look(session)
    big._client.emit("watch", {"jobs": ["x" * 100_000]})
    big.wait_until_gone()
    assert not big.connected
    assert other.watch([])["jobs"] == []
    assert "Traceback" not in server.errors()


@contextmanager
def raw_socket(session: Session) -> Iterator[websocket.WebSocket]:
    """A websocket on which Socket.IO has connected, for what no client library would say."""
    address = session.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    link = websocket.create_connection(address, cookie=session.cookie, timeout=10)
    try:
        link.recv()
        link.send("40")
        link.recv()
        yield link
    finally:
        link.shutdown()


def test_attachments_are_not_waited_for(session: Session) -> None:
    """However many a message announces: they would be kept until the last one has come. The connection ends."""
    with raw_socket(session) as link:
        link.send('451000000-["watch",{"_placeholder":true,"num":0}]')
        assert link.recv_data()[0] == ABNF.OPCODE_CLOSE


def test_an_event_without_a_proper_name_is_refused_too(session: Session) -> None:
    with raw_socket(session) as link:
        link.send("427[5]")
        assert "5 is not a known event" in str(link.recv())


FRAGMENT = b"x" * 1024


def test_an_oversized_message_in_many_pieces_ends_the_connection_too(session: Session) -> None:
    with raw_socket(session) as link:
        link.send_frame(ABNF.create_frame(FRAGMENT, ABNF.OPCODE_TEXT, 0))
        for _ in range(64):
            link.send_frame(ABNF.create_frame(FRAGMENT, ABNF.OPCODE_CONT, 0))
        opcode, reason = link.recv_data()
    assert (opcode, int.from_bytes(reason[:2])) == (ABNF.OPCODE_CLOSE, 1009)


def check(answer: requests.Response, status: int, field: str | None, word: str) -> dict[str, Any]:
    """It is a problem document of that kind, and betrays nothing of the inside."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    told: dict[str, Any] = answer.json()
    assert told["status"] == status
    assert told["title"]
    assert told.get("field") == field, told
    assert word in told["detail"], told
    assert "Traceback" not in answer.text
    assert "/texture/" not in answer.text
    return told
