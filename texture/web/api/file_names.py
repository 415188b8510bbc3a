"""File names of downloads and uploads."""

from __future__ import annotations

import re

from texture.jobs.domain.job import Comparison, Job

LONGEST_NAME = 120
LONGEST_WORD = 40


def file_name(job: Job, ending: str) -> str:
    """The file name of a download: exemplar, method, the beginning of the id; ASCII."""
    return _joined(job.exemplar, job.method, job.id) + ending


def comparison_name(comparison: Comparison, ending: str) -> str:
    """The same for a download of a whole comparison."""
    return _joined(comparison.exemplar, "comparison", comparison.id) + ending


def clean_name(name: str) -> str:
    """The name of an uploaded file, fit for display: no folders, no control characters, not too long."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:LONGEST_NAME] or "picture"


def _joined(exemplar: str, kind: str, id: str) -> str:
    stem = exemplar.rpartition(".")[0] or exemplar
    word = re.sub(r"[^A-Za-z0-9]+", "-", stem)[:LONGEST_WORD].strip("-").lower()
    return "-".join(part for part in (word, kind, id[:8]) if part)
