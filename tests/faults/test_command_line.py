"""What went wrong with the command line once, and its like: nothing finished is lost, nothing unnamed overwritten."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch

from tests.cli.calling import ROOT, Terminal, needs_terminal, refusal
from texture import save
from texture.__main__ import main as start
from texture.cli import compare, progress_bar, run, writing
from texture.cli.main import main
from texture.cli.stopping import interruptible
from texture.errors import SetupProblem
from texture.features.weights import Progress
from texture.images.decoding import read
from texture.images.encoding import read_recipe
from texture.jobs.running.worker import Worker
from texture.methods.common.model_file import read_model
from texture.methods.registry import methods

QUICK = ("counting", "sample:clay", "--steps", "2")
LONG = ("counting", "sample:clay", "--steps", "10000000", "--work", "1")
EVERYTHING = ("--train", "--origins")
LEFT = {"tile.png", "tile.safetensors", "tile-origins.png"}
posix = pytest.mark.skipif(os.name != "posix", reason="signals and limits as POSIX has them")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """An empty folder to be in; the home and the folder for temporary files are others."""
    for name in ("here", "home", "tmp"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    return tmp_path / "here"


def names(folder: Path | str = ".") -> set[str]:
    return {path.name for path in Path(folder).iterdir()}


class TestNames:
    """Every name that a run needs is tried and held before the work."""

    @pytest.mark.parametrize("length", [246, 251])
    def test_whatever_name_the_disk_takes_is_written(self, call, length):
        name = "a" * length + ".png"
        assert call(*QUICK, "-o", name)[0] == 0
        assert names() == {name}

    def test_one_that_it_does_not_take_is_refused_before_the_work(self, call):
        assert "the name is too long" in refusal(call(*LONG, "-o", "a" * 252 + ".png"))
        assert names() == set()

    def test_what_nobody_named_is_cut_until_it_fits(self, call):
        long = "ä" * 120 + ".png"  # 244 bytes
        save(np.zeros((32, 32, 3), np.uint8), long)
        assert call("counting", long, "--steps", "1", *EVERYTHING)[0] == 0
        written = names() - {long}
        assert len(written) == 3
        assert all(name.startswith("ä" * 60) for name in written)
        assert call(*QUICK, *EVERYTHING, "-o", "a" * 250 + ".png")[0] == 0
        assert len(names()) == 7

    @needs_terminal
    def test_two_at_once_get_names_of_their_own(self, call):
        first = Terminal(*LONG, *EVERYTHING)
        first.wait_for(r"\d+/10000000")
        assert names() == {"clay-counting.png", "clay-counting-origins.png", "clay-counting.safetensors"}
        assert call(*QUICK, *EVERYTHING)[0] == 0
        first.process.send_signal(signal.SIGINT)
        assert first.close()[0] == 130
        for name in ("clay-counting", "clay-counting-2"):
            assert read(f"{name}.png").shape == read(f"{name}-origins.png").shape == (64, 64, 3)
            assert read_model(Path(f"{name}.safetensors").read_bytes()).method == "counting"
        assert len(names()) == 6

    @posix
    def test_a_name_may_be_of_any_bytes(self, call):
        name = os.fsdecode(b"bl\xe4tter.png")
        try:
            save(np.zeros((32, 32, 3), np.uint8), name)
        except SetupProblem:
            pytest.skip("this file system takes UTF-8 alone")
        assert call("counting", name, "--steps", "1", *EVERYTHING)[0] == 0
        assert call("tile", name, "-o", os.fsdecode(b"\xff.png"))[0] == 0
        assert len(names()) == 5

    @pytest.mark.parametrize(
        ("command", "said"),
        [
            ((*QUICK, "-o", ""), '"" is not a file name: a picture is written as .png, .jpg, .jpeg, .webp'),
            (
                ("tile", "sample:clay", "-o", ".png"),
                '".png" is not a file name: a picture is written as .png, .jpg, .jpeg, .webp',
            ),
            (("counting", ""), "the name of the picture is empty: source"),
            (("compare", "sample:clay", "--methods", "counting", "-o", ""), "the name of the folder is empty"),
            (("batch", "", "--method", "counting", "-o", "out"), "the name of the folder is empty"),
        ],
    )
    def test_an_empty_name_as_an_unset_variable_leaves_it_is_refused(self, call, command, said):
        assert refusal(call(*command)) == said
        assert names() == set()

    @posix
    def test_a_folder_that_is_gone_under_us_is_told_before_the_work(self, call, here):
        here.rmdir()
        assert "the folder that you are in cannot be used: no such file or folder" in refusal(
            call(*QUICK, "-o", "/x.png")
        )
        here.mkdir()

    def test_what_was_held_is_given_back(self, call):
        assert call(*QUICK, *EVERYTHING, "--fail-at", "2")[0] == 1
        assert call(*QUICK, "--seeds", "2", "--keep", "2", "--fail-at", "2", "-o", "tile.png")[0] == 1
        assert call("compare", "sample:clay", "--methods", "counting", "-o", "out", "--device", "abacus")[0] == 2
        assert names() == set()
        assert call(*QUICK)[0] == 0
        assert names() == {"clay-counting.png"}


UNWANTED = {
    "./x.png": "is an input of this command",
    "soft.png": "is a link",
    "dangling.png": "is a link",
    "hard.png": "is a link",
    "ro.png": "is read-only",
}


class TestOverwriting:
    """What was not named stays, and what was named is overwritten only where that can be meant."""

    @pytest.fixture(autouse=True)
    def files(self, here):
        """An exemplar, and names that lead to it or must not be written."""
        save(np.full((32, 32, 3), 7, np.uint8), "x.png")
        for name in ("other.png", "ro.png"):
            shutil.copy("x.png", name)
        Path("ro.png").chmod(0o444)
        Path("soft.png").symlink_to("other.png")
        Path("dangling.png").symlink_to("nowhere.png")
        os.link("other.png", "hard.png")

    @pytest.mark.parametrize("command", [("counting", "x.png", "--steps", "2"), ("tile", "x.png")])
    @pytest.mark.parametrize(("name", "reason"), UNWANTED.items())
    def test_an_input_a_link_and_what_is_read_only_only_by_force(self, call, command, name, reason):
        before = {path.name: path.read_bytes() for path in Path().iterdir() if path.exists()}
        assert reason in refusal(call(*command, "-o", name))
        assert {path.name: path.read_bytes() for path in Path().iterdir() if path.exists()} == before
        assert call(*command, "-o", name, "--force")[0] == 0
        assert not Path(name).is_symlink()
        assert read(name).shape == (64, 64, 3)
        assert Path("other.png").read_bytes() == before["other.png"]
        assert not Path("nowhere.png").exists()

    def test_an_input_is_known_by_any_of_its_names(self, call):
        os.link("ro.png", "same.png")
        for named in ("same.png", "./ro.png"):
            said = refusal(call("counting", "x.png", "--content", "ro.png", "--steps", "2", "-o", named))
            assert "is an input of this command" in said

    @posix
    @pytest.mark.parametrize("extra", [(), ("--force",)])
    def test_a_folder_or_a_device_is_refused_whatever_is_forced(self, call, extra):
        Path("dir.png").mkdir()
        os.mkfifo("pipe.png")
        assert refusal(call(*QUICK, "-o", "dir.png", *extra)) == "dir.png is a folder: name a file in it"
        assert refusal(call(*QUICK, "-o", "pipe.png", *extra)) == "pipe.png is a device, not a file"

    def test_an_older_model_and_an_older_map_stay(self, call):
        for name in ("a.safetensors", "a-origins.png"):
            Path(name).write_text("four hours")
        status, out, err = call(*QUICK, *EVERYTHING, "-o", "a.jpg")
        assert status == 0
        assert out.startswith("a.jpg and a-2-origins.png and a-2.safetensors: ")
        assert "a.safetensors exists: a-2.safetensors is written instead" in err
        assert Path("a.safetensors").read_text() == Path("a-origins.png").read_text() == "four hours"
        assert call(*QUICK, *EVERYTHING, "-o", "a.jpg", "--force")[0] == 0
        assert read_model(Path("a.safetensors").read_bytes()).steps == 2

    def test_a_folder_that_a_comparison_reads_from_or_that_has_other_files_is_refused(self, call):
        Path("out").mkdir()
        Path("out/comparison.json").write_text('{"files": ["counting.png"]}')
        shutil.copy("x.png", "out/counting.png")
        compare = ("--run", "counting steps=2", "-o", "out")
        assert "out has counting.png in it, which this call reads" in refusal(
            call("compare", "out/counting.png", *compare)
        )
        Path("out/sheet.png").write_text("mine")
        more = refusal(call("compare", "x.png", *compare))
        assert "out has a file sheet.png in it that is not from an earlier comparison" in more
        Path("out/comparison.running").touch()
        assert "has another comparison on its way into it" in refusal(call("compare", "x.png", *compare))
        assert Path("out/sheet.png").read_text() == "mine"
        assert call("compare", "out/counting.png", *compare, "--force")[0] == 0
        assert read("out/sheet.png").size > 0
        assert "comparison.running" not in names("out")


class TestRescue:
    """What is finished and cannot be written where it belongs is kept elsewhere, and that is said."""

    @pytest.fixture
    def unplugged(self, monkeypatch):
        """The folder `usb`, which is gone when the last step is done."""
        follow = run.follow

        def follow_and_unplug(steps):
            last = follow(steps)
            shutil.rmtree("usb", ignore_errors=True)
            return last

        Path("usb").mkdir()
        monkeypatch.setattr(run, "follow", follow_and_unplug)

    def test_a_folder_that_vanished(self, call, unplugged):
        status, out, err = call(*QUICK, *EVERYTHING, "-o", "usb/tile.png")
        (folder,) = names()
        assert folder.startswith("texture-rescued-")
        assert names(folder) == LEFT
        assert status == 1
        assert out.startswith(f"{Path.cwd()}/{folder}/tile.png and ")
        listed = "usb/tile.png, usb/tile-origins.png, usb/tile.safetensors"
        said = f"{listed} cannot be written: no such file or folder; kept in {Path.cwd()}/{folder}"
        assert err == f"texture: {said}\n"
        assert read_recipe(Path(folder, "tile.png").read_bytes())["step"] == 2

    def test_the_best_of_several_seeds_are_rescued_together(self, call, unplugged):
        assert call(*QUICK, "--seeds", "2", "--keep", "2", "-o", "usb/tile.png")[0] == 1
        (folder,) = names()
        assert names(folder) == {"tile.png", "tile-2.png"}

    def test_where_this_folder_takes_nothing_either_it_is_the_home_and_then_the_temporary_one(
        self, call, unplugged, monkeypatch, tmp_path
    ):
        takes = [tmp_path / "home", tmp_path / "tmp"]
        write = writing.write_atomically

        def write_there(path, data):
            write(path if any(folder in path.parents for folder in takes) else Path("gone", path.name), data)

        monkeypatch.setattr(writing, "write_atomically", write_there)
        for place in (tmp_path / "home", tmp_path / "tmp"):
            Path("usb").mkdir(exist_ok=True)
            assert call(*QUICK, "-o", "usb/tile.png")[0] == 1
            (folder,) = names(place)
            assert names(place / folder) == {"tile.png"}
            takes.remove(place)
        Path("usb").mkdir()
        status, out, err = call(*QUICK, "-o", "usb/tile.png")
        assert (status, out.split(":")[0]) == (1, "nothing written")
        assert err.endswith("no such file or folder, nor anywhere else\n")
        assert names() == set()

    @posix
    def test_a_full_disk_costs_only_what_it_has_no_room_for(self, here):
        limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))"
        code = f"{limit}; import sys; from texture.cli.main import main; sys.exit(main(sys.argv[1:]))"
        call = [sys.executable, "-c", code, *QUICK, *EVERYTHING, "-o", "tile.png"]
        done = subprocess.run(call, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
        assert done.returncode == 1
        assert (
            done.stderr
            == "texture: tile.safetensors cannot be written: no file may be that large here, nor anywhere else\n"
        )
        assert done.stdout.startswith("tile.png and tile-origins.png: ")
        assert names() == {"tile.png", "tile-origins.png"}

    def test_a_full_disk_for_temporary_files_costs_no_run_of_a_comparison(self, call, monkeypatch, small_disk):
        monkeypatch.setattr(compare, "ROOM", 0)
        monkeypatch.setattr(compare.tempfile, "tempdir", str(small_disk.folder))
        rounds = Worker.round

        def round_on_a_disk_that_fills(worker):
            if list(small_disk.folder.rglob("result.png")):
                small_disk.fill()
            return rounds(worker)

        monkeypatch.setattr(Worker, "round", round_on_a_disk_that_fills)
        runs = ["--run", "counting steps=2", "--run", "counting steps=10000000,work=1"]
        status, out, error = call("compare", "sample:clay", *runs, "-o", "out")
        assert status == 1
        assert error.startswith("texture: the disk for temporary files is full, so the runs were stopped")
        assert out.startswith("out: 2 pictures, ")
        assert {"counting.png", "counting-2.png"} <= names("out")

    def test_a_map_that_cannot_be_made_costs_no_picture(self, call, monkeypatch):
        def fail(*_):
            raise MemoryError

        monkeypatch.setattr("texture.methods.counting._distance", fail)
        status, _, err = call(*QUICK, *EVERYTHING, "-o", "tile.png")
        assert (status, err) == (1, "texture: Map of origins could not be made: not enough memory\n")
        assert names() == LEFT - {"tile-origins.png"}

    def test_a_comparison_whose_folder_vanished(self, call, monkeypatch):
        from texture.cli import compare

        share = compare.share

        def share_and_unplug(*given):
            problems = share(*given)
            shutil.rmtree("out")
            return problems

        monkeypatch.setattr(compare, "share", share_and_unplug)
        monkeypatch.setattr(progress_bar, "EVERY", 0.0)
        status, _, err = call("compare", "sample:clay", "--run", "counting steps=2,train=yes", "-o", "out")
        (folder,) = names()
        assert status == 1
        assert f"kept in {Path.cwd()}/{folder}" in err
        assert {"counting.png", "counting.safetensors", "index.html", "comparison.json"} <= names(folder)
        assert " 2/2, " in err  # a line of its progress


@posix
class TestStops:
    """SIGTERM and SIGHUP end as Ctrl-C does."""

    @needs_terminal
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
    def test_picture_model_and_map_so_far_are_written(self, number):
        terminal = Terminal(*LONG, *EVERYTHING, "-o", "tile.png")
        terminal.wait_for(r"\d+/10000000")
        terminal.process.send_signal(number)
        status, out = terminal.close()
        assert status == 130
        assert "stopped at step" in out
        assert names() == LEFT
        assert read_model(Path("tile.safetensors").read_bytes()).steps > 0

    @needs_terminal
    def test_a_terminal_that_is_closed_costs_nothing(self):
        """It sends more than one SIGHUP, and nobody can write to it any more."""
        terminal = Terminal(*LONG, *EVERYTHING, "-o", "tile.png")
        terminal.wait_for(r"\d+/10000000")
        os.close(terminal.screen)
        for _ in range(2):
            terminal.process.send_signal(signal.SIGHUP)
        terminal.process.communicate(timeout=60)
        assert terminal.process.returncode == 130
        assert names() == LEFT

    @needs_terminal
    @pytest.mark.slow
    def test_a_comparison_too(self):
        terminal = Terminal("compare", "sample:clay", "--run", "counting steps=9999999,work=1", "-o", "out")
        terminal.wait_for(r"\d+/9999999")
        terminal.process.terminate()
        assert terminal.close()[0] == 130
        assert {"counting.png", "index.html"} <= names("out")

    def test_what_nohup_has_switched_off_stays_so(self, monkeypatch, call):
        monkeypatch.setattr(run, "keep_freed_memory", lambda: os.kill(os.getpid(), signal.SIGHUP))
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            assert call(*QUICK, "-o", "tile.png")[0] == 0
        finally:
            signal.signal(signal.SIGHUP, before)

    def test_only_a_second_ctrl_c_breaks_in(self):
        with interruptible() as pressed:
            assert not pressed()
            for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGHUP):
                os.kill(os.getpid(), number)
            assert pressed()
            with pytest.raises(KeyboardInterrupt):
                os.kill(os.getpid(), signal.SIGINT)

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_before_the_first_step_nothing_is_left(self, call, monkeypatch, number):
        monkeypatch.setattr(run, "keep_freed_memory", lambda: os.kill(os.getpid(), number))
        status, out, err = call(*QUICK, *EVERYTHING)
        assert (status, out, err.strip()) == (130, "", "texture: interrupted; nothing was written")
        assert names() == set()

    def test_a_stop_that_python_drops_on_its_way_is_not_forgotten(self, call, monkeypatch):
        """As in a callback of the import system, which torch keeps busy for a second."""

        class Dropped:
            def __del__(self):
                os.kill(os.getpid(), signal.SIGTERM)
                sum(range(10))

        monkeypatch.setattr(run, "keep_freed_memory", lambda: Dropped() and None)
        status, out, err = call(*LONG)
        assert (status, out, err.strip()) == (130, "", "texture: interrupted; nothing was written")
        assert names() == set()
        monkeypatch.undo()

    def test_ctrl_c_while_the_program_is_loaded_shows_no_traceback(self, monkeypatch, capsys):
        class Loading(ModuleType):
            def __getattr__(self, name):
                raise KeyboardInterrupt

        monkeypatch.setitem(sys.modules, "texture.cli.main", Loading("main"))
        assert start() == 130
        assert capsys.readouterr().err == "texture: interrupted; nothing was written\n"

    def test_while_files_are_written_nothing_breaks_in(self, call, monkeypatch):
        write = writing.write_atomically

        def write_under_fire(path, data):
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                os.kill(os.getpid(), number)
            write(path, data)

        monkeypatch.setattr(writing, "write_atomically", write_under_fire)
        assert call(*QUICK, *EVERYTHING, "-o", "tile.png")[0] == 0
        assert names() == LEFT


class TestRoom:
    """Too little memory or disk space is told before the work, or without losing it."""

    def test_a_result_for_which_there_is_not_memory_enough_is_refused(self, call, monkeypatch):
        monkeypatch.setattr("texture.memory.free_memory", lambda: 2**30)
        said = "a result of 2048 takes at least 1.4 GB of memory, and 1.1 GB are free: choose a smaller size"
        assert refusal(call("gatys", "sample:clay", "--size", "2048", "--device", "cpu")) == said
        compare = ("compare", "sample:clay", "--run", "gatys size=2048", "-o", "out", "--device", "cpu")
        assert refusal(call(*compare)) == said
        assert names() == set()

    def test_what_runs_out_of_memory_ends_in_words(self, call, monkeypatch):
        monkeypatch.setattr("texture.memory.free_memory", lambda: 2**26)
        monkeypatch.setattr(run, "follow", lambda _: torch.ones(2**28))
        assert "not enough memory: try a smaller --size" in refusal(call(*QUICK, "--device", "cpu"), status=1)
        assert names() == set()

    def test_a_comparison_without_room_for_temporary_files_is_refused(self, call, monkeypatch, tmp_path):
        monkeypatch.setattr(compare.shutil, "disk_usage", lambda _: SimpleNamespace(free=2**20))
        said = refusal(call("compare", "sample:clay", "--run", "counting steps=2", "-o", "out"), status=1)
        assert said.startswith("no room for temporary files: out has 1.0 MB free and ")
        assert said.endswith(f"{tmp_path / 'tmp'} has 1.0 MB free; set TMPDIR to a folder with more")
        assert names() == set()


class Full(io.StringIO):
    """Standard output that takes nothing, for a reason."""

    def __init__(self, reason: int) -> None:
        super().__init__()
        self.reason = reason

    def write(self, text: str) -> int:
        raise OSError(self.reason, os.strerror(self.reason))


class TestScreen:
    """Where the words go is no reason to lose the work."""

    @pytest.mark.parametrize("page", ["ascii", "cp437", "cp1252", "utf-8"])
    def test_every_code_page_takes_what_is_said(self, monkeypatch, page):
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding=page) for _ in range(2))
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "stderr", err)
        for command in (*methods(), "compare", "batch", "upscale", "tile", "score", "weights"):
            assert main([command, "--help"]) == 0
        assert main([*QUICK, "-o", "blätter-日本.png"]) == 0
        assert main([*QUICK, "--seeds", "2", "--fail-at", "1"]) == 1
        assert main(["counting", "日本.png"]) == 2
        said = "blätter-日本.png: 64x64 pixels".encode(page, "texture.plainly")
        assert said in out.buffer.getvalue()

    def test_a_file_name_cannot_steer_the_terminal(self, call):
        name = "a\x1b]0;b\x07.png"
        assert call(*QUICK, "-o", name)[1].startswith(r"a\x1b]0;b\x07.png: 64x64 pixels")
        assert refusal(call("tile", "\x1b[31m.png")) == r"\x1b[31m.png: no such file or folder"
        assert names() == {name}

    def test_a_score_is_json_on_every_code_page(self, monkeypatch):
        call = ("score", "sample:clay", "blätter.png")
        save(np.zeros((64, 64, 3), np.uint8), call[2])
        monkeypatch.setattr(sys, "stdout", out := io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
        assert main(call) == 0
        assert json.loads(out.buffer.getvalue())["results"][0]["picture"] == "blätter.png"

    def test_a_full_disk_behind_it_is_told_and_the_work_is_there(self, call, monkeypatch, capsys):
        monkeypatch.setattr(sys, "stdout", Full(errno.ENOSPC))
        assert main([*QUICK, "-o", "tile.png"]) == 1
        assert "could not be written: no space left on the disk" in capsys.readouterr().err
        assert names() == {"tile.png"}

    @pytest.mark.parametrize("stream", ["stdout", "stderr"])
    @pytest.mark.parametrize("reason", [errno.EPIPE, errno.EIO, None])
    def test_a_reader_that_is_gone_does_not_matter(self, monkeypatch, stream, reason):
        monkeypatch.setattr(sys, stream, Full(reason) if reason else None)
        monkeypatch.setattr(progress_bar, "EVERY", 0.0)
        assert main([*QUICK, "-o", "tile.png"]) == 0
        assert names() == {"tile.png"}

    def test_without_a_terminal_a_line_tells_now_and_then_how_it_goes(self, call, monkeypatch):
        monkeypatch.setattr(progress_bar, "EVERY", 0.0)
        _, out, err = call("counting", "sample:clay", "--steps", "50", "-o", "tile.png")
        assert all(line.isprintable() for line in err.splitlines())
        assert re.search(r"^ *2% 1/50 \[00:00<.*, distance=[\d.e-]+\]$", err, re.MULTILINE)
        assert out.startswith("tile.png: ")

    def test_so_it_does_of_a_download(self, capsys, monkeypatch):
        monkeypatch.setattr(progress_bar, "EVERY", 0.0)
        with progress_bar.download_bar() as report:
            report(Progress("fetching vgg19", 5 * 2**20, 10 * 2**20))
        assert re.search(r"^fetching vgg19: 5\.00M of 10\.0M \[", capsys.readouterr().err, re.MULTILINE)
