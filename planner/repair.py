"""A plan is looked over before it is begun: what a small model gets wrong, and what facts can put right."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from grounding.facts import Facts
from planner.appmaps.words import plain
from planner.kinds import is_kind, named, of_kind, of_sort, sort_of
from planner.planner import Step
from planner.program import line
from planner.skills.skill import LIBRARY, Kind, Skill


def repaired(
    steps: Sequence[Step],
    task: str,
    facts: Facts,
    library: dict[str, Skill] = LIBRARY,
    opened: Collection[str] = (),
    unfit: Collection[str] = (),
    kinds: Collection[Kind] = (),
    holds: str = "",
) -> tuple[Step, ...]:
    """The plan with lines said twice left out, and with applications that can do what follows.

    `opened` are the applications that have a window, `unfit` those that turned out not to do for this task, `kinds`
    those that the task is about: a line for another kind does not say what is to be started. `holds` is the
    application in front, where it shows a file of the task: that one is meant when it is named.
    """
    kept = [s for before, s in zip((None, *steps), steps, strict=False) if not _same(before, s, library)]
    fixed: list[Step] = []
    for place, step in enumerate(kept):
        if step.skill != "launch":
            fixed.append(step)
            continue
        if step.arguments["app"] == holds:
            fixed.append(step)
            continue
        wanted = _wanted(kept[place + 1 :], library, kinds)
        candidates = _candidates(str(step.arguments["app"]), wanted, task, facts, opened)
        fixed.append(_launch(step, min(candidates, key=lambda app: (app in unfit, app not in opened))))
    return tuple(step.model_copy(update={"number": n}) for n, step in enumerate(fixed, 1))


AGAIN = ("append", "delete_line", "new_document", "paste", "prepend", "undo", "write")
"""What does something else when it is done again; all other skills leave what they left the first time."""


def _same(before: Step | None, step: Step, library: dict[str, Skill]) -> bool:
    """A small model may say a line twice; a second time it rarely means something, unless it adds up."""
    if before is None or before.text != step.text:
        return False
    return not library[step.skill].raw and step.skill not in AGAIN


def _wanted(rest: Sequence[Step], library: dict[str, Skill], about: Collection[Kind]) -> Kind | None:
    """The kind of application that the lines up to the next launch are for; None when there are none."""
    until = next((n for n, step in enumerate(rest) if step.skill == "launch"), len(rest))
    lines = [library[step.skill] for step in rest[:until] if not library[step.skill].ends()]
    if not lines:
        return None
    wanted = [skill.kind for skill in lines if skill.kind]
    return next((kind for kind in wanted if kind in about), wanted[0] if wanted and not about else "")


def _candidates(app: str, kind: Kind | None, task: str, facts: Facts, opened: Collection[str]) -> list[str]:
    """The applications that may be meant, the likeliest first.

    One that the task names is meant and no other. Else a plan says by it which sort it wants, and of these the
    desktop's own stands first; where none of them can do what follows, it is the applications that can, unless the
    task says the sort: then it is the lines that are wrong. One of no known sort that is open may be able to.
    """
    known = next((a for a in facts.apps if a.id == app), None)
    if known is None or app in named(task, facts.apps):
        return [app]
    sort = sort_of(known)
    if sort is None and app in opened:
        return [app]
    is_said = sort is not None and f" {sort.words} " in f" {plain(task)} "
    if kind is not None and not is_kind(known, kind) and not is_said:
        return [a.id for a in of_kind(facts, kind)] or [app]
    return [a.id for a in of_sort(facts, sort)] if sort else [app]


def _launch(step: Step, app: str) -> Step:
    return step.model_copy(update={"arguments": {"app": app}, "text": line("launch", [app])})
