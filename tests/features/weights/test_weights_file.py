"""The copy's own checksum: whatever happens to the file, it is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from texture.errors import SetupProblem
from texture.features.weights import weights_file
from texture.features.weights.weights_file import Damaged

TENSORS = {"b.weight": torch.arange(6.0).reshape(2, 3), "a.bias": torch.ones(5)}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("copy") / "tiny.safetensors"
    weights_file.write(path, TENSORS, {"source": "made up"})
    return path


def test_what_was_written_is_sound_and_says_where_from(file: Path) -> None:
    weights_file.check(file)
    about = weights_file.metadata(weights_file.read_header(file))
    assert about["source"] == "made up"
    assert len(about["tensors_sha256"]) == 64


@given(st.data())
def test_no_change_of_a_tensor_goes_unnoticed(file: Path, data: st.DataObject) -> None:
    sound = file.read_bytes()
    start = len(sound) - 4 * sum(tensor.numel() for tensor in TENSORS.values())
    at = data.draw(st.integers(start, len(sound) - 1))
    changed = bytearray(sound)
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    other = file.with_name("changed")
    other.write_bytes(changed)
    with pytest.raises(Damaged, match="does not match its own checksum"):
        weights_file.check(other)


@given(st.data())
def test_no_part_of_it_passes_for_the_whole(file: Path, data: st.DataObject) -> None:
    sound = file.read_bytes()
    part = file.with_name("part")
    part.write_bytes(sound[: data.draw(st.integers(0, len(sound) - 1))])
    with pytest.raises(Damaged):
        weights_file.read_header(part)


@given(at=st.integers(0, 200), byte=st.integers(0, 255))
def test_a_changed_header_is_damage_or_says_nothing_else_of_the_tensors(file: Path, at: int, byte: int) -> None:
    """A changed name or shape is damage; a changed word about the origin is not."""
    changed = bytearray(file.read_bytes())
    changed[at] = byte
    other = file.with_name("changed")
    other.write_bytes(changed)
    try:
        weights_file.check(other)
    except Damaged:
        return
    header, before = weights_file.read_header(other), weights_file.read_header(file)
    assert {**header, "__metadata__": 0} == {**before, "__metadata__": 0}


@given(st.binary(max_size=300))
@example(b"\x30" + bytes(7) + b'{"a": {"data_offsets": [1e999, 0]}}'.ljust(48))
@example(b"\x00\x00\x04" + bytes(5) + b"[" * 0x40000)
def test_any_other_file_is_damaged(file: Path, content: bytes) -> None:
    other = file.with_name("other")
    other.write_bytes(content)
    with pytest.raises(Damaged):
        weights_file.check(other)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupProblem, match=r"nowhere.*cannot be written"):
        weights_file.write(tmp_path / "nowhere" / "copy", TENSORS, {})
