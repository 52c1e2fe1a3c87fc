"""Whether what was to be saved is saved: lines of a plan, and the task itself, held against what the disk has.

A title that shows the new name, a dialog that went away: an application says so before it has written anything, and
some write elsewhere or nothing at all. Where the desktop tells of its files, they have the last word.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple

from grounding.filed import Filed
from planner.hands import Hands
from planner.paths import NAME, Paths
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
_IT = (
    r"\s+(?:the\s+|my\s+)?(?:(?:file|photo|picture|image|document|song|archive|pdf|letter)\s+)?"
    rf"[\"'“]?(?P<file>{NAME})\b"
)
_CARRIED = re.compile(rf"\b(?:copy(?: of)?|move|transfer){_IT}", re.IGNORECASE)
_DELETED = re.compile(rf"\b(?:delete|remove|erase|trash){_IT}", re.IGNORECASE)
_PART = re.compile(r"\{(\w+)(?:\.(base|folder))?\}")
OWED = re.compile(
    r"\b(?:as|into|to|called|named|under)\s+(?:(?:the|a|an|my)\s+)?(?:new\s+)?(?:name\s+)?"
    r"(?:(?:\w+\s+)?(?:file|document|archive|sheet|spreadsheet|presentation|picture|image)\s+)?(?:called\s+|named\s+)?"
    rf"[\"'“]?(?P<file>{NAME})\b",
    re.IGNORECASE,
)
"""`save it as a.txt`, `write it into a.txt`: a file that has to be there in the end."""
_SAVED = re.compile(
    r"\bsave (?:it|them|(?:the |your |all )?(?:file|document|picture|image|photo|sheet|changes?|result|archive))?\s*"
    r"(?:[.,;!]|$|and\b|then\b|as it is\b|in (?:the|its) (?:same |own |old )?format\b)",
    re.IGNORECASE,
)
"""`... and save it`: the one file of the task has to be written."""


class Mark(NamedTuple):
    """A path that a step is to change."""

    path: str
    want: Want
    was: Filed | None
    """What was there as the step began."""


class Disk:
    """What the disk had as a task began, and as its step began."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._marks: tuple[Mark, ...] = ()
        self._first: dict[str, Filed | None] | None = None

    @property
    def _paths(self) -> Paths:
        """What names mean now: an answer of the user's may have added to the task."""
        hands = self._hands
        return Paths(hands.task, hands.facts.home.rstrip("/"), hands.scene.files)

    def begin_task(self) -> None:
        """Keep what there is of the task's files, once there is a scene to ask."""
        paths = self._paths
        if self._first is None and paths.files is not None:
            named = paths.named()
            meant = {path for name in named for path in paths.meant(name)}
            meant |= {f"{folder}/{name}" for name in named if "/" not in name for folder in paths.folders()}
            self._first = {path: paths.filed(path) for path in meant}

    def begin_step(self, step: Step) -> None:
        """Keep what there is where a step is to leave something."""
        marks = (Mark(path, want, self._paths.filed(path)) for path, want in self._expected(step))
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
        task, disk = self._hands.task, self._paths
        for name in dict.fromkeys(m["file"] for m in OWED.finditer(task)):
            paths = disk.meant(name)
            if paths and not any(map(disk.filed, paths)):
                yield f"there is no {disk.short(paths[0])} yet"
        files = {name.rsplit("/", 1)[-1] for name in disk.named()}
        if len(files) == 1:
            yield from self._not_carried(disk)
        if len(files) != 1 or wants_no_saving(task) or not _SAVED.search(task):
            return
        first = self._first or {}
        paths = [path for path in disk.meant(next(iter(files))) if first.get(path)]
        if paths and all(disk.filed(path) == first[path] for path in paths):
            yield f"{disk.short(paths[0])} has not been written yet"

    def _not_carried(self, disk: Paths) -> Iterator[str]:
        """What is said of the one file of a task that is to be copied, moved or deleted, and is not."""
        first, folders = self._first or {}, disk.folders()
        if carried := _CARRIED.search(disk.task):
            own = [folder for folder in folders if first.get(f"{folder}/{carried['file']}")]
            others = [folder for folder in folders if folder not in own]
            to = f"{others[0]}/{carried['file']}" if len(own) == len(others) == 1 else ""
            if to and disk.filed(to) is None:
                yield f"there is no {disk.short(to)} yet"
        if deleted := _DELETED.search(disk.task):
            for path in disk.meant(deleted["file"]):
                if first.get(path) and disk.filed(path):
                    yield f"{disk.short(path)} is still there"

    def _wrong(self, mark: Mark) -> str:
        """What is not as the step should have left it."""
        now, name = self._paths.filed(mark.path), self._paths.short(mark.path)
        if mark.want == "gone":
            return f"{name} is still there" if now else ""
        if now is None:
            return f"there is no {name}"
        if mark.want == "written" and now == mark.was:
            return f"{name} is as it was"
        return ""

    def _expected(self, step: Step) -> Iterator[tuple[str, Want]]:
        """The paths that can be told, and what is to become of each."""
        for pattern, want in LEAVES.get(step.skill, ()):
            said = _PART.sub(lambda m: self._part(step, m[1], m[2]), pattern)
            if want == "gone" and "there" in (w for _, w in LEAVES[step.skill]) and _same_base(step):
                continue  # a folder is given to itself
            if "*" in said or "$" in said or "\0" in said:
                continue
            if path := self._paths.absolute(said, is_folder=pattern == "{folder}"):
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

    def _wait_for(self, wrong: Callable[[], str]) -> str:
        """What is wrong still after a while."""
        until = time.monotonic() + PATIENCE_S
        while (said := wrong()) and time.monotonic() < until:
            time.sleep(0.1)
        return said


def _same_base(step: Step) -> bool:
    """Whether a file is given the name or the place that it has."""
    old = str(step.arguments.get("old", "")).rsplit("/", 1)[-1]
    return bool(old) and old == str(step.arguments.get("new", "")).rsplit("/", 1)[-1]
