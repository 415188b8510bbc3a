"""The runs of a comparison: `--methods gatys,sgan` and `--run "gatys steps=60,preset=draft"`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from texture.cli.options import spoken
from texture.errors import InvalidInput
from texture.jobs.store.comparisons import MOST_RUNS
from texture.methods.common.training import MOST_MINUTES
from texture.methods.contract import Method, Params
from texture.methods.registry import find_method
from texture.methods.roles import ROLES
from texture.methods.sizes import Sizes
from texture.wording import Limits, refused

WANTED = 'write "METHOD name=value,name=value"'


@dataclass(frozen=True)
class Planned:
    """One run. limit: seconds of compute time after which it is stopped; None if it ends by itself."""

    method: Method
    params: Params
    limit: float | None


def plan(
    names: str | None,
    runs: Sequence[str],
    common: Mapping[str, Any],
    minutes: float | None,
    given: Collection[str] = ("source",),
) -> list[Planned]:
    """The requested runs, validated, those of --methods first.

    names: methods, with commas between them. runs: each a method and what is particular about it. common: what all
    of them are told that know such a parameter. minutes: how long each may have the device; methods that keep to a
    time by themselves are told, the others are stopped. given: the roles of the pictures that there are.

    Raises:
        InvalidInput: a parameter was refused, a picture is missing or of no use, or there are no runs, or more than 16.
        NotFound: no such method.
    """
    if minutes is not None and not 0 < minutes <= MOST_MINUTES:
        raise refused("minutes", minutes, Limits(0, MOST_MINUTES, excluded=(0,)))
    asked = [*(name.strip() for name in (names or "").split(",") if name.strip()), *runs]
    if not 1 <= len(asked) <= MOST_RUNS:
        raise InvalidInput(f"{len(asked)} runs: 1 to {MOST_RUNS}, by --methods a,b or --run {WANTED[6:]}", field="runs")
    planned = [_planned(one, common, minutes) for one in asked]
    _check_given(planned, given)
    return planned


def check_pictures(planned: Sequence[Planned], sizes: Sizes) -> None:
    """Raise InvalidInput if pictures of these sizes do not fit a run; it names the run's method."""
    for run in planned:
        try:
            run.method.check(run.params, run.method.taken(run.params, sizes))
        except InvalidInput as error:
            raise error.placed(error.field, f"{run.method.name}: {error}") from None


def _check_given(planned: Sequence[Planned], given: Collection[str]) -> None:
    """Check that each method has the pictures it needs, and that each picture is used by a run."""
    for method in [run.method for run in planned]:
        for role in [role for role in method.needs if role not in given]:
            how = "which a comparison cannot give it" if role == "model" else f"so give --{role}"
            raise InvalidInput(f"{method.name} cannot be compared: it needs {ROLES[role].words}, {how}", field=role)
    for role in given:
        if not any(run.method.taken(run.params, {role: None}) for run in planned):
            raise InvalidInput(f"--{role}: none of the runs uses it", field=role)


def _planned(asked: str, common: Mapping[str, Any], minutes: float | None) -> Planned:
    name, _, rest = asked.strip().partition(" ")
    method = find_method(name)
    pairs = filter(None, map(str.strip, rest.split(",")))
    try:
        own = settings_of(pairs, method.params, "run", WANTED)
    except InvalidInput as error:
        raise error.placed("run", f"run {asked!r}: {error}") from None
    preset = own.pop("preset", None)
    told = {name: value for name, value in common.items() if name in method.params.model_fields}
    keeps_time = _keeps_time(method.params, {**method.params.PRESETS.get(preset or "", {}), **own})
    if keeps_time and minutes is not None:
        told["minutes"] = minutes
    params = method.parse({**told, **own}, preset)
    return Planned(method, params, None if keeps_time or minutes is None else 60 * minutes)


def _keeps_time(params: type[Params], asked: Mapping[str, Any]) -> bool:
    """Whether the method ends by itself when its minutes are over: not if a number of steps was asked for."""
    return "minutes" in params.model_fields and "steps" not in asked


def settings_of(
    pairs: Iterable[str], params: type[Params], field: str, how: str = "write NAME=VALUE"
) -> dict[str, Any]:
    """The parameters in `NAME=VALUE`, as they were typed. field: the option that has them; how: it is written.

    Raises:
        InvalidInput: one has no value.
    """
    own = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise InvalidInput(f"{pair!r} is not a setting; {how}", field=field, value=pair)
        name = name.strip().replace("-", "_")
        own[name] = spoken(value.strip(), name, params)
    return own
