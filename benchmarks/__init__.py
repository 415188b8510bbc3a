"""What the README's numbers come from: each module prints a table, as `python -m benchmarks.<name>`."""
