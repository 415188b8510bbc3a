"""What went wrong, in plain words for the user."""

from __future__ import annotations

import errno

from texture.errors import TextureError, is_out_of_memory
from texture.wording import file_reason

NO_MEMORY = "the device ran out of memory: choose a smaller size, or run fewer jobs at a time"
POSTGRES_FULL = "53100"  # its name for that state
NO_ROOM = "the disk is full: free some space, and jobs continue by themselves"

NO_BUCKET = "the bucket for files cannot be reached: jobs go on, and what they have to write is tried again"


def explain(error: Exception) -> str:
    """One sentence for the job's row."""
    if isinstance(error, TextureError):
        return str(error)
    if is_out_of_memory(error):
        return NO_MEMORY
    if isinstance(error, OSError):
        return f"a file could not be read or written: {file_reason(error)}"
    return f"internal error: {error} (see the server log)"


def is_disk_full(error: BaseException | None) -> bool:
    """Whether there was no room for a file or for a row of the database; of what an error was made from, too."""
    match error:
        case None:
            return False
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            return True
    if "database or disk is full" in str(error) or getattr(error, "sqlstate", None) == POSTGRES_FULL:
        return True
    return is_disk_full(getattr(error, "orig", None)) or is_disk_full(error.__cause__)


def obstacle(error: BaseException | None) -> str | None:
    """What keeps a file from being written for now, in words for the job's row; None where that is not the trouble."""
    if is_disk_full(error):
        return NO_ROOM
    while error is not None:
        if isinstance(error, OSError) and error.errno == errno.ENOTCONN:  # as `S3Blobs` says it
            return NO_BUCKET
        error = error.__cause__
    return None
