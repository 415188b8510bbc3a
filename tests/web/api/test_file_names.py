"""What downloaded files are called: words that every disk takes, whatever the exemplar was called."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from texture.jobs.domain.job import Job
from texture.web.api.file_names import clean_name, edited_name, file_name, numbered, result_name


@pytest.mark.parametrize(
    ("exemplar", "name"),
    [
        ("Pebbles", "pebbles-sgan-256-seed0.png"),
        ("Mossy Wall.JPG", "mossy-wall-sgan-256-seed0.png"),
        ("wall.v2.png", "wall-v2-sgan-256-seed0.png"),
        ('a"b\\c/d;e', "a-b-c-d-e-sgan-256-seed0.png"),
        ("Mauerwerk, groß", "mauerwerk-gro-sgan-256-seed0.png"),
        ("石", "sgan-256-seed0.png"),
        ("", "sgan-256-seed0.png"),
        ("x" * 200, "x" * 40 + "-sgan-256-seed0.png"),
    ],
)
def test_a_download_says_the_picture_first(exemplar: str, name: str) -> None:
    assert file_name(job_of(exemplar=exemplar), ".png") == name


def job_of(**more: Any) -> Job:
    fields = {
        "id": "0123abcdef",
        "owner": "ada",
        "method": "sgan",
        "params": {},
        "images": {},
        "state": "done",
        "seq": 1,
    }
    return Job(created=datetime.now(UTC), **{**fields, **more})


@pytest.mark.parametrize(
    ("about", "name"),
    [
        ({"method": "match", "params": {"size": "512", "seed": 3}}, "bricks-match-512-seed3.png"),
        ({"method": "match", "params": {"size": "640x384"}}, "bricks-match-640x384-seed0.png"),
        ({"name": "Courtyard, east"}, "courtyard-east-sgan-256-seed0.png"),
        ({"name": "wall 1.5"}, "wall-1-5-sgan-256-seed0.png"),
        ({"method": "stylise", "params": {}}, "bricks-stylise.png"),
        ({"method": "older", "params": {"a": 1}}, "bricks-older.png"),
        ({"params": {"of": "another version"}}, "bricks-sgan.png"),
    ],
)
def test_then_method_size_and_seed_as_far_as_they_are_known(about: dict[str, Any], name: str) -> None:
    assert file_name(job_of(exemplar="bricks.png", **about), ".png") == name


def test_equal_names_are_numbered() -> None:
    given = ["a.png", "b.png", "a.png", "a-2.png", "a.png"]
    assert list(numbered(given)) == ["a.png", "b.png", "a-2.png", "a-2-2.png", "a-3.png"]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../stones.png", "stones.png"),
        ("C:\\a\\b.png", "b.png"),
        ("a\x00\nb", "ab"),
        ("", "picture"),
        ("x" * 999, "x" * 120),
    ],
)
def test_what_people_call_a_file_is_for_display_only(given: str, name: str) -> None:
    assert clean_name(given) == name


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("wall.JPG", "wall, edited.JPG"),
        ("wall, edited.JPG", "wall, edited.JPG"),
        ("Cracked clay", "Cracked clay, edited"),
        ("Mr. Brown", "Mr. Brown, edited"),
        (f"{'x' * 116}.png", f"{'x' * 108}, edited.png"),
    ],
)
def test_an_edited_picture_is_called_after_the_one_it_was_made_of(given: str, name: str) -> None:
    assert edited_name(given) == name
    assert len(name) <= 120


@pytest.mark.parametrize(
    ("about", "name"),
    [
        ({"exemplar": "Mossy Wall.JPG"}, "Mossy Wall"),
        ({"exemplar": "wall v1.5"}, "wall v1.5"),
        ({"exemplar": "Strokes", "names": {"source": "Strokes", "content": "cat.png"}}, "cat"),
        ({"exemplar": "Strokes", "name": "My cat"}, "My cat"),
    ],
)
def test_a_result_is_no_file_of_the_format_that_it_was_made_from(about: dict[str, Any], name: str) -> None:
    assert result_name(job_of(**about)) == name
