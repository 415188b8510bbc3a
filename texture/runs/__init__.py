"""Preparing a run and collecting its artifacts: shared by Python API, command line and worker."""
