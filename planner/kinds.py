"""What sorts of application there are, which one of a sort to take, and which application a window belongs to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from grounding.facts import App, Facts
from grounding.tree import Window
from planner.appmaps.words import plain

if TYPE_CHECKING:
    from planner.skills.skill import Kind


class Sort(NamedTuple):
    """Applications that a person means by the same words; several sorts may be of one kind for the skills."""

    words: str
    """As people say it: `text editor`."""
    kind: Kind
    categories: tuple[frozenset[str], ...]
    """What the registered categories of a desktop file call it: all the words of one of these."""
    signs: re.Pattern[str]
    """Words of a desktop file that tell it where its categories do not."""
    files: str
    """The file type that one of this sort opens: whatever opens it by default is the desktop's own of the sort."""


def _sort(words: str, kind: Kind, categories: tuple[str, ...], signs: str, files: str = "") -> Sort:
    sets = tuple(frozenset(each.split()) for each in categories)
    return Sort(words, kind, sets, re.compile(rf"\b({signs})\b"), files)


SORTS = (
    _sort("file manager", "files", ("FileManager",), r"filemanager|file manager", "inode/directory"),
    _sort("spreadsheet", "sheet", ("Spreadsheet",), r"spreadsheet", "application/vnd.oasis.opendocument.spreadsheet"),
    _sort("calculator", "calculator", ("Calculator",), r"calculator|calculations", "x-scheme-handler/calculator"),
    _sort(
        "text editor", "text", ("TextEditor", "IDE", "WebDevelopment"),
        r"texteditor|text editor|(code|source|html) editor", "text/plain",
    ),
    _sort(
        "word processor", "text", ("WordProcessor",), r"wordprocessor|word processor",
        "application/vnd.oasis.opendocument.text",
    ),
    _sort(
        "presentation", "slides", ("Presentation",), r"presentation (program|editor|maker)",
        "application/vnd.oasis.opendocument.presentation",
    ),
    _sort("web browser", "web", ("WebBrowser",), r"web browser", "x-scheme-handler/http"),
    _sort("mail", "mail", ("Email",), r"e-?mail( client)?|mail client", "x-scheme-handler/mailto"),
    _sort("archive manager", "archive", ("Archiving Compression",), r"archive manager|archiver", "application/zip"),
    _sort("terminal", "terminal", ("TerminalEmulator",), r"terminal( emulator)?", ""),
    _sort("media player", "media", ("AudioVideo Player",), r"media player|video player|music player", "video/mp4"),
    _sort("document viewer", "viewer", ("Office Viewer",), r"document viewer|pdf viewer", "application/pdf"),
    _sort("image viewer", "image", ("Graphics Viewer", "Photography"), r"image viewer|picture viewer", "image/png"),
    _sort(
        "image editor", "image", ("RasterGraphics",), r"image editor|paint program|painting|image manipulation",
        "image/png",
    ),
    _sort("notes", "text", (), r"notes|note[- ]taking"),
)  # fmt: skip
"""The surest to tell first; of one kind the plainest first: an editor before a word processor."""
FILES = tuple(dict.fromkeys(sort.files for sort in SORTS if sort.files))
"""The file types that tell which application is the desktop's own of its sort."""
TOOLKITS = frozenset({"GTK", "Qt"})
ENVIRONMENTS = frozenset({"GNOME", "KDE", "XFCE", "MATE", "LXDE", "LXQt", "Cinnamon", "Unity", "Pantheon"})
QT_SESSIONS = frozenset({"kde", "lxqt"})
"""Sessions whose own applications are written with Qt; those of all others are with GTK."""
_TOLD_BY_FILES: frozenset[Kind] = frozenset({"text", "image", "archive"})
"""What opens pages, folders or media may be of many sorts."""
_ASIDE = re.compile(r"\b(settings|preferences)\b")
"""What configures an application is not one of its sort."""


def sort_of(app: App) -> Sort | None:
    """What sort an application is of, by its categories, else by what its desktop file says of it or what it opens.

    Of several, it is the first whose file type it opens: what calls itself a viewer may be one of pictures or of PDF.
    """
    if is_aside(app):
        return None
    said = f"{app.name} {app.about}".casefold()
    listed = [sort for sort in SORTS if any(words <= set(app.categories) for words in sort.categories)]
    told = [sort for sort in SORTS if sort.signs.search(said)]
    fits = (sort for sort in (*listed, *told) if sort.files in app.opens)
    opened = (sort for sort in SORTS if sort.files in app.opens and sort.kind in _TOLD_BY_FILES)
    return next(fits, None) or next(iter((*listed, *told, *opened)), None)


def kind_of(app: App) -> Kind:
    """What kind an application is for the skills; empty when it is of none."""
    sort = sort_of(app)
    return sort.kind if sort else ""


def is_kind(app: App, kind: Kind) -> bool:
    """Whether an application will do for a skill of this kind."""
    return kind in ("", kind_of(app))


def is_aside(app: App) -> bool:
    """Whether it only configures something: a settings dialog, not an application to work in."""
    return "Settings" in app.categories or bool(_ASIDE.search(app.name.casefold()))


def of_kind(facts: Facts, kind: Kind, unfit: Collection[str] = ()) -> list[App]:
    """The applications of a kind: the plainest sort first, of a sort the desktop's own; the unfit ones last."""
    found = [app for sort in SORTS if sort.kind == kind for app in of_sort(facts, sort)]
    return sorted(found, key=lambda app: app.id in unfit)


def of_sort(facts: Facts, sort: Sort) -> list[App]:
    """The applications of a sort, the one to take first: see `standing`."""
    return sorted(
        (app for app in facts.apps if sort_of(app) == sort), key=lambda app: standing(app, sort, facts.session)
    )


def standing(app: App, sort: Sort, session: str = "") -> tuple[bool | int | str, ...]:
    """A key that puts first which application of a sort a person would mean who names none.

    It is the one that the desktop opens such files with. Where the desktop says nothing, the plainest: what can open
    them at all, what is of the fewest categories (nothing else besides), what calls itself by the sort's name, what
    belongs to no other desktop environment, and what is written with this session's own toolkit; then by name, so
    that the same machine gives the same answer every time.
    """
    words = {word.casefold() for word in re.split(r"[:;]", session) if word}
    own = [c for c in app.categories if c not in TOOLKITS | ENVIRONMENTS and not c.startswith("X-")]
    foreign = {c.casefold() for c in app.categories if c in ENVIRONMENTS} - words
    toolkit = "Qt" if words & QT_SESSIONS else "GTK"
    return (
        app.elsewhere,
        sort.files not in app.default_for,
        bool(sort.files) and sort.files not in app.opens,
        len(own),
        app.generic.casefold() != sort.words,
        bool(foreign),
        toolkit not in app.categories,
        app.id,
    )


FOLDERS = ("Desktop", "Documents", "Downloads", "Music", "Pictures", "Public", "Templates", "Videos")
"""The folders that every home has: a task that says one means no application."""


def named(task: str, apps: Sequence[App]) -> frozenset[str]:
    """The ids of the applications that a task asks for by id, by name, or by a part of a name that no other has.

    What only says the sort (`the text editor`) names none, even where an application is called so.
    """
    said = f" {plain(task)} "
    sorts = {"", *map(plain, FOLDERS), *(sort.words for sort in SORTS), *(plain(app.generic) for app in apps)}
    common = {word for words in sorts for word in words.split()}
    held = Counter(word for app in apps for word in set(re.findall(r"\w+", app.name)))

    def is_named(app: App) -> bool:
        if any(f" {name} " in said for name in (plain(app.id), plain(app.name)) if name not in sorts):
            return True
        own = (
            w for w in re.findall(r"\w{4,}", app.name)
            if held[w] == 1 and w[0].isupper() and w.lower() not in common and w not in FOLDERS
        )  # fmt: skip
        return any(re.search(rf"\b{word}\b", task) for word in own)

    return frozenset(app.id for app in apps if is_named(app))


def owner(window: Window, apps: Sequence[App]) -> App | None:
    """The application that a window belongs to, if it is one of those known."""
    name = plain(window.app)
    for app in apps:
        command = app.command[0].rsplit("/", 1)[-1] if app.command else app.id
        if name and name in (plain(app.id), plain(app.name), plain(command)):
            return app
    titled = [app for app in apps if len(app.name) > 4 and plain(window.title).endswith(plain(app.name))]
    return max(titled, key=lambda app: len(app.name), default=None)
