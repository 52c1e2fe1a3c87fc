"""What kinds of application there are, and which application a window belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from grounding.facts import App, Facts
from grounding.tree import Window
from planner.appmap import plain

if TYPE_CHECKING:
    from planner.skills.skill import Kind

_SIGNS: tuple[tuple[Kind, str], ...] = (
    ("files", r"filemanager|file manager"),
    ("sheet", r"spreadsheet"),
    ("calculator", r"calculator|calculations"),
    ("text", r"texteditor|text editor"),
    ("text", r"wordprocessor|word processor|notes"),
)
"""Words of a desktop file that tell its kind, the surest first."""
_ASIDE = re.compile(r"\b(settings|preferences)\b")
"""What configures an application is not one of its kind."""


def kind_of(app: App) -> Kind:
    """What kind an application is, by what its desktop file says of it; empty when it is of none."""
    said = f"{app.name} {app.about}".casefold()
    if is_aside(app):
        return ""
    return next((kind for kind, words in _SIGNS if re.search(rf"\b({words})\b", said)), "")


def is_kind(app: App, kind: Kind) -> bool:
    """Whether an application will do for a skill of this kind."""
    return kind in ("", kind_of(app))


def is_aside(app: App) -> bool:
    """Whether it only configures something: a settings dialog, not an application to work in."""
    return bool(_ASIDE.search(app.name.casefold()))


def of_kind(facts: Facts, kind: Kind) -> list[App]:
    """The applications of a kind, the plainest first: an editor before a word processor."""
    found = [app for app in facts.apps if kind_of(app) == kind]
    return sorted(found, key=lambda app: "wordprocessor" in app.about.casefold())


def owner(window: Window, apps: Sequence[App]) -> App | None:
    """The application that a window belongs to, if it is one of those known."""
    name = plain(window.app)
    for app in apps:
        command = app.command[0].rsplit("/", 1)[-1] if app.command else app.id
        if name and name in (plain(app.id), plain(app.name), plain(command)):
            return app
    titled = [app for app in apps if len(app.name) > 4 and plain(window.title).endswith(plain(app.name))]
    return max(titled, key=lambda app: len(app.name), default=None)
