"""The common commands by meaning: what menus call them, and the keys most applications give them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from runtime.value import Value

FILES = ("concepts.toml", "concepts_desk.toml")
"""Where the commands are told: of documents, and of everything else on a desktop."""


class Concept(Value):
    """One command by meaning."""

    labels: tuple[str, ...]
    """What it is called, the most telling first."""
    keys: tuple[str, ...]
    """Chords by convention, the most common first."""
    never: tuple[str, ...] = ()
    """Words that tell a command of another meaning by: `Go to Page` goes to no line."""
    of_app: tuple[str, ...] = ()
    """What it is called where the application's own name is in it, which `{}` stands for: `configure {}`."""

    def named(self, app: str) -> tuple[str, ...]:
        """What it is called in the application of this name."""
        return (*(words.format(app) for words in self.of_app if app), *self.labels)


@cache
def concepts() -> dict[str, Concept]:
    """All of `FILES`, by name; what two of them tell the first one has."""
    found: dict[str, Concept] = {}
    for file in FILES:
        text = resources.files("planner.skills").joinpath(file).read_text("utf-8")
        for name, entry in tomllib.loads(text).items():
            found.setdefault(name, Concept.model_validate(entry))
    return found


def concept(words: str) -> Concept:
    """A concept by its name; words that name none stand for themselves."""
    known = concepts().get(words.replace(" ", "_").lower())
    return known or Concept(labels=(words,), keys=())
