"""What the tree tells and what the pixels say, brought together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from grounding.element import Element
from grounding.geometry import Box
from grounding.ocr import TextLine
from grounding.scene import Scene
from grounding.words import normal

TAKES_LABEL = frozenset({
    "button", "toggle_button", "icon", "list_item", "tree_item", "label", "image", "cell", "tab", "link", "checkbox",
    "radio", "menu", "menu_item", "check_menu_item", "radio_menu_item", "column_header", "heading", "switch",
})  # fmt: skip
"""Roles whose words, when the tree keeps them back, are what is written on them."""
ALIKE = 75
"""Letters in common, of 100, from which on two texts are the same thing read by two senses."""


def fuse(scene: Scene, lines: Sequence[TextLine]) -> tuple[Element, ...]:
    """The tree's elements, confirmed or labelled by what was read on them, and the lines that no element holds."""
    elements = {element.id: element for element in scene.elements}
    new: list[TextLine] = []
    for line in lines:
        holders = _holders(elements.values(), line.box)
        same = next((e for e in holders if _says(e, line.text)), None)
        blank = next((e for e in holders[:2] if e.role in TAKES_LABEL and _unnamed(e)), None)
        if same is not None:
            elements[same.id] = replace(same, seen_by=same.seen_by | {"text"})
        elif blank is not None:
            elements[blank.id] = _labelled(blank, line)
        elif not _icon_misread(line, holders):
            new.append(line)
    start = len(elements) + 1
    return (*elements.values(), *(_free(scene, line, f"e{start + at}") for at, line in enumerate(new)))


def _holders(elements: Iterable[Element], box: Box) -> list[Element]:
    """The elements that the line lies in, the smallest first."""
    around = [e for e in elements if e.shown and box.share_in(e.box) > 0.6]
    return sorted(around, key=lambda e: e.box.area)


def _says(element: Element, text: str) -> bool:
    read = normal(text)
    if element.role in ("window", "dialog", "panel") and element.label:
        return fuzz.ratio(normal(element.label), read) >= ALIKE
    told = [normal(t) for t in (element.label, element.text[:4000], element.description) if t.strip()]
    return any(fuzz.partial_ratio(read, t) >= ALIKE and len(read) <= len(t) + 3 for t in told if read and t)


def _icon_misread(line: TextLine, holders: Sequence[Element]) -> bool:
    """A sign or two on something whose name is known are its picture, read as letters."""
    return len(line.text) <= 2 and bool(holders) and holders[0].role in TAKES_LABEL


def _unnamed(element: Element) -> bool:
    return not element.label.strip() or bool(element.words)


def _labelled(element: Element, line: TextLine) -> Element:
    label = f"{element.label} {line.text}".strip()
    sure = min(element.confidence, line.confidence)
    return replace(
        element, label=label, words=element.words + line.words, seen_by=element.seen_by | {"text"}, confidence=sure
    )


def _free(scene: Scene, line: TextLine, name: str) -> Element:
    return Element(
        id=name, role="text_line", label=line.text, box=line.box, seen_by=frozenset({"text"}),
        window=_window(scene, line.box), words=line.words, confidence=line.confidence,
    )  # fmt: skip


def _window(scene: Scene, box: Box) -> int:
    """The window that the line most likely stands in: the active one if it is there."""
    inside = [n for n, window in enumerate(scene.windows) if window.box.has(box.centre)]
    return scene.active_index if scene.active_index in inside else inside[-1] if inside else -1
