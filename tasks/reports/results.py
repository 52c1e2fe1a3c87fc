"""A benchmark that has run, as the report needs it: one row for each planned run, and what its record adds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from guiagent.trace import Trace
from runtime.errors import RecordError
from runtime.value import Value
from tasks import ledger
from tasks.ledger import Done, Launched, TaskEnded
from tasks.levels import Fell, Goal, goals_of, level_of


class Row(Value):
    """One planned run, ended or not."""

    key: str
    name: str
    app: str = ""
    variant: str = ""
    seed: int = 0
    repeat: int = 0
    solved: bool = False
    outcome: str = "not_run"
    fault: str = ""
    completion: float | None = None
    steps: int = 0
    oracle_steps: int | None = None
    """How many the oracle took on the same run; None where there is no record of it."""
    seconds: float = 0.0
    tokens_in: int | None = None
    """Of all prompts, those that were still in the cache included; None where no record tells."""
    tokens_out: int | None = None
    joules: float | None = None
    """Of the whole machine while it ran, where that can be read."""
    level: str = ""
    """Where it failed: planning, grounding, execution; empty where it did not, or could not be judged."""
    level_step: int = 0
    level_why: str = ""
    explanation: str = ""
    run: str = ""
    """The folder of its record, below the benchmark's."""


class Results(Value):
    """One benchmark."""

    folder: str
    suite: str
    planner: str
    model: str
    senses: tuple[str, ...]
    started: str
    versions: dict[str, str] = {}
    machine: dict[str, str] = {}
    memory: str = ""
    """What it was helped by that was learned before, or from one task to the next; empty where nothing."""
    told: dict[str, str] = {}
    """Tasks whose instruction stands in what the agent is shown, and where."""
    seconds: float | None = None
    """None where it did not come to its end."""
    stopped: bool = False
    """Whether it was cut off or stopped, and not gone on with."""
    rows: tuple[Row, ...]

    @property
    def name(self) -> str:
        """What it is called beside others: planner, model and senses."""
        return " ".join((self.planner, self.model, f"({'+'.join(self.senses)})")).replace("  ", " ")


def results(folder: Path, oracle: Path | None = None) -> Results:
    """Read a benchmark's ledger and records; `oracle` is the folder of the oracle's benchmark over the same tasks.

    Raises RecordError where there is no ledger.
    """
    entries = list(ledger.read(folder))
    launched = next((entry for entry in entries if isinstance(entry, Launched)), None)
    if launched is None:
        raise RecordError(f"the ledger in {folder} does not say what was planned, so nothing can be counted")
    done = next((entry for entry in reversed(entries) if isinstance(entry, Done)), None)
    ended = ledger.ends(folder)
    guides = _Guides(oracle)
    rows = tuple(_row(folder, key, ended.get(key), guides, launched.apps) for key in launched.tasks)
    return Results(
        folder=str(folder), suite=launched.suite, planner=launched.planner, model=launched.model,
        senses=launched.senses, started=launched.started, versions=launched.versions,
        machine=launched.machine, memory=launched.memory, told=launched.told, seconds=done.seconds if done else None,
        stopped=done.stopped if done else True, rows=rows,
    )  # fmt: skip


def names(several: Sequence[Results]) -> list[str]:
    """What to call benchmarks that are shown together: with the folder where that tells them apart, and if cut off."""
    often = Counter(one.name for one in several)
    return [
        one.name + (f", {Path(one.folder).name}" if often[one.name] > 1 else "") + (", cut off" if one.stopped else "")
        for one in several
    ]


class _Guides:
    """What the oracle did, by run; where it was not run in a variant, what it did in the plain one."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._ended = ledger.ends(folder) if folder else {}

    def steps(self, ended: TaskEnded) -> int | None:
        guide = self._of(ended)
        return guide.steps if guide else None

    def goals(self, ended: TaskEnded) -> tuple[Goal, ...]:
        guide = self._of(ended)
        trace = _trace(self._folder / guide.run) if guide and self._folder else None
        return goals_of(trace) if trace else ()

    def _of(self, ended: TaskEnded) -> TaskEnded | None:
        for key in (ended.task, ended.task.partition("~")[0], ended.name):
            if (found := self._ended.get(key)) and found.solved:
                return found
        return None


def _row(folder: Path, key: str, ended: TaskEnded | None, guides: _Guides, apps: Mapping[str, str]) -> Row:
    if ended is None:
        variant = key.partition("~")[0].partition("#")[0].partition("@")[2]
        name = _name_of(key)
        return Row(key=key, name=name, app=apps.get(name, ""), variant=variant, explanation="it was not run")
    trace = _trace(folder / ended.run)
    goals = guides.goals(ended) if not (ended.solved or ended.fault) else ()
    fell = _fell(trace, ended, goals)
    return Row(
        key=key, name=ended.name or _name_of(key), app=ended.app, variant=ended.variant, seed=ended.seed,
        repeat=ended.repeat, solved=ended.solved, outcome=ended.outcome, fault=ended.fault,
        completion=ended.completion, steps=ended.steps, oracle_steps=guides.steps(ended), seconds=ended.seconds,
        tokens_in=sum(_read(trace)) if trace and trace.calls else None,
        tokens_out=sum(_written(trace)) if trace and trace.calls else None,
        joules=ended.joules, level=fell.level if fell else "", level_step=fell.step if fell else 0,
        level_why=fell.why if fell else "", explanation=ended.explanation, run=ended.run,
    )  # fmt: skip


def _fell(trace: Trace | None, ended: TaskEnded, goals: tuple[Goal, ...]) -> Fell | None:
    return level_of(trace, ended, goals) if trace else None


def _trace(folder: Path) -> Trace | None:
    """A record, as far as it is there."""
    try:
        return Trace(folder)
    except RecordError:
        return None


def _read(trace: Trace) -> Iterator[int]:
    return (call.usage.tokens_kept + call.usage.tokens_prefilled for call in trace.calls)


def _written(trace: Trace) -> Iterator[int]:
    return (call.usage.tokens_generated for call in trace.calls)


def _name_of(key: str) -> str:
    """The task of a run that never ended, from its key (`tasks.plan.Item`)."""
    for mark in "~#@":
        key = key.partition(mark)[0]
    return key
