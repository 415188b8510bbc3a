"""What can be set for a set of tiles."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

from pydantic import Field

from texture.methods.common.multiscale import Schedule, work_of
from texture.methods.contract import ExemplarParams, Outline, working_size
from texture.methods.match.params import MEMORY, ROUNDS, MatchParams, PatchSide, variety_field
from texture.methods.sizes import Extent, LargeSize, Sizes, looked_at
from texture.methods.tileset.corners import TILES

MEMORY_OF_TIES = 24  # bytes a pixel


class TileSetParams(ExemplarParams):
    """Everything that can be set."""

    PRESETS: ClassVar[Mapping[str, Mapping[str, Any]]] = MatchParams.PRESETS

    size: LargeSize = Field(
        Extent(1024, 1024),
        description="width and height of the sheet of 4×4 tiles, in pixels: a tile has a quarter of each",
        json_schema_extra={"simple": True},
    )
    tile: Literal["both"] = Field("both", title="Seamless", description="every tile goes on in all directions")
    exemplar_size: int | None = working_size("half that of the sheet")
    cells: int = Field(
        16, ge=4, le=256, title="Index map", description="tiles across and down in the index map, a plane of tiles"
    )
    rounds: Schedule = ROUNDS
    patch: PatchSide = 9
    variety: float = variety_field(1.0)

    def outline(self, sizes: Sizes) -> Outline:
        """A regular source texture is fitted to each tile."""
        found, area, source = super().outline(sizes), math.prod(self.size), sizes.get("source")
        memory = MEMORY[0] + (MEMORY[1] + MEMORY_OF_TIES) * area
        exemplar = None if source is None else looked_at(source, self.shown)
        return replace(found, exemplar=exemplar, parts=TILES, work=work_of(found.work, self.rounds), memory=memory)

    @property
    def shown(self) -> int:
        """The shorter side of the source texture in the result's scale, pixels."""
        return self.exemplar_size or min(self.size) // 2

    @property
    def reach(self) -> int:
        """How far on either side of an edge tiles that meet there are alike, in pixels: no patch sees across it."""
        return self.patch

    @property
    def matching(self) -> MatchParams:
        """The same for `match`."""
        kept = self.model_dump(include={"size", "seed", "regular", "rounds", "patch", "variety"})
        return MatchParams(exemplar_size=self.shown, **kept)
