"""Setup steps for windows and keys."""

from __future__ import annotations

import time

from grounding.geometry import Point
from planner.action import Click, Press, Type
from runtime.errors import UsageError
from tasks.guest import WindowInfo, gone, matching
from tasks.setup.commands import wait
from tasks.setup.registry import Stage, setup, truth

PATIENCE_S = 5.0
PRESSES = 3


@setup("activate_window")
def activate_window(stage: Stage, window_name: str, strict: bool | str = False, by_class: bool | str = False) -> None:
    """OSWorld: raise a window and give it the keyboard; nothing if there is none, as there."""
    exact, kind = truth(strict), truth(by_class)
    for window in matching(stage.guest, window_name, strict=exact, by_class=kind)[:1]:
        stage.guest.ask(window, "activate")


@setup("close_window")
def close_window(stage: Stage, window_name: str, strict: bool | str = False, by_class: bool | str = False) -> None:
    """OSWorld: close a window as a click on its cross would, and wait until it has gone; nothing if there is none."""
    for window in matching(stage.guest, window_name, strict=truth(strict), by_class=truth(by_class)):
        stage.guest.ask(window, "close")
        gone(stage.guest, window, PATIENCE_S)
    time.sleep(0.3)  # an application that quits writes its settings after its window has gone


@setup("place_window")
def place_window(
    stage: Stage, window_name: str = "", left: int = 40, top: int = 40, width: int = 640, height: int = 420
) -> None:
    """Ours: move and size a window, the newest where none is named, once there is one with a title."""

    def titled() -> list[WindowInfo]:
        return [window for window in matching(stage.guest, window_name) if window.title]

    if not wait(lambda: bool(titled()), PATIENCE_S * 2):
        raise UsageError(f"place_window: no window has {window_name!r} in its title.")
    stage.guest.place(titled()[-1], left, top, width, height)
    time.sleep(0.3)


@setup("press")
def press(stage: Stage, keys: str, wait_window: str = "") -> None:
    """Ours: press a key or chord; where it has to open a window, again if none comes, as who starts up may miss it."""
    for _ in range(PRESSES if wait_window else 1):
        stage.guest.perform(Press(keys=keys))
        if not wait_window or wait(lambda: bool(matching(stage.guest, wait_window)), PATIENCE_S * 2):
            return
    raise UsageError(f"press {keys}: no window has {wait_window!r} in its title.")


@setup("type")
def type_text(stage: Stage, text: str) -> None:
    """Ours: type a text into what has the keyboard."""
    stage.guest.perform(Type(text=text))


@setup("click_at")
def click_at(stage: Stage, x: int, y: int) -> None:
    """Ours: click a place."""
    stage.guest.perform(Click(at=Point(int(x), int(y))))


@setup("change_wallpaper")
def change_wallpaper(stage: Stage, path: str) -> None:
    """OSWorld: set the picture behind the windows."""
    uri = f"file://{stage.expanded(path)}"
    stage.guest.run(["gsettings", "set", "org.gnome.desktop.background", "picture-uri", uri])


@setup("dark_theme")
def dark_theme(stage: Stage, theme: str = "Adwaita-dark") -> None:
    """Ours: applications that start after this draw themselves light on dark."""
    guest = stage.guest
    for file in (".config/gtk-3.0/settings.ini", ".gtkrc-2.0"):
        edit = f"""sed -i 's/^\\(gtk-theme-name *= *\\)"\\?[^"]*"\\?$/\\1"{theme}"/' "$1" """
        if file.endswith(".ini"):
            edit = (
                f"""sed -i 's/^gtk-theme-name=.*/gtk-theme-name={theme}\\ngtk-application-prefer-dark-theme=1/' "$1" """
            )
        guest.run(["sh", "-c", edit, "sh", f"{guest.home}/{file}"])
    for key, value in (("gtk-theme", theme), ("color-scheme", "prefer-dark")):
        guest.run(["gsettings", "set", "org.gnome.desktop.interface", key, value])
