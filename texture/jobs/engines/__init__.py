"""Who drives the worker: a thread of this process, or the caller itself."""
