"""The seven changes of a screen that a replay has to bear, and the one that it has to stop at."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.replay.cases import Case, Check, home_files
from grounding.tree import Tree
from guiagent.desktop.sandbox import Sandbox

NAMES = ("unchanged", "moved", "resized", "theme", "font", "scale", "slower", "other_file")
"""`unchanged` first, then the seven."""
SETTINGS = ".config/gtk-3.0/settings.ini"
WAIT_S = 0.25
DUTY = (0.045, 0.015)
"""Seconds in which the applications stand still and in which they run, in turn: a quarter of the machine."""

READ_S = 15.0
OWN = ("openbox", "dbus-daemon", "at-spi-bus-laun", "at-spi2-registr", "Xvfb", "wmctrl")


class Patient(Sandbox):
    """A sandbox whose tree may take long to be read, as it does on a machine with many others at work."""

    def tree(self) -> Tree:
        self.session.poll()
        active = self.x.numbers(self.x.screen.root, "_NET_ACTIVE_WINDOW")
        return self.accessibility.read(self.x, active[0] if active else 0, seconds=READ_S)


@dataclass(frozen=True, slots=True)
class Place:
    """A changed desktop, and what is asked of the replay on it."""

    desktop: Sandbox
    holds: Check
    given: Mapping[str, str] = field(default_factory=dict)
    """For `--set`."""


@contextlib.contextmanager
def changed(each: Case, change: str) -> Iterator[Place]:
    """A fresh desktop for a case, with one change."""
    other = dict(each.other) if change == "other_file" else {}
    files = home_files(each, lambda name: _put(name, other))
    size, scale = ((2560, 1600), 2) if change == "scale" else ((1280, 800), 1)
    theme = "Adwaita-dark" if change == "theme" else "Adwaita"
    with Patient(files=files, size=size, scale=scale, theme=theme) as desktop:
        _prepare(desktop, change)
        setup = each.setup_other if other else each.setup
        holds = setup(desktop) if setup else each.holds
        with contextlib.ExitStack() as after:
            if change in ("moved", "resized"):
                after.enter_context(_placing(desktop, change))
            if change == "slower":
                after.enter_context(_slowed(desktop))
            yield Place(desktop, holds, other)


def _prepare(desktop: Sandbox, change: str) -> None:
    """Settings that applications read when they start; what is put into the environment is for Qt."""
    if change == "font":
        _edit(desktop, SETTINGS, "gtk-font-name=Sans 15\n")
        _edit(desktop, ".gtkrc-2.0", 'gtk-font-name = "Sans 15"\n')
        desktop.env["QT_FONT_DPI"] = "140"
    if change == "theme":
        _edit(desktop, SETTINGS, "gtk-application-prefer-dark-theme=1\n")
        desktop.env["QT_STYLE_OVERRIDE"] = "Windows"


def _edit(desktop: Sandbox, name: str, line: str) -> None:
    place = desktop.home / name
    before = place.read_text("utf-8") if place.exists() else ""
    desktop.put(name, before + line)


@contextlib.contextmanager
def _placing(desktop: Sandbox, change: str) -> Iterator[None]:
    """Every window that comes up is put elsewhere or given another size, as a person does with a hand free."""
    over = threading.Event()

    def place() -> None:
        from guiagent.desktop.x11 import X11

        x = X11(desktop.display, desktop.folder / "cookie")
        done: set[int] = set()
        while not over.wait(WAIT_S):
            for number, window in enumerate(set(x.numbers(x.screen.root, "_NET_CLIENT_LIST")) - done):
                done.add(window)
                with contextlib.suppress(Exception):
                    _put_window(desktop, window, change, number)

    worker = threading.Thread(target=place, daemon=True)
    worker.start()
    try:
        yield
    finally:
        over.set()
        worker.join(5)


def _put_window(desktop: Sandbox, window: int, change: str, number: int) -> None:
    """Elsewhere, or smaller, and always on the screen with all of it."""
    size = desktop.size
    told = _wmctrl(desktop, "-l", "-G").splitlines()
    here = next((line.split() for line in told if int(line.split()[0], 16) == window), None)
    wide, high = (int(here[4]), int(here[5])) if here else (600, 400)
    _wmctrl(desktop, "-i", "-r", hex(window), "-b", "remove,maximized_vert,maximized_horz")
    if change == "moved":
        left, top = min(310 + 20 * number, size.width - wide - 8), min(150 + 15 * number, size.height - high - 40)
        _wmctrl(desktop, "-i", "-r", hex(window), "-e", f"0,{max(0, left)},{max(0, top)},-1,-1")
    else:
        _wmctrl(desktop, "-i", "-r", hex(window), "-e", f"0,40,40,{round(wide * 0.8)},{round(high * 0.8)}")


def _wmctrl(desktop: Sandbox, *words: str) -> str:
    """From outside, so that nothing of the sandbox is in its way."""
    env = {"DISPLAY": desktop.display, "XAUTHORITY": str(desktop.folder / "cookie"), "PATH": "/usr/bin:/bin"}
    return subprocess.run(["wmctrl", *words], env=env, timeout=10, check=False, capture_output=True, text=True).stdout


@contextlib.contextmanager
def _slowed(desktop: Sandbox) -> Iterator[None]:
    """Every application is held three quarters of the time."""
    over = threading.Event()

    def hold() -> None:
        held: list[int] = []
        asked = 0.0
        while not over.is_set():
            if time.monotonic() - asked > 1.0:
                held, asked = _applications(desktop), time.monotonic()
            _send(held, signal.SIGSTOP)
            over.wait(DUTY[0])
            _send(held, signal.SIGCONT)
            over.wait(DUTY[1])

    worker = threading.Thread(target=hold, daemon=True)
    worker.start()
    try:
        yield
    finally:
        over.set()
        worker.join(5)


def _applications(desktop: Sandbox) -> list[int]:
    """The processes that show themselves on this desktop, its own services aside."""
    found = []
    wanted = f"DISPLAY={desktop.display}".encode()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            shown = wanted in (folder / "environ").read_bytes().split(b"\0")
            if shown and (folder / "comm").read_text().strip() not in OWN:
                found.append(int(folder.name))
    return found


def _send(pids: list[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _put(words: str, other: Mapping[str, str]) -> str:
    for old, new in other.items():
        words = words.replace(old, new)
    return words
