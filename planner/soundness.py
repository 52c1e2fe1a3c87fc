"""A plan held against the task before it is begun: what the task says and the plan does not, and the other way round.

Only what can be told without a model: literals, questions, saving, and which skills the words of the task call for.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

from planner.appmap import plain
from planner.hands import Hands
from planner.parts import missing
from planner.planner import Step
from planner.skills.choosing import CORE, ranked, stems, with_synonyms
from planner.skills.skill import Kind, Skill

What = Literal[
    "unsaid", "left_out", "unsaved", "unanswered", "unsound", "off_topic", "off_kind", "unended", "forbidden"
]
WEIGHTS: Mapping[What, float] = {
    "unsaid": 1.0, "left_out": 1.0, "unsaved": 1.0, "unanswered": 1.0, "unsound": 1.0,
    "off_topic": 0.4, "off_kind": 0.5, "unended": 0.5, "forbidden": 1.0,
}  # fmt: skip
DOUBT = 0.9
"""From this sum of weights on a plan is looked at twice."""
EXISTING = frozenset({
    ("open_file", "name"), ("rename_file", "old"), ("delete_file", "name"), ("copy_file", "name"),
    ("move_file", "name"), ("extract_archive", "name"), ("open_with", "name"),
})  # fmt: skip
"""Arguments that name what must be there already: one that nobody has said is a guess, and a dangerous one."""
_QUOTED = re.compile(r"\"([^\"]{1,200})\"|“([^”]{1,200})”|(?<!\w)'([^']{1,200})'(?!\w)")
_FILE = re.compile(r"(?<![\w/.@:])[\w~][\w./~-]*\.[A-Za-z][A-Za-z0-9]{0,5}(?![\w/])")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.]*\w)")
_SUM = re.compile(r"\(\s*\d[\d\s.]*(?:[-+*/^]\s*[\d.]+\s*)+\)")
_CELL = re.compile(r"\b[A-Z]{1,2}[1-9]\d{0,3}\b")
_SAVING = re.compile(r"\b(save|store|keep (it|the change|the number|that)|keep .{1,40}\b(in|as)\b)", re.IGNORECASE)
_NOT_SAVING = re.compile(
    r"\b(do not|don't|without|never) (save|saving|store|storing|chang(e|ing)|modify|alter|touch)\b|\bunsaved\b",
    re.IGNORECASE,
)
_FORBIDS = re.compile(
    r"\b(?:do not|don't|never|without) (?P<verb>(?:chang|modify|alter|edit|touch|delet|remov)\w*)\b[^.;,\n]*"
    r"|\bleav(?:e|ing)\b[^.;,\n]*?\b(?:as (?:it is|they are)|unchanged|untouched|alone)\b",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(
    r"\b(else|others?|rest|remaining|further|any more|apart|but|except|original|source|first|name|title)\b",
    re.IGNORECASE,
)
"""What is said of something beside that which is to be changed."""
REPLACED = re.compile(
    r"\b(?:replace|change|swap|correct)\s+(?:the (?:word|name) )?(\w+) (?:by|with|into|to) (\w+)\b", re.I
)
_QUESTION = re.compile(
    r"^\s*(what|which|how (many|much|long|old|big)|who|when|where|is|are|does|tell me|find out)\b|\?\s*$", re.IGNORECASE
)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")
_REFERS = re.compile(r"\b\$?([A-Z]{1,3})\$?([1-9]\d*)\b")
_PLACE = re.compile(
    r"(?P<file>[\w~.\u00a0-]+\.[A-Za-z][A-Za-z0-9]{0,7})\b,?\s+(?:which is |that is |lying |stored |the one )?"
    r"(?:in|inside|from)\s+(?:(?:my|the|your)\s+)?(?:"
    r"(?:folder|directory)\s+(?:named |called )?(?P<one>[\w\u00a0-]+)"
    r"|(?P<other>[A-Z][\w\u00a0-]*)(?=\s+(?:folder|directory)|[\s.,;:!?]|$))"
)
SAVERS = ("save", "save_as", "close", "create_file", "download", "export", "print_to_file")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not fit."""

    what: What
    words: str
    """What it is about: the literal, the line."""
    step: int = 0
    """The line of the plan, from 1; 0 for the whole of it."""
    existing: bool = False
    """Whether it names something that would have to be there already."""

    @property
    def weight(self) -> float:
        return WEIGHTS[self.what]

    @property
    def sentence(self) -> str:
        """For the record, and for the model when it plans again."""
        return {
            "unsaid": f"nobody has said {self.words!r}",
            "left_out": f"the task says {self.words!r}, and no line does",
            "unsaved": "the task wants it saved, and no line does",
            "unanswered": "the task asks a question, and no line answers it",
            "unsound": f"{self.words} cannot be meant",
            "off_topic": f"the task does not ask for {self.words}",
            "off_kind": f"the task is about another kind of application than {self.words}",
            "unended": "it does not come to an end",
            "forbidden": f"the task also says: {self.words}",
        }[self.what]


def faults(steps: Sequence[Step], hands: Hands, library: Mapping[str, Skill], kinds: Collection[Kind]) -> list[Fault]:
    """What does not fit between a plan and its task on the scene at hand; nothing where it asks or gives up at once."""
    if steps and steps[0].skill in ("give_up", "ask"):
        return []
    found = [*_unsaid(steps, hands, library), *_addresses(steps, hands), *_left_out(steps, hands)]
    task = hands.task
    if _SAVING.search(task) and not wants_no_saving(task) and not _saves(steps, hands):
        found.append(Fault("unsaved", ""))
    found += _forbidden(steps, task, library)
    if asks(task) and not any(s.skill == "done" and s.arguments.get("answer") for s in steps):
        found.append(Fault("unanswered", ""))
    if not steps or not library[steps[-1].skill].ends():
        found.append(Fault("unended", ""))
    return [
        *found, *_off_kind(steps, library, kinds), *_unsound(steps, hands, library),
        *_off_topic(steps, task, library, kinds),
    ]  # fmt: skip


def _forbidden(steps: Sequence[Step], task: str, library: Mapping[str, Skill]) -> list[Fault]:
    """The first line that does what the task itself rules out: `add a line, but do not change the document`."""
    clause = next((m for m in _FORBIDS.finditer(_QUOTED.sub(" ", task)) if not _OF_OTHERS.search(m[0])), None)
    if clause is None:
        return []
    removes = (clause["verb"] or "").casefold().startswith(("delet", "remov"))
    for step in steps:
        skill = library[step.skill]
        deletes = step.skill in ("delete_file", "remove_from_archive", "empty_trash")
        changes = skill.kind in ("text", "sheet", "slides") and skill.risk == "write" and step.skill not in SAVERS
        if deletes or (changes and not removes):
            return [Fault("forbidden", clause[0].strip(), step.number)]
    return []


def _saves(steps: Sequence[Step], hands: Hands) -> bool:
    return any(s.skill in SAVERS for s in steps) or any(line.partition("(")[0] in SAVERS for line in hands.done)


def asks(task: str) -> bool:
    """Whether a task asks a question."""
    return bool(_QUESTION.search(task))


def wants_no_saving(task: str) -> bool:
    """Whether a task says that nothing is to be saved."""
    return bool(_NOT_SAVING.search(task))


def doubt(found: Sequence[Fault]) -> float:
    """How much does not fit, all in all."""
    return sum(fault.weight for fault in found)


def literals(task: str) -> list[str]:
    """What a task says word for word: quoted texts, names of files, numbers of two digits and more, cells, and what is
    to be replaced by what."""
    quoted = [next(part for part in match.groups() if part) for match in _QUOTED.finditer(task)]
    bare = _QUOTED.sub(" ", task)
    files = [match[0].rstrip(".") for match in _FILE.finditer(bare)]
    sums = [match[0] for match in _SUM.finditer(bare)]
    bare = _FILE.sub(" ", bare)
    numbers = [match[0] for match in _NUMBER.finditer(bare) if len(match[0]) > 1]
    words = [word for match in REPLACED.finditer(bare) for word in match.groups()]
    return list(dict.fromkeys([*quoted, *files, *sums, *numbers, *_CELL.findall(bare), *words]))


def places(task: str) -> dict[str, str]:
    """The folders that a task puts files in, by the files' names: `a.txt, which is in Documents`."""
    found: dict[str, str] = {}
    for match in _PLACE.finditer(_QUOTED.sub(lambda m: next(p for p in m.groups() if p).replace(" ", "\u00a0"), task)):
        folder = (match["one"] or match["other"]).strip().replace("\u00a0", " ")
        found[match["file"].rstrip(".,").replace("\u00a0", " ")] = folder
    return found


def _left_out(steps: Sequence[Step], hands: Hands) -> list[Fault]:
    """Literals of the task that no argument has, and that do not merely name what is open."""
    telling = [step for step in steps if step.skill != "done" or asks(hands.task)]
    said = plain(" ".join([*(str(v) for step in telling for v in step.arguments.values()), *hands.done]))
    joined = said.replace(" ", "")
    known = plain(" ".join(w.title for w in hands.windows)) + " " + plain(" ".join(a.id for a in hands.facts.apps))
    missing = []
    raw = "".join(" ".join(str(v) for step in steps for v in step.arguments.values()).split())
    for words in literals(hands.task):
        if _SUM.fullmatch(words):
            missing += [] if "".join(words.split()) in raw else [Fault("left_out", words)]
            continue
        meant = plain(words)
        base = plain(words.rstrip("/").rsplit("/", 1)[-1])
        if not meant or meant.replace(" ", "") in joined or (base and base.replace(" ", "") in joined):
            continue
        if meant in known or (base and base in known) or (len(meant) > 8 and fuzz.partial_ratio(meant, said) > 92):
            continue
        missing.append(Fault("left_out", words))
    return missing


def _unsaid(steps: Sequence[Step], hands: Hands, library: Mapping[str, Skill]) -> list[Fault]:
    """Names of files and folders that are in neither the task, nor the scene, nor what the plan itself made before."""
    known = plain(f"{hands.task} {hands.answer} {' '.join(hands.notes.values())}")
    seen = ""
    found: list[Fault] = []
    for step in steps:
        for parameter in library[step.skill].parameters:
            value = str(step.arguments.get(parameter.name, ""))
            if parameter.type != "name" or not value or "$" in value or value in ("~", "/"):
                continue
            parts = [part for part in value.split("/") if part not in ("", "~", ".", "..")]
            seen = seen or plain(" ".join([*(w.title for w in hands.windows), *(e.label for e in hands.scene.shown)]))
            for part in parts:
                if not _is_said(plain(part), known) and not _is_said(plain(part), seen):
                    existing = (step.skill, parameter.name) in EXISTING
                    found.append(Fault("unsaid", part, step.number, existing))
            known += " " + plain(value)
    return found


def _addresses(steps: Sequence[Step], hands: Hands) -> list[Fault]:
    """Addresses of mail that nobody has given: made up ones reach strangers."""
    known = (
        f"{hands.task} {hands.answer} {' '.join(hands.notes.values())} {' '.join(e.label for e in hands.scene.shown)}"
    )
    return [
        Fault("unsaid", address, step.number, existing=True)
        for step in steps
        for value in step.arguments.values()
        for address in _MAIL.findall(str(value))
        if address.casefold() not in known.casefold()
    ]


def _is_said(words: str, text: str) -> bool:
    """Whether a name stands in a text, or its part without the ending does; spelling may differ by little."""
    stem = words.rsplit(" ", 1)[0] if " " in words else words
    return not words or words in text or (len(stem) > 2 and stem in text) or fuzz.partial_ratio(words, text) > 88


def _off_kind(steps: Sequence[Step], library: Mapping[str, Skill], kinds: Collection[Kind]) -> list[Fault]:
    """Lines for a kind of application that the task is not about."""
    every = {"", *kinds}
    return [
        Fault("off_kind", step.text, step.number) for step in steps if kinds and library[step.skill].kind not in every
    ]


def _unsound(steps: Sequence[Step], hands: Hands, library: Mapping[str, Skill]) -> list[Fault]:
    """What cannot be meant: giving up after having done things, values that nothing gives, formulas over words."""
    late = (
        [Fault("unsound", "giving up after all that", len(steps))] if any(s.skill == "give_up" for s in steps) else []
    )
    nowhere = missing(steps, library, hands.notes)
    idle = not hands.done and steps and not asks(hands.task) and all(library[s.skill].ends() for s in steps)
    return [
        *late, *([Fault("unsound", "doing nothing at all", 1)] if idle else []),
        *(Fault("unsound", f"${name}, which nothing gives,", at) for at, name in nowhere), *_formulas(steps),
        *(Fault("unsound", s.text, s.number) for s in steps if _does_nothing(s)),
    ]  # fmt: skip


def _does_nothing(step: Step) -> bool:
    """Whether it adds no text, puts one in its own place, or reckons a number as it stands."""
    values = [str(value) for value in step.arguments.values()]
    if step.skill in ("write", "append", "prepend", "insert_after"):
        return not values[-1].strip(" ")
    if step.skill in ("replace_all", "rename_file"):
        return values[0] == values[-1]
    return step.skill == "calculate" and bool(re.fullmatch(r"[\s\d.,]*", values[0]))


def _formulas(steps: Sequence[Step]) -> list[Fault]:
    """Formulas that reckon with a cell into which the plan itself has put words, or with their own."""
    words: set[str] = set()
    found = []
    for step in steps:
        cell, value = str(step.arguments.get("cell", "")), str(step.arguments.get("value", ""))
        if step.skill != "set_cell":
            continue
        if value.startswith("="):
            meant = {f"{m[1]}{m[2]}" for m in _REFERS.finditer(value)}
            if meant & words or cell in meant:
                found.append(Fault("unsound", f"the formula {value!r} in {cell}", step.number))
        elif not re.fullmatch(r"[-+]?[\d.,\s%€$]+", value):
            words.add(cell)
    return found


def _off_topic(steps: Sequence[Step], task: str, library: Mapping[str, Skill], kinds: Collection[Kind]) -> list[Fault]:
    """Lines whose skill has no word in common with the task, nor with a synonym of it: a small model adds such."""
    named = {step.skill for step in steps if step.skill not in CORE and not library[step.skill].raw}
    scores = {skill.name: score for skill, score in ranked(list(library.values()), task, kinds)}
    meant = with_synonyms(task)
    return [
        Fault("off_topic", step.text, step.number)
        for step in steps
        if (step.skill in named and scores.get(step.skill, 0.0) <= 0.06)
        or _of_nothing(step, library[step.skill], meant)
    ]


def _of_nothing(step: Step, skill: Skill, meant: Mapping[str, float]) -> bool:
    """Whether it is about an option, a command or a thing of which the task says no word."""
    if skill.name not in ("set_option", "menu", "click", "select", "fill"):
        return False
    first = str(step.arguments.get(skill.parameters[0].name, ""))
    words = stems(first.rsplit(">", 1)[-1])
    return bool(words) and not any(word in meant for word in words)
