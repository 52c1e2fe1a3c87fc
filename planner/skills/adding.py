"""Adding one of the things that an application keeps: a task, a bookmark, a contact, a node, whatever it calls them."""

from __future__ import annotations

from grounding.element import Element
from planner import moves
from planner.appmap import likeness, plain
from planner.hands import BUTTONS, FIELDS, Hands
from planner.skills.skill import Body, Effect, Text, Thing, skill

VERBS = ("add", "new", "create", "insert")
NAMES = ("name", "title", "summary", "subject", "label", "description", "text")
"""What the field is called that says what a thing is, the most telling first."""
SURE = 0.9
PATIENCE_S = 1.5


@skill('add one of the things that the application keeps: add_item("task", "Call Bob"), add_item("bookmark", "News")')
def add_item(hands: Hands, what: Thing, name: Text) -> Body:
    words, named = plain(hands.filled(what)), hands.filled(name)
    if not named.strip():
        return Effect(False, "a name is missing")
    began = hands.editor.key if hands.editor else ""
    yield from _to_its_tab(hands, words)
    if not (yield from _ask_for_new(hands, words)):
        return Effect(False, f"no command adds a {words} here")
    if hands.dialog is not None:
        field = _name_field(hands)
        if field is None:
            yield from moves.dismiss(hands)
            return Effect(False, f"what came up asks for no name of a {words}")
        yield from moves.fill(hands, field, named)
        yield from moves.confirm(hands, "ok", "add", "create", "save", "apply", "done")
    else:
        focus = hands.scene.focus
        if focus is None or focus.role not in FIELDS or (focus.key == began and focus.text.strip()):
            return Effect(False, f"no place came up to say what the {words} is called")
        yield from moves.type_text(hands, named, f"the name of the {words}")
        yield from moves.press(hands, "Return", "take it")
    yield from moves.wait_until(hands, lambda h: h.dialog is None and _shows(h, named), PATIENCE_S)
    if hands.dialog is not None:
        return Effect(False, f"the dialog {hands.dialog.title!r} is still open")
    return Effect(True if _shows(hands, named) else None, f"the {words} {named!r} was added")


def keeps(hands: Hands, what: str) -> bool:
    """Whether the application in front has a command to add one of these, or a page for them."""
    return bool(_command(hands, plain(what)) or _tab(hands, plain(what)))


def _tab(hands: Hands, what: str) -> Element | None:
    """The page for things of this sort."""
    tabs = [(likeness(e.label, (what, f"{what}s")), e) for e in hands.elements(("tab", "list_item", "tree_item"))]
    score, tab = max(tabs, key=lambda pair: pair[0], default=(0.0, None))
    return tab if score > SURE else None


def _to_its_tab(hands: Hands, what: str) -> moves.Doing:
    """Where the application has a page for things of this sort, that one is shown."""
    tab = _tab(hands, what)
    if tab is None or {"selected", "checked"} & tab.states:
        return False
    yield from moves.click_on(hands, tab, f"show {tab.label}", risk="read")
    return (yield from moves.wait_until(hands, moves.changed, 0.6))


def _command(hands: Hands, what: str) -> str:
    """What the application calls adding one, by the whole of its name; empty where it has no such command."""
    buttons = [e.label for e in hands.elements(BUTTONS)]
    for phrase in (*(f"{verb} {what}" for verb in VERBS), *(f"{verb} a {what}" for verb in VERBS)):
        if hands.commands((phrase,)) or any(likeness(label, (phrase,)) > SURE for label in buttons):
            return phrase
    return ""


def _ask_for_new(hands: Hands, what: str) -> moves.Doing:
    """Give the command that adds one; else, on the page of such things, the bare one."""
    if phrase := _command(hands, what):
        return (yield from moves.command(hands, phrase, _asks))
    bare = [e for e in hands.elements(BUTTONS) if e.enabled and plain(e.label) in (*VERBS, "+")]
    if bare:
        yield from moves.click_on(hands, bare[0], f"press {bare[0].label}")
        return (yield from moves.wait_until(hands, _asks, PATIENCE_S))
    return False


def _asks(hands: Hands) -> bool:
    """Whether a dialog came up, or a field has got the keyboard."""
    focus = hands.scene.focus
    return moves.opened_dialog(hands) or (hands.changed and focus is not None and focus.role in FIELDS)


def _name_field(hands: Hands) -> Element | None:
    """The field that says what the thing is: called so, else the one with the keyboard, else the first."""
    fields = [e for e in hands.elements(FIELDS) if e.enabled and e.role in ("text", "combo")]
    called = [(likeness(e.label, NAMES), e) for e in fields]
    score, best = max(called, key=lambda pair: pair[0], default=(0.0, None))
    focused = next((e for e in fields if "focused" in e.states), None)
    return best if score > 0.8 else focused or next(iter(fields), None)


def _shows(hands: Hands, name: str) -> bool:
    return any(name in f"{e.label}\n{e.text}" for e in hands.scene.shown)
