"""The methods that there are: registered by a decorator, found by name."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from texture.errors import NotFound
from texture.methods.artifacts import PICTURE, Artifact
from texture.methods.contract import Check, Generate, Method, Params

if TYPE_CHECKING:
    import torch

    from texture.methods.common.model_file import Model
    from texture.methods.sampling import Sampler

# texture/methods/<name>.py, each registering itself on import:
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
    "sampling",
    "stylising",
)
_METHODS: dict[str, Method] = {}
P = TypeVar("P", bound=Params)


def method(
    name: str,
    *,
    title: str,
    paper: str,
    params: type[P],
    images: tuple[str, ...] = ("source",),
    needs: tuple[str, ...] = ("source",),
    produces: tuple[Artifact, ...] = (PICTURE,),
    called: Mapping[str, str] | None = None,
    network: str | None = None,
    listed: bool = True,
    brief: bool = False,
    sampler: Callable[[Model, torch.device], Sampler] | None = None,
    check: Check[P] = lambda p, sizes: None,
) -> Callable[[Generate[P]], Generate[P]]:
    """Register the generator function below it as a method. Its docstring's first paragraph becomes the summary."""

    def register(run: Generate[P]) -> Generate[P]:
        summary = " ".join((run.__doc__ or "").split("\n\n")[0].split())
        _METHODS[name] = Method(
            name=name,
            title=title,
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
            sampler=sampler,
            check=check,
        )
        return run

    return register


def methods() -> Mapping[str, Method]:
    """Every method by name, in the order in which they are offered, whichever was imported first."""
    places = {f"texture.methods.{module}": place for place, module in enumerate(MODULES)}
    for module in places:
        importlib.import_module(module)
    return dict(sorted(_METHODS.items(), key=lambda item: places.get(item[1].generate.__module__, len(places))))


def find_method(name: str) -> Method:
    """The method of that name.

    Raises:
        NotFound: there is none; the text lists those there are.
    """
    known = methods()
    if name not in known:
        listed = ", ".join(method.name for method in known.values() if method.listed)
        raise NotFound(f"method {name!r}: one of {listed}")
    return known[name]
