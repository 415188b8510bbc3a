"""The command line: its commands, and how errors are reported.

Exit status: 0 done, 1 the work failed, 2 the call was wrong, 130 stopped by Ctrl-C or another signal. An error is one
line on stderr.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click
from sqlalchemy.exc import SQLAlchemyError

from texture import __version__
from texture.cli.batch import batch
from texture.cli.compare import compare
from texture.cli.data_commands import repair, take_in
from texture.cli.method_command import method_command
from texture.cli.move_command import move
from texture.cli.score import score
from texture.cli.screen import screens
from texture.cli.stopping import INTERRUPTED, all_alike
from texture.cli.storage_commands import backup, usage
from texture.cli.tile import tile
from texture.cli.upscale import upscale
from texture.cli.weights_command import weights
from texture.cli.worker_command import worker
from texture.errors import InvalidInput, NotFound, TextureError, is_out_of_memory
from texture.jobs.domain.faults import is_disk_full
from texture.methods.registry import methods
from texture.wording import file_reason, system_reason

DONE, FAILED, WRONG_CALL = 0, 1, 2


class Commands(click.Group):
    """The fixed commands, plus one for each registered method."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Methods first, in display order."""
        return [*methods(), *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; a method's is made from its parameter class."""
        own = super().get_command(ctx, cmd_name)
        return method_command(methods()[cmd_name]) if own is None and cmd_name in methods() else own


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="texture")
def commands() -> None:
    """Make new textures from one picture. `COMMAND --help` describes a command."""


commands.add_command(compare)
commands.add_command(batch)
commands.add_command(upscale)
commands.add_command(tile)
commands.add_command(score)
commands.add_command(weights)
commands.add_command(repair)
commands.add_command(take_in)
commands.add_command(usage)
commands.add_command(backup)
commands.add_command(worker)
commands.add_command(move)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status."""
    with screens() as out, all_alike():
        status = _run(arguments)
        if out.lost and status == DONE:
            return _say(f"what there is to say could not be written: {system_reason(out.lost)}", FAILED)
        return status


def _run(arguments: Sequence[str] | None) -> int:
    try:
        os.getcwd()
    except OSError as error:  # in which MKL, for one, ends the program
        return _say(f"the folder that you are in cannot be used: {system_reason(error)}; change to another", WRONG_CALL)
    try:
        status = commands.main(arguments, prog_name="python -m texture", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return WRONG_CALL
    except click.ClickException as error:
        return _say(error.format_message(), WRONG_CALL)
    except (InvalidInput, NotFound) as error:
        return _say(str(error), WRONG_CALL)
    except TextureError as error:
        return _say(str(error), FAILED)
    except (click.Abort, KeyboardInterrupt):
        return _say("interrupted; nothing was written", INTERRUPTED)
    except OSError as error:
        return _say(file_reason(error), FAILED)
    except SQLAlchemyError as error:
        if not is_disk_full(error):
            raise
        return _say("no space left on the disk for temporary files: set TMPDIR to a folder with more", FAILED)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        return _say("not enough memory: try a smaller --size", FAILED)
    return status if isinstance(status, int) else DONE


def _say(message: str, status: int) -> int:
    print("texture:", " ".join(message.split()), file=sys.stderr)
    return status
