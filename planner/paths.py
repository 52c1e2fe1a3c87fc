"""The files that words mean: from a name as a person says it, and a task, to paths of the desktop."""

from __future__ import annotations

import re
from dataclasses import dataclass

from grounding.filed import Filed, Files
from planner.soundness import places

NAME = r"[\w~/.-]*\w\.[A-Za-z]\w{0,5}"
_FILES = re.compile(rf"(?<![\w/@:]){NAME}\b")
_AT_HOME = re.compile(r"\b(?:in|into|to) (?:the |my )?home (?:folder|directory)\b", re.IGNORECASE)
_WORD = re.compile(r"(?<![\w.])[A-Z][\w-]*(?:/[\w-]+)*(?![\w-]|\.\w)")


@dataclass(frozen=True)
class Paths:
    """What a task's names mean on a desktop that tells of its files."""

    task: str
    home: str
    """Without a slash at its end."""
    files: Files | None

    def filed(self, path: str) -> Filed | None:
        """What there is under an absolute path; None where nothing is, and where nobody tells."""
        return self.files(path) if self.files is not None else None

    def short(self, path: str) -> str:
        """A path as a person says it."""
        return path.removeprefix(f"{self.home}/") if self.home else path

    def named(self) -> list[str]:
        """The names of files in the task, in its order."""
        return list(dict.fromkeys(_FILES.findall(self.task)))

    def absolute(self, said: str, *, is_folder: bool = False) -> str:
        """The path that a name says, where it or the task says in which folder and that folder is there; else empty."""
        folder, _, base = said.rpartition("/")
        if not folder and not is_folder:
            folder = places(self.task).get(base, "")
            if not folder:
                return ""
            said = f"{folder}/{base}"
        path = self._below_home(said)
        holder = self.filed(path.rpartition("/")[0] or "/") if path else None
        return path if holder is not None and holder.is_folder else ""

    def meant(self, name: str) -> list[str]:
        """The paths that a file of the task may have: in the folder that is said of it, else in the one that is named.

        Nothing where the task names several folders, or none: then it cannot be told.
        """
        if told := self.absolute(name):
            return [told]
        if "/" in name or not self.home:
            return []
        if _AT_HOME.search(self.task):
            return [f"{self.home}/{name}"]
        folders = self.folders()
        return [f"{folder}/{name}" for folder in folders] if len(folders) == 1 else []

    def folders(self) -> list[str]:
        """The folders below home that the task names and that are there."""
        words = dict.fromkeys(_WORD.findall(self.task)) if self.home else ()
        return [f"{self.home}/{word}" for word in words if (f := self.filed(f"{self.home}/{word}")) and f.is_folder]

    def told(self) -> str:
        """In a line which of the task's files are there, for who is to see what the desktop tells."""
        found = {path: self.filed(path) for name in self.named() for path in self.meant(name)}
        return "; ".join(f"{self.short(path)} {'is' if filed else 'is not'} there" for path, filed in found.items())

    def _below_home(self, said: str) -> str:
        if said.startswith("/"):
            return said
        return f"{self.home}/{said.removeprefix('~/')}" if self.home else ""


def basename(name: str) -> str:
    """What a path leads to, without the folders before it."""
    return name.rstrip("/").rsplit("/", 1)[-1]
