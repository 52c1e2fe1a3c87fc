"""The ledger of a benchmark: what was planned, started and ended, in a file that is only appended to.

The denominator is written first. A task that is planned and has no end was not solved, whatever became of it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from guiagent.outcome import Outcome
from runtime.errors import RecordError
from runtime.value import Value
from tasks.nodes import NodeScore

FILE = "ledger.jsonl"
Fault = Literal["", "file", "unsupported", "desktop", "setup", "run", "check"]
"""Where a task broke: its file, what it lacks here, opening the desktop, its setup, its run, its check."""


class Launched(Value):
    """What will be run, and with what; written before the first task."""

    kind: Literal["launch"] = "launch"
    suite: str
    tasks: tuple[str, ...]
    """The ids of all tasks: the denominator."""
    apps: dict[str, str] = {}
    """The application of each task, by its id."""
    planner: str
    model: str
    senses: tuple[str, ...]
    max_seconds: float
    max_steps: int
    folder: str
    started: str
    """Local time, ISO 8601."""
    versions: dict[str, str] = {}
    memory: str = ""
    """The memory that was read, by its file; empty where there was none, so that nothing learned reached the score."""
    learns: bool = False
    """Whether the tasks were learned from, so that the later ones had the help of those before."""
    lacking: dict[str, str] = {}
    """What tasks lack on this machine, told before any is run; those are not started, and count as not solved."""
    solvable: int | None = None
    """How many of the tasks lack nothing."""
    machine: dict[str, str] = {}
    """What it runs on."""
    told: dict[str, str] = {}
    """Tasks whose instruction stands in what the agent is shown, and where; a score with any is worth little."""

    @property
    def total(self) -> int:
        return len(self.tasks)


class Resumed(Value):
    """A benchmark that was cut off goes on; what had an end keeps it."""

    kind: Literal["resumed"] = "resumed"
    at: str
    """Local time, ISO 8601."""
    left: tuple[str, ...]
    """The tasks that have no end yet, those that were under way included."""


class TaskStarted(Value):
    """A task was begun."""

    kind: Literal["started"] = "started"
    task: str
    run: str
    """The folder of its record, below the benchmark's."""
    where: str = ""
    """The machine and process that runs it, on a cluster."""


class TaskLost(Value):
    """A machine or process of a cluster went away with the task that it was running, which is planned again."""

    kind: Literal["lost"] = "lost"
    task: str
    attempt: int
    """The one that was lost, from 1."""
    where: str
    why: str


class TaskEnded(Value):
    """A task came to its end, whichever."""

    kind: Literal["task"] = "task"
    task: str
    app: str = ""
    outcome: Outcome
    """`solved` and `not_solved` are the word of the check, after the agent said that it is done."""
    solved: bool
    """The word of the check, however the run ended."""
    score: float = 0.0
    explanation: str
    reason: str = ""
    """Why the run ended as it did."""
    steps: int = 0
    seconds: float = 0.0
    """Of the agent, from its first look to its end."""
    ready_seconds: float = 0.0
    """From nothing to the start state: the desktop, the files, the application."""
    median_step_seconds: float | None = None
    step_seconds: tuple[float, ...] = ()
    run: str = ""
    fault: Fault = ""
    """What kept it from being judged, where something did: nothing is known then of the agent."""
    name: str = ""
    """The task, where `task` names one of its variants, seeds or repeats."""
    variant: str = ""
    seed: int = 0
    repeat: int = 0
    completion: float | None = None
    """The weighted share of its key nodes that was reached."""
    joules: float | None = None
    """What the whole machine took while the agent worked, where it tells."""
    nodes: tuple[NodeScore, ...] = ()
    attempts: int = 1
    """How often it was begun: more than once where machines of a cluster were lost with it."""


class Done(Value):
    """The benchmark came to its end."""

    kind: Literal["done"] = "done"
    solved: int
    total: int
    """As planned, whatever was reached."""
    ended: int
    """Tasks that came to an end, whichever."""
    stopped: bool = False
    """Whether it was stopped before all tasks were run."""
    outcomes: dict[str, int] = {}
    faults: dict[str, int] = {}
    """Tasks that could not be judged, by where they broke."""
    completion: float | None = None
    """The mean share of key nodes reached, over the tasks that have any."""
    median_step_seconds: float | None = None
    max_task_seconds: float | None = None
    slowest_task: str = ""
    seconds: float = 0.0
    """Of the whole, starting desktops and loading the model included."""
    planner: str
    model: str
    senses: tuple[str, ...]
    versions: dict[str, str] = {}
    folder: str = ""


Entry = Annotated[Launched | Resumed | TaskStarted | TaskLost | TaskEnded | Done, Field(discriminator="kind")]
"""One line of the ledger."""
ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)


class Ledger:
    """Writes one ledger. Every line is flushed at once."""

    def __init__(self, folder: Path, *, resume: bool = False) -> None:
        """Raises `RecordError` where there is one already (unless it goes on), or where nothing can be written."""
        self.path = folder / FILE
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("a" if resume else "x", encoding="utf-8")
            if resume and not self.path.read_bytes().endswith(b"\n"):
                self._file.write("\n")  # the line that was cut off stays, and is passed over
        except FileExistsError:
            raise RecordError(f"{folder} already holds a benchmark; name another folder.") from None
        except OSError as error:
            raise RecordError(
                f"Cannot write a benchmark into {folder}: {error.strerror}; name another folder."
            ) from None

    def write(self, entry: Entry) -> None:
        """Append a line."""
        try:
            with self._lock:
                self._file.write(entry.model_dump_json() + "\n")
                self._file.flush()
                os.fsync(self._file.fileno())
        except OSError as error:
            raise RecordError(f"Cannot write to {self.path}: {error.strerror}; the ledger ends here.") from None

    def close(self) -> None:
        """Nothing can be written after it. May be called twice."""
        self._file.close()


def read(folder: Path) -> Iterator[Entry]:
    """The lines of a ledger. One that cannot be read (the last one of a crash) is passed over."""
    try:
        lines = (folder / FILE).read_text("utf-8").splitlines()
    except OSError:
        raise RecordError(f"{folder} holds no benchmark: there is no {FILE} in it.") from None
    for line in lines:
        try:
            yield ENTRY.validate_json(line)
        except ValidationError:
            continue


def ends(folder: Path) -> dict[str, TaskEnded]:
    """How each task ended, by its id: its first end, should there be two.

    A task that its user stopped is run again by whoever goes on; that is its end then.
    """
    found: dict[str, TaskEnded] = {}
    for entry in read(folder):
        if isinstance(entry, TaskEnded):
            before = found.get(entry.task)
            if before is None or before.outcome == "stopped":
                found[entry.task] = entry
    return found
