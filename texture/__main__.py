"""`python -m texture`."""

import sys

from texture.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
