"""Style transfer: sizes, styles and regions, colours, starts, resuming; random filters where they do not matter."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from texture.errors import InvalidInput
from texture.images.samples import find_sample
from texture.images.tensors import resize, to_tensor
from texture.jobs.running.checkpoint import Checkpoint
from texture.jobs.store.blobs import FolderBlobs
from texture.methods.common.luminance import luminance, matched, recoloured
from texture.methods.contract import Step
from texture.methods.registry import find_method
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent
from texture.methods.style.params import StyleParams
from texture.methods.style.plan import Scale, plan, style_size
from texture.methods.style.regions import regions
from texture.settings import Settings

CPU = torch.device("cpu")
STYLE = find_method("style")
QUICK = {"size": 64, "scales": 1, "steps": 3, "style_layers": "relu1_1 pool1", "content_layers": "relu2_1"}
BLACK, WHITE, RED, BLUE = (
    torch.tensor(colour)[:, None, None] for colour in ([0.0] * 3, [1.0] * 3, [1.0, 0, 0], [0, 0, 1.0])
)


def noise(seed: int, height: int = 48, width: int = 64) -> Tensor:
    """Coloured blobs."""
    small = torch.rand(3, height // 4, width // 4, generator=torch.Generator().manual_seed(seed))
    return resize(small, (height, width)).clamp(0, 1)


IMAGES = Inputs(noise(1), content=noise(2))
MASKED = replace(IMAGES, style2=noise(3), mask=torch.cat([BLACK.expand(3, 12, 8), WHITE.expand(3, 12, 8)], 2))


def run(images: Inputs = IMAGES, state: Any = None, preset: str | None = None, **params: Any) -> list[Step]:
    return list(STYLE.run(STYLE.parse(QUICK | params, preset), images, CPU, state))


def result(images: Inputs = IMAGES, **params: Any) -> Tensor:
    return run(images, **params)[-1].image


@pytest.mark.parametrize(
    ("params", "content", "sizes", "steps"),
    [
        ({}, (400, 300), ["56x42", "112x84", "224x168", "448x336"], None),
        ({"size": 512, "steps": "9 5"}, (300, 400), ["48x64", "96x128", "192x256", "384x512"], [9, 5, 5, 5]),
        ({"size": 64}, (4000, 3001), ["64x48"], None),
        ({"size": 200}, (64, 64), ["50", "100", "200"], None),
        ({"size": 2048}, (3000, 300), ["256x26", "512x51", "1024x102", "2048x205"], None),
        ({"size": 8192}, (4, 3), [f"{4 * side}x{3 * side}" for side in (32, 64, 128, 256, 512, 1024, 2048)], None),
        ({"size": 4096}, (4, 3), ["64x48", "128x96", "256x192", "512x384", "1024x768", "2048x1536", "4096x3072"], None),
        ({"size": 333}, (1000, 999), ["83", "166", "333"], None),
        ({"scales": 2}, (400, 300), ["224x168", "448x336"], None),
        ({"size": 64, "scales": 7}, (400, 300), ["32x24", "64x48"], None),
        ({"preset": "paper"}, (640, 427), ["512x342"], [500]),
    ],
)
def test_the_longer_side_is_the_size_and_scales_halve(
    params: dict[str, Any], content: tuple[int, int], sizes: list[str], steps: list[int] | None
) -> None:
    p = STYLE.parse({name: value for name, value in params.items() if name != "preset"}, params.get("preset"))
    assert isinstance(p, StyleParams)
    scales = plan(p, Extent(*content))
    assert [str(scale.size) for scale in scales] == sizes
    assert scales[-1].share == 1
    if steps:
        assert [scale.steps for scale in scales] == steps


@pytest.mark.parametrize(
    ("style", "enlarged", "share", "size"),
    [
        ((800, 600), 1, 1, "400x300"),  # as many pixels as the result of 400x300
        ((600, 800), 1, 1, "300x400"),
        ((1200, 100), 1, 1, "1200x100"),
        ((200, 150), 1, 1, "200x150"),  # not enlarged
        ((800, 600), 0.5, 1, "200x150"),
        ((200, 150), 2, 1, "400x300"),  # unless that is what was asked for
        ((800, 600), 1, 0.25, "100x75"),
        ((4000, 60), 4, 1, "4096x61"),
        ((400, 40), 0.1, 0.25, "160x16"),
    ],
)
def test_a_style_has_as_many_pixels_as_the_result(
    style: tuple[int, int], enlarged: float, share: float, size: str
) -> None:
    scale = Scale(Extent(round(400 * share), round(300 * share)), share, 1)
    assert str(style_size(Extent(*style), scale, enlarged)) == size


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("size", 63, "must be between 64 and "),
        ("size", 8193, " and 8192, not "),
        ("size", "512x384", "a whole number between 64 and 8192"),
        ("style_weight", 0, "above 0 and at most "),
        ("content_weight", -1, "must be between 0 and "),
        ("total_variation", float("inf"), "a number between"),
        ("style_scale", 0, "must be between 0.1 and "),
        ("blend", "1 x", "write a number for each style"),
        ("blend", "1 -1", "-1 is not between 0 and 1000"),
        ("blend", "1 nan", "nan is not between 0 and 1000"),
        ("blend", (None, 1), "write a number for each style"),
        ("blend", "0 0", "at least one of the numbers must be above 0"),
        ("blend", "1 1 1 1 1", "write 0 to 4 numbers, not 5"),
        ("style_layers", "relu6_1", "no layer 'relu6_1'"),
        ("content_layers", "", "no layer ''"),
        ("start", "style", "content, match, noise, picture, not "),
        ("tile", "both", "not known to style; known: "),
    ],
)
def test_bad_options_are_refused(field: str, value: object, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint) as caught:
        STYLE.parse({field: value})
    assert caught.value.field == field


def memory(size: int, **params: Any) -> int | None:
    return STYLE.outline(STYLE.parse({"size": size, **params}), {"content": Extent(400, 400)}).memory


def test_a_picture_in_strips_takes_no_more_memory_than_a_smaller_one_of_which_all_is_kept() -> None:
    whole, strips, large = (memory(size) or 0 for size in (1024, 2048, 4096))
    assert memory(512) < whole
    assert whole / 2 < strips < 1.2 * whole
    assert 2 * strips < large < 4 * strips


def test_nobody_knows_the_memory_of_other_layers_or_without_a_content() -> None:
    assert memory(1024, content_layers="relu4_1") is memory(1024, style_layers="relu1_1") is None
    assert STYLE.outline(STYLE.params(), {}).memory is None


def test_a_layer_that_the_chosen_network_does_not_have_is_refused() -> None:
    with pytest.raises(InvalidInput, match="vgg16 has no layer relu4_4"):
        STYLE.parse({"network": "vgg16", "content_layers": "relu4_4"})


@pytest.mark.parametrize(
    ("images", "params", "field", "complaint"),
    [
        ({"content": torch.rand(3, 4, 400)}, {}, "content", "400x4 pixels: at a size of 64 .* is 1, below 16"),
        ({"source": torch.rand(3, 400, 20)}, {}, "source", "the first style is 20x400 pixels: at least 32 each way"),
        ({"style2": torch.rand(3, 31, 31)}, {}, "style2", "the second style is 31x31 pixels: at least 32"),
        ({}, {"blend": "1 2"}, "blend", "blend='1 2': one number for each style, and there is 1"),
        ({"style3": noise(4)}, {"blend": "1"}, "blend", "one number for each style, and there are 2"),
        ({}, {"start": "picture"}, "initial", "a picture to start from is needed"),
        ({"initial": noise(4)}, {"start": "noise"}, "start", "start=noise: the picture to start from would be ignored"),
        ({"mask": WHITE.expand(3, 8, 8)}, {}, "mask", "the mask is 8x8 pixels and the content 64x48"),
        ({"mask": WHITE.expand(3, 6, 8)}, {}, "mask", "nothing in the mask is black, the colour of the first style"),
        ({"mask": MASKED.mask, "style2": noise(3), "style4": noise(4)}, {}, "mask", "blue, the colour of the fourth"),
    ],
)  # fmt: skip
def test_pictures_that_do_not_fit_are_refused_before_any_work(
    images: dict[str, Tensor], params: dict[str, Any], field: str, complaint: str
) -> None:
    with pytest.raises(InvalidInput, match=complaint) as caught:
        STYLE.run(STYLE.parse(QUICK | params), replace(IMAGES, **images), CPU)  # not even one step is asked for
    assert caught.value.field == field


def test_a_mask_is_read_by_the_nearest_of_four_colours() -> None:
    mask = torch.stack([BLACK + 0.2, WHITE - 0.3, RED * 0.8, BLUE * 0.7 + 0.1], 2)[..., 0]  # one row of four pixels
    planes = regions(mask, ["source", "style2", "style3", "style4"])
    assert torch.equal(planes[:, 0], torch.eye(4))
    assert torch.equal(regions(mask, ["source", "style3"])[:, 0], torch.eye(4)[[0, 2]])


class TestColours:
    def test_luminance_is_the_y_of_yiq(self) -> None:
        assert luminance(torch.cat([RED, WHITE, BLUE], 2)).flatten().tolist() == pytest.approx([0.299, 1, 0.114])

    def test_a_styles_luminance_gets_the_contents_mean_and_deviation(self) -> None:
        style, content = 0.3 * torch.rand(1, 40, 40), 0.4 + 0.2 * torch.rand(1, 30, 50)
        made = matched(style, content)
        assert float(made.mean()) == pytest.approx(float(content.mean()), abs=1e-4)
        assert float(made.std()) == pytest.approx(float(content.std()), rel=1e-3)

    def test_a_new_luminance_keeps_chroma_where_it_can_be_shown_and_hue_everywhere(self) -> None:
        colours, brightness = noise(5), torch.rand(1, 48, 64)
        made = recoloured(brightness, colours)
        chroma, kept = colours - luminance(colours), made - luminance(made)
        assert made.min() >= -1e-6
        assert made.max() <= 1 + 1e-6
        torch.testing.assert_close(luminance(made), brightness, atol=1e-5, rtol=0)
        shown = ((brightness + chroma) >= 0).all(0) & ((brightness + chroma) <= 1).all(0)
        torch.testing.assert_close(kept[:, shown], chroma[:, shown], atol=1e-5, rtol=0)
        share = (kept * chroma).sum(0) / chroma.square().sum(0).clamp_min(1e-9)
        torch.testing.assert_close(kept, share * chroma, atol=1e-5, rtol=0)

    def test_its_own_luminance_gives_back_a_picture_greys_included(self) -> None:
        picture = torch.cat([BLACK, WHITE, RED, BLUE, WHITE * 0.5], 2)
        torch.testing.assert_close(recoloured(luminance(picture), picture), picture, atol=1e-6, rtol=0)


@pytest.mark.usefixtures("random_filters")
class TestWithRandomFilters:
    def test_steps_are_counted_over_all_scales_and_losses_fall(self) -> None:
        steps = run(scales=2, steps="4 3")
        assert [step.number for step in steps] == list(range(1, 8))
        assert {step.total for step in steps} == {7}
        assert [tuple(step.image.shape[1:]) for step in steps] == [(24, 32)] * 4 + [(48, 64)] * 3
        assert steps[3].losses["total"] < steps[0].losses["total"]
        assert steps[-1].losses["total"] < steps[4].losses["total"]
        assert steps[-1].done == 1

    def test_losses_are_the_parts_of_what_is_minimised(self) -> None:
        last = run()[-1]
        parts = dict(last.losses)
        total = parts.pop("total")
        assert set(parts) == {"content", "style", "variation"}
        assert float(total) == pytest.approx(float(sum(parts.values())), rel=1e-5)
        assert float(total) == pytest.approx(float(last.state()["search"]["loss"]), rel=1e-5)

    @pytest.mark.parametrize("shape", [(50, 64), (64, 37), (17, 64), (61, 61)])
    def test_any_shape_of_content_gives_its_exact_size(self, shape: tuple[int, int]) -> None:
        longer = max(shape)
        image = result(replace(IMAGES, content=torch.rand(3, *(5 * side for side in shape))), size=67, steps=1)
        assert image.shape[1:] == tuple(round(67 * side / longer) for side in shape)

    @pytest.mark.parametrize(
        ("others", "option"),
        [
            ({}, {"style_weight": 1e5}),
            ({}, {"content_weight": 100}),
            ({}, {"total_variation": 0.1}),
            ({}, {"style_layers": "relu1_1"}),
            ({}, {"content_layers": "relu1_2"}),
            ({}, {"style_scale": 0.5}),
            ({}, {"start": "noise"}),
            ({}, {"keep_colours": True}),
            ({}, {"pooling": "average"}),
            ({}, {"network": "vgg16", "style_layers": "relu3_1"}),
            ({}, {"optimiser": "adam"}),
            ({"precision": "float32"}, {"precision": "bfloat16"}),
        ],
        ids=str,
    )
    def test_every_option_has_an_effect(self, others: dict[str, Any], option: dict[str, Any]) -> None:
        assert (result(**others) - result(**others | option)).abs().max() > 1e-3

    @pytest.mark.parametrize("optimiser", ["lbfgs", "adam"])
    @pytest.mark.parametrize("stop", [2, 4, 5])
    def test_goes_on_bit_for_bit_within_a_scale_and_between_two(
        self, optimiser: str, stop: int, tmp_path: Path
    ) -> None:
        params = {"scales": 2, "steps": "4 3", "optimiser": optimiser, "keep_colours": stop == 5}
        stopped = list(itertools.islice(STYLE.run(STYLE.parse(QUICK | params), MASKED, CPU), stop))[-1]
        Checkpoint(FolderBlobs(tmp_path), "state").save(stopped.state())
        resumed, whole = run(MASKED, Checkpoint(FolderBlobs(tmp_path), "state").load(), **params), run(MASKED, **params)
        assert [step.number for step in resumed] == list(range(stop + 1, 8))
        assert torch.equal(resumed[-1].image, whole[-1].image)
        assert resumed[-1].losses == whole[-1].losses

    def test_it_starts_where_it_is_told_to(self) -> None:
        flat = torch.full((3, 20, 30), 0.25)
        images = replace(IMAGES, initial=flat)
        gentle = {"steps": 1, "optimiser": "adam", "learning_rate": 1e-4}
        assert (result(**gentle) - IMAGES.content).abs().max() < 1e-3
        for start in (None, "picture"):
            assert (result(images, start=start, **gentle) - 0.25).abs().max() < 1e-3
        one, same, other = (result(start="noise", seed=seed, **gentle) for seed in (1, 1, 2))
        assert torch.equal(one, same)
        assert (one - other).std() > 0.1

    def test_a_blend_with_nothing_of_a_style_is_the_other_alone(self) -> None:
        both = replace(IMAGES, style2=noise(3))
        exact = {"precision": "float32"}
        assert torch.equal(result(both, blend="2 0", **exact), result(**exact))
        assert not torch.equal(result(both, blend="2 1", **exact), result(**exact))

    def test_a_mask_confines_a_style_to_its_region(self) -> None:
        """At the first step no further than the layers see, a few pixels; later ones hear of it over the border."""
        alone = {"steps": 1, "optimiser": "adam"}
        one, other = result(MASKED, **alone), result(replace(MASKED, style2=noise(4)), **alone)
        changed = (one - other).abs().amax((0, 1))
        assert changed[36:].max() > 0.01
        assert changed[:28].max() < 1e-6

    def test_what_has_no_style_stays_the_content(self) -> None:
        images = replace(MASKED, style2=None)
        for keep_colours in (False, True):
            image = result(images, keep_colours=keep_colours, style_weight=1e5)
            torch.testing.assert_close(image[..., 36:], IMAGES.content[..., 36:], atol=1e-6, rtol=0)
            assert (image - IMAGES.content)[..., :28].abs().max() > 0.01

    def test_the_contents_colours_are_kept(self) -> None:
        pale = 0.3 + 0.4 * IMAGES.content
        image = result(replace(IMAGES, content=pale), keep_colours=True, style_weight=1e5)
        chroma, kept = pale - luminance(pale), image - luminance(image)
        assert ((chroma * kept).sum(0) > 0).all()
        assert (kept - chroma).abs().median() < 1e-6
        assert (luminance(image) - luminance(pale)).abs().max() > 0.05


@pytest.mark.weights
def test_a_photograph_takes_on_a_style_and_stays_itself(vgg19: Settings) -> None:
    """The statistics come close to the style's, and the content stays closer to itself than to what the style shows."""
    images = Inputs(to_tensor(find_sample("strokes").pixels()), content=to_tensor(find_sample("cat").pixels()))
    first, *_, last = (step.losses for step in STYLE.run(STYLE.parse({"size": 128, "steps": 30}), images, CPU))
    painting = replace(images, initial=images.source)
    as_style = next(
        STYLE.run(
            STYLE.parse({"size": 128, "steps": 1, "start": "picture", "optimiser": "adam", "learning_rate": 1e-6}),
            painting,
            CPU,
        )
    )
    assert last["style"] < 0.1 * first["style"]
    assert last["content"] < 0.75 * as_style.losses["content"]
