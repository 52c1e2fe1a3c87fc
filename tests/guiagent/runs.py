"""Runs for tests: an agent on the desktop in memory, and what a record says of it."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from grounding.eyes import Eyes
from guiagent.agent import Agent, Control, Limits
from guiagent.desktop.fake import FIELD, FakeDesktop
from guiagent.record import Record, RunInfo, read_events, read_info
from planner.action import Click, Launch, Press, Type
from planner.scripted import ScriptedPlanner

WRITE_AND_SAVE = (
    Launch(app="editor"), Click(at=FIELD.centre), Type(text="hello"), Press(keys="ctrl+s"), Type(text="a.txt\n"),
)  # fmt: skip


def make(folder, planner, desktop=None, *, listeners=(), control=None, limits=None, **parts):
    """An agent with a record in that folder; a planner or a script for one."""
    planner = planner if hasattr(planner, "next") else ScriptedPlanner(planner)
    info = RunInfo(id=folder.name, task="try it", started="2026-01-01T12:00:00+00:00", guiagent="0", model="none")
    record = Record(folder, info, tuple(listeners))
    desktop = FakeDesktop() if desktop is None else desktop
    limits = Limits(settle_seconds=0.5) if limits is None else limits
    return Agent(desktop, planner, Eyes(("tree",)), record, limits, control or Control(), **parts)


def kinds(folder):
    """The kinds of all events in order."""
    return [line.event.kind for line in read_events(folder)]


def events(folder, kind):
    """All events of a kind."""
    return [line.event for line in read_events(folder) if line.event.kind == kind]


def assert_complete(folder, outcome, exit_code):
    """The record has a beginning, an end and nothing half-written, and both files tell the same."""
    lines = list(read_events(folder))
    assert [line.n for line in lines] == list(range(1, len(lines) + 1))
    raw = (folder / "events.jsonl").read_bytes()
    assert raw.endswith(b"\n")
    assert len(raw.splitlines()) == len(lines)
    assert lines[0].event.kind == "started"
    assert lines[-1].event.kind == "ended"
    assert lines[-1].event.outcome == outcome
    info = read_info(folder)
    assert (info.outcome, info.exit_code, info.steps) == (outcome, exit_code, lines[-1].event.steps)
    assert info.reason == lines[-1].event.reason
    assert sorted(path.name for path in folder.iterdir()) == ["blobs", "events.jsonl", "run.json"]
    for line in lines:
        if line.event.kind == "looked":
            assert (folder / "blobs" / f"{line.event.screenshot}.png").stat().st_size


def command(*words):
    """The command line of guiagent in a process of its own."""
    return [sys.executable, "-m", "guiagent", *words]


def surroundings(runs, **variables):
    """The environment of such a process: it finds our code, and keeps its runs where the test wants them."""
    gone = ("DISPLAY", "WAYLAND_DISPLAY", "GUIAGENT_RUNS_DIR")
    kept = {name: value for name, value in os.environ.items() if name not in gone}
    path = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    return {**kept, "PYTHONPATH": path, "GUIAGENT_RUNS_DIR": str(runs), **variables}


def wait_until(ask, seconds=60.0):
    """What `ask` gives once it is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := ask():
            return answer
        time.sleep(0.05)
    return pytest.fail(f"nothing within {seconds} s")


def the_run(runs, kind="looked"):
    """The folder of the only run once it has an event of that kind, else None."""
    for folder in runs.glob("*"):
        if (folder / "events.jsonl").exists() and kind in kinds(folder):
            return folder
    return None


def processes_with(text):
    """Processes whose command line or environment names something."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if text.encode() in (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def desktop_folder(folder):
    """The folder of the sandbox that a run worked in: in the command line or environment of all its processes."""
    return Path(events(folder, "started")[0].facts.home).parent


def last_json(text):
    """The last line of output, as JSON."""
    return json.loads(text.strip().splitlines()[-1])
