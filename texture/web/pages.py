"""The HTML pages: the app itself, the API reference, and errors for browsers."""

from __future__ import annotations

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers.response import Response as AnyResponse

from texture.images.decoding import MAX_BYTES, MAX_PIXELS
from texture.images.formats import TAKEN, titles
from texture.version import VERSION
from texture.web.api.problems import Problem, Refused, answer, problem, problem_of
from texture.web.api.response import pack
from texture.web.api.route import PREFIX
from texture.web.concurrency import Concurrency
from texture.web.endpoints.described import version_for
from texture.web.security.access import renew_session
from texture.web.services import Services

PLACES = ("/", "/jobs/<id>", "/comparisons/<id>", "/history", "/models")  # of one page, whose script looks where it is

PICTURES = {  # that are read, as the page says it and as a file dialogue takes it
    "formats": titles("or"),
    "megabytes": MAX_BYTES // 2**20,
    "megapixels": MAX_PIXELS // 10**6,
    "accept": ",".join(TAKEN),
}
DEVICES = {"auto": "", "cpu": "CPU", "cuda": "CUDA", "mps": "Metal"}  # in words


def install_pages(app: Flask, services: Services, concurrency: Concurrency) -> None:
    """The routes."""
    device = DEVICES[services.settings.device]

    def shell(id: str = "") -> Response:
        renew_session()
        catalogue = concurrency.run_blocking(version_for, request.script_root)
        weights = concurrency.run_blocking(services.weights.state).model_dump_json()
        page = render_template("index.html", device=device, weights=weights, catalogue=catalogue, pictures=PICTURES)
        response = Response(page, mimetype="text/html")
        response.cache_control.no_cache = True
        return pack(response)

    def docs() -> str:
        return render_template("api.html", version=VERSION)

    for path in PLACES:
        app.add_url_rule(path, "page", shell)
    app.add_url_rule(f"{PREFIX}/docs", "docs", docs)


def install_errors(app: Flask) -> None:
    """Every error as a problem document, or as a page for a browser."""

    def refuse(error: Exception) -> AnyResponse:
        if isinstance(error, RequestEntityTooLarge):
            return answer(_too_large())
        found = problem_of(error, request.path)
        response = _page(found) if _asks_for_page() else answer(found)
        if isinstance(error, Refused) and error.retry_after:
            response.headers["Retry-After"] = str(error.retry_after)
        if hasattr(error, "valid_methods"):
            response.headers["Allow"] = ", ".join(error.valid_methods or ())
        return response

    app.register_error_handler(Exception, refuse)


def _too_large() -> Problem:
    limit = request.max_content_length or 0
    size = f"{limit // 2**20} MB" if limit >= 2**20 else f"{limit // 2**10} KB"
    return problem(
        413,
        f"the body is too large: at most {size}",
        instance=request.path,
        field="file" if limit >= 2**20 else None,
        value=request.content_length,
        allowed={"maximum": limit},
    )


def _asks_for_page() -> bool:
    return not request.path.startswith(PREFIX) and "text/html" in request.headers.get("Accept", "")


def _page(found: Problem) -> Response:
    page = render_template("problem.html", problem=found, version=VERSION)
    return Response(page, found.status, mimetype="text/html")
