"""Points and boxes on a captured image, in its pixels, counted from the top left."""

from __future__ import annotations

from typing import NamedTuple


class Point(NamedTuple):
    """A pixel of the captured image."""

    x: int
    y: int


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int


class Box(NamedTuple):
    """A rectangle: left and top are inside, right and bottom are the first pixels outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return max(0, self.right - self.left)

    @property
    def height(self) -> int:
        return max(0, self.bottom - self.top)

    @property
    def area(self) -> int:
        return self.width * self.height

    @property
    def centre(self) -> Point:
        return Point((self.left + self.right) // 2, (self.top + self.bottom) // 2)

    def __bool__(self) -> bool:
        """False for a box without a pixel in it."""
        return self.area > 0

    def has(self, point: Point) -> bool:
        """Whether the point lies inside."""
        return self.left <= point.x < self.right and self.top <= point.y < self.bottom

    def cut(self, other: Box) -> Box:
        """The part that both share; an empty box at this one's corner if there is none."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Box(left, top, right, bottom) if left < right and top < bottom else Box(left, top, left, top)

    def join(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(
            min(self.left, other.left), min(self.top, other.top),
            max(self.right, other.right), max(self.bottom, other.bottom),
        )  # fmt: skip

    def grow(self, pixels: int) -> Box:
        """The box with a margin added on each side (taken away when negative)."""
        return Box(self.left - pixels, self.top - pixels, self.right + pixels, self.bottom + pixels)

    def move(self, dx: int, dy: int) -> Box:
        """The box shifted."""
        return Box(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)

    def overlap(self, other: Box) -> float:
        """Intersection over union, 0 to 1."""
        shared = self.cut(other).area
        return shared / (self.area + other.area - shared) if shared else 0.0

    def share_in(self, other: Box) -> float:
        """The share of this box that lies in the other, 0 to 1."""
        return self.cut(other).area / self.area if self.area else 0.0
