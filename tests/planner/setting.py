"""Toy desktops with something open, as many tests begin."""

from __future__ import annotations

from tests.planner.toy import HOME, Pane, Toy, Ways
from tests.planner.toy_apps import Filer, Pad

DOCUMENTS = f"{HOME}/Documents"


def pad(text: str = "hello", ways: Ways | None = None, files: dict[str, str] | None = None, **rest) -> Toy:
    """A desktop with an open editor."""
    toy = Toy(files, ways)
    toy.open(Pad(toy, text=text, **rest), wait=0)
    return toy


def filer(*names: str, ways: Ways | None = None, folder: str = HOME) -> Toy:
    """A desktop with a file manager; every file holds its own name."""
    toy = Toy({name if name.startswith("/") else f"{HOME}/{name}": name for name in names}, ways)
    toy.open(Filer(toy, folder=folder), wait=0)
    return toy


def text_of(toy: Toy) -> str:
    return toy.pane(Pad).text  # type: ignore[attr-defined]


def only(toy: Toy) -> Pane:
    """The one window that is left."""
    (pane,) = toy.panes
    return pane
