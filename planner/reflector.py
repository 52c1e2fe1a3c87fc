"""The Reflector: did the step do what it should? Judged by what observably changed, then by the model's yes or no."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from planner import describe, prompts
from planner.hands import Hands
from planner.planner import Asked, Reflected, Step, Thought
from planner.skills.skill import Effect, Skill
from runtime.model import Choice, Message, Model, Usage

SURE_NO = 0.25
"""Below this probability of yes a step counts as failed (CLEA, threshold 1)."""

TOLD = 300
"""Letters of a step and of a change that are shown: however long they are, the prompt is not."""

LEAVES_NO_SIGN = ("save", "extract_to", "extract_file", "extract_archive", "export_pdf", "print_to_file", "save_page")
"""What goes to a file shows nowhere in many applications: that nothing changed says nothing against it."""


class Reflector:
    """Judges steps. It calls the model only where nothing that can be observed tells."""

    def __init__(self, model: Model | None) -> None:
        """Without a model what cannot be observed stays unclear."""
        self._model = model

    def judge(
        self, step: Step, skill: Skill, effect: Effect, hands: Hands, tell: Callable[[Thought], None]
    ) -> Reflected:
        """The verdict on a step that has just ended."""
        if effect.worked is True:
            return Reflected(step=step, verdict="worked", why=effect.why, sure=0.95)
        if effect.worked is False:
            return Reflected(step=step, verdict="failed", why=effect.why, sure=0.9)
        seen = skill.name in LEAVES_NO_SIGN or not hands.since_start().nothing
        if self._model is None or skill.risk == "read" or seen:
            return Reflected(step=step, verdict="unclear", why=effect.why, sure=0.6)
        yes = self._ask(self._model, step, skill, hands, tell)
        verdict: Literal["failed", "unclear"] = "failed" if yes < SURE_NO else "unclear"
        return Reflected(
            step=step, verdict=verdict, why=f"{effect.why}; nothing changed on the screen", sure=abs(yes - 0.5) * 2
        )

    @staticmethod
    def _ask(model: Model, step: Step, skill: Skill, hands: Hands, tell: Callable[[Thought], None]) -> float:
        """The model's probability of yes."""
        text = prompts.render(
            "reflector", step=describe.short(step.text, TOLD), about=skill.about,
            change=describe.short(hands.since_start().summary, TOLD),
            shown=describe.shown(hands.scene, 200),
        )  # fmt: skip
        messages = (Message(role="user", text=text),)
        began = time.perf_counter()
        yes, no = model.score(messages, ("yes", "no"))
        seconds = round(time.perf_counter() - began, 3)
        reply = f"yes {yes:.2f}, no {no:.2f}"
        sha256 = prompts.sha256("reflector")
        tell(Asked(
            role="reflector", prompt=messages, prompt_sha256=sha256, reply=reply, usage=Usage(), seconds=seconds,
            constraint=Choice(texts=("yes", "no")),
        ))  # fmt: skip
        return yes
