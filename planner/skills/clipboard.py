"""Skills for the clipboard."""

from __future__ import annotations

from planner import moves
from planner.hands import Hands
from planner.skills.skill import Body, Effect, skill


@skill("select everything in the document or list", risk="read")
def select_all(hands: Hands) -> Body:
    editor = hands.editor
    if editor is not None and "focused" not in editor.states and hands.dialog is None:
        yield from moves.click_on(hands, editor, "into the document")
    yield from moves.command(hands, "select_all", moves.anything)
    return Effect(None, "everything is selected")


@skill("copy what is selected", risk="read")
def copy(hands: Hands) -> Body:
    yield from moves.command(hands, "copy", moves.anything)
    return Effect(None, "copied")


@skill("cut what is selected")
def cut(hands: Hands) -> Body:
    done = yield from moves.command(hands, "cut")
    return Effect(done or None, "cut")


@skill("paste what was copied or cut")
def paste(hands: Hands) -> Body:
    done = yield from moves.command(hands, "paste")
    return Effect(done or None, "pasted" if done else "nothing changed")
