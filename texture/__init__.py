"""Texture Lab: new textures from one picture, by neural networks.

    from texture import save, synthesize

    for step in synthesize("gatys", "pebbles.jpg", size=256):
        print(step.number, step.total)
    save(step.image, "new-pebbles.png")

`METHODS` has the methods by name, each with its parameter class. Importing this imports no torch:
the first call does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from texture.errors import InvalidInput, SetupProblem, TextureError
from texture.version import VERSION as __version__  # noqa: N811

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from texture.images.sources import Source
    from texture.materials.maps import Map
    from texture.methods.common.model_file import ModelSource
    from texture.methods.contract import Method, Params, State, Step
    from texture.methods.sizes import Tile
    from texture.runs.exemplar_maps import Maps

# Threads that wait by spinning make everything several times slower as soon as a browser on the same machine wants a
# processor too (docs/decisions/0004). Read when torch is loaded, which is later; without effect where it is already.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

__all__ = [
    "METHODS",
    "InvalidInput",
    "TextureError",
    "__version__",
    "sample",
    "save",
    "save_material",
    "stylise",
    "synthesize",
    "upscale",
]

METHODS: Mapping[str, Method]
"""Every method by name; `METHODS["gatys"].params` says what can be set."""


def __getattr__(name: str) -> Any:
    if name != "METHODS":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from texture.methods.registry import methods

    return methods()


def synthesize(
    method: str,
    source: Source,
    *,
    content: Source | None = None,
    styles: Sequence[Source] = (),
    sources: Sequence[Source] = (),
    mask: Source | None = None,
    guide: Source | None = None,
    exemplar_guide: Source | None = None,
    initial: Source | None = None,
    model: ModelSource | None = None,
    maps: Maps | None = None,
    device: str = "auto",
    preset: str | None = None,
    state: State | None = None,
    **params: Any,
) -> Iterator[Step]:
    """Check everything at once, then make a texture step by step: iterate, look, stop whenever you like.

    Args:
        method: a name from METHODS.
        source: the exemplar, or the style: a path, "sample:pebbles", a file's bytes, a Pillow image, or an H×W×3 array;
            or a folder or zip with the base colour and the maps of a material.
        content: the picture to repaint, for methods that take one; of any of these kinds, as are the next.
        styles: up to three styles besides the source.
        sources: up to three exemplars besides the source, for methods that take several; the guide says which goes
            where: black for the first, then white, red and blue.
        mask: which style goes where, as large as the content: black for the first, then white, red and blue; or white
            for what is resynthesised in the initial picture.
        guide: what is wanted where in the result, by colour; needs exemplar_guide, or several sources.
        exemplar_guide: what is where in the exemplar, as large as that, in the same colours.
        initial: a picture to start from.
        model: a trained model to continue training: the path or the bytes of its file.
        maps: of the source, as large as it: a folder or a zip, whose files are recognised by their names, or each by
            name: {"normal": "bricks_n.png", "height": …}; `texture.materials.given.GIVEN` has the names. They follow
            the source's pixels: `step.made(texture.methods.artifacts.MAP_FILES["normal"])` is H×W×3, in as many bits.
        device: auto, cpu, cuda or mps.
        preset: a name from METHODS[method].params.PRESETS; `params` override it.
        state: the `step.state()` of an earlier run, to continue from; same method, pictures and params.
        params: the method's parameters by name.

    Returns:
        An iterator of steps. `step.image` (3×H×W in 0..1) and `step.state()` are live: valid until the next
        step; the last one's stay.

    Raises:
        InvalidInput: a parameter or a picture was refused; NotFound: no such method or sample.
        NotEnoughMemory: it is known to need more than is free.
        SetupProblem: this machine has no such device. While iterating also WeightsMissing and Diverged, and ValueError
        where the state is not one to go on from.
    """
    from texture.device import choose
    from texture.images.sources import pixels_from
    from texture.memory import check_memory
    from texture.methods.registry import find_method
    from texture.runs.exemplar_maps import read_exemplar
    from texture.runs.preparation import prepare, trained_from

    chosen = find_method(method)
    parsed = chosen.parse(params, preset)
    further = {**_numbered("style", styles), **_numbered("source", sources)}
    given = {"content": content, **further, "mask": mask}
    given |= {"guide": guide, "exemplar_guide": exemplar_guide, "initial": initial}
    exemplar, levels = read_exemplar(source, maps)
    pictures = {role: pixels_from(picture, role) for role, picture in given.items() if picture is not None}
    trained = None if model is None else trained_from(model)
    run = prepare(chosen, parsed, {"source": exemplar, **pictures}, trained, levels)
    where = choose(device)
    check_memory(run.outline.memory, run.outline.size, where.type)
    return run.start(where, state)


def _numbered(role: str, pictures: Sequence[Source]) -> dict[str, Source]:
    """Those after the first, by role: style2, style3, …"""
    if not isinstance(pictures, list | tuple):
        raise InvalidInput(f"{role}s={type(pictures).__name__}: a list of pictures", field=f"{role}s")
    return {f"{role}{number}": picture for number, picture in enumerate(pictures, 2)}


def upscale(
    result: Path | str | bytes,
    by: int = 2,
    *,
    source: Source | None = None,
    device: str = "auto",
    state: State | None = None,
) -> Iterator[Step]:
    """Continue a finished result at two or four times its size: the same layout, with as much more detail.

    Args:
        result: a PNG with its recipe, as a path or a file's bytes, of a method whose results can be continued.
        by: 2 or 4.
        source: the picture that it was made from, as for `synthesize`; None: the sample that it was.
        device: auto, cpu, cuda or mps.
        state: the `step.state()` of an earlier run of the same, to continue from.

    Returns:
        An iterator of steps, as `synthesize` does; the last one's picture tiles as the result does.

    Raises:
        InvalidInput: it has no recipe, cannot be continued, or is of another source; or that has too few pixels, and
            then it says what is possible. The others as `synthesize`.
    """
    from texture.device import choose
    from texture.memory import check_memory
    from texture.runs.enlarging import enlarging

    run = enlarging(result, by, source)
    where = choose(device)
    check_memory(run.outline.memory, run.outline.size, where.type)
    return run.start(where, state)


def sample(
    model: ModelSource,
    *,
    size: object = "1024",
    tile: Tile = "both",
    seed: int = 0,
    device: str = "auto",
) -> NDArray[np.uint8]:
    """Sample a picture of any size from a trained model.

    Args:
        model: the path or the bytes of a model.safetensors.
        size: 1024, "1920x1080" or (1920, 1080); each side 16..8192. A side that wraps and is no multiple of the
            generator's own step is painted at the nearest one and resampled on the torus.
        tile: the directions in which it repeats without a seam: none, x, y or both.
        seed: same model, size, tile and seed, same picture.
        device: auto, cpu, cuda or mps.

    Returns:
        H×W×3 uint8. Memory is that of the picture and of one block, however large it is.

    Raises:
        InvalidInput: a parameter or the model was refused. SetupProblem: this machine has no such device.
    """
    from texture.methods.registry import find_method

    painting = find_method("sample")
    return _painted(painting, painting.parse({"size": size, "tile": tile, "seed": seed}), model, {}, device)


def stylise(
    model: ModelSource,
    content: Source,
    *,
    size: int | None = None,
    device: str = "auto",
) -> NDArray[np.uint8]:
    """Repaint a picture with a trained stylisation network in one pass.

    Args:
        model: the path or the bytes of a model.safetensors trained by texnet with task="stylise".
        content: a path, "sample:coffee", a file's bytes, a Pillow image, or an H×W×3 array.
        size: the longer side of the result, pixels, 16..2048; None: the content's own, up to 2048.
        device: auto, cpu, cuda or mps.

    Returns:
        H×W×3 uint8, of the content's aspect. Memory is that of the pictures and of one block, however large they are.

    Raises:
        InvalidInput: a parameter, the picture or the model was refused. SetupProblem: this machine has no such device.
    """
    from texture.images.sources import pixels_from
    from texture.methods.registry import find_method

    painting = find_method("stylise")
    parsed = painting.parse({"size": size})
    return _painted(painting, parsed, model, {"content": pixels_from(content, "content")}, device)


def _painted(
    method: Method, params: Params, model: ModelSource, pictures: Mapping[str, NDArray[np.uint8]], device: str
) -> NDArray[np.uint8]:
    from texture.device import choose
    from texture.runs.preparation import prepare, trained_from

    run = prepare(method, params, pictures, trained_from(model))
    from texture.images.tensors import to_pixels  # torch, from here on

    *_, last = run.start(choose(device))
    return to_pixels(last.image)


def save(image: Tensor | NDArray[np.uint8], path: Path | str, recipe: Mapping[str, Any] | None = None) -> None:
    """Write a picture (3×H×W tensor in 0..1, or H×W×3 uint8) as PNG, JPEG or WebP, by the path's ending, atomically.

    `recipe` goes into a PNG's text; `texture.images.encoding.read_recipe` gives it back. The others carry none.

    Raises:
        InvalidInput: another ending, or no picture. SetupProblem: the file cannot be written.
    """
    from texture.images.encoding import check_ending, encode_as, write_atomically

    ending = check_ending(path)
    write_atomically(path, encode_as(ending, _pixels(image), recipe))


def save_material(
    source: Source,
    path: Path | str,
    engine: str,
    *,
    name: str | None = None,
    device: str = "auto",
    preset: str | None = None,
    **params: Any,
) -> None:
    """Estimate the maps of a material from one seamless picture, and write them as a zip for an engine, atomically.

    Args:
        source: the base colour: a path, "sample:pebbles", a file's bytes, a Pillow image, or an H×W×3 array.
        path: of the zip, ending in .zip.
        engine: blender, unity, unreal, godot, gltf or materialx: it decides names, packing and the normals' direction.
        name: of the material, with which the names of its textures begin; None: that of the zip.
        device: auto, cpu, cuda or mps.
        preset, params: as for `synthesize("material", …)`, which gives the maps one by one.

    Raises:
        InvalidInput: a parameter, the picture, the engine or the path was refused. NotFound: no such sample.
        NotEnoughMemory: it is known to need more than is free. SetupProblem: the file cannot be written, or this
        machine has no such device.
    """
    import io

    from texture.device import choose
    from texture.images.encoding import check_ending, check_folder, write_atomically
    from texture.images.sources import pixels_from
    from texture.materials.engines import find_engine
    from texture.materials.packing import write_zip
    from texture.memory import check_memory
    from texture.methods.artifacts import MATERIAL
    from texture.methods.registry import find_method
    from texture.runs.collection import encoded
    from texture.runs.preparation import prepare
    from texture.wording import system_reason

    check_ending(path, endings=(".zip",))
    try:
        check_folder(Path(path).parent)
    except OSError as error:
        raise SetupProblem(f"{path} cannot be written: {system_reason(error)}") from error
    packing, making = find_engine(engine), find_method("material")
    run = prepare(making, making.parse(params, preset), {"source": pixels_from(source)})
    surface = run.outline.surface
    assert surface is not None
    where = choose(device)
    check_memory(run.outline.memory, run.outline.size, where.type)
    *_, last = run.start(where)

    def read(one: Map) -> bytes:
        artifact = MATERIAL[one.name]
        return encoded(artifact, last.made(artifact), run.recipe(last.number, last.total))

    archive = io.BytesIO()
    write_zip(archive, packing, Path(path).stem if name is None else name, surface, read)
    write_atomically(path, archive.getvalue())


def _pixels(image: Any) -> NDArray[np.uint8]:
    if not hasattr(image, "detach"):  # a tensor, told without importing torch
        shape: Any = getattr(image, "shape", ())
        kind = str(getattr(image, "dtype", type(image).__name__))
        if len(shape) != 3 or shape[2] != 3 or kind != "uint8":
            raise InvalidInput(
                f"{kind} of shape {shape} is not a picture: give H×W×3 uint8, or a tensor", field="image"
            )
        return image  # type: ignore[no-any-return]
    from texture.images.tensors import to_pixels

    return to_pixels(image)
