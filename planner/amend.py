"""The plan check against the first scene (WorldGUI): what is so already, and what a plan forgot, is put right.

The application may be open, another document in it, the file half written: a small model plans as if all were new.
"""

from __future__ import annotations

import re

from planner.amend_flow import FLOW, on_the_line_said
from planner.appmap import plain
from planner.draft import Draft
from planner.kinds import kind_of
from planner.parts import given, missing, used
from planner.soundness import SAVERS, asks, places, wants_no_saving

_NEW = re.compile(r"\b(new|create|empty|fresh|blank|make|start)\b", re.IGNORECASE)
_OWN_LINE = re.compile(
    r"\b((new|last|another|own|separate|final) (line|paragraph|entry|row|item)|a line|to the list)\b", re.IGNORECASE
)
_VERBS = {
    "copy_file": re.compile(r"\b(cop(y|ies|ied)|duplicate|backup|back up)\b", re.IGNORECASE),
    "move_file": re.compile(r"\bmov(e|ed|ing)\b", re.IGNORECASE),
}
_INSIDE = re.compile(
    r"\b(?:[Ii]n|[Ii]nside|[Ww]ithin)\s+(?:(?:my|the)\s+)?(?:(?:folder|directory)\s+)?(?P<folder>[A-Z][\w-]*)(?=[\s.,;:!?]|$)",
    re.MULTILINE,
)
_LAST = re.compile(
    r"\b(at|to) the (very )?(end|bottom)\b|\b(new |the )?last (line|paragraph)\b|\bat its end\b", re.IGNORECASE
)
_FIRST = re.compile(
    r"\b(at|to) the (very )?(top|beginning|start)\b|\b(new |the )?first line\b|\babove everything\b", re.IGNORECASE
)
_OPERATORS = ((r"\bdivided by\b", "/"), (r"\b(multiplied by|times)\b", "*"), (r"\bplus\b", "+"), (r"\bminus\b", "-"))
_NAMED = re.compile(r"[^\s/\\:*?\"<>|]\.[A-Za-z][A-Za-z0-9]{0,7}\b")
_HANDLED = ("copy_file", "move_file", "rename_file", "delete_file", "duplicate_file")
PLACED = ("name", "old", "file")
"""Arguments that a file stands in."""
_BY_HAND = ("write", "append", "prepend", "rewrite")


class Amended(Draft):
    """A draft, amended by everything that this module and `amend_flow` know."""

    def go(self) -> Amended:
        """Make every amendment that the scene and the task call for."""
        for amend in FLOW:
            amend(self)
        self._not_opened_first()
        self._copied_by_its_application()
        self._by_its_verb()
        self._all_of_it()
        self._answer_that_is_there()
        self._reckoned_as_said()
        self._in_their_folders()
        self._made_in_its_folder()
        self._opened_already()
        on_the_line_said(self)
        self._at_the_place_said()
        self._saved_where_it_is()
        self._fresh_page()
        self._own_line()
        self._saved_at_the_end()
        self.steps = [step.model_copy(update={"number": n}) for n, step in enumerate(self.steps, 1)]
        return self

    def _not_opened_first(self) -> None:
        """A file that is only copied, moved, renamed or deleted is not opened before."""
        for place, (step, after) in enumerate(zip(self.steps, self.steps[1:], strict=False)):
            name = str(step.arguments.get("name", ""))
            if step.skill == "open_file" and after.skill in _HANDLED and name in map(str, after.arguments.values()):
                del self.steps[place]
                self.reasons.append(f"{name} need not be opened for that")
                return

    def _copied_by_its_application(self) -> None:
        """A copy that an editor is to make is its document saved under another name; one beside it is a duplicate."""
        for place, step in enumerate(self.steps):
            if step.skill not in ("copy_file", "duplicate_file"):
                continue
            name, copy = map(str, step.arguments.values())
            if not _NAMED.search(copy.rsplit("/", 1)[-1]):
                continue
            folder = name.rpartition("/")[0]
            if self._edits(place):
                to = copy if "/" in copy or not folder else f"{folder}/{copy}"
                self.steps[place : place + 1] = [self.step("open_file", name), self.step("save_as", to)]
                self.reasons.append("a copy made with an editor is saved under another name")
            elif step.skill == "copy_file" and copy.rpartition("/")[0] in ("", folder):
                self.steps[place] = self.step("duplicate_file", name, copy.rsplit("/", 1)[-1])
                self.reasons.append(f"{copy} is no folder")
            return

    def _edits(self, place: int) -> bool:
        """Whether the application that the task names, and the plan started before this line, works on documents."""
        started = next((s for s in reversed(self.steps[:place]) if s.skill == "launch"), None)
        app = self.app(str(started.arguments["app"])) if started else None
        if app is None or app.id not in self.asked:
            return False
        return kind_of(app) in ("text", "sheet", "slides", "image")

    def _by_its_verb(self) -> None:
        """What is to be moved is not copied, and the other way round."""
        says = {verb: bool(pattern.search(self.hands.task)) for verb, pattern in _VERBS.items()}
        for place, step in enumerate(self.steps):
            other = {"copy_file": "move_file", "move_file": "copy_file"}.get(step.skill)
            if other and says[other] and not says[step.skill]:
                self.steps[place] = self.step(other, *map(str, step.arguments.values()))
                self.reasons.append(f"the task says {other.split('_')[0]}")

    def _all_of_it(self) -> None:
        """Where a part of the document is to be named, and its file is, all of it is meant."""
        for place, step in enumerate(self.steps):
            text = str(step.arguments.get("text", ""))
            if not text or "empty text means all" not in self.library[step.skill].about:
                continue
            unknown = used(step) and not used(step) & set(self.hands.notes)
            given_before = {name for s in self.steps[:place] for name in given(s, self.library)}
            if self.is_in_front(text) or (unknown and not used(step) & given_before):
                self.steps[place] = self.step(step.skill, "", *map(str, list(step.arguments.values())[1:]))
                self.reasons.append(f"{text} is the document itself")

    def _answer_that_is_there(self) -> None:
        """Nobody is answered with a value that nothing gives, where nothing was asked."""
        if not self.steps or self.steps[-1].skill != "done" or asks(self.hands.task):
            return
        if missing(self.steps, self.library, self.hands.notes) and used(self.steps[-1]):
            self.steps[-1] = self.step("done")

    def _reckoned_as_said(self) -> None:
        """An expression that the task writes out is taken with its brackets, which a small model drops."""
        said = _spoken(self.hands.task)
        mean = _mean(self.hands.task)
        for place, step in enumerate(self.steps):
            expression = str(step.arguments.get("expression", ""))
            bare = re.sub(r"[\s()]", "", expression)
            meant = next((e for e in said if "(" in e and re.sub(r"[\s()]", "", e) == bare), None)
            if step.skill == "calculate" and meant and re.sub(r"\s", "", expression) != re.sub(r"\s", "", meant):
                self.steps[place] = self.step("calculate", meant)
                self.reasons.append("the brackets are the task's")
            elif step.skill == "calculate" and mean and _numbers(expression) <= {*_numbers(mean), "0"}:
                self.steps[place] = self.step("calculate", mean)
                self.reasons.append("the average of these")

    def _made_in_its_folder(self) -> None:
        """What is to be made inside a folder is made after going there."""
        place = next((n for n, s in enumerate(self.steps) if s.skill in ("create_folder", "create_file")), None)
        if place is None:
            return
        match = _INSIDE.search(self.hands.task)
        folder = match["folder"] if match and not self._is_app(match["folder"]) else ""
        name = str(self.steps[place].arguments.get("name", ""))
        before = any(folder in str(v) for s in self.steps[:place] for v in s.arguments.values())
        if not folder or folder == name or folder in name.split("/") or before or self._shows(folder):
            return
        self.steps.insert(place, self.step("open_folder", folder))
        self.reasons.append(f"it is to be inside {folder}")
        later = next((s for s in self.steps[place + 2 :] if s.skill == "open_folder"), None)
        if later is not None and str(later.arguments["folder"]).strip("~/") == folder:
            self.steps.remove(later)

    def _at_the_place_said(self) -> None:
        """What is to stand at the end or at the top of a document that is there is put there."""
        task = self.hands.task
        there = self.opens() or bool(self.hands.editor and self.hands.editor.text.strip())
        if not there or any(s.skill == "new_document" for s in self.steps):
            return
        swapped = "append" if _FIRST.search(task) and not _LAST.search(task) else ""
        swapped = "prepend" if _LAST.search(task) and not _FIRST.search(task) else swapped
        for place, step in enumerate(self.steps):
            if step.skill == swapped:
                text = str(step.arguments["text"]).strip("\n")
                self.steps[place] = (
                    self.step("prepend", f"{text}\n") if swapped == "append" else self.step("append", f"\n{text}")
                )
                self.reasons.append("the task says at which end")
        moved = ("go_to_line", "find_text", "press", "click", "append", "prepend", "insert_line", "insert_after")
        for place, step in enumerate(self.steps):
            text = str(step.arguments.get("text", ""))
            if step.skill != "write" or any(s.skill in moved for s in self.steps[:place]):
                continue
            if _LAST.search(task):
                self.steps[place] = self.step("append", text if text.startswith("\n") else f"\n{text.rstrip(chr(10))}")
                self.reasons.append("it is to stand at the end")
            elif _FIRST.search(task):
                self.steps[place] = self.step("prepend", text if text.endswith("\n") else f"{text}\n")
                self.reasons.append("it is to stand at the top")
            return

    def _in_their_folders(self) -> None:
        """A file is named with the folder that the task puts it in, where no line goes there before."""
        for file, folder in places(self.hands.task).items():
            if self._is_app(folder):
                continue
            for place, step in enumerate(self.steps):
                at = next((n for n, v in step.arguments.items() if str(v) == file and n in PLACED), None)
                before = self.steps[:place]
                there = any(folder in str(v) for s in before for v in s.arguments.values())
                stays = self._shows(folder) and not any(s.skill == "open_folder" for s in before)
                if at is None or there or stays:
                    continue
                values = [f"{folder}/{file}" if n == at else str(v) for n, v in step.arguments.items()]
                self.steps[place] = self.step(step.skill, *values)
                self.reasons.append(f"{file} is in {folder}")

    def _is_app(self, word: str) -> bool:
        """Whether it is an application that something is to be done in, and no folder."""
        return any(word.casefold() in (app.id.casefold(), app.name.casefold()) for app in self.hands.facts.apps)

    def _shows(self, folder: str) -> bool:
        """Whether the window in front is a file manager that shows this folder."""
        window = self.hands.window
        return window is not None and self.kind_in_front() == "files" and folder in window.title

    # -- what is so already ------------------------------------------------------------------------------------------

    def _opened_already(self) -> None:
        """A document that is in front already is not opened once more."""
        for step in [s for s in self.steps if s.skill == "open_file"]:
            name = str(step.arguments["name"])
            if self.steps.index(step) <= self.first_change() and self.is_in_front(name):
                self.steps.remove(step)
                self.reasons.append(f"{name} is open already")

    def _saved_where_it_is(self) -> None:
        """`save_as` under the name that the document has, which the task does not say, is `save`."""
        for place, step in enumerate(self.steps):
            name = str(step.arguments.get("name", ""))
            said = plain(name.rsplit("/", 1)[-1]) in plain(self.hands.task)
            if step.skill == "save_as" and not said and self.is_in_front(name) and not self.opens():
                self.steps[place] = self.step("save")
                self.reasons.append(f"the document is called {name} already")

    def _fresh_page(self) -> None:
        """Something new is not written into another document that happens to be open."""
        place = next((n for n, s in enumerate(self.steps) if s.skill in _BY_HAND), None)
        if place is None or self.opens() or not _NEW.search(self.hands.task):
            return
        if any(s.skill in ("new_document", "set_cell") for s in self.steps[:place]):
            return
        editor = self.hands.editor
        here = plain(self.hands.task)
        title = self.hands.window.title if self.hands.window else ""
        meant = any(plain(word) in here for word in re.findall(r"[\w.-]+\.\w+", title))
        launched = next((str(s.arguments["app"]) for s in self.steps[:place] if s.skill == "launch"), None)
        if editor is None or not editor.text.strip() or meant or self.kind_in_front() != "text":
            return
        if launched is not None and launched != self.app_in_front():
            return
        self.steps.insert(place, self.step("new_document"))
        self.reasons.append("another document is open there")

    # -- what a plan forgot ------------------------------------------------------------------------------------------

    def _own_line(self) -> None:
        """What is to be a line of its own begins with a line break where it is put behind others."""
        task = self.hands.task
        for place, step in enumerate(self.steps):
            text = str(step.arguments.get("text", ""))
            if step.skill == "append" and text and not text.startswith("\n") and _OWN_LINE.search(task):
                self.steps[place] = self.step("append", f"\n{text}")
                self.reasons.append("it is to be a line of its own")

    def _saved_at_the_end(self) -> None:
        """A document with a file of its own that was changed is saved, unless the task wants it otherwise."""
        changes = [n for n, s in enumerate(self.steps) if self.changes_document(s)]
        title = self.hands.window.title if self.hands.window else ""
        named = self.opens() or (_NAMED.search(title) and not any(s.skill == "launch" for s in self.steps[1:]))
        if not changes or not named or wants_no_saving(self.hands.task):
            return
        if any(s.skill in SAVERS for s in self.steps[changes[-1] :]):
            return
        if _NAMED.search(self.hands.task) or re.search(r"\b(document|file|letter|sheet|note)\b", self.hands.task):
            self.steps.insert(changes[-1] + 1, self.step("save"))
            self.reasons.append("a changed file is saved")


_MEAN = re.compile(r"\b(?:average|mean) (?:value )?of ((?:[\d.]+(?:,? and |, | ))+[\d.]*\d)", re.IGNORECASE)


def _numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:\.\d+)?", text))


def _mean(task: str) -> str:
    """What an average comes to that a task asks for with its numbers: `(1+2+6)/3`; empty where it asks for none."""
    match = _MEAN.search(task)
    numbers = re.findall(r"\d+(?:\.\d+)?", match[1]) if match else []
    return f"({'+'.join(numbers)})/{len(numbers)}" if len(numbers) > 1 else ""


def _spoken(task: str) -> list[str]:
    """The arithmetic that a task writes out, its words as signs."""
    for word, sign in _OPERATORS:
        task = re.sub(word, sign, task)
    found = [match[0].strip() for match in re.finditer(r"[\d(][\d\s.+*/^()-]{2,}[\d)]", task)]
    return [e for e in found if not re.fullmatch(r"\([^()]*\)", e)]
