"""One task on one desktop, from its setup to its verdict."""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from grounding.eyes import Eyes
from guiagent import __version__, assemble
from guiagent.agent import Agent, Control, Ending, Limits
from guiagent.config import Settings
from guiagent.desktop.sandbox import Sandbox
from guiagent.desktop.vm import VirtualMachine
from guiagent.outcome import Outcome
from guiagent.record import RunInfo, read_events
from tasks import home, timing
from tasks.contender import Closes, Contender
from tasks.desktops import Desktops, Lease
from tasks.evaluate import Judge
from tasks.getters import Evidence
from tasks.guest import Guest
from tasks.ledger import Fault, TaskEnded
from tasks.machine import Energy
from tasks.needs import INFEASIBLE
from tasks.nodes import completion
from tasks.plan import Item
from tasks.referee import Referee
from tasks.schema import Task
from tasks.score import Score, failed
from tasks.setup import Stage, prepare
from tasks.sources import Sources

GRACE_S = 60.0
"""How long after its time limit a run that does not end by itself has its desktop taken away."""
SETUP_S = 600.0
"""How long setting a task up may take, and what is done after the run; downloads take the longest."""
TaskDesktop = Sandbox | VirtualMachine
"""What tasks can be run on: it gives files and commands, and a folder outside of it holds its home folder."""


@dataclass(frozen=True)
class Terms:
    """What a task is run with."""

    contender: Contender
    settings: Settings
    """With the screen that the task supposes."""
    sources: Sources
    max_seconds: float
    make_guest: Callable[[Any], Guest]
    """What it is set up on, of the desktop."""


class Attempt:
    """One task on one desktop: set it up, let the agent work, look, end the desktop, judge."""

    def __init__(
        self, item: Item, task: Task, folder: Path, terms: Terms, control: Control, referee: Referee
    ) -> None:  # fmt: skip
        self._item, self._task, self.folder, self._terms = item, task, folder, terms
        self._control, self._referee = control, referee
        self._lease: Lease[TaskDesktop] | None = None
        self.at: Fault = "desktop"
        """What is being done, for whoever tells why it broke."""

    def __enter__(self) -> Attempt:
        return self

    def __exit__(self, *error: object) -> None:
        if self._lease:
            self._lease.end()

    def go(self, desks: Desktops[Settings, TaskDesktop]) -> TaskEnded:
        """Run it to its end and judge it."""
        began = time.monotonic()
        self._lease = desks.lease(self._terms.settings)
        desktop, outside = self._lease.desktop, self._lease.outside
        self.at = "setup"
        stage = Stage(self._terms.make_guest(desktop), outside / "cache", self._terms.sources)
        with _watched(desktop, SETUP_S):
            prepare(stage, self._task.config)
        evidence = self._evidence(desktop, stage)
        ready = time.monotonic() - began
        self.at = "run"
        energy = Energy()
        ending = self._run(desktop)
        joules = energy.joules
        fault: Fault = "run" if ending.outcome == "broke" else ""
        self.at = "check"
        judge = Judge(self._task, evidence, self._referee)
        score = self._judge(desktop, stage, judge, ending)
        nodes = judge.nodes() if ending.outcome != "broke" else ()
        steps = timing.step_seconds(read_events(self.folder))
        return TaskEnded(
            task=self._item.key, app=self._task.app, outcome=_outcome(ending.outcome, score), solved=score.solved,
            score=score.value, explanation=score.explanation, reason=ending.reason, steps=ending.steps,
            seconds=ending.seconds, ready_seconds=round(ready, 3), median_step_seconds=timing.median_of(steps),
            step_seconds=steps, run=str(Path("runs") / self.folder.name), fault=fault, nodes=nodes,
            completion=completion(nodes), joules=joules, **_which(self._item),
        )  # fmt: skip

    def _evidence(self, desktop: TaskDesktop, stage: Stage) -> Evidence:
        _bring_home(desktop)
        return Evidence(
            home=desktop.home, cache=stage.cache, before=home.listing(desktop.home), tree=desktop.tree, stage=stage,
            sources=stage.sources,
        )  # fmt: skip

    def _run(self, desktop: TaskDesktop) -> Ending:
        """Let the agent work; a run that hangs past all patience loses its desktop, and breaks."""
        settings, limits = self._terms.settings, self._limits()
        planner = self._terms.contender.planner(self._task)
        eyes = Eyes(assemble.SENSES[settings.senses])
        record = assemble.record_in(self.folder, self._info(desktop, eyes), settings)
        ending = Ending("broke", "it was cut off")
        with _watched(desktop, limits.max_seconds + GRACE_S):
            try:
                agent = Agent(desktop, planner, eyes, record, limits, control=self._control)
                ending = agent.run(self._task.instruction)
            finally:
                record.end(ending.outcome)
                if isinstance(planner, Closes):
                    planner.close()
        return ending

    def _limits(self) -> Limits:
        most, own = self._terms.settings.max_steps, self._task.limits
        seconds = min(own.max_seconds or self._terms.max_seconds, self._terms.max_seconds)
        return Limits(max_steps=min(own.max_steps or most, most), max_seconds=seconds)

    def _info(self, desktop: TaskDesktop, eyes: Eyes) -> RunInfo:
        return RunInfo(
            id=self._item.key, task=self._task.instruction, started=now(), guiagent=__version__,
            model=self._terms.contender.model, planner=self._terms.contender.name, desktop=desktop.facts.kind,
            senses=eyes.senses, versions=versions(),
        )  # fmt: skip

    def _judge(self, desktop: TaskDesktop, stage: Stage, judge: Judge, ending: Ending) -> Score:
        if ending.outcome == "broke":
            return failed(ending.reason)
        if INFEASIBLE not in self._task.evaluator.funcs:
            with _watched(desktop, SETUP_S):
                prepare(stage, self._task.evaluator.postconfig)
                judge.look()
                _bring_home(desktop)
        desktop.close()
        return judge.judge(ending.outcome, ending.reason)


def unjudged(item: Item, outcome: Outcome, why: str, seconds: float, fault: Fault = "") -> TaskEnded:
    """The end of a task that could not be judged."""
    return TaskEnded(
        task=item.key, app=item.task.app if item.task else "", outcome=outcome, solved=False, explanation=why,
        reason=why, seconds=round(seconds, 3), run=str(Path("runs") / item.key), fault=fault, **_which(item),
    )  # fmt: skip


def fresh(folder: Path, run: Path) -> Path:
    """A folder for the record; a run that was cut off keeps its own, and the next one gets another."""
    if not (folder / run).exists():
        return folder / run
    return next(other for n in range(2, 1000) if not (other := folder / run.with_name(f"{run.name}.{n}")).exists())


def versions() -> dict[str, str]:
    """What this was run with."""
    return {"guiagent": __version__, "python": platform.python_version(), "machine": platform.platform()}


def now() -> str:
    """Local time, ISO 8601."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def _bring_home(desktop: TaskDesktop) -> None:
    """Have the folder outside hold the home folder as it is now, which a sandbox's always does."""
    if isinstance(desktop, VirtualMachine):
        desktop.bring_home()


@contextmanager
def _watched(desktop: TaskDesktop, seconds: float) -> Iterator[None]:
    """Take the desktop away from what does not end in time; it breaks then."""
    watchdog = threading.Timer(seconds, desktop.close)
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()


def _which(item: Item) -> dict[str, Any]:
    return {"name": item.name, "variant": item.variant, "seed": item.seed, "repeat": item.repeat}


def _outcome(outcome: Outcome, score: Score) -> Outcome:
    """Who says done is taken at the word of the check; any other ending stays what it is."""
    return outcome if outcome != "solved" else "solved" if score.solved else "not_solved"
