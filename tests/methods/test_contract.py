"""The contract of a method: how parameters are checked, what a method says of itself, and that all keep to it."""

from __future__ import annotations

import dataclasses
import itertools
import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from texture.errors import InvalidInput, NotFound
from texture.methods.registry import find_method, methods
from texture.methods.roles import ROLES, Inputs
from texture.methods.sizes import Extent


@pytest.mark.parametrize(
    ("written", "size"),
    [("256", (256, 256)), (256, (256, 256)), ("640x384", (640, 384)), ("640×384", (640, 384)), ((64, 32), (64, 32))],
)
def test_sizes_are_written_as_people_write_them(written: object, size: tuple[int, int]) -> None:
    assert find_method("counting").parse({"size": written}).size == size


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("size", "250", "between 32 and 2048 pixels in steps of 16, not 250: 240 or 256 would do"),
        ("size", "250x300", "not 250x300: 240x288 or 256x304 would do"),
        ("size", "4096", "between 32 and 2048 pixels in steps of 16, not 4096: 2048 would do"),
        ("size", "16x256", "not 16x256: 32x256 would do"),
        ("size", "wide", 'between 32 and 2048 pixels in steps of 16, not "wide": write 512 or 640x384'),
        ("size", "-256", "write 512 or 640x384"),
        ("size", None, "write 512 or 640x384"),
        ("size", "256 256 256", "write 512 or 640x384"),
        ("seed", -1, "between 0 and 4,294,967,295, not -1"),
        ("seed", 2**32, "between 0 and 4,294,967,295, not 4,294,967,296"),
        ("seed", True, "a whole number between 0 and 4,294,967,295, not true"),
        ("steps", False, "a whole number between 1 and 10,000,000, not false"),
        ("seed", "one", 'a whole number between 0 and 4,294,967,295, not "one"'),
        ("tile", "xy", 'one of none, x, y, both, not "xy"'),
        ("steps", 0, "between 1 and 10,000,000, not 0"),
    ],
)
def test_bad_parameters_are_refused_by_name_value_and_range(field: str, value: object, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint) as caught:
        find_method("counting").parse({field: value})
    assert (caught.value.field, caught.value.value) == (field, value)
    title = {"tile": "Seamless"}.get(field, field.capitalize())
    assert str(caught.value).startswith(f"{title} must be ")


def test_a_parameter_that_the_method_does_not_have_is_refused_with_those_it_has() -> None:
    with pytest.raises(InvalidInput, match="stepz is not known to counting; known: size, tile, seed, steps") as caught:
        find_method("counting").parse({"stepz": 5})
    assert (caught.value.field, caught.value.value) == ("stepz", 5)


def test_an_unknown_preset_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidInput, match="of gatys must be one of draft, standard, fine, from-noise, paper, not"):
        find_method("gatys").parse({}, preset="huge")


def test_an_unknown_method_is_refused_with_those_there_are() -> None:
    with pytest.raises(NotFound, match=r"method 'gaty': one of .*gatys"):
        find_method("gaty")


@pytest.mark.parametrize(
    ("method", "field", "numbers"),
    [
        ("gatys", "steps", (150, 80)),
        ("style", "blend", (2.0, 0.123456789)),
        ("cnnmrf", "patch_scales", (0.5, 1.0)),
        ("cnnmrf", "patch_rotations", (-15.0, 0.0)),
    ],
)
def test_several_numbers_may_be_given_as_people_write_them_and_stay_the_same(
    method: str, field: str, numbers: tuple[float, ...]
) -> None:
    parse = find_method(method).parse
    for written in (numbers, list(numbers), tuple(np.array(numbers)), str(numbers)[1:-1], " ".join(map(str, numbers))):
        p = parse({field: written})
        assert getattr(p, field) == numbers
        assert parse(json.loads(p.model_dump_json())) == p


@pytest.mark.parametrize("name", list(methods()))
def test_defaults_and_presets_are_valid_and_survive_json(name: str) -> None:
    method = find_method(name)
    for preset in method.params.PRESETS:
        p = method.parse({}, preset)
        assert method.parse(json.loads(p.model_dump_json())) == p


@pytest.mark.parametrize("name", list(methods()))
def test_every_parameter_has_a_help_text_and_the_method_a_summary(name: str) -> None:
    description = find_method(name).description()
    json.dumps(description)
    assert len(description["summary"]) > 40
    for field, schema in description["schema"]["properties"].items():
        assert schema.get("description"), f"{name}.{field} has no help text"


def test_methods_are_listed_and_checked_without_torch() -> None:
    code = "import sys; from texture.methods.registry import methods; methods(); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_size_is_written_short_where_it_is_square() -> None:
    assert (str(Extent(256, 256)), str(Extent(640, 384))) == ("256", "640x384")


def test_counting_goes_on_bit_for_bit_from_its_state() -> None:
    method, images = find_method("counting"), Inputs(torch.rand(3, 40, 40))
    p = method.parse({"steps": 10, "seed": 3})
    first = list(itertools.islice(method.run(p, images, torch.device("cpu")), 4))[-1]
    resumed = list(method.run(p, images, torch.device("cpu"), first.state()))
    whole = list(method.run(p, images, torch.device("cpu")))
    assert [step.number for step in resumed] == [5, 6, 7, 8, 9, 10]
    assert torch.equal(resumed[-1].image, whole[-1].image)


def test_methods_are_offered_in_their_own_order_whichever_is_imported_first() -> None:
    code = "import texture.methods.texnet, texture.methods.registry as registry; print(*registry.methods())"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    refining, last = (
        ["gatys", "patch", "style", "cnnmrf", "guided"],
        ["texnet", "sgan", "sample", "walk", "stylise", "tileset", "material"],
    )
    assert printed.split() == ["match", "seamless", "mend", "counting", *refining, *last]


def test_inputs_have_a_place_for_every_role() -> None:
    """And for nothing else but the maps of the exemplar, and what is found out of it."""
    assert [field.name for field in dataclasses.fields(Inputs)] == [*ROLES, "lattice", "maps"]
