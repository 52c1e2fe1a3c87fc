"""The runner of a suite: one fresh desktop for each task, a ledger that cannot flatter, and a score from outside."""

from __future__ import annotations

import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from grounding.geometry import Size
from guiagent import assemble
from guiagent.agent import Control
from guiagent.config import Settings
from guiagent.desktop.sandbox import Sandbox, require_programs
from guiagent.record import new_folder
from runtime.errors import GuiagentError, RecordError, UsageError
from tasks import ledger, timing
from tasks.attempt import Attempt, TaskDesktop, Terms, fresh, now, unjudged, versions
from tasks.contender import Contender, PlannerName, contender
from tasks.desktops import Desktops, affordable
from tasks.guest import Guest
from tasks.guests import guest_of
from tasks.hygiene import told
from tasks.learning import learn, memory_for
from tasks.ledger import Done, Entry, Launched, Ledger, Resumed, TaskEnded, TaskLost, TaskStarted
from tasks.machine import machine
from tasks.needs import Needs, needs_of
from tasks.packing import unpack
from tasks.plan import Item, plan
from tasks.pool import Pool
from tasks.referee import CHECK_S, Referee
from tasks.sources import Sources
from tasks.task import Task, gather
from tasks.variants import gone_wrong

MAX_SECONDS = 120.0
MOST_AT_ONCE = 16
DESKTOP_TRIES = 2
MOST_ON_CLUSTER = 10_000
NOWHERE = Sources()
"""No cache, and no network."""
Listener = Callable[[Entry], None]
OpenDesktop = Callable[[Settings, Path], TaskDesktop]
Elsewhere = Callable[["Bench", list[Item]], None]


def open_fresh(settings: Settings, home_folder: Path) -> TaskDesktop:
    """A fresh desktop with its home folder there, so that it can be read after the desktop has ended.

    Raises `UsageError` for a desktop that no task can be run on.
    """
    if settings.desktop == "vm":
        return assemble.open_machine(settings, home=home_folder)
    if settings.desktop != "sandbox":
        raise UsageError(f"Tasks are not run on {settings.desktop}: give sandbox or vm.")
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
    open_desktop: OpenDesktop = open_fresh
    stopped: bool = False
    items: tuple[Item, ...] = ()
    """Every run; each task once where nothing else is said."""
    sources: Sources = Sources()
    places: dict[str, Path] = field(default_factory=dict)
    """The files of the tasks."""
    parallel: int = 1
    """Tasks that are run at the same time, each on a desktop of its own."""
    resume: bool = False
    """Whether the ledger is there already, and what has no end in it is run."""
    try_all: bool = False
    """Whether tasks are run too that lack something here."""
    check_seconds: float = CHECK_S
    make_guest: Callable[[Any], Guest] = guest_of
    """What tasks are set up on, of a desktop that was opened."""
    desktop_tries: int = 1
    """How often a desktop is opened that does not come up."""
    run_elsewhere: Elsewhere | None = None
    """Runs tasks on other machines, where something does; see `tasks.cluster`."""
    _controls: set[Control] = field(default_factory=set)
    _ended: list[TaskEnded] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.items = self.items or plan(self.tasks)
        self._lacking = {} if self.try_all else self._find_lacking()
        # a virtual machine starts in seconds, and one that waits takes memory and a processor's time
        may = self.settings.desktop != "vm" and affordable(2 * self.parallel) == 2 * self.parallel
        ahead = self.parallel if may else 0
        self.desks = Desktops(self.open_desktop, ahead, self.desktop_tries)

    def run(self) -> Done:
        """Run every task. The ledger is right at any moment, and a stop leaves it so."""
        began = time.monotonic()
        before = self._read_ledger() if self.resume else None
        self._ledger = Ledger(self.folder, resume=self.resume)
        try:
            todo = self._todo(before)
            self._run_all(todo)
            done = self._done(time.monotonic() - began)
            self._write(done)
            return done
        finally:
            self._ledger.close()

    def _run_all(self, todo: list[Item]) -> None:
        here = todo
        if self.run_elsewhere is not None:
            here = [item for item in todo if not self._can_run(item)]
            self.run_elsewhere(self, [item for item in todo if self._can_run(item)])
        with Pool(self.parallel, self.check_seconds) as pool, self.desks:
            self.desks.expect(self.settings_of(item.task) for item in here if self._can_run(item))
            pool.run(here, self._one, lambda: self.stopped)

    def stop(self) -> None:
        """End after the action at hand; the tasks at hand end as stopped."""
        self.stopped = True
        for control in tuple(self._controls):
            control.stop()

    # -- before the first task -----------------------------------------------------------------------------------------

    def _find_lacking(self) -> dict[str, str]:
        """What each run lacks on this machine, of those that lack anything."""
        found = {}
        for item in self.items:
            needs = needs_of(item.task, self.sources_of(item)) if item.task is not None else Needs()
            if self.settings.desktop == "vm":  # what its image holds is seen there
                needs = Needs(tuple(need for need in needs.lacking if need.kind not in ("app", "machine")))
            if needs.lacking:
                found[item.key] = needs.sentence()
        return found

    def sources_of(self, item: Item) -> Sources:
        """Where the files of a task come from."""
        place = self.places.get(item.name)
        return replace(self.sources, beside=place.parent if place else None, task=item.name)

    def _read_ledger(self) -> Launched:
        """The first line of the ledger that is gone on with. Raises `UsageError` where it is of another benchmark."""
        launched = next((entry for entry in ledger.read(self.folder) if isinstance(entry, Launched)), None)
        if launched is None:
            raise UsageError(f"{self.folder} holds no benchmark that was begun; run it anew.")
        keys = {item.key for item in self.items}
        if missing := [key for key in launched.tasks if key not in keys]:
            raise UsageError(f"{self.folder} is a benchmark of other tasks: {missing[0]} is not among these.")
        if launched.planner != self.contender.name:
            raise UsageError(f"{self.folder} is a benchmark of planner {launched.planner}, not {self.contender.name}.")
        return launched

    def _todo(self, before: Launched | None) -> list[Item]:
        """What is left to run; told to the ledger first."""
        if before is None:
            self._write(self._launched())
            return list(self.items)
        planned = set(before.tasks)
        self.items = tuple(item for item in self.items if item.key in planned)
        ended = {key: end for key, end in ledger.ends(self.folder).items() if end.outcome != "stopped"}
        self._ended += [entry for key, entry in ended.items() if key in planned]
        left = [item for item in self.items if item.key not in ended]
        self._write(Resumed(at=now(), left=tuple(item.key for item in left)))
        return left

    # -- one task ------------------------------------------------------------------------------------------------------

    def _one(self, item: Item, referee: Referee) -> None:
        """One task and its lines in the ledger, whatever happens in between."""
        self._write(TaskStarted(task=item.key, run=str(Path("runs") / item.key)))
        try:
            ended = self.attempt(item, referee)
        except KeyboardInterrupt:
            self._write(unjudged(item, "stopped", "stopped by the user", 0.0))
            raise
        self._write(ended)

    def attempt(self, item: Item, referee: Referee) -> TaskEnded:
        """Run one task to its end, whichever, without a line in the ledger."""
        began = time.monotonic()
        if item.task is None or item.key in self._lacking:
            why = item.broken or f"this task cannot be run here; it lacks {self._lacking[item.key]}"
            return unjudged(item, "broke", why, 0.0, "file" if item.broken else "unsupported")
        control = Control()
        self._controls.add(control)
        terms = Terms(
            self.contender, self.settings_of(item.task), self.sources_of(item), self.max_seconds, self.make_guest
        )
        attempt = Attempt(item, item.task, fresh(self.folder, Path("runs") / item.key), terms, control, referee)
        try:
            if self.stopped:
                control.stop()
            with attempt:
                ended = attempt.go(self.desks)
            if memory := self.contender.memory:
                learn(memory, attempt.folder, self.suite, item.key, ended.outcome)
        except RecordError:
            raise  # nothing more can be written, so there is no use in going on
        except Exception as error:  # noqa: BLE001  the door of one task: a crash is shown, and the others go on
            ours = isinstance(error, GuiagentError)
            why = str(error) if ours else f"{type(error).__name__}: {error}"
            attempt.folder.mkdir(parents=True, exist_ok=True)
            (attempt.folder / "traceback.txt").write_text(traceback.format_exc(), "utf-8")
            ended = unjudged(item, "broke", why, time.monotonic() - began, attempt.at)
        finally:
            self._controls.discard(control)
        return ended

    def _can_run(self, item: Item) -> bool:
        return item.task is not None and item.key not in self._lacking

    def settings_of(self, task: Task | None) -> Settings:
        """The settings, with the screen that the task supposes."""
        if task is None or task.screen is None:
            return self.settings
        sandbox = self.settings.sandbox.model_copy(update={"size": Size(*task.screen)})
        return self.settings.model_copy(update={"sandbox": sandbox})

    # -- tasks that run elsewhere --------------------------------------------------------------------------------------

    def started(self, item: Item, where: str) -> None:
        """A worker has begun a task."""
        self._write(TaskStarted(task=item.key, run=str(Path("runs") / item.key), where=where))

    def lost(self, item: Item, attempt: int, where: str, why: str) -> None:
        """A worker went away with a task, which is planned again."""
        self._write(TaskLost(task=item.key, attempt=attempt, where=where, why=why))

    def ended(self, item: Item, ended: TaskEnded, record: bytes) -> None:
        """A task came to its end; its record is put beside those of the others."""
        unpack(record, self.folder / "runs")
        self._write(ended)

    def given_up(self, item: Item, why: str, attempts: int) -> None:
        """A task is not tried any more."""
        end = unjudged(item, "broke", why, 0.0, "desktop")
        self._write(end.model_copy(update={"attempts": attempts}))

    def _write(self, entry: Entry) -> None:
        with self._lock:
            if isinstance(entry, TaskEnded):
                self._ended.append(entry)
            self._ledger.write(entry)
            for listen in self.listeners:
                listen(entry)

    # -- the first line and the last -----------------------------------------------------------------------------------

    def _launched(self) -> Launched:
        broken = {item.key: item.broken for item in self.items if item.broken}
        apps = {item.name: item.task.app for item in self.items if item.task is not None}
        return Launched(
            suite=self.suite, tasks=tuple(item.key for item in self.items), apps=apps,
            planner=self.contender.name, model=self.contender.model, senses=assemble.SENSES[self.settings.senses],
            max_seconds=self.max_seconds, max_steps=self.settings.max_steps, folder=str(self.folder), started=now(),
            versions=versions(), memory=str(memory.path) if (memory := self.contender.memory) else "",
            learns=memory is not None and not memory.read_only,
            machine=machine(), told={found.task: found.where for found in told(self.tasks, self.contender.memory)},
            lacking=self._lacking | broken, solvable=len(self.items) - len(self._lacking) - len(broken),
        )  # fmt: skip

    def _done(self, seconds: float) -> Done:
        slowest = max(self._ended, key=lambda ended: ended.seconds, default=None)
        parts = [ended.completion for ended in self._ended if ended.completion is not None]
        return Done(
            solved=sum(ended.solved for ended in self._ended), total=len(self.items), ended=len(self._ended),
            stopped=self.stopped, outcomes=dict(Counter(ended.outcome for ended in self._ended)),
            faults=dict(Counter(ended.fault for ended in self._ended if ended.fault)),
            completion=round(sum(parts) / len(parts), 4) if parts else None,
            median_step_seconds=timing.median_of(s for ended in self._ended for s in ended.step_seconds),
            max_task_seconds=slowest.seconds if slowest else None, slowest_task=slowest.task if slowest else "",
            seconds=round(seconds, 1), planner=self.contender.name, model=self.contender.model,
            senses=assemble.SENSES[self.settings.senses], versions=versions(), folder=str(self.folder),
        )  # fmt: skip


def start(
    suite: str, *, planner: PlannerName, settings: Settings, max_seconds: float = MAX_SECONDS,
    only: Sequence[str] = (), folder: Path | None = None, listeners: Sequence[Listener] = (),
    variants: Sequence[str] = (), seeds: Sequence[int] = (0,), repeat: int = 1, parallel: int = 1,
    resume: Path | None = None, sources: Sources = NOWHERE, try_all: bool = False,
    learns: bool = False, memory: Path | None = None, without: Sequence[str] = (), agent: str = "", cluster: str = "",
) -> Bench:  # fmt: skip
    """A benchmark ready to run.

    Raises `UsageError` where there is no such suite or task, `DesktopUnavailable` where no sandbox can be had, and a
    `ModelError` where the model cannot.
    """
    most = MOST_ON_CLUSTER if cluster else MOST_AT_ONCE
    if not 1 <= parallel <= most:
        raise UsageError(f"--parallel cannot be {parallel}: it is from 1 to {most}.")
    loaded = gather(suite)
    if not loaded.tasks:
        raise UsageError(next(iter(loaded.broken.values())))
    tasks = choose(loaded.tasks, only)
    if planner == "wrong":
        tasks = tuple(map(gone_wrong, tasks))
    items = plan(tasks, variants=variants, seeds=seeds, repeat=repeat, broken={} if only else loaded.broken)
    if planner in ("oracle", "wrong") and settings.senses == "pixels":
        raise UsageError("The oracle finds its way by the accessibility tree; run it with --senses both or tree.")
    name = Path(suite).stem
    if settings.desktop == "sandbox":
        require_programs()
    place = resume or folder or new_folder(settings.runs_dir, f"bench {name} {planner}")
    if cluster and (learns or memory):
        raise UsageError("On a cluster no task sees what another learned; leave --learn and --memory out.")
    if agent and cluster:
        raise UsageError("--agent starts a program on this machine; run it without --cluster.")
    under_test = contender(
        planner, settings, memory_for(learns, memory, place), without, loaded=not cluster, agent=agent
    )
    return Bench(
        name, tasks, under_test, settings, place, max_seconds, listeners, items=items,
        sources=sources, places=loaded.places, parallel=parallel, resume=resume is not None, try_all=try_all,
        desktop_tries=DESKTOP_TRIES,
        run_elsewhere=_on_cluster(cluster, planner, without) if cluster else None,
    )  # fmt: skip


def _on_cluster(address: str, planner: PlannerName, without: Sequence[str]) -> Elsewhere:
    """What runs a benchmark's tasks on a Ray cluster, as many at a time as it is parallel. `UsageError` without Ray."""
    from tasks.cluster.head import run_on  # with Ray behind it, which nothing else needs

    return partial(run_on, address, planner, tuple(without))


def choose(tasks: tuple[Task, ...], only: Sequence[str]) -> tuple[Task, ...]:
    """The tasks of those ids; all where none are named."""
    ids = [task.id for task in tasks]
    for wanted in only:
        if wanted not in ids:
            raise UsageError(f"There is no task {wanted!r} in this suite. It has: {', '.join(ids)}.")
    return tuple(task for task in tasks if not only or task.id in only)
