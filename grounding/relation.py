"""Where things stand to one another, as people say it: right of, under, the third, top right."""

from __future__ import annotations

from collections.abc import Sequence

from grounding.from_tree import rows_of
from grounding.geometry import Box

REACH = 500
"""Pixels at which a neighbour counts half."""


def closeness(thing: Box, anchor: Box, how: str) -> float:
    """How well `thing` stands `how` to the anchor: 0 not at all, 1 right beside it."""
    if how == "near":
        return max(closeness(thing, anchor, side) for side in ("right", "below", "left", "above"))
    if how == "row":
        return max(closeness(thing, anchor, "right"), closeness(thing, anchor, "left"))
    gap, aside = _gap(thing, anchor, how)
    if gap < -min(thing.height, anchor.height, 12):
        return 0.0
    return 1.0 / (1.0 + max(0, gap) / REACH + 4 * aside / REACH)


def _gap(thing: Box, anchor: Box, how: str) -> tuple[int, int]:
    """Pixels between them in the direction, and how far they miss each other across it."""
    gaps = {
        "right": thing.left - anchor.right,
        "left": anchor.left - thing.right,
        "below": thing.top - anchor.bottom,
        "above": anchor.top - thing.bottom,
    }
    if how in ("right", "left"):
        return gaps[how], max(0, thing.top - anchor.centre.y, anchor.centre.y - thing.bottom)
    return gaps[how], max(0, thing.left - anchor.right, anchor.left - thing.right)


def nth(boxes: Sequence[Box], ordinal: int) -> int | None:
    """The index of the n-th box in reading order, from 1; -1 is the last; None when there are fewer."""
    order = [index for row in rows_of(list(enumerate(boxes))) for index in row]
    place = ordinal - 1 if ordinal > 0 else len(order) + ordinal
    return order[place] if 0 <= place < len(order) else None


def corner_fit(thing: Box, whole: Box, corner: tuple[str, str]) -> float:
    """How near a thing is to the side or corner named, 0 to 1."""
    x = (thing.centre.x - whole.left) / max(1, whole.width)
    y = (thing.centre.y - whole.top) / max(1, whole.height)
    fits = [{"top": 1 - y, "bottom": y, "left": 1 - x, "right": x}[side] for side in corner if side]
    return sum(fits) / len(fits) if fits else 1.0
