"""What runs would take, before they are started."""

from __future__ import annotations

import math

from pydantic import BaseModel, Field

from texture.jobs.store.comparisons import MOST_RUNS
from texture.methods.contract import Method, Outline, Params
from texture.methods.registry import find_method
from texture.methods.sizes import Sizes
from texture.runs.forecast import Forecast, forecast, together
from texture.runs.machine import Known
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


class MachineForecast(BaseModel):
    """What all of them together would take on one kind of machine."""

    machine: str = Field(description="processor, cores, PyTorch")
    seconds: float | None
    memory: int | None

    @classmethod
    def of(cls, machine: str, whole: Forecast) -> MachineForecast:
        """The forecast for that machine."""
        return cls(machine=machine, seconds=whole.seconds, memory=whole.memory)


class Expected(BaseModel):
    """What they would take; where workers are on machines of several kinds, on the fastest."""

    runs: list[RunForecast]
    instead: list[RunForecast]
    seconds: float | None = Field(description="of all of them together; null unless all are known")
    memory: int | None = Field(description="of all of them together, as the runs of a comparison share the device")
    long: bool = Field(description="whether that is an hour or more")
    machines: list[MachineForecast] = Field(description="the same for each kind of machine that a worker is on")
    measuring: bool = Field(description="whether the machine is being measured: ask again in a few seconds")


@forecasts.post("/forecast", errors=(400, 404, 413, 415, 422))
def forecast_runs(services: Services, owner: str, body: Planned) -> Expected:
    """How long runs would take on this server, and how much memory. None is started; the worker gets ready for it."""
    runs = [chosen(run, f"runs.{place}.") for place, run in enumerate(body.runs)]
    instead = [chosen(run, f"instead.{place}.") for place, run in enumerate(body.instead)]
    check_images(services, owner, body.images)
    pictures = {role: id for role, id in body.images.given.items() if role != "model"}
    sizes = {role: services.store.pictures.size(id) for role, id in pictures.items()}
    outlined = [_outlined(name, params, sizes) for name, params in (*runs, *instead)]
    count = len(runs)
    by_machine = [(known, _forecasts(outlined, known)) for known in services.engine.machines() or [Known()]]
    known, found = min(by_machine, key=lambda one: _seconds(one[1][:count]))
    told = [RunForecast.of(one, outline) for one, (_, _, outline) in zip(found, outlined, strict=True)]
    preparing = services.engine.prepare()
    measuring = preparing and not known.calibration and any(one.seconds is None for one in found)
    whole = together(found[:count])
    return Expected(
        runs=told[:count],
        instead=told[count:],
        seconds=whole.seconds,
        memory=whole.memory,
        long=whole.long,
        measuring=measuring,
        machines=[MachineForecast.of(known.machine, together(told[:count])) for known, told in by_machine],
    )


def _forecasts(outlined: list[tuple[Method, Params, Outline]], known: Known) -> list[Forecast]:
    return [forecast(*run, known.runs, known.calibration) for run in outlined]


def _seconds(found: list[Forecast]) -> float:
    seconds = together(found).seconds
    return math.inf if seconds is None else seconds


def _outlined(name: str, params: Params, sizes: Sizes) -> tuple[Method, Params, Outline]:
    method = find_method(name)
    return method, params, method.outline(params, method.taken(params, sizes))
