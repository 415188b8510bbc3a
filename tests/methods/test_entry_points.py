"""A method of another package, one file: found by its entry point, offered after ours, and left out if it fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STRIPES = '''
"""Stripes: one file, and nothing of Texture Lab is changed for it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from pydantic import Field

from texture.methods.artifacts import PICTURE, Artifact
from texture.methods.contract import State, Step, SynthesisParams
from texture.methods.registry import method
from texture.methods.roles import Inputs

if TYPE_CHECKING:
    import torch


HEIGHTS = Artifact("heights.png", "image/png", "Map of heights", "how high each pixel lies")


class StripesParams(SynthesisParams):
    """What can be set."""

    period: int = Field(8, ge=2, le=64, description="pixels from one stripe to the next")


@method("NAME", title="Stripes", paper="none", params=StripesParams, produces=(PICTURE, HEIGHTS))
def stripes(p: StripesParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Paints stripes in the exemplar's mean colour; a method of another package."""
    import torch

    light = (torch.arange(p.size.width) // p.period % 2).float()
    image = images.source.mean((1, 2))[:, None, None] * light.expand(3, p.size.height, -1)
    heights = partial(light.expand, 3, p.size.height, -1)
    yield Step(1, 1, image.clone, {}, partial(dict, number=1), artifacts={HEIGHTS: heights})
'''


def installed(folder: Path, package: str, code: str) -> None:
    """As pip leaves a package: its module, and what its metadata says of it."""
    (folder / f"{package}.py").write_text(code)
    about = folder / f"{package}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[texture.methods]\n{package} = {package}\n")


def called(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A Python with that folder on its path."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
    return subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True, cwd=folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One package that works, one whose import fails, and two that take a name that is taken."""
    folder = tmp_path_factory.mktemp("site")
    installed(folder, "stripes", STRIPES.replace("NAME", "stripes"))
    installed(folder, "broken", STRIPES.replace("NAME", "broken") + "\nimport nothing_of_that_name\n")
    installed(folder, "another_gatys", STRIPES.replace("NAME", "gatys"))
    installed(folder, "twice", STRIPES.replace("NAME", "stripes"))
    installed(folder, "unnamed", STRIPES.replace("NAME", "../escaped"))
    installed(folder, "without", STRIPES.replace("NAME", "without").replace("Field(8, ge", "Field(ge"))
    installed(folder, "thief", STRIPES.replace("NAME", "thief").replace("heights.png", "given.safetensors"))
    return folder


def test_it_is_a_command(folder: Path) -> None:
    said = called(folder, "-m", "texture", "stripes", "sample:clay", "--size", "64", "--period", "16", "-o", "out.png")
    assert said.returncode == 0, said.stderr
    assert (folder / "out.png").exists()
    assert (folder / "out-heights.png").exists()  # the artifact of its own


JOB = """
from pathlib import Path
from texture.jobs.domain.events import Silence
from texture.jobs.engines.inline import Inline
from texture.jobs.store import Store
from texture.methods.registry import find_method
from texture.settings import Settings

settings = Settings(data=Path("data"), device="cpu", offline=True)
store, stripes = Store(settings), find_method("stripes")
job = store.jobs.add("me", "stripes", stripes.parse({"size": 64, "period": 4}), {"source": "sample:clay"})
Inline(settings, store, Silence()).start()
done = store.jobs.get(job.id)
print(done.state, done.params["period"], done.files, len(store.artifacts.get(job.id, "heights.png")) > 0)
print(stripes.description()["schema"]["properties"]["period"]["maximum"])
"""


def test_a_job_keeps_what_it_leaves_and_the_form_has_its_parameter(folder: Path) -> None:
    """A new method, a new parameter and a new artifact, in one file."""
    said = called(folder, "-c", JOB)
    assert said.stdout.splitlines() == ["done 4 ['heights.png'] True", "64"], said.stderr


def test_it_is_a_method_in_python(folder: Path) -> None:
    code = "from texture import synthesize; print(next(synthesize('stripes', 'sample:clay', size=64)).image.shape)"
    said = called(folder, "-c", code)
    assert said.stdout == "torch.Size([3, 64, 64])\n", said.stderr


def test_it_is_offered_after_ours_and_needs_no_torch(folder: Path) -> None:
    code = "import sys; from texture import METHODS; print(*METHODS); assert 'torch' not in sys.modules"
    said = called(folder, "-c", code)
    *ours, last = said.stdout.split()
    assert (ours[0], ours[-1], last) == ("match", "material", "stripes"), said.stderr


def test_what_fails_is_left_out_and_the_log_says_which_and_why(folder: Path) -> None:
    said = called(folder, "-c", "from texture import METHODS; print(METHODS['gatys'].title, 'broken' in METHODS)")
    assert said.stdout == "Neural statistics False\n", said.stderr
    *others, unnamed, without = said.stderr.splitlines()
    assert unnamed.endswith("ValueError: method '../escaped': a name is of small letters, digits, - and _")
    assert without.startswith("without (entry point of without) is left out: ValidationError: 1 validation error")
    assert others == [
        "another_gatys (entry point of another_gatys) is left out: ValueError: method 'gatys' of another_gatys: "
        "texture.methods.gatys has one of that name",
        "broken (entry point of broken) is left out: ModuleNotFoundError: No module named 'nothing_of_that_name'",
        "thief (entry point of thief) is left out: ValueError: produces ['result.png', 'given.safetensors']: the "
        "picture among them, no name twice, and none of ['exemplar.png', 'given.safetensors', 'preview.jpg']",
        "twice (entry point of twice) is left out: ValueError: method 'stripes' of twice: stripes has one of that name",
    ]


def test_a_name_of_ours_cannot_be_taken_by_being_imported_first(folder: Path) -> None:
    code = "import another_gatys"
    said = called(folder, "-c", code)
    assert "ValueError: method 'gatys' of another_gatys: texture.methods.gatys has one of that name" in said.stderr
