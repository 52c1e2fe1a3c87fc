"""Choosing among things that are listed by letters: a small model that invents what it writes can still choose."""

from __future__ import annotations

import string
import time
from collections.abc import Callable, Sequence

from planner import prompts
from planner.planner import Asked
from runtime.model import Choice, Message, Model, Usage

LETTERS = string.ascii_uppercase
"""The things in their order; the letter behind the last one means none of them."""


def by_letter(
    model: Model, messages: Sequence[Message], count: int, template: str, sure: float, tell: Callable[[Asked], None]
) -> int | None:  # fmt: skip
    """Which of `count` things the model chooses; None where it chooses none, or with less than this probability.

    `template` is the prompt's name, for the record.
    """
    letters = tuple(LETTERS[: count + 1])
    began = time.perf_counter()
    scores = model.score(messages, letters)
    tell(Asked(
        role="operator", prompt=tuple(messages), prompt_sha256=prompts.sha256(template), usage=Usage(),
        reply=", ".join(f"{letter} {score:.2f}" for letter, score in zip(letters, scores, strict=True)),
        seconds=round(time.perf_counter() - began, 3), constraint=Choice(texts=letters),
    ))  # fmt: skip
    best = max(range(len(scores)), key=scores.__getitem__)
    return best if best < count and scores[best] >= sure else None
