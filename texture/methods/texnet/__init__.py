"""Texture networks (Ulyanov et al. 2016, arXiv:1603.03417): a network learns, once, what `gatys` seeks each time anew.

Its pictures are judged as Gatys judges pixels, by the statistics of VGG's features, and the network's weights are
changed instead of the pixels. Trained, it makes a texture of any size, or repaints any picture, in one pass. Instance
normalisation is that of arXiv:1607.08022.

Departures from the paper, each of which a parameter takes back (preset `paper` takes back all of these):

- Statistics are compared along the exemplar's own axes (`whitening`), and the root of each layer's loss counts: rare
  colours and fine differences are learnt in minutes.
- Pictures are judged at full and at half size (`views`).
- A batch shows parts of one large picture, which is normalised and compared as a whole (`together`).
- The generator has many channels where its maps are small, and few where they are large.

- For the last steps the statistics of the normalisation stand still (`settling`), so that what is learnt is the network
  that paints. With the paper's step size, which is still large then, that comes to nothing but a flat picture.

And three that none takes back: all convolutions are on a torus, so that any noise field that wraps gives a picture that
wraps; each layer of VGG has the same say before its weight; and a texture is painted with the normalisation's running
averages, so that the network is local and fits block to block.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from texture.features.layers import LayerWeights
from texture.methods.artifacts import MODEL, PICTURE
from texture.methods.common.model_file import Model
from texture.methods.common.network import NetworkParams, known_to_network
from texture.methods.common.training import Batches, Minutes, budgeted, train
from texture.methods.contract import ExemplarParams, Outline, State, Step
from texture.methods.registry import method
from texture.methods.roles import Inputs
from texture.methods.sampling import Sampler
from texture.methods.sizes import Sizes

if TYPE_CHECKING:
    import torch

ARCHITECTURE = ("task", "architecture", "scales", "noise_channels", "branch", "channels", "widest", "blocks")
CELL = 16  # pixels: what VGG's poolings make one of


class TexNetParams(NetworkParams, ExemplarParams):
    """Everything that can be set; the defaults give a good network in minutes on two cores."""

    PRESETS: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "draft": {"steps": 300},
        "standard": {},
        "fine": {"steps": 5000},
        "paper": {
            "steps": 1500,
            "architecture": "pyramid",
            "scales": 6,
            "channels": 8,
            "branch": 8,
            "noise_channels": 1,
            "batch": 16,
            "side": 256,
            "layers": "relu1_1 relu2_1 relu3_1 relu4_1 relu5_1",
            "whitening": 0.0,
            "rooted": False,
            "views": 1,
            "together": False,
            "learning_rate": 0.1,
            "decay": "steps",
            "settling": 0.0,
            "precision": "float32",
        },
    }

    pooling: Literal["average", "max"] = Field(
        "max", description="how the network's pooling layers reduce; the average of a chequered pattern shows nothing"
    )

    task: Literal["texture", "stylise"] = Field(
        "texture",
        description="what is trained: a generator of textures, or a network that repaints pictures in the exemplar's "
        "style; for the latter, tile has no meaning and size is what the picture that is shown fits into",
        json_schema_extra={"simple": True},
    )
    steps: Batches = 1000
    minutes: Minutes = None
    layers: LayerWeights = Field(
        dict.fromkeys(("relu1_1", "relu2_1", "relu3_1", "relu4_1"), 1.0),
        description="layers whose statistics are matched, with weights: relu1_1 relu2_1=0.5",
    )
    whitening: float = Field(
        0.5, ge=0, le=1, description="how alike the exemplar's axes count: 0 as Gatys has it, 1 all the same"
    )
    rooted: bool = Field(True, description="the root of each layer's loss counts, not the loss")
    views: int = Field(2, ge=1, le=4, description="sizes at which pictures are judged, each half of the one before")
    together: bool = Field(
        True, description="a batch shows parts of one picture, normalised and judged as a whole; else each by itself"
    )
    content_layers: LayerWeights = Field(
        {"relu4_2": 1.0}, description="stylise: layers in which what is to be seen is kept, with weights"
    )
    content_weight: float = Field(
        0.4, ge=0, le=1000, description="stylise: what the content counts for beside the style"
    )
    total_variation: float = Field(
        1e-5, ge=0, le=1, description="stylise: what smoothness counts for, by squared grey levels"
    )
    scales: int = Field(5, ge=2, le=6, description="texture: scales of the generator, each twice the size of the last")
    batch: int = Field(4, ge=1, le=64, description="pictures in a batch")
    side: int = Field(128, ge=32, le=512, description="side of the pictures in a batch, pixels: a multiple of 16")
    learning_rate: float = Field(0.01, gt=0, le=1, description="step size of Adam at the beginning")
    decay: Literal["cosine", "steps"] = Field(
        "cosine", description="how the step size falls: along a cosine, or by a fifth after each fifth of the work"
    )
    settling: float = Field(
        0.25,
        ge=0,
        le=0.9,
        description="texture: share of the work, at its end, in which the normalisation's statistics stand still",
    )
    architecture: Literal["tapered", "pyramid"] = Field(
        "tapered",
        description="texture: channels halve from the coarsest scale to the finest, or grow by those of each scale's "
        "noise as in the paper",
    )
    noise_channels: int = Field(
        4,
        ge=1,
        le=16,
        description="texture: channels of the coarsest scale's noise; each finer one has half, at least 1",
    )
    branch: int = Field(8, ge=1, le=64, description="texture: channels in which a scale's noise is looked at")
    channels: int = Field(24, ge=4, le=64, description="channels at the finest scale; the next coarser one has twice")
    widest: int = Field(96, ge=4, le=384, description="texture: most channels that a scale has")
    blocks: int = Field(4, ge=1, le=12, description="stylise: residual blocks")

    _known_layers = field_validator("layers", "content_layers")(known_to_network)

    @property
    def unused(self) -> frozenset[str]:
        """No content, where a texture is learnt."""
        return frozenset({"content"}) if self.task == "texture" else frozenset()

    def outline(self, sizes: Sizes) -> Outline:
        """Its budget. A model that repaints wants a picture to repaint."""
        found = budgeted(super().outline(sizes), self.steps, self.minutes)
        return replace(found, samples=self.task == "texture")

    @model_validator(mode="before")
    @classmethod
    def _no_tile(cls, given: Any) -> Any:
        """A repainted picture is none."""
        return {**given, "tile": "none"} if isinstance(given, dict) and given.get("task") == "stylise" else given

    @field_validator("side")
    @classmethod
    def _whole_cells(cls, side: int, info: ValidationInfo) -> int:
        cell = max(CELL * 2 ** (info.data.get("views", 1) - 1), 2 ** (info.data.get("scales", 1) - 1))
        if side % cell or side < 2 * cell:
            lower, least = side - side % cell, 2 * cell
            would = f"{lower} or {lower + cell}" if lower >= least else str(least)
            raise ValueError(f"no multiple of {cell} from {least} on, as views and scales ask: {would} would do")
        return side


def painter(model: Model, device: torch.device) -> Sampler:
    """The generator of a model, ready to paint."""
    from texture.methods.texnet.painter import Painter

    return Painter.of_model(model, device)


@method(
    "texnet",
    title="Texture network",
    paper="arXiv:1603.03417",
    params=TexNetParams,
    images=("source", "content", "model"),
    produces=(PICTURE, MODEL),
    network="vgg19",
    sampler=painter,
)
def texnet(p: TexNetParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Trains a network on the statistics that `gatys` seeks for one picture, to paint any number of them at once.

    It learns to make a texture from noise, of any size, or to repaint any picture in the exemplar's style.
    """
    from texture.methods.texnet.training import Training

    yield from train(Training(p, images, device, state))
