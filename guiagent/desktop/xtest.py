"""Hands on an X11 display: pointer and keyboard by the XTEST extension."""

from __future__ import annotations

import time
from pathlib import Path

from grounding.geometry import Point
from guiagent.desktop.keyboard import Keyboard
from guiagent.desktop.x11 import X11

PRESS_BUTTON, RELEASE_BUTTON, MOVE = 4, 5, 6
BUTTONS = {"left": 1, "middle": 2, "right": 3}
UP, DOWN, LEFT, RIGHT = 4, 5, 6, 7
"""The wheel is buttons too."""
DRAG_STEPS = 12
PAUSE_S = 0.01
"""Between two parts of a gesture: toolkits start a drag at a motion event, not at a jump."""


class Hands:
    """Works pointer and keyboard; whatever is held is let go by `release`, and after any failure."""

    def __init__(self, x: X11) -> None:
        self.x = x
        self.keyboard = Keyboard(x)
        self._buttons: list[int] = []

    @classmethod
    def at(cls, display: str, authority: Path | None = None) -> Hands:
        """Hands with a connection of their own."""
        return cls(X11(display, authority))

    def move(self, at: Point) -> None:
        """Move the pointer."""
        self.x.fake(MOVE, 0, at)
        self.x.sync()

    def click(self, at: Point, button: str = "left", count: int = 1, hold: tuple[str, ...] = ()) -> None:
        """Click once or several times, with modifiers held."""
        try:
            self.move(at)
            self.keyboard.hold_named(hold)
            for _ in range(count):
                self._button(PRESS_BUTTON, BUTTONS[button])
                time.sleep(PAUSE_S)
                self._button(RELEASE_BUTTON, BUTTONS[button])
                time.sleep(PAUSE_S)
        finally:
            self.release()

    def drag(self, start: Point, end: Point) -> None:
        """Press at one place, move there in steps, release at the other."""
        try:
            self.move(start)
            self._button(PRESS_BUTTON, BUTTONS["left"])
            time.sleep(PAUSE_S * 5)
            for step in range(1, DRAG_STEPS + 1):
                self.move(_between(start, end, step / DRAG_STEPS))
                time.sleep(PAUSE_S)
            time.sleep(PAUSE_S * 10)
        finally:
            self.release()

    def scroll(self, at: Point, notches: int, sideways: bool = False) -> None:
        """Turn the wheel; positive is down, or to the right."""
        self.move(at)
        forth, back = (RIGHT, LEFT) if sideways else (DOWN, UP)
        for _ in range(abs(notches)):
            self._button(PRESS_BUTTON, forth if notches > 0 else back)
            self._button(RELEASE_BUTTON, forth if notches > 0 else back)
            time.sleep(PAUSE_S)
        self.x.sync()

    def write(self, text: str, pause_s: float = 0.0) -> None:
        """Type text exactly as given, `pause_s` between two keys."""
        try:
            self.keyboard.write(text, pause_s)
        finally:
            self.release()

    def press(self, keys: str) -> None:
        """Press a chord."""
        self.keyboard.press(keys)

    def release(self) -> None:
        """Let go of all buttons and keys."""
        for button in reversed(self._buttons.copy()):
            self._button(RELEASE_BUTTON, button)
        self.keyboard.release()
        self.x.sync()

    def close(self) -> None:
        """Let go of everything, restore the keyboard map, close the connection."""
        try:
            self.release()
            self.keyboard.close()
        finally:
            self.x.close()

    def _button(self, kind: int, button: int) -> None:
        if kind == PRESS_BUTTON:
            self._buttons.append(button)
        elif button in self._buttons:
            self._buttons.remove(button)
        self.x.fake(kind, button)


def _between(start: Point, end: Point, share: float) -> Point:
    return Point(round(start.x + (end.x - start.x) * share), round(start.y + (end.y - start.y) * share))
