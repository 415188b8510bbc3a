"""What others need to know of a run, from its parameters and the sizes of its pictures alone."""

from __future__ import annotations

from typing import Any

import pytest

from texture.methods.artifacts import ANIMATION, MODEL, ORIGINS, PICTURE, Artifact
from texture.methods.contract import Outline
from texture.methods.registry import find_method, methods
from texture.methods.sizes import Extent

EXEMPLAR, CONTENT = Extent(300, 200), Extent(400, 100)


def outline(method: str, content: bool = False, **params: Any) -> Outline:
    found = find_method(method)
    return found.outline(found.parse(params), {"source": EXEMPLAR, **({"content": CONTENT} if content else {})})


@pytest.mark.parametrize(
    ("method", "params", "size"),
    [
        ("gatys", {"size": "128x64"}, (128, 64)),
        ("counting", {}, (64, 64)),
        ("sample", {"size": "1920x1080"}, (1920, 1080)),
        ("seamless", {}, EXEMPLAR),
        ("mend", {}, EXEMPLAR),
    ],
)
def test_the_size_of_the_result(method: str, params: dict[str, Any], size: tuple[int, int]) -> None:
    assert outline(method, **params).size == size


@pytest.mark.parametrize(
    ("method", "params", "size"),
    [
        ("match", {"size": "128"}, (128, 32)),
        ("style", {"size": 128}, (128, 32)),
        ("stylise", {}, CONTENT),
        ("stylise", {"size": 200}, (200, 50)),
    ],
)
def test_with_a_content_it_has_that_shape(method: str, params: dict[str, Any], size: tuple[int, int]) -> None:
    assert outline(method, content=True, **params).size == size


def test_only_the_model_or_a_picture_tells_the_size_of_some() -> None:
    assert find_method("stylise").outline(find_method("stylise").params(), {}).size is None


@pytest.mark.parametrize(
    ("method", "params", "roles", "seeded"),
    [
        ("gatys", {}, {"source"}, True),
        ("gatys", {}, {"source", "initial"}, False),
        ("gatys", {"statistics": "wasserstein"}, {"source", "initial"}, True),
        ("match", {}, {"source", "initial"}, True),
        ("cnnmrf", {}, {"source"}, True),
        ("cnnmrf", {}, {"source", "content"}, False),
        ("cnnmrf", {"start": "match"}, {"source", "content"}, True),
        ("style", {}, {"source", "content"}, False),
        ("style", {"start": "noise"}, {"source", "content"}, True),
    ],
)
def test_where_one_picture_comes_of_all_seeds(
    method: str, params: dict[str, Any], roles: set[str], seeded: bool
) -> None:
    found = find_method(method)
    outline = found.outline(found.parse({**params, "seed": 3}), dict.fromkeys(roles, CONTENT))
    assert outline.seed == (3 if seeded else None)


def test_the_axes_that_tile() -> None:
    assert outline("gatys").tile == "both"
    assert outline("gatys", tile="x").tile == "x"
    assert outline("match", content=True).tile == "none"
    assert outline("style", content=True).tile == "none"


def test_the_exemplar_as_it_is_looked_at() -> None:
    assert outline("gatys", size="128").exemplar == (192, 128)
    assert outline("gatys", size="512").exemplar == EXEMPLAR
    assert outline("gatys", exemplar_size=50).exemplar == (75, 50)
    assert outline("sgan", size="64", crop=128).exemplar == (192, 128)  # enlarged, so that a crop fits
    assert outline("style").exemplar == EXEMPLAR


def test_whether_a_regular_exemplar_is_fitted() -> None:
    assert outline("match").fits
    assert not outline("match", regular="off").fits
    assert not outline("match", content=True).fits
    assert not outline("style", content=True).fits


def test_the_network_is_the_one_that_was_chosen() -> None:
    assert outline("gatys").network == "vgg19"
    assert outline("gatys", network="vgg16").network == "vgg16"
    assert outline("match").network is outline("sgan").network is None


def test_work_grows_with_steps_and_pixels() -> None:
    assert outline("patch", size="128", steps="40 20").work == 2 * outline("patch", size="128", steps="20 10").work
    assert outline("match", rounds="16 4").work == 2 * outline("match", rounds="8 2").work
    assert outline("gatys", size="512", scales=1).work == 4 * outline("gatys", size="256", scales=1).work
    assert outline("style", size=512, scales=1).work == 4 * outline("style", size=256, scales=1).work
    assert outline("sgan", steps=10).work == 10 * outline("sgan", steps=1).work


def test_a_step_at_a_coarse_scale_is_a_quarter_of_the_work_of_one_at_the_next() -> None:
    coarse, fine = (outline("gatys", scales=2, steps=steps, start="noise").work for steps in ("40 1", "1 10"))
    assert coarse == (10 + 1) * 256**2
    assert fine == (0.25 + 10) * 256**2


def test_a_run_that_is_given_its_time_says_so() -> None:
    assert outline("sgan", minutes=2).seconds == outline("texnet", minutes=2).seconds == 120
    assert outline("sgan").seconds is outline("gatys").seconds is None


def test_a_model_that_repaints_makes_nothing_from_noise_alone() -> None:
    assert outline("texnet").samples
    assert not outline("texnet", task="stylise").samples


def test_what_runs_leave() -> None:
    assert find_method("gatys").produces == (PICTURE,)
    assert find_method("match").produces == (PICTURE, ORIGINS)
    assert find_method("sgan").produces == (PICTURE, MODEL)
    assert find_method("walk").produces == (ANIMATION, PICTURE)  # what it is started for comes first


def test_every_method_leaves_a_picture_and_no_two_files_of_one_name() -> None:
    for method in methods().values():
        names = [artifact.name for artifact in method.produces]
        assert PICTURE in method.produces
        assert len(names) == len(set(names))


@pytest.mark.parametrize("name", ["../up.png", "a/b.png", "noending", ".png", ""])
def test_an_artifact_has_a_plain_file_name_with_an_ending(name: str) -> None:
    with pytest.raises(ValueError, match="no plain file name"):
        Artifact(name, "image/png", "Title", "use")


def test_from_a_picture_there_is_one_scale_to_work_at() -> None:
    found = find_method("patch")
    given = {"source": EXEMPLAR, "initial": Extent(64, 64)}
    assert found.outline(found.parse({"steps": "9 5 2", "size": "128"}), given).work == 2 * 128 * 128
