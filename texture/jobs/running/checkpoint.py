"""A method's state on disk, written atomically and incrementally.

A folder with one file for each large tensor and a `head` that says how they belong together, with the checksum of
every file. Tensor files are never overwritten, and the head is replaced in one rename after they are there: whenever
the process dies, the head that is there names files that are there. The head before it is kept with its files, in case
the newer one cannot be read. What neither names is removed after the rename.

A tensor that was already written is not written again while it is the same object and has not been changed since. So
the memory of L-BFGS, twenty pairs of tensors of the picture's size of which one is new each step, costs what is new.

Nothing here forces the disk (fsync): a killed process loses nothing by that. After a power cut a file may be torn; the
checksums tell, and the job goes on from the checkpoint before, or restarts.
"""

from __future__ import annotations

import io
import logging
import pickle
import weakref
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load as tensors_from_bytes
from safetensors.torch import save as tensors_to_bytes
from torch import Tensor

from texture.jobs.store.files import remove_folder
from texture.wording import file_reason

log = logging.getLogger(__name__)

FORMAT = 1
SMALL = 16 * 1024  # bytes; smaller tensors (random states, counters) stand in the head itself
PROBES = 64  # values of a tensor that are compared besides its version
REFERENCE = "texture-lab:tensor"  # the key by which a dictionary in the head stands for a tensor

UNREADABLE = (OSError, RuntimeError, ValueError, LookupError, EOFError, pickle.UnpicklingError)
Content = dict[str, Any]  # tensors, numbers, strings, None, and dicts, lists and tuples of them


class Damaged(Exception):
    """The checkpoint cannot be read, nor the one before; the worker then restarts the job."""


@dataclass(frozen=True)
class _Written:
    """A tensor file, and how to tell whether the tensor is still what was written."""

    tensor: weakref.ref[Tensor]
    version: int | None
    probe: Tensor
    name: str
    size: int
    crc: int

    def still(self, tensor: Tensor) -> bool:
        """Whether the file holds this tensor. The probe is for changes that no version tells: `.data`, CUDA graphs."""
        same = self.tensor() is tensor and self.version is not None and self.version == _version(tensor)
        return same and torch.equal(self.probe, _probe(tensor))


class Checkpoint:
    """The checkpoint of one job, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written: dict[int, _Written] = {}
        self._names: set[str] | None = None  # of the files of the newest head; None while nobody has looked
        self._count = max((int(path.stem) for path in folder.glob("*.tensor")), default=0)

    @property
    def exists(self) -> bool:
        """Whether there is one, readable or not."""
        return self._head.exists() or self._before.exists()

    def remove(self) -> None:
        """Remove it with its folder."""
        self._written, self._names = {}, None
        remove_folder(self.folder)

    def save(self, content: Content) -> None:
        """Write `content` as the new checkpoint.

        Raises:
            OSError: the disk is full, or the folder cannot be written. The previous checkpoint is still whole.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        used: dict[int, _Written] = {}
        skeleton = _map(content, lambda tensor: self._put(tensor, used))
        head = io.BytesIO()
        files = {written.name: (written.size, written.crc) for written in used.values()}
        torch.save({"format": FORMAT, "files": files, "content": skeleton}, head)
        draft = self.folder / "head.new"
        draft.write_bytes(_sealed(head.getvalue()))
        before = self._newest_names()
        if before is not None:
            self._head.replace(self._before)
        draft.replace(self._head)
        self._written, self._names = used, set(files)
        self._sweep({*files, *(before or ())})

    def load(self) -> Content:
        """What was saved, its tensors on the CPU; where that is damaged, what was saved before.

        Raises:
            Damaged: a file of both is missing, torn or of another version.
        """
        try:
            return self._load(self._head)
        except Damaged as error:
            if not self._before.exists():
                raise
            content = self._load(self._before)
            log.warning("checkpoint in %s: %s; the one before it is used", self.folder, error)
            self._before.replace(self._head)
            return content

    def _load(self, path: Path) -> Content:
        try:
            head = _read_head(path)
            tensors = {name: self._read(name, *seal) for name, seal in head["files"].items()}
            content: Content = _restore(head["content"], tensors)
        except UNREADABLE as error:
            raise Damaged(file_reason(error) if isinstance(error, OSError) else str(error)) from error
        return content

    @property
    def _head(self) -> Path:
        return self.folder / "head"

    @property
    def _before(self) -> Path:
        return self.folder / "head.before"

    def _newest_names(self) -> set[str] | None:
        """The files that the newest head names; None where there is none that could be used again."""
        if self._names is None:
            try:
                self._names = set(_read_head(self._head)["files"])
            except (*UNREADABLE, Damaged):
                return None
        return self._names

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
        name = f"{self._count}.tensor"
        data = tensors_to_bytes({"tensor": tensor.detach().cpu().contiguous()})
        (self.folder / name).write_bytes(data)
        return _Written(weakref.ref(tensor), _version(tensor), _probe(tensor), name, len(data), zlib.crc32(data))

    def _read(self, name: str, size: int, crc: int) -> Tensor:
        data = (self.folder / name).read_bytes()
        if len(data) != size or zlib.crc32(data) != crc:
            raise Damaged(f"{name} is not what was written")
        return tensors_from_bytes(data)["tensor"]

    def _sweep(self, names: set[str]) -> None:
        for path in self.folder.glob("*.tensor"):
            if path.name not in names:
                path.unlink(missing_ok=True)


def _read_head(path: Path) -> Any:
    head = torch.load(io.BytesIO(_unsealed(path.read_bytes())), weights_only=True)
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
