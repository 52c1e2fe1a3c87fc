"""From the accessibility tree to elements: what matters on the screen, and the commands behind closed menus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grounding.element import Element
from grounding.geometry import Box
from grounding.naming import name_fields
from grounding.tree import Node, Tree

ALWAYS = frozenset({
    "dialog", "alert", "toolbar", "menu_bar", "menu", "menu_item", "check_menu_item", "radio_menu_item", "button",
    "toggle_button", "checkbox", "radio", "switch", "combo", "text", "password", "spin", "slider", "list", "table",
    "tree", "tab", "document", "popup_menu",
})  # fmt: skip
"""Worth telling of even without a name."""
NEVER = frozenset({"separator", "scroll_bar"})
ITEMS = frozenset({"menu_item", "check_menu_item", "radio_menu_item"})
MENUS = ITEMS | {"menu"}
HOLDERS = frozenset({"button", "toggle_button", "checkbox", "radio", "tab", "link", "list_item", "tree_item", "combo"})
"""What says the words of the labels inside it."""
VIEWED = frozenset({"icon", "list_item", "tree_item", "cell"})
"""What lies in a view."""
POPS_UP = frozenset({"window", "dialog", "alert", "menu", "popup_menu"})
"""What is not cut off by the thing that holds it."""


def elements_of(tree: Tree, screen: Box) -> tuple[Element, ...]:
    """The elements of a tree, in reading order, the active window first, named `e1`, `e2`, ..."""
    return _Reading(tree, screen).elements()


class _Reading:
    """One tree being read."""

    def __init__(self, tree: Tree, screen: Box) -> None:
        self.tree = tree
        self.nodes = tree.nodes
        self.children: dict[int, list[int]] = {}
        for index, node in enumerate(tree.nodes):
            self.children.setdefault(node.parent, []).append(index)
        self.telling = {n.parent for n in tree.nodes if n.role in VIEWED and "enabled" in n.states}
        """The views that tell which of their things are enabled; some toolkits tell it of none."""
        tells_showing = any("showing" in node.states for node in tree.nodes)
        self.boxes = _visible_boxes(tree.nodes, screen, tells_showing)

    def elements(self) -> tuple[Element, ...]:
        found: list[tuple[int, Element]] = []
        for top in self._tops():
            self._collect(top, "", found)
        return name_fields([element for _, element in found])

    def _tops(self) -> list[int]:
        """The top-level nodes, those of the active window first; a later one among equals is on top."""
        active = {number for number, window in enumerate(self.tree.windows) if window.active}
        return sorted(self.children.get(-1, []), key=lambda index: self.nodes[index].window not in active)

    def _collect(self, start: int, parent: str, found: list[tuple[int, Element]]) -> None:
        """Depth first without recursion: a tree from outside may be deep."""
        stack = [(start, parent)]
        while stack:
            index, holder = stack.pop()
            element = self._element(index, f"e{len(found) + 1}", holder)
            if element is not None:
                found.append((index, element))
                holder = element.id
            stack.extend((child, holder) for child in reversed(self._in_reading_order(index)))

    def _in_reading_order(self, index: int) -> list[int]:
        children = self.children.get(index, [])
        placed = [child for child in children if self.boxes[child]]
        if len(placed) < len(children):
            return children
        return [number for row in rows_of([(child, self.boxes[child]) for child in placed]) for number in row]

    def _element(self, index: int, name: str, parent: str) -> Element | None:
        node = self.nodes[index]
        path = self._path(index) if node.role in MENUS else ()
        if not self._matters(index, path):
            return None
        return Element(
            id=name, role=self._role(index), label=self._label(index), box=self.boxes[index], text=self._text(node),
            states=self._states(index), window=node.window, parent=parent, shortcut=node.shortcut, path=path,
            actions=node.actions, description=node.description, row=node.row, column=node.column, key=node.key,
        )  # fmt: skip

    def _states(self, index: int) -> frozenset[str]:
        """Its states; the things in a view where none is called enabled are as enabled as the view is."""
        node = self.nodes[index]
        if "enabled" in node.states or node.role not in VIEWED or node.parent < 0:
            return node.states
        if "enabled" not in self.nodes[node.parent].states or node.parent in self.telling:
            return node.states
        return node.states | {"enabled"}

    def _matters(self, index: int, path: tuple[str, ...]) -> bool:
        node = self.nodes[index]
        if node.role in NEVER or (node.role == "label" and self._said_by_holder(index)):
            return False
        if not self.boxes[index]:
            return bool(path and node.name.strip() and self._reachable(index))
        if node.role in ITEMS and not node.name.strip():
            return False
        told = node.name.strip() or node.text.strip() or node.description.strip()
        return node.role in ALWAYS or bool(told or (node.role in HOLDERS and self._label(index)))

    def _said_by_holder(self, index: int) -> bool:
        parent = self._parent(index)
        direct = True
        while parent >= 0 and self.nodes[parent].role in ("panel", "other", "label"):
            parent, direct = self._parent(parent), False
        role = self.nodes[parent].role if parent >= 0 else ""
        return role in HOLDERS and (role != "tab" or direct)  # some toolkits hang a tab's whole page below it

    def _parent(self, index: int) -> int:
        parent = self.nodes[index].parent
        return parent if parent < index else -1

    def _ancestors(self, index: int) -> list[int]:
        chain = []
        while (index := self._parent(index)) >= 0:
            chain.append(index)
        return chain

    def _path(self, index: int) -> tuple[str, ...]:
        """The labels from the menu bar (or what opens the menu) down to this item."""
        names = [self.nodes[index].name.strip()]
        for above in self._ancestors(index):
            node = self.nodes[above]
            if node.role in MENUS or node.role in ("button", "toggle_button", "combo"):
                names.append(self._label(above))
            elif node.role not in ("popup_menu", "panel", "other", "list"):
                break
        path: list[str] = []
        for name in reversed([name for name in names if name]):
            if not path or path[-1] != name:
                path.append(name)
        return tuple(path)

    def _reachable(self, index: int) -> bool:
        """Whether a closed menu can be opened: something that is on the screen leads to it."""
        return any(self.boxes[a] and self.nodes[a].role not in ("window", "dialog") for a in self._ancestors(index))

    def _role(self, index: int) -> str:
        node = self.nodes[index]
        if node.role in ITEMS and any(self.nodes[a].role == "combo" for a in self._ancestors(index)):
            return "list_item"
        if node.role in ITEMS and self._has_items(index):
            return "menu"
        return node.role

    def _has_items(self, index: int) -> bool:
        below = self.children.get(index, [])
        nested = [n for b in below if self.nodes[b].role in ("menu", "popup_menu") for n in self.children.get(b, [])]
        return any(self.nodes[n].role in MENUS for n in (*below, *nested))

    def _label(self, index: int) -> str:
        node = self.nodes[index]
        name = node.name.strip()
        if node.role == "combo" and name and (name == node.text or name in self._names_below(index)):
            return ""  # its name is its value, not what it is called
        if name or node.role in ("window", "dialog", "panel"):
            return name
        if node.role in HOLDERS and node.role != "combo":
            return " ".join(self._names_below(index)[:6]) or node.description.strip()
        if node.role in ("label", "heading", "status_bar"):
            return node.text.strip()
        return node.description.strip()

    def _names_below(self, index: int) -> list[str]:
        names: list[str] = []
        stack = list(reversed(self.children.get(index, [])))
        while stack and len(names) < 200:
            below = stack.pop()
            if name := self.nodes[below].name.strip():
                names.append(name)
            stack.extend(reversed(self.children.get(below, [])))
        return names

    def _text(self, node: Node) -> str:
        return node.text or (node.name.strip() if node.role == "combo" else "")


def _visible_boxes(nodes: Sequence[Node], screen: Box, tells_showing: bool) -> list[Box]:
    """What of each node can be seen: cut by the screen and by what holds it; empty where hidden or scrolled away."""
    nothing = Box(0, 0, 0, 0)
    boxes: list[Box] = []
    clips: list[Box] = []
    for index, node in enumerate(nodes):
        holder = clips[node.parent] if 0 <= node.parent < index and node.role not in POPS_UP else screen
        hidden = tells_showing and "showing" not in node.states
        seen = node.box.cut(holder) if node.box and not hidden else nothing
        boxes.append(seen if seen else nothing)
        free = screen if node.role in MENUS else holder if node.role == "tab" else seen
        clips.append(free if free else holder)
    return boxes


def rows_of(placed: Sequence[tuple[int, Box]]) -> list[list[int]]:
    """The numbers of the boxes row by row from the top, each row from the left."""
    rows: list[list[tuple[int, Box]]] = []
    for number, box in sorted(placed, key=lambda pair: (pair[1].top, pair[1].left)):
        if rows and box.top < rows[-1][0][1].centre.y:
            rows[-1].append((number, box))
        else:
            rows.append([(number, box)])
    return [[number for number, _ in sorted(row, key=lambda pair: pair[1].left)] for row in rows]


def renumber(elements: Sequence[Element], start: int) -> tuple[Element, ...]:
    """The elements with ids counted on from `start`."""
    return tuple(replace(element, id=f"e{number}") for number, element in enumerate(elements, start))
