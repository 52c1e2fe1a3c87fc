"""Skills for terminals."""

from __future__ import annotations

import re

from grounding.element import Element
from planner import moves
from planner.hands import Hands
from planner.skills.skill import Body, Effect, Text, skill

RUNNING_S = 10.0
"""How long a command is waited for."""
_PROMPT = re.compile(r"^[^\n]*[$#%>]\s*$")


@skill("run a command in the terminal and read what it says; kept as $output", kind="terminal", risk="sensitive")
def run_command(hands: Hands, command: Text) -> Body:
    command = hands.filled(command)
    if "\n" in command.strip():
        return Effect(False, "one command at a time, on one line")
    before = screen(hands)
    place = paper(hands)
    if place is not None and "focused" not in place.states:
        yield from moves.click_on(hands, place, "into the terminal", risk="read")
    yield from moves.type_text(hands, command.strip(), "the command")
    yield from moves.press(hands, "Return", "run it")
    if place is None:
        yield from moves.wait_until(hands, lambda h: not h.changed, 2.0)
        return Effect(None if not hands.since_start().nothing else False, f"{command} was typed")
    ended = yield from moves.wait_until(hands, lambda h: _ended(screen(h), command, before), RUNNING_S)
    output = said_since(screen(hands), command, before)
    if output.strip() or "output" not in hands.notes:  # a command that says nothing takes nothing away
        hands.note("output", output)
    if not ended:
        return Effect(None, f"{command} is still running", output)
    wrong = re.search(r"\b(not found|no such file|permission denied|cannot|error|fatal)\b", output, re.IGNORECASE)
    return Effect(None if wrong else True, output[:200] or "it said nothing", output)


def paper(hands: Hands) -> Element | None:
    """Where a terminal shows what is said: its largest place of text."""
    places = [e for e in hands.elements(("text", "document", "canvas", "other")) if e.box.height > 100]
    return max((e for e in places if e.text), key=lambda e: e.box.area, default=None)


def screen(hands: Hands) -> str:
    """What the terminal shows, without the empty lines at its end."""
    place = paper(hands)
    return place.text.rstrip() if place is not None else ""


def _ended(now: str, command: str, before: str) -> bool:
    """Whether a prompt stands on the last line again, after the command."""
    last = now.rsplit("\n", 1)[-1]
    prompt = before.rsplit("\n", 1)[-1].rstrip()
    back = last.rstrip() == prompt if prompt else bool(_PROMPT.match(last))
    return now != before and back and _place(now, command, before) >= 0


def said_since(now: str, command: str, before: str = "") -> str:
    """What stands between the command and the prompt after it."""
    at = _place(now, command, before)
    if at < 0:
        return ""
    lines = now[at:].replace(command.strip(), "", 1).split("\n")
    return "\n".join(line for line in lines[1:-1]).strip()


def _place(now: str, command: str, before: str) -> int:
    """Where the command stands last behind a prompt; a long one is broken over lines, so that its start has to do."""
    start = command.strip()[:30]
    prompt = before.rsplit("\n", 1)[-1].rstrip()
    behind = now.rfind(f"{prompt} {start}") if prompt else -1
    return behind + len(prompt) + 1 if behind >= 0 else now.rfind(start)
