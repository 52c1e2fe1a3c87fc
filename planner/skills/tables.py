"""Skills for the cells, rows, columns and sheets of a spreadsheet as a whole."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grounding.element import Element
from planner import moves
from planner.hands import FIELDS, Hands
from planner.skills.sheet import go_to, is_told, name_box, same_value, told
from planner.skills.skill import Body, Cell, Effect, Number, Text, Thing, choice, skill

choice("CellStyle", "bold", "italic", "underline", "percent", "currency", "left", "center", "right")
CellStyle = str
choice("Sorting", "ascending", "descending")
Sorting = str
choice("Line", "row", "column")
Line = str

_ALIGN = ("left", "center", "right")
_RANGE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


@skill('fill a block of cells from a corner on, as in fill_cells("A1", "Name, Age; Ann, 12; Bob, 9")', kind="sheet")
def fill_cells(hands: Hands, start: Cell, values: Text) -> Body:
    rows = rows_of(hands.filled(values))
    if not (yield from go_to(hands, start)):
        return Effect(False, f"cell {start} could not be reached")
    if hands.attempt == 0:
        yield from moves.type_text(hands, "".join("\t".join(row) + "\n" for row in rows), f"the values from {start} on")
    else:
        yield from _one_by_one(hands, start, rows)
    return (yield from _all_filled(hands, start, rows))


def rows_of(values: str) -> list[list[str]]:
    """The cells of a text: rows set apart by `;` or line breaks, cells by commas or tabs; formulas keep theirs."""
    lines = [line for line in re.split(r"[;\n]", values) if line.strip()]
    return [[cell.strip() for cell in _split(line)] for line in lines]


def _split(line: str) -> list[str]:
    """Cut at tabs, else at commas that stand in no brackets or quotes."""
    if "\t" in line:
        return line.split("\t")
    parts, depth, quoted = [""], 0, False
    for letter in line:
        quoted ^= letter == '"'
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _one_by_one(hands: Hands, start: str, rows: Sequence[Sequence[str]]) -> moves.Doing:
    """Each cell by itself: where Tab and Return go elsewhere, or what is typed is completed to another word."""
    for down, row in enumerate(rows):
        for right, value in enumerate(row):
            yield from go_to(hands, moved(start, right, down))
            yield from moves.type_text(hands, value, "the value")
            yield from moves.press(hands, "Delete", "nothing more than that")
            yield from moves.press(hands, "Return", "enter it")
    return True


def _all_filled(hands: Hands, start: str, rows: Sequence[Sequence[str]]) -> Body:
    """Judged by the cells that tell; where none does, by going to the last one."""
    wanted = {moved(start, x, y): value for y, row in enumerate(rows) for x, value in enumerate(row)}
    yield from moves.wait_until(hands, lambda h: not _wrong(h, wanted), 1.0)
    if wrong := _wrong(hands, wanted):
        return Effect(False, f"{wrong} says {told(hands, wrong)!r} and not {wanted[wrong]!r}")
    if all(told(hands, cell) is not None for cell in wanted):
        return Effect(True, f"{len(wanted)} cells were filled")
    last = list(wanted)[-1]
    yield from go_to(hands, last)
    yield from moves.wait_until(hands, lambda h: same_value(entered(h), wanted[last]), 0.8)
    if same_value(now := entered(hands), wanted[last]):
        return Effect(True, f"{last} says {now}")
    return Effect(None if not now else False, f"{last} says {now!r}")


def _wrong(hands: Hands, wanted: dict[str, str]) -> str:
    """The first cell that tells something else than it should; a formula may show anything."""
    return next(
        (
            cell
            for cell, value in wanted.items()
            if not value.startswith("=") and (now := told(hands, cell)) is not None and not same_value(now, value)
        ),
        "",
    )


def moved(cell: str, right: int, down: int) -> str:
    """The cell so many columns and rows from another."""
    match = _RANGE.match(cell)
    if match is None:
        return cell
    number = 0
    for letter in match[1].upper():
        number = number * 26 + ord(letter) - 64
    number += right
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{int(match[2]) + down}"


@skill('read a cell; later texts may use it as $cell, as in read_cell("B5")', kind="sheet", risk="read")
def read_cell(hands: Hands, cell: Cell) -> Body:
    cell = cell.replace("$", "").upper()
    if not (yield from go_to(hands, cell)):
        return Effect(False, f"cell {cell} could not be reached")
    yield from moves.wait_until(hands, lambda h: bool(told(h, cell) or entered(h)), 0.6)
    value = told(hands, cell) if is_told(hands) else entered(hands)
    value = value if value is not None else entered(hands)
    hands.note("cell", value)
    return Effect(True if value else None, f"{cell} says {value!r}" if value else f"{cell} says nothing", value)


def entered(hands: Hands) -> str:
    """What the line says that shows what was entered into the chosen cell."""
    box = name_box(hands)
    if box is None:
        return ""
    fields = [e for e in hands.elements(FIELDS) if e.id != box.id and abs(e.box.centre.y - box.box.centre.y) < 20]
    right = [e for e in fields if e.box.left >= box.box.right - 2]
    return max(right, key=lambda e: e.box.width).text if right else ""


@skill('fill the first row of a range down over the rest of it, formulas too, as in fill_down("C2:C9")', kind="sheet")
def fill_down(hands: Hands, cells: Text) -> Body:
    return (yield from _on_cells(hands, cells, "fill_down", "filled down"))


@skill('empty cells, as in clear_cells("B2:D9")', kind="sheet")
def clear_cells(hands: Hands, cells: Text) -> Body:
    if not (yield from go_to(hands, cells)):
        return Effect(False, f"{cells} could not be reached")
    yield from moves.press(hands, "Delete", "empty them")
    first = cells.partition(":")[0].upper()
    yield from moves.wait_until(hands, lambda h: not told(h, first), 0.6)
    if is_told(hands) and told(hands, first):
        return Effect(False, f"{first} still says {told(hands, first)}")
    return Effect(True if is_told(hands) else None, f"{cells} is empty")


@skill('copy cells to another place, as in copy_cells("A1:B4", "D1")', kind="sheet")
def copy_cells(hands: Hands, cells: Text, to: Cell) -> Body:
    if not (yield from go_to(hands, cells)):
        return Effect(False, f"{cells} could not be reached")
    first = told(hands, cells.partition(":")[0].upper())
    yield from moves.command(hands, "copy", moves.anything, seconds=0)
    if not (yield from go_to(hands, to)):
        return Effect(False, f"{to} could not be reached")
    yield from moves.command(hands, "paste")
    yield from moves.answer(hands, moves.YES, "paste over what is there", risk="write")
    yield from moves.wait_until(hands, lambda h: told(h, to.upper()) == first, 0.8)
    if not is_told(hands):
        return Effect(None, f"pasted at {to}")
    return Effect(told(hands, to.upper()) == first, f"{to} says {told(hands, to.upper())!r}")


@skill("make cells bold, italic, underline, percent or currency, or align them left, center or right", kind="sheet")
def format_cells(hands: Hands, cells: Text, style: CellStyle) -> Body:
    return (yield from _on_cells(hands, cells, f"align_{style}" if style in _ALIGN else style, f"made {style}"))


@skill('make one cell of several, as in merge_cells("A1:C1")', kind="sheet")
def merge_cells(hands: Hands, cells: Text) -> Body:
    return (yield from _on_cells(hands, cells, "merge_cells", "merged"))


@skill('keep the rows above and the columns left of a cell in sight, as in freeze("B2")', kind="sheet")
def freeze(hands: Hands, cell: Cell) -> Body:
    return (yield from _on_cells(hands, cell, "freeze", "frozen"))


@skill('sort rows by a column, headings left out, as in sort_rows("A2:C9", "descending", "B")', kind="sheet")
def sort_rows(hands: Hands, cells: Text, order: Sorting, by: Text = "") -> Body:
    aside = _columns_aside(cells, by)
    if aside is None:
        return Effect(False, f"{cells} has no column {by}")
    return (yield from _on_cells(hands, cells, f"sort_{order}", f"sorted, {order}", aside))


def _columns_aside(cells: str, by: str) -> int | None:
    """How many columns a column is to the right of the first of a range; None where it is not in the range."""
    match = re.match(r"([A-Z]+)\d*(?::([A-Z]+)\d*)?$", cells.replace("$", "").upper().strip())
    column = by.strip().upper().removeprefix("COLUMN").strip()
    if not column or match is None:
        return 0
    first, last, meant = (_number(letters) for letters in (match[1], match[2] or match[1], column))
    return meant - first if first <= meant <= last else None


def _number(letters: str) -> int:
    """The number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


@skill('put in an empty row or column before one, as in insert_cells("row", "3")', kind="sheet")
def insert_cells(hands: Hands, what: Line, where: Text) -> Body:
    return (yield from _on_cells(hands, _cell_of(what, where), f"insert_{what}s", f"a {what} was put in"))


@skill('delete a row or a column, as in delete_cells("column", "B")', kind="sheet")
def delete_cells(hands: Hands, what: Line, where: Text) -> Body:
    return (yield from _on_cells(hands, _cell_of(what, where), f"delete_{what}s", f"the {what} was deleted"))


@skill('hide a row or a column, as in hide_cells("column", "C")', kind="sheet")
def hide_cells(hands: Hands, what: Line, where: Text) -> Body:
    return (yield from _on_cells(hands, _cell_of(what, where), f"hide_{what}s", f"the {what} was hidden"))


def _cell_of(what: str, where: str) -> str:
    """A cell in a row or column that is called by its number or letter."""
    where = where.strip().upper()
    return f"A{where}" if what == "row" and where.isdigit() else f"{where}1" if where.isalpha() else where


def _on_cells(hands: Hands, cells: str, meaning: str, done: str, aside: int = 0) -> Body:
    """Choose cells and give a command; judged by whether anything is seen to change, or the cells that tell.

    `aside`: how many columns to the right of the first the cursor stands among them, where the command minds that.
    """
    if not (yield from go_to(hands, cells)):
        return Effect(False, f"{cells} could not be reached")
    for _ in range(aside):
        yield from moves.press(hands, "Tab", "the next column of the choice", risk="read")
    before = _all_told(hands)
    came = yield from moves.command(hands, meaning, moves.changed)
    yield from moves.answer(hands, ("yes", "ok", "extend selection", "move"), "agree", risk="write")
    if not came:
        return Effect(False, f"no way to have {cells} {done} changed anything")
    after = _all_told(hands)
    return Effect(True if before and after and before != after else None, f"{cells}: {done}")


def _all_told(hands: Hands) -> tuple[tuple[str, str], ...]:
    return tuple((e.label, e.text) for e in hands.elements(("cell",)) if e.text)


@skill("add a new sheet under a name", kind="sheet")
def add_sheet(hands: Hands, name: Thing) -> Body:
    name = hands.filled(name)
    before = [e.label for e in tabs(hands)]
    if not (yield from moves.command(hands, "add_sheet", lambda h: h.dialog is not None or len(tabs(h)) > len(before))):
        return Effect(False, "no way to add a sheet was found")
    if hands.dialog is not None:
        yield from _name_it(hands, name)
    elif not any(e.label == name for e in tabs(hands)):
        new = [e.label for e in tabs(hands) if e.label not in before]
        if new:
            yield from _to_tab(hands, new[0])
        return (yield from rename_sheet(hands, name))
    return (yield from _called(hands, name, "added"))


@skill("give the sheet in front another name", kind="sheet")
def rename_sheet(hands: Hands, name: Thing) -> Body:
    name = hands.filled(name)
    if not (yield from moves.command(hands, "rename_sheet", moves.opened_dialog)):
        return Effect(False, "no way to rename the sheet was found")
    yield from _name_it(hands, name)
    return (yield from _called(hands, name, "renamed"))


def _name_it(hands: Hands, name: str) -> moves.Doing:
    fields = [e for e in hands.elements(("text",)) if e.enabled]
    field = hands.field("name") or hands.field("new name") or next(iter(fields), None)
    if field is not None and field.role == "text":
        yield from moves.fill(hands, field, name)
    else:
        yield from moves.press(hands, "ctrl+a", "select the name", risk="read")
        yield from moves.type_text(hands, name, "the name")
    return (yield from moves.confirm(hands, "ok", "rename", "insert", "add"))


def _called(hands: Hands, name: str, done: str) -> Body:
    """Judged by the tabs, where they are told."""
    yield from moves.wait_until(hands, lambda h: any(e.label == name for e in tabs(h)), 1.0)
    if hands.dialog is not None:
        title = hands.dialog.title
        yield from moves.dismiss(hands)
        return Effect(False, f"the dialog {title!r} did not take the name {name!r}")
    if any(e.label == name for e in tabs(hands)):
        return Effect(True, f"the sheet {name} was {done}")
    return Effect(False if tabs(hands) else None, f"the sheet was {done}, but no tab says {name}")


@skill("bring another sheet of the document to the front, by its name", kind="sheet", risk="read")
def go_to_sheet(hands: Hands, name: Thing) -> Body:
    return (yield from _to_tab(hands, hands.filled(name)))


def _to_tab(hands: Hands, name: str) -> Body:
    tab = next((e for e in tabs(hands) if e.label.casefold() == name.casefold()), None)
    if tab is None:
        there = ", ".join(e.label for e in tabs(hands))
        return Effect(False, f"no sheet is called {name!r}" + (f"; there are {there}" if there else ""))
    if "selected" in tab.states:
        return Effect(True, f"the sheet {tab.label} is in front")
    yield from moves.click_on(hands, tab, f"the sheet {tab.label}", risk="read")
    now = hands.again(tab)
    return Effect("selected" in now.states if now else None, f"the sheet {tab.label} is in front")


def tabs(hands: Hands) -> list[Element]:
    """The tabs of the sheets: those at the foot of the window."""
    window = hands.within
    every = [e for e in hands.elements(("tab",)) if e.label]
    return [e for e in every if window is None or e.box.centre.y > window.top + 0.6 * window.height]


@skill('choose how many decimals cells show, as in show_decimals("B2:B9", 2)', kind="sheet")
def show_decimals(hands: Hands, cells: Text, decimals: Number) -> Body:
    if not (yield from go_to(hands, cells)):
        return Effect(False, f"{cells} could not be reached")
    for _ in range(12):
        now = _decimals(told(hands, cells.partition(":")[0].upper()))
        if now is None or now == decimals:
            break
        yield from moves.command(hands, "more_decimals" if now < decimals else "fewer_decimals")
    now = _decimals(told(hands, cells.partition(":")[0].upper()))
    if now is None:
        return Effect(False, "the cells do not tell how many decimals they show")
    return Effect(now == decimals, f"{cells} shows {now} decimals")


def _decimals(text: str | None) -> int | None:
    """How many digits stand behind the point; None where it is no number."""
    match = re.fullmatch(r"[^\d]*\d[\d,' ]*(?:\.(\d+))?[^\d]*", (text or "").strip())
    return len(match[1] or "") if match else None
