"""Checks of the pictures and the model that a job is given."""

from __future__ import annotations

from collections.abc import Mapping

from texture.errors import InvalidInput
from texture.jobs.store.database import Database
from texture.jobs.store.pictures import Pictures
from texture.jobs.store.schema import JobRow
from texture.materials.given import check_names, check_sizes
from texture.methods.artifacts import MODEL
from texture.methods.contract import Method, Params, check_roles
from texture.methods.roles import MAPS


class Roles:
    """Checks what is given in each role."""

    def __init__(self, database: Database, pictures: Pictures) -> None:
        self._database, self._pictures = database, pictures

    def check(
        self, owner: str, method: Method, params: Params, images: Mapping[str, str], within: str = ""
    ) -> dict[str, str]:
        """What each of `images` is called, of which a job of this method is to be made.

        within: where the parameters stand in what was asked ("runs.0."), for the names in errors.

        Raises:
            NotFound: there is no such picture.
            InvalidInput: a role is unknown or missing, or the job has no model, or the pictures do not fit the
                parameters or each other; it names images.<role> or <within>params.<name>.
        """
        self._check_roles(images, method)
        names = {role: self._called(owner, role, given) for role, given in images.items()}
        self._check_fit(images, method, params, within)
        return names

    def _check_roles(self, images: Mapping[str, str], method: Method) -> None:
        try:
            check_roles(method, images)
        except InvalidInput as error:
            value = images.get(error.field or "")
            raise InvalidInput(f"images: {error}", field=f"images.{error.field}", value=value) from None

    def _check_fit(self, images: Mapping[str, str], method: Method, params: Params, within: str) -> None:
        sizes = {role: self._pictures.size(given) for role, given in images.items() if role != "model"}
        maps = {role: (size.height, size.width) for role, size in sizes.items() if role in MAPS}
        try:
            method.check(params, sizes)
            check_names(maps)
            if maps:
                check_sizes(maps, (sizes["source"].height, sizes["source"].width))
        except InvalidInput as error:
            field = f"images.{error.field}" if method.takes(error.field or "") else f"{within}params.{error.field}"
            words = f"{method.title}: {error}" if within else str(error)
            raise InvalidInput(words, field=field, value=error.value) from None

    def _called(self, owner: str, role: str, given: str) -> str:
        return self._exemplar_of(owner, given) if role == "model" else self._pictures.name(owner, given)

    def _exemplar_of(self, owner: str, job: str) -> str:
        """The name of the exemplar of a job's model."""
        with self._database.reading() as session:
            row = session.get(JobRow, job)
        if row is None or row.owner != owner or row.trashed is not None or MODEL.name not in row.files:
            message = f"images.model: job {job!r} has no model: the id of one of your jobs that trained one is needed"
            raise InvalidInput(message, field="images.model", value=job)
        return row.exemplar
