"""After an action: whether it had the effect that it had when it was recorded."""

from __future__ import annotations

from dataclasses import dataclass

from grounding.change import Change, changes
from grounding.element import Element
from grounding.lens import quoted
from grounding.scene import Scene
from grounding.tree import Window
from grounding.words import normal
from guiagent.replay.anchor import Anchor, Found, Swapped, anchor_of, refind, same_window, titled_alike
from guiagent.replay.story import Beat
from planner.action import Action, Click, Press

HOLDS_TEXT = ("text", "combo", "spin", "document", "cell", "slider")
"""Whose content is what an action was for."""
FEW = 2
"""So many fields that change are all an effect (a display beside the buttons); of more, those that were worked in."""
TALKS = ("status_bar", "progress", "scroll_bar")
"""What says something else every time."""
SETTLING = ("ctrl+a", "Home", "End", "ctrl+Home", "ctrl+End")
"""Keys that select or go somewhere."""
LARGE = 0.01
"""The share of the screen whose change is an effect where nothing but pixels tells of one."""
ENOUGH = 24
"""Things that appeared of which some have to appear again."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be seen after an action."""

    opened: tuple[Window, ...]
    closed: tuple[Window, ...]
    title: tuple[str, str] | None
    """What the window in front was called before and after, where that changed."""
    marked: bool | None
    """Whether its title has a mark of changes then, where one came or went."""
    texts: tuple[tuple[Anchor, str], ...]
    """Fields and what they hold then."""
    states: tuple[tuple[Anchor, frozenset[str], frozenset[str]], ...]
    """Things with the states that came and went."""
    menus: frozenset[tuple[str, ...]]
    """Paths of menu items that came up."""
    signs: tuple[str, ...]
    """Words that came up; some of them have to again where no window or field tells of the effect."""
    pixels: bool
    """Whether a good part of the picture changed, and nothing tells how."""


def wanted(beat: Beat) -> Wanted:
    """What an action brought about, as its two screens tell."""
    change = changes(beat.before, beat.after)
    after = beat.after
    edits = [(edit.element, edit.after) for edit in change.texts if edit.element.role in HOLDS_TEXT]
    texts = edits if len(edits) <= FEW else [(e, text) for e, text in edits if _its_own(beat, e)]
    if isinstance(beat.action, Click):  # a field is not emptied by being clicked: its text was being selected
        texts = [(e, text) for e, text in texts if text.strip() or not _its_own(beat, e)]
    return Wanted(
        opened=change.opened, closed=change.closed, title=_title(beat.before, after),
        marked=_marked(beat.before, after),
        texts=tuple((anchor_of(after, e), text) for e, text in texts if e.shown),
        states=tuple(
            (anchor_of(after, edit.element), frozenset(edit.after.split()), frozenset(edit.before.split()))
            for edit in change.states if edit.element.shown and edit.element.role not in ("menu", "list_item", "cell")
        )[:6],
        menus=frozenset(e.path for e in change.appeared if e.path and len(e.path) > 1),
        signs=_signs(change, after), pixels=_only_pixels(change, after) and not _may_do_nothing(beat.action),
    )  # fmt: skip


def lacking(expected: Wanted, before: Scene, now: Scene, swap: Swapped = str, *, loose: bool = False) -> str:
    """What of it is not to be seen, in a sentence without its full stop; empty when all is.

    `loose`: other values were put in, so what depends on them may be anything that is not what it was.
    """
    for window in expected.opened:
        if not any(same_window(window, other, swap) for other in now.windows):
            return f"{quoted(swap(window.title) or window.app)} should have opened"
    for window in expected.closed:
        if _count(window, now, swap) >= max(1, _count(window, before, swap)):
            return f"{quoted(swap(window.title) or window.app)} should have closed"
    if expected.title and not _titled(expected.title, now, swap):
        title = now.active.title if now.active else ""
        return f"the title should have become {quoted(swap(expected.title[1]))}, and is {quoted(title)}"
    if expected.marked is not None and now.active and ("*" in now.active.title) != expected.marked:
        return f"the title should have {'a' if expected.marked else 'no'} mark of changes: {quoted(now.active.title)}"
    return (
        _texts(expected, before, now, swap, loose=loose)
        or _states(expected, now, swap)
        or _shown(expected, now, swap, loose=loose)
        or _moved(expected, before, now)
    )


def _title(before: Scene, after: Scene) -> tuple[str, str] | None:
    one, other = before.active, after.active
    if one is None or other is None or not same_window(one, other) or titled_alike(one.title, other.title):
        return None
    return one.title, other.title


def _marked(before: Scene, after: Scene) -> bool | None:
    one, other = before.active, after.active
    if one is None or other is None or not titled_alike(one.title, other.title):
        return None
    was, now = "*" in one.title, "*" in other.title
    return now if was != now else None


def _titled(title: tuple[str, str], now: Scene, swap: Swapped) -> bool:
    return any(titled_alike(swap(title[1]), window.title) for window in now.windows)


def _its_own(beat: Beat, element: Element) -> bool:
    """Whether a field is what the action was about: it has the keyboard, or was pointed at."""
    focus, pointed = beat.after.focus, [anchor.element for anchor in beat.anchors if anchor.element]
    if focus is not None and element.id == focus.id:
        return True
    return any(
        element.role == e.role and element.label == e.label and element.box.overlap(e.box) > 0.3 for e in pointed
    )


def _signs(change: Change, after: Scene) -> tuple[str, ...]:
    """Words that came up, without what says something else every time."""
    talk = {e.id for e in after.elements if e.role in TALKS}
    talk |= {e.id for e in after.elements if e.parent in talk}
    if any("tree" in e.seen_by for e in after.elements):  # then what was read from pixels is the less sure
        talk |= {e.id for e in after.elements if "tree" not in e.seen_by}
    talk |= {e.id for e in after.elements if e.role in ("window", "dialog", "alert")}  # titles are compared as such
    came = [e.label for e in change.appeared if _tells(e.label) and not e.path and e.id not in talk]
    said = [
        edit.after for edit in change.texts
        if edit.element.role not in HOLDS_TEXT and edit.element.id not in talk and edit.after.strip()
    ]  # fmt: skip
    return tuple(dict.fromkeys([*said, *came]))[:ENOUGH]


def _tells(label: str) -> bool:
    """Whether words that came up are worth waiting for: no number, no single letter."""
    return sum(letter.isalpha() for letter in label) > 1


def _may_do_nothing(action: Action) -> bool:
    """Whether it changes nothing where things are as it wants them: all is selected, the cursor is there already."""
    return isinstance(action, Press) and action.keys in SETTLING


def _only_pixels(change: Change, after: Scene) -> bool:
    if change.told or not change.boxes:
        return False
    return sum(box.area for box in change.boxes) > LARGE * after.screenshot.box.area


def _count(window: Window, scene: Scene, swap: Swapped) -> int:
    """How many windows are so; titles count, or an application's dialog is its main window."""
    return sum(
        same_window(window, other, swap) and (other.role != "window" or titled_alike(swap(window.title), other.title))
        for other in scene.windows
    )


def _texts(expected: Wanted, before: Scene, now: Scene, swap: Swapped, *, loose: bool) -> str:
    for anchor, text in expected.texts:
        found = refind(anchor, now, swap)
        if not isinstance(found, Found) or found.element is None:
            if not text.strip():
                continue  # a field that is empty and not there holds as little
            return f"{anchor.words} should hold {quoted(swap(text))}, and is not there"
        holds = " ".join(found.element.text.split())
        if holds == " ".join(swap(text).split()):
            continue
        earlier = refind(anchor, before, swap)
        was = earlier.element.text if isinstance(earlier, Found) and earlier.element else ""
        if not loose or " ".join(was.split()) == holds:
            return (
                f"{anchor.words} should hold {quoted(swap(text)) or 'nothing'}, and holds {quoted(holds) or 'nothing'}"
            )
    return ""


def _states(expected: Wanted, now: Scene, swap: Swapped) -> str:
    for anchor, came, went in expected.states:
        found = refind(anchor, now, swap)
        if not isinstance(found, Found) or found.element is None:
            continue  # what is gone has no state; that it is gone is told by others
        if missing := came - found.element.states:
            return f"{anchor.words} should be {min(missing)}"
        if still := went & found.element.states:
            return f"{anchor.words} should not be {min(still)} any more"
    return ""


def _shown(expected: Wanted, now: Scene, swap: Swapped, *, loose: bool) -> str:
    """Menus that came up are up; of other words that came up, some are there."""
    if expected.menus:
        shown = {tuple(normal(part) for part in e.path) for e in now.shown if e.path}
        if not any(tuple(normal(swap(part)) for part in path) in shown for path in expected.menus):
            return f"the menu {quoted(' > '.join(min(expected.menus)[:-1]))} should have opened"
    if not expected.signs or loose or expected.opened or expected.closed or expected.title or expected.texts:
        return ""  # a tool's label may be told once and not again, where windows and fields say enough
    said = {normal(text) for e in now.shown for text in (e.label, e.text) if text}
    if any(normal(swap(sign)) in said for sign in expected.signs):
        return ""
    return f"{', '.join(quoted(swap(sign)) for sign in expected.signs[:2])} should have appeared"


def _moved(expected: Wanted, before: Scene, now: Scene) -> str:
    if not expected.pixels or changes(before, now).boxes:
        return ""
    return "the picture should have changed, and it is the same"
