"""Asking in the terminal: before something is done, and what the planner wants to know."""

from __future__ import annotations

import sys
from typing import Literal

from grounding.scene import Scene
from guiagent.agent import Answer, Approve, Control, allow_all, nobody
from guiagent.cli.interrupt import interrupted_at_once, say, terminal
from guiagent.cli.live import act, where
from guiagent.events import Approved
from planner.planner import Move

Mode = Literal["ask", "risky", "auto"]


def approver(mode: Mode, desktop: str, control: Control) -> Approve:
    """Who decides whether an action is done. In a sandbox nothing can be lost, so only `ask` asks there."""
    if mode == "auto" or (mode == "risky" and desktop == "sandbox"):
        return allow_all
    return _Terminal(mode, control)


def answerer(control: Control) -> Answer:
    """Who answers the planner's questions: whoever sits at the terminal, if anybody does."""
    if not terminal():
        return nobody
    return lambda question: _line(f"\n  it asks: {question}\n  your answer (empty for none): ", control)


class _Terminal:
    """Asks on the terminal; without one the answer to a risky action is no."""

    def __init__(self, mode: Mode, control: Control) -> None:
        self._mode = mode
        self._control = control
        self._always: set[str] = set()

    def __call__(self, move: Move, scene: Scene) -> Approved:
        if move.risk == "read" or (self._mode == "risky" and move.risk != "sensitive"):
            return Approved(step=0, allowed=True, by="mode")
        if self._kind(move) in self._always:
            return Approved(step=0, allowed=True, by="user", reason="always")
        if not terminal():
            return Approved(step=0, allowed=False, by="mode", reason="there is no terminal to ask on; see --ask auto")
        question = f"\n  {move.risk}: {act(move.action)} {where(move)} {move.why}\n"
        reply = _line(question + "  a allow, A always allow this kind, r refuse and stop: ", self._control) or "r"
        if reply[0] == "A":
            self._always.add(self._kind(move))
        return Approved(step=0, allowed=reply[0] in "aAyY", by="user")

    def _kind(self, move: Move) -> str:
        return f"{move.step.skill if move.step else ''}/{move.action.kind}"


def _line(prompt: str, control: Control) -> str:
    """What the user says; Ctrl-C at the prompt says nothing and stops the run."""
    try:
        with interrupted_at_once():
            say(prompt)
            return sys.stdin.readline().strip()
    except KeyboardInterrupt:
        control.stop()
        return ""
