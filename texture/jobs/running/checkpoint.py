"""A method's state as blobs, written atomically and incrementally.

One blob for each large tensor and a `head` that says how they belong together, with the checksum of every one. Tensors
are never overwritten, and the head is replaced, at once, after they are there: whenever the process dies, the head
that is there names blobs that are there. The head before it is kept with its tensors, in case the newer one cannot be
read. What neither names is removed after that.

Where several workers share a store each writes under the number of its lease, which grows whenever a job changes
hands: `head-7`, `7-12.tensor`. The head of the highest number is the one that is read, and nobody touches what has a
higher number than the own one: so a worker that was thought dead, and goes on for a while, damages nothing.

A tensor that was already written is not written again while it is the same object and has not been changed since. So
the memory of L-BFGS, twenty pairs of tensors of the picture's size of which one is new each step, costs what is new.

In a folder nothing here forces the disk (fsync): a killed process loses nothing by that. After a power cut a file may
be torn; the checksums tell, and the job goes on from the checkpoint before, or restarts.
"""

from __future__ import annotations

import io
import logging
import pickle
import re
import weakref
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from safetensors.torch import load as tensors_from_bytes
from safetensors.torch import save as tensors_to_bytes
from torch import Tensor

from texture.jobs.domain.faults import obstacle
from texture.jobs.store.blobs import Blobs
from texture.wording import file_reason

log = logging.getLogger(__name__)

FORMAT = 1
SMALL = 16 * 1024  # bytes; smaller tensors (random states, counters) stand in the head itself
PROBES = 64  # values of a tensor that are compared besides its version
REFERENCE = "texture-lab:tensor"  # the key by which a dictionary in the head stands for a tensor

UNREADABLE = (OSError, RuntimeError, ValueError, LookupError, EOFError, pickle.UnpicklingError)
_HEAD = re.compile(r"head(-(?P<lease>\d+))?(\.before)?")
_TENSOR = re.compile(r"((?P<lease>\d+)-)?(?P<count>\d+)\.tensor")
Content = dict[str, Any]  # tensors, numbers, strings, None, and dicts, lists and tuples of them


class Damaged(Exception):
    """The checkpoint cannot be read, nor the one before; the worker then restarts the job."""


@dataclass(frozen=True)
class _Written:
    """A tensor's blob, and how to tell whether the tensor is still what was written."""

    tensor: weakref.ref[Tensor]
    version: int | None
    probe: Tensor
    name: str
    size: int
    crc: int

    def still(self, tensor: Tensor) -> bool:
        """Whether the blob holds this tensor. The probe is for changes that no version tells: `.data`, CUDA graphs."""
        same = self.tensor() is tensor and self.version is not None and self.version == _version(tensor)
        return same and torch.equal(self.probe, _probe(tensor))


class Checkpoint:
    """The checkpoint of one job, under `key`."""

    def __init__(self, blobs: Blobs, key: str, lease: int = 0) -> None:
        """lease: its number, where other workers may write here too; 0: there are no others."""
        self._blobs, self._key = blobs, key
        self._written: dict[int, _Written] = {}
        self._newest: bytes | None = None  # the head that this object has written or read
        names = blobs.names(key)
        self._number = lease or max([0, *map(_number, names)])
        mine = (_TENSOR.fullmatch(name) for name in names if _number(name) == self._number)
        self._count = max((int(name["count"]) for name in mine if name), default=0)

    @property
    def exists(self) -> bool:
        """Whether there is one, readable or not."""
        return bool(self._heads())

    def remove(self) -> None:
        """Remove it, but for what has a higher number."""
        self._written, self._newest = {}, None
        names = self._blobs.names(self._key)
        if all(_number(name) <= self._number for name in names):
            self._blobs.delete(self._key)
        else:
            self._delete(name for name in names if _number(name) <= self._number)

    def save(self, content: Content) -> None:
        """Write `content` as the new checkpoint.

        Raises:
            SetupProblem: it cannot be written. The previous checkpoint is still whole.
        """
        used: dict[int, _Written] = {}
        skeleton = _map(content, lambda tensor: self._put(tensor, used))
        file = io.BytesIO()
        files = {written.name: (written.size, written.crc) for written in used.values()}
        torch.save({"format": FORMAT, "files": files, "content": skeleton}, file)
        head, before = _sealed(file.getvalue()), self._own_head()
        if before is not None:
            self._blobs.put(self._path(self._before), before)
        self._blobs.put(self._path(self._head), head)
        self._written, self._newest = used, head
        self._sweep({*files, *(_named(before) if before else ())}, everything=before is not None)

    def load(self) -> Content:
        """What was saved, its tensors on the CPU; where that is damaged, what was saved before.

        Raises:
            Damaged: a blob of each is missing, torn or of another version.
        """
        damage = Damaged("there is none")
        for name in self._heads():
            try:
                head, content = self._load(name)
            except Damaged as error:
                log.warning("%s/%s: %s", self._key, name, error)
                damage = error
            else:
                if name == self._before:  # from now on this is the newest
                    self._blobs.put(self._path(self._head), head)
                self._newest = head if name in (self._head, self._before) else None
                return content
        raise damage

    def _load(self, name: str) -> tuple[bytes, Content]:
        try:
            sealed = self._blobs.get(self._path(name))
            head = _read_head(sealed)
            tensors = {name: self._read(name, *seal) for name, seal in head["files"].items()}
            content: Content = _restore(head["content"], tensors)
        except UNREADABLE as error:
            if obstacle(error):  # nobody can say what is there
                raise
            raise Damaged(file_reason(error) if isinstance(error, OSError) else str(error)) from error
        return sealed, content

    def _heads(self) -> list[str]:
        """The names of all heads, the one to be read first."""
        heads = [name for name in self._blobs.names(self._key) if _HEAD.fullmatch(name)]
        return sorted(heads, key=lambda name: (-_number(name), name))

    @property
    def _head(self) -> str:
        return f"head-{self._number}" if self._number else "head"

    @property
    def _before(self) -> str:
        return f"{self._head}.before"

    def _path(self, name: str) -> str:
        return f"{self._key}/{name}"

    def _own_head(self) -> bytes | None:
        """The newest head of this number; None where there is none that could be used again."""
        if self._newest is None:
            try:
                head = self._blobs.get(self._path(self._head))
                _read_head(head)
            except (*UNREADABLE, Damaged) as error:
                if obstacle(error):
                    raise
                return None
            self._newest = head
        return self._newest

    def _put(self, tensor: Tensor, used: dict[int, _Written]) -> Any:
        """What represents a tensor in the head."""
        if tensor.nbytes <= SMALL:
            return tensor.detach().cpu().clone()
        key = id(tensor)
        if key not in used:
            known = self._written.get(key)
            used[key] = known if known and known.still(tensor) else self._write(tensor)
        return {REFERENCE: used[key].name, "channels_last": _is_channels_last(tensor)}

    def _write(self, tensor: Tensor) -> _Written:
        self._count += 1
        name = f"{self._number}-{self._count}.tensor" if self._number else f"{self._count}.tensor"
        data = tensors_to_bytes({"tensor": tensor.detach().cpu().contiguous()})
        self._blobs.put(self._path(name), data)
        return _Written(weakref.ref(tensor), _version(tensor), _probe(tensor), name, len(data), zlib.crc32(data))

    def _read(self, name: str, size: int, crc: int) -> Tensor:
        data = self._blobs.get(self._path(name))
        if len(data) != size or zlib.crc32(data) != crc:
            raise Damaged(f"{name} is not what was written")
        return tensors_from_bytes(data)["tensor"]

    def _sweep(self, kept: set[str], everything: bool) -> None:
        """Remove what nobody needs. everything: also what earlier leases have left, as there are two heads since."""
        kept |= {self._head, self._before}
        lowest = 0 if everything else self._number
        names = self._blobs.names(self._key)
        self._delete(name for name in names if lowest <= _number(name) <= self._number and name not in kept)

    def _delete(self, names: Iterable[str]) -> None:
        for name in sorted(names, reverse=True):  # heads first: none is ever without what it names
            self._blobs.delete(self._path(name))


def _number(name: str) -> int:
    """Of the lease under which a blob was written; -1: it is none of ours."""
    found = _HEAD.fullmatch(name) or _TENSOR.fullmatch(name)
    return int(found["lease"] or 0) if found else -1


def _named(head: bytes) -> set[str]:
    return set(_read_head(head)["files"])


def _read_head(sealed: bytes) -> Any:
    head = torch.load(io.BytesIO(_unsealed(sealed)), weights_only=True)
    if head["format"] != FORMAT:
        raise Damaged(f"format {head['format']} instead of {FORMAT}")
    return head


def _map(value: Any, put: Callable[[Tensor], Any]) -> Any:
    """The same structure with each tensor replaced by `put(tensor)`."""
    if isinstance(value, Tensor):
        return put(value)
    if isinstance(value, dict):
        return {key: _map(item, put) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_map(item, put) for item in value)
    return value


def _restore(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, dict) and REFERENCE in value:
        tensor = tensors[value[REFERENCE]]
        return tensor.contiguous(memory_format=torch.channels_last) if value["channels_last"] else tensor
    if isinstance(value, dict):
        return {key: _restore(item, tensors) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_restore(item, tensors) for item in value)
    return value


def _version(tensor: Tensor) -> int | None:
    return None if tensor.is_inference() else tensor._version


def _probe(tensor: Tensor) -> Tensor:
    """A few of its values, spread evenly, as a copy on the CPU."""
    values = tensor.detach().flatten()
    return values[:: max(1, values.numel() // PROBES)].cpu().clone()


def _is_channels_last(tensor: Tensor) -> bool:
    """Whether it lies in memory in the order that convolutions like; sums come out bit for bit alike only if kept."""
    return tensor.dim() == 4 and not tensor.is_contiguous() and tensor.is_contiguous(memory_format=torch.channels_last)


def _sealed(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(4, "big") + data


def _unsealed(data: bytes) -> bytes:
    if zlib.crc32(data[4:]).to_bytes(4, "big") != data[:4]:
        raise Damaged("the head is torn")
    return data[4:]
