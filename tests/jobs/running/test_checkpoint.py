"""Checkpoints: what comes back, what is written again, and what a torn one does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from texture.jobs.running.checkpoint import Checkpoint, Damaged


def large(seed: int) -> Tensor:
    return torch.rand(3, 64, 64, generator=torch.Generator().manual_seed(seed))


def tensor_files(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.tensor")}


def test_everything_comes_back_bit_for_bit(tmp_path: Path) -> None:
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
    Checkpoint(tmp_path).save(content)
    back = Checkpoint(tmp_path).load()
    assert_same(back, content)
    assert back["channels_last"].is_contiguous(memory_format=torch.channels_last)


def test_what_stands_twice_is_written_once(tmp_path: Path) -> None:
    image = large(0)
    Checkpoint(tmp_path).save({"picture": image, "state": {"x": image}})
    back = Checkpoint(tmp_path).load()
    assert len(tensor_files(tmp_path)) == 1
    assert back["picture"] is back["state"]["x"]


def test_memory_of_lbfgs_costs_one_tensor_a_step(tmp_path: Path) -> None:
    checkpoint, memory = Checkpoint(tmp_path), [large(i) for i in range(20)]
    checkpoint.save({"pairs": memory})
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.tensor")}
    memory = [*memory[1:], large(20)]
    checkpoint.save({"pairs": memory})
    after = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.tensor")}
    assert len(after) == 21  # with the one that the checkpoint before names
    assert len(after.items() - before.items()) == 1
    assert_same(Checkpoint(tmp_path).load(), {"pairs": memory})


@pytest.mark.parametrize("how", ["in place", "behind its back", "another of the same address"])
def test_changed_tensor_is_written_again(tmp_path: Path, how: str) -> None:
    checkpoint, content = Checkpoint(tmp_path), {"x": large(0)}
    checkpoint.save(content)
    if how == "in place":
        content["x"][1, 1, 1] += 1  # one value of many: only the version tells
    elif how == "behind its back":
        content["x"].data.mul_(2)  # no version tells
    else:
        del content["x"]
        content["x"] = large(1)
    checkpoint.save(content)
    assert_same(Checkpoint(tmp_path).load(), content)


def test_goes_on_in_the_folder_of_an_earlier_process(tmp_path: Path) -> None:
    Checkpoint(tmp_path).save({"x": large(0), "y": large(1)})
    for seed in (2, 3):
        Checkpoint(tmp_path).save({"x": large(seed)})
    assert_same(Checkpoint(tmp_path).load(), {"x": large(3)})
    assert len(tensor_files(tmp_path)) == 2  # the newest, and the one before


class Killed(BaseException):
    """Where the process would have ended."""


@pytest.mark.parametrize("moment", range(5))
def test_death_at_any_write_leaves_a_whole_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int) -> None:
    """Two tensors, the head, two renamings: each is cut short in turn, a write in the middle."""
    checkpoint, old, new = Checkpoint(tmp_path), {"x": large(0), "y": large(1)}, {"x": large(2), "y": large(3)}
    checkpoint.save(old)
    calls = iter(range(10))

    def write_half(path: Path, data: bytes) -> int:
        if next(calls) == moment:
            with path.open("wb") as file:
                file.write(data[: len(data) // 2])
            raise Killed
        with path.open("wb") as file:
            return file.write(data)

    rename = Path.replace

    def no_rename(path: Path, target: Path) -> None:
        if next(calls) == moment:
            raise Killed
        rename(path, target)

    monkeypatch.setattr(Path, "write_bytes", write_half)
    monkeypatch.setattr(Path, "replace", no_rename)
    with pytest.raises(Killed):
        checkpoint.save(new)
    monkeypatch.undo()
    assert_same(Checkpoint(tmp_path).load(), old)
    Checkpoint(tmp_path).save(new)
    assert_same(Checkpoint(tmp_path).load(), new)


def test_death_before_the_sweep_leaves_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_unlink(path: Path, missing_ok: bool = False) -> None:
        raise Killed

    checkpoint = Checkpoint(tmp_path)
    for seed in range(2):
        checkpoint.save({"x": large(seed)})
    monkeypatch.setattr(Path, "unlink", no_unlink)
    with pytest.raises(Killed):
        checkpoint.save({"x": large(2)})
    assert_same(Checkpoint(tmp_path).load(), {"x": large(2)})


@pytest.mark.parametrize("damage", ["head cut", "head flipped", "tensor cut", "tensor flipped", "tensor gone", "code"])
def test_damage_is_noticed(tmp_path: Path, damage: str) -> None:
    Checkpoint(tmp_path).save({"x": large(0)})
    do_damage(tmp_path, damage, "1.tensor")
    with pytest.raises(Damaged):
        Checkpoint(tmp_path).load()


@pytest.mark.parametrize("damage", ["head cut", "head flipped", "tensor cut", "tensor flipped", "tensor gone", "code"])
def test_where_the_newest_is_damaged_the_one_before_is_used(tmp_path: Path, damage: str) -> None:
    for seed in range(3):
        Checkpoint(tmp_path).save({"x": large(seed)})
    do_damage(tmp_path, damage, "3.tensor")
    checkpoint = Checkpoint(tmp_path)
    assert_same(checkpoint.load(), {"x": large(1)})
    checkpoint.save({"x": large(4)})
    assert_same(Checkpoint(tmp_path).load(), {"x": large(4)})


def do_damage(folder: Path, damage: str, newest: str) -> None:
    path = folder / "head" if damage.startswith("head") else folder / newest
    data = bytearray(path.read_bytes())
    if damage == "code":
        (folder / "head").write_bytes(pickled_code())
    elif damage.endswith("gone"):
        path.unlink()
    else:
        data[len(data) // 2] ^= 1
        path.write_bytes(data[:-10] if damage.endswith("cut") else data)


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
