"""The runner of a suite: one fresh desktop for each task, a ledger that cannot flatter, and a score from outside."""

from __future__ import annotations

import platform
import shutil
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from grounding.eyes import Eyes
from guiagent import __version__, assemble
from guiagent.agent import Agent, Control, Ending, Limits
from guiagent.config import Settings
from guiagent.desktop.sandbox import Sandbox, require_programs
from guiagent.outcome import Outcome
from guiagent.record import Record, RunInfo, new_folder, read_events
from runtime.errors import GuiagentError, RecordError, UsageError
from tasks import home, timing
from tasks.contender import Contender, PlannerName, contender
from tasks.evaluate import Judge, unsupported
from tasks.getters import Evidence
from tasks.ledger import Done, Entry, Launched, Ledger, TaskEnded, TaskStarted
from tasks.score import Score, failed
from tasks.setup import prepare
from tasks.task import Task, load

MAX_SECONDS = 120.0
GRACE_S = 60.0
"""How long after its time limit a run that does not end by itself has its desktop taken away."""
Listener = Callable[[Entry], None]
OpenDesktop = Callable[[Settings, Path], Sandbox]


def open_sandbox(settings: Settings, home_folder: Path) -> Sandbox:
    """A fresh sandbox with its home folder there, so that it can be read after the sandbox has ended."""
    screen = settings.sandbox
    return Sandbox(size=screen.size, scale=screen.scale, layout=screen.layout, home=home_folder)


@dataclass
class Bench:
    """A benchmark under way. `stop` may be called from a signal handler."""

    suite: str
    tasks: tuple[Task, ...]
    contender: Contender
    settings: Settings
    folder: Path
    max_seconds: float = MAX_SECONDS
    listeners: Sequence[Listener] = ()
    open_desktop: OpenDesktop = open_sandbox
    stopped: bool = False
    _control: Control = field(default_factory=Control)
    _ended: list[TaskEnded] = field(default_factory=list)

    def run(self) -> Done:
        """Run every task, one after another. The ledger is right at any moment, and a stop leaves it so."""
        began = time.monotonic()
        self._ledger = Ledger(self.folder)
        try:
            self._write(self._launched())
            for task in self.tasks:
                if self.stopped:
                    break
                self._one(task)
            done = self._done(time.monotonic() - began)
            self._write(done)
            return done
        finally:
            self._ledger.close()

    def stop(self) -> None:
        """End after the action at hand; the task at hand ends as stopped."""
        self.stopped = True
        self._control.stop()

    # -- one task ----------------------------------------------------------------------------------------------------

    def _one(self, task: Task) -> None:
        """One task and its line in the ledger, whatever happens in between."""
        self._control = Control()
        run = Path("runs") / task.id
        self._write(TaskStarted(task=task.id, run=str(run)))
        began = time.monotonic()
        try:
            with Attempt(self, task, self.folder / run, self._control) as attempt:
                ended = attempt.go()
        except RecordError:
            raise  # nothing more can be written, so there is no use in going on
        except KeyboardInterrupt:
            self._write(_ending(task, run, "stopped", "stopped by the user", time.monotonic() - began))
            raise
        except Exception as error:  # noqa: BLE001  the door of one task: a crash is shown, and the others go on
            ours = isinstance(error, GuiagentError)
            why = str(error) if ours else f"{type(error).__name__}: {error}"
            _keep(self.folder / run, traceback.format_exc())
            ended = _ending(task, run, "broke", why, time.monotonic() - began)
        self._write(ended)

    def _write(self, entry: Entry) -> None:
        if isinstance(entry, TaskEnded):
            self._ended.append(entry)
        self._ledger.write(entry)
        for listen in self.listeners:
            listen(entry)

    # -- the first line and the last -----------------------------------------------------------------------------------

    def _launched(self) -> Launched:
        return Launched(
            suite=self.suite, tasks=tuple(task.id for task in self.tasks), planner=self.contender.name,
            model=self.contender.model, senses=assemble.SENSES[self.settings.senses], max_seconds=self.max_seconds,
            max_steps=self.settings.max_steps, folder=str(self.folder), started=_now(), versions=versions(),
        )  # fmt: skip

    def _done(self, seconds: float) -> Done:
        slowest = max(self._ended, key=lambda ended: ended.seconds, default=None)
        return Done(
            solved=sum(ended.solved for ended in self._ended), total=len(self.tasks), ended=len(self._ended),
            stopped=self.stopped, outcomes=dict(Counter(ended.outcome for ended in self._ended)),
            median_step_seconds=timing.median_of(s for ended in self._ended for s in ended.step_seconds),
            max_task_seconds=slowest.seconds if slowest else None, slowest_task=slowest.task if slowest else "",
            seconds=round(seconds, 1), planner=self.contender.name, model=self.contender.model,
            senses=assemble.SENSES[self.settings.senses], versions=versions(), folder=str(self.folder),
        )  # fmt: skip


class Attempt:
    """One task on one desktop: set it up, let the agent work, look, end the desktop, judge."""

    def __init__(self, bench: Bench, task: Task, folder: Path, control: Control) -> None:
        self._bench, self._task, self._folder, self._control = bench, task, folder, control
        self._outside = Path(tempfile.mkdtemp(prefix="guiagent-bench-"))
        self._desktop: Sandbox | None = None

    def __enter__(self) -> Attempt:
        self._outside.chmod(0o711)  # the sandbox's user has to reach its home below
        return self

    def __exit__(self, *error: object) -> None:
        if self._desktop:
            self._desktop.close()
        shutil.rmtree(self._outside, ignore_errors=True)

    def go(self) -> TaskEnded:
        """Run it to its end and judge it."""
        if faults := unsupported(self._task):
            raise UsageError(f"this task cannot be run: {'; '.join(faults)}.")
        began = time.monotonic()
        desktop = self._desktop = self._bench.open_desktop(self._bench.settings, self._outside / "home")
        prepare(desktop, self._task.config)
        evidence = self._evidence(desktop)
        ready = time.monotonic() - began
        ending = self._run(desktop)
        score = self._judge(desktop, evidence, ending)
        steps = timing.step_seconds(read_events(self._folder))
        return TaskEnded(
            task=self._task.id, app=self._task.app, outcome=_outcome(ending.outcome, score), solved=score.solved,
            score=score.value, explanation=score.explanation, reason=ending.reason, steps=ending.steps,
            seconds=ending.seconds, ready_seconds=round(ready, 3), median_step_seconds=timing.median_of(steps),
            step_seconds=steps, run=str(Path("runs") / self._folder.name),
        )  # fmt: skip

    def _evidence(self, desktop: Sandbox) -> Evidence:
        return Evidence(
            home=desktop.home, cache=self._outside / "cache", before=home.listing(desktop.home), tree=desktop.tree,
            run=lambda command: desktop.run(command).stdout,
        )  # fmt: skip

    def _run(self, desktop: Sandbox) -> Ending:
        """Let the agent work; a run that hangs past all patience loses its desktop, and breaks."""
        limits = self._limits()
        planner = self._bench.contender.planner(self._task)
        eyes = Eyes(assemble.SENSES[self._bench.settings.senses])
        record = Record(self._folder, self._info(desktop, eyes))
        watchdog = threading.Timer(limits.max_seconds + GRACE_S, desktop.close)
        watchdog.daemon = True
        watchdog.start()
        ending = Ending("broke", "it was cut off")
        try:
            ending = Agent(desktop, planner, eyes, record, limits, control=self._control).run(self._task.instruction)
        finally:
            watchdog.cancel()
            record.end(ending.outcome)
        return ending

    def _limits(self) -> Limits:
        bench, own = self._bench, self._task.limits
        steps = min(own.max_steps or bench.settings.max_steps, bench.settings.max_steps)
        return Limits(max_steps=steps, max_seconds=min(own.max_seconds or bench.max_seconds, bench.max_seconds))

    def _info(self, desktop: Sandbox, eyes: Eyes) -> RunInfo:
        return RunInfo(
            id=self._task.id, task=self._task.instruction, started=_now(), guiagent=__version__,
            model=self._bench.contender.model, planner=self._bench.contender.name, desktop=desktop.facts.kind,
            senses=eyes.senses, versions=versions(),
        )  # fmt: skip

    def _judge(self, desktop: Sandbox, evidence: Evidence, ending: Ending) -> Score:
        if ending.outcome == "broke":
            return failed(ending.reason)
        judge = Judge(self._task, evidence)
        prepare(desktop, self._task.evaluator.postconfig)
        judge.look()
        desktop.close()
        return judge.judge(ending.outcome, ending.reason)


def start(
    suite: str, *, planner: PlannerName, settings: Settings, max_seconds: float = MAX_SECONDS,
    only: Sequence[str] = (), folder: Path | None = None, listeners: Sequence[Listener] = (),
) -> Bench:  # fmt: skip
    """A benchmark ready to run.

    Raises `UsageError` where there is no such suite or task, `DesktopUnavailable` where no sandbox can be had, and a
    `ModelError` where the model cannot.
    """
    tasks = choose(load(suite), only)
    if planner == "oracle" and settings.senses == "pixels":
        raise UsageError("The oracle finds its way by the accessibility tree; run it with --senses both or tree.")
    name = Path(suite).stem
    require_programs()
    place = folder or new_folder(settings.runs_dir, f"bench {name} {planner}")
    return Bench(name, tasks, contender(planner, settings), settings, place, max_seconds, listeners)


def choose(tasks: tuple[Task, ...], only: Sequence[str]) -> tuple[Task, ...]:
    """The tasks of those ids; all where none are named."""
    ids = [task.id for task in tasks]
    for wanted in only:
        if wanted not in ids:
            raise UsageError(f"There is no task {wanted!r} in this suite. It has: {', '.join(ids)}.")
    return tuple(task for task in tasks if not only or task.id in only)


def versions() -> dict[str, str]:
    """What this was run with."""
    return {"guiagent": __version__, "python": platform.python_version(), "machine": platform.platform()}


def _ending(task: Task, run: Path, outcome: Outcome, why: str, seconds: float) -> TaskEnded:
    """The end of a task that could not be judged."""
    return TaskEnded(
        task=task.id, app=task.app, outcome=outcome, solved=False, explanation=why, reason=why,
        seconds=round(seconds, 3), run=str(run),
    )  # fmt: skip


def _outcome(outcome: Outcome, score: Score) -> Outcome:
    """Who says done is taken at the word of the check; any other ending stays what it is."""
    return outcome if outcome != "solved" else "solved" if score.solved else "not_solved"


def _keep(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "traceback.txt").write_text(text, "utf-8")


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")
