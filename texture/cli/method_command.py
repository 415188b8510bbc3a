"""`python -m texture METHOD …` as click knows it: its arguments, its options and its help."""

from __future__ import annotations

from typing import get_args

import click

from texture.cli.options import options
from texture.cli.outputs import FORCE_HELP
from texture.cli.run import run
from texture.cli.seeds import seed_options
from texture.cli.written_result import endings_of
from texture.images.formats import titles
from texture.images.map_files import MAP_ENDINGS
from texture.materials.engines import ENGINES
from texture.materials.given import GIVEN
from texture.methods.contract import Method
from texture.methods.roles import ROLES
from texture.settings import Settings

DEVICES = get_args(Settings.model_fields["device"].annotation)
PICTURE_HELP = f"{{}} {{}} a {titles('or')} file, or a built-in picture such as sample:pebbles."
MODEL_HELP = "MODEL is the .safetensors file written by a method that trains a model."
MODEL_TOO = "The trained model is written beside the picture, for `sample` and `walk`."


def _headline(method: Method) -> str:
    """Neural statistics: organic textures (Gatys 2015)."""
    purpose = f"{method.title}: {method.purpose}" if method.purpose else method.title
    return f"{purpose} ({method.citation})" if method.citation else purpose


def method_command(method: Method) -> click.Command:
    """The command of a method: arguments for what it needs, options for other roles and for each parameter."""
    paints = "model" in method.needs
    return click.Command(
        method.name,
        callback=lambda **values: run(method, **values),
        help="\n\n".join([method.summary, " ".join(_about(method))]),
        short_help=_headline(method),
        hidden=not (method.listed or paints),
        params=[
            *(click.Argument([role], metavar=_word(method, role)) for role in method.needs),
            click.Option(["-o", "--output"], metavar="FILE", help=_output_help(method)),
            click.Option(["--force"], is_flag=True, help=FORCE_HELP),
            *([] if paints else [_preset_option(method)]),
            *([_engine_option()] if method.makes_material or method.carries else []),
            *(_map_options() if method.carries else []),
            *(_role_option(role) for role in method.images if role not in method.needs),
            click.Option(["--device"], type=click.Choice(DEVICES), help="where to compute  [default: TEXTURE_DEVICE]"),
            *options(method.params),
            *seed_options(method),
        ],
    )


def _word(method: Method, role: str) -> str:
    """The metavar of a role: SOURCE, STYLE, PART-TO-FILL."""
    return method.called.get(role, role).upper().replace(" ", "-")


def _about(method: Method) -> list[str]:
    pictures = [_word(method, role) for role in method.needs if role != "model"]
    about = [PICTURE_HELP.format(" and ".join(pictures), "are each" if len(pictures) > 1 else "is")] if pictures else []
    if "model" in method.needs:
        about.append(MODEL_HELP)
    return [*about, MODEL_TOO] if method.sampler else about


def _output_help(method: Method) -> str:
    endings = endings_of(method)
    name = _word(method, method.needs[0])
    return f"a {' or '.join(endings[:2])}  [default: {name}-{method.name}{endings[0]} here]"


def _preset_option(method: Method) -> click.Parameter:
    return click.Option(
        ["--preset"], metavar="|".join(method.params.PRESETS), help="several parameters at once; options override it"
    )


def _engine_option() -> click.Parameter:
    help = "also write a zip with the textures named and packed for this engine, such as OUT-unity.zip"
    return click.Option(["--for", "engine"], type=click.Choice(list(ENGINES)), help=help)


def _map_options() -> list[click.Parameter]:
    folder = "maps of SOURCE, as large as it, that follow its pixels: a folder or zip with files named as usual"
    single = f"one map of SOURCE: {', '.join(GIVEN)}; may be given several times"
    formats = [ending.removeprefix(".") for ending in MAP_ENDINGS]
    return [
        click.Option(["--maps"], metavar="FOLDER", help=folder),
        click.Option(["--map"], metavar="NAME=FILE", multiple=True, help=single),
        click.Option(["--maps-as"], type=click.Choice(formats), help="file format of the maps  [default: png]"),
    ]


def _role_option(role: str) -> click.Parameter:
    help = "a model of this method to continue training" if role == "model" else ROLES[role].about
    return click.Option([f"--{role.replace('_', '-')}"], metavar="FILE", help=help)
