"""App maps: what an application can be told to do, harvested from its menus and remembered by application."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from grounding.element import Element
from grounding.scene import Scene

_NOISE = re.compile(r"[^\w\s&+]|_")
_SMALL = frozenset({"a", "an", "the", "and", "&", "of"})
"""Words that make no other command of one."""
ANOTHER = 0.6
"""The most that two labels come to when each says something that the other does not."""


def plain(label: str) -> str:
    """A label as it is compared: lower case, without punctuation, mnemonics and dots."""
    return " ".join(_NOISE.sub(" ", label.lower()).split())


def likeness(label: str, phrases: Sequence[str]) -> float:
    """How well a label says one of the phrases, 0 to 1; earlier phrases win a tie."""
    said = plain(label)
    if not said:
        return 0.0
    scores = [_likeness(said, plain(phrase)) - 0.01 * place for place, phrase in enumerate(phrases)]
    return max(scores, default=0.0)


def _likeness(said: str, meant: str) -> float:
    """Close by their words first: letters in common do not make `Save All` of `save as`."""
    if said == meant:
        return 1.0
    score = _by_words(said, meant)
    return min(score, ANOTHER) if _differ(set(said.split()), set(meant.split())) else score


def _differ(said: set[str], meant: set[str]) -> bool:
    """Whether each has a word of its own, or only one of them speaks of all."""
    own = {w for w in said - _SMALL if not any(_same_word(w, m) for m in meant)}
    missed = {m for m in meant - _SMALL if not any(_same_word(m, w) for w in said)}
    return bool(own and missed) or "all" in own | missed


def _same_word(one: str, other: str) -> bool:
    """Equal, or in another number or spelling: `lines` for `line`, but not `unselect` for `select`."""
    return one == other or (one[0] == other[0] and min(len(one), len(other)) > 2 and fuzz.ratio(one, other) > 84)


def _by_words(said: str, meant: str) -> float:
    few, many = sorted((set(said.split()), set(meant.split())), key=len)
    if len(few) >= 2 and few < many:
        return 0.92 - 0.03 * len(many - few)
    if not meant or not set(said.split()) & set(meant.split()):
        return 0.6 * fuzz.ratio(said, meant) / 100 if abs(len(said) - len(meant)) < 3 else 0.0
    return 0.95 * fuzz.token_sort_ratio(said, meant) / 100


@dataclass(frozen=True, slots=True)
class Command:
    """One thing an application can be told by its menus."""

    path: tuple[str, ...]
    """From the menu bar down: `("File", "Save As...")`."""
    shortcut: str = ""
    enabled: bool = True
    checkable: bool = False
    checked: bool = False
    element: str = ""
    """Its element in the scene at hand."""

    @property
    def label(self) -> str:
        return self.path[-1]

    @property
    def words(self) -> str:
        """As a person writes it: `File > Save As...`."""
        return " > ".join(self.path)


class AppMap:
    """The commands of applications, learned from every scene that shows a menu bar."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Command, ...]] = {}

    def learn(self, scene: Scene) -> None:
        """Take in the active window's menus."""
        if scene.active and scene.commands:
            self._known[scene.active.app] = tuple(_command(e) for e in scene.commands)

    def commands(self, scene: Scene) -> tuple[Command, ...]:
        """What the active window's application can be told; from memory when its menus cannot be seen now."""
        if scene.commands:
            return tuple(_command(e) for e in scene.commands)
        return self._known.get(scene.active.app, ()) if scene.active else ()

    def find(self, scene: Scene, phrases: Sequence[str], at_least: float = 0.72) -> list[Command]:
        """The commands that say one of the phrases, best first; what says it clearly less well is left out.

        A greyed command is in it: where `Save` is greyed, `Save All` is not what was meant.
        """
        scored = [(self._score(c, phrases), c) for c in self.commands(scene)]
        best = max((score for score, _ in scored), default=0.0)
        good = [(score, c) for score, c in scored if score >= max(at_least, best - 0.06)]
        return [c for _, c in sorted(good, key=lambda pair: (not pair[1].enabled, -pair[0], len(pair[1].path)))]

    def _score(self, command: Command, phrases: Sequence[str]) -> float:
        paths = [p for p in phrases if ">" in p]
        if paths:
            return max(likeness(command.words, [p]) for p in paths)
        return likeness(command.label, phrases)

    def title(self, scene: Scene, words: str) -> Command | None:
        """A menu or submenu that is called this."""
        menus = [e for e in scene.elements if e.role == "menu" and e.path and e.window == scene.active_index]
        scored = [(likeness(" > ".join(e.path) if ">" in words else e.path[-1], [words]), e) for e in menus]
        score, best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
        return _command(best) if best is not None and score > 0.85 else None

    def inside(self, scene: Scene, title: Command) -> str:
        """What a menu offers, as a list of words."""
        depth = len(title.path)
        return ", ".join(c.label for c in self.commands(scene) if c.path[:depth] == title.path)[:200]

    def relevant(self, scene: Scene, task: str, most: int = 12) -> list[Command]:
        """The commands whose words come closest to a task's, for the planner to see."""
        meant = plain(task)
        scored = [(fuzz.token_set_ratio(plain(c.label), meant), c) for c in self.commands(scene)]
        return [c for score, c in sorted(scored, key=lambda pair: -pair[0])[:most] if score > 55]


def _command(element: Element) -> Command:
    return Command(
        element.path,
        element.shortcut if len(element.shortcut) > 1 else "",  # a single letter is a mnemonic, not a shortcut
        element.enabled,
        element.role != "menu_item" or "checkable" in element.states,
        "checked" in element.states,
        element.id,
    )


def named(elements: Iterable[Element], words: str) -> list[Element]:
    """The elements whose label is these words, best first."""
    scored = [(likeness(e.label, [words]), e) for e in elements if e.label]
    return [e for score, e in sorted(scored, key=lambda pair: -pair[0]) if score > 0.85]
