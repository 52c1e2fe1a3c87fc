"""This computer: the user's own screen, mouse and keyboard, by pyautogui and mss."""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

from grounding.facts import Facts
from grounding.filed import Filed, on_this_computer
from grounding.geometry import Point, Size
from grounding.screenshot import Screenshot
from grounding.tree import Tree
from guiagent.desktop.apps import find_app, installed_apps
from guiagent.desktop.atspi import Accessibility
from guiagent.desktop.keys import normal_chord, split_chord
from guiagent.desktop.monitors import Monitor, view_of
from guiagent.desktop.sandbox import system_name
from guiagent.desktop.toolkits import telling
from guiagent.desktop.x11 import X11
from guiagent.desktop.xtest import Hands
from planner.action import Click, Drag, Input, Launch, Move, Press, Scroll, Type, Wait
from runtime.errors import AppNotInstalled, DesktopError, DesktopLost, DesktopUnavailable

DRAG_S = 0.4
NAMES = {
    "Return": "enter", "Page_Up": "pageup", "Page_Down": "pagedown", "BackSpace": "backspace", "super": "win",
    "Caps_Lock": "capslock", "Num_Lock": "numlock", "Scroll_Lock": "scrolllock", "Print": "printscreen", "Menu": "apps",
    "altgr": "altright", "space": "space",
}  # fmt: skip
"""pyautogui's names where they are not ours in lower case."""


class Here:
    """The screen that the user sits at. Slamming the pointer into a corner stops it (pyautogui's fail-safe)."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment  # what the user's session is
        self._gui = import_pyautogui(self._environment)
        self._mss = _open_mss()
        self._hands = self._x_hands()
        self._accessibility = self._open_accessibility()
        self._view = view_of(self._monitors(), Size(1, 1))._replace(scale=1.0)
        self._started: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Here:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @cached_property
    def facts(self) -> Facts:
        """What is known of it before the first look."""
        shot = self.look()
        notes = [] if self._accessibility else ["there is no accessibility bus, so there is only the picture."]
        if self._environment.get("WAYLAND_DISPLAY"):
            notes.append("this is a Wayland session: only windows of X11 applications can be seen and worked.")
        return Facts(
            kind="here", system=system_name() if sys.platform == "linux" else platform.platform(), size=shot.size,
            scale=shot.scale, senses=("pixels", "tree") if self._accessibility else ("pixels",), home=str(Path.home()),
            session=self._environment.get("XDG_CURRENT_DESKTOP", ""), apps=installed_apps(self._environment),
            locale=self._environment.get("LC_ALL") or self._environment.get("LANG", ""),
            notes=tuple(notes),
        )  # fmt: skip

    def look(self) -> Screenshot:
        """Capture all monitors as they are now."""
        from PIL import Image  # only looking needs it

        taken_at = time.time()
        try:
            frame = self._mss.grab(self._mss.monitors[0])
        except Exception as error:
            raise DesktopLost(
                f"the screen cannot be captured any more ({error}); is the session still there?"
            ) from error
        image = Image.frombuffer("RGB", (frame.width, frame.height), bytes(frame.bgra), "raw", "BGRX", 0, 1)
        self._view = view_of(self._monitors(), Size(*image.size), Size(*self._gui.size()))
        return Screenshot(image, self._view.origin, self._view.scale, taken_at)

    def tree(self) -> Tree:
        """Read the accessibility tree; an empty one with a note where the session offers none."""
        if not self._accessibility:
            return Tree(note="this session has no accessibility bus.")
        x = self._hands.x if self._hands else None
        active = x.numbers(x.screen.root, "_NET_ACTIVE_WINDOW") if x else ()
        return self._accessibility.read(x, active[0] if active else 0)

    def perform(self, action: Input) -> None:
        """Do it; returns once the input has been delivered."""
        try:
            self._perform(action)
        except self._gui.FailSafeException as error:
            raise DesktopError("the pointer was moved into a corner of the screen, so guiagent let go.") from error

    def filed(self, path: str) -> Filed | None:
        """What there is under a path of this computer."""
        return on_this_computer(path)

    def pointer(self) -> Point:
        """Where the pointer is, in pixels of the last picture."""
        x, y = self._gui.position()
        return Point(
            round((x - self._view.origin.x) * self._view.scale), round((y - self._view.origin.y) * self._view.scale)
        )

    def close(self) -> None:
        """Let go of keys and buttons. Applications stay open, as they are the user's."""
        if self._hands:
            with contextlib.suppress(DesktopLost, OSError):
                self._hands.close()
            self._hands = None
        if self._accessibility:
            self._accessibility.close()
        self._mss.close()

    def _perform(self, action: Input) -> None:
        gui = self._gui
        match action:
            case Launch():
                self._launch(action)
            case Wait():
                time.sleep(action.seconds)
            case Click():
                self._click(action)
            case Move():
                gui.moveTo(*self._on_screen(action.at))
            case Drag():
                gui.moveTo(*self._on_screen(action.start))
                gui.dragTo(*self._on_screen(action.end), duration=DRAG_S, button="left")
            case Scroll():
                turn = gui.hscroll if action.sideways else gui.scroll
                at = self._on_screen(action.at)
                turn(action.notches if action.sideways else -action.notches, x=at.x, y=at.y)
            case Press():
                gui.hotkey(*pyautogui_keys(action.keys))
            case Type():
                self._write(action.text, action.pause)

    def _click(self, action: Click) -> None:
        at, held = self._on_screen(action.at), [pyautogui_keys(name)[0] for name in action.hold]
        try:
            for key in held:
                self._gui.keyDown(key)
            self._gui.click(at.x, at.y, clicks=action.count, interval=0.02, button=action.button)
        finally:
            for key in reversed(held):
                self._gui.keyUp(key)

    def _write(self, text: str, pause: float) -> None:
        """Exactly as given: by our own keyboard on X11, elsewhere by the clipboard where a key is missing."""
        if self._hands:
            self._hands.write(text, pause)
        elif text.isascii():
            self._gui.write(text, interval=pause)
        else:
            import pyperclip  # type: ignore[import-untyped]  # comes with pyautogui

            pyperclip.copy(text)
            self._gui.hotkey("command" if sys.platform == "darwin" else "ctrl", "v")

    def _launch(self, action: Launch) -> None:
        app = find_app(action.app, self.facts.apps)
        files = [str(Path.home() / name) for name in action.files]
        try:
            process = subprocess.Popen(
                telling([*app.command, *files]), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, start_new_session=True, cwd=Path.home(), env=dict(self._environment),
            )  # fmt: skip
        except OSError as error:
            raise AppNotInstalled(f"{app.name} cannot be started: {error}; reinstall it.") from error
        self._started.append(process)

    def _on_screen(self, point: Point) -> Point:
        origin, scale = self._view
        return Point(origin.x + round(point.x / scale), origin.y + round(point.y / scale))

    def _monitors(self) -> list[Monitor]:
        found = self._mss.monitors
        return [Monitor(m["left"], m["top"], m["width"], m["height"]) for m in (found[1:] or found)]

    def _x_hands(self) -> Hands | None:
        """Our own hands where this is an X11 session that lets them in; they type what pyautogui drops."""
        display = self._environment.get("DISPLAY", "")
        if sys.platform != "linux" or not display:
            return None
        authority = Path(self._environment.get("XAUTHORITY") or Path.home() / ".Xauthority")
        try:
            return Hands(X11(display, authority))
        except DesktopUnavailable:
            return None

    def _open_accessibility(self) -> Accessibility | None:
        address = self._environment.get("DBUS_SESSION_BUS_ADDRESS", "")
        if sys.platform != "linux" or not address:
            return None
        return Accessibility(address)


def import_pyautogui(environment: Mapping[str, str]) -> Any:
    """pyautogui, set to be quick and to stop at a corner; `DesktopUnavailable` where it cannot work."""
    if sys.platform == "linux" and not environment.get("DISPLAY"):
        raise DesktopUnavailable(
            "no display: DISPLAY is not set, so there is no screen; start from a desktop, or use --desktop sandbox."
        )
    try:
        import pyautogui  # it connects to the display when it is imported
    except ImportError as error:
        raise DesktopUnavailable(
            f"pyautogui is missing ({error}); install it: pip install 'guiagent[input]'."
        ) from error
    except Exception as error:
        raise DesktopUnavailable(f"no display: {error}; start from a desktop, or use --desktop sandbox.") from error
    pyautogui.PAUSE = 0
    pyautogui.FAILSAFE = True
    return pyautogui


def pyautogui_keys(keys: str) -> list[str]:
    """A chord in pyautogui's names."""
    return [NAMES.get(name, name.lower() if len(name) > 1 else name) for name in split_chord(normal_chord(keys))]


def _open_mss() -> Any:
    import mss  # only this desktop needs it

    try:
        return mss.MSS()
    except mss.ScreenShotError as error:
        raise DesktopUnavailable(f"the screen cannot be captured: {error}; use --desktop sandbox.") from error
