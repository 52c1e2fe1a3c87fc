"""Skills that look for a text in a document and put another in its place, and how to select a text."""

from __future__ import annotations

import re
from collections.abc import Generator

from grounding.element import Element
from planner import moves
from planner.appmap import likeness, plain
from planner.hands import BUTTONS, FIELDS, Hands
from planner.skills.skill import Act, Body, Effect, Text, skill
from planner.skills.writing import Paper, into_editor


@skill("replace every occurrence of a text in the document by another", kind="text")
def replace_all(hands: Hands, find: Text, replace: Text) -> Body:
    find, replace = hands.filled(find), hands.filled(replace)
    paper, title, seen = Paper(hands), _title(hands), _seen_text(hands)
    if not hands.blind and _is_not_in(paper, find):
        return Effect(False, f"{find!r} is not in the document")
    if not (yield from moves.command(hands, "replace", _asks_replacement)):
        return Effect(False, "no way to find and replace was found")
    yield from _fill_replace(hands, find, replace)
    yield from _press_replace_all(hands)
    yield from moves.answer(hands, moves.YES, "agree", risk="write")
    yield from _leave(hands)
    if hands.blind:
        return _seen_replaced(find, replace, seen, _seen_text(hands))
    if _title(hands) != title:
        return Effect(None, "replaced, but another document is in front")
    if paper.tells:
        yield from moves.wait_until(hands, lambda h: paper.changed, 0.4)
    return _replaced(paper, find, replace)


def _is_not_in(paper: Paper, text: str) -> bool:
    """Whether the document tells all of itself, and the text is not in it."""
    return paper.tells and text.casefold() not in paper.before.casefold()


def _replaced(paper: Paper, find: str, replace: str) -> Effect:
    """Judged by the document's text; applications differ in whether capital letters count."""
    now, before = paper.text, paper.before
    any_case = re.sub(re.escape(find), lambda _: replace, before, flags=re.IGNORECASE)
    if not paper.tells or not now:
        return Effect(None, "replaced, as far as can be seen")
    if not paper.changed and before not in (before.replace(find, replace), any_case):
        return Effect(False, "the text is still there")
    if now in (before.replace(find, replace), any_case):
        return Effect(True, f"{find!r} was replaced in the whole document")
    if find in now and find.casefold() not in replace.casefold():
        return Effect(False, "not all occurrences were replaced")
    return Effect(None, "replaced, as far as can be seen")


def _seen_replaced(find: str, replace: str, before: str, now: str) -> Effect:
    """Judged by the words on the screen, where only pixels tell."""
    if not now or find not in before or find.casefold() in replace.casefold():
        return Effect(None, "replaced, as far as can be seen")
    if find in now:
        return Effect(False, "the text is still there")
    if not (came := _count(replace, now) - _count(replace, before)) and replace.strip():
        return Effect(False, f"{find!r} is not to be seen any more, but neither is {replace!r}")
    many = came >= _count(find, before)
    return Effect(True if many else None, f"{find!r} is gone from the document")


def _count(words: str, text: str) -> int:
    """How often whole words stand in a text."""
    return len(re.findall(rf"(?<!\w){re.escape(words)}(?!\w)", text))


def _asks_replacement(hands: Hands) -> bool:
    """A dialog, or a bar in the window, asks what to put in the place of what."""
    bar = hands.field("replace with") is not None or _all_button(hands, usable=False) is not None
    return moves.opened_dialog(hands) or bar


def _title(hands: Hands) -> str:
    """The window's title without the mark of a change."""
    return hands.window.title.lstrip("*• ") if hands.window else ""


def _fill_replace(hands: Hands, find: str, replace: str) -> moves.Doing:
    """Fill the two fields: the one for the new text by its name, and the one above or left of it."""
    if hands.blind:
        yield from moves.press(hands, "ctrl+a")
        yield from moves.type_text(hands, find, "what to find")
        yield from moves.press(hands, "Tab", "to the next field")
        return (yield from moves.type_text(hands, replace, "what to put there"))
    fields = [e for e in hands.elements(("text", "combo")) if e.enabled and "multiline" not in e.states]
    second = hands.field("replace with") or hands.field("replace") or (fields[1] if len(fields) > 1 else None)
    others = [e for e in fields if second is None or not e.box.share_in(second.box) > 0.5]
    first = min(others, key=lambda e: _distance(e, second), default=None)
    if first is None or second is None:
        return False
    yield from moves.fill(hands, first, find)
    return (yield from moves.fill(hands, second, replace))


def _distance(field: Element, other: Element | None) -> float:
    """How far a field is from another that stands below or right of it; what stands after it is far."""
    if other is None:
        return 0.0
    dx, dy = other.box.left - field.box.left, other.box.top - field.box.top
    return abs(dx) + abs(dy) + (10_000 if dy < -5 or (abs(dy) <= 5 and dx < 0) else 0)


def _press_replace_all(hands: Hands) -> moves.Doing:
    """The Replace All button; where there is none, the option that means all, and then the button."""
    for turn in range(2):
        if button := _all_button(hands):
            return (yield from moves.click_on(hands, button, "replace all"))
        option = _all_option(hands) if turn == 0 else None
        if option is None:
            break
        yield from moves.click_on(hands, option, "all of them")
    if buttons := hands.first(("replace all", "replace"), roles=BUTTONS, sure=0.85):
        return (yield from moves.click(hands, buttons, "replace"))
    return (yield from moves.press(hands, "alt+a", "replace all by its usual key"))


def _all_button(hands: Hands, *, usable: bool = True) -> Element | None:
    """The button that replaces all, whatever key its label adds: `Replace all (F10)`; some say their label twice."""
    roles = (*BUTTONS, "text_line") if hands.blind else BUTTONS
    said = [(_once(plain(e.label).split()), e) for e in hands.elements(roles) if e.enabled or not usable]
    return next(
        (e for words, e in said if words[:2] == ["replace", "all"] and len(words) <= 3 and "in" not in words), None
    )


def _once(words: list[str]) -> list[str]:
    """The words of a label that is told twice over, once."""
    half = len(words) // 2
    return words[:half] if words and words[:half] == words[half:] else words


def _all_option(hands: Hands) -> Element | None:
    """An option that makes Replace mean all: `Replace all in: Document`."""
    roles = ("checkbox", "toggle_button", "text_line", "label") if hands.blind else ("checkbox", "toggle_button")
    named = [e for e in hands.elements(roles) if "replace all" in plain(e.label) and "checked" not in e.states]
    return named[0] if named else None


def _leave(hands: Hands) -> moves.Doing:
    """Close a find dialog or bar."""
    if hands.dialog is not None or hands.blind:
        yield from moves.press(hands, "Escape", "close the search", risk="read")
    return True


def _seen_text(hands: Hands) -> str:
    """Every word that is seen, where only pixels tell."""
    return "\n".join(e.label for e in hands.scene.shown)


@skill("find a text in the document and select it", kind="text", risk="read")
def find_text(hands: Hands, text: Text) -> Body:
    text = hands.filled(text)
    if (shown := field_to_search(hands)) is not None:
        yield from moves.fill(hands, shown, text)
        yield from moves.press(hands, "Return", "find it", risk="read")
        return Effect(None, "searched")
    before = {identity(e): "focused" in e.states for e in hands.elements(FIELDS, everywhere=True)}
    editor = hands.editor
    known = {identity(editor)} if editor else set()
    opened = yield from moves.command(
        hands, "find", lambda h: (h.blind and h.changed) or _search_field(h, before, known) is not None
    )
    if not opened:
        return Effect(False, "no search opened in which the text could be looked for")
    if (field := _search_field(hands, before, known)) is not None:
        yield from moves.fill(hands, field, text)
    else:
        yield from moves.type_text(hands, text, "what to find")
    yield from moves.press(hands, "Return", "find it", risk="read")
    yield from moves.press(hands, "Escape", "close the search", risk="read")
    return Effect(None, "searched")


def field_to_search(hands: Hands) -> Element | None:
    """The field for what is looked for, where the window shows one that is called so before anybody asks."""
    fields = [e for e in hands.elements(FIELDS) if e.enabled and "multiline" not in e.states and e != hands.editor]
    named = [(max(likeness(w, SEARCHES) for w in (e.label, e.description)), e) for e in fields]
    best = max(named, key=lambda pair: pair[0], default=None)
    return best[1] if best and best[0] > 0.8 else None


SEARCHES = ("search", "find", "search for", "find what", "look for", "search for files", "filter", "search text")
"""What a field to search in is called."""


def _search_field(hands: Hands, before: dict[str, bool], documents: set[str]) -> Element | None:
    """The field that came up for the words, or got the keyboard; never the document itself."""
    fields = [e for e in hands.elements(FIELDS) if e.enabled and "multiline" not in e.states]
    fields = [e for e in fields if identity(e) not in documents]
    new = [e for e in fields if identity(e) not in before]
    focused = [e for e in fields if "focused" in e.states and not before.get(identity(e))]
    named = [e for e in new if likeness(e.label, ("find", "search for", "search")) > 0.55]
    asked = hands.field("find") or hands.field("search for")
    return next((e for e in (*focused, *named, *([asked] if asked in new else []), *new)), None)


def identity(element: Element) -> str:
    """What tells a field from others at another look."""
    return element.key or f"{element.role} {element.label} {element.box}"


def select_text(hands: Hands, text: str) -> Generator[Act, None, Effect | None]:
    """Select a text of the document; all of it when the text is empty or means that. What went wrong, if it did.

    A text that the document has not, but one line of it has a word of, is that line: `Marta's name`.
    """
    held = Paper(hands).text
    text = hands.filled(text)
    if text and held and text not in held and not _ALL.search(text):
        line = _line_of(held, text)
        if not line:
            return Effect(False, f"{text!r} is not in the document")
        text = line
    if text and (not held or text in held) and text != held.strip():
        found = yield from find_text(hands, text)
        return found if found.worked is False else None
    yield from into_editor(hands)
    yield from moves.press(hands, "ctrl+a", "select all", risk="read")
    return None


_ALL = re.compile(r"\b(all|everything|whole|entire|document|text|page|file|it)\b|\.\w{1,5}$", re.IGNORECASE)
"""Words for a document as a whole."""


def _line_of(held: str, text: str) -> str:
    """The one line that has a name of a text, a word with a capital letter; empty where none has, or several."""
    names = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in re.findall(r"\b[A-Z]\w{2,}", text) or [text]))
    lines = [line.strip() for line in held.splitlines() if names.search(line)]
    return lines[0] if len(lines) == 1 else ""
