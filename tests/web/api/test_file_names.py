"""What downloaded files are called: words that every disk takes, whatever the exemplar was called."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from texture.jobs.domain.job import Job
from texture.web.api.file_names import clean_name, file_name


@pytest.mark.parametrize(
    ("exemplar", "name"),
    [
        ("Pebbles", "pebbles-sgan-0123abcd.png"),
        ("Mossy Wall.JPG", "mossy-wall-sgan-0123abcd.png"),
        ("wall.v2.png", "wall-v2-sgan-0123abcd.png"),
        ('a"b\\c/d;e', "a-b-c-d-e-sgan-0123abcd.png"),
        ("Mauerwerk, groß", "mauerwerk-gro-sgan-0123abcd.png"),
        ("石", "sgan-0123abcd.png"),
        ("", "sgan-0123abcd.png"),
        ("x" * 200, "x" * 40 + "-sgan-0123abcd.png"),
    ],
)
def test_exemplar_method_and_id(exemplar: str, name: str) -> None:
    job = Job(
        id="0123abcdef",
        owner="ada",
        method="sgan",
        params={},
        images={},
        exemplar=exemplar,
        state="done",
        seq=1,
        created=datetime.now(UTC),
    )
    assert file_name(job, ".png") == name


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
