"""What kinds of application there are, and which application a window belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from grounding.facts import App, Facts
from grounding.tree import Window
from planner.appmap import plain
from planner.skills.skill import Kind

_WORDS: dict[Kind, tuple[str, ...]] = {
    "text": ("texteditor", "wordprocessor", "text editor", "word processor", "notes"),
    "sheet": ("spreadsheet",),
    "files": ("filemanager", "file manager"),
    "calculator": ("calculator",),
}


def is_kind(app: App, kind: Kind) -> bool:
    """Whether an application is of a kind, by what its desktop file says of it."""
    said = f"{app.name} {app.about}".casefold()
    return kind == "" or any(word in said for word in _WORDS[kind])


def owner(window: Window, apps: Sequence[App]) -> App | None:
    """The application that a window belongs to, if it is one of those known."""
    name = plain(window.app)
    for app in apps:
        command = app.command[0].rsplit("/", 1)[-1] if app.command else app.id
        if name and name in (plain(app.id), plain(app.name), plain(command)):
            return app
    return None


def of_kind(facts: Facts, kind: Kind) -> list[App]:
    """The applications of a kind."""
    return [app for app in facts.apps if is_kind(app, kind)]
