"""`texture worker`: run the jobs of servers on other machines."""

from __future__ import annotations

import os

import click

from texture.errors import SetupProblem
from texture.jobs.scheduling.leases import QUEUES
from texture.settings import Settings

ALL = ",".join(QUEUES)


@click.command("worker", short_help="Run jobs of other machines' servers")
@click.option(
    "--device", metavar="DEVICE", help="where to compute: auto, cpu, cuda, cuda:1, mps; TEXTURE_DEVICE otherwise"
)
@click.option("--queues", default=ALL, show_default=True, help="the kinds of jobs to take, separated by commas")
def worker(device: str | None, queues: str) -> int:
    """Run jobs of servers on other machines.

    TEXTURE_DATABASE, TEXTURE_BLOBS and TEXTURE_BROKER say where those have their database, files and queue, and must be
    the same for all. Jobs wait in three queues: gpu, for methods that a GPU speeds up; cpu, for those that it does not;
    brief, for what somebody waits for, such as samples of a model. Ctrl-C has the current job checkpointed and given
    back.
    """
    chosen = [one for name in queues.split(",") if name.strip() for one in QUEUES if one == name.strip()]
    if unknown := [name.strip() for name in queues.split(",") if name.strip() not in QUEUES]:
        raise click.BadParameter(f"{unknown[0]!r} is no queue: choose of {', '.join(QUEUES)}", param_hint="--queues")
    if not chosen:
        raise click.BadParameter(f"no queue is named: choose of {', '.join(QUEUES)}", param_hint="--queues")
    settings = Settings.from_environment()
    if missing := [name for name in ("database", "blobs", "broker") if getattr(settings, name) is None]:
        raise SetupProblem(
            f"a worker needs TEXTURE_{missing[0].upper()}: the same as the server's; see docs/scale-out.md"
        )
    if device is not None:
        settings = Settings.from_environment({**os.environ, "TEXTURE_DEVICE": _only(device)})
    from texture.jobs.engines.distributed.station import work

    return work(settings, chosen)


def _only(device: str) -> str:
    """The kind of the device; of several GPUs, this process sees no other from now on."""
    kind, _, number = device.partition(":")
    if kind == "cuda" and number.isdecimal():
        known = [*filter(None, os.environ.get("CUDA_VISIBLE_DEVICES", "").split(","))]
        if known and int(number) >= len(known):
            raise click.BadParameter(f"{device}: CUDA_VISIBLE_DEVICES shows {len(known)}", param_hint="--device")
        os.environ["CUDA_VISIBLE_DEVICES"] = known[int(number)] if known else number
        return kind
    return device
