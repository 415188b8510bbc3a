"""What brings the surroundings: tools/setup.py in a folder of its own, and files that must agree with each other."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib import metadata
from itertools import pairwise
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from texture.settings import PREFIX, Settings
from texture.version import VERSION
from tools import settings_table, setup

ROOT = Path(__file__).parents[1]
NPM = """#!/bin/sh
echo "$@" >> npm-calls
[ "$1" = --version ] && echo 10.0.0 && exit
[ -e no-network ] && exit 1
for file in {files}; do mkdir -p "node_modules/$(dirname $file)"; echo made up > "node_modules/$file"; done
"""
FAKE_PACKAGE = {
    "__init__.py": "",
    "__main__.py": "import pathlib, sys; sys.exit('match' not in sys.argv and not pathlib.Path('weights').exists())",
    **dict.fromkeys(setup.LOOPS, ""),
    "features/winograd.py": "def compile_loops(): pass",
    "settings.py": "class Settings:\n    from_environment = staticmethod(lambda: None)",
    "features/weights.py": (
        "import pathlib, types\n"
        "status = lambda _: types.SimpleNamespace(state='ready', path=pathlib.Path('weights').absolute())"
    ),
}


class Project:
    """A small project with the real tools/setup.py, no requirements, and an npm that reaches no network."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.script = root / "tools/setup.py"
        self.script.parent.mkdir()
        shutil.copy(ROOT / "tools/setup.py", self.script)
        for name in (
            "requirements.txt",
            "requirements-scale.txt",
            "requirements-dev.txt",
            "package.json",
            "package-lock.json",
        ):
            (root / name).touch()
        for name, text in FAKE_PACKAGE.items():
            (root / "texture" / name).parent.mkdir(parents=True, exist_ok=True)
            (root / "texture" / name).write_text(text)
        (root / "bin").mkdir()
        self.bring("npm", NPM.format(files=" ".join(setup.VENDOR)))
        self.bring("node", "#!/bin/sh\necho v24.0.0\n")

    def bring(self, command: str, script: str) -> None:
        """A command that set-up finds before the machine's."""
        file = self.root / "bin" / command
        file.write_text(script)
        file.chmod(0o755)

    def set_up(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return self._run(str(self.script), *arguments, **variables)

    def fetch_front_end(self, dev: bool) -> subprocess.CompletedProcess[str]:
        """That step alone: as a whole, --dev might install a browser."""
        code = f"import sys; sys.path.insert(0, {str(self.script.parent)!r}); import setup; "
        return self._run("-c", f"{code}setup.install_front_end({dev})")

    def _run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", PREFIX))}
        surroundings |= {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, **variables}
        surroundings["PATH"] = f"{self.root / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=surroundings)

    def npm_calls(self, what: str = "--omit=dev") -> int:
        return (self.root / "npm-calls").read_text().count(f"ci {what} --ignore-scripts")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """Every file of ours that git has, or would take."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_set_up_brings_all_once_and_then_what_has_changed(project: Project) -> None:
    first = project.set_up()
    assert first.returncode == 0, first.stderr
    assert re.findall("==> (.*)", first.stdout) == [
        "making a virtual environment in .venv",
        "installing requirements.txt; the first time takes some minutes",
        "fetching the front-end libraries",
        "compiling the inner loops",
        "seeing to the weights of VGG-19 (87 MB)",
    ]
    assert "The app starts without them" in first.stdout
    assert {file.name for file in (project.root / "static/vendor").iterdir()} == set(setup.VENDOR.values())

    (project.root / "weights").touch()
    assert re.findall("==> (.*)", project.set_up().stdout) == ["seeing to the weights of VGG-19 (87 MB)"]
    assert project.set_up().stdout == ""
    assert project.npm_calls() == 1

    (project.root / "static/vendor/uPlot.min.css").unlink()
    (project.root / "requirements.txt").write_text("# changed\n")
    (project.root / "weights").rename(project.root / "moved")
    assert len(re.findall("==> ", project.set_up().stdout)) == 4
    assert project.npm_calls() == 2


def test_set_up_says_what_failed_and_tries_again(project: Project) -> None:
    (project.root / "requirements.txt").write_text("no-such-package-as-this==1\n")
    failed = project.set_up("--no-weights")
    assert failed.returncode == 1
    assert "pip could not install" in failed.stderr.splitlines()[-1]
    (project.root / "requirements.txt").write_text("")
    (project.root / "no-network").touch()
    failed = project.set_up("--no-weights")
    assert failed.returncode == 1
    assert "npm could not fetch the front-end libraries" in failed.stderr.splitlines()[-1]
    (project.root / "no-network").unlink()
    assert project.set_up("--no-weights").returncode == 0


def test_checks_of_the_scripts_are_for_those_who_ask_and_stay_once_they_are_there(project: Project) -> None:
    assert project.set_up("--no-weights").returncode == 0
    assert (project.npm_calls(), project.npm_calls("--include=dev")) == (1, 0)
    assert project.fetch_front_end(dev=True).stdout == "==> fetching the front-end libraries and their checks\n"
    assert [project.fetch_front_end(dev).stdout for dev in (False, True)] == ["", ""]
    assert (project.npm_calls(), project.npm_calls("--include=dev")) == (1, 1)


def test_a_node_that_is_too_old_for_the_checks_is_replaced(project: Project) -> None:
    assert project.set_up("--no-weights").returncode == 0
    project.bring("node", "#!/bin/sh\necho v18.19.0\n")
    failed = project.fetch_front_end(dev=True)
    assert "no npm on this machine that will do" in failed.stdout
    assert f"pip could not install {setup.NODE}" in failed.stderr  # no network here


def test_a_python_that_is_too_old_is_told_so(project: Project) -> None:
    project.script.write_text(project.script.read_text().replace("OLDEST_PYTHON = (3, 11)", "OLDEST_PYTHON = (9, 9)"))
    said = project.set_up()
    assert said.returncode == 1
    assert re.search(r"needs Python 9\.9 or later; this is Python 3\.\d+\.\d+", said.stderr)


def test_a_python_without_ensurepip_is_told_what_to_install(project: Project, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/ensurepip.py").write_text("raise ImportError('no ensurepip')")
    said = project.set_up(PYTHONPATH=str(tmp_path / "broken"))
    assert said.returncode == 1
    assert "apt install python3-venv" in said.stderr


def test_set_up_runs_under_an_old_python_to_say_so() -> None:
    """Nothing that Python 3.6 could not read: no annotations with subscripts, no `match`, no walrus."""
    import ast

    source = (ROOT / "tools/setup.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 7))
    assert "from __future__" not in source
    annotations = [node.annotation for node in ast.walk(tree) if isinstance(node, ast.arg) and node.annotation]
    returned = [node.returns for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.returns]
    for annotation in [*annotations, *returned]:
        assert not any(isinstance(node, ast.Subscript | ast.BinOp) for node in ast.walk(annotation))


def test_make_help_lists_every_target() -> None:
    command = ["make", "--no-print-directory", "help"]  # quiet under a make that runs the tests
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = {line.split()[1] for line in said.splitlines()}
    makefile = (ROOT / "Makefile").read_text()
    assert listed == set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert listed == set(re.findall(r"^\.PHONY: (.*)", makefile, re.MULTILINE)[0].split())
    assert listed >= {"setup", "run", "test", "check", "bench", "help"}


REQUIREMENTS = ["requirements.txt", "requirements-scale.txt", "requirements-dev.txt"]


def pins(name: str) -> Iterator[Requirement]:
    for line in (ROOT / name).read_text().splitlines():
        if line and not line.startswith(("#", "-r ")):
            yield Requirement(line)


def test_every_requirement_is_pinned_once_and_is_what_runs_here() -> None:
    for before, name in pairwise(REQUIREMENTS):
        assert f"-r {before}\n" in (ROOT / name).read_text()
    ours = [pin for name in REQUIREMENTS for pin in pins(name)]
    names = [canonicalize_name(pin.name) for pin in ours]
    assert len(names) == len(set(names))
    for pin in ours:
        assert re.fullmatch(r"==[\w.]+", str(pin.specifier)), pin
        if pin.marker is None or pin.marker.evaluate():
            assert pin.specifier.contains(metadata.version(pin.name), prereleases=True), pin


@pytest.mark.parametrize("names", [REQUIREMENTS[:1], REQUIREMENTS[:2], REQUIREMENTS])
def test_what_requirements_bring_along_is_pinned_too(names: list[str]) -> None:
    ours = {canonicalize_name(pin.name) for name in names for pin in pins(name)}
    for name in ours - {"colorama"}:
        for line in metadata.requires(name) or []:
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                from_cuda = re.match("nvidia-|cuda-|triton", needed.name)  # torch pins these itself
                assert from_cuda or canonicalize_name(needed.name) in {*ours, "pip"}, f"{name} needs {line}"


def test_the_lock_file_has_no_addresses_and_every_library() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    package = json.loads((ROOT / "package.json").read_text())
    entries = {name: entry for name, entry in lock["packages"].items() if name}
    assert all("resolved" not in entry and entry["integrity"].startswith("sha512-") for entry in entries.values())
    for name, version in {**package["dependencies"], **package["devDependencies"]}.items():
        assert entries[f"node_modules/{name}"]["version"] == version
    packages = {re.match(r"(@[^/]+/)?[^/]+", source)[0] for source in setup.VENDOR}  # type: ignore[index]
    assert packages == set(package["dependencies"])


def test_no_registry_and_no_place_of_one_machine_is_named(tracked: list[Path]) -> None:
    hosts = ["pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "deb.debian" + ".org", "download.py" + "torch"]
    forbidden = re.compile("|".join([*map(re.escape, hosts), r"(?<![\w.~$}-])/(?:work|opt|root)/"]))
    for file in tracked:
        text = file.read_bytes().decode("utf-8", "ignore")
        found = forbidden.search(text)
        assert found is None, f"{file.relative_to(ROOT)} names {found and found[0]}"


def test_made_things_are_not_for_git(tracked: list[Path]) -> None:
    for file in tracked:
        top = file.relative_to(ROOT).parts
        assert top[0] not in {".venv", "node_modules", "data"}
        assert top[:2] != ("static", "vendor")


def test_the_table_of_settings_is_current() -> None:
    page = settings_table.PAGE.read_text(encoding="utf-8")
    assert page == settings_table.with_table(page), "run: python tools/settings_table.py"
    assert all(f"`{PREFIX}{(field.alias or name).upper()}`" in page for name, field in Settings.model_fields.items())


def test_the_version_is_the_same_everywhere() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


def dockerfile() -> list[list[str]]:
    """Its instructions as words, continuation lines joined."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    return [shlex.split(line, comments=True) for line in text.splitlines() if line and not line.startswith("#")]


def test_the_image_is_made_from_files_that_are_there_and_let_through() -> None:
    patterns = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    for words in dockerfile():
        if words[0] == "COPY" and not words[1].startswith("--from"):
            for source in words[1:-1]:
                assert (ROOT / source).exists(), source
                verdicts = [not line.startswith("!") for line in patterns if fnmatch(source, line.lstrip("!"))]
                assert verdicts[-1] is False, f"{source} is ignored"


def test_the_image_runs_without_rights_with_settings_that_exist() -> None:
    instructions = dockerfile()
    user = [words[1] for words in instructions if words[0] == "USER"]
    assert user == ["texture"]
    assert any(words[0] == "VOLUME" for words in instructions)
    check = next(words for words in instructions if words[0] == "HEALTHCHECK")
    assert "/api/health" in " ".join(check)
    pairs = [pair.split("=", 1) for words in instructions if words[0] == "ENV" for pair in words[1:]]
    given = Settings.from_environment(dict(pairs))
    assert (given.host, given.offline) == ("0.0.0.0", True)
    arguments = [words[1] for words in instructions if words[0] == "ARG"]
    assert arguments == ["TORCH_INDEX="]


def test_ci_checks_all_and_skips_nothing() -> None:
    script = ROOT / ".ci/run"
    assert script.stat().st_mode & stat.S_IXUSR
    text = script.read_text()
    assert "make check" in text
    assert "REQUIRE_BROWSER=1 REQUIRE_WEIGHTS=1" in text
    subprocess.run(["bash", "-n", str(script)], check=True)
