"""A planner that follows a script: for tests, and for the oracles of tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from grounding.facts import Facts
from grounding.scene import Scene
from planner.action import Action, Done
from planner.planner import Move, Thought

Script = Callable[[Scene], Action] | Action
"""An action, or a function that makes one from what is on the screen."""


class ScriptedPlanner:
    """Does what its script says, one action after another, then says done."""

    name = "scripted"

    def __init__(self, script: Iterable[Script]) -> None:
        self._script = tuple(script)
        self._rest: Iterator[Script] = iter(self._script)

    def begin(self, task: str, facts: Facts, tell: Callable[[Thought], None], should_stop: Callable[[], bool]) -> None:
        self._rest = iter(self._script)

    def next(self, scene: Scene, *, answer: str = "", problem: str = "") -> Move:
        line = next(self._rest, Done())
        action = line(scene) if callable(line) else line
        return Move(action=action, why="as scripted")
