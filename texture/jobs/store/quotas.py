"""Limits for each owner, so that nobody takes queue and disk from the others."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from texture.errors import QuotaReached
from texture.jobs.store.queries import has_item
from texture.jobs.store.schema import JobRow, PictureRow
from texture.jobs.store.usage import used
from texture.methods.artifacts import MODEL
from texture.methods.contract import Method
from texture.settings import Settings

GIGABYTE = 10**9


class Quotas:
    """The quotas of every owner. What lies in the trash does not count. Each check raises QuotaReached."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def check_run(self, session: Session, owner: str, *methods: Method) -> None:
        """Whether a run of each of these methods may be queued."""
        self.check_queue(session, owner, len(methods))
        self.check_bytes(session, owner)
        if any(MODEL in method.produces for method in methods):
            self.check_model(session, owner)

    def check_queue(self, session: Session, owner: str, more: int = 1) -> None:
        """Whether so many more jobs may wait."""
        most = self._settings.most_queued
        have = session.scalar(select(func.count()).where(JobRow.owner == owner, JobRow.state == "queued")) or 0
        if have + more > most:
            waiting = f"{_count(have, 'job')} of yours {'is' if have == 1 else 'are'} waiting"
            asked = f" and you ask for {more:,} more" if more > 1 else ""
            advice = "start fewer at once" if more > most else "wait until some have run, or cancel some"
            raise QuotaReached(f"{waiting}{asked}, the limit is {most:,}: {advice}")

    def check_picture(self, session: Session, owner: str) -> None:
        """Whether one more picture may be brought."""
        most = self._settings.most_pictures
        have = session.scalar(select(func.count()).where(PictureRow.owner == owner)) or 0
        if have >= most:
            raise QuotaReached(
                f"you have uploaded {_count(have, 'picture')}, the limit is {most:,}: use one of those, "
                "or wait until the unused ones are removed, a month after their upload"
            )
        self.check_bytes(session, owner)

    def check_model(self, session: Session, owner: str) -> None:
        """Whether one more model may be kept."""
        most = self._settings.most_models
        models = JobRow.owner == owner, JobRow.trashed.is_(None), has_item(JobRow.files, MODEL.name)
        have = session.scalar(select(func.count()).where(*models)) or 0
        if have >= most:
            raise QuotaReached(
                f"you have {_count(have, 'model')}, the limit is {most:,}: delete some that you do not need"
            )

    def check_bytes(self, session: Session, owner: str) -> None:
        """Whether there may be more files."""
        have = used(session, owner).bytes / GIGABYTE
        if have >= self._settings.most_gigabytes:
            raise QuotaReached(
                f"your pictures and results take {have:.3g} GB, the limit is {self._settings.most_gigabytes:g} GB: "
                "delete some that you do not need"
            )


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
