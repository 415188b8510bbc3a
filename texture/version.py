"""The version, said once for the program; pyproject.toml repeats it, and a test compares the two."""

VERSION = "0.1.0"
