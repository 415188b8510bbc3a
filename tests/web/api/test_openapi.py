"""The OpenAPI document: whole, true to the routes, and without dead references."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from tests.serving import ROOT
from texture.methods.registry import methods
from texture.version import VERSION
from texture.web import ROUTES
from texture.web.api.openapi import document

DOCUMENT = document(ROUTES)
OPERATIONS = [
    pytest.param(path, verb, operation, id=operation["operationId"])
    for path, item in DOCUMENT["paths"].items()
    for verb, operation in item.items()
]


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [found for value in part.values() for found in references(value)]
    return [found for value in part for found in references(value)] if isinstance(part, list) else []


def test_it_is_openapi_3_1() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    assert DOCUMENT["info"]["version"] == VERSION


def test_the_version_is_the_same_everywhere() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


def test_every_reference_leads_somewhere() -> None:
    found = references(DOCUMENT)
    assert found
    assert {name.removeprefix("#/components/schemas/") for name in found} <= DOCUMENT["components"]["schemas"].keys()


def test_every_call_is_described_once() -> None:
    assert len(OPERATIONS) == len(ROUTES)
    assert len({call.name for call in ROUTES}) == len(ROUTES)


@pytest.mark.parametrize(("path", "verb", "operation"), OPERATIONS)
def test_an_operation_is_whole(path: str, verb: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    declared = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"}
    assert declared == set(re.findall(r"{(\w+)}", path))
    good = {status: response for status, response in operation["responses"].items() if status.startswith("2")}
    assert len(good) == 1
    assert "204" in good or all("content" in response for response in good.values())
    bad = [response for status, response in operation["responses"].items() if not status.startswith("2")]
    assert all(list(response["content"]) == ["application/problem+json"] for response in bad)


def test_the_params_of_a_job_are_those_of_the_methods() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    offered = [entry["$ref"].rpartition("/")[2] for entry in schemas["NewJob"]["properties"]["params"]["anyOf"]]
    assert offered == [method.params.__name__ for method in methods().values() if method.listed]
    assert schemas["GatysParams"]["properties"]["seed"]["minimum"] == 0
    assert schemas["GatysParams"]["additionalProperties"] is False


def test_the_params_of_a_sample_are_told_as_they_are_written() -> None:
    size = DOCUMENT["components"]["schemas"]["SampleParams"]["properties"]["size"]
    assert (size["type"], size["default"]) == ("string", "1024")


def test_ranges_of_queries_are_told() -> None:
    parameters = DOCUMENT["paths"]["/api/jobs"]["get"]["parameters"]
    limit = next(parameter for parameter in parameters if parameter["name"] == "limit")
    assert (limit["schema"]["minimum"], limit["schema"]["maximum"], limit["schema"]["default"]) == (1, 100, 50)


def test_an_owner_is_never_shown() -> None:
    for name in ("Job", "PictureAnswer", "ComparisonAnswer"):
        assert "owner" not in DOCUMENT["components"]["schemas"][name]["properties"]
