"""Skills for documents: write, find, replace, format, open, save."""

from __future__ import annotations

import re

from grounding.element import Element
from grounding.tree import Window
from planner import moves
from planner.appmap import plain
from planner.hands import BUTTONS, FIELDS, Hands
from planner.skills.skill import Body, Effect, Name, Number, Text, choice, skill

choice("Style", "bold", "italic", "underline", "strikethrough")
Style = str
choice("Unsaved", "save", "discard")
Unsaved = str


@skill("type text into the document at the cursor", kind="text")
def write(hands: Hands, text: Text) -> Body:
    text = hands.filled(text)
    yield from _into_editor(hands)
    yield from moves.type_text(hands, text, "write")
    return _holds(hands, text)


@skill("add text at the end of the document, starting a new line with \\n if wanted", kind="text")
def append(hands: Hands, text: Text) -> Body:
    text = hands.filled(text)
    yield from _into_editor(hands)
    yield from moves.press(hands, "ctrl+End", "go to the end")
    yield from moves.type_text(hands, text, "add")
    return _holds(hands, text)


@skill("put text at the very beginning of the document, ending with \\n if it is a line of its own", kind="text")
def prepend(hands: Hands, text: Text) -> Body:
    text = hands.filled(text)
    yield from _into_editor(hands)
    yield from moves.press(hands, "ctrl+Home", "go to the start")
    yield from moves.type_text(hands, text, "add")
    return _holds(hands, text)


@skill("replace everything in the document with other text", kind="text")
def rewrite(hands: Hands, text: Text) -> Body:
    text = hands.filled(text)
    yield from _into_editor(hands)
    yield from moves.press(hands, "ctrl+a", "select all")
    yield from moves.type_text(hands, text, "write")
    return _holds(hands, text)


def _into_editor(hands: Hands) -> moves.Doing:
    """Give the document the keyboard."""
    if hands.dialog is not None and not _editable(hands):
        yield from moves.dismiss(hands)
    editor = hands.editor
    focus = hands.scene.focus
    if editor is None or (focus is not None and focus.id == editor.id):
        return True
    return (yield from moves.click_on(hands, editor, "into the document"))


def _editable(hands: Hands) -> bool:
    return hands.editor is not None and "multiline" in hands.editor.states


def _holds(hands: Hands, text: str) -> Effect:
    """Whether the document holds the text now."""
    if hands.blind or hands.editor is None:
        return Effect(None if hands.changed else False, "something was typed" if hands.changed else "nothing changed")
    held = hands.editor.text
    if not held:
        return Effect(None if hands.changed else False, "the document does not tell what it holds")
    said = " ".join(text.split())
    worked = said[-1500:] in " ".join(held.split()) or (len(held) > 3500 and hands.changed)
    return Effect(worked, "the text stands in the document" if worked else "the document does not hold the text")


@skill("replace every occurrence of a text in the document by another", kind="text")
def replace_all(hands: Hands, find: Text, replace: Text) -> Body:
    find, replace = hands.filled(find), hands.filled(replace)
    document, title = _document_text(hands), _title(hands)
    if not (yield from moves.command(hands, "replace", _asks_replacement)):
        return Effect(False, "no way to find and replace was found")
    yield from _fill_replace(hands, find, replace)
    yield from _press_replace_all(hands)
    yield from moves.answer(hands, moves.YES, "agree", risk="write")
    yield from _leave(hands)
    now = _seen_text(hands) if hands.blind else _document_text(hands)
    if not now or find.casefold() in replace.casefold():
        return Effect(None, "replaced, as far as can be seen")
    if _title(hands) != title:
        return Effect(None, "replaced, but another document is in front")
    if find not in now:
        return Effect(True, f"{find!r} is gone from the document")
    return Effect(False, "the text is still there" if now == document else "not all occurrences were replaced")


def _asks_replacement(hands: Hands) -> bool:
    """A dialog, or a bar in the window, asks what to put in the place of what."""
    return moves.opened_dialog(hands) or hands.field("replace with") is not None


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


def _all_button(hands: Hands) -> Element | None:
    """The button that replaces all, whatever key its label adds: `Replace all (F10)`."""
    roles = (*BUTTONS, "text_line") if hands.blind else BUTTONS
    said = [(plain(e.label).split(), e) for e in hands.elements(roles) if e.enabled]
    return next(
        (e for words, e in said if words[:2] == ["replace", "all"] and len(words) <= 3 and "in" not in words), None
    )


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


def _document_text(hands: Hands) -> str:
    """What the largest text field of any window says."""
    fields = [e for e in hands.scene.shown if e.role in ("text", "document") and e.text]
    big = max(fields, key=lambda e: e.box.area, default=None)
    return big.text if big else ""


@skill("find a text in the document and select it", kind="text", risk="read")
def find_text(hands: Hands, text: Text) -> Body:
    yield from moves.command(hands, "find", lambda h: bool(h.scene.focus) or h.changed)
    fields = [e for e in hands.elements(FIELDS) if "multiline" not in e.states]
    named = hands.field("find") or hands.field("search for") or (fields[0] if fields else None)
    if named is not None:
        yield from moves.fill(hands, named, hands.filled(text))
    else:
        yield from moves.type_text(hands, hands.filled(text), "what to find")
    yield from moves.press(hands, "Return", "find it", risk="read")
    yield from moves.press(hands, "Escape", "close the search", risk="read")
    return Effect(None, "searched")


@skill("make a text in the document bold, italic, underline or strikethrough; empty text means all of it", kind="text")
def format_text(hands: Hands, text: Text, style: Style) -> Body:
    yield from _select(hands, text)
    done = yield from moves.command(hands, style, moves.anything)
    return Effect(None if done else False, f"{style} was chosen" if done else f"there is no {style} here")


@skill("turn a text in the document into capital letters; empty text means all of it", kind="text")
def upper_case(hands: Hands, text: Text) -> Body:
    return (yield from _change_case(hands, "upper_case", text))


@skill("turn a text in the document into small letters; empty text means all of it", kind="text")
def lower_case(hands: Hands, text: Text) -> Body:
    return (yield from _change_case(hands, "lower_case", text))


def _change_case(hands: Hands, case: str, text: str) -> Body:
    yield from _select(hands, text)
    done = yield from moves.command(hands, case, moves.changed)
    return Effect(done, f"{case.replace('_', ' ')} was chosen" if done else f"there is no command for {case} here")


def _select(hands: Hands, text: str) -> moves.Doing:
    """Select a text of the document; all of it when the text is empty or not in it."""
    held = _document_text(hands)
    if text and (not held or text in held) and text != held.strip():
        yield from find_text(hands, text)
        return True
    yield from _into_editor(hands)
    return (yield from moves.press(hands, "ctrl+a", "select all", risk="read"))


@skill("put the cursor at the start of a line, counted from 1", kind="text", risk="read")
def go_to_line(hands: Hands, line: Number) -> Body:
    opened = yield from moves.command(hands, "go_to_line", moves.opened_dialog)
    if opened:
        field = hands.field("line number") or next(iter(hands.elements(FIELDS)), None)
        if field is not None:
            yield from moves.fill(hands, field, str(line))
        else:
            yield from moves.type_text(hands, str(line), "the line")
        yield from moves.confirm(hands, "jump to", "go to", "go", "ok")
        return Effect(hands.dialog is None or None, "went to the line")
    yield from _into_editor(hands)
    yield from moves.press(hands, "ctrl+Home", "go to the start")
    for _ in range(min(line, 200) - 1):
        yield from moves.press(hands, "Down", "next line")
    return Effect(None, "counted down to the line")


@skill("delete a line of the document, counted from 1", kind="text")
def delete_line(hands: Hands, line: Number) -> Body:
    before = _document_text(hands)
    yield from go_to_line(hands, line)
    yield from _into_line(hands)
    yield from moves.press(hands, "Home", "start of the line")
    yield from moves.press(hands, "shift+Down", "select the line")
    yield from moves.press(hands, "Delete", "delete it")
    lines = before.splitlines()
    if not before or not _document_text(hands):
        return Effect(None, "the line was deleted, as far as can be seen")
    wanted = lines[: line - 1] + lines[line:]
    worked = _document_text(hands).splitlines() == wanted
    return Effect(worked, "the line is gone" if worked else "another thing changed than the line")


def _into_line(hands: Hands) -> moves.Doing:
    """Give the document the keyboard without moving its cursor."""
    focus = hands.scene.focus
    if hands.dialog is not None:
        yield from moves.dismiss(hands)
    return focus is not None


@skill("start a new empty document in the open application")
def new_document(hands: Hands) -> Body:
    done = yield from moves.command(hands, "new_document")
    return Effect(done or None, "a new document" if done else "nothing new was seen")


@skill("open a file in the open application")
def open_file(hands: Hands, name: Name) -> Body:
    path = hands.path(hands.filled(name))
    if not (yield from moves.command(hands, "open", moves.opened_dialog)):
        return Effect(False, "no dialog to open a file came up")
    yield from moves.name_file(hands, path)
    yield from moves.confirm(hands, "open", "load", "ok")
    yield from moves.wait_until(hands, lambda h: h.dialog is None, 1.5)
    if hands.dialog is not None and _asks_for_file(hands):
        yield from moves.press(hands, "Return", "confirm once more")
    return _titled(hands, path, "the file is open")


def _asks_for_file(hands: Hands) -> bool:
    return bool(hands.elements(("text", "combo")))


@skill("save the document where it already is")
def save(hands: Hands) -> Body:
    yield from moves.command(hands, "save", moves.anything, seconds=0)
    yield from moves.wait_until(hands, lambda h: h.changed or h.dialog is not None, 0.4)
    if hands.dialog is not None and _asks_for_file(hands):
        return Effect(False, "it asks for a name: save_as is needed")
    yield from moves.answer(hands, moves.OVERWRITE, "agree to save", risk="write")
    title = hands.window.title if hands.window else ""
    return Effect(True if title and not title.startswith(("*", "•")) else None, "saved")


@skill("save the document under a name; folders may stand before it, as in Documents/a.txt")
def save_as(hands: Hands, name: Name) -> Body:
    path = hands.path(hands.filled(name))
    if not (yield from moves.command(hands, "save_as", moves.opened_dialog)):
        return Effect(False, "no dialog to save under a name came up")
    yield from moves.name_file(hands, path)
    chooser = hands.dialog
    yield from moves.confirm(hands, "save", "ok")
    yield from _answer_savers_questions(hands, chooser, path)
    yield from moves.wait_until(hands, lambda h: h.dialog is None, 1.5)
    return _titled(hands, path, "saved under that name")


def _answer_savers_questions(hands: Hands, chooser: Window | None, path: str) -> moves.Doing:
    """Whether to replace the file, which format to keep, how to write it: agree to what was asked for."""
    ending = path.rsplit(".", 1)[-1] if "." in path.rsplit("/", 1)[-1] else ""
    verbs = (*moves.OVERWRITE, *((f"use {ending} format", f"keep {ending} format") if ending else ()))
    for _ in range(3):
        if hands.dialog is None or hands.dialog == chooser:
            return (yield from moves.answer(hands, verbs, "replace the file that is there")) if hands.blind else True
        if not (yield from moves.answer(hands, verbs, "replace the file that is there")):
            yield from moves.confirm(hands, "ok", "save", "export")
    return True


def _titled(hands: Hands, path: str, good: str) -> Effect:
    """Judged by the window's title, which shows the name of its document nearly everywhere."""
    if hands.blind:
        return Effect(None if hands.since_start().nothing is False else False, good)
    if hands.dialog is not None:
        return Effect(False, f"the dialog {hands.dialog.title!r} is still open")
    name = path.rstrip("/").rsplit("/", 1)[-1]
    stem = name.rsplit(".", 1)[0]
    titles = [w.title for w in hands.windows]
    if any(re.search(rf"(?<![\w.]){re.escape(name)}(?![\w]|\.\w)", title) for title in titles):
        return Effect(True, good)
    return Effect(None, good) if any(stem in title for title in titles) else Effect(False, "no window shows its name")


@skill("close the document or window at hand; say what to do with unsaved changes", risk="sensitive")
def close(hands: Hands, unsaved: Unsaved = "discard") -> Body:
    before = hands.window
    yield from moves.command(hands, "close_window", lambda h: h.window != before, risk="sensitive")
    verbs = moves.DISCARD if unsaved == "discard" else ("save", "yes")
    yield from moves.answer(hands, verbs, f"{unsaved} the changes")
    gone = before is None or all(w.key != before.key or w.title != before.title for w in hands.windows)
    return Effect(gone, "closed" if gone else "it is still open")


@skill("undo the last change", kind="text")
def undo(hands: Hands) -> Body:
    done = yield from moves.command(hands, "undo")
    return Effect(done or None, "undone" if done else "nothing changed")
