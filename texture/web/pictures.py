"""Pictures that people bring, and those that come with the app."""

from __future__ import annotations

from pydantic import BaseModel, Field

from texture.errors import InvalidInput, NotFound
from texture.images.decoding import decode
from texture.images.encoding import encode_jpeg, encode_png
from texture.images.samples import SAMPLE, find_sample
from texture.jobs.job import Picture
from texture.web.calls import FOREVER, FRESH, Calls, File, Upload
from texture.web.services import Services

LONGEST_NAME = 120

pictures = Calls()


class PictureAnswer(Picture):
    """A picture and where it is."""

    url: str


class PictureQuery(BaseModel, extra="forbid"):
    """In which size a picture is wanted."""

    size: int | None = Field(None, ge=16, le=2048, description="longest side in pixels, as JPEG; the whole PNG without")


@pictures.post("/images", status=201, errors=(413, 415, 422), heavy=True)
def upload_image(services: Services, owner: str, file: Upload) -> PictureAnswer:
    """Bring a picture: PNG, JPEG or WebP, at most 20 MB and 25 megapixels. Nothing but its pixels is kept."""
    picture = services.store.add_picture(owner, clean_name(file.name), decode(file.read()))
    return PictureAnswer(**picture.model_dump(), owner=owner, url=f"/api/images/{picture.id}")


@pictures.get("/images/<id>", media="image/png", errors=(404, 422), heavy=True)
def image(services: Services, owner: str, id: str, query: PictureQuery) -> File:
    """The picture, or a smaller one of it; `sample:<name>` for a built-in one."""
    check_picture(services, owner, id)
    cache = FRESH if id.startswith(SAMPLE) else FOREVER  # another version may bring other samples
    if query.size is not None:
        return File(encode_jpeg(services.store.pixels(id), limit=query.size), "image/jpeg", "exemplar.jpg", cache)
    return File(_png(services, id), "image/png", "exemplar.png", cache)


def check_picture(services: Services, owner: str, id: str) -> None:
    """Raise NotFound unless this session may see that picture."""
    if id.startswith(SAMPLE):
        find_sample(id.removeprefix(SAMPLE))
    elif services.store.picture(id).owner != owner:
        raise NotFound(f"picture {id!r}: there is none of that id")


def check_pictures(services: Services, owner: str, images: dict[str, str]) -> None:
    """Raise InvalidInput for the first role whose picture this session may not see."""
    for role, id in images.items():
        try:
            check_picture(services, owner, id)
        except NotFound as error:
            raise InvalidInput(str(error), field=f"images.{role}", value=id) from None


def clean_name(name: str) -> str:
    """What a person called a file, fit for display: no folders, no control characters, not too long."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:LONGEST_NAME] or "picture"


def _png(services: Services, id: str) -> bytes:
    if id.startswith(SAMPLE):
        return encode_png(services.store.pixels(id))
    return services.store.files.picture(id).read_bytes()
