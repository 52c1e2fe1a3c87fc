"""The applications of a system, from its .desktop files, and finding one by whatever people call it."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterable
from pathlib import Path

from rapidfuzz import fuzz

from grounding.facts import App
from runtime.errors import AppNotInstalled

FOLDERS = (Path("/usr/local/share/applications"), Path("/usr/share/applications"))
CLEAR, AHEAD = 85.0, 6.0
"""How alike (0 to 100) a name must be to be taken for a misspelling, and how far ahead of the next."""
PLACEHOLDER = re.compile(r"%[a-zA-Z]")


def installed_apps(folders: Iterable[Path] = FOLDERS) -> tuple[App, ...]:
    """All applications that a menu would show and whose command exists, by id."""
    found: dict[str, App] = {}
    for folder in folders:
        for path in sorted(folder.glob("**/*.desktop")):
            app = read_app(path)
            if app and app.id not in found:
                found[app.id] = app
    return tuple(found[key] for key in sorted(found))


def read_app(path: Path) -> App | None:
    """One application of a .desktop file; None if it is hidden, not an application, or not installed."""
    fields = _entry(path)
    command = parse_command(fields.get("Exec", ""))
    hidden = "true" in (fields.get("NoDisplay", ""), fields.get("Hidden", ""), fields.get("Terminal", ""))
    if hidden or fields.get("Type") != "Application" or not command or not shutil.which(command[0]):
        return None
    about = [fields.get("Comment", ""), *(fields.get(key, "").replace(";", ", ") for key in ("Categories", "Keywords"))]
    generic = fields.get("GenericName", "")
    text = ". ".join(part.strip(" ,.") for part in [generic, *about] if part.strip(" ,."))
    return App(id=app_id(path.stem), name=fields.get("Name", path.stem), about=text, command=command)


def app_id(stem: str) -> str:
    """The last dotted part, in lower case: `org.xfce.mousepad` is `mousepad`."""
    return stem.rpartition(".")[2].lower() if re.fullmatch(r"[A-Za-z][\w-]*(\.[\w-]+){2,}", stem) else stem.lower()


def parse_command(line: str) -> tuple[str, ...]:
    """The words of an Exec line without placeholders for files."""
    try:
        words = shlex.split(line.replace("%%", "%"))
    except ValueError:
        return ()
    return tuple(word for word in words if not PLACEHOLDER.fullmatch(word))


def find_app(name: str, apps: Iterable[App]) -> App:
    """The application of that id, name, kind or command, whatever its case; `AppNotInstalled` with the closest ones."""
    known = {app.id: app for app in apps}
    wanted = " ".join(name.lower().split())
    for key, app in known.items():
        if wanted in (key, app.name.lower(), app.command[0].rpartition("/")[2].lower()):
            return app
    kinds = [app for app in known.values() if wanted and wanted == app.about.partition(".")[0].lower()]
    if kinds:
        return kinds[0]  # any of that kind is what was asked for
    if wanted and re.fullmatch(r"[\w.+/-]+", name) and shutil.which(name):
        return App(id=wanted.rpartition("/")[2], name=name, command=(name,))
    best = sorted(known.values(), key=lambda app: -_likeness(wanted, app))[:3]
    scores = [_likeness(wanted, app) for app in best]
    if best and scores[0] >= CLEAR and scores[0] - max(scores[1:], default=0.0) >= AHEAD:
        return best[0]
    raise AppNotInstalled(_sentence(name, best))


def _likeness(wanted: str, app: App) -> float:
    """How alike what was asked for is to an application's id, name or kind, 0 to 100."""
    labels = (app.id, app.name.lower(), app.about.partition(".")[0].lower())
    return max(max(fuzz.ratio(wanted, label), fuzz.token_set_ratio(wanted, label)) for label in labels)


def _sentence(name: str, close: list[App]) -> str:
    if not close:
        return f"there is no application {name!r} here, nor any other with a menu entry; install it first."
    names = ", ".join(f"{app.id} ({app.name})" for app in close)
    return (
        f"there is no application {name!r} on this desktop; the closest are {names}. Install it, or name one of those."
    )


def _entry(path: Path) -> dict[str, str]:
    """The plain fields of the [Desktop Entry] group."""
    fields: dict[str, str] = {}
    inside = False
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("["):
            inside = line.strip() == "[Desktop Entry]"
        elif inside and "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            fields.setdefault(key.strip(), value.strip())
    return fields
