"""What a window says about something, read off it by the model; only words that stand there are believed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from planner import prompts
from planner.describe import short
from planner.hands import Hands
from planner.lettered import LETTERS, by_letter
from planner.planner import Asked, Thought
from runtime.model import Message, Model

SHOWN = 1800
"""Of a window so many are shown: what is said close to the words that are asked for."""
ANSWER = 60
"""Tokens of an answer at most."""
NOT_SAID = "none"
FRAGMENTS, LONGEST = 12, 120
"""How many things of a window are chosen among, and how many letters one may have."""
SURE = 0.4
"""The least probability with which one is chosen."""
_ROW = 8
"""Pixels by which the middles of what stands in one row may differ."""
_CONTROLS = (
    "window", "dialog", "alert", "toolbar", "menu", "menu_item", "menu_bar", "button", "toggle_button",
    "check_menu_item", "scroll_bar", "tab",
)  # fmt: skip
"""What a window is worked with and what it is called, which is not what it says."""


def extract(model: Model, hands: Hands, wanted: str, tell: Callable[[Thought], None]) -> str:
    """The words in front that are what the task `wanted` of this window; empty where it does not say them."""
    lines = told(hands)
    if not lines:
        return ""
    text = prompts.render(
        "reader", shown="\n".join(closest(lines, f"{wanted} {hands.task}")), task=short(hands.task, 400), wanted=wanted
    )
    messages = (Message(role="user", text=text),)
    began = time.perf_counter()
    reply = model.complete(messages, max_tokens=ANSWER)
    tell(Asked(
        role="operator", prompt=messages, prompt_sha256=prompts.sha256("reader"), reply=reply.text, usage=reply.usage,
        seconds=round(time.perf_counter() - began, 3),
    ))  # fmt: skip
    answer = reply.text.strip().split("\n")[0].strip("\"'` ")
    if answer.casefold() == NOT_SAID:
        return ""
    return answer if stands_in(answer, lines) else _chosen(model, hands, wanted, lines, tell)


def _chosen(model: Model, hands: Hands, wanted: str, lines: list[str], tell: Callable[[Thought], None]) -> str:
    """What is asked for, of the things that the window says: a small model that makes words up can still choose."""
    found = fragments(lines, f"{wanted} {hands.task}")
    if len(found) < 2:  # no choice
        return ""
    listed = list(zip(LETTERS, found, strict=False))
    text = prompts.render(
        "fragment", task=short(hands.task, 400), wanted=wanted, fragments=listed, none=LETTERS[len(found)]
    )
    best = by_letter(model, (Message(role="user", text=text),), len(found), "fragment", SURE, tell)
    return found[best] if best is not None else ""


def fragments(lines: list[str], wanted: str) -> list[str]:
    """The things that lines say, those close to what is wanted first: `Phone | 12` says both, `Phone: 12` too."""
    parts = dict.fromkeys(
        part.strip()
        for line in lines
        for piece in line.split(" | ")
        for part in (*re.split(r":\s+", piece, maxsplit=1)[1:], piece)
        if 0 < len(part.strip()) <= LONGEST
    )
    words = _words(wanted)
    near = {part: max(len(words & _words(line)) for line in lines if part in line) for part in parts}
    best = set(sorted(parts, key=lambda part: -near[part])[:FRAGMENTS])
    return [part for part in parts if part in best]


def told(hands: Hands) -> list[str]:
    """What the window in front says, line by line from top to bottom, without what it is worked with."""
    rows: list[tuple[int, int, str]] = []
    for element in hands.scene.shown:
        words = element.text if element.role in ("text", "document") else element.label or element.text
        if element.window not in (hands.scene.active_index, -1) or element.role in _CONTROLS or not words.strip():
            continue
        rows += [
            (element.box.centre.y + n, element.box.left, line.strip())
            for n, line in enumerate(words.split("\n")) if line.strip()
        ]  # fmt: skip
    lines: list[str] = []
    last = -_ROW
    for y, _, words in sorted(rows, key=lambda row: (row[0] // _ROW, row[1])):
        if y - last < _ROW and lines and words not in lines[-1]:
            lines[-1] += f" | {words}"
        elif not lines or words not in lines[-1]:
            lines.append(words)
        last = y
    return lines


def closest(lines: list[str], wanted: str, most: int = SHOWN) -> list[str]:
    """The lines that have most words in common with what is wanted, and their neighbours, in their order."""
    if sum(map(len, lines)) <= most:
        return lines
    words = _words(wanted)
    worth = [len(words & _words(line)) for line in lines]
    by_worth = sorted(range(len(lines)), key=lambda n: (-max(worth[max(0, n - 1) : n + 2]), -worth[n], n))
    kept: set[int] = set()
    for n in by_worth:
        most -= len(lines[n])
        if most < 0 and kept:
            break
        kept.add(n)
    return [short(line, SHOWN) for n, line in enumerate(lines) if n in kept]


def stands_in(answer: str, lines: list[str]) -> bool:
    """Whether the window says just these words."""
    said = " ".join(" ".join(lines).split()).casefold()
    meant = re.escape(" ".join(answer.split()).casefold())
    return bool(answer) and re.search(rf"(?<!\w){meant}(?!\w)", said) is not None


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.casefold()) if len(word) > 2}
