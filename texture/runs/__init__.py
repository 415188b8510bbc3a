"""A run prepared, and what it leaves collected: for Python, the command line and the worker alike."""
