"""The slow way of a step that no skill could do: the model chooses among raw calls that are possible now.

It does not write the call: a small model invents names, and one that chooses cannot.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from planner import prompts
from planner.candidates import candidates
from planner.context import Context, Section
from planner.describe import short
from planner.hands import Hands
from planner.lettered import LETTERS, by_letter
from planner.planner import Step, Thought
from planner.program import parse
from planner.skills.skill import LIBRARY
from runtime.model import Model

FOR = ("click", "fill", "menu", "press_button", "select", "set_option")
"""The skills that name a thing by words, which may be called otherwise here."""
MOST = 8
FIT = 0.45
"""How well the words of a call have to fit those of the step, 0 to 1."""
SURE = 0.4
"""The least probability with which one is chosen."""


class _Lettered(NamedTuple):
    letter: str
    call: str
    about: str


def instead(
    model: Model, hands: Hands, context: Context, step: Step, why: str, tell: Callable[[Thought], None]
) -> Step | None:  # fmt: skip
    """A raw call for what a step was to do, chosen by the model; None where none fits or it chooses none."""
    if step.skill not in FOR:
        return None
    words = " ".join(str(value) for value in step.arguments.values())
    found = [c for c in candidates(hands, words, MOST) if c.score >= FIT and c.call != step.text]
    if not found:
        return None
    listed = [_Lettered(LETTERS[n], c.call, c.about) for n, c in enumerate(found)]
    none = LETTERS[len(found)]
    text = prompts.render(
        "operator", task=short(hands.task, 400), step=step.text, why=short(why, 160), candidates=listed, none=none
    )
    prompt = context.fitter.fit("operator", [Section("question", text, keep=True)])
    fitted = {"parts": prompt.parts, "left_out": prompt.left_out, "tokens": prompt.tokens, "budget": prompt.budget}
    best = by_letter(
        model, prompt.messages, len(found), "operator", SURE, lambda asked: tell(asked.model_copy(update=fitted))
    )
    if best is None:
        return None
    (chosen,) = parse(f"{listed[best].call}\n", LIBRARY)
    return chosen.model_copy(update={"number": step.number})
