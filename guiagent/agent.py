"""The loop: look, decide, ask, act, look again, write. Everything else reads the record."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event as Flag

from grounding.change import changes
from grounding.eyes import Eyes
from grounding.geometry import Point
from grounding.scene import Scene
from guiagent import events as e
from guiagent.byhand import Hands, Rewinds, while_held
from guiagent.desktop.desktop import Desktop, Points, TellsFiles
from guiagent.desktop.settle import settle
from guiagent.outcome import EXIT_CODES, Outcome
from guiagent.record import Record
from planner.action import Action, Ask, Done, GiveUp, Launch, Type, Wait, place_of
from planner.planner import Degraded, Hears, Move, Notices, Planner
from planner.situation import situation
from runtime.errors import DesktopError, DesktopLost, GuiagentError, RecordError

Approve = Callable[[Move, Scene], e.Approved]
Answer = Callable[[str], str]
WAIT_PIECE_S = 0.5
"""Waiting is done in pieces, so that a stop is heard."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a run may take."""

    max_steps: int = 40
    """Actions; waiting is not counted."""
    max_seconds: float = 300.0
    settle_seconds: float = 3.0
    """Patience with a picture that keeps moving."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended."""

    outcome: Outcome
    reason: str = ""
    answer: str = ""
    steps: int = 0
    seconds: float = 0.0
    exit_code: int = 0


class Control:
    """The way to pause and stop a running agent from another thread or a signal handler."""

    def __init__(self) -> None:
        self._stop = Flag()
        self._go = Flag()
        self._go.set()
        self._said: SimpleQueue[str] = SimpleQueue()
        self.hands = Hands()
        self.why = ""
        """Why it was stopped."""

    def pause(self) -> None:
        """Hold after the action at hand."""
        self._go.clear()

    def resume(self) -> None:
        self._go.set()

    def take(self) -> None:
        """Hold after the action at hand, and leave the desktop to the user; `resume` hands it back."""
        self.hands.take()
        self.pause()

    def stop(self, why: str = "interrupted by the user") -> None:
        """End the run after the action at hand; a model call ends within a token."""
        self.why = self.why or why
        self._stop.set()
        self._go.set()

    @property
    def paused(self) -> bool:
        return not self._go.is_set()

    @property
    def stopped(self) -> bool:
        return self._stop.is_set()

    def wait_while_paused(self) -> None:
        """Return when it may go on."""
        self._go.wait()

    def say(self, text: str) -> None:
        """Tell the planner something in the middle of the run; it is heard before the next decision."""
        self._said.put(text)

    def heard(self) -> str:
        """What was said since this was last asked, a line each; empty where nothing was."""
        lines = []
        with contextlib.suppress(Empty):
            while True:
                lines.append(self._said.get_nowait())
        return "\n".join(lines)


def allow_all(move: Move, scene: Scene) -> e.Approved:
    """Approve without asking: for a sandbox."""
    return e.Approved(step=0, allowed=True, by="mode")


def nobody(question: str) -> str:
    """There is nobody to ask."""
    return ""


@dataclass
class Agent:
    """One planner at work on one desktop."""

    desktop: Desktop
    planner: Planner
    eyes: Eyes
    record: Record
    limits: Limits = Limits()
    control: Control = field(default_factory=Control)
    approve: Approve = allow_all
    answer: Answer = nobody
    _step: int = field(default=0, init=False)
    _idle: float = field(default=0.0, init=False)
    """Seconds in which the user was waited for; they do not count against the run."""
    _marks: dict[int, int] = field(default_factory=dict, init=False)
    """The first action of each step, by the desktop's own count, where it can be set back."""

    def run(self, task: str, app: str = "", *, said: str = "", resumes: str = "", done: str = "") -> Ending:
        """Do the task, after starting an application if one is named. Every ending is a value and ends the record.

        `said` is what the user said where the task is a rewriting of it. `resumes` is the id of a run that this one
        goes on with, `done` in words what that one did.
        """
        try:
            self.record.write(e.Started(
                task=task, planner=self.planner.name, senses=self.eyes.senses, facts=self.desktop.facts,
                max_steps=self.limits.max_steps, max_seconds=self.limits.max_seconds, said=said, resumes=resumes,
            ))  # fmt: skip
            return self._work(task, app, done)
        except GuiagentError as error:
            return self._broke(error, error.exit_code)
        except Exception as error:  # noqa: BLE001  the door of one run: our bug, kept with its traceback
            return self._broke(error, 70)
        except BaseException:  # Ctrl-C where nobody handles it: the record ends too, and it goes on its way
            self._end("stopped", "interrupted")
            raise

    def _work(self, task: str, app: str, done: str) -> Ending:
        """Look, decide, ask, act, look again, until there is an ending."""
        self.planner.begin(task, self.desktop.facts, self.record.write, self._should_stop)
        self._notice(done)
        if app:
            self._start(app)
        scene = self._look()
        answer = problem = ""
        while True:
            if self.control.paused:
                scene = self._hold(scene)
            if over := self._over():
                return self._end(*over)
            move, seconds = self._decide(scene, answer, problem)
            answer = problem = ""
            if over := self._over(move.action):
                return self._end(*over)
            self._step += _counts(move.action)
            self._write_decided(move, scene, seconds)
            match move.action:
                case Done():
                    return self._end("solved", "", move.action.answer)
                case GiveUp():
                    return self._end("gave_up", move.action.reason)
                case Ask():
                    answer = self._ask(move.action.question)
                    if not answer:
                        return self._end(*(self._over() or ("gave_up", f"nobody answered: {move.action.question}")))
                    continue
            verdict = self._allowed(move, scene)
            if self.control.stopped or not (verdict.allowed or verdict.go_on):
                return self._end(*(self._over() or ("stopped", _refused(verdict))))
            if not verdict.allowed:
                problem = _refused(verdict)
                continue
            problem = self._perform(verdict.instead or move, scene)
            before, scene = scene, self._look()
            self._observe(before, scene)

    # -- the parts of the loop ---------------------------------------------------------------------------------------

    def _start(self, app: str) -> None:
        """Start the application that the user named; without it there is no use in going on."""
        launch = Launch(app=app)
        self.record.write(e.Decided(step=0, move=Move(action=launch, why="named by the user"), seconds=0.0))
        began = time.perf_counter()
        self.desktop.perform(launch)
        self.record.write(e.Performed(step=0, seconds=round(time.perf_counter() - began, 4), action=launch))
        settle(self.desktop, patience=self.limits.settle_seconds, quiet=4)

    def _look(self) -> Scene:
        began = time.perf_counter()
        screenshot, settled = settle(self.desktop, patience=self.limits.settle_seconds)
        tree = self.desktop.tree() if "tree" in self.eyes.senses else None
        screenshot, tree = self.record.secrets.hidden_look(screenshot, tree)
        files = self.desktop.filed if isinstance(self.desktop, TellsFiles) else None
        scene = self.eyes.see(screenshot, tree, files)
        self.record.write(e.Looked(
            step=self._step, screenshot=self.record.picture(screenshot), size=screenshot.size,
            elements=len(scene.elements), windows=tuple(w.title for w in scene.windows), settled=settled,
            note=scene.note, situation=situation(scene, self.desktop.facts), scene=self.record.scene(scene),
            seconds=round(time.perf_counter() - began, 4),
        ))  # fmt: skip
        return scene

    def _decide(self, scene: Scene, answer: str, problem: str) -> tuple[Move, float]:
        if said := self.control.heard():
            self.record.write(e.Said(text=said))
            if isinstance(self.planner, Hears):
                self.planner.hear(said)
            else:  # it knows of no talk in between; as an answer it is at least there for the step at hand
                answer = f"{answer}\n{said}".strip()
        began = time.perf_counter()
        move = self.planner.next(scene, answer=answer, problem=problem)
        return move, round(time.perf_counter() - began, 4)

    def _write_decided(self, move: Move, scene: Scene, seconds: float) -> None:
        typed = move.action.text if isinstance(move.action, Type) else ""
        if typed and scene.focus is not None and scene.focus.role == "password":
            self.record.secrets.learn(typed)  # whatever goes into such a field stays out of the record from now on
            if typed.strip() in self.record.info.task:
                why = "it stands in the task; name it instead: «secret:mail», with GUIAGENT_SECRET_MAIL as its value"
                self.record.write(Degraded(what="keeping a password out of the record", why=why))
        deeper = self.record.scene(scene.so_far) if scene.so_far is not scene else ""
        self.record.write(e.Decided(step=self._step, move=move, seconds=seconds, scene=deeper))

    def _hold(self, scene: Scene) -> Scene:
        """Wait while the user wants it. What they do by hand meanwhile is seen, and the planner is told."""
        with self._users_time():
            scene, did = while_held(self.control, self.desktop, self.record.write, self._look, self._rewind, scene)
        self._notice(did)
        return scene

    def _rewind(self, step: int) -> str:
        """Set the desktop back to before a step; gives that in words, or nothing where it cannot be done."""
        mark = self._marks.get(step)
        try:
            if mark is None or not isinstance(self.desktop, Rewinds):
                raise DesktopError(f"there is nothing kept of step {step}")
            self.desktop.rewind(mark)
        except DesktopLost:
            raise
        except GuiagentError as error:
            self.record.write(e.Failed(error=f"the desktop was not set back: {error}"))
            return ""
        self._step = step - 1
        self._marks = {number: at for number, at in self._marks.items() if number < step}
        self.record.write(e.Rewound(step=self._step))
        return f"the desktop was set back to before step {step}: what was done since then is undone"

    def _notice(self, did: str) -> None:
        if did and isinstance(self.planner, Notices):
            self.planner.notice(did)

    def _ask(self, question: str) -> str:
        with self._users_time():
            answer = self.answer(question)
        self.record.write(e.Answered(question=question, answer=answer))
        return answer

    def _allowed(self, move: Move, scene: Scene) -> e.Approved:
        with self._users_time():
            verdict = self.approve(move, scene).model_copy(update={"step": self._step})
        self.record.write(verdict)
        return verdict

    def _perform(self, move: Move, scene: Scene) -> str:
        if isinstance(self.desktop, Rewinds):
            self._marks.setdefault(self._step, self.desktop.steps + 1)
        began = time.perf_counter()
        problem = ""
        try:
            self._act(move.action)
        except (DesktopLost, RecordError):
            raise
        except GuiagentError as error:
            problem = str(error)
        seconds = round(time.perf_counter() - began, 4)
        at = place_of(move.action)
        self.record.write(e.Performed(
            step=self._step, seconds=seconds, problem=problem, action=move.action, at=at,
            screen=scene.screenshot.to_screen(at) if at else None, pointer=self._pointer() if at else None,
        ))  # fmt: skip
        return problem

    def _pointer(self) -> Point | None:
        """Where the pointer really went, where the desktop tells."""
        return self.desktop.pointer() if isinstance(self.desktop, Points) else None

    def _act(self, action: Action) -> None:
        while isinstance(action, Wait) and action.seconds > WAIT_PIECE_S and not self._should_stop():
            self.desktop.perform(Wait(seconds=WAIT_PIECE_S))
            action = Wait(seconds=action.seconds - WAIT_PIECE_S)
        if not self._should_stop() or not isinstance(action, Wait):
            self.desktop.perform(self.record.secrets.filled(action))  # type: ignore[arg-type]  # others: see _work

    def _observe(self, before: Scene, after: Scene) -> None:
        change = changes(before, after)
        self.record.write(e.Observed(
            step=self._step, summary=change.summary, changed=not change.nothing, boxes=tuple(change.boxes[:8]),
        ))  # fmt: skip

    @contextlib.contextmanager
    def _users_time(self) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self._idle += time.monotonic() - began

    # -- endings -----------------------------------------------------------------------------------------------------

    def _should_stop(self) -> bool:
        return self._over() is not None

    def _over(self, action: Action | None = None) -> tuple[Outcome, str] | None:
        """Why the run has to end now, before this action; None while it may go on."""
        if self.control.stopped:
            return "stopped", self.control.why
        if self.record.unheard:
            return "stopped", "whoever read the output went away"
        if self.record.seconds - self._idle > self.limits.max_seconds:
            return "out_of_time", f"the run was given {self.limits.max_seconds:g} s"
        if action is not None and _counts(action) and self._step >= self.limits.max_steps:
            return "out_of_steps", f"the run was given {self.limits.max_steps} steps"
        return None

    def _broke(self, error: Exception, code: int) -> Ending:
        ours = isinstance(error, GuiagentError)
        sentence = str(error) if ours else f"{type(error).__name__}: {error}"
        with contextlib.suppress(RecordError):  # it may be the record that broke
            self.record.write(e.Failed(error=sentence, traceback=traceback.format_exc()))
        return self._end("broke", sentence, code=code)

    def _end(self, outcome: Outcome, reason: str, answer: str = "", *, code: int | None = None) -> Ending:
        seconds = round(self.record.seconds, 3)
        exit_code = EXIT_CODES[outcome] if code is None else code
        ended = e.Ended(outcome=outcome, reason=reason, answer=answer, steps=self._step, seconds=seconds)
        with contextlib.suppress(RecordError):  # when the disk is full the ending is still told to whoever called
            self.record.write(ended)
        with contextlib.suppress(RecordError):
            self.record.end(outcome, reason=reason, steps=self._step, seconds=seconds, exit_code=exit_code)
        return Ending(outcome, reason, answer, self._step, seconds, exit_code)


def _counts(action: Action) -> bool:
    """Whether an action counts as a step."""
    return not isinstance(action, Wait | Done | GiveUp)


def _refused(verdict: e.Approved) -> str:
    return "the action was not allowed" + (f": {verdict.reason}" if verdict.reason else "")
