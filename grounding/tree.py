"""What an accessibility interface says of the desktop, in our words: windows, and nodes below them."""

from __future__ import annotations

from dataclasses import dataclass

from grounding.geometry import Box

ROLES = (
    "window", "dialog", "alert", "panel", "toolbar", "menu_bar", "menu", "menu_item", "check_menu_item",
    "radio_menu_item", "popup_menu", "button", "toggle_button", "checkbox", "radio", "switch", "combo", "text",
    "password", "spin", "slider", "label", "link", "heading", "image", "icon", "list", "list_item", "table", "cell",
    "row", "column_header", "tree", "tree_item", "tab", "tab_list", "scroll_bar", "status_bar", "progress", "document",
    "separator", "canvas", "other",
)  # fmt: skip
"""Our roles. Every backend maps its own onto these; what it cannot map is `other`."""

STATES = (
    "focused", "focusable", "enabled", "visible", "showing", "checked", "selected", "expanded", "expandable",
    "editable", "multiline", "active", "modal", "default", "pressed", "read_only", "checkable", "selectable",
)  # fmt: skip
"""Our states. `enabled` is in the set unless the element is greyed out."""


@dataclass(frozen=True, slots=True)
class Node:
    """One accessible object."""

    role: str
    """One of `ROLES`."""
    name: str = ""
    """Its label, mnemonics' underscores removed."""
    text: str = ""
    """Its content where it holds text, or its value as text (`0.5` for a slider)."""
    box: Box = Box(0, 0, 0, 0)
    """In pixels of the screenshot; empty when it is not on the screen (an item of a closed menu)."""
    states: frozenset[str] = frozenset()
    """A subset of `STATES`."""
    actions: tuple[str, ...] = ()
    """Names of what it offers to do (`click`, `press`, `activate`)."""
    shortcut: str = ""
    """In our key syntax: `ctrl+shift+s`; empty when it has none."""
    description: str = ""
    parent: int = -1
    """Index of its parent in `Tree.nodes`; -1 for a top-level window."""
    window: int = -1
    """Index of its top-level window in `Tree.windows`."""
    key: str = ""
    """A name that stays the same between two looks at the same object, as far as the backend knows one."""
    row: int = -1
    """Row in its table, from 0; -1 outside tables."""
    column: int = -1
    """Column in its table, from 0; -1 outside tables."""


@dataclass(frozen=True, slots=True)
class Window:
    """One top-level window."""

    title: str
    app: str
    """The application's name as it calls itself (`mousepad`)."""
    role: str = "window"
    """`window`, `dialog` or `alert`."""
    box: Box = Box(0, 0, 0, 0)
    active: bool = False
    modal: bool = False
    node: int = -1
    """Index of its node in `Tree.nodes`."""
    key: str = ""
    """A name that stays the same between two looks at the same window."""


@dataclass(frozen=True, slots=True)
class Tree:
    """Everything the interface told: parents come before their children."""

    nodes: tuple[Node, ...] = ()
    windows: tuple[Window, ...] = ()
    complete: bool = True
    """False when the cap on nodes or time cut it short."""
    note: str = ""
    """Why it is empty or cut short, in a sentence, for the record."""
