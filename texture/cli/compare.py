"""`python -m texture compare SOURCE`: several runs on the same pictures, side by side, with a report."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from texture.cli.compared_runs import Planned, check_pictures, plan
from texture.cli.expected import tell
from texture.cli.folder import rewriting, take_folder
from texture.cli.method_command import DEVICES
from texture.cli.outputs import Outputs, stem
from texture.cli.sharing import share
from texture.cli.stopping import INTERRUPTED, interruptible
from texture.cli.weights_command import bring
from texture.cli.writing import Writer
from texture.cli.written_result import further
from texture.device import choose, keep_freed_memory
from texture.errors import SetupProblem, TextureError
from texture.images.decoding import Pixels
from texture.images.encoding import encode_png
from texture.images.samples import SAMPLE
from texture.images.sources import pixels_from
from texture.jobs.domain.job import Comparison, Job
from texture.jobs.store import Store
from texture.memory import check_memory
from texture.methods.artifacts import FITTED, MODEL, PICTURE, Artifact
from texture.methods.contract import Outline
from texture.methods.registry import find_method
from texture.methods.roles import PICTURES, ROLES
from texture.methods.sizes import Sizes, sizes_of
from texture.reports.curves import curves_png
from texture.reports.page import comparison_page
from texture.reports.result import results_of
from texture.reports.sheet import comparison_sheet
from texture.reports.table import curves_csv, table_csv
from texture.reports.words import title_of
from texture.settings import Settings

Link = dict[str, str]  # the file names of a run, by kind

ME = "command line"
ROOM, LEAST = 2**28, 2**24  # bytes for temporary files: with less another place is looked for; with less there is none
FURTHER = tuple(role for role in PICTURES if role != "source")
REPORTS = ("sheet.png", "curves.png", "curves.csv", "table.csv", "index.html")
UNLIMITED = {name: sys.maxsize for name in Settings.model_fields if name.startswith("most_")}  # quotas are a server's


def _further(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each role other than the source."""
    for role in reversed(FURTHER):
        help = f"{ROLES[role].about}, for methods that use it"
        command = click.option(f"--{role}", metavar="FILE", help=help)(command)
    return command


@click.command(short_help="Several methods on one picture")
@click.argument("source")
@_further
@click.option("--methods", "names", metavar="A,B,…", help="methods to run with their defaults, separated by commas")
@click.option(
    "--run",
    "runs",
    multiple=True,
    metavar='"METHOD NAME=VALUE,…"',
    help="one more run with its own settings (such as preset=draft); may be repeated",
)
@click.option("--minutes", type=float, help="compute time for each run  [default: no limit]")
@click.option("-o", "--output", metavar="DIR", required=True, help="folder for pictures, models and reports")
@click.option("--size", help="size of all results  [default: each method's own]")
@click.option("--tile", help="directions in which all results tile: none, x, y or both  [default: each method's own]")
@click.option("--seed", help="random seed of all runs  [default: each method's own]")
@click.option("--device", type=click.Choice(DEVICES), help="where to compute  [default: TEXTURE_DEVICE]")
@click.option("--force", is_flag=True, help="write into DIR whatever is in it")
def compare(
    source: str,
    names: str | None,
    runs: tuple[str, ...],
    minutes: float | None,
    output: str,
    device: str | None,
    force: bool,
    **more: str | None,
) -> int | None:
    """Run several methods on SOURCE in equal shares of compute time, and write a report.

    DIR gets every picture and model, table.csv, curves.csv, curves.png, sheet.png (a contact sheet) and index.html
    (all on one page). A run that has used up its minutes is stopped with the picture so far; Ctrl-C stops all runs.
    """
    said = {name: value for name, value in more.items() if value is not None}
    named = {"source": source, **{role: said.pop(role) for role in FURTHER if role in said}}
    planned = plan(names, runs, said, minutes, named)
    pictures = {role: pixels_from(name, role) for role, name in named.items()}
    check_pictures(planned, sizes_of(pictures))
    settings = _settings(device)
    outlined = [(run.method, run.params, _outline(run, sizes_of(pictures))) for run in planned]
    for _, _, outline in outlined:
        check_memory(outline.memory, outline.size, settings.device)
    with Outputs(named.values(), force) as outputs:
        folder = take_folder(outputs, output, _possible(planned, pictures))
        for network in {outline.network for _, _, outline in outlined}:
            if network:
                bring(settings, network)
        keep_freed_memory()
        tell(settings, outlined)
        return _compared(settings, folder, named, pictures, planned)


def _compared(
    settings: Settings,
    folder: Path,
    named: Mapping[str, str],
    pictures: Mapping[str, Pixels],
    planned: Sequence[Planned],
) -> int | None:
    """Run them, write what has come of them and say so; the status."""
    began, writer = time.monotonic(), Writer()
    with _temporary_folder(folder) as data, interruptible() as pressed:
        store = Store(settings.model_copy(update={"data": Path(data), **UNLIMITED}))
        given = {role: _given(store, name, pictures[role]) for role, name in named.items()}
        comparison, problems = _run(settings, store, given, planned, pressed)
        links = _write(writer, folder, store, comparison, pictures)
        store.close()
    click.echo(f"{folder}: {_count(links)}, {time.monotonic() - began:.1f} s")
    writer.complain(problems)
    _complain(comparison, links)
    return INTERRUPTED if pressed() else None


def _outline(run: Planned, sizes: Sizes) -> Outline:
    """What it comes to, within its limit."""
    outline = run.method.outline(run.params, run.method.taken(run.params, sizes))
    return outline if run.limit is None else replace(outline, seconds=run.limit)


def _temporary_folder(output: Path) -> tempfile.TemporaryDirectory[str]:
    """For the database and the files of the runs, as long as these last: in `output` if it has more room.

    Raises:
        SetupProblem: there is no room in either.
    """
    room = {output: shutil.disk_usage(output).free}
    with suppress(OSError):
        usual = Path(tempfile.gettempdir())
        room[usual] = shutil.disk_usage(usual).free
    place = max(room, key=lambda one: (min(room[one], ROOM), one != output))
    if room[place] < LEAST:
        free = " and ".join(f"{one} has {size / 2**20:.1f} MB free" for one, size in room.items())
        raise SetupProblem(f"no room for temporary files: {free}; set TMPDIR to a folder with more")
    return tempfile.TemporaryDirectory(prefix=".texture-compare-", dir=place)


def _settings(device: str | None) -> Settings:
    """The settings of the environment, with a device that this machine has."""
    settings = Settings.from_environment()
    chosen = choose(device or settings.device)
    return settings.model_copy(update={"device": chosen.type})


def _given(store: Store, name: str, pixels: Pixels) -> str:
    """The id of a picture named on the command line, as a job's input."""
    if name.startswith(SAMPLE):
        return name
    readable = os.fsencode(stem(name)).decode(errors="replace")  # a name on disk may be of any bytes
    return store.pictures.add(ME, readable, pixels).id


def _run(
    settings: Settings,
    store: Store,
    images: Mapping[str, str],
    planned: Sequence[Planned],
    stopped: Callable[[], bool],
) -> tuple[Comparison, list[str]]:
    """Complete all runs. Returns the comparison as it is then, and what has stopped them, if anything did."""
    runs = [(run.method.name, run.params) for run in planned]
    comparison = store.comparisons.add(ME, images, runs)
    limits = {job.id: run.limit for job, run in zip(comparison.jobs, planned, strict=True) if run.limit is not None}
    problems = share(settings, store, comparison, limits, stopped)
    return store.comparisons.get(comparison.id), problems


def _write(
    writer: Writer, folder: Path, store: Store, comparison: Comparison, pictures: Mapping[str, Pixels]
) -> list[Link]:
    """Everything into the folder, what cost most first; what the files of each run are called."""
    links = _links(store, comparison.jobs)
    files = {_given_name(role): encode_png(pixels) for role, pixels in pictures.items()}
    for job, names in zip(comparison.jobs, links, strict=True):
        kept = {_kind(one): one for one in (*find_method(job.method).produces, FITTED)}
        files |= {name: store.artifacts.get(job.id, kept[kind].name) for kind, name in names.items()}
    with rewriting(writer, folder, _about(comparison, links), [*files, *REPORTS]):
        writer.write({folder / name: data for name, data in files.items()})
        reports = zip(REPORTS, _reports(store, comparison, pictures, links), strict=True)
        writer.write({folder / name: data for name, data in reports})
    return links


def _reports(
    store: Store, comparison: Comparison, pictures: Mapping[str, Pixels], links: list[Link]
) -> tuple[bytes, ...]:
    """The files that are called REPORTS."""
    results, title = results_of(store, comparison), title_of(comparison)
    exemplar, content = pictures["source"], pictures.get("content")
    named = {name: name for name in REPORTS if name != "index.html"}
    return (
        encode_png(comparison_sheet(exemplar, title, results, content)),
        curves_png(results),
        curves_csv(results).encode(),
        table_csv(results).encode(),
        comparison_page(exemplar, title, results, links, named, content).encode(),
    )


def _given_name(role: str) -> str:
    return "exemplar.png" if role == "source" else f"{role}.png"


def _possible(planned: Sequence[Planned], roles: Iterable[str]) -> set[str]:
    """The names of all files that there may be in the end."""
    own = (name for names in _names([run.method.name for run in planned]) for name in names.values())
    return {*map(_given_name, roles), *own, *REPORTS}


def _links(store: Store, jobs: Sequence[Job]) -> list[Link]:
    """For each run what its files are called, by kind, of those that there are."""
    return [
        {_kind(one): name for one, name in names.items() if store.artifacts.exists(job.id, one.name)}
        for job, names in zip(jobs, _names([job.method for job in jobs]), strict=True)
    ]


def _names(methods: Sequence[str]) -> list[dict[Artifact, str]]:
    """For each run what its files would be called: gatys.png, gatys-2.png, sgan.png with sgan.safetensors."""
    seen, names = Counter[str](), []
    for method in methods:
        seen[method] += 1
        name = f"{method}-{seen[method]}" if seen[method] > 1 else method
        ends = {PICTURE: PICTURE.ending, FITTED: f"-{FITTED.name}", **further(find_method(method))}
        names.append({one: name + end for one, end in ends.items()})
    return names


def _kind(artifact: Artifact) -> str:
    """The kind of a file in a report: "picture", "model", or a map by its name."""
    return {PICTURE: "picture", MODEL: "model"}.get(artifact, artifact.stem)


def _about(comparison: Comparison, links: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    runs = [
        {"run": comparison.labels[job.id], "method": job.method, "params": job.params, "state": job.state, **names}
        for job, names in zip(comparison.jobs, links, strict=True)
    ]
    return {"exemplar": comparison.exemplar, "runs": runs}


def _count(links: Sequence[Link]) -> str:
    """What was written: "3 pictures, 1 model, sheet.png, …"."""
    kinds = Counter(kind if kind in ("picture", "model") else "map" for names in links for kind in names)
    told = [kind for kind in ("picture", "model", "map") if kinds[kind] or kind == "picture"]
    return ", ".join([*(f"{kinds[kind]} {kind}{'s' * (kinds[kind] != 1)}" for kind in told), *REPORTS])


def _complain(comparison: Comparison, links: Sequence[Link]) -> None:
    """Raise if runs have failed, or lost their picture; the results of the others are written by now."""
    words = [
        f"{comparison.labels[job.id]}: {job.message.removesuffix(' (see the server log)')}"
        for job, names in zip(comparison.jobs, links, strict=True)
        if job.message and (job.state == "failed" or "picture" not in names)
    ]
    if words:
        raise TextureError("; ".join(words))
