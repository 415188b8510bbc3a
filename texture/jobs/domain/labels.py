"""Words for what jobs are: labels that distinguish the runs of a comparison, and what a search looks through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from texture.errors import NotFound
from texture.jobs.domain.job import Job
from texture.methods.contract import Params
from texture.methods.registry import find_method


def labels(jobs: Sequence[Job]) -> dict[str, str]:
    """By job id: its method's title, and its exemplar and those of its parameters that differ between the runs."""
    named = {job.id: _label(job, [other for other in jobs if other.method == job.method]) for job in jobs}
    if len({job.exemplar for job in jobs}) > 1:
        named = {job.id: f"{job.exemplar} · {named[job.id]}" for job in jobs}
    return _numbered(named)


def settings(method: str, params: Mapping[str, Any]) -> list[str]:
    """A job's method, its preset, its seed, and what departs from the preset: "Match", "draft", "seed 0", "size 128".

    The preset is the one that the parameters are nearest to; parameters of another version are left out.
    """
    try:
        kind = find_method(method).params
    except NotFound:  # of another version
        return [method]
    departures = {
        preset: [name for name, value in values.items() if params.get(name, value) != value]
        for preset, values in _presets(kind).items()
    }
    nearest = min(departures, key=lambda preset: len(departures[preset]))
    names = dict.fromkeys([*(["seed"] if "seed" in params else []), *departures[nearest]])
    return [_title(method), nearest, *(_setting(method, name, params[name]) for name in names)]


def _label(job: Job, alike: Sequence[Job]) -> str:
    given = {name: value for name, value in job.params.items() if value is not None}
    differing = [name for name in given if any(other.params.get(name) != given[name] for other in alike)]
    return " · ".join([_title(job.method), *(_setting(job.method, name, given[name]) for name in differing)])


def _setting(method: str, name: str, value: object) -> str:
    """As the page calls it: "working size 128", "seamless horizontal"."""
    schema = _schema(method).get(name, {})
    words = schema.get("x-words", {}).get(value) if isinstance(value, str) else None
    return f"{schema.get('title', name)} {words or _written(value)}".lower()


def _schema(method: str) -> dict[str, Any]:
    """Of its parameters, by name."""
    try:
        return _properties(find_method(method).params)
    except NotFound:  # of another version
        return {}


@cache
def _presets(params: type[Params]) -> dict[str, dict[str, Any]]:
    """Every parameter as each preset sets it, as rows have them."""
    return {name: params.model_validate(values).model_dump(mode="json") for name, values in params.PRESETS.items()}


@cache
def _properties(params: type[Params]) -> dict[str, Any]:
    properties: dict[str, Any] = params.model_json_schema()["properties"]
    return properties


def _written(value: object) -> str:
    match value:
        case bool():
            return "on" if value else "off"
        case float():
            return f"{value:g}"
    return str(value)


def _title(method: str) -> str:
    try:
        return find_method(method).title
    except NotFound:  # of another version
        return method


def _numbered(named: dict[str, str]) -> dict[str, str]:
    """With a number appended to those that are still the same."""
    count, seen, result = Counter(named.values()), Counter[str](), {}
    for job, label in named.items():
        seen[label] += 1
        result[job] = f"{label} · {seen[label]}" if count[label] > 1 else label
    return result
