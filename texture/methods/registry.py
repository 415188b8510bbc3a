"""The methods that there are: registered by a decorator, found by name."""

from __future__ import annotations

import importlib
import logging
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from texture.errors import NotFound
from texture.methods.artifacts import PICTURE, RESERVED, Artifact
from texture.methods.contract import Check, Generate, Method, Params
from texture.methods.roles import ROLES

if TYPE_CHECKING:
    import torch

    from texture.methods.common.model_file import Model
    from texture.methods.common.sampling import Sampler

# texture/methods/<name>.py or a folder of that name, each registering itself on import, in the order of offering:
MODULES = (
    "match",
    "counting",
    "gatys",
    "patch",
    "style",
    "cnnmrf",
    "guided",
    "texnet",
    "sgan",
    "sample",
    "walk",
    "stylise",
    "tileset",
    "material",
)
OURS = "texture.methods."
GROUP = "texture.methods"  # of the entry points by which other packages name modules that register methods
log = logging.getLogger(__name__)
_METHODS: dict[str, Method] = {}
_IMPORTING, _TRIED = Lock(), set[str]()
P = TypeVar("P", bound=Params)


def method(
    name: str,
    *,
    title: str,
    paper: str,
    purpose: str = "",
    citation: str = "",
    params: type[P],
    images: tuple[str, ...] = ("source",),
    needs: tuple[str, ...] = ("source",),
    produces: tuple[Artifact, ...] = (PICTURE,),
    called: Mapping[str, str] | None = None,
    network: str | None = None,
    listed: bool = True,
    brief: bool = False,
    processor: bool = False,
    sampler: Callable[[Model, torch.device], Sampler] | None = None,
    check: Check[P] = lambda p, sizes: None,
    carries: bool = False,
) -> Callable[[Generate[P]], Generate[P]]:
    """Register the generator function below it as a method. Its docstring's first paragraph becomes the summary.

    Raises:
        ValueError: another module's method has that name.
    """

    def register(run: Generate[P]) -> Generate[P]:
        _check_name(name, run.__module__)
        _check_roles(images, needs)
        _check_artifacts(produces)
        summary = " ".join((run.__doc__ or "").split("\n\n")[0].split())
        _METHODS[name] = Method(
            name=name,
            title=title,
            purpose=purpose,
            citation=citation,
            paper=paper,
            summary=summary,
            params=params,
            generate=run,
            images=images,
            needs=needs,
            produces=produces,
            called=called or {},
            network=network,
            listed=listed,
            brief=brief,
            processor=processor,
            sampler=sampler,
            check=check,
            carries=carries,
        )
        return run

    return register


def methods() -> Mapping[str, Method]:
    """Every method by name: ours in the order in which they are offered, whichever was imported first, then others'."""
    _import_ours()
    _import_others()
    return dict(sorted(_METHODS.items(), key=lambda item: _place(item[1])))


def _import_ours() -> None:
    for module in MODULES:
        importlib.import_module(OURS + module)


def _import_others() -> None:
    """Import what other packages name by an entry point, once; what fails is left out, and the log says so."""
    with _IMPORTING:
        for point in _named_by_others():
            if point.name not in _TRIED:
                _TRIED.add(point.name)
                _import_other(point)


@cache
def _named_by_others() -> list[EntryPoint]:
    """Read once: it takes the metadata of every installed package, and every row of a job asks for its method."""
    return sorted(entry_points(group=GROUP), key=lambda point: point.name)


def _import_other(point: EntryPoint) -> None:
    before = set(_METHODS)
    try:
        point.load()
        for name in set(_METHODS) - before:
            _METHODS[name].outline(_METHODS[name].params(), {})  # what everybody asks of every method
            _METHODS[name].description()
    except (Exception, SystemExit) as error:
        for name in set(_METHODS) - before:
            _METHODS.pop(name, None)
        package, why = point.dist.name if point.dist else "?", f"{type(error).__name__}: {' '.join(str(error).split())}"
        log.warning("%s (entry point of %s) is left out: %s", point.name, package, why)


def _check_name(name: str, module: str) -> None:
    """See to it that nobody takes the name of another's method, or of ours before we have it."""
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
        raise ValueError(f"method {name!r}: a name is of small letters, digits, - and _")
    if not module.startswith(OURS):
        _import_ours()
    taken = _METHODS.get(name)
    if taken and taken.generate.__module__ != module:
        raise ValueError(f"method {name!r} of {module}: {taken.generate.__module__} has one of that name")


def _check_roles(images: tuple[str, ...], needs: tuple[str, ...]) -> None:
    if not set(needs) <= set(images) <= set(ROLES):
        raise ValueError(
            f"images {images}, needs {needs}: of the roles {', '.join(ROLES)}, what is needed among the former"
        )


def _check_artifacts(produces: tuple[Artifact, ...]) -> None:
    names = [artifact.name for artifact in produces]
    if PICTURE not in produces or len(set(names)) < len(names) or RESERVED & set(names):
        raise ValueError(f"produces {names}: the picture among them, no name twice, and none of {sorted(RESERVED)}")


def _place(method: Method) -> int:
    """Where among all it is offered."""
    module = method.generate.__module__
    ours = module.removeprefix(OURS).partition(".")[0]
    return MODULES.index(ours) if module.startswith(OURS) and ours in MODULES else len(MODULES)


def find_method(name: str) -> Method:
    """The method of that name.

    Raises:
        NotFound: there is none; the text lists those there are.
    """
    known = methods()
    if not isinstance(name, str) or name not in known:
        listed = ", ".join(method.name for method in known.values() if method.listed)
        raise NotFound(f"method {name!r}: one of {listed}")
    return known[name]
