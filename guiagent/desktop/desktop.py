"""The seam to any desktop: look at it, read its tree, act on it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from grounding.facts import Facts
from grounding.filed import Filed
from grounding.geometry import Point
from grounding.screenshot import Screenshot
from grounding.tree import Tree
from planner.action import Input


@runtime_checkable
class Desktop(Protocol):
    """A desktop that an agent can see and work.

    All points and boxes are in pixels of the screenshots that `look` returns. A desktop that goes away raises
    `DesktopLost`; an application that is not there raises `AppNotInstalled`.
    """

    @property
    def facts(self) -> Facts:
        """What is known of it before the first look."""

    def look(self) -> Screenshot:
        """Capture the screen as it is now."""

    def tree(self) -> Tree:
        """Read the accessibility tree as it is now; an empty tree with a note where there is none."""

    def perform(self, action: Input) -> None:
        """Do it, and return once the input has been delivered (not once the application has reacted)."""

    def close(self) -> None:
        """Release held keys and buttons, and end whatever this desktop started. May be called twice."""


@runtime_checkable
class Points(Protocol):
    """A desktop that can tell where its pointer is, so that a record shows where a click really went."""

    def pointer(self) -> Point | None:
        """In pixels of the screenshots that `look` returns; None where it cannot be told just now."""


@runtime_checkable
class TellsFiles(Protocol):
    """A desktop that can tell what is under a path, so that what was saved can be known to be saved."""

    def filed(self, path: str) -> Filed | None:
        """What there is under an absolute path; None where nothing is, or nothing that can be asked about."""
