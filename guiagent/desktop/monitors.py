"""The one coordinate layer between captured images and a real screen with any monitors and scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from grounding.geometry import Box, Point, Size


class Monitor(NamedTuple):
    """One monitor, in the units in which the pointer moves; left and top are negative left of and above the first."""

    left: int
    top: int
    width: int
    height: int

    @property
    def box(self) -> Box:
        return Box(self.left, self.top, self.left + self.width, self.top + self.height)


class View(NamedTuple):
    """How a captured image lies on the real screen."""

    origin: Point
    """Where its top left is, in units of the pointer."""
    scale: float
    """Image pixels per unit of the pointer."""


def all_of(monitors: Sequence[Monitor]) -> Box:
    """The smallest box around all monitors."""
    box = monitors[0].box
    for monitor in monitors[1:]:
        box = box.join(monitor.box)
    return box


def view_of(monitors: Sequence[Monitor], captured: Size, pointer: Size | None = None) -> View:
    """How an image of all monitors lies on them.

    The image may have more pixels than the screen has units (HiDPI); where capture and pointer disagree on the size
    of the screen, `pointer` says what the pointer believes.
    """
    box = all_of(monitors)
    width = pointer.width if pointer and len(monitors) == 1 else box.width
    return View(Point(box.left, box.top), captured.width / width if width else 1.0)
