"""A run before it begins: method, parameters and pictures, validated together. No torch until it starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from texture.images.checksum import checksum
from texture.images.decoding import Pixels
from texture.images.map_files import Levels
from texture.materials.given import maps_of
from texture.methods.common.model_file import Model, ModelSource, model_from
from texture.methods.contract import Method, Outline, Params, State, Step, check_roles
from texture.methods.sizes import sizes_of
from texture.runs.recipe import recipe

if TYPE_CHECKING:
    import torch

    from texture.methods.roles import Inputs


@dataclass(frozen=True)
class Trained:
    """A model as input. checksum: SHA-256 of its file, if it came from one."""

    model: Model
    checksum: str | None = None


@dataclass(frozen=True)
class Prepared:
    """A run that is ready to begin.

    pictures: H×W×3 uint8 by role; without a source, the exemplar is the one that the model was trained on. given_maps:
    those of the exemplar, as they were given, by the names of `materials.given.GIVEN`.
    """

    method: Method
    params: Params
    pictures: Mapping[str, Pixels]
    trained: Trained | None = None
    given_maps: Mapping[str, Levels] = field(default_factory=dict)

    @cached_property
    def outline(self) -> Outline:
        """Its outline."""
        return self.method.outline(self.params, sizes_of({**self.pictures, **self.given_maps}))

    @cached_property
    def maps(self) -> Mapping[str, Levels]:
        """The maps that are carried along, by their names.

        Raises:
            InvalidInput: one is of another size than the exemplar, or no such map.
        """
        height, width = self.pictures["source"].shape[:2]
        return maps_of(self.given_maps, (height, width))

    @cached_property
    def checksums(self) -> Mapping[str, str]:
        """The checksums of its pictures and its model for a recipe, by role."""
        own = {role: checksum(pixels) for role, pixels in {**self.pictures, **self.given_maps}.items()}
        file = self.trained.checksum if self.trained else None
        return {**own, "model": file} if file else own

    @cached_property
    def inputs(self) -> Inputs:
        """The same as tensors. Imports torch."""
        from texture.images.tensors import to_tensor
        from texture.methods.roles import Inputs

        tensors: dict[str, Any] = {role: to_tensor(pixels) for role, pixels in self.pictures.items()}
        return Inputs(**tensors, model=self.trained.model if self.trained else None, maps=self.maps)

    def start(self, device: torch.device, state: State | None = None, params: Params | None = None) -> Iterator[Step]:
        """The steps, from the first or from where `state` was taken. params: replace its own, for another seed."""
        return self.method.run(params or self.params, self.inputs, device, state)

    def recipe(self, number: int, total: int | None, params: Params | None = None) -> dict[str, Any]:
        """The recipe of the picture after step `number` of `total`."""
        model = self.trained.model if self.trained else None
        written = (params or self.params).model_dump(mode="json")
        return recipe(self.method.name, written, self.checksums, number, total, model)


def trained_from(source: ModelSource) -> Trained:
    """A model from the caller, as an object or a file.

    Raises:
        InvalidInput: there is no such file, or it is no model.
    """
    model = model_from(source)
    if isinstance(source, Model):
        return Trained(model)
    return Trained(model, sha256(source if isinstance(source, bytes) else Path(source).read_bytes()).hexdigest())


def prepare(
    method: Method,
    params: Params,
    pictures: Mapping[str, Pixels],
    trained: Trained | None = None,
    maps: Mapping[str, Levels] | None = None,
) -> Prepared:
    """A run of a method, checked. maps: of the source, as they are given, by the names of `materials.given.GIVEN`.

    Raises:
        InvalidInput: a picture or a model is missing or unusable, or pictures do not fit the parameters or each other.
    """
    maps = maps or {}
    check_roles(method, [*pictures, *(["model"] if trained else []), *maps])
    given = dict(pictures) if trained is None else {"source": trained.model.exemplar, **pictures}
    method.check(params, sizes_of(given))
    run = Prepared(method, params, given, trained, maps)
    run.maps  # noqa: B018 - which checks them
    return run
