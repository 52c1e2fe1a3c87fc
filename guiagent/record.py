"""The record of a run: a folder that a writer only appends to and any number of readers only read."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from grounding.screenshot import Screenshot
from guiagent.events import Event, Line
from runtime.errors import RecordError
from runtime.value import Value

SCHEMA = 1
Listener = Callable[[Line], None]


class RunInfo(Value):
    """`run.json`: what a reader wants to know before it opens the events."""

    schema_version: int = SCHEMA
    id: str
    task: str
    started: str
    """Local time, ISO 8601."""
    guiagent: str
    model: str = ""
    planner: str = ""
    desktop: str = ""
    senses: tuple[str, ...] = ()
    versions: dict[str, str] = {}
    outcome: str = ""
    """Empty while it runs, and for ever when the run was cut off."""


class Record:
    """Writes one run. Every event is flushed at once, so that a crash loses at most the last line."""

    def __init__(self, folder: Path, info: RunInfo, listeners: tuple[Listener, ...] = ()) -> None:
        """Make the folder. Raises RecordError when it cannot be made or holds a run already."""
        self.folder = folder
        self.info = info
        self._listeners = listeners
        self._began = time.monotonic()
        self._n = 0
        self._blobs: set[str] = set()
        try:
            (folder / "blobs").mkdir(parents=True, exist_ok=True)
            self._file = (folder / "events.jsonl").open("x", encoding="utf-8")
        except FileExistsError:
            raise RecordError(f"{folder} already holds a run; name another folder") from None
        except OSError as error:
            raise RecordError(f"cannot write a run into {folder}: {error.strerror}; name another folder") from None
        self._write_info()

    def write(self, event: Event) -> None:
        """Append an event and tell the listeners."""
        self._n += 1
        line = Line(n=self._n, t=round(time.monotonic() - self._began, 4), event=event)
        try:
            self._file.write(line.model_dump_json() + "\n")
            self._file.flush()
        except OSError as error:
            raise RecordError(f"cannot write to {self.folder}: {error.strerror}; the record ends here") from None
        for listen in self._listeners:
            listen(line)

    def picture(self, screenshot: Screenshot) -> str:
        """Keep a picture, once; gives its hash."""
        name = screenshot.sha256
        if name not in self._blobs:
            path = self.folder / "blobs" / f"{name}.png"
            part = path.with_suffix(".part")
            try:
                part.write_bytes(screenshot.png)
                part.replace(path)
            except OSError as error:
                raise RecordError(f"cannot keep a picture in {self.folder}: {error.strerror}") from None
            self._blobs.add(name)
        return name

    def end(self, outcome: str) -> None:
        """Close the record. Nothing can be written after it."""
        self.info = self.info.model_copy(update={"outcome": outcome})
        self._write_info()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._began

    def _write_info(self) -> None:
        part = self.folder / "run.json.part"
        part.write_text(self.info.model_dump_json(indent=2) + "\n", "utf-8")
        part.replace(self.folder / "run.json")


def new_folder(runs: Path, task: str) -> Path:
    """A name for a new run's folder: when it began, and the first words of its task."""
    words = "".join(c if c.isalnum() else "-" for c in task.lower())[:40]
    slug = "-".join(part for part in words.split("-") if part) or "run"
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    folder = runs / f"{stamp}-{slug}"
    number = 2
    while folder.exists():
        folder = runs / f"{stamp}-{slug}-{number}"
        number += 1
    return folder


def read_info(folder: Path) -> RunInfo:
    """Read `run.json`. Raises RecordError when the folder holds no run."""
    try:
        data: dict[str, Any] = json.loads((folder / "run.json").read_text("utf-8"))
        return RunInfo.model_validate({k: v for k, v in data.items() if k in RunInfo.model_fields})
    except FileNotFoundError:
        raise RecordError(f"{folder} holds no run: there is no run.json in it") from None
    except (ValueError, ValidationError) as error:
        raise RecordError(f"{folder / 'run.json'} cannot be read: {error}") from None


def read_events(folder: Path) -> Iterator[Line]:
    """The events of a run in order. A line that cannot be read (the last one of a crash) is passed over."""
    path = folder / "events.jsonl"
    if not path.exists():
        raise RecordError(f"{folder} holds no run: there is no events.jsonl in it")
    with path.open(encoding="utf-8", errors="replace") as file:
        for text in file:
            try:
                yield Line.model_validate_json(text)
            except ValidationError:
                continue


def blob(folder: Path, sha256: str) -> Path:
    """Where a picture of a run lies."""
    return folder / "blobs" / f"{sha256}.png"
