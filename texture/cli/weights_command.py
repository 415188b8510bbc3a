"""`python -m texture weights`: the status of a network's weights, and downloading them."""

from __future__ import annotations

import click

from texture.cli.progress_bar import download_bar
from texture.features.weights import ensure, status
from texture.features.weights.place import TITLES
from texture.settings import Settings


@click.command(short_help="Download a network, or its status")
@click.argument("action", type=click.Choice(["fetch", "status"]), default="fetch")
@click.option(
    "--network",
    type=click.Choice(list(TITLES)),
    default="vgg19",
    show_default=True,
    help="whose: VGG-19 as Gatys rescaled it (87 MB), or torchvision's VGG-19 (548 MB) or VGG-16 (528 MB)",
)
def weights(action: str, network: str) -> int | None:
    """Download a network's weights (fetch, the default), or show whether they are installed (status)."""
    settings = Settings.from_environment()
    if action == "fetch":
        bring(settings, network)
    found = status(settings, network)
    click.echo(f"{found.state}: {found.message} ({found.path})")
    return None if found.state == "ready" else 1


def bring(settings: Settings, network: str = "vgg19") -> None:
    """Make sure that the weights are installed, with a bar during the download.

    Raises:
        WeightsMissing: they cannot be downloaded; the text says what to do.
    """
    with download_bar() as report:
        ensure(settings, report, network)
