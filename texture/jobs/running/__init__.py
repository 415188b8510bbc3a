"""A job while it runs: its generator, its checkpoint, its pictures, and the worker that drives it."""
