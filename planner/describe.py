"""The scene in a few words, as the model is shown it: short, and the same words for the same scene."""

from __future__ import annotations

import re
from collections import Counter

from rapidfuzz import fuzz

from grounding.facts import App, Facts
from grounding.scene import Scene
from planner.appmap import plain
from planner.hands import BUTTONS, FIELDS
from planner.kinds import is_aside, kind_of, owner
from planner.skills.skill import Kind

KIND_WORDS: dict[Kind, str] = {
    "text": "text editor", "sheet": "spreadsheet", "files": "file manager", "calculator": "calculator",
}  # fmt: skip
_LISTED = ("list_item", "icon", "tree_item", "cell")


def apps(facts: Facts, task: str, most: int = 9) -> str:
    """The applications, those that the task names or needs first, few of each kind."""
    meant = plain(task)
    told: list[str] = []
    count: Counter[str] = Counter()
    for app in sorted(offered(facts, task), key=lambda app: -_closeness(app, meant)):
        words = kind_words(app)
        count[words] += 1
        if count[words] <= 3 or app.id in meant.split():
            told.append(f"{app.id} ({words})")
    return ", ".join(told[:most]) or "none"


def offered(facts: Facts, task: str) -> list[App]:
    """The applications that a plan may start: settings dialogs only where the task is about settings."""
    about_settings = re.search(r"setting|preference|configur", task, re.IGNORECASE)
    return [app for app in facts.apps if about_settings or not is_aside(app)]


def _closeness(app: App, meant: str) -> float:
    named = 200 if app.id in meant.split() or plain(app.name) in meant else 0
    return named + (100 if kind_of(app) else 0) + fuzz.token_set_ratio(plain(f"{app.name} {app.about}"), meant)


def kind_words(app: App) -> str:
    """What an application is, in two or three words."""
    return KIND_WORDS.get(kind_of(app)) or short(app.name.lower(), 30)


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


def shown(scene: Scene, most: int = 400) -> str:
    """What the window in front shows: its document, its list, its fields and buttons."""
    here = [e for e in scene.shown if e.window in (scene.active_index, -1)]
    parts = []
    if texts := [e for e in here if e.role in ("text", "document") and e.text and "multiline" in e.states]:
        parts.append(f'the text "{short(max(texts, key=lambda e: e.box.area).text, 160)}"')
    if items := [e.label for e in here if e.role in _LISTED and e.label]:
        parts.append("items " + ", ".join(short(label, 30) for label in items[:20]))
    if fields := [e for e in here if e.role in FIELDS and e.label and "multiline" not in e.states]:
        parts.append("fields " + ", ".join(f'{short(e.label, 30)} "{short(e.text, 30)}"' for e in fields[:8]))
    if scene.active and scene.active.role != "window":
        parts.append("buttons " + ", ".join(short(e.label, 24) for e in here if e.role in BUTTONS and e.label))
    if not parts and not scene.windows:
        parts.append(short(" | ".join(e.label for e in here if e.label), most))
    return short("; ".join(parts), most)


def short(text: str, most: int) -> str:
    """A text on one line, cut in its middle when it is long."""
    line = text.replace("\n", "\\n")
    return line if len(line) <= most else f"{line[: most * 2 // 3]} … {line[-most // 4 :]}"
