"""The record: whole lines only, an end that stays, a full disk."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from PIL import Image
from runs import surroundings

from grounding.screenshot import Screenshot
from guiagent.desktop.isolation import bubblewrap_problem
from guiagent.events import Answered
from guiagent.record import Record, RunInfo, new_folder, read_events, read_info
from runtime.errors import RecordError

INFO = RunInfo(id="one", task="try", started="", guiagent="0")


def test_what_was_written_is_there_before_the_end(tmp_path):
    record = Record(tmp_path / "run", INFO)
    record.write(Answered(question="née 漢 🙂\n?", answer=""))
    assert [line.event.question for line in read_events(tmp_path / "run")] == ["née 漢 🙂\n?"]
    assert read_info(tmp_path / "run").outcome == ""
    record.end("solved")
    assert read_info(tmp_path / "run").outcome == "solved"


def test_an_end_stays(tmp_path):
    record = Record(tmp_path / "run", INFO)
    record.end("solved", reason="done", steps=3, seconds=1.5, exit_code=0)
    record.end("broke")
    info = read_info(tmp_path / "run")
    assert (info.outcome, info.reason, info.steps, info.seconds, info.exit_code) == ("solved", "done", 3, 1.5, 0)
    with pytest.raises(RecordError, match="has ended"):
        record.write(Answered(question="?", answer=""))


def test_a_picture_is_kept_once(tmp_path):
    record = Record(tmp_path / "run", INFO)
    names = {record.picture(Screenshot(Image.new("RGB", (9, 9), colour))) for colour in ("red", "red", "blue")}
    record.end("solved")
    assert {path.stem for path in (tmp_path / "run" / "blobs").iterdir()} == names
    assert len(names) == 2


def test_a_folder_that_holds_a_run_is_left_as_it_is(tmp_path):
    Record(tmp_path / "run", INFO).end("solved")
    before = (tmp_path / "run" / "run.json").read_bytes()
    with pytest.raises(RecordError, match="already holds a run"):
        Record(tmp_path / "run", INFO)
    assert (tmp_path / "run" / "run.json").read_bytes() == before


def test_folders_are_named_for_their_task_and_never_shared(tmp_path):
    folders = {new_folder(tmp_path / "runs", 'Write "é/漢" & ../save!') for _ in range(3)}
    assert len(folders) == 3
    assert all(folder.is_dir() and folder.parent == tmp_path / "runs" for folder in folders)
    assert all("write-é-漢-save" in folder.name for folder in folders)


def test_a_place_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").touch()
    for runs in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(RecordError, match="runs cannot be kept in"):
            new_folder(runs, "try")


FULL = """
import json, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from runs import *
from PIL import Image
from grounding.tree import Tree
from guiagent.agent import Limits
noise = [(Image.effect_noise((400, 300), 80).convert("RGB"), Tree()) for n in range(40)]
desktop = FakeDesktop(screens=[screen for screen in noise for _ in range(9)])
agent = make(Path({folder!r}) / "run", [Press(keys="a")] * 40, desktop, limits=Limits(settle_seconds=0.2))
ending = agent.run("fill the disk")
assert_complete(Path({folder!r}) / "run", ending.outcome, ending.exit_code)
print(json.dumps([ending.outcome, ending.reason, ending.exit_code]))
"""


@pytest.mark.skipif(bool(bubblewrap_problem()), reason="needs a small disk: sudo apt-get install bubblewrap")
def test_a_disk_that_fills_up_during_the_run_still_gets_its_end(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    code = FULL.format(tests=str(__file__.rpartition("/")[0]), folder=str(folder))
    small = ["bwrap", "--dev-bind", "/", "/", "--size", "2000000", "--tmpfs", str(folder)]
    done = subprocess.run(
        [*small, sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False,
        env=surroundings(tmp_path),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    outcome, reason, code = json.loads(done.stdout)
    assert (outcome, code) == ("broke", 2)
    assert "No space left on device" in reason


@pytest.mark.skipif(bool(bubblewrap_problem()), reason="needs a small disk: sudo apt-get install bubblewrap")
def test_a_disk_that_is_full_already_is_said_at_once_and_nothing_is_left(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    code = (
        "import sys; from pathlib import Path; from guiagent.record import *\n"
        f"disk = Path({str(folder)!r})\n"
        "try: Record(disk / 'run', RunInfo(id='', task='', started='', guiagent=''))\n"
        "except Exception as error: print(type(error).__name__, error, list(disk.iterdir()))"
    )
    small = ["bwrap", "--dev-bind", "/", "/", "--size", "40000", "--tmpfs", str(folder)]
    done = subprocess.run(
        [*small, sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True,
        env=surroundings(tmp_path),
    )  # fmt: skip
    assert done.stdout.startswith("RecordError cannot write a run into")
    assert "No space left on device" in done.stdout
    assert done.stdout.endswith("[]\n")
