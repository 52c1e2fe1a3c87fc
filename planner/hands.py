"""What a skill's body works with: the scene at hand, what just changed, and how to find things on it by meaning."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from grounding.change import Change, changes
from grounding.element import Element
from grounding.facts import App, Facts
from grounding.geometry import Box
from grounding.scene import Scene
from grounding.target import Grounder, Target
from grounding.tree import Window
from planner.appmap import AppMap, Command, likeness
from planner.kinds import owner

FIELDS = ("text", "password", "spin", "combo")
BUTTONS = ("button", "toggle_button", "link")
DIALOG = 0.015
"""The share of the screen that a small dialog takes at least."""
ITEMS = ("list_item", "icon", "cell", "tree_item", "row", "image", "label", "text_line")


class Hands:
    """The scene at hand, and everything that is asked of it. The Operator shows it every new scene."""

    def __init__(self, grounder: Grounder, appmap: AppMap, facts: Facts) -> None:
        self.grounder = grounder
        self.appmap = appmap
        appmap.begin(facts)
        self.facts = facts
        self.notes: dict[str, str] = {}
        self.note: Callable[[str, str], None] = self.notes.__setitem__
        """Keeps a value by name."""
        self.reading: Callable[[str], str] = lambda wanted: ""  # nobody reads where there is no model
        """Reads off the window in front what it says about something; empty where it says nothing of it."""
        self.attempt = 0
        """How often this step has failed before; it turns the order in which ways are tried."""
        self.task = ""
        self.done: list[str] = []
        """The lines of programs that did not fail so far in this task."""
        self.answer = ""
        """What the user said, after an `Ask`."""
        self.unfit: set[str] = set()
        """Applications that turned out not to do for this task, by id."""
        self.panel: Box | None = None
        """Where the last dialog or menu appeared, when only pixels tell."""
        self._begun: Scene | None = None
        self._scene: Scene | None = None
        self._change: Change | None = None

    # -- seeing ------------------------------------------------------------------------------------------------------

    def see(self, scene: Scene) -> None:
        """Take in a new scene."""
        if self._scene is not None:
            self._change = changes(self._scene, scene)
            self._follow_panel()
        self._scene = scene
        self.appmap.learn(scene)

    def start(self, attempt: int) -> None:
        """Begin a step on the scene at hand."""
        self.attempt = attempt
        self._begun = self.scene
        self._change = changes(self.scene, self.scene)

    @property
    def scene(self) -> Scene:
        assert self._scene is not None, "see() comes first"
        return self._scene

    @property
    def change(self) -> Change:
        """What changed by the last action."""
        if self._change is None:
            self._change = changes(self.scene, self.scene)
        return self._change

    @property
    def changed(self) -> bool:
        """Whether the last action changed anything that can be seen."""
        return not self.change.nothing

    def since_start(self) -> Change:
        """What changed since the step began."""
        return changes(self._begun or self.scene, self.scene)

    @property
    def blind(self) -> bool:
        """Whether no tree tells what is on the screen; a tree without windows tells that none is open."""
        return "tree" not in self.scene.senses or (not self.scene.windows and bool(self.scene.note))

    @property
    def came_up(self) -> bool:
        """Whether the last action changed as much of the picture as a small dialog takes."""
        return self.large(self.change)

    def large(self, change: Change) -> bool:
        """Whether as much of the picture changed as a small dialog takes."""
        whole = self.facts.size.width * self.facts.size.height
        return any(box.area > DIALOG * whole for box in change.boxes)

    def _follow_panel(self) -> None:
        """Without a tree a new dialog is the largest thing that changed, if it is large."""
        boxes = self.change.boxes
        largest = max(boxes, key=lambda b: b.area, default=None)
        whole = self.facts.size.width * self.facts.size.height
        if largest and DIALOG * whole < largest.area < 0.6 * whole:
            self.panel = largest

    # -- windows -----------------------------------------------------------------------------------------------------

    @property
    def window(self) -> Window | None:
        return self.scene.active

    @property
    def app(self) -> App | None:
        """The application that the active window belongs to, if it is one of those known."""
        window = self.window
        return owner(window, self.facts.apps) if window else None

    @property
    def dialog(self) -> Window | None:
        """The active window, if it is a dialog: by its role, because it is modal, or because this step opened it."""
        window = self.scene.active
        if window is None or _is_dialog(window):
            return window
        before = {w.key or w.title for w in self._begun.windows} if self._begun else set()
        opened = bool(before) and (window.key or window.title) not in before
        return window if opened and not self._is_main else None

    @property
    def _is_main(self) -> bool:
        """Whether the active window has what dialogs do not have: a menu bar, or a document."""
        active = self.scene.active_index
        inside = (e for e in self.scene.elements if e.window == active)
        return any(
            e.role in ("menu_bar", "document") or e.path or (e.role == "text" and "multiline" in e.states)
            for e in inside
        )

    def windows_like(self, words: str) -> list[Window]:
        """The open windows that words may mean, best first."""
        scored = [(_meant(w, words), w) for w in self.windows]
        return [w for score, w in sorted(scored, key=lambda pair: -pair[0]) if score > 0.6]

    @property
    def windows(self) -> tuple[Window, ...]:
        """The windows a person would call open."""
        return tuple(w for w in self.scene.windows if w.box)

    @property
    def within(self) -> Box | None:
        """Where to look: the dialog in front, else the active window, else everywhere."""
        if self.blind:
            return None
        window = self.scene.active
        return window.box if window and window.box else None

    # -- finding -----------------------------------------------------------------------------------------------------

    def elements(self, roles: Sequence[str], *, everywhere: bool = False) -> list[Element]:
        """What is shown with one of these roles, in the active window."""
        active = self.scene.active_index
        shown = (e for e in self.scene.shown if e.role in roles)
        return [e for e in shown if everywhere or active < 0 or e.window in (active, -1)]

    def find(
        self, words: str, roles: tuple[str, ...] = (), within: Box | None = None, sure: float = 0.5
    ) -> tuple[Target, ...]:
        """The places that words mean, best first: by the scene as it is, then by reading its pixels too."""
        found = self._find(self.scene, words, roles, within, sure)
        if found or "pixels" not in self.scene.senses:
            return found
        return self._find(self.scene.deeper(), words, roles, within, sure)

    def _find(
        self, scene: Scene, words: str, roles: tuple[str, ...], within: Box | None, sure: float
    ) -> tuple[Target, ...]:
        found = self.grounder.find(scene, words, roles=roles, within=within or self.within)
        return tuple(t for t in found if t.confidence >= sure)

    def first(
        self, phrases: Iterable[str], roles: tuple[str, ...] = (), sure: float = 0.75, *, anywhere: bool = False
    ) -> tuple[Target, ...]:
        """The places of the first phrase that is there at all; the quick senses before the slow ones.

        `anywhere` looks outside the active window too: menus that pop up reach over its edge.
        """
        phrases = tuple(phrases)
        scenes = [self.scene, self.scene.deeper()] if self.scene.read_pixels and not roles else [self.scene]
        within = self.scene.screenshot.box if anywhere else None
        for scene in scenes:
            for words in phrases:
                if found := self._find(scene, words, roles, within, sure):
                    return found
        return ()

    def field(self, words: str) -> Element | None:
        """The field that words name, of the fields in the active window: by its own name or the label beside it."""
        fields = [e for e in self.elements(FIELDS) if e.enabled and not _is_prose(e)]
        labels = [e for e in self.elements(("label", "text_line")) if e.label]
        scored = [(max(likeness(name, [words]) for name in (*_names(e, labels), self._held_by(e))), e) for e in fields]
        best = max(scored, key=lambda pair: pair[0], default=None)
        return best[1] if best and best[0] > 0.55 else None

    def _held_by(self, field: Element) -> str:
        """What the frame is called that a field without a name of its own fills."""
        holder = self.scene.by_id.get(field.parent)
        fits = holder is not None and holder.role in ("panel", "combo") and holder.box.height < field.box.height + 12
        return holder.label if fits and holder is not None and not field.label else ""

    def commands(self, phrases: Sequence[str]) -> list[Command]:
        """The menu commands that say one of the phrases, best first; a phrase like `> Align > Left` means the way."""
        ways = [phrase for phrase in phrases if ">" in phrase]
        found = self.appmap.find(self.scene, ways) if ways else []
        return found or self.appmap.find(self.scene, [phrase for phrase in phrases if ">" not in phrase])

    def owner_of(self, keys: str) -> Command | None:
        """The command that the active application gives this chord to."""
        return next((c for c in self.appmap.commands(self.scene) if c.shortcut == keys), None)

    @property
    def editor(self) -> Element | None:
        """Where the active window's document is written: its largest editable field of several lines, else of one."""
        places = self.elements(("text", "document", "canvas"))
        fields = [e for e in places if ("editable" in e.states or e.role != "text") and not self._in_bar(e)]
        lines = [e for e in fields if "multiline" in e.states] or [e for e in fields if e.box.height > 60] or fields
        return max(lines, key=lambda e: e.box.area, default=None)

    def _in_bar(self, element: Element) -> bool:
        """Whether it is a field of a toolbar (a font's size, an address): no place for a document."""
        holder = self.scene.by_id.get(element.parent)
        for _ in range(4):
            if holder is None or holder.role in ("toolbar", "menu_bar", "status_bar"):
                break
            holder = self.scene.by_id.get(holder.parent)
        return holder is not None and holder.role in ("toolbar", "menu_bar", "status_bar")

    @property
    def writes(self) -> bool:
        """Whether a document is in front: something to write in that is more than a field of one line."""
        editor = self.editor
        return editor is not None and (editor.role == "document" or "multiline" in editor.states)

    def element(self, target: Target) -> Element | None:
        """The element behind a target, in whichever reading of the scene it was found."""
        return self.scene.by_id.get(target.element) or (
            self.scene.deeper().by_id.get(target.element) if "pixels" in self.scene.senses else None
        )

    def again(self, element: Element) -> Element | None:
        """The same thing in the scene at hand, where the tree knows it again."""
        return next((e for e in self.scene.elements if element.key and e.key == element.key), None)

    # -- words -------------------------------------------------------------------------------------------------------

    def before(self, element: Element) -> Element | None:
        """What stood in its place, called the same, when the step began."""
        shown = self._begun.shown if self._begun else ()
        return next((e for e in shown if (e.label, e.box) == (element.label, element.box)), None)

    def filled(self, text: str) -> str:
        """The text with `$name` replaced by the value noted under that name."""
        return re.sub(r"\$([a-z_][a-z0-9_]*)", lambda m: self.notes.get(m[1], m[0]), text)

    def path(self, name: str) -> str:
        """A file's name as a person says it, as a path: `~` and folders below home become absolute."""
        name = name.strip()
        home = self.facts.home.rstrip("/")
        if not home or name.startswith("/"):
            return name
        if name in ("~", "home", "Home"):
            return home
        if name.startswith("~/"):
            return f"{home}/{name[2:]}"
        return f"{home}/{name}" if "/" in name else name


def _is_prose(element: Element) -> bool:
    """Whether the tree tells of a text that can only be read: a paragraph of a web page is called a text too."""
    return "showing" in element.states and element.role == "text" and not {"editable", "focusable"} & element.states


def _names(field: Element, labels: Sequence[Element]) -> list[str]:
    """What a field is called: its name, what is said of it, and the nearest label left of it in its row."""
    row = [
        e for e in labels if field.box.top <= e.box.centre.y < field.box.bottom and e.box.right <= field.box.left + 4
    ]
    beside = max(row, key=lambda e: e.box.right, default=None)
    return [field.label, field.description, *([beside.label] if beside else [])]


def _is_dialog(window: Window) -> bool:
    return window.role in ("dialog", "alert") or window.modal


def _meant(window: Window, words: str) -> float:
    part = 0.8 if words.strip() and words.casefold() in window.title.casefold() else 0.0
    return max(likeness(window.title, [words]), likeness(window.app, [words]), part)
