"""One captured image and what it takes to find its pixels on the real screen again."""

from __future__ import annotations

import hashlib
import io
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from grounding.geometry import Box, Point, Size

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True)
class Screenshot:
    """A captured image (RGB). All boxes and points of a scene are in this image's pixels."""

    image: Image
    origin: Point = Point(0, 0)
    """Where the image's top left lies on the real screen, in units of input; negative left of the first monitor."""
    scale: float = 1.0
    """Image pixels per input unit: 2.0 on a HiDPI screen whose pointer moves in points."""
    taken_at: float = field(default_factory=time.time)
    """Seconds since the epoch."""

    @property
    def size(self) -> Size:
        return Size(*self.image.size)

    @property
    def box(self) -> Box:
        return Box(0, 0, *self.image.size)

    def to_screen(self, point: Point) -> Point:
        """Where input has to go for this pixel of the image."""
        return Point(self.origin.x + round(point.x / self.scale), self.origin.y + round(point.y / self.scale))

    def from_screen(self, point: Point) -> Point:
        """The pixel of the image that shows this place of the real screen."""
        return Point(round((point.x - self.origin.x) * self.scale), round((point.y - self.origin.y) * self.scale))

    @cached_property
    def png(self) -> bytes:
        """The image as a PNG file."""
        buffer = io.BytesIO()
        self.image.save(buffer, "PNG", compress_level=1)
        return buffer.getvalue()

    @cached_property
    def sha256(self) -> str:
        """The hash of the pixels' PNG, by which the record stores it."""
        return hashlib.sha256(self.png).hexdigest()
