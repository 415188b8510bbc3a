"""What the README's numbers come from: each module prints a table, as `python -m benchmarks.<name>`."""

import texture as texture  # before any module here loads torch: it sets how OpenMP's threads wait
