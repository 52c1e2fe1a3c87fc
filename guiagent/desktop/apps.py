"""The applications of a system, from its .desktop files, and finding one by whatever people call it."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from rapidfuzz import fuzz

from grounding.facts import App
from guiagent.desktop.associations import applications_folders, default_entries
from planner.kinds import FILES, SORTS, sort_of, standing
from runtime.errors import AppNotInstalled

CLEAR, AHEAD = 85.0, 6.0
"""How alike (0 to 100) a name must be to be taken for a misspelling, and how far ahead of the next."""
PLACEHOLDER = re.compile(r"%[a-zA-Z]")


def installed_apps(environment: Mapping[str, str]) -> tuple[App, ...]:
    """All applications that a menu would show, and whose command exists, by id; those of other sessions are marked.

    What stands in the user's own folder replaces what the system has under the same file name, and may hide it.
    """
    session = environment.get("XDG_CURRENT_DESKTOP", "")
    entries: dict[str, App | None] = {}
    for folder in applications_folders(environment):
        for path in sorted(folder.glob("**/*.desktop")):
            name = "-".join(path.relative_to(folder).parts)
            if name not in entries:
                entries[name] = read_app(path, session)
    defaults = default_entries(environment, FILES, {name for name, app in entries.items() if app})
    found: dict[str, App] = {}
    for name, app in entries.items():
        if app and app.id not in found:
            files = tuple(file for file in FILES if defaults.get(file) == name)
            found[app.id] = app.model_copy(update={"default_for": files}) if files else app
    return tuple(found[key] for key in sorted(found))


def read_app(path: Path, session: str = "") -> App | None:
    """One application of a .desktop file; None if it is hidden, not an application, or not installed."""
    fields = _entry(path)
    command = parse_command(fields.get("Exec", ""))
    if not command or not _exists(command[0]) or not _exists(fields.get("TryExec", command[0])):
        return None
    app = app_from(path.stem, fields, session)
    return app.model_copy(update={"version": stamp(command[0])}) if app else None


def app_from(stem: str, fields: Mapping[str, str], session: str = "") -> App | None:
    """The application that a .desktop file's fields tell of, on whichever machine; None if it is hidden or none."""
    command = parse_command(fields.get("Exec", ""))
    if fields.get("Type") != "Application" or _is_hidden(fields) or not command:
        return None
    about = [fields.get("Comment", ""), *(fields.get(key, "").replace(";", ", ") for key in ("Categories", "Keywords"))]
    generic = fields.get("GenericName", "")
    text = ". ".join(part.strip(" ,.") for part in [generic, *about] if part.strip(" ,."))
    return App(
        id=app_id(stem), name=fields.get("Name", stem), about=text, command=command, generic=generic,
        categories=_list(fields, "Categories"), opens=tuple(f for f in FILES if f in _list(fields, "MimeType")),
        elsewhere=_is_elsewhere(fields, session),
    )  # fmt: skip


def stamp(program: str) -> str:
    """What tells one build of a program from another: the size and time of its file, in hexadecimal digits."""
    place = shutil.which(program)
    try:
        facts = Path(place).stat() if place else None
    except OSError:
        facts = None
    return f"{facts.st_size:x}-{int(facts.st_mtime):x}" if facts else ""


def _is_hidden(fields: Mapping[str, str]) -> bool:
    """Whether every menu leaves it out: always, or because it needs a terminal."""
    return "true" in (fields.get("NoDisplay", ""), fields.get("Hidden", ""), fields.get("Terminal", ""))


def _is_elsewhere(fields: Mapping[str, str], session: str) -> bool:
    """Whether this session's menu leaves it out."""
    here = {word for word in session.split(":") if word}
    only, never = set(_list(fields, "OnlyShowIn")), set(_list(fields, "NotShowIn"))
    return bool((session and only and not here & only) or here & never)


def _list(fields: Mapping[str, str], key: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in fields.get(key, "").split(";") if word.strip())


def _exists(program: str) -> bool:
    return bool(shutil.which(program))


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
    if chosen := of_sort_called(wanted, known.values()) or kinds:
        return chosen[0]  # any of that kind is what was asked for
    if wanted and re.fullmatch(r"[\w.+/-]+", name) and shutil.which(name):
        return App(id=wanted.rpartition("/")[2], name=name, command=(name,))
    best = sorted(known.values(), key=lambda app: -_likeness(wanted, app))[:3]
    scores = [_likeness(wanted, app) for app in best]
    if best and scores[0] >= CLEAR and scores[0] - max(scores[1:], default=0.0) >= AHEAD:
        return best[0]
    raise AppNotInstalled(_sentence(name, best))


def of_sort_called(words: str, apps: Iterable[App]) -> list[App]:
    """The applications of the sort that is called so, the one to take first."""
    sort = next((sort for sort in SORTS if sort.words == words), None)
    return sorted((app for app in apps if sort_of(app) == sort), key=lambda app: standing(app, sort)) if sort else []


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
    return entry_fields(path.read_text(encoding="utf-8", errors="replace"))


def entry_fields(text: str) -> dict[str, str]:
    """The plain fields of the [Desktop Entry] group of a .desktop file."""
    fields: dict[str, str] = {}
    inside = False
    for line in text.splitlines():
        if line.startswith("["):
            inside = line.strip() == "[Desktop Entry]"
        elif inside and "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            fields.setdefault(key.strip(), value.strip())
    return fields
