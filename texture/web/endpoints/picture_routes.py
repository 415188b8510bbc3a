"""Uploaded pictures and built-in samples."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import PurePath
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field

from texture.errors import InvalidInput, NotFound
from texture.images.decoding import MAX_PIXELS, MIN_SIDE, UPLOADED, Pixels, check_sides, reopen
from texture.images.editing import MOST_ANGLE, Crop, edited
from texture.images.encoding import encode_jpeg
from texture.images.formats import MEDIA
from texture.images.map_files import Levels
from texture.images.samples import SAMPLE, find_sample
from texture.jobs.domain.job import Picture
from texture.materials.gathering import gather
from texture.materials.naming import BASE
from texture.methods.artifacts import PICTURE
from texture.methods.common.regular import Pattern, better_params, find_pattern
from texture.methods.contract import SIZE, ExemplarParams, Params
from texture.methods.sizes import Extent, LargeSize
from texture.web.api.file_names import clean_name, edited_name, result_name
from texture.web.api.request import Upload
from texture.web.api.response import FOREVER, File
from texture.web.api.route import Routes
from texture.web.endpoints.file_routes import open_result
from texture.web.endpoints.requested_run import requested_method
from texture.web.endpoints.uploaded_maps import KINDS, read_given
from texture.web.services import Services

T = TypeVar("T")
MOST_ZIP = 100 * 2**20
SMALLEST_VIEW, LARGEST_VIEW = 16, 2048  # pixels, longest side of a reduced picture
A_DAY = "private, max-age=86400"
THUMBNAIL = 512  # pixels a side, up to which built-in pictures are kept in memory as they are sent: 6 MB at most
COARSE = 256  # pixels a side, up to which nobody sees that they are packed more tightly; a first load has nine of them

pictures = Routes()


class PictureAnswer(Picture):
    """A picture and its address."""

    url: str
    note: str | None = Field(
        None, description="what was done to it that its owner may not expect: a ground under what is transparent"
    )

    map: str | None = Field(
        None,
        description="which map of a material it is: base_colour, or one of the catalogue's maps; null: no name says",
    )


class UploadQuery(BaseModel, extra="forbid"):
    """What the picture is."""

    map: str | None = Field(
        None,
        json_schema_extra={"enum": [*KINDS, None]},
        description="which map of a material it is, of the catalogue's maps; auto: its name says; without: a picture",
    )


class Rectangle(BaseModel):
    """A part of a picture, in whole pixels. All of it has to be picture."""

    model_config = ConfigDict(extra="forbid", strict=True)

    x: int = Field(
        ge=0,
        le=MAX_PIXELS,
        description="from the left edge of the smallest upright rectangle around the turned picture",
    )
    y: int = Field(ge=0, le=MAX_PIXELS, description="from the upper edge of that")
    width: int = Field(ge=MIN_SIDE, le=MAX_PIXELS)
    height: int = Field(ge=MIN_SIDE, le=MAX_PIXELS)


class Edit(BaseModel):
    """What is done to a picture, in this order."""

    model_config = ConfigDict(extra="forbid", strict=True)

    quarter_turns: int = Field(0, ge=0, le=3, description="clockwise")
    angle: float = Field(
        0,
        ge=-MOST_ANGLE,
        le=MOST_ANGLE,
        description="degrees, clockwise, by which it is then turned about its middle",
    )
    crop: Rectangle


class MaterialAnswer(BaseModel):
    """The pictures of a material."""

    images: list[PictureAnswer]
    unknown: list[str] = Field(description="files that are left out: their names do not say which map they are")


class PictureQuery(BaseModel, extra="forbid"):
    """The size in which a picture is requested."""

    size: int | None = Field(
        None, ge=SMALLEST_VIEW, le=LARGEST_VIEW, description="longest side in pixels, as JPEG; the whole PNG without"
    )


class LatticeQuery(ExemplarParams):
    """The result to fit to, as in the parameters of a method that makes a texture."""

    size: LargeSize = SIZE
    method: str = Field("match", max_length=100, description="the method that is to make it")


class Vector(BaseModel):
    """A displacement in the picture, in its own pixels."""

    x: float = Field(description="to the right")
    y: float = Field(description="down")


class Fitting(BaseModel):
    """How the pattern fits into the result."""

    across: int = Field(description="how often it repeats from left to right; 1 where it need not close that way")
    down: int = Field(description="how often it repeats from top to bottom")
    stretch: float = Field(description="the larger of both stretches, as a share: 0.01 for 1 %")
    bend: float = Field(description="shear and rotation, as a share of the side")


class Proposal(BaseModel):
    """Parameters with which the exemplar is deformed less."""

    size: str
    exemplar_size: int | None = Field(description="keeps the source texture in its scale; null: that stays as it is")


class Lattice(BaseModel):
    """The lattice of a picture's pattern."""

    width: int = Field(description="of the picture, in pixels")
    height: int
    vectors: list[Vector] = Field(description="the two shortest vectors that generate the pattern")
    strength: float = Field(description="how much better the picture matches itself on the lattice than off it")
    words: str = Field(description="what was found and will be done, for the user")
    fit: Fitting | None = Field(description="null: the result does not tile, or the pattern does not fit")
    proposed: Proposal | None = Field(description="parameters that deform it less, if there is such a size nearby")


class LatticeAnswer(BaseModel):
    """The lattice of a picture, if it has one."""

    lattice: Lattice | None


@pictures.post("/images", status=201, errors=(413, 415, 422), heavy="uploads", takes=MEDIA)
def upload_image(services: Services, owner: str, root: str, query: UploadQuery, file: Upload) -> PictureAnswer:
    """Upload a picture: PNG, JPEG, WebP, AVIF, HEIC, TIFF or BMP, at most 20 MB and 25 megapixels. Nothing but its
    pixels is kept.

    A map of a material, as the query says, keeps its 16 bits and its channels, and may be OpenEXR.
    """
    given, name = read_given(file.read(), clean_name(file.name), query.map), clean_name(file.name)
    return _added(services, owner, root, name, given.levels, given.note, given.map)


@pictures.post("/materials", errors=(413, 415, 422), heavy="uploads", takes=("application/zip",), most=MOST_ZIP)
def upload_material(services: Services, owner: str, root: str, file: Upload) -> MaterialAnswer:
    """Upload all maps of a material as one zip, at most 100 MB. Each becomes a picture, of at most 20 MB; which map it
    is, its name says. A picture whose name says nothing is left out."""
    found = gather(file.read(), UPLOADED)
    files = {**({BASE: found.base} if found.base else {}), **found.maps}
    if not files:
        raise InvalidInput(
            "no picture in the zip is named like a map: bricks_color.png, bricks_normal.png", field="file"
        )
    added: list[PictureAnswer] = []
    try:
        for map, (path, read) in files.items():
            given, name = read_given(read(), PurePath(path).name, map), clean_name(path)
            added.append(_added(services, owner, root, name, given.levels, given.note, given.map))
    except Exception:
        for one in added:
            services.store.pictures.discard(one.id)
        raise
    return MaterialAnswer(images=added, unknown=list(found.unknown))


@pictures.post(
    "/images/<id>/edited", status=201, errors=(400, 404, 413, 415, 422, 429), heavy="uploads", made="/images"
)
def edit_image(services: Services, owner: str, root: str, id: str, body: Edit) -> PictureAnswer:
    """Make a new picture of a picture, which stays as it is: turned, straightened and cropped, at full resolution."""
    name = services.store.pictures.name(owner, id)
    services.store.pictures.check_room(owner)  # before the work
    crop = Crop(**body.crop.model_dump())
    moved = body.quarter_turns or body.angle
    pixels = edited(
        _pixels(services, owner, id) if moved else _levels(services, owner, id), body.quarter_turns, body.angle, crop
    )
    return _added(services, owner, root, edited_name(name), pixels)


@pictures.post("/jobs/<id>/picture", status=201, errors=(404, 409, 422, 429), heavy="uploads", made="/images")
def picture_of_result(services: Services, owner: str, root: str, id: str) -> PictureAnswer:
    """Make a picture of a job's result, for another job to be given; it stays when the job is deleted."""
    job = services.readable_job(owner, id)
    services.store.pictures.check_room(owner)  # before the work
    with open_result(services, job) as file:
        pixels = reopen(file.read(), PICTURE.name)
    check_sides(pixels.shape[1], pixels.shape[0], UPLOADED)
    return _added(services, owner, root, result_name(job), pixels)


@pictures.get("/images/<id>", media="image/png, image/jpeg", errors=(404, 422), heavy="pictures")
def image(services: Services, owner: str, id: str, query: PictureQuery) -> File:
    """The picture, or a smaller one of it; `sample:<name>` for a built-in one."""
    if id.startswith(SAMPLE) and query.size is not None and query.size <= THUMBNAIL:
        services.readable_picture(owner, id)
        return File(_thumbnail(id, query.size), "image/jpeg", "picture.jpg", A_DAY)
    pixels = _pixels(services, owner, id)
    cache = A_DAY if id.startswith(SAMPLE) else FOREVER  # another version may bring other samples
    if query.size is not None:
        return File(encode_jpeg(pixels, limit=query.size), "image/jpeg", "picture.jpg", cache)
    return File(services.store.pictures.png(id), "image/png", "picture.png", cache)


@pictures.get("/images/<id>/lattice", errors=(404, 422), heavy="pictures")
def lattice(services: Services, owner: str, id: str, query: LatticeQuery) -> LatticeAnswer:
    """The lattice of a regular exemplar and how it would be fitted to a tile; null if it is not regular."""
    pixels = _pixels(services, owner, id)
    extent = Extent(pixels.shape[1], pixels.shape[0])
    said = query.model_dump(mode="json", exclude={"method"}, exclude_unset=True)
    p = requested_method(query.method).parse(said)
    found = find_pattern(p.outline({"source": extent}), pixels)
    return LatticeAnswer(lattice=None if found is None else _lattice(p, extent, found))


@lru_cache(64)
def _thumbnail(sample: str, size: int) -> bytes:
    """A built-in picture as a small JPEG: everybody who opens the page asks for the same ones."""
    pixels = find_sample(sample.removeprefix(SAMPLE)).pixels()
    return encode_jpeg(pixels, quality=70 if size <= COARSE else 80, limit=size)


def _added(
    services: Services,
    owner: str,
    root: str,
    name: str,
    pixels: Levels,
    note: str | None = None,
    map: str | None = None,
) -> PictureAnswer:
    """A new picture of this session."""
    picture = services.store.pictures.add(owner, name, pixels)
    return PictureAnswer(**picture.model_dump(), owner=owner, url=f"{root}/api/images/{picture.id}", note=note, map=map)


def _pixels(services: Services, owner: str, id: str) -> Pixels:
    """Of a picture that this session may look at. Raises NotFound."""
    return _read(services, owner, id, services.store.pictures.pixels)


def _levels(services: Services, owner: str, id: str) -> Levels:
    """The same, with all channels and bits of a map. Raises NotFound."""
    return _read(services, owner, id, services.store.pictures.levels)


def _read(services: Services, owner: str, id: str, read: Callable[[str], T]) -> T:
    services.readable_picture(owner, id)
    try:
        return read(id)
    except InvalidInput:
        raise NotFound("this picture’s file is gone from the server, or damaged: choose the picture again") from None


def _lattice(p: Params, exemplar: Extent, found: Pattern) -> Lattice:
    better = better_params(p, exemplar, found) if isinstance(p, ExemplarParams) else {}
    proposed = Proposal(size=str(better["size"]), exemplar_size=better.get("exemplar_size")) if better else None
    return Lattice(
        width=exemplar.width,
        height=exemplar.height,
        vectors=[Vector(x=right, y=down) for down, right in found.found.basis],
        strength=found.found.strength,
        words=found.words,
        fit=_fitting(found),
        proposed=proposed,
    )


def _fitting(found: Pattern) -> Fitting | None:
    if found.fit is None:
        return None
    across, down = found.fit.repeats
    return Fitting(across=across, down=down, stretch=found.fit.stretch, bend=found.fit.bend)
