"""What observably changed between two looks, and whether a state was seen before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL.Image import Resampling

from grounding.element import Element
from grounding.geometry import Box
from grounding.ink import Pixels
from grounding.looker import changed_boxes, changed_tiles
from grounding.scene import Scene
from grounding.tree import Window

TELLING = frozenset({"checked", "selected", "expanded", "pressed", "enabled"})
"""States whose change means something to a person."""
CARET = 80
"""Pixels that a blinking caret may change in one square; less is no change of state."""
MENUS = frozenset({"menu", "menu_item", "check_menu_item", "radio_menu_item"})
CONTENT = ("text", "combo", "spin", "slider", "document", "label", "status_bar", "progress", "cell")


@dataclass(frozen=True, slots=True)
class Edit:
    """Something that has another value than before."""

    element: Element
    """As it is now."""
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """Everything that is different after an action."""

    opened: tuple[Window, ...] = ()
    closed: tuple[Window, ...] = ()
    retitled: tuple[tuple[str, str], ...] = ()
    """Old and new title."""
    focus: tuple[Element | None, Element | None] | None = None
    """What had the keyboard and what has it now; None when it did not move."""
    appeared: tuple[Element, ...] = ()
    disappeared: tuple[Element, ...] = ()
    texts: tuple[Edit, ...] = ()
    """Contents and labels."""
    states: tuple[Edit, ...] = ()
    """Which of the telling states came (`after`) and went (`before`)."""
    boxes: tuple[Box, ...] = ()
    """Where pixels changed, the largest first: with pixels only, the largest is where a dialog or menu appeared."""

    @property
    def nothing(self) -> bool:
        """Whether nothing at all changed, a blinking caret aside."""
        return not (self.boxes or self.told)

    @property
    def told(self) -> bool:
        """Whether the tree (or the words read) tells of a change."""
        return bool(
            self.opened or self.closed or self.retitled or self.focus or self.appeared or self.disappeared
            or self.texts or self.states
        )  # fmt: skip

    @property
    def summary(self) -> str:
        """One short sentence for a person and for a model."""
        parts = [f"'{window.title or window.app}' opened" for window in self.opened]
        parts += [f"'{window.title or window.app}' closed" for window in self.closed]
        parts += [f"title '{old}' became '{new}'" for old, new in self.retitled]
        parts += [f"{_name(e.element)}: '{_short(e.before)}' became '{_short(e.after)}'" for e in self.texts[:3]]
        parts += [f"menu '{name}' opened" for name in _opened_menus(self.appeared)]
        parts += [f"{_name(e.element)} is {_state(e)}" for e in self.states[:3] if e.element.role not in MENUS]
        if self.focus and self.focus[1]:
            parts.append(f"the keyboard is in {_name(self.focus[1])}")
        came = [e for e in self.appeared if e.role not in MENUS]
        went = [e for e in self.disappeared if e.role not in MENUS]
        if came and not self.opened:
            parts.append(f"{_names(came)} appeared")
        if went and not self.closed:
            parts.append(f"{_names(went)} went away")
        parts += [f"menu '{name}' closed" for name in _opened_menus(self.disappeared)]
        if not parts and self.boxes:
            box = self.boxes[0]
            parts.append(f"the picture changed around ({box.left}, {box.top}, {box.right}, {box.bottom})")
        return "; ".join(parts[:5]) if parts else "nothing changed"


def changes(before: Scene, after: Scene) -> Change:
    """What is different in `after`."""
    pairs, gone, new = _matched(before.elements, after.elements)
    gone = [e for e in gone if e.shown]
    gone += [now for old, now in pairs if old.shown and not now.shown]  # a menu was closed
    new += [now for old, now in pairs if now.shown and not old.shown]
    windows = _windows(before.windows, after.windows)
    return Change(
        opened=windows[0], closed=windows[1], retitled=windows[2], focus=_focus(before, after),
        appeared=tuple(e for e in new if e.shown), disappeared=tuple(gone),
        texts=tuple(edit for old, now in pairs for edit in _text_edits(old, now)),
        states=tuple(edit for old, now in pairs if (edit := _state_edit(old, now))),
        boxes=_boxes(before, after),
    )  # fmt: skip


def fingerprint(scene: Scene) -> str:
    """The same for two looks at the same state: of the tree where there is one, else of the coarse picture."""
    told = [e for e in scene.elements if "tree" in e.seen_by]
    digest = hashlib.sha256()
    if told:
        for window in scene.windows:
            digest.update(repr((window.title, window.app, window.active, window.modal)).encode())
        for e in told:
            lasting = sorted(e.states & (TELLING | {"focused"}))
            digest.update(repr((e.role, e.label, e.text, lasting, e.window, tuple(e.box))).encode())
    else:
        digest.update(_coarse(scene).tobytes())
    return digest.hexdigest()[:16]


def _coarse(scene: Scene) -> Pixels:
    """The picture in squares of 16 pixels, eight greys: a caret moves no square by an eighth."""
    image = scene.screenshot.image.convert("L")
    small = image.resize((max(1, image.width // 16), max(1, image.height // 16)), Resampling.BOX)
    return (np.asarray(small) // 32).astype(np.uint8)


def _matched(
    before: Sequence[Element], after: Sequence[Element]
) -> tuple[list[tuple[Element, Element]], list[Element], list[Element]]:
    """The same things in both looks, those that went and those that came: by key, then by name and place."""
    pairs: list[tuple[Element, Element]] = []
    old, new = list(before), list(after)
    for identity in (_by_key, _by_name_and_place, _by_place, _by_name):
        known: dict[object, list[Element]] = {}
        for element in old:
            if (mark := identity(element)) is not None:
                known.setdefault(mark, []).append(element)
        rest = []
        for element in new:
            same = known.get(identity(element)) if identity(element) is not None else None
            if same:
                pairs.append((same.pop(0), element))
            else:
                rest.append(element)
        matched = {id(pair[0]) for pair in pairs}
        old, new = [e for e in old if id(e) not in matched], rest
    return pairs, old, new


def _by_key(element: Element) -> object | None:
    return (element.key, element.role) if element.key else None


def _by_name_and_place(element: Element) -> object | None:
    return None if element.key else (element.role, element.label, element.box, element.path)


def _by_place(element: Element) -> object | None:
    """A field whose words changed stays where it is; a line of text that changed is another line."""
    return None if element.key or element.role == "text_line" or not element.shown else (element.role, element.box)


def _by_name(element: Element) -> object | None:
    return None if element.key else (element.role, element.label, element.window, element.path)


def _windows(
    before: Sequence[Window], after: Sequence[Window]
) -> tuple[tuple[Window, ...], tuple[Window, ...], tuple[tuple[str, str], ...]]:
    old = {_window_key(window): window for window in before}
    new = {_window_key(window): window for window in after}
    opened = tuple(window for key, window in new.items() if key not in old)
    closed = tuple(window for key, window in old.items() if key not in new)
    both = [(old[key].title, new[key].title) for key in new if key in old]
    return opened, closed, tuple((a, b) for a, b in both if a != b)


def _window_key(window: Window) -> object:
    return window.key or (window.app, window.role, window.title)


def _focus(before: Scene, after: Scene) -> tuple[Element | None, Element | None] | None:
    old, new = before.focus, after.focus
    if old is None or new is None:
        return None if old is new else (old, new)
    keyed = bool(old.key and new.key)
    same = old.key == new.key if keyed else (old.role, old.label, old.box) == (new.role, new.label, new.box)
    return None if same else (old, new)


def _text_edits(old: Element, now: Element) -> Iterable[Edit]:
    if old.label != now.label and old.role != "text_line":
        yield Edit(now, old.label, now.label)
    if old.text != now.text and now.role in CONTENT:
        yield Edit(now, old.text, now.text)


def _state_edit(old: Element, now: Element) -> Edit | None:
    went, came = old.states & TELLING - now.states, now.states & TELLING - old.states
    return Edit(now, " ".join(sorted(went)), " ".join(sorted(came))) if (went or came) and now.shown else None


def _boxes(before: Scene, after: Scene) -> tuple[Box, ...]:
    one, other = (np.asarray(scene.screenshot.image.convert("RGB")) for scene in (before, after))
    if one.shape != other.shape:
        return (after.screenshot.box,)
    if not changed_tiles(one, other, CARET).any() and int((one != other).any(axis=-1).sum()) <= CARET:
        return ()
    return tuple(sorted(changed_boxes(one, other), key=lambda box: -box.area))


def _opened_menus(items: Sequence[Element]) -> list[str]:
    """The menus that these items belong to."""
    paths = [" > ".join(e.path[:-1]) or e.label for e in items if e.role in MENUS and e.path]
    return list(dict.fromkeys(paths))[:2]


def _name(element: Element) -> str:
    return f"{element.role.replace('_', ' ')} '{_short(element.label)}'" if element.label else f"the {element.role}"


def _names(elements: Sequence[Element]) -> str:
    named = [e for e in elements if e.label] or list(elements)
    more = f" and {len(elements) - 2} more" if len(elements) > 2 else ""
    return ", ".join(map(_name, named[:2])) + more


def _state(edit: Edit) -> str:
    came = edit.after.split()
    went = [f"not {state}" for state in edit.before.split()]
    return ", ".join(came + went)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:37] + "..."
