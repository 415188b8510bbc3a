"""How the data folder beside this was made: by the code of commit 6a5d826, before the rooms of `jobs` were regrouped.

    git worktree add /tmp/old 6a5d826
    cd /tmp/old && python <this file> <the folder to make>

It does not run with today's code, and need not: the folder stays as it is.
"""

import sys
from pathlib import Path

import numpy as np

from texture.jobs.events import Silence
from texture.jobs.inline import Inline
from texture.jobs.store import Store
from texture.methods.base import find_method
from texture.settings import Settings

ME = "me"
TINY_SGAN = {
    "size": "64",
    "steps": 4,
    "depth": 3,
    "noise_channels": 4,
    "base_channels": 4,
    "widest": 8,
    "crop": 32,
    "batch": 2,
    "discriminator_channels": 4,
    "discriminator_scales": 1,
    "average": 0.5,
    "turns": True,
}
TEXNET = {"together": True, "settling": 0.25}


def main(folder: str) -> None:
    settings = Settings(data=Path(folder), device="cpu", offline=True)
    store = Store(settings)
    y, x = np.mgrid[:40, :48]
    pixels = np.stack([4 * x, 5 * y, (x * y) % 250], axis=2).astype(np.uint8)
    picture = store.add_picture(ME, "slope", pixels).id

    def add(method: str = "counting", **params: object) -> str:
        return store.add_job(ME, method, find_method(method).parse(params), {"source": picture}).id

    add(size="32", steps=5, train=True, origins=True)
    add(size="32", steps=5, fail_at=3)
    add("sgan", **TINY_SGAN)
    runs = [("counting", find_method("counting").parse({"size": "32", "steps": steps})) for steps in (3, 4)]
    store.share(store.add_comparison(ME, {"source": picture}, runs).id, True)
    store.trash(add(size="32", steps=5))
    store.cancel(add("texnet", **TEXNET))
    Inline(settings, store, Silence()).start()

    add(size="32", steps=40)
    engine = Inline(settings, store, Silence(), rounds=15)
    engine.start()
    engine.stop()  # as a server does: it goes back into the queue, with a checkpoint
    add("sgan", **TINY_SGAN)
    store.close()


main(sys.argv[1])
