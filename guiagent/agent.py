"""The loop: look, decide, ask, act, look again, write. Everything else reads the record."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event as Flag

from grounding.change import changes

from grounding.eyes import Eyes
from grounding.scene import Scene
from guiagent import events as e
from guiagent.desktop.desktop import Desktop
from guiagent.desktop.settle import settle
from guiagent.outcome import EXIT_CODES, Outcome
from guiagent.record import Record
from planner.action import Ask, Done, GiveUp, Wait
from planner.planner import Move, Planner
from runtime.errors import DesktopLost, GuiagentError, RecordError

Approve = Callable[[Move, Scene], e.Approved]
Answer = Callable[[str], str]


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

    def pause(self) -> None:
        """Hold after the action at hand."""
        self._go.clear()

    def resume(self) -> None:
        self._go.set()

    def stop(self) -> None:
        """End the run after the action at hand; a model call ends within a token."""
        self._stop.set()
        self._go.set()

    @property
    def paused(self) -> bool:
        return not self._go.is_set()

    @property
    def stopped(self) -> bool:
        return self._stop.is_set()

    def wait_while_paused(self) -> None:
        self._go.wait()


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

    def run(self, task: str) -> Ending:
        """Do the task. Every ending is a value; the record is complete whichever it is."""
        self.record.write(e.Started(
            task=task, planner=self.planner.name, senses=self.eyes.senses, facts=self.desktop.facts,
            max_steps=self.limits.max_steps, max_seconds=self.limits.max_seconds,
        ))  # fmt: skip
        step = 0
        try:
            self.planner.begin(task, self.desktop.facts, self.record.write, self._should_stop)
            scene = self._look(0)
            answer = problem = ""
            while True:
                if ending := self._limit(step):
                    return self._end(*ending, steps=step)
                move, seconds = self._decide(scene, answer, problem)
                answer = problem = ""
                step += not isinstance(move.action, Wait | Done | GiveUp)
                self.record.write(e.Decided(step=step, move=move, seconds=seconds))
                if ending := self._limit(0):
                    return self._end(*ending, steps=step)
                match move.action:
                    case Done():
                        return self._end("solved", "", move.action.answer, steps=step)
                    case GiveUp():
                        return self._end("gave_up", move.action.reason, steps=step)
                    case Ask():
                        answer = self._ask(move.action.question)
                        if not answer:
                            return self._end("gave_up", f"nobody answered: {move.action.question}", steps=step)
                        continue
                if not self._allowed(move, scene, step):
                    return self._end("stopped", "the action was not allowed", steps=step)
                problem = self._perform(move, step)
                before, scene = scene, self._look(step)
                self._observe(before, scene, step)
        except GuiagentError as error:
            return self._broke(error, step, getattr(error, "exit_code", 70))
        except Exception as error:  # noqa: BLE001  the door of one run: our bug, kept with its traceback
            return self._broke(error, step, 70)

    # -- the parts of the loop ---------------------------------------------------------------------------------------

    def _look(self, step: int) -> Scene:
        began = time.perf_counter()
        screenshot, settled, _ = settle(self.desktop, patience=self.limits.settle_seconds)
        tree = self.desktop.tree() if "tree" in self.eyes.senses else None
        scene = self.eyes.see(screenshot, tree)
        self.record.write(e.Looked(
            step=step, screenshot=self.record.picture(screenshot), size=screenshot.size, elements=len(scene.elements),
            windows=tuple(w.title for w in scene.windows), settled=settled, note=scene.note,
            seconds=round(time.perf_counter() - began, 4),
        ))  # fmt: skip
        return scene

    def _decide(self, scene: Scene, answer: str, problem: str) -> tuple[Move, float]:
        self.control.wait_while_paused()
        began = time.perf_counter()
        move = self.planner.next(scene, answer=answer, problem=problem)
        return move, round(time.perf_counter() - began, 4)

    def _ask(self, question: str) -> str:
        answer = self.answer(question)
        self.record.write(e.Answered(question=question, answer=answer))
        return answer

    def _allowed(self, move: Move, scene: Scene, step: int) -> bool:
        verdict = self.approve(move, scene).model_copy(update={"step": step})
        self.record.write(verdict)
        return verdict.allowed and not self.control.stopped

    def _perform(self, move: Move, step: int) -> str:
        began = time.perf_counter()
        problem = ""
        try:
            self.desktop.perform(move.action)  # type: ignore[arg-type]  # the others were handled in run
        except (DesktopLost, RecordError):
            raise
        except GuiagentError as error:
            problem = str(error)
        self.record.write(e.Performed(step=step, seconds=round(time.perf_counter() - began, 4), problem=problem))
        return problem

    def _observe(self, before: Scene, after: Scene, step: int) -> None:
        change = changes(before, after)
        self.record.write(
            e.Observed(step=step, summary=change.summary, changed=not change.nothing, boxes=tuple(change.boxes[:8]))
        )

    # -- endings -----------------------------------------------------------------------------------------------------

    def _should_stop(self) -> bool:
        return self.control.stopped or self.record.seconds > self.limits.max_seconds

    def _limit(self, step: int) -> tuple[Outcome, str] | None:
        if self.control.stopped:
            return "stopped", "stopped by the user"
        if self.record.seconds > self.limits.max_seconds:
            return "out_of_time", f"the run was given {self.limits.max_seconds:g} s"
        if step >= self.limits.max_steps:
            return "out_of_steps", f"the run was given {self.limits.max_steps} steps"
        return None

    def _broke(self, error: Exception, step: int, code: int) -> Ending:
        ours = isinstance(error, GuiagentError)
        sentence = str(error) if ours else f"{type(error).__name__}: {error}"
        if not isinstance(error, RecordError):
            self.record.write(e.Failed(error=sentence, traceback=traceback.format_exc()))
        return self._end("broke", sentence, steps=step, code=code)

    def _end(self, outcome: Outcome, reason: str, answer: str = "", *, steps: int, code: int | None = None) -> Ending:
        seconds = round(self.record.seconds, 3)
        with contextlib.suppress(RecordError):  # when the disk is full the ending is still told to whoever called
            self.record.write(e.Ended(outcome=outcome, reason=reason, answer=answer, steps=steps, seconds=seconds))
        exit_code = EXIT_CODES[outcome] if code is None else code
        return Ending(outcome, reason, answer, steps, seconds, exit_code)
