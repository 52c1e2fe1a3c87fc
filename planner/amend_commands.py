"""Commands that the application in front has, and a task asks for by their names: put in where the plan has no line."""

from __future__ import annotations

import re

from planner.appmap import Command
from planner.draft import STRUCTURE, Draft
from planner.skills.adding import keeps
from planner.skills.choosing import covers, stems, with_synonyms
from planner.soundness import REPLACED, SAVERS

_ADDED = re.compile(
    r"\b(?:add|create|make|start|set up|put in)\b (?:me )?(?:an? |the )?(?:new |another )?"
    r"(?P<what>(?!(?:an?|the|new|another|file|folder|directory|document|copy|archive|picture|note)\b)[a-z]+"
    r"(?: (?!(?:in|file|folder|document)\b)[a-z]+)?)(?: in [\w -]+?)?,? "
    r"(?:called|named|titled|labell?ed|with the (?:name|title|summary|subject)) "
    r"[\"'“]?(?P<name>[^\n,.;:\"'”]{2,60}?)[\"'”]?(?= (?:in|to|for|with|and|at|on) |[,.;:\n\"'”]|$)",
    re.IGNORECASE,
)
_OFTEN = set(stems("file picture image save copy open new view edit photo document turn page text format folder"))
"""Words that alone say too little of what a command does."""
_CLAUSES = re.compile(r"[.;,:\n]|\b(?:and|then|to)\b", re.IGNORECASE)


def added_where_it_is_kept(plan: Draft) -> None:
    """What the application in front keeps, and has a command for, is added by that command: a task, a bookmark."""
    said = _ADDED.search(plan.hands.task)
    if said is None or any(s.skill == "add_item" for s in plan.steps) or not keeps(plan.hands, said["what"]):
        return
    what, name = said["what"], said["name"].strip()
    first = next((n for n, s in enumerate(plan.steps) if s.skill == "launch"), None)
    if first is not None and plan.app_in_front() not in ("", str(plan.steps[first].arguments["app"])):
        return
    places = [n for n, s in enumerate(plan.steps) if name in map(str, s.arguments.values()) and s.skill != "done"]
    at = places[0] if places else 0 if first is None else first + 1
    before = [s for s in plan.steps[:at] if s.skill not in ("new_document", "create_folder")]
    plan.steps[:] = [*before, plan.step("add_item", what, name), *plan.steps[at + bool(places) :]]
    plan.reasons.append(f"a {what} is added by the command for it")


def commanded_as_said(plan: Draft) -> None:
    """A command whose name the task says, and that no skill is for, is given before anything is saved."""
    command = _said(plan)
    if command is None:
        return
    verb = stems(command.label)[:1]
    rest = [s for s in plan.steps if s.skill in STRUCTURE or plan.is_meant(s)]
    if any(set(verb) & set(stems(s.text.replace("_", " "))) for s in rest):
        return
    place = next((n for n, s in enumerate(rest) if s.skill in SAVERS or plan.library[s.skill].ends()), len(rest))
    plan.steps[:] = [*rest[:place], plan.step("menu", command.words), *rest[place:]]
    plan.reasons.append(f"the task says {command.label!r}, which is a command here")


def _said(plan: Draft) -> Command | None:
    """The command in front whose whole name stands in the task and begins what it asks for; the longest of several.

    Where the plan does nothing at all, one whose name means what the task says will do.
    """
    if any(s.skill == "launch" and str(s.arguments["app"]) != plan.app_in_front() for s in plan.steps):
        return None
    task = set(stems(plan.hands.task))
    asked = {word for clause in _CLAUSES.split(plan.hands.task) for word in stems(clause)[:1]}
    idle = bool(plan.steps) and not any(map(plan.acts, plan.steps))
    like = with_synonyms(plan.hands.task) if idle else {}
    found = []
    for command in plan.hands.appmap.commands(plan.hands.scene):
        words = stems(command.label)
        if not words or not command.enabled:
            continue
        meant = words[0] in asked and set(words) <= task
        if not meant and like and not _names_a_document(command):
            meant = bool(set(words) - _OFTEN) and set(words) <= like.keys()
        if meant and not any(covers(skill, command.label) for skill in plan.library.values()):
            found.append((len(words), command))
    return max(found, key=lambda pair: pair[0], default=(0, None))[1]


def _names_a_document(command: Command) -> bool:
    """Whether it is an item of a list of documents or windows."""
    return "." in command.label.rstrip(".") or command.path[0] in ("Window", "Windows")


def counted_alone(plan: Draft) -> None:
    """Where a number is wanted, a command that counts does not say the file's name behind it: `wc -l < a.txt`."""
    if not re.search(r"\b(number|count|how many)\b", plan.hands.task, re.IGNORECASE):
        return
    for place, step in enumerate(plan.steps):
        command = str(step.arguments.get("command", ""))
        alone = re.sub(r"\bwc (-[lwcm]) ([^\s|;&<>()]+)(?=\s*(?:$|[|;&)>]))", r"wc \1 < \2", command)
        if step.skill == "run_command" and alone != command:
            plan.steps[place] = plan.step("run_command", alone)
            plan.reasons.append("only the number is wanted")


def replaced_as_said(plan: Draft) -> None:
    """What is to be replaced by something is replaced; the document is not written over with either of the two."""
    said = REPLACED.search(plan.hands.task)
    if said is None or any(s.skill == "replace_all" for s in plan.steps):
        return
    old, new = said[1], said[2]
    over = [
        n for n, s in enumerate(plan.steps) if s.skill == "rewrite" and str(s.arguments["text"]).strip() in (old, new)
    ]
    if over:
        plan.steps[over[0]] = plan.step("replace_all", old, new)
        plan.steps[:] = [s for n, s in enumerate(plan.steps) if n not in over[1:]]
        plan.reasons.append(f"{old} is replaced by {new}")
