"""Two seeds side by side in one picture, with time and metrics beneath: `python examples/compare.py [SOURCE]`."""

from __future__ import annotations

import sys
import time

from texture import METHODS, save, synthesize
from texture.images.sources import pixels_from
from texture.images.tensors import to_pixels, to_tensor
from texture.methods.sizes import sizes_of
from texture.metrics import ExemplarMetrics, scaled_exemplar
from texture.reports.result import Result
from texture.reports.sheet import comparison_sheet


def main(source: str = "sample:pebbles", out: str = "compared.png", method: str = "gatys") -> None:
    exemplar, results = pixels_from(source), []
    for seed in (1, 2):
        params = METHODS[method].parse({"size": "128", "seed": seed})
        began = time.monotonic()
        *_, last = synthesize(method, exemplar, size="128", seed=seed)
        seconds = time.monotonic() - began
        measure = ExemplarMetrics(scaled_exemplar(to_tensor(exemplar), params.outline(sizes_of({"source": exemplar}))))
        metrics, baselines, pixels = measure(last.image), measure.baselines, to_pixels(last.image)
        known = {"metrics": metrics, "baselines": baselines, "pixels": pixels, "seconds": seconds, "wall": seconds}
        results.append(Result(f"seed {seed}", method, params.model_dump(mode="json"), "done", last.number, **known))
        print(f"seed {seed}: patch distance {metrics['patch']:.3g}, baseline {baselines['patch']:.3g}")
    save(comparison_sheet(exemplar, f"{METHODS[method].title}, two seeds", results), out)
    print(f"side by side in {out}")


if __name__ == "__main__":
    main(*sys.argv[1:])
