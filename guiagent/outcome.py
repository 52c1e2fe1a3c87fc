"""How a run ends: values, not exceptions, each with its exit code."""

from __future__ import annotations

from typing import Literal

Outcome = Literal["solved", "not_solved", "gave_up", "out_of_steps", "out_of_time", "stopped", "broke"]
"""`solved` and `not_solved` are the word of a check where there is one; without one, `solved` means that the
planner said done. `broke` means that the desktop, the model or guiagent itself failed."""

EXIT_CODES: dict[Outcome, int] = {
    "solved": 0,
    "not_solved": 1,
    "gave_up": 1,
    "out_of_steps": 4,
    "out_of_time": 4,
    "stopped": 130,
    "broke": 70,
}
"""`broke` takes the exit code of the error that broke it, where that error has one."""
