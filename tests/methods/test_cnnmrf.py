"""Li & Wand 2016: stages, copies, matches that survive a stop, exact tiles, guidance; random filters where they do."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from texture.errors import InvalidInput
from texture.images.decoding import read
from texture.images.samples import samples
from texture.images.tensors import resize, to_tensor
from texture.jobs.running.checkpoint import Checkpoint
from texture.jobs.store.blobs import FolderBlobs
from texture.methods.artifacts import ORIGINS
from texture.methods.cnnmrf.mrf_stages import Work
from texture.methods.cnnmrf.params import CNNMRFParams
from texture.methods.cnnmrf.plan import plan
from texture.methods.common.exemplar_copies import Copy, copies
from texture.methods.common.origins import copied, way_back
from texture.methods.contract import Step
from texture.methods.registry import find_method
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent
from texture.metrics import seam
from texture.settings import Settings

CPU = torch.device("cpu")
SHALLOW = {"layers": "relu2_1", "detail_layers": "relu1_1"}  # enough where depth does not matter, and quick
GUIDED = SHALLOW | {"content_layers": "relu2_1"}
CNNMRF = find_method("cnnmrf")


def start(exemplar: Tensor, state: Any = None, *, content: Any = None, initial: Any = None, **params: Any) -> Any:
    return CNNMRF.run(CNNMRF.parse(params), Inputs(exemplar, content=content, initial=initial), CPU, state)


def run(exemplar: Tensor, state: Any = None, **rest: Any) -> list[Step]:
    return list(start(exemplar, state, **rest))


def coarse(height: int, width: int, seed: int = 2) -> Tensor:
    """Coloured noise with some structure."""
    noise = torch.rand(3, height // 4, width // 4, generator=torch.Generator().manual_seed(seed))
    return resize(noise, (height, width)).clamp(0, 1)


@pytest.fixture
def exemplar() -> Tensor:
    return coarse(64, 72)


@pytest.mark.parametrize(
    ("params", "exemplar", "content", "stages"),
    [
        ({"steps": "20 10"}, (256, 256), None, ["64<64:10 64<64:10", "128<128:10", "256<256:10"]),
        ({"steps": "15 9"}, (64, 64), None, ["128<32:10 128<32:5", "256<64:9"]),
        ({"size": "128x64", "steps": 5}, (300, 200), None, ["128x64<96x64:5"]),
        ({"size": "640x384", "steps": 5, "scales": 2}, (100, 100), None, ["320x192<50:5", "640x384<100:5"]),
        ({"size": 144, "steps": 5}, (144, 144), None, ["64<72:5", "144<144:5"]),
        ({"size": 256, "steps": 5}, (256, 256), (400, 300), ["128x96<128:5", "256x192<256:5"]),
        ({"size": 256, "steps": 5, "scales": 1}, (99, 99), (30, 47), ["163x256<99:5"]),
        ({"size": 8192, "steps": 5, "scales": 1}, (256, 256), None, ["8192<256:5"]),
        ({"size": 80, "scales": 2, "steps": 5, "patch_size": 5}, (256, 256), None, ["80<80:5"]),
        ({"exemplar_size": 64, "steps": 5}, (256, 256), None, ["128<32:5", "256<64:5"]),
    ],
)  # fmt: skip
def test_each_matching_is_a_stage_and_scales_halve_while_there_are_patches(
    params: dict[str, Any], exemplar: tuple[int, int], content: tuple[int, int] | None, stages: list[str]
) -> None:
    p = CNNMRF.parse({"rematch": 10} | params)
    assert isinstance(p, CNNMRFParams)
    found = plan(p, Extent(*exemplar), content and Extent(*content))
    scales = [stage.opens for stage in found]
    assert [f"{stage.size}<{stage.exemplar}:{stage.steps}" for stage in found] == " ".join(stages).split()
    assert sum(scales) == len(stages)


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("layers", "relu9_1", "no layer 'relu9_1'"),
        ("detail_layers", "relu3_1", "relu3_1 is already among layers"),
        ("detail_layers", "pool3", "pool3 is coarser than the finest of layers, relu3_1, relu4_1"),
        ("patch_size", 8, " and 7, not "),
        ("stride", 4, "patches of 3 cells would leave gaps"),
        ("exemplar_stride", 0, "must be between 1 and "),
        ("rematch", 0, "must be between 1 and "),
        ("variety", 2, " and 1, not "),
        ("patch_scales", "5", "5 is not between 0.25 and 4"),
        ("patch_scales", "", "write 1 to 7 numbers, not 0"),
        ("patch_rotations", "0 x", "write numbers: 0.85 1 1.15"),
        ("patch_rotations", "270", "270 is not between -180 and 180"),
        ("patch_rotations", "1 2 3 4 5 6 7 8", "write 1 to 7 numbers, not 8"),
        ("content_weight", -1, "must be between 0 and "),
        ("total_variation", float("nan"), "a number between"),
        ("start", "style", "noise, exemplar, content, picture, not "),
    ],
)
def test_bad_options_are_refused(field: str, value: object, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint) as caught:
        CNNMRF.parse({field: value})
    assert caught.value.field == field


def test_layers_that_the_network_lacks_are_refused() -> None:
    with pytest.raises(InvalidInput, match="vgg16 has no layer relu3_4"):
        CNNMRF.parse({"network": "vgg16", "detail_layers": "relu3_4"})


@pytest.mark.parametrize(
    ("params", "images", "field", "complaint"),
    [
        ({}, {"source": (31, 400)}, "source", "31x400 pixels: at least 32 each way"),
        ({"patch_size": 7}, {"source": (48, 48)}, "source", "48x48 pixels: at least 56 each way"),
        ({"exemplar_size": 32, "patch_scales": "0.5 1"}, {"source": (64, 64)}, "source",
         "64x64 pixels, reduced to 32x32, and 16 for the smallest copy that was asked for: at least 32"),
        ({"size": "32x64", "patch_size": 6}, {"source": (64, 64)}, "size",
         "size=32x64: patches of 6 cells of relu4_1 need 41 pixels each way"),
        ({}, {"source": (64, 64), "content": (640, 32)}, "content",
         "the content is 640x32 pixels, the result 256x13: patches of 3 cells of relu4_1 need 17"),
        ({"start": "content"}, {"source": (64, 64)}, "content", "start=content: a content picture is needed"),
        ({"start": "picture"}, {"source": (64, 64)}, "initial", "start=picture: a picture to start from is needed"),
        ({"start": "noise"}, {"source": (64, 64), "initial": (64, 64)}, "start", "start=noise: the picture to start"),
    ],
)  # fmt: skip
def test_pictures_that_do_not_fit_are_refused_before_any_work(
    params: dict[str, Any], images: dict[str, tuple[int, int]], field: str, complaint: str
) -> None:
    pictures = {role: torch.rand(3, height, width) for role, (width, height) in images.items()}
    with pytest.raises(InvalidInput, match=complaint) as caught:
        CNNMRF.run(CNNMRF.parse(params), Inputs(**pictures), CPU)  # not even one step is asked for
    assert caught.value.field == field


def test_the_copies_are_all_sizes_at_all_angles_the_plain_one_first() -> None:
    p = CNNMRF.parse({"patch_scales": "0.5 1 2", "patch_rotations": "-90 0 45"})
    assert isinstance(p, CNNMRFParams)
    found = copies(p, Extent(120, 120))
    assert found[0] == Copy(Extent(120, 120), 0, 1)
    assert [(str(copy.size), copy.degrees) for copy in found] == [
        (size, degrees) for degrees, sizes in ((0, (120, 60, 240)), (-90, (120, 60, 240)), (45, (85, 42, 170)))
        for size in map(str, sizes)
    ]  # fmt: skip


def test_a_copy_turned_by_a_right_angle_is_the_exemplar_turned() -> None:
    exemplar = coarse(48, 48)
    for degrees, quarters in ((90, 1), (180, 2), (-90, -1)):
        turned = copied(exemplar, Copy(Extent(48, 48), degrees, 1.0))
        torch.testing.assert_close(turned, exemplar.rot90(quarters, (1, 2)), atol=1e-4, rtol=0)


def test_a_turned_copy_has_nothing_but_the_exemplar_in_it() -> None:
    p = CNNMRF.parse({"patch_rotations": "30"})
    assert isinstance(p, CNNMRFParams)
    (copy,) = copies(p, Extent(80, 48))
    corners = torch.tensor([[x, y, 1.0] for x, y in itertools.product((-1, 1), repeat=2)]) @ way_back(copy).T
    assert corners.abs().max() == pytest.approx(1, abs=0.5 / min(copy.size))


@pytest.mark.usefixtures("random_filters")
class TestWithRandomFilters:
    def test_the_loss_falls_and_the_steps_are_counted_over_all_stages(self, exemplar: Tensor) -> None:
        steps = run(exemplar, size=64, scales=2, steps="6 4", rematch=3, **SHALLOW)
        assert [(step.number, step.total) for step in steps] == [(number, 10) for number in range(1, 11)]
        assert [step.image.shape[1] for step in steps] == [32] * 6 + [64] * 4
        assert steps[5].losses["style"] < steps[0].losses["style"]
        assert set(steps[-1].losses) == {"style"}
        assert [step.done for step in steps] == sorted(step.done for step in steps)

    @pytest.mark.parametrize(
        "option",
        [
            {"rematch": 1},
            {"patch_size": 2},
            {"stride": 2},
            {"exemplar_stride": 3},
            {"variety": 1},
            {"patch_scales": "0.8 1"},
            {"patch_rotations": "0 90"},
            {"layers": "relu1_1 relu2_1", "detail_layers": None},
            {"detail_layers": None},
            {"total_variation": 0.5},
            {"start": "exemplar"},
            {"exemplar_size": 32},
            {"match_histogram": True},
            {"optimiser": "adam"},
            {"seed": 1},
        ],
        ids=str,
    )
    def test_every_option_has_an_effect_and_lowers_the_loss(self, exemplar: Tensor, option: dict[str, Any]) -> None:
        whole = {"size": 48, "steps": 6, "rematch": 3} | SHALLOW
        steps = run(exemplar, **whole | option)
        assert (steps[-1].image - run(exemplar, **whole)[-1].image).abs().max() > 1e-3
        assert steps[-1].losses["style"] < steps[0].losses["style"]

    @pytest.mark.parametrize("option", [{"content_weight": 5}, {"content_layers": "relu1_1"}, {"start": "noise"}])
    def test_every_option_of_guidance_has_an_effect(self, exemplar: Tensor, option: dict[str, Any]) -> None:
        whole: dict[str, Any] = {"content": coarse(40, 48, seed=5), "size": 48, "steps": 4} | GUIDED
        assert (run(exemplar, **whole | option)[-1].image - run(exemplar, **whole)[-1].image).abs().max() > 1e-3

    def test_a_guided_result_has_the_contents_shape_and_does_not_tile(self, exemplar: Tensor) -> None:
        content = coarse(100, 180, seed=5)
        step = run(exemplar, content=content, size="96x64", steps=2, tile="both", **GUIDED)[-1]
        assert step.image.shape == (3, 53, 96)
        assert set(step.losses) == {"style", "content"}
        assert step.artifacts[ORIGINS]().shape == (3, 53, 96)

    def test_a_heavy_content_is_rebuilt(self, exemplar: Tensor) -> None:
        content = coarse(48, 48, seed=5)
        step = run(exemplar, content=content, size=48, steps=30, start="noise", content_weight=1e4, **GUIDED)[-1]
        assert (step.image - content).abs().mean() < 0.3 * (exemplar[:, :48, :48] - content).abs().mean()

    def test_a_picture_to_start_from_gives_the_layout(self, exemplar: Tensor) -> None:
        initial = coarse(96, 96, seed=7)
        image = run(exemplar, initial=initial, size=48, steps=1, **SHALLOW)[0].image
        assert (image - resize(initial, (48, 48))).abs().mean() < 0.1

    @pytest.mark.parametrize("tile", ["none", "x", "y", "both"])
    def test_the_work_does_not_see_where_a_torus_was_cut(self, exemplar: Tensor, tile: str) -> None:
        """From a rolled picture the same steps, a matching among them, lead to the rolled result."""
        whole = {"size": 48, "steps": 4, "rematch": 2, "tile": tile, "precision": "float32"} | SHALLOW
        picture = resize(exemplar[:, :, :64], (48, 48)).clamp(0, 1)
        first = run(exemplar, initial=picture, **whole)[-1].image
        for axis, wraps in ((1, tile in ("y", "both")), (2, tile in ("x", "both"))):
            second = run(exemplar, initial=picture.roll(16, axis), **whole)[-1].image
            assert ((second.roll(-16, axis) - first).abs().max() < 5e-3) == wraps

    @pytest.mark.parametrize("optimiser", ["lbfgs", "adam"])
    def test_goes_on_bit_for_bit_between_two_matchings_and_at_each(
        self, exemplar: Tensor, optimiser: str, tmp_path: Path
    ) -> None:
        """Stopped within a stage, where the next one is a matching, and where it is a finer scale."""
        params = {"size": 64, "scales": 2, "steps": "6 2", "rematch": 3, "optimiser": optimiser} | SHALLOW
        for step in start(exemplar, **params):
            if step.number in (2, 3, 4, 6):
                Checkpoint(FolderBlobs(tmp_path / str(step.number)), "state").save(step.state())
        for stop in (2, 3, 4, 6):
            *resumed, last = run(exemplar, Checkpoint(FolderBlobs(tmp_path / str(stop)), "state").load(), **params)
            assert [step.number for step in [*resumed, last]] == list(range(stop + 1, 9))
            assert torch.equal(last.image, step.image)
            assert torch.equal(last.artifacts[ORIGINS](), step.artifacts[ORIGINS]())

    def test_a_state_of_other_matchings_is_refused(self, exemplar: Tensor) -> None:
        params = {"size": 48, "scales": 1, "steps": 4} | SHALLOW
        state = run(exemplar, rematch=1, **params)[-2].state()
        with pytest.raises(ValueError, match="state: of another method, or of other parameters"):
            run(exemplar, state, rematch=2, **params)

    def test_the_map_shows_where_in_the_exemplar_each_patch_is_from(self) -> None:
        """The result being the exemplar, rolled: red and green are where each pixel came from, a cell apart at most."""
        exemplar = coarse(64, 64)
        step = next(start(exemplar, initial=exemplar.roll((16, 32), (1, 2)), size=64, steps=1, **SHALLOW))
        colours = step.artifacts[ORIGINS]()
        position = torch.arange(64) / 64
        right = (colours[0] - position.roll(32)).abs() < 2.5 / 64
        down = (colours[1] - position.roll(16)[:, None]).abs() < 2.5 / 64
        assert (right & down).float().mean() > 0.8  # the rest lies on the seam, where no patch of the exemplar fits
        assert colours[2].max() == 0

    def test_the_map_finds_the_way_back_from_a_turned_copy(self) -> None:
        exemplar = coarse(64, 64)
        turned = exemplar.rot90(1, (1, 2))
        step = next(start(exemplar, initial=turned, size=64, tile="none", steps=1, patch_rotations="0 90", **SHALLOW))
        colours = step.artifacts[ORIGINS]()
        x, y = (torch.arange(64) / 64).expand(64, 64), (torch.arange(64) / 64)[:, None].expand(64, 64)
        expected = torch.stack([x, y, torch.ones(64, 64)]).rot90(1, (1, 2))
        assert ((colours - expected).abs().amax(0) < 3 / 64).float().mean() > 0.8

    def test_what_converges_is_matched_again_with_all_that_is_known_of_the_curvature(self, exemplar: Tensor) -> None:
        p = CNNMRF.parse({"size": 48, "steps": 6, "rematch": 3} | SHALLOW)
        assert isinstance(p, CNNMRFParams)
        work = Work(p, Inputs(exemplar), CPU)
        first = work.begin(work.stages[0], False, None, None, written=None)
        for _ in range(3):
            first.step()
        second = work.begin(work.stages[1], False, first.x, None, written=None)
        assert len(second.state()["s"]) == len(first.state()["s"]) > 0
        assert torch.equal(second.x, first.x)


@pytest.mark.weights
def test_with_the_real_network_pebbles_are_a_seamless_tile_of_the_exemplars_colours(vgg19: Settings) -> None:
    exemplar = resize(to_tensor(read(samples()["pebbles"].path)), (64, 64)).clamp(0, 1)
    step = run(exemplar, size=64, steps=40)[-1]
    assert seam(step.image, "both").seamless
    assert float(step.losses["style"]) < 0.45
    assert (step.image.mean((1, 2)) - exemplar.mean((1, 2))).abs().max() < 0.06
    assert (step.image.std((1, 2)) - exemplar.std((1, 2))).abs().max() < 0.06
