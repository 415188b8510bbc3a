"""`python -m texture …`: the command line."""
