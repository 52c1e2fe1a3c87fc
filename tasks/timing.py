"""How long the steps of a run took, from its record alone."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

from guiagent.events import Line, Looked


def step_seconds(lines: Iterable[Line]) -> tuple[float, ...]:
    """The wall time of each step: from the end of the look before it to the end of the look after it.

    So it holds deciding (a call of the model, in the first step the plan), asking, acting, settling and reading, and
    what was waited for on the way. What comes after the last action, saying that it is done, is no step.
    """
    seen: dict[int, float] = {}
    for line in lines:
        if isinstance(line.event, Looked):
            seen[line.event.step] = line.t
    return tuple(round(seen[step] - seen[step - 1], 3) for step in sorted(seen) if step - 1 in seen)


def median_of(values: Iterable[float]) -> float | None:
    """The median; None of nothing."""
    given = list(values)
    return round(median(given), 3) if given else None
