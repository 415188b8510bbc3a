"""`python -m texture …`: the methods and what goes with them, in a terminal."""
