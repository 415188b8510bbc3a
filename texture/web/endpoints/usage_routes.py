"""Disk use: what a session's pictures, jobs and models take, what it may have, and how long that is kept."""

from __future__ import annotations

from pydantic import BaseModel, Field

from texture.jobs.running.tidying import KEPT_IN_TRASH, KEPT_UNUSED
from texture.jobs.store.quotas import GIGABYTE
from texture.jobs.store.usage import LOW, Amount
from texture.web.api.route import Routes
from texture.web.services import Services

usage = Routes()


class Stock(BaseModel):
    """Things of one kind."""

    count: int
    bytes: int = Field(description="of all their files")
    most: int | None = Field(None, description="how many the session may have; null where only bytes are limited")

    @classmethod
    def of(cls, amount: Amount, most: int | None = None) -> Stock:
        """An amount beside its limit."""
        return cls(count=amount.count, bytes=amount.bytes, most=most)


class Usage(BaseModel):
    """The disk use of a session, its quotas, and the times after which things are removed."""

    pictures: Stock
    jobs: Stock = Field(description="without a model; a job counts with all its files")
    models: Stock = Field(description="jobs that have a model")
    trash: Stock = Field(description="deleted jobs that can still be restored; they do not count towards the quotas")
    queued: int = Field(description="jobs waiting in the queue")
    most_queued: int = Field(description="how many may wait")
    bytes: int = Field(description="of pictures, jobs and models together")
    most_bytes: int = Field(description="how many they may take")
    keep_days: float | None = Field(description="days after which an ended job goes to the trash; null: never")
    trash_days: float = Field(description="days after which the trash is emptied")
    unused_days: float = Field(description="days after its upload in which a picture that nothing uses is removed")
    disk_free: int | None = Field(
        description="bytes that are free on the server's disk; null where the files are in a bucket"
    )
    disk_low: bool = Field(description="whether so little is free that things had better be deleted")


@usage.get("/usage")
def disk_usage(services: Services, owner: str) -> Usage:
    """What this session has on the server's disk, beside its quotas; jobs as of when they last stopped."""
    settings, store = services.settings, services.store
    used, free = store.usage.of(owner), store.usage.free
    return Usage(
        pictures=Stock.of(used.pictures, settings.most_pictures),
        jobs=Stock.of(used.jobs),
        models=Stock.of(used.models, settings.most_models),
        trash=Stock.of(used.trash),
        queued=store.jobs.queued(owner),
        most_queued=settings.most_queued,
        bytes=used.bytes,
        most_bytes=round(settings.most_gigabytes * GIGABYTE),
        keep_days=settings.keep_days,
        trash_days=KEPT_IN_TRASH.days,
        unused_days=KEPT_UNUSED.days,
        disk_free=free,
        disk_low=store.reserve.short or (free is not None and free < LOW),
    )
