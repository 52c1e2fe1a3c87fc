"""Formulas in a plan, held against what the sheet in front says: a small model counts a heading that is not there."""

from __future__ import annotations

import re

from planner import grid
from planner.draft import Draft

_FORMULA = re.compile(
    r"^=(?P<name>SUM|AVERAGE|MIN|MAX|COUNT|MEDIAN)\((?P<a>[A-Z]+)(?P<from>\d+):(?P<b>[A-Z]+)(?P<to>\d+)\)$"
)
_A_PART = re.compile(
    r"\b(first|last|top|bottom|except|without|between|only|rows?|[A-Z]{1,2}\d+ ?(:|to|through|-) ?[A-Z]{1,2}\d+)\b"
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


def _numbers(plan: Draft, column: str, besides: str) -> tuple[int, int] | tuple[()]:
    """The first and the last row of a column that the sheet in front shows a number in, apart from one cell."""
    told = grid.cells(plan.hands.scene)
    own = re.compile(rf"{column}(\d+)")
    rows = [
        int(match[1]) for name, text in told.items()
        if name != besides and (match := own.fullmatch(name)) and _NUMBER.fullmatch(text.strip())
    ]  # fmt: skip
    return (min(rows), max(rows)) if rows else ()
