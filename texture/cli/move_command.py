"""`texture move`: everything from a data folder into PostgreSQL and S3, or back, while no server runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from texture.cli.data_commands import alone
from texture.cli.progress_bar import copying_bar
from texture.cli.stopping import INTERRUPTED
from texture.cli.storage_commands import count_words, size_words
from texture.errors import InvalidInput, NotFound, SetupProblem
from texture.jobs.store import Store
from texture.jobs.store.files import Files
from texture.jobs.store.moving import move as move_all
from texture.settings import Settings

KEY = "secret-key"


@click.command("move", short_help="Move everything to PostgreSQL and S3, or back")
@click.option("--database", metavar="URL", help="Into this database: postgresql+psycopg://user:password@host/name.")
@click.option("--blobs", metavar="URL", help="Into this bucket: s3://bucket/prefix.")
@click.option("--data", type=click.Path(path_type=Path), metavar="FOLDER", help="Into this folder, what neither has.")
def move(database: str | None, blobs: str | None, data: Path | None) -> int:
    """Copy everything to another place, compare it there, and say what to set.

    It comes from where TEXTURE_DATA, TEXTURE_DATABASE and TEXTURE_BLOBS say; that stays as it is. The new place has to
    be empty. Stop every server and worker first. One that was interrupted goes on when the same is typed again.
    """
    source = Settings.from_environment()
    target = _target(source, database, blobs, data)
    rows = target.database != source.database or (target.database is None and target.data != source.data)
    files = target.blobs != source.blobs or (target.blobs is None and target.data != source.data)
    if not (rows or files):
        raise InvalidInput("everything is there already: name another --database, --blobs or --data", field="database")
    try:
        with _both(source, target) as (old, new), copying_bar() as report:
            moved = move_all(old, new, report, rows=rows, files=files)
            _keep_key(source.data, target.data, old, new)
    except KeyboardInterrupt:
        print("texture: interrupted; type the same again to go on", file=sys.stderr)
        return INTERRUPTED
    told = f"{count_words(moved.rows, 'row')} and {count_words(moved.files, 'file')} ({size_words(moved.bytes)})"
    click.echo(f"{told} are there, each compared")
    click.echo(f"now set {_settings(target)}, and start the server; the old place is as it was")
    return 0


def _target(source: Settings, database: str | None, blobs: str | None, data: Path | None) -> Settings:
    """Where it goes: with a folder, what is not named goes there; without one, it stays where it is."""
    given = {
        "database": database if database or data else source.database,
        "blobs": blobs if blobs or data else source.blobs,
        "data": str(data or source.data),
    }
    return Settings.from_environment({f"TEXTURE_{name.upper()}": value for name, value in given.items() if value})


@contextmanager
def _both(source: Settings, target: Settings) -> Iterator[tuple[Store, Store]]:
    """Both stores, for nobody else. Raises NotFound where there is none to move, SetupProblem where one is in use."""
    if source.database is None and not Files(source.data).database.exists():
        raise NotFound(f"there is no data in {source.data}: name its folder with TEXTURE_DATA")
    with ExitStack() as held:
        for folder in {source.data, target.data}:
            held.enter_context(alone(Settings(data=folder)))
        stores = []
        for settings in (source, target):
            stores.append(Store(settings))
            held.callback(stores[-1].close)
            if stores[-1].database.is_used_by_others:
                raise SetupProblem("a server or a worker is using the database: stop them all, then move")
        yield stores[0], stores[1]


def _keep_key(source: Path, target: Path, old: Store, new: Store) -> None:
    """The key that signs cookies, by which people find what is theirs again: of a shared database, or of a folder."""
    file = source / KEY
    told = old.agreed.known(KEY) or (file.read_bytes().hex() if file.exists() else None)
    if told is None:
        return
    if new.database.is_shared:
        new.agreed.value(KEY, told)
    else:
        (target / KEY).touch(0o600)
        (target / KEY).write_bytes(bytes.fromhex(told))


def _settings(target: Settings) -> str:
    """The variables that say where everything is now; their values may have passwords."""
    named = {"TEXTURE_DATABASE": target.database, "TEXTURE_BLOBS": target.blobs}
    there = [name for name, value in named.items() if value]
    away = [name for name, value in named.items() if not value]
    words = [" and ".join(there)] if there else []
    words += [f"TEXTURE_DATA={target.data} without {' and '.join(away)}"] if away else []
    return ", ".join(words)
