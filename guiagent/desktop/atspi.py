"""The accessibility tree of a Linux desktop, read over AT-SPI's own bus."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from grounding.geometry import Box
from grounding.tree import Tree
from guiagent.desktop.atspi_places import in_front, on_screen
from guiagent.desktop.atspi_read import NODES, SECONDS, Reading
from guiagent.desktop.dbus import Bus, Call, get_property
from guiagent.desktop.x11 import X11
from runtime.errors import DesktopUnavailable

REGISTRY = "org.a11y.atspi.Registry"
ROOT = "/org/a11y/atspi/accessible/root"
ACCESSIBLE = "org.a11y.atspi.Accessible"
LONGEST_S = 8.0
"""A tree is waited for no longer than this, however busy the machine is."""
BusKind = TypeVar("BusKind", bound=Bus)


class Accessibility:
    """Reads the trees of all applications on a session. Reconnects if its bus comes and goes."""

    def __init__(self, session_bus: Path | str, user: int | None = None) -> None:
        self._user = user
        self._address = f"unix:path={session_bus}" if isinstance(session_bus, Path) else session_bus
        self._bus: Bus | None = None
        self._lock = threading.Lock()
        self._names: dict[str, str] = {}
        self._silent: set[str] = set()
        self._untold: dict[str, bool] = {}
        """Which of them say of their windows alone that they show."""
        self._patience = SECONDS

    def enable(self) -> None:
        """Tell the session that something reads the tree, which some toolkits wait for."""
        status = ("org.a11y.Bus", "/org/a11y/bus", "org.freedesktop.DBus.Properties", "Set", "ssv")
        bus = Bus(self._address, self._user)
        bus.one(Call(*status, ("org.a11y.Status", "IsEnabled", ("b", True))))
        bus.close()

    def close(self) -> None:
        """Close the connection. May be called twice."""
        if self._bus:
            self._bus.close()
            self._bus = None

    def read(
        self, x: X11 | None, active: int, notes: Sequence[str] = (), nodes: int = NODES, seconds: float | None = None
    ) -> Tree:
        """The tree as it is now; `active` is the X window that has the focus, 0 where that is unknown.

        It is cut short after so many `seconds`; by default after 2, and on a machine so busy that this was not
        enough the next time after twice as many, 8 at most.
        """
        title = _title(x, active) if x and active else ""
        with self._lock:
            try:
                if seconds is None:
                    tree = self._read_patiently(title, list(notes), nodes)
                else:
                    tree = self._read(title, list(notes), nodes, seconds)
                if x is None:
                    return tree
                tree = on_screen(tree, _places(x))
                return in_front(tree, _place(x, active)) if active else tree
            except OSError as error:
                self.close()
                return Tree(complete=False, note=" ".join([f"the accessibility bus went away ({error}).", *notes]))
            except DesktopUnavailable as error:
                return Tree(complete=False, note=" ".join([str(error), *notes]))

    def _read_patiently(self, title: str, notes: list[str], nodes: int) -> Tree:
        began = time.monotonic()
        tree = self._read(title, notes, nodes, self._patience)
        took = time.monotonic() - began
        if took >= self._patience:
            self._patience = min(2 * self._patience, LONGEST_S)
        elif took < SECONDS:
            self._patience = max(self._patience / 2, SECONDS)
        return tree

    def _read(self, title: str, notes: list[str], nodes: int, seconds: float) -> Tree:
        bus = self._connect()
        reply = bus.one(Call(REGISTRY, ROOT, ACCESSIBLE, "GetChildren"))
        if reply is None:
            return Tree(complete=False, note=" ".join(["the accessibility registry did not answer.", *notes]))
        apps = [(name, path) for name, path in reply[0]]
        reading = Reading(bus, apps, self._names, self._silent, self._untold, nodes, seconds)
        return reading.tree(title, notes)

    def connection(self, kind: type[BusKind]) -> BusKind:
        """A connection of one's own to the accessibility bus. Raises `DesktopUnavailable` where there is none."""
        session = Bus(self._address, self._user)
        reply = session.one(Call("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress"), 3.0)
        session.close()
        if not reply or not reply[0]:
            raise DesktopUnavailable("no accessibility bus on this session; install at-spi2-core.")
        return kind(reply[0], self._user)

    def _connect(self) -> Bus:
        if self._bus is None:
            self._bus = self.connection(Bus)
            with contextlib.suppress(OSError):
                self._bus.one(get_property(REGISTRY, ROOT, ACCESSIBLE, "Name"))
        return self._bus


def _places(x: X11) -> dict[str, Box]:
    """Where on the screen the windows are, by their titles."""
    found = {}
    for window in x.numbers(x.screen.root, "_NET_CLIENT_LIST"):
        title, place = _title(x, window), _place(x, window)
        if title and place:
            found[title] = place
    return found


def _place(x: X11, window: int) -> Box:
    """Where a window is, without its frame."""
    size, origin = x.size(window), x.origin(window)
    return Box(origin.x, origin.y, origin.x + size.width, origin.y + size.height)


def _title(x: X11, window: int) -> str:
    """A window's title as the window manager shows it."""
    raw = x.property(window, "_NET_WM_NAME") or x.property(window, "WM_NAME")
    return raw.decode("utf-8", "replace").rstrip("\0")
