"""`python -m texture weights`: whether the network's weights are here, and bringing them."""

from __future__ import annotations

import click

from texture.cli.progress import download_bar
from texture.features.weights import ensure, status
from texture.settings import Settings


@click.command()
@click.argument("action", type=click.Choice(["fetch", "status"]), default="fetch")
def weights(action: str) -> int | None:
    """Bring the VGG-19 weights to this machine (fetch, unless told otherwise), or say how they stand (status)."""
    settings = Settings.from_environment()
    if action == "fetch":
        bring(settings)
    found = status(settings)
    click.echo(f"{found.state}: {found.message} ({found.path})")
    return None if found.state == "ready" else 1


def bring(settings: Settings, network: str = "vgg19") -> None:
    """See to it that the weights are here, with a bar while they come.

    Raises:
        WeightsMissing: they cannot be had; the text says what to do.
    """
    with download_bar() as report:
        ensure(settings, report)
