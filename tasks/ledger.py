"""The ledger of a benchmark: what was planned, started and ended, in a file that is only appended to.

The denominator is written first. A task that is planned and has no end was not solved, whatever became of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from guiagent.outcome import Outcome
from runtime.errors import RecordError
from runtime.value import Value

FILE = "ledger.jsonl"


class Launched(Value):
    """What will be run, and with what; written before the first task."""

    kind: Literal["launch"] = "launch"
    suite: str
    tasks: tuple[str, ...]
    """The ids of all tasks: the denominator."""
    planner: str
    model: str
    senses: tuple[str, ...]
    max_seconds: float
    max_steps: int
    folder: str
    started: str
    """Local time, ISO 8601."""
    versions: dict[str, str] = {}

    @property
    def total(self) -> int:
        return len(self.tasks)


class TaskStarted(Value):
    """A task was begun."""

    kind: Literal["started"] = "started"
    task: str
    run: str
    """The folder of its record, below the benchmark's."""


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


Entry = Annotated[Launched | TaskStarted | TaskEnded | Done, Field(discriminator="kind")]
"""One line of the ledger."""
ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)


class Ledger:
    """Writes one ledger. Every line is flushed at once."""

    def __init__(self, folder: Path) -> None:
        """Raises `RecordError` where there is one already, or where nothing can be written."""
        self.path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("x", encoding="utf-8")
        except FileExistsError:
            raise RecordError(f"{folder} already holds a benchmark; name another folder.") from None
        except OSError as error:
            raise RecordError(
                f"Cannot write a benchmark into {folder}: {error.strerror}; name another folder."
            ) from None

    def write(self, entry: Entry) -> None:
        """Append a line."""
        try:
            self._file.write(entry.model_dump_json() + "\n")
            self._file.flush()
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
