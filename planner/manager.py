"""The Manager: a task becomes a short program of skills."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from planner import describe, prompts
from planner.hands import Hands
from planner.planner import Asked, Planned, Step, Thought
from planner.program import ProgramError, grammar, parse
from planner.repair import repaired
from planner.skills.skill import LIBRARY, Skill
from runtime.model import Lark, Message, Model

MAX_TOKENS = 500
"""Enough for a program of 14 lines with a paragraph of text in it."""


class Manager:
    """Asks the model for programs. The static part of its prompt comes first, so that it is prefilled once for ever."""

    def __init__(self, model: Model, library: dict[str, Skill] | None = None) -> None:
        self._model = model
        self._library = LIBRARY if library is None else library
        skills = list(self._library.values())
        self._system = Message(
            role="system", text=prompts.render("manager", skills=skills, examples=prompts.examples())
        )
        self._sha256 = prompts.sha256("manager")

    def warm_up(self, should_stop: Callable[[], bool] | None = None) -> None:
        """Evaluate the static part of the prompt now; a model that keeps states on disk does it once for ever."""
        self._model.complete((self._system,), max_tokens=0, should_stop=should_stop)

    def plan(
        self, hands: Hands, history: Sequence[str], why: str,
        tell: Callable[[Thought], None], should_stop: Callable[[], bool],
    ) -> tuple[Step, ...]:  # fmt: skip
        """A program from here on. Empty when the model gave none that can be read."""
        messages = (self._system, Message(role="user", text=self._task(hands, history)))
        apps = [app.id for app in describe.offered(hands.facts, hands.task)]
        constraint = Lark(grammar=grammar(list(self._library.values()), apps))
        began = time.perf_counter()
        reply = self._model.complete(
            messages, constraint=constraint, max_tokens=MAX_TOKENS, temperature=0.0, should_stop=should_stop
        )
        tell(Asked(
            role="manager", prompt=messages, prompt_sha256=self._sha256, reply=reply.text, usage=reply.usage,
            seconds=round(time.perf_counter() - began, 3),
        ))  # fmt: skip
        steps = self._read(reply.text, hands)
        tell(Planned(steps=steps, why=why))
        return steps

    def _read(self, text: str, hands: Hands) -> tuple[Step, ...]:
        try:
            steps = parse(text, self._library)
        except ProgramError:
            return ()
        return repaired(steps, hands.task, hands.facts, self._library)

    def _task(self, hands: Hands, history: Sequence[str]) -> str:
        scene = hands.scene
        return prompts.render(
            "task",
            apps=describe.apps(hands.facts, hands.task),
            windows=describe.windows(scene, hands.facts),
            shown=describe.shown(scene),
            commands=", ".join(c.words for c in hands.appmap.relevant(scene, hands.task, 8)),
            notes=", ".join(f"${name} = {describe.short(value, 40)}" for name, value in hands.notes.items()),
            task=hands.task,
            history=list(history),
        )
