"""Asking in the terminal before something is done."""

from __future__ import annotations

import sys
from typing import Literal

from grounding.scene import Scene
from guiagent.agent import Approve, allow_all
from guiagent.cli.live import act, where
from guiagent.events import Approved
from planner.planner import Move

Mode = Literal["ask", "risky", "auto"]


def approver(mode: Mode, desktop: str) -> Approve:
    """Who decides whether an action is done. In a sandbox nothing can be lost, so only `ask` asks there."""
    if mode == "auto" or (mode == "risky" and desktop == "sandbox"):
        return allow_all
    return _Terminal(mode)


class _Terminal:
    """Asks on the terminal; without one the answer to a risky action is no."""

    def __init__(self, mode: Mode) -> None:
        self._mode = mode
        self._always: set[str] = set()

    def __call__(self, move: Move, scene: Scene) -> Approved:
        if move.risk == "read" or (self._mode == "risky" and move.risk != "sensitive"):
            return Approved(step=0, allowed=True, by="mode")
        if self._kind(move) in self._always:
            return Approved(step=0, allowed=True, by="user", reason="always")
        if not sys.stdin.isatty():
            return Approved(step=0, allowed=False, by="mode", reason="there is no terminal to ask on; see --ask auto")
        sys.stderr.write(f"\n  {move.risk}: {act(move.action)} {where(move)} {move.why}\n")
        sys.stderr.write("  a allow, A always allow this kind, r refuse and stop: ")
        sys.stderr.flush()
        reply = sys.stdin.readline().strip() or "r"
        if reply[0] == "A":
            self._always.add(self._kind(move))
        return Approved(step=0, allowed=reply[0] in "aAyY", by="user")

    def _kind(self, move: Move) -> str:
        return f"{move.step.skill if move.step else ''}/{move.action.kind}"
