"""A plan under amendment, and what its amendments need to know of the scene and the task."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, cached_property

from grounding.facts import App
from grounding.filed import Files
from planner.appmap import plain
from planner.hands import Hands
from planner.kinds import kind_of, named
from planner.planner import Step
from planner.program import line
from planner.skills.choosing import stems, with_synonyms
from planner.skills.skill import Kind, Skill
from planner.soundness import SAVERS

STRUCTURE = (*SAVERS, "launch", "open_file", "switch_window", "new_document", "done", "give_up", "ask")
"""Lines that say where something is done, and not what."""


class Draft:
    """A plan under amendment, and the reasons why it is no longer what the model wrote."""

    def __init__(self, steps: Sequence[Step], hands: Hands, library: Mapping[str, Skill]) -> None:
        self.steps = list(steps)
        self.reasons: list[str] = []
        self.hands, self.library = hands, library

    @cached_property
    def asked(self) -> frozenset[str]:
        """The applications that the task names, by their ids."""
        return frozenset(named(self.hands.task, self.hands.facts.apps))

    @cached_property
    def files(self) -> Files | None:
        """What the desktop tells of its files, each asked about once: a machine far away takes its time to answer."""
        told = self.hands.scene.files
        return cache(told) if told is not None else None

    def app(self, name: str) -> App | None:
        """The application of this id, if there is one."""
        return next((app for app in self.hands.facts.apps if app.id == name), None)

    def step(self, skill: str, *values: str) -> Step:
        """A line of a program; the lines are numbered at the end."""
        names = [p.name for p in self.library[skill].parameters]
        return Step(number=1, skill=skill, arguments=dict(zip(names, values, strict=False)), text=line(skill, values))

    def opens(self) -> bool:
        """Whether a line opens a file."""
        return any(s.skill == "open_file" for s in self.steps)

    def first_change(self) -> int:
        """The first line before which nothing but starting applications has happened."""
        return next((n for n, s in enumerate(self.steps) if s.skill != "launch"), len(self.steps))

    def is_in_front(self, name: str) -> bool:
        """Whether the title of the window in front tells of this file."""
        window = self.hands.window
        base = name.rstrip("/").rsplit("/", 1)[-1]
        if not base or window is None:
            return False
        told = base.casefold() in window.title.casefold()
        return told or self._shows_its_title(base, window.title) or self._at_its_address(base)

    def _at_its_address(self, base: str) -> bool:
        """Whether a browser is in front whose address is this file's: its title is the page's."""
        if self.kind_in_front() != "web":
            return False
        fields = [e.text for e in self.hands.elements(("text", "combo")) if "multiline" not in e.states]
        return any("/" in text and text.rstrip("/").endswith(f"/{base}") for text in fields)

    def _shows_its_title(self, base: str, title: str) -> bool:
        """Whether a viewer of such files is in front whose title is no file's: it tells how the document is called.

        The first file of that type that the task names is meant then.
        """
        ending = base.rpartition(".")[2].casefold()
        named = re.findall(rf"[\w~.-]+\.{re.escape(ending)}\b", self.hands.task, re.IGNORECASE)
        viewer = self.kind_in_front() == "viewer" and ending in ("pdf", "djvu", "epub")
        own = self.hands.app.name if self.hands.app else ""
        return viewer and named[:1] == [base] and "." not in title and plain(title) not in ("", plain(own))

    def app_in_front(self) -> str:
        """The application in front, by its id."""
        return self.hands.app.id if self.hands.app else ""

    def kind_in_front(self) -> Kind:
        return kind_of(self.hands.app) if self.hands.app else ""

    def kind_at(self, place: int) -> Kind:
        """The kind of application that this line works in: the one started last, or the one in front."""
        for step in reversed(self.steps[:place]):
            if step.skill == "calculate":
                return "calculator"
            if step.skill == "open_url":
                return "web"
            if step.skill == "launch":
                app = self.app(str(step.arguments["app"]))
                return kind_of(app) if app else ""
        return self.kind_in_front()

    def changes_document(self, step: Step) -> bool:
        """Whether a line changes what the document says or how it looks."""
        skill = self.library[step.skill]
        return skill.kind in ("text", "sheet", "slides") and skill.risk != "read" and step.skill not in SAVERS

    def acts(self, step: Step) -> bool:
        """Whether a line does something, and not only starts, opens, saves what is there or ends."""
        makes = step.skill in SAVERS and step.skill not in ("save", "close")
        return makes or (step.skill not in STRUCTURE and not self.library[step.skill].ends())

    def is_meant(self, step: Step) -> bool:
        """Whether the task has the verb of a line, or one like it."""
        return bool(set(stems(step.skill.split("_")[0])) & with_synonyms(self.hands.task).keys())
