"""What a method is given: pictures in roles, and a trained model. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from texture.materials.given import GIVEN

if TYPE_CHECKING:
    from torch import Tensor

    from texture.images.lattice import Lattice
    from texture.images.map_files import Levels
    from texture.methods.common.model_file import Model


@dataclass(frozen=True)
class Role:
    """What a picture is to a method: a heading for it, a phrase for a sentence, and what more there is to say."""

    title: str
    words: str
    help: str = ""

    @property
    def about(self) -> str:
        """All of it: "a source picture: the texture, or the first style"."""
        return f"{self.words}: {self.help}" if self.help else self.words


ROLES: Mapping[str, Role] = {
    "source": Role("Source texture", "a source picture", "the texture, or the first style"),
    "content": Role("Content", "a content picture", "what is to be seen in the result"),
    "style2": Role("Second style", "a second style picture"),
    "style3": Role("Third style", "a third style picture"),
    "style4": Role("Fourth style", "a fourth style picture"),
    "source2": Role("Second source texture", "a second source texture"),
    "source3": Role("Third source texture", "a third source texture"),
    "source4": Role("Fourth source texture", "a fourth source texture"),
    "mask": Role("Mask", "a mask", "black for the first style, then white, red, blue; or white where to resynthesise"),
    "exemplar_guide": Role(
        "Guide of the source texture", "a guide of the source texture", "what each part of it is, by colour"
    ),
    "guide": Role(
        "Guide",
        "a guide, laid over the result",
        "its values are sought in the guide of the source texture; of several black is the first, then white, red, "
        "blue",
    ),
    "initial": Role("Starting picture", "a picture to start from"),
    "model": Role("Model", "a trained model"),
}
PICTURES = tuple(role for role in ROLES if role != "model")
MAPS: Mapping[str, Role] = {  # of the source texture, for methods that carry them along
    one.name: Role(one.title, f"a map of the source texture: {one.title}", "it comes to lie where its pixels do")
    for one in GIVEN.values()
}


@dataclass(frozen=True)
class Inputs:
    """Pictures as 3×H×W float32 tensors, sRGB in 0..1, by role, and a trained model to go on from or to paint with.

    `source` is the exemplar; where the method is given a model and no picture, the one that the model was trained on.
    `lattice` is the exemplar's, in pixels of the result, where one was sought and found. `maps` are those of the
    exemplar, by their names in `materials.maps.CARRIED`, as large as it: levels as they are stored.
    """

    source: Tensor
    content: Tensor | None = None
    style2: Tensor | None = None
    style3: Tensor | None = None
    style4: Tensor | None = None
    source2: Tensor | None = None
    source3: Tensor | None = None
    source4: Tensor | None = None
    mask: Tensor | None = None
    exemplar_guide: Tensor | None = None
    guide: Tensor | None = None
    initial: Tensor | None = None
    model: Model | None = None
    lattice: Lattice | None = None
    maps: Mapping[str, Levels] = field(default_factory=dict)
