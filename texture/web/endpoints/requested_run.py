"""A requested run: method, parameters and pictures; validated before it is queued, errors naming their field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, create_model

from texture.errors import InvalidInput, NotFound
from texture.methods.contract import Method, Params
from texture.methods.registry import find_method
from texture.methods.roles import MAPS, PICTURES, ROLES
from texture.web.api.problems import RANGE, Refused, allowed_by, allowed_in, problem
from texture.web.services import Services


class Given(BaseModel, extra="forbid"):
    """The inputs of a job: ids of uploads or sample:<name>, and the id of a job that has a model."""

    @property
    def given(self) -> dict[str, str]:
        """By role, those that are there."""
        return self.model_dump(exclude_none=True)


if TYPE_CHECKING:
    Images = Given
else:
    _fields = {
        name: (str | None, Field(None, max_length=100, description=role.about))
        for name, role in {**ROLES, **MAPS}.items()
    }
    Images = create_model("Images", __base__=Given, __doc__=Given.__doc__, **_fields)


class NewRun(BaseModel, extra="forbid"):
    """The method and its parameters."""

    method: str = Field(max_length=100)
    preset: str | None = Field(None, max_length=100, description="a preset of the method, which params override")
    params: dict[str, Any] = Field(default_factory=dict, description="what differs from the preset or the defaults")


def chosen(run: NewRun, within: str = "") -> tuple[str, Params]:
    """The method's name and its parameters, whole and checked.

    within: where the run stands in the body ("runs.0."), for the names in errors.

    Raises:
        InvalidInput, Refused: there is no such method or preset, or a parameter does not fit.
    """
    method = requested_method(run.method, within)
    return method.name, _params(method, run, within)


def check_images(services: Services, owner: str, images: Images) -> None:
    """Raise InvalidInput for the first picture that this session may not use; models are checked by the store."""
    for role in (*PICTURES, *MAPS):
        id = images.given.get(role)
        try:
            if id is not None:
                services.own_picture(owner, id)
                services.store.pictures.check_file(id)
        except NotFound as error:
            raise InvalidInput(str(error), field=f"images.{role}", value=id) from None


def requested_method(name: str, within: str = "") -> Method:
    """The method of that name. Raises InvalidInput, which names the field `method` within the request."""
    try:
        return find_method(name)
    except NotFound as error:
        raise InvalidInput(str(error), field=f"{within}method", value=name) from None


def _params(method: Method, run: NewRun, within: str) -> Params:
    try:
        return method.parse(run.params, run.preset)
    except InvalidInput as error:
        if error.field == "preset":
            raise error.placed(f"{within}preset") from None
        name = error.field or ""
        told = allowed_in(method.params.model_json_schema(), name) or {}
        allowed = told if set(RANGE) & set(told) else {**told, **allowed_by(error)}
        field = f"{within}params.{name}" if name else f"{within}params"
        raise Refused(problem(422, str(error), field=field, value=error.value, allowed=allowed or None)) from None
