"""What nobody asked for in a plan: a small model adds numbers, verbs and applications that the task has no word of."""

from __future__ import annotations

import re

from planner import describe
from planner.appmap import plain
from planner.draft import Draft
from planner.parts import used
from planner.paths import basename
from planner.planner import Step
from planner.skills.adding import keeps
from planner.skills.choosing import CORE, stems, with_synonyms

_NUMBERS_IN_WORDS = re.compile(
    r"\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|half|twice|double|triple"
    r"|quarter(?! turn)|first|second|third|fourth|fifth|last|single|once|all|every)\b",
    re.IGNORECASE,
)


def no_numbers_of_its_own(plan: Draft) -> None:
    """A line that the task has no word of, with numbers that nobody has said, is the model's own idea."""
    task = plan.hands.task
    if _NUMBERS_IN_WORDS.search(task):
        return
    said, meant = set(re.findall(r"\d+", task)), with_synonyms(task)
    for step in list(plan.steps):
        skill = plan.library[step.skill]
        numbers = [str(step.arguments.get(p.name, "")) for p in skill.parameters if p.type == "number"]
        verbs = stems(step.skill.split("_")[0])
        own = numbers and not used(step) and not said & set(numbers) and step.skill != "wait"
        alone = not any(plan.acts(other) for other in plan.steps if other is not step)
        if own and not alone and not any(verb in meant for verb in verbs):
            plan.steps.remove(step)
            plan.reasons.append(f"nobody asked for {step.text}")


def only_what_is_said(plan: Draft) -> None:
    """A line that destroys, turns or adds something, and that the task has no word like, is left out."""
    for step in [s for s in plan.steps if s.skill == "launch" and _only_sets(plan, str(s.arguments["app"]))]:
        plan.steps.remove(step)
        plan.reasons.append(f"nobody asked for {step.text}")
    acting = [s for s in plan.steps if s.skill not in CORE and plan.library[s.skill].risk != "read"]
    if not any(plan.is_meant(step) for step in acting):
        return
    for step in acting:
        as_pdf = step.skill == "export_pdf" and "pdf" not in plan.hands.task.casefold()
        kept = step.skill == "add_item" and _keeps_no_items(plan, step)
        style = str(step.arguments.get("style", "")).casefold()
        alone = sum(map(plan.acts, plan.steps)) < 2
        styled = step.skill == "format_text" and not alone and style[:6] not in plan.hands.task.casefold()
        if as_pdf or kept or styled or (step.skill.split("_")[0] in _ONLY_IF_SAID and not plan.is_meant(step)):
            plan.steps.remove(step)
            plan.reasons.append(f"nobody asked for {step.text}")


def _only_sets(plan: Draft, name: str) -> bool:
    """Whether it is an application that only sets things, where the task names it not and speaks of nothing to set."""
    app = plan.app(name)
    if app is None or app.id in plan.asked or app.id == plan.app_in_front() or plan.hands.window is None:
        return False
    sets = set(stems("option setting preference set"))
    return "Settings" in app.categories and not sets & with_synonyms(plan.hands.task).keys()


def _keeps_no_items(plan: Draft, step: Step) -> bool:
    """Whether the application in front works on documents or files, and has no command to add such a thing."""
    on_documents = plan.kind_in_front() in ("text", "sheet", "slides", "files", "image", "calculator", "viewer")
    return on_documents and not keeps(plan.hands, str(step.arguments.get("what", "")))


_ONLY_IF_SAID = (
    "delete", "remove", "empty", "rotate", "flip", "crop", "resize", "print", "bookmark", "freeze", "merge", "invert",
)  # fmt: skip
"""Verbs of skills that are not a part of doing something else."""


def on_its_subject(plan: Draft) -> None:
    """A line that none of the task's words call for is left out where others remain.

    It is one for another kind of application, or one that only looks, and whose choice the task does not say.
    """
    kinds = {"", *describe.kinds(plan.hands)}
    said = plain(plan.hands.task)
    for step in list(plan.steps):
        skill = plan.library[step.skill]
        words = [plain(part) for value in step.arguments.values() for part in (str(value), basename(str(value)))]
        strange = len(kinds) > 1 and skill.kind not in kinds
        chosen = bool(skill.parameters) and all(p.choices for p in skill.parameters)
        idle = skill.risk == "read" and chosen and not plan.is_meant(step)
        others = [s for s in plan.steps if s is not step and plan.library[s.skill].risk != "read"]
        if (strange or idle) and others and not used(step) and not any(word and word in said for word in words):
            plan.steps.remove(step)
            plan.reasons.append(f"nobody asked for {step.text}")
