"""How fast this machine is: two short pieces of the work that methods do. Imports torch."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping

import torch

from texture.device import choose, wait_for
from texture.features.layers import LAYERS
from texture.features.precision import precision
from texture.features.vgg import VGG
from texture.methods.match.params import MatchParams
from texture.methods.registry import find_method
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent
from texture.runs.machine import Machine

SIDE = 192  # pixels of the picture that the network sees
MATCHED = 96  # pixels of the one that is matched
DEEPEST, CHANNELS = "pool4", (64, 64, 128, 128, 256, 256, 256, 256, 512, 512, 512, 512)
TIMES = 3  # each piece, of which the fastest counts

log = logging.getLogger(__name__)


def calibrated(machine: Machine, device: str) -> Mapping[str, float]:
    """A machine's calibration, made now if there is none; {} where that fails: a forecast is a help, no more."""
    known = machine.known().calibration
    if not known:
        try:
            known = calibrate(choose(device))
            machine.set_calibration(known)
        except Exception:
            log.warning("this machine could not be measured for forecasts", exc_info=True)
    return known


def calibrate(device: torch.device) -> Mapping[str, float]:
    """Seconds that each piece takes: of VGG-19 with its gradient, and of `match`."""
    return {"network": _fastest(_network(device), device), "plain": _fastest(_matching(device), device)}


def _fastest(piece: Callable[[], object], device: torch.device) -> float:
    piece()  # kernels are chosen, and loops compiled, at the first call
    found = []
    for _ in range(TIMES):
        began = time.perf_counter()
        piece()
        wait_for(device)
        found.append(time.perf_counter() - began)
    return min(found)


def _network(device: torch.device) -> Callable[[], object]:
    """An evaluation with its gradient; the weights do not matter."""
    random = torch.Generator().manual_seed(0)
    network = VGG(_weights(random), [DEEPEST], device=device, dtype=precision("auto", device))
    image = torch.rand(1, 3, SIDE, SIDE, generator=random).to(device)

    def piece() -> object:
        seen = network.evaluate(image, "both", lambda *_: None)
        return seen.gradient(lambda _, features: features)

    return piece


def _weights(random: torch.Generator) -> dict[str, torch.Tensor]:
    found, before = {"input.weight": torch.eye(3)[:, :, None, None], "input.bias": torch.zeros(3)}, 3
    names = [name for name in LAYERS[: LAYERS.index(DEEPEST)] if name.startswith("relu")]
    for name, channels in zip(names, CHANNELS, strict=True):
        weight = torch.randn(channels, before, 3, 3, generator=random) * (2 / (9 * before)) ** 0.5
        found |= {f"conv{name[4:]}.weight": weight, f"conv{name[4:]}.bias": torch.zeros(channels)}
        before = channels
    return found


def _matching(device: torch.device) -> Callable[[], object]:
    method, params = find_method("match"), MatchParams(size=Extent(MATCHED, MATCHED))
    inputs = Inputs(source=torch.rand(3, MATCHED, MATCHED, generator=torch.Generator().manual_seed(0)))
    return lambda: [step.losses for step in method.run(params, inputs, device)]
