"""Whether a task can be done here at all: asked of the model before anything is done, as one probability."""

from __future__ import annotations

import time

from planner import prompts
from planner.hands import Hands
from planner.kinds import SORTS, sort_of
from planner.planner import Asked
from runtime.model import Choice, Message, Model, Usage

SURELY_NOT = 0.40
"""Below this probability of yes a task is given up before it is begun.

Of 24 impossible wishes 15 stay below it and of 28 that can be done none does (the default model; the two lists were
made for this and belong to no suite)."""
LONG = 600
"""Letters of a task that are shown: what is wanted stands at its beginning."""
_ALSO = ("settings",)


def feasibility(model: Model, hands: Hands) -> tuple[float, Asked]:
    """The model's probability that the task can be done, and what the record is told of the question."""
    there = {sort.words for app in hands.facts.apps if (sort := sort_of(app))}
    programs = [sort.words for sort in SORTS if sort.words in there]
    text = prompts.render("feasible", programs=", ".join([*programs, *_ALSO]), task=hands.task[:LONG])
    messages = (Message(role="user", text=text),)
    began = time.perf_counter()
    yes, no = model.score(messages, ("yes", "no"))
    return yes, Asked(
        role="manager", prompt=messages, prompt_sha256=prompts.sha256("feasible"), reply=f"yes {yes:.3f}, no {no:.3f}",
        usage=Usage(), seconds=round(time.perf_counter() - began, 3), constraint=Choice(texts=("yes", "no")),
    )  # fmt: skip
