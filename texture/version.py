"""The version of the program; pyproject.toml repeats it, and a test compares the two."""

VERSION = "0.1.0"
