"""Whether what was to be saved is saved: lines of a plan, and the task itself, held against what the disk has.

A title that shows the new name, a dialog that went away: an application says so before it has written anything, and
some write elsewhere or nothing at all. Where the desktop tells of its files, they have the last word.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple

from grounding.filed import Filed, Files
from planner.hands import Hands
from planner.planner import Step
from planner.skills.skill import Effect
from planner.soundness import places, wants_no_saving

Want = Literal["written", "there", "gone"]
PATIENCE_S = 1.5
"""How long what is to be written may take after the step that writes it has ended."""
LEAVES: Mapping[str, tuple[tuple[str, Want], ...]] = {
    "save_as": (("{name}", "written"),),
    "export_pdf": (("{name}", "written"),),
    "print_to_file": (("{name}", "written"),),
    "save_page": (("{name}", "written"),),
    "create_archive": (("{name}", "written"),),
    "extract_to": (("{folder}", "written"),),
    "extract_file": (("{folder}/{name.base}", "there"),),
    "create_folder": (("{name}", "there"),),
    "create_file": (("{name}", "there"),),
    "copy_file": (("{folder}/{name.base}", "there"), ("{name}", "there")),
    "move_file": (("{folder}/{name.base}", "there"), ("{name}", "gone")),
    "duplicate_file": (("{name.folder}/{copy.base}", "there"), ("{name}", "there")),
    "rename_file": (("{old.folder}/{new.base}", "there"), ("{old}", "gone")),
    "delete_file": (("{name}", "gone"),),
    "delete_picture": (("{name}", "gone"),),
}
"""What each skill leaves where, by its arguments."""
_PART = re.compile(r"\{(\w+)(?:\.(base|folder))?\}")
_NAME = r"[\w~/.-]*\w\.[A-Za-z]\w{0,5}"
_OWED = re.compile(
    r"\b(?:as|into|to|called|named|under)\s+(?:(?:the|a|an|my)\s+)?(?:new\s+)?(?:name\s+)?"
    r"(?:(?:\w+\s+)?(?:file|document|archive|sheet|spreadsheet|presentation|picture|image)\s+)?(?:called\s+|named\s+)?"
    rf"[\"'“]?(?P<file>{_NAME})\b",
    re.IGNORECASE,
)
"""`save it as a.txt`, `write it into a.txt`: a file that has to be there in the end."""
_SAVED = re.compile(
    r"\bsave (?:it|them|(?:the |your |all )?(?:file|document|picture|image|photo|sheet|changes?|result|archive))?\s*"
    r"(?:[.,;!]|$|and\b|then\b)",
    re.IGNORECASE,
)
"""`... and save it`: the one file of the task has to be written."""
_AT_HOME = re.compile(r"\b(?:in|into|to) (?:the |my )?home (?:folder|directory)\b", re.IGNORECASE)
_FILES = re.compile(rf"(?<![\w/@:]){_NAME}\b")


class Mark(NamedTuple):
    """A path that a step is to change."""

    path: str
    want: Want
    was: Filed | None
    """What was there as the step began."""


class Disk:
    """What the disk had as a task began, and as its step began."""

    def __init__(self, hands: Hands, *, asked: bool = True) -> None:
        """Where it is not `asked`, it says nothing: to measure what it is worth."""
        self._hands = hands
        self._asked = asked
        self._marks: tuple[Mark, ...] = ()
        self._first: dict[str, Filed | None] | None = None

    def begin_task(self) -> None:
        """Keep what there is of the task's files, once there is a scene to ask."""
        if self._first is None and self._files is not None:
            named = {path for name in _FILES.findall(self._hands.task) for path in self._meant(name)}
            self._first = {path: self._filed(path) for path in named}

    def begin_step(self, step: Step) -> None:
        """Keep what there is where a step is to leave something."""
        self._marks = ()
        if self._files is not None:
            marks = (Mark(path, want, self._filed(path)) for path, want in self._expected(step))
            self._marks = tuple(mark for mark in marks if mark.was or mark.want != "gone")

    def held(self, effect: Effect) -> Effect:
        """What came of the step, once the disk is asked: it has failed where nothing is there that was to be."""
        if effect.worked is False or not self._marks:
            return effect
        wrong = self._wait_for(lambda: next(filter(None, map(self._wrong, self._marks)), ""))
        if wrong:
            return Effect(False, wrong)
        return Effect(True, effect.why, effect.value) if effect.worked is None else effect

    def owed(self) -> str:
        """What the task wants written and is not, in a sentence; empty where all is there, or nothing is known."""
        if self._first is None:
            return ""
        return self._wait_for(lambda: next(self._owed(), ""))

    def _owed(self) -> Iterator[str]:
        task = self._hands.task
        for name in dict.fromkeys(m["file"] for m in _OWED.finditer(task)):
            paths = self._meant(name)
            if paths and not any(map(self._filed, paths)):
                yield f"there is no {self._short(paths[0])} yet"
        files = {name.rsplit("/", 1)[-1] for name in _FILES.findall(task)}
        if len(files) != 1 or wants_no_saving(task) or not _SAVED.search(task):
            return
        paths = [path for path in self._meant(next(iter(files))) if self._first and self._first.get(path)]
        if paths and all(self._filed(path) == (self._first or {}).get(path) for path in paths):
            yield f"{self._short(paths[0])} has not been written yet"

    def _wrong(self, mark: Mark) -> str:
        """What is not as the step should have left it."""
        now = self._filed(mark.path)
        if mark.want == "gone":
            return f"{self._short(mark.path)} is still there" if now else ""
        if now is None:
            return f"there is no {self._short(mark.path)}"
        if mark.want == "written" and now == mark.was:
            return f"{self._short(mark.path)} is as it was"
        return ""

    def _expected(self, step: Step) -> Iterator[tuple[str, Want]]:
        """The paths that can be told, and what is to become of each."""
        for pattern, want in LEAVES.get(step.skill, ()):
            said = _PART.sub(lambda m: self._part(step, m[1], m[2]), pattern)
            if want == "gone" and "there" in (w for _, w in LEAVES[step.skill]) and _same_base(step):
                continue  # a folder is given to itself
            if "*" in said or "$" in said or "\0" in said:
                continue
            if path := self._absolute(said, is_folder=pattern == "{folder}"):
                yield path, want

    def _part(self, step: Step, argument: str, part: str) -> str:
        """An argument, the last part of it, or the folder before that."""
        said = self._hands.filled(str(step.arguments.get(argument, ""))).rstrip("/")
        folder, _, base = said.rpartition("/")
        if step.skill == "export_pdf" and not base.lower().endswith(".pdf"):
            said += ".pdf"
        if part == "folder":
            return folder or places(self._hands.task).get(base, "\0")
        return base if part == "base" else said

    def _absolute(self, said: str, *, is_folder: bool = False) -> str:
        """The path that a line says, where it says in which folder and that folder is there; else empty."""
        home = self._hands.facts.home.rstrip("/")
        folder, _, base = said.rpartition("/")
        if not folder and not is_folder:
            folder = places(self._hands.task).get(base, "")
            if not folder:
                return ""
            said = f"{folder}/{base}"
        path = self._hands.path(said)
        if not path.startswith("/"):
            path = f"{home}/{path}" if home else ""
        holder = self._filed(path.rpartition("/")[0] or "/") if path else None
        return path if holder is not None and holder.is_folder else ""

    def _meant(self, name: str) -> list[str]:
        """The paths that a file of the task may have: in the folder that is said of it, else in all that are named."""
        if told := self._absolute(name):
            return [told]
        if "/" in name:
            return []
        if _AT_HOME.search(self._hands.task) and self._hands.facts.home:
            return [f"{self._hands.facts.home.rstrip('/')}/{name}"]
        words = dict.fromkeys(re.findall(r"(?<![\w.])[A-Z][\w-]+(?![\w.]*\.\w)", self._hands.task))
        home = self._hands.facts.home.rstrip("/")
        folders = [f"{home}/{word}" for word in words if (f := self._filed(f"{home}/{word}")) and f.is_folder]
        return [f"{folder}/{name}" for folder in folders] if home and len(folders) == 1 else []

    def _filed(self, path: str) -> Filed | None:
        return self._files(path) if self._files is not None else None

    @property
    def _files(self) -> Files | None:
        return self._hands.scene.files if self._asked else None

    def _wait_for(self, wrong: Callable[[], str]) -> str:
        """What is wrong still after a while."""
        until = time.monotonic() + PATIENCE_S
        while (said := wrong()) and time.monotonic() < until:
            time.sleep(0.1)
        return said

    def _short(self, path: str) -> str:
        """A path as a person says it."""
        home = self._hands.facts.home.rstrip("/")
        return path.removeprefix(f"{home}/") if home else path


def _same_base(step: Step) -> bool:
    """Whether a file is given the name or the place that it has."""
    old = str(step.arguments.get("old", "")).rsplit("/", 1)[-1]
    return bool(old) and old == str(step.arguments.get("new", "")).rsplit("/", 1)[-1]
