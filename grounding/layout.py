"""What pixels alone tell of the layout: boxes drawn on the screen, and from them buttons, fields, checkboxes, menus."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from grounding.geometry import Box
from grounding.ink import Pixels, ink, runs, tight

EDGE = 6
"""A step in brightness from which on a line is seen; borders of light themes differ by 10 to 40 of 255."""
SHORTEST, LOWEST, HIGHEST = 16, 14, 84
"""Sides of the rectangles looked for: least width, least and greatest height, in pixels."""
CORNER = 7
"""Rounded corners hide this much of a side."""


def rectangles(pixels: Pixels) -> list[Box]:
    """Boxes of the size of buttons and fields that are drawn with a border or stand out as an area."""
    if min(pixels.shape[:2]) < LOWEST:
        return []
    grey = pixels.astype(np.int16).sum(axis=-1) // 3
    level = np.abs(np.diff(grey, axis=0)) > EDGE
    upright = np.abs(np.diff(grey, axis=1)) > EDGE
    found = [box for box in _pairs(_segments(level)) if _has_sides(upright, box)]
    return _distinct(found)


def _segments(edges: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Level lines: rows of (y, first x, first x after)."""
    padded = np.zeros((edges.shape[0], edges.shape[1] + 2), np.int8)
    padded[:, 1:-1] = edges
    steps = np.diff(padded, axis=1)
    y, start = np.nonzero(steps == 1)
    _, end = np.nonzero(steps == -1)
    long = (end - start) >= SHORTEST - CORNER
    return np.stack([y[long], start[long], end[long]], axis=1)


def _pairs(segments: NDArray[np.intp]) -> list[Box]:
    """Two lines of the same extent, one above the other."""
    by_left: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for y, start, end in segments.tolist():
        by_left[start // 4].append((y, start, end))
    boxes = []
    for y, start, end in segments.tolist():
        near = (s for cell in (start // 4 - 1, start // 4, start // 4 + 1) for s in by_left.get(cell, ()))
        below = sorted(s[0] for s in near if _same(s, y, start, end))
        boxes += [Box(start, y + 1, end, bottom + 1) for bottom in below[:3]]
    return boxes


def _same(other: tuple[int, int, int], y: int, start: int, end: int) -> bool:
    return LOWEST <= other[0] - y <= HIGHEST and abs(other[1] - start) <= 3 and abs(other[2] - end) <= 3


def _has_sides(upright: NDArray[np.bool_], box: Box) -> bool:
    """Whether a line runs down at both ends."""
    rows = slice(box.top + min(4, box.height // 4), box.bottom - min(4, box.height // 4))
    for x in (box.left, box.right):
        side = upright[rows, max(0, x - CORNER) : x + CORNER]
        if not side.size or side.any(axis=1).mean() < 0.85:
            return False
    return box.width >= SHORTEST


def _distinct(boxes: Sequence[Box]) -> list[Box]:
    """One of each heap of nearly equal boxes, the outermost."""
    kept: list[Box] = []
    cells: dict[tuple[int, int], list[Box]] = defaultdict(list)
    for box in sorted(boxes, key=lambda b: -b.area):
        x, y = box.centre.x // 16, box.centre.y // 16
        near = [b for dx in (-1, 0, 1) for dy in (-1, 0, 1) for b in cells[x + dx, y + dy]]
        if all(box.overlap(other) < 0.72 for other in near):
            kept.append(box)
            cells[x, y].append(box)
    return sorted(kept, key=lambda b: (b.top, b.left))


def background(pixels: Pixels, box: Box) -> int:
    """The commonest brightness in a box, 0 to 255."""
    part = pixels[box.top : box.bottom, box.left : box.right].astype(np.int16).sum(axis=-1) // 3
    return int(np.bincount(part.ravel(), minlength=1).argmax()) if part.size else 0


def stands_out(pixels: Pixels, box: Box) -> bool:
    """Whether a box is lighter than what lies around it on every side."""
    inner = background(pixels, box.grow(-2))
    left, top, right, bottom = box
    sides = (
        Box(left - 7, top, left - 3, bottom), Box(right + 3, top, right + 7, bottom),
        Box(left, top - 7, right, top - 3), Box(left, bottom + 3, right, bottom + 7),
    )  # fmt: skip
    screen = Box(0, 0, pixels.shape[1], pixels.shape[0])
    seen = [background(pixels, side.cut(screen)) for side in sides if side.cut(screen)]
    return inner >= 235 and bool(seen) and all(inner >= shade + 4 for shade in seen)


def kind_of(pixels: Pixels, box: Box, text: Box | None) -> str:
    """What a drawn box is taken for: `button`, `text` (a field), or nothing; `text` is the box of what stands in it."""
    centred = text is not None and abs(text.centre.x - box.centre.x) <= 3 + 0.06 * box.width
    if box.width >= 50 and not (centred and box.width < 140) and stands_out(pixels, box):
        return "text"
    if text is None or box.width > 400 or box.height > HIGHEST:
        return ""
    return "button" if centred or text.left - box.left <= 40 else ""


def tick_box(pixels: Pixels, text: Box) -> tuple[Box, bool] | None:
    """The little square left of some words (or before the first of them) and whether it is ticked."""
    reach = Box(text.left - 32, text.centre.y - 11, text.left + 22, text.centre.y + 11)
    area = reach.cut(Box(0, 0, pixels.shape[1], pixels.shape[0]))
    if area.width < 14 or area.height < 14:
        return None
    mask = ink(pixels[area.top : area.bottom, area.left : area.right])
    columns = runs(mask.any(axis=0))
    for (start, end), (after, _) in reversed(list(pairwise([*columns, (area.width + 4, 0)]))):
        part = mask[:, start:end]
        if after - end < 4:
            continue  # letters stand closer than that
        square = tight(part)
        drawn = part[square.top : square.bottom, square.left : square.right]
        if _is_square(drawn):
            ticked = float(drawn[3:-3, 3:-3].mean()) > 0.12
            return square.move(area.left + start, area.top), ticked
    return None


def _is_square(drawn: NDArray[np.bool_]) -> bool:
    height, width = drawn.shape
    if not (10 <= width <= 20 and abs(width - height) <= 2):
        return False
    sides = (drawn[:2].any(axis=0), drawn[-2:].any(axis=0), drawn[:, :2].any(axis=1), drawn[:, -2:].any(axis=1))
    return min(float(side.mean()) for side in sides) >= 0.8
