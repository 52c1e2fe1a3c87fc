"""Skills for documents as a whole: open, save, close, undo."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grounding.tree import Window
from planner import moves
from planner.appmap import likeness, plain
from planner.hands import Hands
from planner.kinds import kind_of
from planner.skills.filetype import fit_type, past_kinds
from planner.skills.skill import Body, Effect, Name, choice, skill

OPENING_S = 6.0
"""How long a document may take to come up once it was agreed to how it is opened."""
choice("Unsaved", "save", "discard")
Unsaved = str


@skill("start a new empty document in the open application")
def new_document(hands: Hands) -> Body:
    title = _front_title(hands)
    is_empty = hands.editor is not None and not hands.editor.text.strip()
    if is_empty and hands.dialog is None and not re.search(r"\w\.[A-Za-z]\w{1,4}\b", title) and not _is_unsaved(title):
        return Effect(True, "an empty document is there already")
    done = yield from moves.command(hands, "new_document")
    return Effect(done or None, "a new document" if done else "nothing new was seen")


@skill("open a file in the open application")
def open_file(hands: Hands, name: Name) -> Body:
    path = hands.path(hands.filled(name))
    if (yield from _as_suggested(hands, path)):  # it is being opened already
        return (yield from _titled(hands, path, "the file is open"))
    if not (yield from moves.command(hands, "open", moves.opened_dialog)):
        return Effect(False, "no dialog to open a file came up")
    chooser = hands.dialog
    if not (yield from moves.name_file(hands, path)):
        return Effect(False, "what came up does not ask for the name of a file")
    yield from _confirm(hands, "open", "load", "ok")
    yield from moves.wait_until(hands, lambda h: not _is_front(h, chooser), 1.5)
    if chooser is not None and _is_front(hands, chooser) and _asks_for_file(hands):
        yield from moves.press(hands, "Return", "confirm once more")
    yield from _as_suggested(hands, path)
    return (yield from _titled(hands, path, "the file is open"))


def _as_suggested(hands: Hands, path: str) -> moves.Doing:
    """A dialog that asks how to open this file (its character set, what parts its columns) is agreed to as it is."""
    asked = hands.dialog
    if hands.blind or asked is None or not _names(asked.title, path) or _chooses(hands):
        return False
    yield from moves.confirm(hands, "ok", "open", "import", risk="read")
    return (yield from moves.wait_until(hands, lambda h: h.window is not None and h.dialog is None, OPENING_S))


def _chooses(hands: Hands) -> bool:
    """Whether the dialog in front is there to choose a file in: it has a list to choose from."""
    return bool(hands.elements(("list", "tree", "icon", "list_item", "tree_item")))


def _names(title: str, path: str) -> bool:
    """Whether a title has the name of the file."""
    name = path.rstrip("/").rsplit("/", 1)[-1]
    return bool(name) and re.search(rf"(?<![\w.]){re.escape(name)}(?![\w]|\.\w)", title) is not None


def _confirm(hands: Hands, *verbs: str) -> moves.Doing:
    """Agree to the name that was given.

    A click may only close the list of names that came up below the field. The tree tells when the dialog is still
    there; where only pixels tell it is Return from the beginning.
    """
    if not hands.blind:
        return (yield from moves.confirm(hands, *verbs))
    yield from moves.press(hands, "Return", "confirm")
    return (yield from moves.wait_until(hands, moves.changed, 0.8))


def _is_front(hands: Hands, dialog: Window | None) -> bool:
    """Whether this dialog is the one in front."""
    return dialog is not None and hands.dialog is not None and moves.same_window(hands.dialog, dialog)


def _asks_for_file(hands: Hands) -> bool:
    """Whether there is a field for a name; a document is none."""
    return any("multiline" not in e.states for e in hands.elements(("text", "combo")))


@skill("save the document where it already is")
def save(hands: Hands) -> Body:
    was_unsaved = _is_unsaved(_front_title(hands))
    seen = _is_saved_or_asks if was_unsaved else moves.anything
    yield from moves.command(hands, "save", seen, seconds=1.0 if was_unsaved else 0)
    yield from moves.wait_until(hands, lambda h: h.dialog is not None or (was_unsaved and h.changed), 1.2)
    if hands.dialog is not None and _asks_for_file(hands):
        return Effect(False, "it asks for a name: save_as is needed")
    if (
        not (yield from moves.answer(hands, moves.OVERWRITE, "agree to save", risk="write"))
        and hands.dialog is not None
    ):
        yield from _answer_savers_questions(hands, None, "")  # whether to keep the format that it has
    if hands.dialog is not None and not hands.blind:
        return Effect(False, f"the dialog {hands.dialog.title!r} is still open")
    if not was_unsaved:
        return Effect(None, "saved")
    yield from moves.wait_until(hands, lambda h: not _is_unsaved(_front_title(h)), 1.0)
    left = _is_unsaved(_front_title(hands))
    return Effect(not left, "the title still says that there are changes" if left else "saved")


def _is_saved_or_asks(hands: Hands) -> bool:
    return hands.dialog is not None or not _is_unsaved(_front_title(hands))


def _front_title(hands: Hands) -> str:
    return hands.window.title if hands.window else ""


def _is_unsaved(title: str) -> bool:
    """Whether a title has the mark of changes that are not saved; many applications never show one."""
    return bool(re.search(r"^\s*[*•●]|[*•●]\s*($|[-–—])|\[(modified|changed)\]", title, re.IGNORECASE))


@skill("save the document under a name; folders may stand before it, as in Documents/a.txt")
def save_as(hands: Hands, name: Name) -> Body:
    path = hands.path(hands.filled(name))
    if not (yield from moves.command(hands, "save_as", moves.opened_dialog)) and not (yield from _save_a_copy(hands)):
        return Effect(False, "no dialog to save under a name came up")
    yield from past_kinds(hands, path)
    chooser = hands.dialog
    if not (yield from moves.name_file(hands, path)):
        return Effect(False, "what came up does not ask for the name of a file")
    if not hands.blind:
        yield from fit_type(hands, path)
    yield from _confirm(hands, "save", "ok")
    yield from moves.wait_until(hands, lambda h: not _is_front(h, chooser), 1.0)
    if _is_front(hands, chooser):  # a list of names to choose from took the click
        yield from moves.confirm(hands, "save", "ok")
    yield from _answer_savers_questions(hands, chooser, path)
    return (yield from _titled(hands, path, "saved under that name", saved=True))


def _save_a_copy(hands: Hands) -> moves.Doing:
    """The keys for saving, in a viewer: it has nothing of its own to save, and asks where a copy is to go."""
    if hands.app is None or kind_of(hands.app) != "viewer":
        return False
    yield from moves.press(hands, "ctrl+s", "save a copy", risk="read")
    return (yield from moves.wait_until(hands, moves.opened_dialog))


def _answer_savers_questions(hands: Hands, chooser: Window | None, path: str) -> moves.Doing:
    """Whether to replace the file, which format to keep, how to write it: agree to what was asked for.

    A question comes up a moment after the button was pressed, and behind one there may be another.
    """
    ending = path.rsplit(".", 1)[-1] if "." in path.rsplit("/", 1)[-1] else ""
    verbs = (*moves.OVERWRITE, *((f"use {ending} format", f"keep {ending} format") if ending else ()))
    if hands.blind:
        return (yield from moves.answer(hands, verbs, "replace the file that is there"))
    known = [chooser] if chooser else []
    for _ in range(4):
        yield from moves.wait_until(hands, lambda h: _is_new(h, known) or _is_called(h, path), 1.0)
        question = hands.dialog
        if question is None or not _is_new(hands, known):
            break
        known.append(question)
        if not (yield from moves.answer(hands, verbs, "replace the file that is there")):
            yield from moves.confirm(hands, "ok", "save", "export")
    return True


def _is_new(hands: Hands, known: Sequence[Window]) -> bool:
    """Whether a dialog is in front that has not been answered yet."""
    return hands.dialog is not None and not any(moves.same_window(hands.dialog, window) for window in known)


def _is_called(hands: Hands, path: str) -> bool:
    """Whether no dialog is in front and a window shows the file's name."""
    return hands.dialog is None and bool(_titles_with(hands, path))


def _titles_with(hands: Hands, path: str) -> list[str]:
    return [title for title in _all_titles(hands) if _names(title, path)]


def _all_titles(hands: Hands) -> list[str]:
    """What the windows are called, and the pages of the one in front: some show a document's name only there."""
    return [*(w.title for w in hands.windows), *(e.label for e in hands.elements(("tab",)))]


def _titled(hands: Hands, path: str, good: str, *, saved: bool = False) -> Body:
    """Judged by the window's title, which shows the name of its document nearly everywhere."""
    if hands.blind:
        yield from moves.wait_until(hands, lambda h: not _can_be_cancelled(h), 1.0)
        return _titled_by_sight(hands, path, good)
    yield from moves.wait_until(hands, lambda h: _is_called(h, path) and not _all_unsaved(h, path), 1.5)
    told = yield from moves.put_away_notices(hands)
    if told and not _titles_with(hands, path):
        gone = re.search(r"not (be )?found|no such file|does(n.t| not) exist|not exist", told, re.IGNORECASE)
        return Effect(False, f"it says: {told}", lacks="file" if gone and not saved else "")
    if hands.dialog is not None:
        return Effect(False, f"the dialog {hands.dialog.title!r} is still open")
    if _titles_with(hands, path):
        if not _all_unsaved(hands, path):
            return Effect(True, good)
        return Effect(False if saved else None, "the title says that there are changes which are not saved")
    name = path.rstrip("/").rsplit("/", 1)[-1]
    stem = name.rsplit(".", 1)[0]
    longer = next((m[0] for w in hands.windows if (m := re.search(rf"{re.escape(name)}\.\w+", w.title))), "")
    if saved and longer:
        return Effect(False, f"the application has saved it as {longer}")
    some = any(re.search(rf"\b{re.escape(stem)}\b", title) for title in _all_titles(hands))
    if some:
        return Effect(None, good)
    if saved and hands.windows:  # a viewer saves a copy and goes on showing what it shows
        viewer = hands.app is not None and kind_of(hands.app) == "viewer"
        return Effect(True if viewer else None, "the dialog took the name; the window shows the old one still")
    return Effect(False, "no window shows its name")


def _titled_by_sight(hands: Hands, path: str, good: str) -> Effect:
    """Without a tree: a dialog that can be cancelled is still open; else the name is looked for in what is read."""
    if hands.since_start().nothing:
        return Effect(False, "nothing changed")
    if _can_be_cancelled(hands):
        return Effect(False, "a dialog is still open")
    name = path.rstrip("/").rsplit("/", 1)[-1]
    return Effect(True if any(name in e.label for e in hands.scene.shown) else None, good)


def _can_be_cancelled(hands: Hands) -> bool:
    """Whether a Cancel button is seen."""
    return any(plain(e.label) == "cancel" for e in hands.scene.shown)


def _all_unsaved(hands: Hands, path: str) -> bool:
    """Whether every window that shows the name shows the mark of changes too."""
    return all(_is_unsaved(title) for title in _titles_with(hands, path))


@skill("close the document or window at hand; say what to do with unsaved changes", risk="sensitive")
def close(hands: Hands, unsaved: Unsaved = "discard") -> Body:
    before = hands.window
    yield from moves.command(hands, "close_window", lambda h: h.window != before, risk="sensitive")
    verbs = moves.DISCARD if unsaved == "discard" else ("save", "yes")
    yield from moves.answer(hands, verbs, f"{unsaved} the changes")
    gone = before is None or all(w.key != before.key or w.title != before.title for w in hands.windows)
    return Effect(gone, "closed" if gone else "it is still open")


@skill("undo the last change")
def undo(hands: Hands) -> Body:
    done = yield from moves.command(hands, "undo")
    return Effect(done or None, "undone" if done else "nothing changed")


@skill("do again what was undone last")
def redo(hands: Hands) -> Body:
    done = yield from moves.command(hands, "redo")
    return Effect(done or None, "done again" if done else "nothing changed")


@skill('export the document as a PDF under a name, as in export_pdf("letter.pdf")')
def export_pdf(hands: Hands, name: Name) -> Body:
    path = hands.path(hands.filled(name))
    if not path.lower().endswith(".pdf"):
        path += ".pdf"
    if not (yield from moves.command(hands, "export_pdf", moves.opened_dialog)):
        return Effect(False, "there is no command to export a PDF here")
    for _ in range(2):  # first the options, where there are any, then the name
        known = hands.dialog
        if hands.blind or _names_file(hands):
            break
        yield from moves.confirm(hands, "export", "ok")
        yield from moves.wait_until(hands, lambda h, k=known: not _is_front(h, k), 2.0)  # type: ignore[misc]
    chooser = hands.dialog
    if chooser is None or not (yield from moves.name_file(hands, path)):
        return Effect(False, "what came up does not ask for the name of a file")
    yield from _confirm(hands, "save", "export", "ok")
    yield from moves.wait_until(hands, lambda h: not _is_front(h, chooser), 1.5)
    yield from moves.answer(hands, moves.OVERWRITE, "replace the file that is there")
    gone = hands.dialog is None
    return Effect(None if gone else False, f"exported as {path}" if gone else "a dialog is still open")


def _names_file(hands: Hands) -> bool:
    """Whether a dialog asks for a file's name: by a field named so, or by the places and folders beside it."""
    return any(likeness(e.label, ("name", "file name")) > 0.7 for e in hands.elements(("text",)) if e.enabled)
