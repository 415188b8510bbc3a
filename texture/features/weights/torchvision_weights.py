"""torchvision's Python parts beside a torch whose build its compiled part was not made for, and its weights."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import torch

_SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_declared: list[torch.library.Library] = []  # kept alive: the operators go when their library object does


def import_torchvision() -> ModuleType:
    """Import torchvision.

    Its wheel's compiled part is linked against CUDA and does not load beside the CPU build of torch; the import then
    fails for want of two operators that none of our models use. Declaring them is enough.
    """
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]  # the half that was imported
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for operator in ("nms", "qnms"):
        library.define(operator + _SIGNATURE)  # type: ignore[no-untyped-call]
    _declared.append(library)
    return importlib.import_module("torchvision")


def download(folder: str, model: str) -> None:
    """Fetch IMAGENET1K_V1 of `model`, vgg19 (548 MB) or vgg16 (528 MB), into `folder`; its name tells its checksum.

    Raises:
        OSError: no network, or the disk is full.
        RuntimeError: the checksum is wrong.
    """
    import_torchvision()
    url: str = importlib.import_module("torchvision.models").get_model_weights(model).IMAGENET1K_V1.url
    file = Path(folder, url.rsplit("/", 1)[-1])
    torch.hub.download_url_to_file(url, str(file), hash_prefix=file.stem.rsplit("-", 1)[-1], progress=False)
