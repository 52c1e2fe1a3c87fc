"""Planners that are no agent: the oracle that follows a task's script, and two that do nothing, one of them saying so.

The oracle shows that a task can be solved by its actions and that its check sees it; the others show that the check
does not see what was not done.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable

from grounding.element import Element
from grounding.facts import Facts
from grounding.find import Finder
from grounding.scene import Scene
from grounding.target import Target
from grounding.words import normal
from planner.action import Click, Done, GiveUp, Launch, Press, Type, Wait
from planner.planner import Move, Thought
from tasks.script import (
    PATIENCE_S,
    ClickLine,
    LaunchLine,
    Line,
    MenuLine,
    PressLine,
    TypeLine,
    WaitForLine,
    WaitLine,
    WaitNoWindowLine,
    WaitWindowLine,
)  # fmt: skip

PAUSE_S = 0.15
SURE = 0.8
"""A script's words are the labels themselves, so the oracle is content with nothing less."""
Play = Generator[Move, Scene, Scene]
"""Gives moves, is sent the scene after each, and returns the last one."""


class Stuck(Exception):
    """A line of the script cannot be followed."""


class OraclePlanner:
    """Follows a script."""

    name = "oracle"

    def __init__(self, script: Iterable[Line]) -> None:
        self._script = tuple(script)
        self._finder = Finder()

    def begin(self, task: str, facts: Facts, tell: Callable[[Thought], None], should_stop: Callable[[], bool]) -> None:
        self._play: Play | None = None

    def next(self, scene: Scene, *, answer: str = "", problem: str = "") -> Move:
        if problem:
            return Move(action=GiveUp(reason=problem), risk="read")
        try:
            if self._play is None:
                self._play = self._follow(scene)
                return next(self._play)
            return self._play.send(scene)
        except StopIteration:
            return Move(action=Done(), why="the script is at its end", risk="read")
        except Stuck as error:
            return Move(action=GiveUp(reason=str(error)), risk="read")

    def _follow(self, scene: Scene) -> Play:
        if not self._script:
            raise Stuck("this task has no oracle: its file tells none under guiagent.oracle")
        for line in self._script:
            scene = yield from self._do(line, scene)
        return scene

    def _do(self, line: Line, scene: Scene) -> Play:
        match line:
            case PressLine():
                return (yield Move(action=Press(keys=line.press), why=line.verb))
            case TypeLine():
                return (yield Move(action=Type(text=line.type), why=line.verb))
            case LaunchLine():
                return (yield Move(action=Launch(app=line.launch, files=line.files), why=line.verb))
            case WaitLine():
                return (yield _wait(line.wait, "as the script says"))
            case ClickLine():
                scene = yield from _until(scene, lambda s: bool(self._find(s, line.click, line.roles)), line)
                return (yield self._click(scene, line))
            case MenuLine():
                return (yield from self._choose(scene, line))
            case WaitWindowLine():
                return (yield from _until(scene, lambda s: _titled(s.active.title if s.active else "", line), line))
            case WaitNoWindowLine():
                return (yield from _until(scene, lambda s: not any(_titled(w.title, line) for w in s.windows), line))
            case WaitForLine():
                return (yield from _until(scene, lambda s: bool(self._find(s, line.wait_for, line.roles)), line))
        raise Stuck(f"the oracle does not know {line!r}")

    def _find(self, scene: Scene, words: str, roles: tuple[str, ...]) -> Target | None:
        found = self._finder.find(scene, words, roles=roles, limit=1)
        return found[0] if found and (found[0].confidence >= SURE or found[0].label == words) else None

    def _click(self, scene: Scene, line: ClickLine) -> Move:
        target = self._find(scene, line.click, line.roles)
        assert target is not None, "it was waited for"
        click = Click(at=target.point, button=line.button, count=line.count, hold=line.hold)
        return Move(action=click, target=target, why=f"click {line.click}")

    def _choose(self, scene: Scene, line: MenuLine) -> Play:
        """Open one menu after the other, each once its item is shown."""
        for depth in range(1, len(line.menu) + 1):
            path = line.menu[:depth]
            scene = yield from _until(scene, lambda s, path=path: bool(_item(s, path)), line)  # type: ignore[misc]
            item = _item(scene, path)
            assert item is not None, "it was waited for"
            scene = yield Move(action=Click(at=item.box.centre), why=" > ".join(path))
        return scene


class DoNothing:
    """Says at once that the task is done."""

    name = "nothing"

    def begin(self, task: str, facts: Facts, tell: Callable[[Thought], None], should_stop: Callable[[], bool]) -> None:
        """There is nothing to prepare."""

    def next(self, scene: Scene, *, answer: str = "", problem: str = "") -> Move:
        return Move(action=Done(), why="nothing is done on purpose", risk="read")


class AlwaysGiveUp(DoNothing):
    """Says at once that the task cannot be done."""

    name = "give_up"

    def next(self, scene: Scene, *, answer: str = "", problem: str = "") -> Move:
        return Move(action=GiveUp(reason="gives up on purpose"), risk="read")


def _until(scene: Scene, holds: Callable[[Scene], bool], line: Line) -> Play:
    """Wait until something holds, with patience."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds(scene):
        if time.monotonic() > deadline:
            shown = ", ".join(repr(w.title) for w in scene.windows) or "no window"
            raise Stuck(f"the oracle waited {PATIENCE_S:g} s in vain for {line!r}; on the screen: {shown}")
        scene = yield _wait(PAUSE_S, f"wait for {line!r}")
    return scene


def _wait(seconds: float, why: str) -> Move:
    return Move(action=Wait(seconds=seconds), why=why, risk="read")


def _titled(title: str, line: WaitWindowLine | WaitNoWindowLine) -> bool:
    words = line.wait_window if isinstance(line, WaitWindowLine) else line.wait_no_window
    return words.casefold() in title.casefold()


def _item(scene: Scene, path: tuple[str, ...]) -> Element | None:
    """The menu or menu item at the end of a path, where it is on the screen."""
    wanted = tuple(normal(part) for part in path)
    shown = [e for e in scene.shown if e.path and "enabled" in e.states]
    return next((e for e in shown if tuple(normal(part) for part in e.path) == wanted), None)
