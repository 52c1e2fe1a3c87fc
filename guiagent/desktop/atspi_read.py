"""One reading of the tree: which objects there are, what is asked of each, and the nodes made of the answers."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from grounding.geometry import Box
from grounding.tree import Node, Tree, Window
from guiagent.desktop import atspi_roles as roles
from guiagent.desktop.dbus import Bus, Call, get_property

NODES = 3000
SECONDS = 2.0
SILENCE_S = 0.6
"""An application that says nothing for so long is taken to hang."""
SILENT_BEFORE_S = 0.1
"""The same for one that hung at the last look."""
TEXT_CHARS = 4000
MANY_CHILDREN = 300
"""A list with more children than this is read by the places that show, not by its children."""
A11Y = "org.a11y.atspi."
ROOT = "/org/a11y/atspi/accessible/root"
Ref = tuple[str, str]
"""A bus name and an object path."""


@dataclass(slots=True)
class Item:
    """One accessible object while it is being read."""

    ref: Ref
    parent: Ref
    index: int
    count: int
    interfaces: frozenset[str]
    name: str
    role: str
    description: str
    bits: int
    children: list[Item] = field(default_factory=list)
    box: Box = Box(0, 0, 0, 0)
    text: str = ""
    actions: tuple[str, ...] = ()
    shortcut: str = ""
    cell: tuple[int, int] = (-1, -1)

    @property
    def showing(self) -> bool:
        """Whether it is on the screen."""
        return bool(self.bits & roles.SHOWING and self.bits & roles.VISIBLE)


class Reading:
    """Reads all applications once, within a number of nodes and a time."""

    def __init__(
        self, bus: Bus, apps: list[Ref], names: dict[str, str], silent: set[str], nodes: int, seconds: float
    ) -> None:
        self._bus, self._apps, self._names, self._silent = bus, apps, names, silent
        self._nodes = nodes
        self._deadline = time.monotonic() + seconds
        self._notes: list[str] = []
        self._complete = True

    def tree(self, active_title: str, notes: list[str]) -> Tree:
        """The tree, with the window of that title marked as active."""
        caches = self._caches()
        windows: list[tuple[str, Item]] = []
        for app in self._apps:
            if app in caches:
                windows += [(self._names.get(app[0], ""), item) for item in self._windows(app, caches[app])]
        chosen = self._chosen(windows)
        self._detail(chosen)
        return self._build(windows, {item.ref for item in chosen}, active_title, notes)

    def _late(self) -> bool:
        return time.monotonic() > self._deadline

    def _ask(self, calls: list[Call]) -> list[tuple[Any, ...] | None]:
        replies = self._bus.ask(calls, SILENCE_S, self._late)
        if self._late():
            self._cut("it took too long")
        return replies

    def _cut(self, why: str) -> None:
        if self._complete:
            self._notes.append(f"The tree is cut short: {why}.")
        self._complete = False

    # which objects there are

    def _caches(self) -> dict[Ref, list[Item]]:
        """What each application that answers holds ready of its objects; an empty list where it must be walked."""
        known = {app for app in self._apps if app[0] in self._silent}
        found: dict[Ref, list[Item]] = {}
        for apps, silence in (([a for a in self._apps if a not in known], SILENCE_S), (list(known), SILENT_BEFORE_S)):
            calls = [get_property(name, ROOT, A11Y + "Accessible", "Name") for name, _ in apps]
            calls += [Call(name, "/org/a11y/atspi/cache", A11Y + "Cache", "GetItems") for name, _ in apps]
            replies = self._bus.ask(calls, silence, self._late) if calls else []
            for at, app in enumerate(apps):
                self._note_app(app, replies[at])
                if replies[at] is not None:
                    items = replies[len(apps) + at]
                    found[app] = [_cached(entry) for entry in items[0]] if items else []
        return found

    def _note_app(self, app: Ref, name: tuple[Any, ...] | None) -> None:
        if name is not None:
            self._names[app[0]] = name[0][1]
            self._silent.discard(app[0])
            return
        self._silent.add(app[0])
        self._complete = False
        self._notes.append(f"{self._names.get(app[0]) or 'An application'} does not answer, so its part is missing.")

    def _windows(self, app: Ref, items: list[Item]) -> list[Item]:
        """The showing windows of an application with everything below them."""
        by_ref = {item.ref: item for item in items}
        tops = self._children([app]).get(app, [])
        known = [by_ref[ref] for ref in tops if ref in by_ref]
        known += self._describe([ref for ref in tops if ref not in by_ref], app)
        windows = [item for item in known if item.showing]
        below: dict[Ref, list[Item]] = {}
        for item in items:
            below.setdefault(item.parent, []).append(item)
        for level in _levels(windows, below):
            self._complete_level(level, below)
        return windows

    def _complete_level(self, level: list[Item], below: dict[Ref, list[Item]]) -> None:
        """Fill in the children that the cache does not hold."""
        short = [item for item in level if _wants_children(item, below.get(item.ref, []))]
        wanted = [item.ref for item in short if item.count <= MANY_CHILDREN]
        for ref, children in (self._children(wanted) if wanted and not self._late() else {}).items():
            have = {item.ref: item for item in below.get(ref, [])}
            missing = self._describe([child for child in children if child not in have], ref)
            have.update((item.ref, item) for item in missing)
            below[ref] = [have[child] for child in children if child in have]
        for item in short:
            if item.count > MANY_CHILDREN and item.showing and not self._late():
                below[item.ref] = self._showing_children(item)

    def _children(self, refs: list[Ref]) -> dict[Ref, list[Ref]]:
        replies = self._ask([Call(*ref, A11Y + "Accessible", "GetChildren") for ref in refs])
        return {ref: [(n, p) for n, p in reply[0] if n] for ref, reply in zip(refs, replies, strict=True) if reply}

    def _describe(self, refs: list[Ref], parent: Ref) -> list[Item]:
        """Objects that no cache holds, asked one by one."""
        calls: list[Call] = []
        for ref in refs:
            calls += [get_property(*ref, A11Y + "Accessible", name) for name in ("Name", "Description", "ChildCount")]
            calls += [Call(*ref, A11Y + "Accessible", method) for method in ("GetRole", "GetState", "GetInterfaces")]
        replies = self._ask(calls) if calls else []
        return [
            made
            for at, ref in enumerate(refs)
            if (made := _described(ref, parent, at, replies[at * 6 : at * 6 + 6])) is not None
        ]

    def _showing_children(self, item: Item) -> list[Item]:
        """The children of a huge list or table that are on the screen, found by asking what is at places in it."""
        self._boxes([item])
        found: dict[Ref, Item] = {}
        y = item.box.top + 3
        while y < item.box.bottom and not self._late() and len(found) < MANY_CHILDREN:
            bottom = y
            x = item.box.left + 3
            while x < item.box.right and not self._late():
                child = self._at(item, x, y)
                if child is None:
                    break
                found.setdefault(child.ref, child)
                bottom = max(bottom, child.box.bottom)
                x = max(child.box.right, x) + 3
            y = max(bottom, y + 12) + 3
        self._notes.append(f"Of {item.count} entries of a long list only those on the screen are in the tree.")
        return list(found.values())

    def _at(self, item: Item, x: int, y: int) -> Item | None:
        call = Call(*item.ref, A11Y + "Component", "GetAccessibleAtPoint", "iiu", (x, y, 0))
        reply = self._ask([call])[0]
        if not reply or not reply[0][0] or tuple(reply[0]) == item.ref:
            return None
        made = self._describe([tuple(reply[0])], item.ref)
        if made:
            self._boxes(made)
        return made[0] if made else None

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
        by_ref = {item.ref: item for item in items}
        for (item, what, _), reply in zip(wanted, replies, strict=True):
            if what == "selected" and reply and not item.text:
                chosen = by_ref.get(tuple(reply[0]))
                item.text = chosen.name if chosen else ""

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
        return Tree(tuple(nodes), tuple(tops), self._complete, " ".join([*self._notes, *notes]))


def _cached(entry: tuple[Any, ...]) -> Item:
    ref, _, parent, index, count, interfaces, name, role, description, states = entry
    return Item(
        tuple(ref), tuple(parent), index, count, _short(interfaces), roles.plain_label(name), roles.role_of(role),
        description, roles.bits_of(states),
    )  # fmt: skip


def _described(ref: Ref, parent: Ref, index: int, replies: list[tuple[Any, ...] | None]) -> Item | None:
    name, description, count, role, state, interfaces = replies
    if role is None or state is None:
        return None
    return Item(
        ref, parent, index, count[0][1] if count else 0, _short(interfaces[0] if interfaces else ()),
        roles.plain_label(name[0][1] if name else ""), roles.role_of(role[0]),
        description[0][1] if description else "", roles.bits_of(state[0]),
    )  # fmt: skip


def _short(interfaces: Iterable[str]) -> frozenset[str]:
    return frozenset(name.rpartition(".")[2] for name in interfaces)


def _levels(windows: list[Item], below: dict[Ref, list[Item]]) -> Iterable[list[Item]]:
    """The objects level by level; whoever takes a level may complete `below` for it before the next is made."""
    level, seen = windows, {item.ref for item in windows}
    while level:
        yield level
        following: list[Item] = []
        for item in level:
            children = [child for child in below.get(item.ref, []) if child.ref not in seen]
            seen.update(child.ref for child in children)
            item.children = sorted(children, key=lambda child: child.index)
            following += item.children
        level = following


def _wants_children(item: Item, have: list[Item]) -> bool:
    """Whether children are missing that are worth asking for."""
    return item.count > len(have) and (item.showing or item.role in roles.MENU_ITEMS)


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
    if item.showing and "Text" in has and item.role in roles.HOLDS_TEXT:
        yield item, "text", Call(*item.ref, A11Y + "Text", "GetText", "ii", (0, TEXT_CHARS))
    if item.showing and "Value" in has and item.role in roles.HOLDS_VALUE:
        yield item, "value", get_property(*item.ref, A11Y + "Value", "CurrentValue")
    if item.showing and "Selection" in has and item.role == "combo":
        yield item, "selected", Call(*item.ref, A11Y + "Selection", "GetSelectedChild", "i", (0,))
    if "Action" in has and item.role in roles.ACTS and (item.showing or item.role in roles.MENU_ITEMS):
        yield item, "actions", Call(*item.ref, A11Y + "Action", "GetActions")
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
    elif what == "cell":
        row, column = reply[0][1]
        item.cell = (row, column)


def _box(extents: tuple[int, int, int, int]) -> Box:
    """A box from position and size; empty for GTK's way of saying that there is none."""
    x, y, width, height = extents
    if width <= 0 or height <= 0 or abs(x) > 1 << 20 or abs(y) > 1 << 20:
        return Box(0, 0, 0, 0)
    return Box(x, y, x + width, y + height)


def _node(item: Item, parent: int, window: int) -> Node:
    text = "" if item.role == "label" and item.text == item.name else item.text
    return Node(
        item.role, item.name, text, item.box if item.showing else Box(0, 0, 0, 0), roles.states_of(item.bits),
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
    return [replace(window, active=window is right) for window in windows]
