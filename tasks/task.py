"""A task: what to do, how to set it up, how to tell that it is done. The files have OSWorld's schema.

What is ours stands under one key, `guiagent`; a file that has it is read strictly, so that a misspelt key is found.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, ValidationError, field_validator, model_validator

from runtime.errors import UsageError
from tasks.script import Line, lines

SUITES = Path(__file__).parent / "suite"
"""The suites that ship with guiagent, one folder each."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)


class SetupStep(_Part):
    """One step of the way to the start state, or of what is done after the run and before the check."""

    type: str = Field(min_length=1)
    parameters: dict[str, Any] = {}


class Getting(_Part):
    """What a check is given: the name of a getter, and whatever that getter takes."""

    model_config = ConfigDict(frozen=True, extra="allow")
    type: str = Field(min_length=1)

    @property
    def parameters(self) -> dict[str, Any]:
        """Everything but the type."""
        return dict(self.model_extra or {})


class Evaluator(_Part):
    """How to tell that the task is done: one check, or several of which all (`and`) or one (`or`) must pass."""

    func: str | tuple[str, ...]
    result: Getting | tuple[Getting, ...] | None = None
    expected: Getting | tuple[Getting | None, ...] | None = None
    options: dict[str, Any] | tuple[dict[str, Any] | None, ...] = {}
    conj: Literal["and", "or"] = "and"
    postconfig: tuple[SetupStep, ...] = ()
    config_note: str = Field(default="", alias="_config_note")

    @field_validator("result", "expected", mode="before")
    @classmethod
    def _nothing(cls, given: object) -> object:
        """OSWorld writes an empty object where there is nothing."""
        if isinstance(given, list):
            return [part or None for part in given]
        return given or None

    @model_validator(mode="after")
    def _of_one_length(self) -> Evaluator:
        funcs = self.funcs
        if not funcs:
            raise ValueError("func names no check")
        for name in ("result", "expected", "options"):
            given = getattr(self, name)
            if isinstance(given, tuple) and len(given) != len(funcs):
                raise ValueError(f"{name} has {len(given)} entries, but func has {len(funcs)}")
        return self

    @property
    def funcs(self) -> tuple[str, ...]:
        """The names of the checks."""
        return (self.func,) if isinstance(self.func, str) else self.func

    def part(self, index: int) -> tuple[Getting | None, Getting | None, dict[str, Any]]:
        """What the check of that number is given: result, expected, options."""
        result = self.result[index] if isinstance(self.result, tuple) else self.result
        expected = self.expected[index] if isinstance(self.expected, tuple) else self.expected
        options = self.options[index] if isinstance(self.options, tuple) else self.options
        return result, expected, options or {}


class TaskLimits(_Part):
    """What a run of this task may take, where that is less than usual."""

    max_steps: int | None = Field(default=None, ge=1)
    max_seconds: float | None = Field(default=None, gt=0)


class Ours(_Part):
    """What guiagent adds to OSWorld's schema."""

    app: str = ""
    """The application that the task is about, by the name it is launched by."""
    tags: tuple[str, ...] = ()
    limits: TaskLimits = TaskLimits()
    oracle: tuple[SerializeAsAny[Line], ...] = ()
    """A script in raw actions that solves the task; see `tasks.script`."""

    @field_validator("oracle", mode="before")
    @classmethod
    def _read(cls, given: object) -> object:
        return lines(given)


class Task(_Part):
    """One task, as its file has it."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: str
    instruction: str
    config: tuple[SetupStep, ...] = ()
    evaluator: Evaluator
    snapshot: str = ""
    source: str = ""
    related_apps: tuple[str, ...] = ()
    guiagent: Ours | None = None

    @field_validator("id")
    @classmethod
    def _is_a_name(cls, given: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", given):
            raise ValueError("an id is letters, digits, dots and dashes: it becomes a folder's name")
        return given

    @field_validator("instruction")
    @classmethod
    def _says_something(cls, given: str) -> str:
        if not given.strip():
            raise ValueError("an instruction says what to do; this one is empty")
        return given

    @model_validator(mode="after")
    def _strict_where_ours(self) -> Task:
        strange = sorted(self.model_extra or {}) if self.guiagent else []
        if strange:
            raise ValueError(f"there is no key `{strange[0]}` in a task; what is ours stands under `guiagent`")
        return self

    @property
    def app(self) -> str:
        """The application it is about, as far as the file tells."""
        return (self.guiagent.app if self.guiagent else "") or next(iter(self.related_apps), "")

    @property
    def limits(self) -> TaskLimits:
        return self.guiagent.limits if self.guiagent else TaskLimits()

    @property
    def oracle(self) -> tuple[Line, ...]:
        return self.guiagent.oracle if self.guiagent else ()


def suites() -> tuple[str, ...]:
    """The names of the suites that ship with guiagent."""
    return tuple(sorted(path.name for path in SUITES.iterdir() if path.is_dir() and any(path.glob("*.json"))))


def load(suite: str | Path) -> tuple[Task, ...]:
    """The tasks of a suite by name, of a folder (at any depth) or of a file, by id.

    Raises `UsageError` naming the file and the field at fault.
    """
    place = _place(suite)
    files = [place] if place.is_file() else sorted(place.rglob("*.json"))
    if not files:
        raise UsageError(f"{place} holds no tasks: there is no .json file in it. Name another folder.")
    found: dict[str, Path] = {}
    tasks: list[Task] = []
    for file in files:
        task = load_file(file)
        if task.id in found:
            raise UsageError(f"{file}: id: {task.id!r} is the id of {found[task.id]} too. Give each task its own.")
        found[task.id] = file
        tasks.append(task)
    return tuple(tasks)


def load_file(file: Path) -> Task:
    """One task."""
    try:
        content = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(f"There is no task file {file}.") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:  # not JSON, or not UTF-8
        raise UsageError(f"{file} is not JSON: {error}.") from error
    if not isinstance(content, Mapping):
        raise UsageError(f"{file} is not a task: it holds {type(content).__name__}, not an object.")
    try:
        return Task.model_validate(content)
    except ValidationError as error:
        raise UsageError(f"{file}: {_fault(error)}.") from error


def _place(suite: str | Path) -> Path:
    name = str(suite)
    if "/" not in name and (SUITES / name).is_dir() and name not in ("", ".", ".."):
        return SUITES / name
    place = Path(suite).expanduser()
    if not name or not place.exists():
        raise UsageError(
            f"There is no suite {name!r}, nor a file or folder of that name. Suites: {', '.join(suites())}."
        )
    return place


def _fault(error: ValidationError) -> str:
    """The first thing that is wrong: its field, and why."""
    first = error.errors()[0]
    kinds = ("str", "tuple", "Getting", "dict[")
    field = ".".join(str(part) for part in first["loc"] if not str(part).startswith(kinds))
    reason = first["msg"].removeprefix("Value error, ")
    if first["type"] == "missing":
        reason = "it is missing"
    return f"{field}: {reason}" if field else reason
