"""Formulas in a plan, held against what the sheet in front says: a small model counts a heading that is not there."""

from __future__ import annotations

import re
from collections.abc import Mapping

from planner import grid
from planner.appmap import plain
from planner.draft import Draft

_FORMULA = re.compile(
    r"^=(?P<name>SUM|AVERAGE|MIN|MAX|COUNT|MEDIAN)\((?P<a>[A-Z]+)(?P<from>\d+):(?P<b>[A-Z]+)(?P<to>\d+)\)$"
)
_A_PART = re.compile(
    r"\b(first|last|top|bottom|except|without|between|only|rows?|[A-Z]{1,2}\d+ ?(:|to|through|-) ?[A-Z]{1,2}\d+)\b"
)
_CELL = re.compile(r"([A-Z]{1,3})([1-9]\d*)")
_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth")
_DOWN = re.compile(
    r"\b(descending|(highest|largest|biggest|latest|newest|most \w+) first|from (high|large|z)\w* to)\b", re.I
)
_NUMBER = re.compile(r"[-+]?[\d.,' ]*\d[\d.,]* ?[%€$£]?|[€$£] ?[\d.,]*\d")


def whole_column(plan: Draft) -> None:
    """A formula over a column takes all its numbers, where the task does not say which of them."""
    if _A_PART.search(plan.hands.task):
        return
    for place, step in enumerate(plan.steps):
        match = _FORMULA.match(str(step.arguments.get("value", ""))) if step.skill == "set_cell" else None
        if match is None or match["a"] != match["b"]:
            continue
        cell = str(step.arguments["cell"])
        rows = _numbers(plan, match["a"], besides=cell)
        if not rows or rows == (int(match["from"]), int(match["to"])):
            continue
        formula = f"={match['name']}({match['a']}{rows[0]}:{match['a']}{rows[1]})"
        plan.steps[place] = plan.step("set_cell", cell, formula)
        plan.reasons.append(f"the numbers of column {match['a']} are in rows {rows[0]} to {rows[1]}")


def sorted_as_said(plan: Draft) -> None:
    """Rows are sorted by the column that the task says, and all of them that the sheet in front shows."""
    told = grid.cells(plan.hands.scene)
    places = [(match[1], int(match[2])) for name in told if (match := _CELL.fullmatch(name))]
    for place, step in enumerate(plan.steps):
        if step.skill != "sort_rows" or not places:
            continue
        by = _said_column(plan.hands.task, told) or str(step.arguments.get("by", ""))
        columns, rows = sorted({c for c, _ in places}, key=lambda c: (len(c), c)), [row for _, row in places]
        first = 1 if by and _NUMBER.fullmatch(told.get(f"{by}1", "").strip()) else 2
        cells = f"{columns[0]}{max(first, min(rows))}:{columns[-1]}{max(rows)}"
        order = str(step.arguments["order"])
        order = "descending" if _DOWN.search(plan.hands.task) else order
        sorting = plan.step("sort_rows", cells, order, *([by] if by else []))
        if sorting.text != step.text:
            plan.steps[place] = sorting
            plan.reasons.append(f"it is {cells} that is sorted" + (f", by column {by}" if by else ""))


def _said_column(task: str, told: Mapping[str, str]) -> str:
    """The column that a task sorts by: by its letter, its place, or what its first cell says; empty if it says none."""
    if match := re.search(r"\bcolumn ([A-Z]{1,2})\b", task):
        return match[1]
    if match := re.search(rf"\bby the ({'|'.join(_PLACES)}) column\b", task, re.IGNORECASE):
        return chr(ord("A") + _PLACES.index(match[1].lower()))
    after = re.search(r"\b(?:sort|order|arrange)\w*\b.*?\bby (?:the |their )?(.+)", task, re.IGNORECASE | re.DOTALL)
    named = [(name[:-1], text) for name, text in told.items() if re.fullmatch(r"[A-Z]{1,2}1", name) and text.strip()]
    return next((c for c, text in named if after and plain(text) and plain(after[1]).startswith(plain(text))), "")


def _numbers(plan: Draft, column: str, besides: str) -> tuple[int, int] | tuple[()]:
    """The first and the last row of a column that the sheet in front shows a number in, apart from one cell."""
    told = grid.cells(plan.hands.scene)
    own = re.compile(rf"{column}(\d+)")
    rows = [
        int(match[1]) for name, text in told.items()
        if name != besides and (match := own.fullmatch(name)) and _NUMBER.fullmatch(text.strip())
    ]  # fmt: skip
    return (min(rows), max(rows)) if rows else ()
