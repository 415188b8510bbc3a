"""A job while it runs: generator, checkpoint, pictures, and the worker that drives it."""
