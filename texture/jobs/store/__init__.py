"""The store: all that a data folder keeps, as one object for whoever serves or runs jobs."""

from __future__ import annotations

from texture.jobs.store.history import History
from texture.jobs.store.jobs import MOST
from texture.jobs.store.models import Models
from texture.jobs.store.ownership import Ownership
from texture.jobs.store.trash import Trash

__all__ = ["MOST", "Store"]


class Store(Trash, Models, History, Ownership):
    """Pictures, jobs, comparisons, models and the trash of one data folder, each in the file named after it.

    Every method may be called from any thread, and blocks on the disk.
    """
