"""Blobs in an S3 bucket, or in whatever else speaks S3."""

from __future__ import annotations

import errno
import os
import re
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, BinaryIO, cast

from texture.errors import SetupProblem
from texture.jobs.store.packages import need_package

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import S3Store

PIECE = 8 * 2**20  # bytes that are read at a time of what may be too large for memory
# Who waits for a bucket is a worker or a person: what does not answer is given up within a minute.
CLIENT = {"connect_timeout": "5s", "read_timeout": "15s", "timeout": "120s", "allow_http": True}
TRIES, TRIED_FOR = 3, timedelta(seconds=20)
REASONS = {  # what S3 calls an error
    "NoSuchBucket": "there is no such bucket",
    "AccessDenied": "this key may not do that",
    "InvalidAccessKeyId": "AWS_ACCESS_KEY_ID is not known there",
    "SignatureDoesNotMatch": "AWS_SECRET_ACCESS_KEY does not fit the key",
}


class S3Blobs:
    """`Blobs` as objects of a bucket, below a prefix. The key and the address are read from the AWS_ variables."""

    def __init__(self, address: str) -> None:
        """address: s3://bucket/prefix. Nothing is asked of the bucket yet.

        Raises:
            SetupProblem: the packages are absent, or a variable says something that is not possible.
        """
        need_package("obstore", "TEXTURE_BLOBS")
        from obstore.exceptions import BaseError
        from obstore.store import S3Store

        self._address, self._errors = address, (BaseError, ValueError)
        try:
            self._store: S3Store = S3Store.from_url(
                address,
                client_options=CLIENT,  # type: ignore[arg-type]
                retry_config={"max_retries": TRIES, "retry_timeout": TRIED_FOR},
            )
        except self._errors as error:
            raise SetupProblem(f"TEXTURE_BLOBS={address}: {_reason(error)}") from error

    def put(self, key: str, data: bytes) -> None:
        """Store the object; a large one in several parts, which become one at the end."""
        try:
            with self._answering():
                self._store.put(key, data)
        except OSError as error:
            raise SetupProblem(f"{key.rpartition('/')[2]} cannot be written: {error.strerror}") from error

    def get(self, key: str) -> bytes:
        """The object's bytes."""
        with self._answering():
            return self._store.get(key).bytes().to_bytes()

    def open(self, key: str) -> BinaryIO:
        """A copy of the object in a file without a name, so that what comes later is not mixed into it."""
        with self._answering():
            found = self._store.get(key)
            with ExitStack() as closed_on_failure:
                file = closed_on_failure.enter_context(tempfile.TemporaryFile())
                for piece in found.stream(min_chunk_size=PIECE):
                    file.write(piece)
                file.seek(0)
                moment = _moment(found.meta)
                os.utime(file.fileno(), ns=(moment, moment))
                closed_on_failure.pop_all()
            return cast(BinaryIO, file)

    def delete(self, key: str) -> None:
        """Remove the object, and all below it."""
        with self._answering():
            self._store.delete([key, *self._below(key)])

    def exists(self, key: str) -> bool:
        """Whether there is such an object."""
        try:
            with self._answering():
                self._store.head(key)
        except FileNotFoundError:
            return False
        return True

    def names(self, key: str) -> list[str]:
        """The last names of the objects below, and of the prefixes."""
        with self._answering():
            found = self._store.list_with_delimiter(key)
            paths = [*(meta["path"] for meta in found["objects"]), *found["common_prefixes"]]
        return [path.rpartition("/")[2] for path in paths]

    def sizes(self, key: str) -> dict[str, int]:
        """The bytes of the object, or of those below."""
        found = self._below(key)
        with self._answering():
            if not found and self.exists(key):
                return {key: self._store.head(key)["size"]}
        return found

    def sweep(self, key: str) -> None:
        """An object is there whole or not at all: there are no drafts."""

    def _below(self, key: str) -> dict[str, int]:
        with self._answering():
            return {meta["path"]: meta["size"] for page in self._store.list(key) for meta in page}

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Raise OSError where the bucket does not do what is asked; FileNotFoundError where an object is not there."""
        try:
            yield
        except (FileNotFoundError, *self._errors) as error:
            reason = _reason(error)
            if isinstance(error, FileNotFoundError) and reason != REASONS["NoSuchBucket"]:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)) from error
            raise OSError(errno.ENOTCONN, f"{self._address}: {reason}") from error


def _moment(meta: ObjectMeta) -> int:
    """When an object was written, in nanoseconds; in place of those of the second, which are not known, its digest."""
    return int(meta["last_modified"].timestamp()) * 10**9 + zlib.crc32((meta["e_tag"] or "").encode()) % 10**9


def _reason(error: Exception) -> str:
    """In one line, without what only its programmers need."""
    words = str(error).split("\n\nDebug source")[0]
    code = re.search(r"<Code>(\w+)</Code>", words)
    if code and code[1] in REASONS:
        return REASONS[code[1]]
    if "status code: 403" in words:
        return REASONS["AccessDenied"]
    if "error sending request" in words or "timed out" in words:
        return "it does not answer; AWS_ENDPOINT_URL is its address, where it is not Amazon’s"
    return " ".join(words.split())[:300]
