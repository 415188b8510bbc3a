"""`texture usage` and `texture backup`: a data folder looked at, and copied, while a server may be at work on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from texture.errors import NotFound, SetupProblem
from texture.jobs.running.tidying import due
from texture.jobs.store import Store
from texture.jobs.store.backup import back_up
from texture.jobs.store.files import Files, bytes_in
from texture.jobs.store.usage import Amount
from texture.settings import Settings

TITLES = {"trash": "deleted", "lost": "lost-and-found"}


@click.command("usage")
def usage() -> None:
    """Show what a data folder holds, and what the next clean-up removes.

    The data folder is that of TEXTURE_DATA, the retention time that of TEXTURE_KEEP_DAYS. A server may be running.
    """
    settings = Settings.from_environment()
    with opened(settings) as store:
        whole, kinds, removed = bytes_in(settings.data), store.bytes_by_kind(), due(store)
        free = store.usage.free
        if free is not None:
            click.echo(f"{settings.data}: {size_words(whole)}; {size_words(free)} are free on its disk")
        for kind, size in kinds.items():
            click.echo(f"  {TITLES.get(kind, kind):<16}{size_words(size):>10}")
        if free is not None:
            other = max(0, whole - sum(kinds.values()))
            click.echo(f"  {'other':<16}{size_words(other):>10}  (unfinished jobs, notes, reserve)")
    click.echo("the next clean-up")
    click.echo(f"  moves to the trash  {_amount(removed.expired, 'job')} {_kept(settings.keep_days)}")
    click.echo(f"  removes             {_amount(removed.trash, 'deleted job')}")
    click.echo(f"                      {_amount(removed.pictures, 'picture')} that nothing uses")
    click.echo(f"                      {_amount(removed.lost, 'item')} of the lost-and-found")


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path))
def backup(folder: Path) -> None:
    """Copy the data folder to a new FOLDER, whole, while a server may be running.

    The data folder is that of TEXTURE_DATA. The copy is a data folder itself: a server starts on it as it is.
    """
    settings = Settings.from_environment()
    if settings.database is not None or settings.blobs is not None:
        raise SetupProblem("this copies a data folder: save PostgreSQL with pg_dump, and let the bucket keep versions")
    size = back_up(settings.data, folder.absolute())
    click.echo(f"{folder}: {size_words(size)}. It has the key that signs cookies: keep it private")


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    """The store. Raises NotFound where there is none."""
    if settings.database is None and not Files(settings.data).database.exists():
        raise NotFound(f"there is no data in {settings.data}: name its folder with TEXTURE_DATA")
    store = Store(settings)
    try:
        yield store
    finally:
        store.close()


def size_words(count: int) -> str:
    """Bytes in MB, or in GB."""
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.1f} MB"


def count_words(count: int, what: str) -> str:
    """How many of these there are: "1 job"."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _amount(amount: Amount, what: str) -> str:
    return f"{count_words(amount.count, what)}, {size_words(amount.bytes)}"


def _kept(days: float | None) -> str:
    return "(ended jobs are kept for ever)" if days is None else f"that ended more than {days:g} days ago"
