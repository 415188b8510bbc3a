"""The store: all that is kept, as one object for those who serve or run jobs.

That is a data folder, a PostgreSQL database and an S3 bucket, or half of either: nobody else knows which.
"""

from __future__ import annotations

from collections.abc import Callable

from texture.jobs.store.agreed import Agreed
from texture.jobs.store.artifacts import Artifacts
from texture.jobs.store.blobs import Blobs, FolderBlobs, GuardedBlobs
from texture.jobs.store.bucket import S3Blobs
from texture.jobs.store.calendar import Calendar
from texture.jobs.store.comparisons import Comparisons
from texture.jobs.store.database import open_database
from texture.jobs.store.files import Files
from texture.jobs.store.history import History
from texture.jobs.store.iterations import Iterations
from texture.jobs.store.jobs import MOST, Jobs
from texture.jobs.store.lost import Lost, NothingLost
from texture.jobs.store.marks import Marks
from texture.jobs.store.models import Models
from texture.jobs.store.notes import Notes
from texture.jobs.store.pictures import Pictures
from texture.jobs.store.quotas import Quotas
from texture.jobs.store.reserve import Reserve
from texture.jobs.store.retention import Retention
from texture.jobs.store.role_checks import Roles
from texture.jobs.store.trash import Trash
from texture.jobs.store.usage import Usage
from texture.settings import Settings

__all__ = ["MOST", "Store"]


class Store:
    """The opened store; each part is defined in the file named after it.

    Every method of every part may be called from any thread, and blocks on the disk or the network.
    """

    def __init__(self, settings: Settings, guard: Callable[[], None] | None = None) -> None:
        """Open what the settings name; the database is created or migrated if needed.

        guard: is called before each blob is written or removed, and raises where that must not be.

        Raises:
            SetupProblem: the folder, the database or the bucket cannot be used; the text says why.
        """
        self.files = files = Files(settings.data)
        local = settings.blobs is None
        self.reserve = Reserve(files.reserve if local or settings.database is None else None)
        files.make()
        self.database = open_database(settings.database, files.database, self.reserve)
        self.agreed = Agreed(self.database)
        blobs: Blobs = FolderBlobs(files.data, self.reserve) if settings.blobs is None else S3Blobs(settings.blobs)
        self.blobs = blobs if guard is None else GuardedBlobs(blobs, guard)
        self.calendar = Calendar(files.calendar)
        self.lost = Lost(self.database, files) if local else NothingLost()
        self.notes = Notes(files if local else None)
        quotas = Quotas(settings)
        self.artifacts = Artifacts(self.blobs)
        self.iterations = Iterations(self.blobs)
        self.pictures = Pictures(self.database, self.blobs, self.notes, quotas)
        self.usage = Usage(self.database, self.pictures, self.artifacts, files.data if local else None)
        roles = Roles(self.database, self.pictures)
        self.jobs = Jobs(self.database, self.artifacts, roles, quotas)
        self.comparisons = Comparisons(self.database, self.jobs, roles, quotas)
        self.models = Models(self.database, self.pictures, self.jobs, self.artifacts, self.notes, quotas)
        self.history = History(self.database)
        self.marks = Marks(self.database, self.jobs, self.comparisons)
        self.trash = Trash(self.database, self.artifacts, self.jobs, self.comparisons)
        self.retention = Retention(settings, self.database)

    def bytes_by_kind(self) -> dict[str, int]:
        """What the store holds, all owners together: pictures, jobs, models, trash, database, lost."""
        used = self.usage.of()
        return {
            **{kind: getattr(used, kind).bytes for kind in ("pictures", "jobs", "models", "trash")},
            "database": self.usage.database_bytes,
            "lost": self.lost.amount.bytes,
        }

    def close(self) -> None:
        """Close the database's connections."""
        self.database.close()
