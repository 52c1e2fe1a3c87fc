"""From pixels to elements: words read, guesses at what carries them, and the fusion with what the tree told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from grounding.element import Element
from grounding.fuse import fuse
from grounding.geometry import Box, Point
from grounding.ink import Pixels
from grounding.layout import kind_of, rectangles, tick_box
from grounding.looker import Looker
from grounding.naming import name_fields
from grounding.ocr import TextLine
from grounding.scene import Scene

MENU_WORDS = frozenset({
    "file", "edit", "view", "search", "document", "help", "tools", "insert", "format", "window", "windows", "bookmarks",
    "go", "history", "options", "settings", "table", "sheet", "data", "image", "layer", "colors", "select", "filters",
    "calculator", "selection", "run", "terminal", "project", "page", "slide", "styles", "form",
})  # fmt: skip
"""First words of menus; a row of them is a menu bar."""
SHORTCUT = re.compile(r"^(?:(?:Ctrl|Alt|Shift|Super|Meta)\s*\+\s*)+\S{1,10}$|^F\d{1,2}$", re.IGNORECASE)


class PixelReader:
    """Reads the pixels of scenes of one screen, one after another."""

    def __init__(self, looker: Looker | None = None) -> None:
        self._looker = looker or Looker()

    def read(self, scene: Scene) -> Scene:
        """The scene with what its pixels tell: fused into the tree's elements, or guessed where there are none."""
        pixels = np.asarray(scene.screenshot.image.convert("RGB"))
        lines = self._looker.read(pixels)
        if scene.elements:
            return replace(scene, elements=fuse(scene, lines))
        return replace(scene, elements=guess(pixels, lines))


def guess(pixels: Pixels, lines: Sequence[TextLine]) -> tuple[Element, ...]:
    """Elements from pixels alone, with roles where the picture gives them away."""
    menus = _menus(lines)
    rest = [line for index, line in enumerate(lines) if index not in menus]
    boxed, free = _in_boxes(pixels, rest, lines)
    named = name_fields([*boxed, *menus.values(), *(_line(pixels, line) for line in free)])
    ordered = sorted(named, key=lambda e: (e.box.centre.y // 12, e.box.left))
    return tuple(replace(element, id=f"e{number}") for number, element in enumerate(ordered, 1))


def _in_boxes(
    pixels: Pixels, lines: Sequence[TextLine], every: Sequence[TextLine]
) -> tuple[list[Element], list[TextLine]]:
    """Buttons and fields, and the lines that stand in none. A box around several lines is something else."""
    boxes = [box for box in rectangles(pixels) if sum(bool(line.box.cut(box)) for line in every) <= 1]
    free, elements = [], []
    for line in lines:
        holder = min((b for b in boxes if line.box.share_in(b) > 0.85), key=lambda b: b.area, default=None)
        kind = kind_of(pixels, holder, line.box) if holder else ""
        if holder and kind and line.box.height >= 0.16 * holder.height:
            elements.append(_boxed(kind, holder, line))
        else:
            free.append(line)
    empty = [b for b in boxes if b.height <= 48 and not any(b.cut(line.box) for line in every)]
    return [*elements, *(_pixel("text", "", b) for b in empty if kind_of(pixels, b, None) == "text")], free


def _boxed(kind: str, box: Box, line: TextLine) -> Element:
    if kind == "text":
        return replace(_pixel("text", "", box), text=line.text, words=line.words, confidence=line.confidence)
    return replace(_pixel(kind, line.text, box), confidence=line.confidence)


def _pixel(role: str, label: str, box: Box) -> Element:
    return Element(id="", role=role, label=label, box=box, seen_by=frozenset({"text"}))


def _line(pixels: Pixels, line: TextLine) -> Element:
    plain = replace(_pixel("text_line", line.text, line.box), words=line.words, confidence=line.confidence)
    if (box := tick_box(pixels, line.box)) is None:
        return plain
    ticked = frozenset({"enabled", "checked"} if box[1] else {"enabled"})
    return replace(plain, role="checkbox", box=box[0].join(line.box), states=ticked, words=())


def _menus(lines: Sequence[TextLine]) -> dict[int, Element]:
    """The lines that are menus of a menu bar or items of an open menu, by their index."""
    return _bar(lines) | _items(lines)


def _bar(lines: Sequence[TextLine]) -> dict[int, Element]:
    found: dict[int, Element] = {}
    for index, line in enumerate(lines):
        if line.text.casefold() not in ("file", "eile") or index in found:
            continue
        row = [n for n, other in enumerate(lines) if abs(other.box.centre.y - line.box.centre.y) <= 5]
        known = [n for n in row if lines[n].text.casefold() in MENU_WORDS]
        if len(known) >= 2:
            words = [n for n in row if len(lines[n].text) <= 16]
            found |= {n: _menu("menu", "File" if n == index else lines[n].text, lines[n]) for n in words}
    return found


def _menu(role: str, label: str, line: TextLine) -> Element:
    return replace(_pixel(role, label, line.box), path=(label,) if role == "menu" else (), confidence=line.confidence)


def _items(lines: Sequence[TextLine]) -> dict[int, Element]:
    """What stands left of a shortcut on its row is a menu item; so is what stands in the same column between them."""
    found: dict[int, Element] = {}
    for shortcut in (line for line in lines if SHORTCUT.match(line.text)):
        row = [
            (shortcut.box.left - other.box.right, n)
            for n, other in enumerate(lines)
            if abs(other.box.centre.y - shortcut.box.centre.y) <= 5 and 0 < shortcut.box.left - other.box.right < 320
        ]
        if row:
            index = min(row)[1]
            keys = re.sub(r"\s", "", shortcut.text).casefold()
            found[index] = replace(_menu("menu_item", lines[index].text, lines[index]), shortcut=keys)
    if len(found) < 2:
        return found
    left = min(e.box.left for e in found.values())
    top, bottom = min(e.box.top for e in found.values()), max(e.box.bottom for e in found.values())
    column = Box(left - 10, top - 60, left + 12, bottom + 60)
    for index, line in enumerate(lines):
        if index not in found and column.has(Point(line.box.left, line.box.centre.y)):
            found[index] = _menu("menu_item", line.text, line)
    return found
