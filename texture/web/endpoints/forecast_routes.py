"""What runs would take, before they are started."""

from __future__ import annotations

from pydantic import BaseModel, Field

from texture.jobs.store.comparisons import MOST_RUNS
from texture.methods.contract import Method, Outline, Params
from texture.methods.registry import find_method
from texture.methods.sizes import Sizes
from texture.runs.forecast import Forecast, forecast, together
from texture.runs.machine import Machine
from texture.web.api.route import Routes
from texture.web.endpoints.requested_run import Images, NewRun, check_images, chosen
from texture.web.services import Services

EXAMPLE = {"images": {"source": "sample:pebbles"}, "runs": [{"method": "gatys", "params": {"size": "512"}}]}

forecasts = Routes()


class Planned(BaseModel, extra="forbid", json_schema_extra={"examples": [EXAMPLE]}):
    """Runs that may be started; their pictures may be missing yet."""

    images: Images = Field(default_factory=Images)
    runs: list[NewRun] = Field(min_length=1, max_length=MOST_RUNS)
    instead: list[NewRun] = Field([], max_length=MOST_RUNS, description="what each of these would take by itself")


class RunForecast(BaseModel):
    """What one of them would take."""

    seconds: float | None = Field(description="compute time, with the device to itself; null where nobody knows yet")
    memory: int | None = Field(description="peak memory in bytes; null where nobody knows")
    seeded: bool = Field(description="whether the seed changes the result")

    @classmethod
    def of(cls, one: Forecast, outline: Outline) -> RunForecast:
        """A forecast, as it is told."""
        return cls(seconds=one.seconds, memory=one.memory, seeded=outline.seed is not None)


class Expected(BaseModel):
    """What they would take."""

    runs: list[RunForecast]
    instead: list[RunForecast]
    seconds: float | None = Field(description="of all of them together; null unless all are known")
    memory: int | None = Field(description="of all of them together, as the runs of a comparison share the device")
    long: bool = Field(description="whether that is an hour or more")
    measuring: bool = Field(description="whether the machine is being measured: ask again in a few seconds")


@forecasts.post("/forecast", errors=(400, 404, 413, 415, 422))
def forecast_runs(services: Services, owner: str, body: Planned) -> Expected:
    """How long runs would take on this server, and how much memory. None is started; the worker gets ready for it."""
    runs = [chosen(run, f"runs.{place}.") for place, run in enumerate(body.runs)]
    instead = [chosen(run, f"instead.{place}.") for place, run in enumerate(body.instead)]
    check_images(services, owner, body.images)
    pictures = {role: id for role, id in body.images.given.items() if role != "model"}
    sizes = {role: services.store.pictures.size(id) for role, id in pictures.items()}
    known = Machine(services.settings.cache, services.settings.device).known()
    outlined = [_outlined(name, params, sizes) for name, params in (*runs, *instead)]
    found = [forecast(*run, known.runs, known.calibration) for run in outlined]
    told = [RunForecast.of(one, outline) for one, (_, _, outline) in zip(found, outlined, strict=True)]
    preparing = services.engine.prepare()
    count, measuring = len(runs), preparing and not known.calibration and any(one.seconds is None for one in found)
    whole = together(found[:count])
    return Expected(
        runs=told[:count],
        instead=told[count:],
        seconds=whole.seconds,
        memory=whole.memory,
        long=whole.long,
        measuring=measuring,
    )


def _outlined(name: str, params: Params, sizes: Sizes) -> tuple[Method, Params, Outline]:
    method = find_method(name)
    return method, params, method.outline(params, method.taken(params, sizes))
