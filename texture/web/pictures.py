"""Pictures that people bring, and those that come with the app."""

from __future__ import annotations

from pydantic import BaseModel, Field

from texture.images.decoding import decode
from texture.images.encoding import encode_jpeg, encode_png
from texture.images.samples import SAMPLE
from texture.jobs.job import Picture
from texture.web.answers import FOREVER, FRESH, File
from texture.web.calls import Calls
from texture.web.names import clean_name
from texture.web.reading import Upload
from texture.web.services import Services

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
    services.readable_picture(owner, id)
    cache = FRESH if id.startswith(SAMPLE) else FOREVER  # another version may bring other samples
    if query.size is not None:
        return File(encode_jpeg(services.store.pixels(id), limit=query.size), "image/jpeg", "picture.jpg", cache)
    return File(_png(services, id), "image/png", "picture.png", cache)


def _png(services: Services, id: str) -> bytes:
    if id.startswith(SAMPLE):
        return encode_png(services.store.pixels(id))
    return services.store.files.picture(id).read_bytes()
