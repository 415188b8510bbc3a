"""What the README's numbers come from: each module prints a table, as `python -m benchmarks.<name>`."""

from texture.device import keep_freed_memory  # before any module here loads torch: how its threads wait is set then

keep_freed_memory()
