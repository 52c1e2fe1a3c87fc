"""The type of file that a save dialog offers, made to fit the name that was given."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from grounding.element import Element
from planner import moves
from planner.hands import Hands

ENDING = re.compile(r"(?<![\w.])\*?\.(\w{1,6})\b")
"""An ending as dialogs write it: `(.txt, .text)`, `*.odt`."""
BY_NAME = re.compile(r"\bauto|\bby (file )?(extension|name)\b", re.IGNORECASE)
"""An item that leaves the type to the name."""


def fit_type(hands: Hands, path: str) -> moves.Doing:
    """Choose the type that the name ends in, where the dialog has chosen one that has another ending.

    An application may keep the name and write its own format under it. True when nothing is left to be done.
    """
    ending = PurePosixPath(path).suffix.removeprefix(".").lower()
    combo = next((c for c in hands.elements(("combo",)) if c.enabled and _endings(c.text or c.label)), None)
    if not ending or combo is None or ending in _endings(combo.text or combo.label):
        return True
    yield from moves.click_on(hands, combo, "open the list of types", risk="read")
    yield from moves.wait_until(hands, lambda h: _item(h, ending) is not None, 0.6)
    wanted = _item(hands, ending)
    if wanted is None:
        yield from moves.click_on(hands, combo, "close the list of types", risk="read")
        yield from _named_again(hands, path)
        return False
    field = moves.name_field(hands)
    chosen = yield from moves.choose(hands, combo, wanted.label)
    now = moves.name_field(hands)
    if field is not None and now is not None and now.text != field.text:  # some forget the folder with the type
        yield from moves.name_file(hands, path)
    return chosen


def past_kinds(hands: Hands, path: str) -> moves.Doing:
    """A dialog that asks for the kind of file before its name: the kind of this ending, else the one it has chosen."""
    asked = hands.dialog
    kinds = hands.elements(("radio",))
    if hands.blind or asked is None or not kinds or hands.elements(("list", "tree", "table", "icon")):
        return False
    ending = PurePosixPath(path).suffix.removeprefix(".").lower()
    meant = next((e for e in kinds if ending in _endings(e.label)), None)
    if meant is not None and "checked" not in meant.states:
        yield from moves.click_on(hands, meant, f"the kind {meant.label}", risk="read")
    yield from moves.confirm(hands, "ok", "next", "continue", "forward", risk="read")
    return (yield from moves.wait_until(hands, lambda h: h.dialog is not None and h.dialog.key != asked.key, 1.5))


def _named_again(hands: Hands, path: str) -> moves.Doing:
    """The name as it was, where closing the list has taken its one type and put that ending behind the name."""
    yield from moves.wait_until(hands, moves.changed, 0.4)
    field = moves.name_field(hands)
    if field is None or not field.text or field.text.endswith(PurePosixPath(path).name):
        return True
    return (yield from moves.name_file(hands, path))


def _item(hands: Hands, ending: str) -> Element | None:
    """The type that has the ending; of several the one of the fewest words: `Text (.txt)`, not `Coded text (.txt)`."""
    every = [e for e in hands.scene.elements if e.role in moves.CHOICES]
    items = [e for e in every if ending in _endings(e.label)] or [e for e in every if BY_NAME.search(e.label)]
    return min(items, key=lambda e: len(e.label.split()), default=None)


def _endings(label: str) -> set[str]:
    return {ending.lower() for ending in ENDING.findall(label)}
