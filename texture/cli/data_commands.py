"""`texture repair` and `texture take-in`: repairing a data folder while no server runs on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from texture.errors import SetupProblem
from texture.jobs.engines.lock import FolderLock
from texture.jobs.store import Store
from texture.jobs.store.files import Files
from texture.jobs.store.repair import repair as repair_database
from texture.settings import Settings


@click.command("repair", short_help="Save a damaged database")
def repair() -> None:
    """Save what can be read of a damaged database.

    The data folder is that of TEXTURE_DATA. The damaged file is kept beside the new one. Jobs and pictures whose rows
    are lost are rebuilt from the notes beside their files, without the curves of the jobs.
    """
    settings = Settings.from_environment()
    if settings.database is not None:
        raise SetupProblem(
            "this repairs the database of a data folder: PostgreSQL's is restored from what pg_dump saved"
        )
    with alone(settings):
        done = repair_database(Files(settings.data).database)
        read = f"{done.rows} rows were read{'' if done.whole else ', others could not be'}"
        click.echo(f"{read}; the old file is {done.kept}")
        _take_in(settings, collect=True)


@click.command("take-in", short_help="Restore from the lost-and-found")
def take_in() -> None:
    """Restore jobs and pictures from the lost-and-found.

    A start puts there what the database knows nothing of, because it is an older copy, or a new one. The data folder is
    that of TEXTURE_DATA. Jobs come back to whom they belonged, unfinished ones paused.
    """
    settings = Settings.from_environment()
    if settings.blobs is not None:
        raise SetupProblem("a bucket has no lost-and-found: where it keeps versions, those are what to put back")
    with alone(settings):
        _take_in(settings)


def _take_in(settings: Settings, collect: bool = False) -> None:
    store = Store(settings)
    try:
        if collect:
            store.lost.collect()
        taken = store.lost.take_in()
    finally:
        store.close()
    click.echo(f"{taken.jobs} jobs and {taken.pictures} pictures were taken in again")
    if taken.left:
        click.echo(f"{taken.left} have no note of whose they are, and stay in {Files(settings.data).lost}")


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Raise SetupProblem if a server runs on the folder, or there can be no such folder."""
    Files(settings.data).make()
    lock = FolderLock(Files(settings.data).lock)
    lock.acquire()
    try:
        yield
    finally:
        lock.release()
