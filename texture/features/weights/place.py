"""Which pretrained networks there are, and where the weights of one lie on this machine. No torch here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from texture.errors import NotFound
from texture.settings import PREFIX, Settings

TITLES = {"vgg19": "VGG-19", "vgg19-torchvision": "torchvision VGG-19", "vgg16": "VGG-16"}
SUFFIX = ".safetensors"  # of the copies in the cache

Identity = tuple[str, int, int, int, int]
"""Path, bytes, modification time in ns, inode, time of its last change in ns: a file that changes is another file."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the weights of one network are looked for.

    network: as the option of that name calls it. cache: the folder of the copies. own: the file that the person has
    named, whether it is there or not. copy: the checked safetensors file, whether it is there or not.
    """

    network: str
    cache: Path
    own: Path | None
    copy: Path

    @property
    def title(self) -> str:
        """What it is called in a sentence: "VGG-19"."""
        return TITLES[self.network]

    @property
    def variable(self) -> str:
        """The setting that names a file of the person's own: "TEXTURE_VGG19"."""
        return PREFIX + _setting(self.network).upper()

    @property
    def command(self) -> str:
        """What to type to have them fetched."""
        command = "python -m texture weights"
        return command if self.network == "vgg19" else f"{command} --network {self.network}"

    def what_to_do(self, flaw: str | None = None) -> str:
        """The sentence for whoever misses them. flaw: what is wrong with those that are there."""
        copy = self.cache / (self.network + SUFFIX)
        state = f"on this machine are damaged ({flaw})" if flaw else "are not on this machine"
        return (
            f"The {self.title} weights {state}: `{self.command}` fetches them where there is a "
            f"network; or copy {copy} from a machine that has them, or name a {self.title} file in {self.variable}"
        )


def place_of(settings: Settings, network: str = "vgg19") -> Place:
    """Where the weights of that network are looked for.

    Raises:
        NotFound: there is no such network; the text lists those there are.
    """
    if network not in TITLES:
        raise NotFound(f"network {network!r}: one of {', '.join(TITLES)}")
    own: Path | None = getattr(settings, _setting(network))
    return Place(network, settings.cache, own, settings.cache / (_mark(own) + network + SUFFIX))


def identity(file: Path) -> Identity:
    """What tells a version of a file from another one."""
    found = file.stat()
    return str(file), found.st_size, found.st_mtime_ns, found.st_ino, found.st_ctime_ns


def _setting(network: str) -> str:
    return network.replace("-", "_")


def _mark(own: Path | None) -> str:
    """A person's own file has a copy of its own, and a changed file another."""
    if own is None or not own.is_file():
        return ""
    return f"own-{hashlib.sha256(repr(identity(own)[:3]).encode()).hexdigest()[:12]}-"
