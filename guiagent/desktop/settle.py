"""Waiting until the picture stands still, by looking and not by guessing how long an application takes."""

from __future__ import annotations

import time
from typing import NamedTuple, Protocol

from PIL import Image, ImageChops

from grounding.geometry import Box
from grounding.screenshot import Screenshot

APART_S = 0.06
"""Between two looks that are compared."""
PATIENCE_S = 3.0
CARET = (4, 64)
"""A change no wider and no taller than this is a text cursor that blinks."""


class Settled(NamedTuple):
    """The last look, and whether it was like the one before it."""

    screenshot: Screenshot
    settled: bool


class Sees(Protocol):
    """Anything that can look."""

    def look(self) -> Screenshot: ...


def settle(desktop: Sees, patience: float = PATIENCE_S, apart_s: float = APART_S, quiet: int = 1) -> Settled:
    """Look until the picture stayed the same `quiet` times in a row, text cursors aside, or patience (seconds) ends."""
    began = time.monotonic()
    before, same = desktop.look(), 0
    while True:
        time.sleep(apart_s)
        now = desktop.look()
        same = same + 1 if still(before, now) else 0
        seconds = time.monotonic() - began
        if same >= quiet or seconds >= patience:
            return Settled(now, same >= quiet)
        before = now


def still(before: Screenshot, after: Screenshot) -> bool:
    """Whether nothing but a text cursor differs between two looks."""
    box = changed_box(before, after)
    return box is None or (box.width <= CARET[0] * after.scale and box.height <= CARET[1] * after.scale)


def changed_box(before: Screenshot, after: Screenshot) -> Box | None:
    """The smallest box around all that differs; None if nothing does."""
    if before.image.size != after.image.size:
        return after.box
    found = ImageChops.difference(_rgb(before.image), _rgb(after.image)).getbbox()
    return Box(*found) if found else None


def _rgb(image: Image.Image) -> Image.Image:
    return image if image.mode == "RGB" else image.convert("RGB")
