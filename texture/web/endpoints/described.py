"""The catalogue: what the server says about itself to clients; every fact is taken from its one definition."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from texture import palette
from texture.images.decoding import LONGEST, MAX_BYTES, MAX_PIXELS, MIN_SIDE
from texture.images.editing import MOST_ANGLE
from texture.images.formats import TAKEN, titles
from texture.images.samples import SAMPLE, samples
from texture.images.sheets import MOST_PIXELS, MOST_REPEATS
from texture.jobs.domain.job import ENDED, State
from texture.jobs.domain.transitions import TRANSITIONS
from texture.jobs.store.comparisons import MOST_RUNS
from texture.materials.engines import ENGINES
from texture.materials.given import GIVEN
from texture.methods.common.model_file import MOST_BYTES
from texture.methods.contract import Method
from texture.methods.registry import methods
from texture.methods.roles import ROLES
from texture.methods.sizes import LARGEST_SAMPLE, LARGEST_SIDE, SIDE_STEP, SMALLEST_SAMPLE, SMALLEST_SIDE
from texture.methods.walk import WalkParams
from texture.metrics import EVERY_METRIC
from texture.web.api.request import LARGEST_PAGE, MOST_JSON
from texture.web.api.response import Lasting
from texture.web.endpoints.file_routes import RESULT_FORMATS
from texture.web.endpoints.history_routes import MOST_SEARCHED, MOST_TOGETHER
from texture.web.endpoints.mark_routes import MOST_CHARACTERS
from texture.web.endpoints.picture_routes import LARGEST_VIEW, SMALLEST_VIEW
from texture.web.live.sockets import MOST_MESSAGE
from texture.web.live.watch import MOST_WATCHED


class RoleDescription(BaseModel):
    """A role of a picture in a method."""

    name: str
    title: str
    words: str
    needed: bool


class ArtifactDescription(BaseModel):
    """A file that a run produces."""

    name: str = Field(description="of the file, as the row's `files` name it")
    media: str
    title: str
    use: str = Field(description="what it is used for")
    bits: int = Field(description="of each channel of what is drawn: 8 or 16")


class MethodDescription(BaseModel):
    """A method: texts, presets, and the JSON Schema of its parameters."""

    model_config = ConfigDict(serialize_by_alias=True)

    name: str
    title: str
    purpose: str = Field(description="what it is good for")
    citation: str = Field(description="authors and year")
    paper: str
    summary: str
    images: list[str] = Field(description="its roles: source, content, …, model")
    roles: list[RoleDescription] = Field(description="the same with their titles, and whether they are required")
    produces: list[ArtifactDescription] = Field(description="the artifacts of a run, the main one first")
    network: str | None = Field(description="the network whose weights it needs")
    continues: bool = Field(description="whether its results can be continued at two and four times the size")
    material: bool = Field(description="whether it makes the maps of a material, which are packed for `engines`")
    carries: bool = Field(description="whether maps of the source texture follow its pixels")
    presets: dict[str, dict[str, Any]] = Field(description="what differs from the defaults")
    preset_words: dict[str, str] = Field(description="what each preset is for")
    schema_: dict[str, Any] = Field(alias="schema", description="JSON Schema of the parameters")
    listed: bool = Field(description="whether it is listed; an unlisted one runs like any other")

    @classmethod
    def of(cls, method: Method) -> MethodDescription:
        """The description of a method."""
        return cls(**method.description(), listed=method.listed)


class AnyRole(BaseModel):
    """A role, for all methods."""

    name: str
    title: str
    words: str


class MetricDescription(BaseModel):
    """A quality number."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    title: str
    unit: str
    direction: Literal["lower", "higher"] = Field(description="which values are better")
    help: str
    quick: bool = Field(description="measured often while a job runs; the others less often")
    ranked: bool = Field(description="whether the best of several runs is marked")


class StateDescription(BaseModel):
    """A state of a job."""

    name: State
    title: str
    ended: bool = Field(description="whether the job has ended")
    moves: dict[str, State] = Field(description="the allowed transitions, each with the resulting state")

    @classmethod
    def of(cls, state: State) -> StateDescription:
        """The description of a state."""
        moves = {name: move.end for name, move in TRANSITIONS.items() if state in move.start}
        return cls(name=state, title=state.capitalize(), ended=state in ENDED, moves=moves)


class Span(BaseModel):
    """A range, both ends included."""

    lowest: int
    highest: int
    step: int = 1


class Limits(BaseModel):
    """Sizes and counts; the limits of a parameter are in its method's schema."""

    side: Span = Field(
        Span(lowest=SMALLEST_SIDE, highest=LARGEST_SIDE, step=SIDE_STEP),
        description="of a result, pixels; a method whose schema says more takes more",
    )
    sample_side: Span = Field(
        Span(lowest=SMALLEST_SAMPLE, highest=LARGEST_SAMPLE), description="of what a model paints, pixels"
    )
    walk_side: Span = Field(
        Span(lowest=SMALLEST_SAMPLE, highest=WalkParams.LARGEST_SIDE), description="of an animation, pixels"
    )
    walk_pixels: int = Field(WalkParams.MOST_PIXELS, description="of all frames of an animation together")
    view_side: Span = Field(
        Span(lowest=SMALLEST_VIEW, highest=LARGEST_VIEW), description="of a reduced picture, its longest, pixels"
    )
    picture_bytes: int = Field(MAX_BYTES, description="of an uploaded picture")
    picture_pixels: int = Field(MAX_PIXELS, description="of an uploaded picture")
    picture_side: int = Field(MIN_SIDE, description="of an uploaded picture, at least, pixels")
    picture_aspect: int = Field(LONGEST, description="longer side of an uploaded picture, by the shorter one")
    picture_angle: Span = Field(
        Span(lowest=-MOST_ANGLE, highest=MOST_ANGLE), description="by which a picture is straightened, degrees"
    )
    picture_types: list[str] = Field(
        list(TAKEN), description="media types and file endings of the pictures that are read"
    )
    picture_formats: str = Field(titles(), description="the same in words")
    model_bytes: int = Field(MOST_BYTES, description="of an uploaded model")
    runs: int = Field(MOST_RUNS, description="of a comparison")
    repeats: int = Field(MOST_REPEATS, description="of a tile, across and down")
    sheet_pixels: int = Field(MOST_PIXELS, description="of a tile with its repeats")
    name: int = Field(MOST_CHARACTERS, description="characters of a name that a job or a comparison is given")
    searched: int = Field(MOST_SEARCHED, description="characters of a text that the history is searched for")
    together: int = Field(
        MOST_TOGETHER, description="jobs, and comparisons, that are deleted, restored or downloaded in one call"
    )
    page: int = Field(LARGEST_PAGE, description="rows of one answer")
    watched: int = Field(MOST_WATCHED, description="jobs that are named in one watch")
    body_bytes: int = Field(MOST_JSON, description="of a JSON body")
    message_bytes: int = Field(MOST_MESSAGE, description="of a message on a socket")


class Palette(BaseModel):
    """Colours with a meaning, as #rrggbb."""

    runs: list[str] = Field(
        list(palette.RUNS), description="of a comparison's runs in their order, then from the first on"
    )
    regions: dict[str, str] = Field(
        dict(palette.REGIONS), description="of a mask, by name, in the order of the styles to which they belong"
    )
    labels: dict[str, str] = Field(dict(palette.LABELS), description="of the parts that painted guides name, by name")


class SampleDescription(BaseModel):
    """A built-in picture."""

    id: str = Field(description="to be used as a picture of a job")
    name: str
    title: str
    credit: str
    kind: Literal["texture", "scene"] = Field(description="texture: a source texture; scene: a content picture")
    url: str

    @classmethod
    def every(cls, root: str) -> list[SampleDescription]:
        """All of them, for a server that a proxy shows under the prefix `root`."""
        return [
            cls(
                id=SAMPLE + sample.name,
                name=sample.name,
                title=sample.title,
                credit=sample.credit,
                kind=sample.kind,
                url=f"{root}/api/images/{SAMPLE}{sample.name}",
            )
            for sample in samples().values()
        ]


class Catalogue(Lasting):
    """All fixed facts."""

    methods: list[MethodDescription] = Field(description="the unlisted ones too")
    samples: list[SampleDescription]
    roles: list[AnyRole]
    maps: dict[str, str] = Field(
        {name: one.title for name, one in GIVEN.items()},
        description="further roles: maps of the source texture, each with its title, for methods that carry them",
    )
    metrics: list[MetricDescription] = Field(description="in display order")
    states: list[StateDescription]
    limits: Limits
    palette: Palette
    result_formats: dict[str, str] = Field(
        {name: format.title for name, format in RESULT_FORMATS.items()},
        description="the formats in which a result can be downloaded, each with its title",
    )
    engines: dict[str, str] = Field(
        {name: engine.title for name, engine in ENGINES.items()},
        description="engines that a material can be exported for, each with its title",
    )

    @classmethod
    def whole(cls, root: str) -> Catalogue:
        """The whole catalogue, for a server that a proxy shows under the prefix `root`."""
        return cls(
            methods=[MethodDescription.of(method) for method in methods().values()],
            samples=SampleDescription.every(root),
            roles=[AnyRole(name=name, title=role.title, words=role.about) for name, role in ROLES.items()],
            metrics=[MetricDescription.model_validate(metric) for metric in EVERY_METRIC.values()],
            states=[StateDescription.of(state) for state in get_args(State)],
            limits=Limits(),
            palette=Palette(),
        )


@lru_cache(4)
def catalogue_for(root: str) -> Catalogue:
    """The catalogue under that prefix; it takes 0.1 s the first time."""
    return Catalogue.whole(root)


@lru_cache(4)
def version_for(root: str) -> str:
    """A digest of it, by which a client may keep it for good."""
    return sha256(catalogue_for(root).model_dump_json().encode()).hexdigest()[:12]
