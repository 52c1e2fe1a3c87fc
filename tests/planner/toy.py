"""A desktop of a few made-up applications, in memory: every action leads to a new tree, the same one each time.

It is a state machine and no mock: skills, Operator, Finder and Eyes are the real ones. What is not told here
(a caret's blinking, fonts, colours) no skill may rely on. Things go wrong on demand: see `Ways`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import Image

from grounding import Box, Eyes, Node, Scene, Screenshot, Tree, Window
from grounding.facts import App, Facts
from grounding.geometry import Point, Size
from planner.action import Action, Click, Launch, Press, Type, Wait

SIZE = Size(800, 600)
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


class Toy:
    """The desktop."""

    def __init__(self, files: dict[str, str] | None = None, ways: Ways | None = None) -> None:
        self.files = dict(files or {})
        """Contents by path."""
        self.folders = {HOME, f"{HOME}/Documents", f"{HOME}/Work", f"{HOME}/Art"}
        self.ways = ways or Ways()
        self.panes: list[Pane] = []
        """The last one has the keyboard."""
        self.menu = ""
        self.done: list[Action] = []
        """Every action, in order."""
        self.launches: dict[str, Callable[[], Pane | None]] = {
            "pad": lambda: Pad(self), "filer": lambda: Filer(self, app="filer"),
            "abacus": lambda: Abacus(self, app="abacus"), "table": lambda: Table(self, app="table"),
        }  # fmt: skip
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
        return self._eyes.see(PICTURE, self.tree())

    def perform(self, action: Action) -> None:
        self.done.append(action)
        match action:
            case Click():
                self._click(action)
            case Press():
                self._press(action.keys)
            case Type() if self.panes:
                self.panes[-1].type(action.text)
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
        pane = self.panes[-1]
        if self.menu and (item := self._item_at(action.at)) is not None:
            self.menu = ""
            item.do() if item.enabled else None
            return
        if title := next((t for t, box in self._titles(pane) if box.has(action.at)), ""):
            self.menu = "" if self.menu == title else title
            return
        if self.menu:
            self.menu = ""
            return
        part = next((p for p in reversed(pane.parts()) if p.box.has(action.at) and p.enabled), None)
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
        return Tree(tuple(nodes), tuple(windows))

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
            places = dict((item.name, box) for item, box in self._item_boxes(pane)) if shown else {}
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


# -- applications --------------------------------------------------------------------------------------------------


@dataclass
class Pad(Pane):
    """An editor."""

    file: str = ""
    text: str = ""
    cursor: int = 0
    selected: tuple[int, int] = (0, 0)
    modified: bool = False
    numbers: bool = False
    settings: dict[str, str] = field(default_factory=lambda: {"Tab width": "8", "Highlight matches": "no"})

    def __post_init__(self) -> None:
        self.focus = "text"
        self._retitle()

    def parts(self) -> list[Part]:
        text = frozenset({"editable", "multiline", "focusable"})
        return [Part("text", "text", "", Box(30, 70, 770, 560), self.text, text)]

    def menus(self) -> dict[str, list[Item]]:
        search = [
            Item("Find...", self.find, "ctrl+f", enabled=self.toy.ways.finds),
            Item("Find and Replace...", self.replace, "ctrl+r", enabled=self.toy.ways.finds),
        ]
        return {
            "File": [
                Item("Open...", self.ask_open, "ctrl+o"),
                Item("Save", self.save, "ctrl+s"),
                Item("Save As...", self.ask_save, "ctrl+shift+s"),
                Item("Close Window", self.leave, "ctrl+q"),
            ],
            "Edit": [
                Item("Select All", self.select_all, "ctrl+a"),
                *search,
                Item("Preferences...", self.preferences),
            ],
            "View": [Item("Line Numbers", self.toggle_numbers, ticked=self.numbers)],
        }

    # text

    def press(self, chord: str) -> None:
        ends = {"ctrl+Home": 0, "ctrl+End": len(self.text)}
        if chord in ends:
            self._put(ends[chord])
        elif chord == "Home":
            self._put(self.text.rfind("\n", 0, self.cursor) + 1)
        elif chord == "Down":
            self._put(self._below())
        elif chord == "shift+Down":
            self.selected = (self.cursor, self._below())
        elif chord in ("Delete", "BackSpace"):
            self._insert("")
        elif chord == "Return":
            self.type("\n")

    def type(self, text: str) -> None:
        self._insert(self.toy.ways.corrects(text))

    def select_all(self) -> None:
        self.selected = (0, len(self.text))

    def _put(self, cursor: int) -> None:
        self.cursor, self.selected = cursor, (cursor, cursor)

    def _below(self) -> int:
        end = self.text.find("\n", self.cursor)
        return len(self.text) if end < 0 else end + 1

    def _insert(self, text: str) -> None:
        start, end = self.selected if self.selected[0] != self.selected[1] else (self.cursor, self.cursor)
        self.text = self.text[:start] + text + self.text[end:]
        self._put(start + len(text))
        self.modified = True
        self._retitle()

    # files

    def _retitle(self) -> None:
        name = self.file.rsplit("/", 1)[-1] or "Untitled 1"
        title = f"{'*' if self.modified else ''}{name} - Pad"

        def put() -> None:
            self.title = title

        self.toy.later(put, self.toy.ways.title_wait)

    def save(self) -> None:
        self._write(self.file) if self.file else self.ask_save()

    def ask_save(self) -> None:
        dialog = Dialog(self.toy, "Save As", fields={"name": self.toy.ways.name_label}, focus="name", fresh=True)
        dialog.values = {"name": self.file or "Untitled 1"}
        dialog.buttons = {"Save": lambda: self._save_to(dialog), "Cancel": dialog.close}
        self.toy.open(dialog)

    def _save_to(self, dialog: Pane) -> None:
        path = place(dialog.values["name"], f"{HOME}/Documents")
        if path in self.toy.files and path != self.file:
            question = Dialog(self.toy, "Question", says=f"{path} exists. Replace it?", role="alert")
            question.buttons = {
                "Cancel": question.close,
                "Replace": lambda: (question.close(), dialog.close(), self._write(path)) and None,
            }
            self.toy.open(question)
        else:
            dialog.close()
            self._write(path)

    def _write(self, path: str) -> None:
        self.toy.files[path] = self.text
        self.file, self.modified = path, False
        self._retitle()

    def ask_open(self) -> None:
        dialog = Dialog(self.toy, "Open File", fields={"name": "Location:"}, focus="name", values={"name": ""})
        dialog.buttons = {"Open": lambda: self._open(dialog), "Cancel": dialog.close}
        self.toy.open(dialog)

    def _open(self, dialog: Pane) -> None:
        path = place(dialog.values["name"], f"{HOME}/Documents")
        if path not in self.toy.files:
            return
        dialog.close()
        if self.toy.ways.own_window:
            self.toy.open(Pad(self.toy, file=path, text=self.toy.files[path]))
            return
        self.file, self.text, self.modified = path, self.toy.files[path], False
        self._put(0)
        self._retitle()

    def leave(self) -> None:
        if not self.modified:
            return self.close()
        question = Dialog(self.toy, "Save changes?", says="There are changes that are not saved.", role="alert")
        question.buttons = {
            "Cancel": question.close,
            "Don't Save": lambda: (question.close(), self.close()) and None,
        }
        self.toy.open(question)

    # searching and options

    def find(self) -> None:
        dialog = Dialog(self.toy, "Find", modal=False, fields={"find": self.toy.ways.find_label}, focus="find")
        dialog.values = {"find": ""}

        def search() -> None:
            at = self.text.find(dialog.values["find"])
            if at >= 0:
                self.selected = (at, at + len(dialog.values["find"]))

        dialog.buttons = {"Find": search, "Close": dialog.close}
        self.toy.open(dialog)

    def replace(self) -> None:
        whole = self.toy.ways.replace_all
        fields = {"find": self.toy.ways.find_label, "with": "Replace with:"}
        dialog = Dialog(self.toy, "Find and Replace", modal=False, fields=fields, focus="find")
        dialog.values = {"find": "", "with": ""}

        def replace(every: bool) -> None:
            every = every or dialog.ticks.get("Replace all in:", False)
            old, new = dialog.values["find"], dialog.values["with"]
            self.text = self.text.replace(old, new) if every else self.text.replace(old, new, 1)
            self.modified = True
            self._retitle()

        dialog.buttons = {"Find": lambda: None, "Replace": lambda: replace(False), "Close": dialog.close}
        if whole == "button":
            dialog.buttons["Replace All"] = lambda: replace(True)
        elif whole == "option":
            dialog.ticks = {"Replace all in:": False}
        self.toy.open(dialog)

    def toggle_numbers(self) -> None:
        self.numbers = not self.numbers

    def preferences(self) -> None:
        self.toy.open(Preferences(self.toy, of=self))


@dataclass
class Preferences(Dialog):
    """Two tabs; what is changed holds at once."""

    title: str = "Preferences"
    tab: str = "View"
    of: Pad = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.buttons = {"Close": self.close}
        self.values = {"width": self.of.settings["Tab width"]}

    def parts(self) -> list[Part]:
        found = super().parts()
        for column, name in enumerate(("View", "Editor")):
            box = Box(150 + 90 * column, 150, 235 + 90 * column, 175)
            states = frozenset({"selected"} if name == self.tab else ())
            found.append(Part(f"tab-{name}", "tab", name, box, states=states, click=lambda n=name: self.show(n)))
        if self.tab == "Editor":
            on = self.of.settings["Highlight matches"] == "yes"
            states = frozenset({"checkable", "checked"} if on else {"checkable"})
            box = Box(150, 270, 400, 290)
            found += [
                label("l-width", "Tab width:", 220),
                entry("width", "", self.values["width"], 220, role="spin"),
                Part("match", "checkbox", "Highlight matches", box, states=states, click=self.flip),
            ]
        return found

    def show(self, tab: str) -> None:
        self.tab = tab

    def flip(self) -> None:
        self.of.settings["Highlight matches"] = "no" if self.of.settings["Highlight matches"] == "yes" else "yes"

    def press(self, chord: str) -> None:
        if chord == "Tab":
            self.of.settings["Tab width"] = self.values["width"]
        else:
            super().press(chord)


@dataclass
class Filer(Pane):
    """A file manager."""

    app: str = "filer"
    folder: str = HOME
    chosen: str = ""
    taken: tuple[str, str] = ("", "")
    """`cut` or `copy`, and a path."""

    def __post_init__(self) -> None:
        self.show(self.folder)

    def show(self, folder: str) -> None:
        if folder in self.toy.folders:
            self.folder, self.chosen = folder, ""
            self.title = folder.rsplit("/", 1)[-1]
            self.values, self.focus = ({"path": folder} if self.toy.ways.path_field else {}), "list"
        else:
            complaint = Dialog(self.toy, "Error", app=self.app, says=f"{folder} is not there", role="alert")
            complaint.buttons = {"OK": complaint.close}
            self.toy.open(complaint)

    def listed(self) -> list[str]:
        every = sorted(self.toy.folders | set(self.toy.files))
        return [p.rsplit("/", 1)[-1] for p in every if p.rsplit("/", 1)[0] == self.folder]

    def parts(self) -> list[Part]:
        found = [Part("list", "list", "", Box(30, 110, 770, 570))]
        if self.toy.ways.path_field:
            found.append(Part(
                "path", "text", "", Box(30, 70, 600, 94), self.values["path"], frozenset({"editable", "focusable"})
            ))  # fmt: skip
        for row, name in enumerate(self.listed()[:19]):
            box = Box(40, 114 + 24 * row, 400, 114 + 24 * row + 22)
            states = frozenset({"selectable", "selected"} if name == self.chosen else {"selectable"})
            found.append(Part(
                f"i-{name}", "icon", name, box, states=states, click=lambda n=name: self.choose(n),
                double=lambda n=name: self.show(f"{self.folder}/{n}"),
            ))  # fmt: skip
        return found

    def menus(self) -> dict[str, list[Item]]:
        some = bool(self.chosen)
        return {
            "File": [
                Item("Create Folder...", lambda: self.ask("Create Folder", "New Folder", self.make_folder)),
                Item("New Empty File...", lambda: self.ask("Create File", "", self.make_file)),
            ],
            "Edit": [
                Item("Cut", lambda: self.take_up("cut"), "ctrl+x", enabled=some),
                Item("Copy", lambda: self.take_up("copy"), "ctrl+c", enabled=some),
                Item("Paste", self.paste, "ctrl+v"),
                Item("Rename...", lambda: self.ask("Rename", self.chosen, self.rename), "F2", enabled=some),
                Item("Delete", self.ask_delete, "Delete", enabled=some),
            ],
            "Go": [Item("Go to Location", self.to_path, "ctrl+l")] if self.toy.ways.path_field else [],
        }

    def press(self, chord: str) -> None:
        if chord == "Return" and self.focus == "path":
            self.show(self.values["path"])
        elif chord == "Escape":
            self.focus = "list"
        else:
            super().press(chord)

    def choose(self, name: str) -> None:
        self.chosen, self.focus = name, "list"

    def to_path(self) -> None:
        self.focus, self.fresh = "path", True

    def ask(self, title: str, value: str, do: Callable[[str], None]) -> None:
        dialog = Dialog(self.toy, title, app=self.app, fields={"name": "Enter a name:"}, focus="name")
        dialog.values, dialog.fresh = {"name": value}, True

        def agree() -> None:
            dialog.close()
            do(dialog.values["name"])

        dialog.buttons = {"OK": agree, "Cancel": dialog.close}
        self.toy.open(dialog)

    def make_folder(self, name: str) -> None:
        self.toy.folders.add(f"{self.folder}/{name}")

    def make_file(self, name: str) -> None:
        self.toy.files[f"{self.folder}/{name}"] = ""

    def rename(self, name: str) -> None:
        self.toy.files[f"{self.folder}/{name}"] = self.toy.files.pop(f"{self.folder}/{self.chosen}")
        self.chosen = name

    def take_up(self, how: str) -> None:
        self.taken = (how, f"{self.folder}/{self.chosen}")

    def paste(self) -> None:
        how, path = self.taken
        if path in self.toy.files:
            content = self.toy.files.pop(path) if how == "cut" else self.toy.files[path]
            self.toy.files[f"{self.folder}/{path.rsplit('/', 1)[-1]}"] = content

    def ask_delete(self) -> None:
        question = Dialog(self.toy, "Confirm", app=self.app, role="alert", says="Do you want to delete it?")
        path = f"{self.folder}/{self.chosen}"
        question.buttons = {
            "Cancel": question.close,
            self.toy.ways.confirm_word: lambda: (question.close(), self.toy.files.pop(path)) and None,
        }
        self.toy.open(question)


@dataclass
class Abacus(Pane):
    """A calculator."""

    title: str = "Abacus"
    app: str = "abacus"
    display: str = "0"

    def parts(self) -> list[Part]:
        found = [Part("display", "text", "", Box(30, 60, 770, 120), self.display, frozenset({"focusable"}))]
        for place, sign in enumerate("789/456*123-0.=+"):
            left, top = 40 + 100 * (place % 4), 150 + 60 * (place // 4)
            box = Box(left, top, left + 80, top + 50)
            found.append(Part(f"k{sign}", "button", sign, box, click=lambda s=sign: self.key(s)))
        return found

    def type(self, text: str) -> None:
        for sign in text:
            self.key(sign)

    def press(self, chord: str) -> None:
        if chord in ("Return", "Escape"):
            self.key("=" if chord == "Return" and chord not in self.toy.ways.dead else "c" if chord == "Escape" else "")

    def key(self, sign: str) -> None:
        if sign == "=":
            try:
                self.display = f"{eval(self.display):g}"
            except (NameError, SyntaxError):
                self.display = "Malformed"
        elif sign == "c":
            self.display = "0"
        else:
            self.display = sign if self.display == "0" else self.display + sign


@dataclass
class Table(Pane):
    """A spreadsheet."""

    title: str = "Untitled - Table"
    app: str = "table"
    cells: dict[str, str] = field(default_factory=dict)
    cell: str = "A1"
    entered: str = ""

    def __post_init__(self) -> None:
        self.values = {"box": "A1"}

    def parts(self) -> list[Part]:
        found = [entry("box", "Name Box", self.values["box"], 70, 40)]
        for row, (name, value) in enumerate(sorted(self.cells.items())):
            found.append(Part(name, "cell", name, Box(40, 110 + 24 * row, 200, 132 + 24 * row), value))
        return found

    def type(self, text: str) -> None:
        if self.focus == "box":
            super().type(text)
        else:
            self.entered += text

    def press(self, chord: str) -> None:
        if chord != "Return":
            super().press(chord)
        elif self.focus == "box":
            self.cell, self.focus = self.values["box"], ""
        else:
            self.cells[self.cell], self.entered = self.entered, ""


def place(name: str, folder: str) -> str:
    """A name as a dialog understands it."""
    return name if name.startswith("/") else f"{folder}/{name}"
