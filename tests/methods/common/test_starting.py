"""Where refining begins: with the picture of `match`, as part of the same work, or in a pattern's own phase."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from texture.errors import InvalidInput
from texture.images.lattice import Lattice
from texture.images.tensors import resize
from texture.jobs.running.checkpoint import Checkpoint
from texture.jobs.store.blobs import FolderBlobs
from texture.methods.common.multiscale import Scale
from texture.methods.common.starting import in_pattern, room_of, scales_from
from texture.methods.contract import Step
from texture.methods.registry import find_method
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent
from texture.metrics import seam

CPU = torch.device("cpu")
DOWN, RIGHT = 8, 12  # pixels: the periods of what is drawn here
PATTERN = Lattice(((8.0, 0.0), (0.0, 12.0)), 1.0)
SIZE = Extent(96, 64)
ROUNDS = 40 + 28  # of match with what is given here: two scales

SHALLOW = {"layers": "relu1_1 relu2_1"}
TINY: dict[str, dict[str, Any]] = {
    "gatys": SHALLOW | {"size": 32, "steps": 3},
    "patch": {"size": 32, "steps": 3},
    "cnnmrf": {"size": 32, "steps": 4, "rematch": 2, "layers": "relu2_1", "detail_layers": "relu1_1"},
    "style": {"size": 64, "steps": 3, "style_layers": "relu1_1 pool1", "content_layers": "relu2_1"},
}
FROM_A_PICTURE = pytest.mark.parametrize("name", ["gatys", "patch"])
REFINING = pytest.mark.parametrize("name", TINY)


def noise(height: int = 36, width: int = 40, seed: int = 2) -> Tensor:
    """Coloured blobs."""
    small = torch.rand(3, height // 4, width // 4, generator=torch.Generator().manual_seed(seed))
    return resize(small, (height, width)).clamp(0, 1)


def repeated(height: int = 64, width: int = 96) -> Tensor:
    """One cell of random pixels, again and again."""
    cell = torch.rand(3, DOWN, RIGHT, generator=torch.Generator().manual_seed(1))
    return cell.repeat(1, height // DOWN, width // RIGHT)


BEGUN = Inputs(noise(), initial=noise(16, 16, 5))


def images(name: str) -> Inputs:
    return Inputs(noise(), content=noise(64, 64, 3) if name == "style" else None)


def steps(name: str, state: Any = None, given: Inputs | None = None, **params: Any) -> Any:
    method = find_method(name)
    return method.run(method.parse(TINY.get(name, {}) | params), given or images(name), CPU, state)


@pytest.mark.usefixtures("random_filters")
class TestAfterMatch:
    @REFINING
    def test_its_rounds_are_the_first_steps_of_one_piece_of_work(self, name: str) -> None:
        every: list[Step] = list(steps(name, start="match"))
        total = ROUNDS + TINY[name]["steps"]
        assert [step.number for step in every] == list(range(1, total + 1))
        assert {step.total for step in every} == {total}
        assert [set(step.losses) == {"distance"} for step in every] == [True] * ROUNDS + [False] * (total - ROUNDS)
        shares = [step.done for step in every]
        assert shares == sorted(set(shares))
        assert shares[-1] == 1

    @pytest.mark.parametrize("name", ["gatys", "patch", "cnnmrf"])
    def test_the_work_goes_on_from_the_very_picture_that_match_makes(self, name: str) -> None:
        *_, alone = steps("match", given=images(name), size=32, seed=5)
        picture = next(itertools.islice(steps(name, start="match", seed=5), ROUNDS - 1, None)).image
        assert torch.equal(picture, alone.image)
        still = {"optimiser": "adam"} if name != "patch" else {}
        first = next(itertools.islice(steps(name, start="match", seed=5, learning_rate=1e-9, **still), ROUNDS, None))
        if name == "gatys":  # which gives it the exemplar's mean colour
            shift = (images(name).source.mean((1, 2)) - picture.mean((1, 2)))[:, None, None]
            assert shift.abs().max() > 0.01
            picture = (picture + shift).clamp(0, 1)
        assert (first.image - picture).abs().max() < 1e-3

    @REFINING
    def test_goes_on_bit_for_bit_in_either_part(self, name: str, tmp_path: Path) -> None:
        stops = (1, 41, ROUNDS, ROUNDS + 1)  # at either scale of match, between the parts, and in the second one
        for step in steps(name, start="match"):
            if step.number in stops:
                Checkpoint(FolderBlobs(tmp_path / str(step.number)), "state").save(step.state())
        for stop in stops:
            resumed = list(steps(name, Checkpoint(FolderBlobs(tmp_path / str(stop)), "state").load(), start="match"))
            assert [one.number for one in resumed] == list(range(stop + 1, step.total + 1))
            assert torch.equal(resumed[-1].image, step.image)

    @REFINING
    def test_a_seed_is_a_picture(self, name: str) -> None:
        one, same, other = (list(steps(name, start="match", seed=seed))[-1].image for seed in (1, 1, 2))
        assert torch.equal(one, same)
        assert not torch.equal(one, other)

    @pytest.mark.parametrize("name", ["gatys", "patch", "cnnmrf"])
    def test_the_picture_is_a_tile_in_both_parts(self, name: str) -> None:
        every = list(steps(name, start="match", size="32x48"))
        assert seam(every[ROUNDS - 1].image, "both").seamless
        assert seam(every[-1].image, "both").seamless

    @pytest.mark.parametrize(
        ("name", "params"), [("gatys", {"scales": 2}), ("patch", {"coarsest": 32}), ("cnnmrf", {"scales": 2})]
    )
    def test_with_more_scales_match_makes_the_coarsest(self, name: str, params: dict[str, Any]) -> None:
        given = Inputs(noise(72, 80))
        heights = [step.image.shape[1] for step in steps(name, start="match", given=given, size=64, **params)]
        assert max(heights[:ROUNDS]) == heights[ROUNDS] == 32
        assert heights[-1] == 64

    def test_a_state_of_another_start_is_refused(self) -> None:
        state = next(steps("gatys", start="match")).state()
        with pytest.raises(ValueError, match="of another method, or of other parameters"):
            next(steps("gatys", state, start="noise"))

    def test_maps_of_the_first_part_do_not_outlive_it(self) -> None:
        assert not next(steps("gatys", start="match")).artifacts

    def test_a_content_is_put_together_from_the_style(self) -> None:
        """Light where the content is, of the style's colours."""
        content = torch.zeros(3, 64, 64)
        content[:, :, 32:] = 1
        colours = noise()
        colours[2] = 0  # no blue
        given = Inputs(colours, content=content)
        *_, picture = itertools.islice(steps("style", given=given, start="match"), ROUNDS)
        assert picture.image[2].max() < 0.01
        assert picture.image[:2, :, 40:].mean() > 1.2 * picture.image[:2, :, :24].mean()

    def test_a_content_that_keeps_its_colours_is_shown_with_them_at_the_end(self) -> None:
        every = list(steps("style", start="match", keep_colours=True))
        assert {len(step.image) for step in every} == {3}

    def test_cnnmrf_takes_the_contents_shape(self) -> None:
        given = Inputs(noise(), content=noise(48, 64, 3))
        every = list(steps("cnnmrf", given=given, start="match", content_layers="relu2_1"))
        assert every[0].total == every[-1].number
        assert every[-1].image.shape == (3, 24, 32)


@FROM_A_PICTURE
@pytest.mark.usefixtures("random_filters")
class TestFromAPicture:
    def test_the_work_begins_with_it_at_the_results_own_size_as_with_a_tile(self, name: str) -> None:
        still = {"optimiser": "adam"} if name == "gatys" else {}
        for start in (None, "picture"):
            *_, last = every = list(steps(name, given=BEGUN, start=start, size=64, learning_rate=1e-9, **still))
            assert [step.number for step in every] == [1, 2, 3]
            assert (last.image - resize(BEGUN.initial, (64, 64), "both").clamp(0, 1)).abs().max() < 0.01

    def test_of_several_numbers_of_steps_those_of_the_last_scales_are_taken(self, name: str) -> None:
        assert [step.total for step in steps(name, given=BEGUN, steps="9 5 2")] == [2, 2]

    def test_with_more_scales_it_is_reduced_to_the_coarsest(self, name: str) -> None:
        more = {"scales": 2} if name == "gatys" else {"coarsest": 32}
        heights = [step.image.shape[1] for step in steps(name, given=BEGUN, size=64, steps="9 2 1", **more)]
        assert heights == [32, 32, 64]

    def test_goes_on_bit_for_bit(self, name: str, tmp_path: Path) -> None:
        for step in steps(name, given=BEGUN):
            Checkpoint(FolderBlobs(tmp_path / str(step.number)), "state").save(step.state())
        resumed = list(steps(name, Checkpoint(FolderBlobs(tmp_path / "1"), "state").load(), given=BEGUN))
        assert [one.number for one in resumed] == [2, 3]
        assert torch.equal(resumed[-1].image, step.image)

    def test_a_grey_exemplar_gives_a_grey_result(self, name: str) -> None:
        grey = noise()[:1].repeat(3, 1, 1)
        *_, last = steps(name, given=Inputs(grey, initial=BEGUN.initial))
        assert torch.equal(last.image[0], last.image[1])
        assert torch.equal(last.image[0], last.image[2])

    @pytest.mark.parametrize(
        ("params", "sizes", "field", "complaint"),
        [
            ({"start": "picture"}, {}, "initial", "start=picture: a picture to start from is needed"),
            ({"start": "noise"}, {"initial": SIZE}, "start", "start=noise: the picture to start from would be ignored"),
            ({"size": "64"}, {"initial": SIZE}, "initial", "the starting picture is 96x64 pixels and the result 64x64"),
        ],
    )
    def test_a_picture_that_does_not_fit_is_refused(
        self, name: str, params: dict[str, Any], sizes: dict[str, Extent], field: str, complaint: str
    ) -> None:
        method = find_method(name)
        with pytest.raises(InvalidInput, match=complaint) as caught:
            method.check(method.parse(params), {"source": SIZE, **sizes})
        assert caught.value.field == field

    def test_that_goes_for_a_run_too(self, name: str) -> None:
        with pytest.raises(InvalidInput, match="the starting picture is 40x36 pixels"):
            next(steps(name, given=replace(BEGUN, initial=noise())))


@pytest.mark.parametrize(
    ("name", "params", "sizes", "field", "complaint"),
    [
        (
            "style",
            {"start": "match"},
            {"source": SIZE, "content": SIZE, "style2": SIZE},
            "start",
            "start=match: it puts a picture together from one style",
        ),
        ("style", {"start": "match"}, {"source": SIZE, "content": SIZE, "initial": SIZE}, "start", "would be ignored"),
        ("cnnmrf", {"start": "match"}, {"source": SIZE, "initial": SIZE}, "start", "would be ignored"),
    ],
)
def test_what_match_does_not_begin_with_is_refused(
    name: str, params: dict[str, Any], sizes: dict[str, Extent], field: str, complaint: str
) -> None:
    method = find_method(name)
    with pytest.raises(InvalidInput, match=complaint) as caught:
        method.check(method.parse(params), sizes)
    assert caught.value.field == field


class TestInAPattern:
    @pytest.mark.parametrize("share", [1, 2])
    def test_each_pixel_comes_from_its_own_phase(self, share: int) -> None:
        """Of a picture that repeats exactly, whichever cells are taken, the pattern comes out; at half the size too."""
        exemplar = repeated().repeat_interleave(share, 1).repeat_interleave(share, 2)[:, ::share, ::share]
        here = Scale(SIZE, Extent(96, 64), 1)
        lattice = PATTERN.scaled(share, share)  # of a result so many times as large
        picture = in_pattern(exemplar, lattice, here, Extent(96 * share, 64 * share), seed=3)
        assert torch.equal(picture, exemplar)

    def test_cells_come_from_anywhere_and_a_seed_says_which(self) -> None:
        places = torch.arange(64 * 96, dtype=torch.float32).view(1, 64, 96)
        one, same, other = (in_pattern(places, PATTERN, Scale(SIZE, SIZE, 1), SIZE, seed) for seed in (1, 1, 2))
        assert torch.equal(one, same)
        assert not torch.equal(one, other)
        rows, columns = one.long()[0] // 96, one.long()[0] % 96
        assert torch.equal(rows % DOWN, torch.arange(64)[:, None].expand(64, 96) % DOWN)
        assert torch.equal(columns % RIGHT, torch.arange(96)[None].expand(64, 96) % RIGHT)
        assert len(set(rows[::DOWN, ::RIGHT].flatten().tolist())) > 4

    @pytest.mark.parametrize("name", ["gatys", "patch", "cnnmrf", "guided"])
    def test_an_exemplar_without_one_is_refused(self, name: str) -> None:
        with pytest.raises(InvalidInput, match="start=lattice: the source texture has no regular pattern") as caught:
            next(steps(name, given=Inputs(noise()), start="lattice", size=64))
        assert caught.value.field == "start"

    @pytest.mark.parametrize("name", ["gatys", "patch", "cnnmrf", "guided"])
    @pytest.mark.usefixtures("random_filters")
    def test_the_work_begins_with_it(self, name: str) -> None:
        """At the only scale, with steps too small to be seen, the pattern is there at once."""
        still: dict[str, Any] = {
            "gatys": SHALLOW | {"optimiser": "adam", "start_noise": 0, "scales": 1},
            "patch": {"coarsest": 64, "colours": "rgb"},
            "cnnmrf": {"optimiser": "adam", "scales": 1, "layers": "relu2_1", "detail_layers": "relu1_1"},
            "guided": {"scales": 1, "layers": "relu1_1", "match_histogram": False},
        }[name]
        given = replace(Inputs(repeated()), lattice=PATTERN)
        method = find_method(name)
        p = method.parse(
            {"size": "96x64", "steps": 2, "start": "lattice", "learning_rate": 1e-9, "regular": "off"} | still
        )
        first = next(iter(method.run(p, given, CPU)))
        assert (first.image - repeated()).abs().mean() < 0.06  # of 0.33 where nothing is in its place

    def test_a_pattern_is_not_begun_with_where_it_is_too_fine(self) -> None:
        assert room_of(PATTERN) == 8 / 5
        assert room_of(None) == math.inf
        for name in ("gatys", "patch", "cnnmrf", "guided"):
            module: Any = __import__(f"texture.methods.{name}", fromlist=["plan"])
            plan = module.plan
            plan = plan.plan if name == "cnnmrf" else plan
            p = find_method(name).parse({"start": "lattice"})
            exemplar = Extent(256, 256) if name == "cnnmrf" else {"source": Extent(256, 256)}
            coarsest = min(
                min(scale.size) for scale in plan(p, exemplar, lattice=Lattice(((0.0, 24.0), (20.0, 0.0)), 1.0))
            )
            assert 64 <= coarsest <= 128, name


@pytest.mark.parametrize(("has_forms", "room", "count"), [(True, 8, 1), (False, 8, 4), (False, 1, 1), (False, 1e9, 7)])
def test_where_the_large_forms_are_there_one_scale_is_left(has_forms: bool, room: float, count: int) -> None:
    assert scales_from(has_forms, room) == count
