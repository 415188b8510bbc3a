"""`python -m texture`, and the command `texture`."""

import sys

from texture.cli.stopping import all_alike


def main() -> int:
    """Run the command line. Returns the exit status."""
    try:
        with all_alike():
            from texture.cli.main import main as run  # which takes a second, time enough for Ctrl-C

            return run()
    except KeyboardInterrupt:
        print("texture: interrupted; nothing was written", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
