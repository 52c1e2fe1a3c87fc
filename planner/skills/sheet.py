"""Skills for spreadsheets."""

from __future__ import annotations

import re

from grounding.element import Element
from planner import moves
from planner.hands import FIELDS, Hands
from planner.skills.skill import Body, Cell, Effect, Text, skill

_CELL = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}(:[A-Z]{1,3}[1-9][0-9]{0,6})?")


@skill('put a value or a formula into a cell, as in set_cell("B2", "=A1*2")', kind="sheet")
def set_cell(hands: Hands, cell: Cell, value: Text) -> Body:
    went = yield from _go(hands, cell.replace("$", ""))
    if not went:
        return Effect(False, f"cell {cell} could not be reached")
    yield from moves.type_text(hands, hands.filled(value), f"into {cell}")
    yield from moves.press(hands, "Return", "enter it")
    return Effect(None if hands.since_start().nothing is False else False, f"{cell} was filled")


@skill("select a cell or a range such as A1:C5", kind="sheet", risk="read")
def select_cells(hands: Hands, cells: Text) -> Body:
    went = yield from _go(hands, cells)
    return Effect(None if went else False, f"went to {cells}")


def _go(hands: Hands, cells: str) -> moves.Doing:
    """Move the cursor: by the name box, else by the command that goes to a cell."""
    box = _name_box(hands)
    if box is not None and hands.attempt % 2 == 0:
        yield from moves.click_on(hands, box, "the name box", count=3)
        yield from moves.type_text(hands, cells, "where to")
        yield from moves.press(hands, "Return", "go there")
        return True
    if not (yield from moves.command(hands, "go_to_cell", moves.opened_dialog)):
        return False
    yield from moves.type_text(hands, cells, "where to")
    yield from moves.press(hands, "Return", "go there")
    yield from moves.dismiss(hands)
    return True


def _name_box(hands: Hands) -> Element | None:
    """The field that tells which cell is chosen: by its name, else because a cell's name stands in it."""
    fields = [e for e in hands.elements(FIELDS) if e.enabled and _CELL.fullmatch(e.text)]
    return fields[0] if fields else hands.field("name box")
