"""A desktop of a few made-up applications, in memory: every action leads to a new tree, the same one each time.

The applications stand in `toy_apps`. It is a state machine and no mock: skills, Operator, Finder and Eyes are the real
ones. What is not told here (a caret's blinking, fonts, colours) no skill may rely on. Things go wrong on demand: see
`Ways`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from PIL import Image

from grounding import Box, Eyes, Node, Scene, Screenshot, Tree, Window
from grounding.facts import App, Facts
from grounding.filed import Filed
from grounding.geometry import Point, Size
from planner.action import Action, Click, Launch, Press, Scroll, Type, Wait

SMALLER = 4
"""The screen is drawn up as 800 by 600 and told in a quarter of that: pictures are compared at every look."""
SIZE = Size(800 // SMALLER, 600 // SMALLER)
HERE = frozenset({"enabled", "visible", "showing"})
NOWHERE = Box(0, 0, 0, 0)
PICTURE = Screenshot(Image.new("RGB", SIZE, "#808080"))
HOME = "/home/user"
APPS = (
    App(id="pad", name="Pad", about="Write. TextEditor; Utility;", command=("pad",)),
    App(id="filer", name="Filer", about="Browse files. FileManager;", command=("filer",)),
    App(id="abacus", name="Abacus", about="Calculator;", command=("abacus",)),
    App(id="table", name="Table", about="Spreadsheet;", command=("table",)),
)
Do = Callable[[], None]
STARTS: dict[str, type[Pane]] = {}
"""What is started by which name; `toy_apps` fills it."""


@dataclass(frozen=True)
class Part:
    """One thing in a window."""

    key: str
    role: str
    name: str = ""
    box: Box = NOWHERE
    text: str = ""
    states: frozenset[str] = frozenset()
    click: Do | None = None
    double: Do | None = None
    enabled: bool = True


@dataclass(frozen=True)
class Item:
    """One item of a menu."""

    name: str
    do: Do
    shortcut: str = ""
    enabled: bool = True
    ticked: bool | None = None
    """None for an item that cannot be ticked."""


def smaller(box: Box) -> Box:
    """As it is told."""
    return Box(*(round(side / SMALLER) for side in box))


def each(*things: Do) -> Do:
    """To do all of them, in this order."""

    def do() -> None:
        for thing in things:
            thing()

    return do


@dataclass
class Ways:
    """How an application behaves where applications differ."""

    name_label: str = "Name:"
    """What the save dialog calls its field."""
    replace_all: str = "button"
    """`button`, `option` (a checkbox and a Replace button)."""
    find_label: str = "Search for:"
    dead: tuple[str, ...] = ()
    """Shortcuts that the menu names and that do nothing."""
    shortcuts: bool = True
    """Whether there are any."""
    menus: bool = True
    wait: int = 0
    """How many looks later a dialog appears."""
    title_wait: int = 0
    """How many looks later the title tells of what was done."""
    own_window: bool = False
    """Whether a file opens in a window of its own."""
    finds: bool = True
    """Whether it can search."""
    corrects: Callable[[str], str] = str
    """What it makes of what is typed."""
    confirm_word: str = "Delete"
    """What the button says that agrees to delete."""
    path_field: bool = True


@dataclass
class Pane:
    """A window: what is in it, and what keys do there."""

    toy: Toy
    title: str = ""
    app: str = "pad"
    role: str = "window"
    modal: bool = False
    box: Box = Box(20, 20, 780, 580)
    focus: str = ""
    """The key of the part that has the keyboard."""
    fresh: bool = False
    """Whether everything in that part is selected."""
    values: dict[str, str] = field(default_factory=dict)
    number: int = 0

    def parts(self) -> list[Part]:
        return []

    def menus(self) -> dict[str, list[Item]]:
        return {}

    def press(self, chord: str) -> None:
        """Any key that is no shortcut of the menus."""
        if chord == "ctrl+a":
            self.fresh = True
        elif chord in ("BackSpace", "Delete") and self.focus in self.values:
            self.values[self.focus] = "" if self.fresh else self.values[self.focus][:-1]
            self.fresh = False

    def type(self, text: str) -> None:
        if self.focus in self.values:
            self.values[self.focus] = text if self.fresh else self.values[self.focus] + text
            self.fresh = False

    def scroll(self, notches: int) -> None:
        """The wheel, anywhere over it."""

    def take(self, part: Part) -> None:
        """A click on one of the parts."""
        if part.key in self.values or "editable" in part.states:
            self.focus, self.fresh = part.key, False
        if part.click:
            part.click()

    def close(self) -> None:
        self.toy.panes.remove(self)


def entry(key: str, name: str, value: str, top: int, left: int = 300, role: str = "text") -> Part:
    """A field of one line."""
    return Part(key, role, name, Box(left, top, left + 250, top + 24), value, frozenset({"editable", "focusable"}))


def label(key: str, words: str, top: int, left: int = 150) -> Part:
    return Part(key, "label", words, Box(left, top, left + 140, top + 24))


@dataclass
class Dialog(Pane):
    """Some fields and some buttons; Return presses the first of them, Escape closes it."""

    role: str = "dialog"
    modal: bool = True
    box: Box = Box(140, 140, 660, 500)
    fields: dict[str, str] = field(default_factory=dict)
    """Keys of the fields and their labels."""
    buttons: dict[str, Do] = field(default_factory=dict)
    ticks: dict[str, bool] = field(default_factory=dict)
    says: str = ""
    escapes: bool = True
    default: str = ""

    def parts(self) -> list[Part]:
        found = [Part("says", "label", self.says, Box(150, 170, 600, 200))] if self.says else []
        for row, (key, name) in enumerate(self.fields.items()):
            found += [label(f"l-{key}", name, 220 + 40 * row), entry(key, "", self.values[key], 220 + 40 * row)]
        for row, (name, on) in enumerate(self.ticks.items()):
            states = frozenset({"checkable", "checked"} if on else {"checkable"})
            box = Box(150, 340 + 30 * row, 400, 360 + 30 * row)
            found.append(Part(f"t-{name}", "checkbox", name, box, states=states, click=lambda n=name: self.tick(n)))
        for column, (name, do) in enumerate(self.buttons.items()):
            box = Box(150 + 110 * column, 450, 250 + 110 * column, 480)
            states = frozenset({"default"}) if name == self.default else frozenset()
            found.append(Part(f"b-{name}", "button", name, box, states=states, click=do))
        return found

    def tick(self, name: str) -> None:
        self.ticks[name] = not self.ticks[name]

    def press(self, chord: str) -> None:
        if chord == "Return" and self.buttons:
            next(iter(self.buttons.values()))()
        elif chord == "Escape" and self.escapes:
            self.close()
        elif chord == "Tab":
            keys = list(self.fields)
            self.focus = keys[(keys.index(self.focus) + 1) % len(keys)] if self.focus in keys else self.focus
        else:
            super().press(chord)


class Contents(dict[str, str]):
    """Contents by path, and when each was written."""

    def __init__(self, files: dict[str, str]) -> None:
        super().__init__(files)
        self.written: dict[str, int] = {}

    def __setitem__(self, path: str, content: str) -> None:
        super().__setitem__(path, content)
        self.written[path] = self.written.get(path, 0) + 1


class Toy:
    """The desktop."""

    def __init__(self, files: dict[str, str] | None = None, ways: Ways | None = None, *, tells: bool = False) -> None:
        """`tells` whether it says what is on its disk."""
        self.files = Contents(files or {})
        """Contents by path."""
        self.tells = tells
        self.folders = {HOME, f"{HOME}/Documents", f"{HOME}/Work", f"{HOME}/Art"}
        self.ways = ways or Ways()
        self.panes: list[Pane] = []
        """The last one has the keyboard."""
        self.menu = ""
        self.done: list[Action] = []
        """Every action, in order."""
        self.launches: dict[str, Callable[[], Pane | None]] = {
            app: lambda kind=kind: kind(self)  # type: ignore[misc]
            for app, kind in STARTS.items()
        }
        self.facts = Facts(kind="toy", system="none", size=SIZE, home=HOME, apps=APPS)
        self._eyes = Eyes(("tree",))
        self._later: list[tuple[int, Do]] = []
        self._count = 0

    # what a person does

    def open(self, pane: Pane, wait: int | None = None) -> Pane:
        self._count += 1
        pane.number = self._count
        self.later(lambda: self.panes.append(pane), self.ways.wait if wait is None else wait)
        return pane

    def later(self, do: Do, looks: int) -> None:
        """Do it that many looks from now."""
        if looks <= 0:
            do()
        else:
            self._later.append((looks, do))

    def look(self) -> Scene:
        waiting, self._later = self._later, []
        for looks, do in waiting:
            self.later(do, looks - 1)
        return self._eyes.see(PICTURE, self.tree(), self.filed if self.tells else None)

    def filed(self, path: str) -> Filed | None:
        if path in self.folders:
            return Filed(True, 0, float(sum(self.files.written.values())))
        text = self.files.get(path)
        return None if text is None else Filed(False, len(text), float(self.files.written.get(path, 0)))

    def perform(self, action: Action) -> None:
        self.done.append(action)
        match action:
            case Click():
                self._click(action)
            case Press():
                self._press(action.keys)
            case Type() if self.panes:
                self.panes[-1].type(action.text)
            case Scroll() if self.panes:
                self.panes[-1].scroll(action.notches)
            case Launch():
                if (pane := self.launches[action.app]()) is not None:
                    self.open(pane)

    @property
    def actions(self) -> int:
        """How many there were, waiting aside."""
        return sum(not isinstance(action, Wait) for action in self.done)

    def pane(self, kind: type[Pane]) -> Pane:
        return next(p for p in self.panes if type(p) is kind)

    # -- input ---------------------------------------------------------------------------------------------------------

    def _press(self, chord: str) -> None:
        if chord in ("alt+Tab", "alt+Escape"):
            if len(self.panes) > 1:
                self.panes.append(self.panes.pop(-2)) if chord == "alt+Tab" else self.panes.insert(0, self.panes.pop())
            return
        if not self.panes:
            return
        if self.menu:
            self.menu = "" if chord == "Escape" else self.menu
            return
        pane = self.panes[-1]
        items = [i for items in pane.menus().values() for i in items if i.enabled]
        if self.ways.shortcuts and (item := next((i for i in items if i.shortcut == chord), None)):
            if chord not in self.ways.dead:
                item.do()
            return
        pane.press(chord)

    def _click(self, action: Click) -> None:
        if not self.panes:
            return
        at = Point(action.at.x * SMALLER + 1, action.at.y * SMALLER + 1)
        pane = self.panes[-1]
        if self.menu and (item := self._item_at(at)) is not None:
            self.menu = ""
            item.do() if item.enabled else None
            return
        if title := next((t for t, box in self._titles(pane) if box.has(at)), ""):
            self.menu = "" if self.menu == title else title
            return
        if self.menu:
            self.menu = ""
            return
        part = next((p for p in reversed(pane.parts()) if p.box.has(at) and p.enabled), None)
        if part is not None:
            pane.take(part)
            if action.count > 1 and part.double:
                part.double()
            if action.count > 2:
                pane.fresh = True

    # -- the tree ------------------------------------------------------------------------------------------------------

    def _titles(self, pane: Pane) -> list[tuple[str, Box]]:
        left, top = pane.box.left, pane.box.top + 10
        titles = enumerate(pane.menus() if self.ways.menus else ())
        return [(title, Box(left + 70 * i, top, left + 70 * i + 60, top + 24)) for i, title in titles]

    def _item_boxes(self, pane: Pane) -> list[tuple[Item, Box]]:
        box = next(box for title, box in self._titles(pane) if title == self.menu)
        places = [Box(box.left, box.bottom + 24 * i, box.left + 180, box.bottom + 24 * i + 24) for i in range(40)]
        return list(zip(pane.menus()[self.menu], places, strict=False))

    def _item_at(self, at: Point) -> Item | None:
        return next((item for item, box in self._item_boxes(self.panes[-1]) if box.has(at)), None)

    def tree(self) -> Tree:
        nodes: list[Node] = []
        windows = []
        for place, pane in enumerate(self.panes):
            active = pane is self.panes[-1]
            window = len(nodes)
            key = f"w{pane.number}"
            windows.append(Window(pane.title, pane.app, pane.role, pane.box, active, pane.modal, window, key))
            nodes.append(Node(pane.role, pane.title, box=pane.box, states=HERE, window=place, key=key))
            self._add_menus(nodes, pane, window, place)
            for part in pane.parts():
                states = HERE | part.states | ({"focused"} if active and part.key == pane.focus else set())
                states -= set() if part.enabled else {"enabled"}
                nodes.append(Node(
                    part.role, part.name, part.text, part.box, frozenset(states), parent=window, window=place,
                    key=f"{key}-{part.key}",
                ))  # fmt: skip
        return Tree(
            tuple(replace(node, box=smaller(node.box)) for node in nodes),
            tuple(replace(window, box=smaller(window.box)) for window in windows),
        )

    def _add_menus(self, nodes: list[Node], pane: Pane, window: int, place: int) -> None:
        titles = self._titles(pane)
        if not titles:
            return
        bar = len(nodes)
        strip = Box(pane.box.left, titles[0][1].top, pane.box.right, titles[0][1].bottom)
        nodes.append(Node("menu_bar", box=strip, states=HERE, parent=window, window=place))
        for title, box in titles:
            menu = len(nodes)
            key = f"m{pane.number}-{title}"
            nodes.append(Node("menu", title, box=box, states=HERE, parent=bar, window=place, key=key))
            shown = title == self.menu and pane is self.panes[-1]
            places = {item.name: box for item, box in self._item_boxes(pane)} if shown else {}
            for item in pane.menus()[title]:
                states = (HERE if shown else frozenset({"visible", "enabled"})) - (
                    set() if item.enabled else {"enabled"}
                )
                states |= set() if item.ticked is None else {"checkable"} | ({"checked"} if item.ticked else set())
                nodes.append(Node(
                    "menu_item" if item.ticked is None else "check_menu_item", item.name,
                    box=places.get(item.name, NOWHERE), states=frozenset(states), parent=menu, window=place,
                    shortcut=item.shortcut if self.ways.shortcuts else "", key=f"{key}-{item.name}",
                ))  # fmt: skip
