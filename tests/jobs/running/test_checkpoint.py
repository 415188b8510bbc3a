"""Checkpoints: what comes back, what is written again, and what a torn one does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from texture.jobs.running.checkpoint import Checkpoint, Damaged
from texture.jobs.store.blobs import Blobs, FolderBlobs
from texture.jobs.store.bucket import S3Blobs

KEY = "jobs/one/checkpoint"


@pytest.fixture(params=["folder", "bucket"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return FolderBlobs(tmp_path) if request.param == "folder" else S3Blobs(request.getfixturevalue("s3").prefix())


def large(seed: int) -> Tensor:
    return torch.rand(3, 64, 64, generator=torch.Generator().manual_seed(seed))


def tensors(blobs: Blobs) -> set[str]:
    return {name for name in blobs.names(KEY) if name.endswith(".tensor")}


def test_everything_comes_back_bit_for_bit(blobs: Blobs) -> None:
    random = torch.Generator().manual_seed(3)
    content: dict[str, Any] = {
        "image": large(0),
        "half": large(1).bfloat16(),
        "turned": large(2).transpose(1, 2),
        "channels_last": torch.rand(2, 8, 32, 32).contiguous(memory_format=torch.channels_last),
        "random": random.get_state(),
        "optimiser": {"state": {0: {"step": torch.tensor(4.0), "exp_avg": large(3)}}, "groups": [{"lr": 0.1 + 0.2}]},
        "scale": 2,
        "pair": (1, None, True, "x", float("inf")),
    }
    Checkpoint(blobs, KEY).save(content)
    back = Checkpoint(blobs, KEY).load()
    assert_same(back, content)
    assert back["channels_last"].is_contiguous(memory_format=torch.channels_last)


def test_what_stands_twice_is_written_once(blobs: Blobs) -> None:
    image = large(0)
    Checkpoint(blobs, KEY).save({"picture": image, "state": {"x": image}})
    back = Checkpoint(blobs, KEY).load()
    assert len(tensors(blobs)) == 1
    assert back["picture"] is back["state"]["x"]


def test_memory_of_lbfgs_costs_one_tensor_a_step(blobs: Blobs) -> None:
    checkpoint, memory = Checkpoint(blobs, KEY), [large(i) for i in range(20)]
    checkpoint.save({"pairs": memory})
    before = tensors(blobs)
    memory = [*memory[1:], large(20)]
    checkpoint.save({"pairs": memory})
    assert len(tensors(blobs)) == 21  # with the one that the checkpoint before names
    assert len(tensors(blobs) - before) == 1
    assert_same(Checkpoint(blobs, KEY).load(), {"pairs": memory})


@pytest.mark.parametrize("how", ["in place", "behind its back", "another of the same address"])
def test_changed_tensor_is_written_again(blobs: Blobs, how: str) -> None:
    checkpoint, content = Checkpoint(blobs, KEY), {"x": large(0)}
    checkpoint.save(content)
    if how == "in place":
        content["x"][1, 1, 1] += 1  # one value of many: only the version tells
    elif how == "behind its back":
        content["x"].data.mul_(2)  # no version tells
    else:
        del content["x"]
        content["x"] = large(1)
    checkpoint.save(content)
    assert_same(Checkpoint(blobs, KEY).load(), content)


def test_goes_on_in_the_folder_of_an_earlier_process(blobs: Blobs) -> None:
    Checkpoint(blobs, KEY).save({"x": large(0), "y": large(1)})
    for seed in (2, 3):
        Checkpoint(blobs, KEY).save({"x": large(seed)})
    assert_same(Checkpoint(blobs, KEY).load(), {"x": large(3)})
    assert len(tensors(blobs)) == 2  # the newest, and the one before


class Killed(BaseException):
    """Where the process would have ended."""


class Dying(FolderBlobs):
    """Blobs on which the process is killed at one of the next changes; one cut short is never given its name."""

    left = 1000  # changes that still succeed

    def put(self, key: str, data: bytes) -> None:
        self._count()
        super().put(key, data)

    def delete(self, key: str) -> None:
        self._count()
        super().delete(key)

    def _count(self) -> None:
        if self.left == 0:
            raise Killed
        self.left -= 1


@pytest.mark.parametrize("moment", range(4))
def test_death_at_any_write_leaves_a_whole_one(tmp_path: Path, moment: int) -> None:
    """Two tensors, the head before, the head."""
    blobs = Dying(tmp_path)
    checkpoint, old, new = Checkpoint(blobs, KEY), {"x": large(0), "y": large(1)}, {"x": large(2), "y": large(3)}
    checkpoint.save(old)
    blobs.left = moment
    with pytest.raises(Killed):
        checkpoint.save(new)
    blobs.left = 1000
    assert_same(Checkpoint(blobs, KEY).load(), old)
    Checkpoint(blobs, KEY).save(new)
    assert_same(Checkpoint(blobs, KEY).load(), new)


def test_death_before_the_sweep_leaves_the_new_one(tmp_path: Path) -> None:
    blobs = Dying(tmp_path)
    checkpoint = Checkpoint(blobs, KEY)
    for seed in range(2):
        checkpoint.save({"x": large(seed)})
    blobs.left = 3
    with pytest.raises(Killed):
        checkpoint.save({"x": large(2)})
    blobs.left = 1000
    assert_same(Checkpoint(blobs, KEY).load(), {"x": large(2)})


def test_the_highest_lease_is_read(blobs: Blobs) -> None:
    for lease in (2, 10, 9):
        Checkpoint(blobs, KEY, lease).save({"x": large(lease)})
    for reader in (0, 1, 11):
        assert_same(Checkpoint(blobs, KEY, reader).load(), {"x": large(10)})


def test_a_late_worker_changes_nothing_that_a_newer_one_reads(blobs: Blobs) -> None:
    late = Checkpoint(blobs, KEY, 1)
    late.save({"x": large(0)})
    newer = Checkpoint(blobs, KEY, 2)
    assert_same(newer.load(), {"x": large(0)})
    newer.save({"x": large(1)})
    kept = {name: blobs.get(f"{KEY}/{name}") for name in blobs.names(KEY) if "2" in name}
    assert set(kept) == {"head-2", "2-1.tensor"}
    for seed in (5, 6, 7):
        late.save({"x": large(seed)})
    late.remove()
    assert {name: blobs.get(f"{KEY}/{name}") for name in blobs.names(KEY)} == kept
    assert_same(Checkpoint(blobs, KEY, 3).load(), {"x": large(1)})


def test_what_earlier_leases_have_left_goes_when_there_are_two_of_ones_own(blobs: Blobs) -> None:
    Checkpoint(blobs, KEY, 1).save({"x": large(0)})
    newer = Checkpoint(blobs, KEY, 2)
    newer.save({"x": large(1)})
    assert set(blobs.names(KEY)) == {"head-1", "1-1.tensor", "head-2", "2-1.tensor"}
    newer.save({"x": large(2)})
    assert set(blobs.names(KEY)) == {"head-2", "head-2.before", "2-1.tensor", "2-2.tensor"}
    newer.remove()
    assert blobs.names(KEY) == []


def test_where_the_newest_lease_left_nothing_whole_the_one_before_is_used(blobs: Blobs) -> None:
    Checkpoint(blobs, KEY, 1).save({"x": large(0)})
    Checkpoint(blobs, KEY, 2).save({"x": large(1)})
    blobs.delete(f"{KEY}/2-1.tensor")
    newest = Checkpoint(blobs, KEY, 3)
    assert_same(newest.load(), {"x": large(0)})
    newest.save({"x": large(2)})
    assert_same(Checkpoint(blobs, KEY, 4).load(), {"x": large(2)})


def test_without_leases_it_goes_on_where_one_with_them_was(blobs: Blobs) -> None:
    """Everything was moved back to a folder."""
    Checkpoint(blobs, KEY, 7).save({"x": large(0)})
    checkpoint = Checkpoint(blobs, KEY)
    assert_same(checkpoint.load(), {"x": large(0)})
    checkpoint.save({"x": large(1)})
    assert_same(Checkpoint(blobs, KEY).load(), {"x": large(1)})


@pytest.mark.parametrize("damage", ["head cut", "head flipped", "tensor cut", "tensor flipped", "tensor gone", "code"])
def test_damage_is_noticed(blobs: Blobs, damage: str) -> None:
    Checkpoint(blobs, KEY).save({"x": large(0)})
    do_damage(blobs, damage, "1.tensor")
    with pytest.raises(Damaged):
        Checkpoint(blobs, KEY).load()


@pytest.mark.parametrize("damage", ["head cut", "head flipped", "tensor cut", "tensor flipped", "tensor gone", "code"])
def test_where_the_newest_is_damaged_the_one_before_is_used(blobs: Blobs, damage: str) -> None:
    for seed in range(3):
        Checkpoint(blobs, KEY).save({"x": large(seed)})
    do_damage(blobs, damage, "3.tensor")
    checkpoint = Checkpoint(blobs, KEY)
    assert_same(checkpoint.load(), {"x": large(1)})
    checkpoint.save({"x": large(4)})
    assert_same(Checkpoint(blobs, KEY).load(), {"x": large(4)})


def do_damage(blobs: Blobs, damage: str, newest: str) -> None:
    key = f"{KEY}/head" if damage.startswith("head") else f"{KEY}/{newest}"
    data = bytearray(blobs.get(key))
    if damage == "code":
        blobs.put(f"{KEY}/head", pickled_code())
    elif damage.endswith("gone"):
        blobs.delete(key)
    else:
        data[len(data) // 2] ^= 1
        blobs.put(key, bytes(data[:-10] if damage.endswith("cut") else data))


def pickled_code() -> bytes:
    """A head with a right checksum that would run something when unpickled carelessly."""
    import io
    import zlib

    file = io.BytesIO()
    torch.save({"format": 1, "files": {}, "content": Path("would be made by unpickling")}, file)
    return zlib.crc32(file.getvalue()).to_bytes(4, "big") + file.getvalue()


def assert_same(left: Any, right: Any) -> None:
    if isinstance(right, Tensor):
        assert left.dtype == right.dtype
        assert torch.equal(left, right)
    elif isinstance(right, dict):
        assert list(left) == list(right)
        for key in right:
            assert_same(left[key], right[key])
    elif isinstance(right, list | tuple):
        assert type(left) is type(right)
        assert len(left) == len(right)
        for one, other in zip(left, right, strict=True):
            assert_same(one, other)
    else:
        assert left == right
