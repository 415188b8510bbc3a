"""The contract of a method: a parameter class, some pictures in, a generator of steps out.

A method is one generator. It yields; it never prints, saves, sleeps, or looks for a cancel: whoever
drives the generator decides all that. Nothing here imports torch, so that a process which only serves pages can list
the methods and check their parameters; the tensors are only names until a job runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticKnownError

from texture.errors import InvalidInput
from texture.materials.maps import Surface
from texture.methods.artifacts import MAP_FILES, MATERIAL, PICTURE, Artifact
from texture.methods.roles import MAPS, ROLES, Inputs
from texture.methods.sizes import LARGEST_SIDE, Extent, Size, Sizes, Tile, looked_at
from texture.wording import Limits, label, part_at, refusal, refused

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from texture.images.map_files import Levels
    from texture.methods.common.model_file import Model
    from texture.methods.common.sampling import Sampler
    from texture.methods.common.sources import Sources

State = dict[str, Any]  # tensors, numbers, strings, lists and dicts of them: what torch.load(weights_only=True) reads

CARRYING = 120  # bytes a pixel of the result, for where it comes from and what is laid out by that


@dataclass(frozen=True)
class Outline:
    """What others need to know of a run, as far as its parameters and the sizes of its pictures tell.

    size: of the result, pixels; None where its model tells. tile: the axes along which it repeats. exemplar: the size
    at which the exemplar is looked at, before a regular one is fitted. fits: whether such a one is fitted to the tile.
    parts: into how many the result is cut across and down, each of which such a one is fitted to.
    network: whose weights are needed. work: steps × pixels, to compare runs of one method by. seconds: the time that it
    was given; None where it ends by itself. samples: whether a model that it trains makes pictures from noise alone.
    memory: bytes that it takes at least, on a processor; None where nobody has measured it. seed: which of its pictures
    it is; None where it makes one only. surface: of one that makes, or carries along, the maps of a material.
    """

    size: Extent | None = None
    tile: Tile = "none"
    exemplar: Extent | None = None
    fits: bool = False
    parts: int = 1
    network: str | None = None
    work: float = 1.0
    seconds: float | None = None
    samples: bool = True
    memory: int | None = None
    seed: int | None = None
    surface: Surface | None = None


class Params(BaseModel):
    """The parameters of a method: the only place where a name, a default, a bound, a choice and a help text stand.

    A field is shown among the advanced options unless its `json_schema_extra` says `{"simple": True}`. Its `title` is
    what the page calls it, where its name in plain words would not do; `x-words` are what the page calls its choices.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_default=True,
        allow_inf_nan=False,
        field_title_generator=lambda name, _: label(name),
    )

    PRESETS: ClassVar[Mapping[str, Mapping[str, Any]]] = {"standard": {}}  # name -> what departs from the defaults
    PRESET_WORDS: ClassVar[Mapping[str, str]] = {  # name -> what it is for
        "draft": "Quick preview",
        "standard": "Good quality",
        "fine": "Best quality",
        "paper": "The settings of the paper",
    }
    RENAMED: ClassVar[Mapping[str, str]] = {}  # the name that an earlier version had -> the field's name

    @model_validator(mode="before")
    @classmethod
    def _by_new_names(cls, given: Any) -> Any:
        """Calls, stored jobs, recipes and models of earlier versions keep working."""
        return cls.by_new_names(given) if isinstance(given, dict) else given

    @classmethod
    def by_new_names(cls, given: Mapping[str, Any]) -> dict[str, Any]:
        """What an earlier version has written, by the names that the fields have now.

        Raises:
            InvalidInput: something is given by both its names.
        """
        for old, new in cls.RENAMED.items():
            if old in given and new in given:
                raise InvalidInput(f"{old} is called {new} now: give one of them", field=old, value=given[old])
        return {cls.RENAMED.get(name, name): value for name, value in given.items()}

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_numbers(cls, value: Any, field: ValidationInfo) -> Any:
        """A JSON true is not 1, for which pydantic would take it."""
        wanted = cls.model_fields[str(field.field_name)].annotation
        if isinstance(value, bool) and {int, float} & {wanted, *get_args(wanted)}:
            raise PydanticKnownError("int_type")
        return value

    @property
    def unused(self) -> frozenset[str]:
        """Roles that a run with these parameters has no use for, of those that its method takes."""
        return frozenset()

    def continuing(self, by: int) -> Mapping[str, Any] | None:
        """What else to set for a run that begins with the result of this one, at 2 or 4 times its size; None where
        there is no such run."""
        return None

    def outline(self, sizes: Sizes) -> Outline:
        """What a run with these parameters comes to, on pictures of these sizes, as far as this class can tell."""
        return Outline(exemplar=sizes.get("source"))


TILE_WORDS: dict[str, Any] = {
    "none": "Off",
    "x": "Horizontal",
    "y": "Vertical",
    "both": "Both",
}  # what the page calls each choice
SIZE = Field(
    Extent(256, 256),
    description="width and height of the result in pixels: 512 or 640x384",
    json_schema_extra={"simple": True},
)


def working_size(usual: str) -> Any:
    """The field for the size at which an exemplar is looked at. usual: what it is where nobody says."""
    return Field(
        None,
        ge=32,
        le=LARGEST_SIDE,
        title="Working size",
        description=f"shorter side to which the source texture is downscaled first; empty: {usual}. Smaller "
        "values give more and smaller features",
    )


class SynthesisParams(Params):
    """What every method that makes a texture asks for."""

    size: Size = SIZE
    tile: Tile = Field(
        "both",
        title="Seamless",
        description="directions in which the result tiles seamlessly",
        json_schema_extra={"simple": True, "x-words": TILE_WORDS},
    )
    seed: int = Field(
        0, ge=0, lt=2**32, description="same seed, same picture on the same machine", json_schema_extra={"simple": True}
    )

    def outline(self, sizes: Sizes) -> Outline:
        """Its size and its tile; a content is no torus."""
        tile: Tile = "none" if "content" in sizes else self.tile
        area = float(self.size.width * self.size.height)
        return replace(super().outline(sizes), size=self.size, tile=tile, work=area, seed=self.seed)


class ExemplarParams(SynthesisParams):
    """What every method asks for that looks at an exemplar to make a texture like it."""

    exemplar_size: int | None = working_size("that of the result")
    regular: Literal["auto", "off"] = Field(
        "auto",
        title="Regular patterns",
        description="auto: a regular source texture is warped slightly, so that its pattern repeats a whole number of "
        "times in the tile",
    )

    def outline(self, sizes: Sizes) -> Outline:
        """The size of the exemplar besides."""
        found, fits = super().outline(sizes), self.regular == "auto" and "content" not in sizes
        if found.exemplar is None:
            return replace(found, fits=fits)
        return replace(found, fits=fits, exemplar=looked_at(found.exemplar, self.exemplar_size or min(self.size)))


@dataclass(frozen=True)
class Step:
    """One step of a method. All that it holds is live: valid only while the generator is suspended.

    number: steps done so far, growing, going on from where `state` left off; the last one is total.
    total: steps in all; None while nobody can know, because the budget is one of time.
    draw: makes the picture: 3×H×W float32 in 0..1 (or uint8, for one too large for that), at the size that the method
        works on just now (a coarse scale is smaller). `image` is that picture, made when somebody first asks for it.
    losses: scalar tensors by name, on whatever device; whoever publishes them converts them.
    state: makes all that is needed to go on bit for bit. It may share storage with the method's own tensors.
    share: of the whole work that is done, 0..1, from a method whose steps do not take equally long.
    note: what a person should know of how it goes on, such as that it went back to earlier weights.
    artifacts: what there would be to keep besides the picture, if it ended here: each with what makes it, 3×H×W or
        1×H×W in 0..1 or levels of one that is drawn, or else the file's bytes.
    sources: finds where in the exemplar each pixel comes from, of a method that rearranges it; maps go by that.
    """

    number: int
    total: int | None
    draw: Callable[[], Tensor]
    losses: Mapping[str, Tensor]
    state: Callable[[], State]
    share: float | None = None
    note: str | None = None
    artifacts: Mapping[Artifact, Callable[[], Tensor | Levels | bytes]] = field(default_factory=dict)
    sources: Callable[[], Sources] | None = None

    @cached_property
    def image(self) -> Tensor:
        """The picture; to be asked for while the generator is suspended."""
        return self.draw()

    def made(self, artifact: Artifact) -> Tensor | Levels | bytes:
        """One of what it leaves; to be asked for while the generator is suspended."""
        return self.image if artifact == PICTURE else self.artifacts[artifact]()

    @property
    def done(self) -> float:
        """How much of the whole work is done, 0..1: what a progress bar and an estimate of the time go by."""
        return self.number / (self.total or self.number + 1) if self.share is None else self.share

    @property
    def last(self) -> bool:
        """Whether no step comes after it."""
        return self.number == self.total


T = TypeVar("T")
P_contra = TypeVar("P_contra", contravariant=True)
Check = Callable[[P_contra, Sizes], object]
"""Raises InvalidInput where pictures of these sizes do not fit the parameters, or each other: before the work, and
without torch. A method's `run` refuses what its check does, and what only the pictures' pixels or a model can tell."""


class Generate(Protocol[P_contra]):
    """The signature of a method's generator function."""

    def __call__(self, p: P_contra, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
        """Do the work, from the start or from where `state` was taken."""
        ...


@dataclass(frozen=True)
class Method:
    """A registered method: what the page, the command line and the API need to know about it."""

    name: str
    title: str
    purpose: str  # what it is good for: "organic textures"
    citation: str  # "Gatys 2015"
    paper: str
    summary: str  # one or two plain sentences for somebody who does not know the paper
    params: type[Params]
    generate: Generate[Any]  # the generator function, which is given the exemplar as `run` has fitted it
    images: tuple[str, ...]  # the roles that it takes, of those in ROLES
    needs: tuple[str, ...]  # those of them that must be given, in the order in which a command names them
    produces: tuple[Artifact, ...]  # what a run may leave, what it is started for first
    called: Mapping[str, str]  # what it calls a role, where that is not ROLES' own title
    network: str | None  # the weights that it needs ("vgg19"), so that a job can wait for them
    listed: bool  # False: runs like any other, but the list of methods does not offer it
    brief: bool  # done in moments: need not wait until one of the others leaves the device
    processor: bool  # computes on the processor whatever the device, so that a GPU would be wasted on it
    sampler: Callable[[Model, torch.device], Sampler] | None  # of one that trains: what makes pictures from its model
    check: Check[Any]  # of the pictures that its run would begin with
    carries: bool  # the maps of the exemplar, if there are any: each pixel's come from where it does

    def run(self, p: Params, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
        """Do the work, from the start or from where `state` was taken.

        A regular exemplar is fitted first. Grey pictures give a grey result, those of one colour one of that colour.
        """
        from texture.methods.common.kept_colours import keeping_colours
        from texture.methods.common.regular import fitted_inputs

        p, fitted = fitted_inputs(p, images)
        steps = keeping_colours(self.generate(p, fitted, device, state), images)
        if not images.maps:
            return steps
        from texture.methods.common.carried import carrying_maps

        return carrying_maps(steps, p, fitted)

    def outline(self, p: Params, sizes: Sizes) -> Outline:
        """What a run comes to, on pictures of these sizes; those that are not known may be missing."""
        found = p.outline(sizes)
        if self.carries and MAPS.keys() & sizes:
            more = math.prod(found.size) * CARRYING if found.size else 0
            memory = None if found.memory is None else found.memory + more
            found = replace(found, surface=Surface("opengl", None, 0.0), memory=memory)
        return found if found.network else replace(found, network=self.network)

    def parse(self, given: Mapping[str, Any], preset: str | None = None) -> Params:
        """Check `given` on top of a preset.

        Raises:
            InvalidInput: names the parameter, the value and what is allowed.
        """
        if preset is not None and preset not in self.params.PRESETS:
            raise refused("preset", preset, Limits(choices=tuple(self.params.PRESETS)), called=f"Preset of {self.name}")
        try:
            chosen = {**self.params.PRESETS.get(preset or "", {}), **self.params.by_new_names(given)}
            return self.params.model_validate(chosen)
        except ValidationError as error:
            schema = self.params.model_json_schema()
            called = part_at(schema, map(str, error.errors()[0]["loc"])).get("title")
            raise refusal(error, schema, known=f"to {self.name}", called=called) from None

    def taken(self, p: Params, given: Mapping[str, T]) -> dict[str, T]:
        """What a run with these parameters takes of all that a comparison is given, by role."""
        return {role: it for role, it in given.items() if self.takes(role) and role not in p.unused}

    def takes(self, role: str) -> bool:
        """Whether it has a use for what is given in that role."""
        return role in self.images or (self.carries and role in MAPS)

    @property
    def leaves(self) -> tuple[Artifact, ...]:
        """What a run may leave, the maps that it carries among it."""
        return (*self.produces, *(MAP_FILES.values() if self.carries else ()))

    @property
    def makes_material(self) -> bool:
        """Whether it leaves all maps of a material, which can then be packed for an engine."""
        return set(MATERIAL.values()) <= {*self.produces}

    def title_of(self, role: str) -> str:
        """What it calls a picture in that role: "Style"."""
        return self.called.get(role, ROLES[role].title)

    def description(self) -> dict[str, Any]:
        """What `GET /api/methods` says of it: schema, presets and words, ready for JSON."""
        schema = self.params.model_json_schema()
        for name, value in self.params().model_dump(mode="json").items():
            schema["properties"][name]["default"] = value  # as it is written, not as it is kept
        return {
            "name": self.name,
            "title": self.title,
            "purpose": self.purpose,
            "citation": self.citation,
            "paper": self.paper,
            "summary": self.summary,
            "images": list(self.images),
            "roles": [
                {
                    "name": role,
                    "title": self.title_of(role),
                    "words": ROLES[role].about,
                    "needed": role in self.needs,
                }
                for role in self.images
            ],
            "produces": [asdict(artifact) for artifact in self.produces],
            "network": self.network,
            "continues": self.params().continuing(2) is not None,
            "material": self.makes_material,
            "carries": self.carries,
            "presets": {name: dict(values) for name, values in self.params.PRESETS.items()},
            "preset_words": {name: self.params.PRESET_WORDS.get(name, "") for name in self.params.PRESETS},
            "schema": schema,
        }


def check_roles(method: Method, given: Iterable[str]) -> None:
    """See to it that a method has what it needs, and nothing that it has no use for.

    Raises:
        InvalidInput: names the role.
    """
    roles = list(given)
    for role in method.needs:
        if role not in roles:
            raise InvalidInput(f"{ROLES[role].words} is needed", field=role)
    for role in roles:
        if role in MAPS and not method.carries:
            raise InvalidInput(f"{role}: {method.name} does not carry maps along", field=role)
        if not method.takes(role):
            raise InvalidInput(f"{role}: {method.name} takes {', '.join(method.images)} and no other", field=role)
