"""One reading of the tree: which objects there are, what is asked of each, and the nodes made of the answers."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rapidfuzz import fuzz

from grounding.geometry import Box
from grounding.tree import Node, Tree, Window
from guiagent.desktop import atspi_roles as roles
from guiagent.desktop.atspi_places import straightened
from guiagent.desktop.dbus import Bus, Call, Reply, get_property

NODES = 3000
SECONDS = 2.0
SILENCE_S = 0.6
"""An application that says nothing for so long is taken to hang."""
SILENT_BEFORE_S = 0.3
"""The same for one that hung at the last look; on a busy machine an office suite that is well takes half of it."""
TEXT_CHARS = 4000
MANY_CHILDREN = 300
"""A list with more children than this is read by the places that show, not by its children."""
STEP = 15
"""Pixels that are passed over in it where there is nothing; icons are larger."""
A11Y = "org.a11y.atspi."
ACCESSIBLE = A11Y + "Accessible"
ROOT = "/org/a11y/atspi/accessible/root"
_OF_CLASS = re.compile(r"(Gtk|Adw)[A-Z]\w+$")
"""What GTK 4 calls a part that nobody has given a name."""
Ref = tuple[str, str]
"""A bus name and an object path."""


@dataclass(slots=True)
class Item:
    """One accessible object while it is being read."""

    ref: Ref
    parent: Ref
    count: int
    interfaces: frozenset[str]
    name: str
    role: str
    bits: int
    description: str = ""
    children: list[Item] = field(default_factory=list)
    box: Box = Box(0, 0, 0, 0)
    text: str = ""
    actions: tuple[str, ...] = ()
    shortcut: str = ""
    cell: tuple[int, int] = (-1, -1)
    untold: bool = False
    """Whether its toolkit never says that it shows: then what is visible and has a size does."""

    @property
    def showing(self) -> bool:
        """Whether it is on the screen, as far as its toolkit tells."""
        return bool((self.untold or self.bits & roles.SHOWING) and self.bits & roles.VISIBLE)

    @property
    def asked_text(self) -> bool:
        """Whether its text content is wanted."""
        return "Text" in self.interfaces and self.role in roles.HOLDS_TEXT

    @property
    def has_children_to_ask(self) -> bool:
        """Whether what is below matters: it shows, or is a menu that may be opened."""
        return self.showing or self.role in roles.MENUS


Place = tuple[int, int]
"""A height and a place in that line, so that they sort as one reads."""
Found = tuple[Place, Item]


class Reading:
    """Reads all applications once, within a number of nodes and a time."""

    def __init__(
        self, bus: Bus, apps: list[Ref], names: dict[str, str], silent: set[str], untold: dict[str, bool],
        nodes: int, seconds: float,
    ) -> None:  # fmt: skip
        """`names`, `silent` and `untold`: what earlier readings came to know of the applications, to be added to."""
        self._bus, self._apps, self._names, self._silent, self._untold = bus, apps, names, silent, untold
        self._nodes = nodes
        self._deadline = time.monotonic() + seconds
        self._notes: list[str] = []
        self._complete = True

    def tree(self, active_title: str, notes: list[str]) -> Tree:
        """The tree, with the window of that title marked as active."""
        windows = [(self._names.get(item.ref[0], ""), item) for item in self._windows(self._living())]
        chosen = self._chosen(windows)
        self._detail(chosen)
        return self._build(windows, {item.ref for item in chosen}, active_title, notes)

    def _late(self) -> bool:
        return time.monotonic() > self._deadline

    def _ask(self, calls: list[Call]) -> list[Reply]:
        replies = self._bus.ask(calls, SILENCE_S, self._late)
        if self._late():
            self._cut("it took too long")
        return replies

    def _cut(self, why: str) -> None:
        if self._complete:
            self._notes.append(f"The tree is cut short: {why}.")
        self._complete = False

    # which objects there are

    def _living(self) -> list[Ref]:
        """The applications that answer. (Toolkits do have a cache to ask instead; GTK's and Qt's hold nothing.)"""
        known = [app for app in self._apps if app[0] in self._silent]
        living: list[Ref] = []
        for apps, silence in (([a for a in self._apps if a not in known], SILENCE_S), (known, SILENT_BEFORE_S)):
            calls = [get_property(name, ROOT, ACCESSIBLE, "Name") for name, _ in apps]
            for app, reply in zip(apps, self._bus.ask(calls, silence, self._late), strict=True):
                self._note_app(app, reply)
                living += [app] if reply else []
        return living

    def _note_app(self, app: Ref, name: Reply) -> None:
        if name is not None:
            self._names[app[0]] = name[0][1]
            self._silent.discard(app[0])
            return
        self._silent.add(app[0])
        self._complete = False
        self._notes.append(f"{self._names.get(app[0]) or 'An application'} does not answer, so its part is missing.")

    def _windows(self, apps: list[Ref]) -> list[Item]:
        """The showing windows with everything below them, asked level by level over all applications at once."""
        tops = self._children(apps)
        windows = list(self._describe([(ref, app) for app in apps for ref in tops.get(app, [])]))
        self._mark_untold(windows)
        windows = [item for item in windows if item.showing]
        self._boxes(doubtful := [item for item in windows if not item.bits & roles.SHOWING])
        windows = [item for item in windows if item not in doubtful or item.box]
        level, seen = windows, {item.ref for item in windows}
        while level and not self._late() and len(seen) < 2 * self._nodes:
            level = self._below(level, seen)
        for window in windows:
            _show_open_menus(window)
        return windows

    def _below(self, level: list[Item], seen: set[Ref]) -> list[Item]:
        """The children of a level's objects, which are hung below them."""
        asked = [item for item in level if item.count and item.has_children_to_ask]
        huge = [item for item in asked if item.count > MANY_CHILDREN]
        children = self._children([item.ref for item in asked if item.count <= MANY_CHILDREN])
        pairs = [(ref, item.ref) for item in asked for ref in children.get(item.ref, []) if ref not in seen]
        found = self._describe(list(dict.fromkeys(pairs)))
        for item in huge:
            found += self._showing_children(item) if item.showing and not self._late() else []
        by_ref = {item.ref: item for item in level}
        new = [item for item in found if item.ref not in seen]
        seen.update(item.ref for item in new)
        for item in new:
            parent = by_ref[item.parent]
            parent.children.append(item)
            item.untold = parent.untold
        return new

    def _mark_untold(self, windows: list[Item]) -> None:
        """Mark the windows of a toolkit that says of its windows alone that they show: GTK 4."""
        new = sorted({item.ref[0] for item in windows} - self._untold.keys())
        asked = ("ToolkitName", "Version")
        replies = self._ask([get_property(name, ROOT, A11Y + "Application", what) for name in new for what in asked])
        for name, toolkit, version in zip(new, replies[::2], replies[1::2], strict=True):
            if toolkit and version:
                self._untold[name] = toolkit[0][1].casefold() == "gtk" and str(version[0][1]).startswith("4")
        for item in windows:
            item.untold = self._untold.get(item.ref[0], False)

    def _children(self, refs: list[Ref]) -> dict[Ref, list[Ref]]:
        replies = self._ask([Call(*ref, ACCESSIBLE, "GetChildren") for ref in refs])
        return {ref: [(n, p) for n, p in reply[0] if n] for ref, reply in zip(refs, replies, strict=True) if reply}

    def _describe(self, pairs: list[tuple[Ref, Ref]]) -> list[Item]:
        """What the objects are; each comes with its parent."""
        calls: list[Call] = []
        for ref, _ in pairs:
            calls += [get_property(*ref, ACCESSIBLE, "Name"), get_property(*ref, ACCESSIBLE, "ChildCount")]
            calls += [Call(*ref, ACCESSIBLE, method) for method in ("GetRole", "GetState", "GetInterfaces")]
        replies = self._ask(calls)
        made = (_described(ref, parent, replies[at * 5 : at * 5 + 5]) for at, (ref, parent) in enumerate(pairs))
        return [item for item in made if item is not None]

    def _showing_children(self, item: Item) -> list[Item]:
        """The children of a huge list or table that are on the screen, found by asking what is at places in it.

        First what lines it has, from the top down, then along all lines at once, as each answer is waited for.
        """
        self._boxes([item])
        found: dict[Ref, Found] = {}
        lines: list[Place] = []
        left, y = item.box.left + 3, item.box.top + 3
        while y < item.box.bottom and not self._late() and len(found) < MANY_CHILDREN:
            first = self._at(item, [(y, left)], found)[0]
            if first:
                lines.append((y, first.box.right + 3))
            else:  # icons stand apart, further on
                along = self._at(item, [(y, x) for x in range(left, item.box.right, STEP)], found)
                first = next(filter(None, along), None)
            y = max(first.box.bottom if first else y, y + 12) + 3
        while lines and not self._late() and len(found) < MANY_CHILDREN:
            at = self._at(item, lines, found)
            moved = [(y, max(one.box.right + 3 if one else x, x + STEP)) for (y, x), one in zip(lines, at, strict=True)]
            lines = [(y, x) for y, x in moved if x < item.box.right]
        self._notes.append(f"Of {item.count} entries of a long list only those on the screen are in the tree.")
        return [one for _, one in sorted(found.values(), key=lambda pair: pair[0])]

    def _at(self, item: Item, places: list[Place], found: dict[Ref, Found]) -> list[Item | None]:
        """What is at each of these places, which is noted with the first of them that it was found at."""
        method = A11Y + "Component", "GetAccessibleAtPoint", "iiu"
        replies = self._ask([Call(*item.ref, *method, (x, y, 0)) for y, x in places])
        refs = [tuple(reply[0]) if reply and reply[0][0] else item.ref for reply in replies]
        new = {ref: place for ref, place in reversed(list(zip(refs, places, strict=True))) if ref not in found}
        made = self._describe([(ref, item.ref) for ref in new if ref != item.ref])
        self._boxes(made)
        found.update({one.ref: (new[one.ref], one) for one in made})
        return [found[ref][1] if ref in found else None for ref in refs]

    # what is asked of each

    def _chosen(self, windows: list[tuple[str, Item]]) -> list[Item]:
        """The objects that become nodes, in order, up to the cap; the active window's come first when it is reached."""
        order = sorted(windows, key=lambda pair: not pair[1].bits >> 1 & 1)
        chosen: list[Item] = []
        for _, window in order:
            chosen += list(_walk(window))
        if len(chosen) > self._nodes:
            self._cut(f"there are {len(chosen)} objects, and {self._nodes} is the limit")
        return chosen[: self._nodes]

    def _detail(self, items: list[Item]) -> None:
        """Boxes, contents, actions and places in tables; in two rounds, so that a cut loses the actions first."""
        showing = [item for item in items if item.showing]
        self._boxes([item for item in showing if not item.box])
        wanted: list[tuple[Item, str, Call]] = []
        for item in items:
            wanted += list(_questions(item))
        replies = self._ask([call for _, _, call in wanted])
        for (item, what, _), reply in zip(wanted, replies, strict=True):
            if reply is not None:
                _take(item, what, reply)
        self._empty_texts(items)
        by_ref = {item.ref: item for item in items}
        for (item, what, _), reply in zip(wanted, replies, strict=True):
            if what == "selected" and reply and not item.text:
                chosen = by_ref.get(tuple(reply[0]))
                item.text = chosen.name if chosen else ""

    def _empty_texts(self, items: list[Item]) -> None:
        """Ask again, with the right length, for texts that came back empty: Qt gives none past its end."""
        empty = [item for item in items if item.showing and item.asked_text and not item.text]
        counts = self._ask([get_property(*item.ref, A11Y + "Text", "CharacterCount") for item in empty])
        long = [(item, min(n[0][1], TEXT_CHARS)) for item, n in zip(empty, counts, strict=True) if n and n[0][1] > 0]
        replies = self._ask([Call(*item.ref, A11Y + "Text", "GetText", "ii", (0, count)) for item, count in long])
        for (item, _), reply in zip(long, replies, strict=True):
            item.text = reply[0] if reply else ""

    def _boxes(self, items: list[Item]) -> None:
        asked = [item for item in items if "Component" in item.interfaces]
        replies = self._ask([Call(*item.ref, A11Y + "Component", "GetExtents", "u", (0,)) for item in asked])
        for item, reply in zip(asked, replies, strict=True):
            if reply:
                item.box = _box(reply[0])

    # nodes

    def _build(self, windows: list[tuple[str, Item]], chosen: set[Ref], title: str, notes: list[str]) -> Tree:
        nodes: list[Node] = []
        tops: list[Window] = []
        for app, top in windows:
            tops.append(_window(app, top, len(nodes)))
            places: dict[Ref, int] = {}
            for item in _walk(top):
                if item.ref in chosen:
                    places[item.ref] = len(nodes)
                    nodes.append(_node(item, places.get(item.parent, -1), len(tops) - 1))
        tops = _mark_active(tops, title)
        return Tree(straightened(nodes), tuple(tops), self._complete, " ".join([*self._notes, *notes]))


def _described(ref: Ref, parent: Ref, replies: list[Reply]) -> Item | None:
    name, count, role, state, interfaces = replies
    if role is None or state is None:
        return None
    kind = roles.role_of(role[0])
    return Item(
        ref, parent, count[0][1] if count else 0, _short(interfaces[0] if interfaces else ()),
        roles.plain_label(name[0][1] if name else "", kind), kind, roles.bits_of(state[0]),
    )  # fmt: skip


def _short(interfaces: Iterable[str]) -> frozenset[str]:
    return frozenset(name.rpartition(".")[2] for name in interfaces)


def _walk(item: Item) -> Iterable[Item]:
    """An object and all below it, parents first."""
    stack = [item]
    while stack:
        one = stack.pop()
        yield one
        stack += reversed(one.children)


def _questions(item: Item) -> Iterable[tuple[Item, str, Call]]:
    """What to ask of an object, by its role and interfaces."""
    has = item.interfaces
    if item.showing and item.asked_text:
        yield item, "text", Call(*item.ref, A11Y + "Text", "GetText", "ii", (0, TEXT_CHARS))
    if item.showing and "Value" in has and item.role in roles.HOLDS_VALUE:
        yield item, "value", get_property(*item.ref, A11Y + "Value", "CurrentValue")
    if item.showing and "Selection" in has and item.role == "combo":
        yield item, "selected", Call(*item.ref, A11Y + "Selection", "GetSelectedChild", "i", (0,))
    if "Action" in has and item.role in roles.ACTS and (item.showing or item.role in roles.MENU_ITEMS):
        yield item, "actions", Call(*item.ref, A11Y + "Action", "GetActions")
    if item.showing and not item.name and item.role in roles.MAY_LACK_NAME:
        yield item, "description", get_property(*item.ref, ACCESSIBLE, "Description")
    if item.showing and "TableCell" in has:
        yield item, "cell", get_property(*item.ref, A11Y + "TableCell", "Position")


def _take(item: Item, what: str, reply: tuple[Any, ...]) -> None:
    """Write an answer into its object."""
    if what == "text":
        item.text = reply[0]
    elif what == "value" and not item.text:
        item.text = f"{reply[0][1]:g}"
    elif what == "actions":
        item.actions = tuple(name for name, _, _ in reply[0] if name)
        item.shortcut = next((s for _, _, binding in reply[0] if (s := roles.shortcut_of(binding))), "")
    elif what == "description":
        item.description = reply[0][1]
    elif what == "cell":
        row, column = reply[0][1]
        item.cell = (row, column)


def _show_open_menus(window: Item) -> None:
    """Mark items of open menus as showing, which GTK 2 does not say: a menu is open while it or an item has focus."""
    holding: set[Ref] = set()
    for item in reversed(list(_walk(window))):  # children before their parents
        if item.role not in roles.MENU_ITEMS or not (item.bits & roles.FOCUSED or item.ref in holding):
            continue
        holding.add(item.parent)
        if item.role == "menu":
            for child in item.children:
                child.bits |= roles.SHOWING if child.bits & roles.VISIBLE else 0


def _box(extents: tuple[int, int, int, int]) -> Box:
    """A box from position and size; empty for GTK's way of saying that there is none."""
    x, y, width, height = extents
    if width <= 0 or height <= 0 or abs(x) > 1 << 20 or abs(y) > 1 << 20:
        return Box(0, 0, 0, 0)
    return Box(x, y, x + width, y + height)


def _node(item: Item, parent: int, window: int) -> Node:
    own = "" if item.untold and _OF_CLASS.match(item.name) else item.name
    name = own or (item.text if item.role in ("icon", "list_item") else "")
    text = "" if item.role in roles.LABELS and item.text == name else item.text
    box = item.box if item.showing else Box(0, 0, 0, 0)
    states = roles.states_of(item.bits) | ({"showing"} if item.untold and box else set())
    return Node(
        item.role, name, text, box, states,
        item.actions, item.shortcut, item.description, parent, window, _key(item.ref), *item.cell,
    )  # fmt: skip


def _window(app: str, item: Item, node: int) -> Window:
    states = roles.states_of(item.bits)
    role = item.role if item.role in ("dialog", "alert") else "window"
    return Window(item.name, app, role, item.box, "active" in states, "modal" in states, node, _key(item.ref))


def _key(ref: Ref) -> str:
    return f"{ref[0]}/{ref[1].rpartition('/')[2]}"


def _mark_active(windows: list[Window], title: str) -> list[Window]:
    """Exactly the window with the focus is active: the one that the window manager names, where toolkits disagree."""
    said = [window for window in windows if window.active]
    named = [window for window in windows if title and window.title == title]
    right = next((window for window in named if window.active), named[0] if named else said[0] if said else None)
    right = right or _closest(windows, title)
    bubble = next((w for w in said if w.role != "window" and right is not None and w.app == right.app), None)
    if bubble is not None and right is not None and right.role == "window":
        right = bubble  # drawn by the application itself: the window manager knows nothing of it
    return [replace(window, active=window is right) for window in windows]


ALIKE = 80
"""From how many hundredths on two titles of one window are alike: a browser's is told anew while its page loads."""


def _closest(windows: Sequence[Window], title: str) -> Window | None:
    """The window whose title comes closest to the one that the window manager names; none where none comes close."""
    scored = [(fuzz.partial_ratio(window.title, title), window) for window in windows if title and window.title]
    score, window = max(scored, key=lambda one: one[0], default=(0.0, None))
    return window if score >= ALIKE else None
