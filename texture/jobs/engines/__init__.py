"""Engines drive the worker: on a thread of this process, or on the caller's own."""
