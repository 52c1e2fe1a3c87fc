"""Places that an application tells wrong, put right by what the tree itself shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from grounding.geometry import Box, Size
from grounding.tree import Node, Tree

ALIKE, FAR = 2, 120
"""Pixels by which two boxes of one size may differ, and by which one may lie beside the other."""


def straightened(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The nodes with whole branches moved back to where they are drawn.

    Some office programs tell the places of what they draw themselves as if their window had no menu bar. It shows in
    the tree: a child of its parent's very size that lies beside it. That child and what it holds belong where the
    parent is.
    """
    done: list[Node] = []
    shifts: list[tuple[int, int]] = []
    for node in nodes:
        shift = (0, 0)
        if node.parent >= 0 and node.box:
            up = done[node.parent].box
            away = (up.left - node.box.left, up.top - node.box.top)
            alike = abs(up.width - node.box.width) <= ALIKE and abs(up.height - node.box.height) <= ALIKE
            shift = away if alike and 0 < max(map(abs, away)) <= FAR else (0, 0) if alike else shifts[node.parent]
        elif node.parent >= 0:
            shift = shifts[node.parent]
        shifts.append(shift)
        done.append(replace(node, box=node.box.move(*shift)) if any(shift) and node.box else node)
    return tuple(done)


def on_screen(tree: Tree, places: Mapping[str, Box]) -> Tree:
    """The tree in pixels of the screen; `places` are the windows as the screen has them, by title."""
    return moved(enlarged(tree, {title: Size(box.width, box.height) for title, box in places.items()}), places)


SHADOW = 80
"""Pixels by which a window may be larger on the screen than in the tree: a shadow that it draws itself."""


def moved(tree: Tree, places: Mapping[str, Box]) -> Tree:
    """The tree with whole windows where they are: some toolkits (GTK 4) tell all places as if theirs were at 0, 0."""
    by: dict[int, tuple[int, int]] = {}
    for number, window in enumerate(tree.windows):
        place = places.get(window.title)
        if place is None or not window.box or (window.box.left, window.box.top) != (0, 0):
            continue
        wider, higher = place.width - window.box.width, place.height - window.box.height
        if 0 <= wider <= SHADOW and 0 <= higher <= SHADOW:  # the shadow is as wide left as right
            by[number] = (place.left + wider // 2, place.top + higher // 2)
    if not any(map(any, by.values())):
        return tree
    windows = tuple(replace(w, box=w.box.move(*by[n])) if n in by else w for n, w in enumerate(tree.windows))
    nodes = tuple(replace(n, box=n.box.move(*by[n.window])) if n.box and n.window in by else n for n in tree.nodes)
    return replace(tree, nodes=nodes, windows=windows)


NEAR = 0.08
"""How far a window's size on the screen may be from a whole multiple of what the tree says, which has a frame in it."""


def enlarged(tree: Tree, sizes: Mapping[str, Size]) -> Tree:
    """The tree in pixels of the screen where applications tell theirs, of which each is drawn as two or three.

    `sizes`: how large windows are on the screen, by title. Toolkits tell their own pixels on a display with a scale. A
    window whose title is not known there has the scale of its application's others; the only such one, that of the
    only window of the screen that is no other's.
    """
    boxed = [window for window in tree.windows if window.box]
    strange = [window for window in boxed if window.title not in sizes]
    left = [size for title, size in sizes.items() if all(window.title != title for window in boxed)]
    known = [(window, sizes[window.title]) for window in boxed if window.title in sizes]
    pairs = [*known, *([(strange[0], left[0])] if len(strange) == len(left) == 1 else [])]
    scales = {window.app: scale for window, size in pairs if (scale := _scale(window.box, size)) > 1}
    if not scales:
        return tree
    of = [scales.get(window.app, 1) for window in tree.windows]
    windows = tuple(replace(w, box=_times(w.box, by)) for w, by in zip(tree.windows, of, strict=True))
    nodes = tuple(
        replace(n, box=_times(n.box, of[n.window])) if n.box and n.window >= 0 and of[n.window] > 1 else n
        for n in tree.nodes
    )
    return replace(tree, nodes=nodes, windows=windows)


def _scale(box: Box, size: Size) -> int:
    """How many pixels of the screen a pixel of the tree is; 1 where the two do not agree on any number."""
    scale = round(size.width / box.width)
    alike = all(abs(ratio - scale) <= scale * NEAR for ratio in (size.width / box.width, size.height / box.height))
    return scale if alike else 1


def _times(box: Box, by: int) -> Box:
    return Box(box.left * by, box.top * by, box.right * by, box.bottom * by)


EDGE, TITLE_BAR = 6, 48
"""Pixels that a frame adds at most to a window at its sides, and above it."""


def in_front(tree: Tree, client: Box) -> Tree:
    """The tree with the dialog active that lies where the screen has the window with the keyboard.

    The window manager names that one by its title; a question may have there the title of the dialog that it is about.
    A window stays as it was told: what it draws over itself, it alone knows of.
    """
    fits = [n for n, window in enumerate(tree.windows) if client and _frames(window.box, client)]
    if len(fits) != 1 or tree.windows[fits[0]].active or tree.windows[fits[0]].role == "window":
        return tree
    return replace(tree, windows=tuple(replace(w, active=n == fits[0]) for n, w in enumerate(tree.windows)))


def _frames(box: Box, client: Box) -> bool:
    """Whether a window as its toolkit tells it is this one, with or without its frame."""
    sides = (client.left - box.left, box.right - client.right, box.bottom - client.bottom)
    return all(-EDGE <= side <= EDGE for side in sides) and -EDGE <= client.top - box.top <= TITLE_BAR
