"""Comparisons: several runs on one exemplar, started together; shared by a link, and reported as tables and a sheet.

Jobs can be put side by side afterwards, too; that comparison is not kept, and can only be looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import BaseModel, Field

from texture.errors import InvalidInput, NotFound
from texture.images.decoding import Pixels
from texture.images.encoding import encode_png
from texture.jobs.domain.job import Job
from texture.jobs.store.comparisons import MOST_RUNS
from texture.reports.result import Result, results_of
from texture.reports.sheet import comparison_sheet
from texture.reports.table import curves_csv, table_csv
from texture.web.api.file_names import comparison_name
from texture.web.api.response import File
from texture.web.api.route import Routes
from texture.web.endpoints.requested_run import Images, NewRun, check_images, chosen
from texture.web.items import Concerns
from texture.web.services import ComparisonAnswer, Services

EXAMPLE = {
    "images": {"source": "sample:pebbles"},
    "runs": [{"method": "gatys", "preset": "draft"}, {"method": "gatys", "params": {"tile": "none"}}],
}

comparisons = Routes()


class Exemplar(Images):
    """The pictures of all runs; they are compared against the exemplar."""

    source: str = Field(max_length=100, description="the exemplar: the id of an upload, or sample:<name>")


class NewComparison(BaseModel, extra="forbid", json_schema_extra={"examples": [EXAMPLE]}):
    """What to compare, and on what."""

    images: Exemplar
    runs: list[NewRun] = Field(min_length=1, max_length=MOST_RUNS)


class Sharing(BaseModel, extra="forbid"):
    """Who may view it."""

    shared: bool = Field(strict=True, description="whether everybody who has the link may view it, and do nothing else")


@comparisons.post("/comparisons", status=201, errors=(400, 413, 415, 422, 429))
def start_comparison(services: Services, owner: str, body: NewComparison) -> ComparisonAnswer:
    """Start several runs together. They get equal shares of device time, and belong to this session."""
    runs = [chosen(run, f"runs.{place}.") for place, run in enumerate(body.runs)]
    check_images(services, owner, body.images)
    comparison = services.store.comparisons.add(owner, body.images.given, runs)
    services.engine.wake()
    return ComparisonAnswer.for_session(owner, comparison)


@comparisons.get("/comparisons/<id>", errors=(404,))
def comparison(services: Services, owner: str, id: str) -> ComparisonAnswer:
    """A comparison with its jobs; another session's too if it is shared.

    The ids of 1 to 16 jobs of this session, joined by "+", show these side by side: as a comparison that is not kept.
    """
    return ComparisonAnswer.for_session(owner, services.readable_comparison(owner, id))


@comparisons.post("/comparisons/<id>/runs", status=201, errors=(400, 404, 409, 413, 415, 422, 429), made="/jobs")
def add_run(services: Services, owner: str, id: str, body: NewRun) -> Job:
    """Add a run, while the others run or later. The others are not affected."""
    services.own_comparison(owner, id)
    job = services.store.comparisons.add_run(id, *chosen(body))
    services.tell_comparison(job)
    services.engine.wake()
    return job


@comparisons.post("/comparisons/<id>/share", errors=(400, 404, 413, 415, 422))
def share(services: Services, owner: str, id: str, body: Sharing) -> ComparisonAnswer:
    """Let everybody who has the link view it, or nobody any more."""
    services.own_comparison(owner, id)
    return ComparisonAnswer.for_session(owner, services.tell(services.store.comparisons.share(id, body.shared)))


@comparisons.delete("/comparisons/<id>", status=204, errors=(404,))
def delete_comparison(services: Services, owner: str, id: str) -> None:
    """Delete a comparison with its runs; it can be restored for a while."""
    comparison = services.own_comparison(owner, id)
    for job in comparison.jobs:
        services.post(Concerns(owner, job.id))
    services.store.trash.put_comparison(id)
    services.tell(comparison)
    services.engine.wake()


@comparisons.post("/comparisons/<id>/restore", errors=(404,))
def restore_comparison(services: Services, owner: str, id: str) -> ComparisonAnswer:
    """Restore a deleted comparison; unfinished runs come back as cancelled."""
    services.check_made(owner, "comparison", id)
    comparison = services.store.trash.restore_comparison(id)
    services.engine.wake()
    return ComparisonAnswer.for_session(owner, services.tell(comparison))


@comparisons.get("/comparisons/<id>/table.csv", media="text/csv", errors=(404,))
def table(services: Services, owner: str, id: str) -> File:
    """A line for each run: its parameters where they differ, steps, times, memory, each metric and its baseline."""
    return _csv(services, owner, id, table_csv, ".csv")


@comparisons.get("/comparisons/<id>/curves.csv", media="text/csv", errors=(404,))
def curves(services: Services, owner: str, id: str) -> File:
    """A line for each point of each run's curves, with both clocks."""
    return _csv(services, owner, id, curves_csv, "-curves.csv")


@comparisons.get("/comparisons/<id>/sheet.png", media="image/png", errors=(404,), heavy="sheets")
def comparison_picture(services: Services, owner: str, id: str) -> File:
    """The contact sheet of a comparison: its inputs, and every run's result with its metrics."""
    comparison = services.readable_comparison(owner, id)
    source, content = (_given(services, comparison.images.get(role)) for role in ("source", "content"))
    results = results_of(services.store, comparison)
    pixels = comparison_sheet(source, comparison.exemplar, results, content)
    return File(encode_png(pixels), "image/png", comparison_name(comparison, ".png"))


def _given(services: Services, picture: str | None) -> Pixels | None:
    """What the runs were given; None where there is none, or its file is gone or damaged."""
    try:
        return None if picture is None else services.store.pictures.pixels(picture)
    except (NotFound, InvalidInput):
        return None


def _csv(services: Services, owner: str, id: str, write: Callable[[Sequence[Result]], str], ending: str) -> File:
    comparison = services.readable_comparison(owner, id)
    text = write(results_of(services.store, comparison, pictures=False))
    return File(text.encode(), "text/csv", comparison_name(comparison, ending), keep=True)
