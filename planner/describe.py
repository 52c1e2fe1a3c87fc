"""The scene in a few words, as the model is shown it: short, and the same words for the same scene."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from rapidfuzz import fuzz

from grounding.eyes import Eyes
from grounding.facts import App, Facts
from grounding.scene import Scene
from planner import grid
from planner.appmap import plain
from planner.hands import BUTTONS, FIELDS, Hands
from planner.kinds import SORTS, is_aside, kind_of, named, of_sort, owner, sort_of
from planner.skills.skill import Kind

ALIKE = 3
"""How many applications of one name are told."""
LINES = 14
"""A document of so many lines is told line by line."""
_LISTED = ("list_item", "icon", "tree_item", "cell")


def apps(facts: Facts, task: str, most: int = 9, unfit: Collection[str] = ()) -> str:
    """The applications, those that the task names or needs first; of a sort only the one to take, and those named."""
    meant, asked = plain(task), named(task, facts.apps)
    ranked = sorted(offered(facts, task), key=lambda app: -_closeness(app, meant, asked))
    told: list[str] = []
    count: Counter[str] = Counter()
    for app in _by_choice(ranked, facts, asked, unfit):
        words = kind_words(app)
        count[words] += 1
        if count[words] <= (1 if sort_of(app) else ALIKE) or app.id in asked:
            told.append(f"{app.id} ({words})")
    return ", ".join(told[:most]) or "none"


def _by_choice(ranked: Sequence[App], facts: Facts, asked: Collection[str], unfit: Collection[str]) -> list[App]:
    """The same list with the applications of each sort, in the places that the sort has, in the order of choice."""
    ids = {app.id for app in ranked}
    order = {
        sort: iter(sorted(
            (app for app in of_sort(facts, sort) if app.id in ids), key=lambda a: (a.id not in asked, a.id in unfit)
        ))
        for sort in SORTS
    }  # fmt: skip
    return [next(order[sort]) if (sort := sort_of(app)) else app for app in ranked]


def offered(facts: Facts, task: str) -> list[App]:
    """The applications that a plan may start: settings dialogs only where the task is about settings.

    What other desktops list is offered where the task names it, and so are their settings.
    """
    about_settings = bool(re.search(r"setting|preference|configur", task, re.IGNORECASE))
    asked = named(task, facts.apps)
    return [
        app for app in facts.apps
        if (about_settings if is_aside(app) else not app.elsewhere) or app.id in asked
    ]  # fmt: skip


def _closeness(app: App, meant: str, asked: Collection[str]) -> float:
    likeness = fuzz.token_set_ratio(plain(f"{app.name} {app.about}"), meant)
    return (200 if app.id in asked else 0) + (100 if kind_of(app) else 0) + likeness


def kind_words(app: App) -> str:
    """What an application is, in two or three words."""
    sort = sort_of(app)
    return sort.words if sort else short(app.name.lower(), 30)


SIGNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("text", re.compile(r"\.(txt|md|odt|docx?|rtf)\b|\b(text|paragraph|word|note|letter|line)s?\b", re.IGNORECASE)),
    ("sheet", re.compile(r"\.(ods|xlsx?|csv|gnumeric)\b|\b(cell|column|row|sheet|table|formula)s?\b|\b[A-Z]\d+\b")),
    ("slides", re.compile(r"\.(odp|pptx?)\b|\bslides?\b", re.IGNORECASE)),
    ("viewer", re.compile(r"\.(pdf|ps|djvu|epub)\b|\bpages?\b", re.IGNORECASE)),
    ("image", re.compile(r"\.(png|jpe?g|gif|bmp|webp|svg|xcf)\b|\b(image|picture|photo)s?\b", re.IGNORECASE)),
    ("archive", re.compile(
        r"\.(zip|7z|rar|tar|tgz|tar\.\w+)\b|\b(archives?|compress|unpack|extract)\b", re.IGNORECASE
    )),
    ("media", re.compile(r"\.(mp3|ogg|wav|mp4|mkv|avi|webm|flac)\b|\b(songs?|videos?|play(ing|er)?)\b", re.IGNORECASE)),
    ("web", re.compile(r"https?://|\bwww\.|\.(com|org|html?)\b|\b(web|site|browser|bookmark|tab)s?\b", re.IGNORECASE)),
    ("mail", re.compile(r"\b(e-?mails?|mails?|inbox)\b|\b\w+@\w+\.", re.IGNORECASE)),
    ("terminal", re.compile(r"\b(terminal|shell|command line)\b", re.IGNORECASE)),
    ("files", re.compile(r"\b(folder|director(y|ies)|file|trash|hidden)s?\b|~/", re.IGNORECASE)),
    ("calculator", re.compile(r"\b(calculat\w*|times|percent|plus|minus|divided)\b|\d ?[-+*/^] ?\d", re.IGNORECASE)),
)  # fmt: skip
"""What a task says of the kind of application that it is about, where it names none."""


def kinds(hands: Hands) -> set[Kind]:
    """The kinds of application that a task is about: those it names, what is in front, and what its words tell."""
    apps_ = hands.facts.apps
    asked = named(hands.task, apps_)
    found = {kind_of(app) for app in apps_ if app.id in asked}
    if hands.app is not None:
        found.add(kind_of(hands.app))
    said = plain(hands.task)
    found |= {sort.kind for sort in SORTS if sort.words in said}
    found |= {kind for kind, sign in SIGNS if sign.search(hands.task)}
    return found - {""}


def windows(scene: Scene, facts: Facts) -> str:
    """The open windows; `none`, or that it is not known, when only pixels tell."""
    if not scene.windows:
        return "not known" if "tree" not in scene.senses else "none"
    told = []
    for window in scene.windows:
        app = owner(window, facts.apps)
        front = " in front" if window is scene.active else ""
        who = f"{app.id}, {kind_words(app)}" if app else short(window.app, 30)
        told.append(f'"{short(window.title, 60)}" ({who}){front}')
    return ", ".join(told[:8])


def shown(scene: Scene, most: int = 520, cells: Mapping[str, str] | None = None) -> str:
    """What the window in front shows: its document, its list, its fields and buttons."""
    here = [e for e in scene.shown if e.window in (scene.active_index, -1)]
    parts = []
    if texts := [e for e in here if e.role in ("text", "document") and e.text and "multiline" in e.states]:
        parts.append(_document(max(texts, key=lambda e: e.box.area).text))
    table = grid.cells(scene) if cells is None else cells
    if items := [e.label for e in here if e.role in _LISTED and e.label and not table]:
        parts.append("items " + ", ".join(short(label, 30) for label in items[:20]))
    if table:
        parts.append("cells " + ", ".join(f"{name} {short(text, 24)}" for name, text in list(table.items())[:40]))
    if fields := [e for e in here if e.role in FIELDS and e.label and "multiline" not in e.states]:
        parts.append("fields " + ", ".join(f'{short(e.label, 30)} "{short(e.text, 30)}"' for e in fields[:8]))
    if scene.active and scene.active.role != "window":
        parts.append("buttons " + ", ".join(short(e.label, 24) for e in here if e.role in BUTTONS and e.label))
    if not parts and not scene.windows:
        parts.append(short(" | ".join(e.label for e in here if e.label), most))
    return short("; ".join(parts), most)


def table(hands: Hands) -> dict[str, str]:
    """The cells of a spreadsheet in front; read off the picture, which takes a second, where no tree tells of them."""
    if hands.app is None or kind_of(hands.app) != "sheet":
        return {}
    told = grid.cells(hands.scene)
    if told or "pixels" not in hands.scene.senses:
        return told
    return grid.cells(Eyes(("pixels",)).see(hands.scene.screenshot, None).deeper())


def _document(text: str) -> str:
    """The text of a document: its lines with their numbers where they are few, so that one can be named."""
    lines = text.rstrip("\n").split("\n")
    if 1 < len(lines) <= LINES and len(text) < 400:
        return "the lines " + " ".join(f'{n} "{short(line, 60)}"' for n, line in enumerate(lines, 1))
    return f'the text "{short(text, 200)}"'


def short(text: str, most: int) -> str:
    """A text on one line, cut in its middle when it is long."""
    line = text.replace("\n", "\\n")
    return line if len(line) <= most else f"{line[: most * 2 // 3]} … {line[-most // 4 :]}"
