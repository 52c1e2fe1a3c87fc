"""AT-SPI's roles, states and key bindings, and what they are called here. Numbers: at-spi2-core, atspi-constants.h."""

from __future__ import annotations

import re
from functools import lru_cache

from guiagent.desktop.keys import normal_chord
from runtime.errors import UsageError

_BY_ROLE = {
    "window": (23, 28, 69), "dialog": (16, 9, 19, 22), "alert": (2, 101, 102), "toolbar": (63, 77), "menu_bar": (34,),
    "menu": (33,), "menu_item": (35, 59), "check_menu_item": (8,), "radio_menu_item": (45,), "popup_menu": (41,),
    "button": (43, 129), "toggle_button": (62,), "checkbox": (7,), "radio": (44,), "switch": (130,), "combo": (11,),
    "text": (61, 79, 73, 60, 76, 12), "password": (40,), "spin": (52,), "slider": (51, 15), "label": (29, 116, 81, 1),
    "link": (88,), "heading": (83,), "image": (27, 100), "icon": (26, 13), "list": (31, 98, 17, 121),
    "list_item": (32,),
    "table": (55,), "cell": (56,), "row": (90,), "column_header": (10, 57, 47, 58), "tree": (65, 66),
    "tree_item": (91,),
    "tab": (37,), "tab_list": (38,), "scroll_bar": (48,), "status_bar": (54,), "progress": (42, 103),
    "document": (82, 92, 93, 94, 95, 96, 25), "separator": (50,), "canvas": (6, 18, 80),
    "panel": (20, 39, 46, 49, 53, 68, 30, 24, 36, 84, 85, 87, 99, 71, 72, 104, 110, 109, 105),
}  # fmt: skip
ROLE_NAMES = {number: role for role, numbers in _BY_ROLE.items() for number in numbers}
"""Our role by AT-SPI's number."""

_BITS = {
    "active": 1, "checked": 4, "editable": 7, "expandable": 9, "expanded": 10, "focusable": 11, "focused": 12,
    "modal": 16, "multiline": 17, "pressed": 20, "selectable": 22, "selected": 23, "enabled": 24, "showing": 25,
    "visible": 30, "default": 39, "checkable": 41, "read_only": 43,
}  # fmt: skip
SHOWING, VISIBLE, FOCUSED, ENABLED = 1 << 25, 1 << 30, 1 << 12, 1 << 8

HOLDS_TEXT = frozenset(
    {"text", "password", "document", "spin", "cell", "heading", "label", "combo", "icon", "list_item"}
)
"""Roles whose text content is read."""
HOLDS_VALUE = frozenset({"slider", "spin", "progress", "scroll_bar"})
ACTS = frozenset(
    {"button", "toggle_button", "checkbox", "radio", "switch", "menu", "menu_item", "check_menu_item",
     "radio_menu_item", "combo", "link", "tab", "icon", "list_item", "tree_item", "cell", "column_header", "text"}
)  # fmt: skip
"""Roles whose actions are asked for."""
MENUS = frozenset({"menu", "menu_bar", "popup_menu"})
MENU_ITEMS = MENUS | {"menu_item", "check_menu_item", "radio_menu_item"}
LABELS = frozenset({"label", "icon", "list_item", "heading", "cell"})
"""Roles whose content is not told again where it is the name."""
MAY_LACK_NAME = frozenset({"button", "toggle_button", "icon", "image", "text", "combo", "spin", "checkbox", "radio"})
"""Roles whose description is asked for when they have no name."""


def role_of(number: int) -> str:
    """Our role; `other` for what has none."""
    return ROLE_NAMES.get(number, "other")


@lru_cache(maxsize=4096)
def states_of(bits: int) -> frozenset[str]:
    """Our states."""
    names = {name for name, bit in _BITS.items() if bits >> bit & 1}
    if bits & ENABLED:  # GTK sets `sensitive`, Qt and others `enabled`
        names.add("enabled")
    return frozenset(names)


def bits_of(words: list[int]) -> int:
    """One number from AT-SPI's two."""
    return sum(word << 32 * i for i, word in enumerate(words))


NAMED_BY_USERS = frozenset({
    "list_item", "tree_item", "cell", "row", "icon", "text", "document", "window", "dialog", "image",
})  # fmt: skip
"""Roles of what is called as the user calls it, a file or a document: an underscore in such a name is one."""


def plain_label(name: str, role: str = "") -> str:
    """A label without spaces around it and without the underscore that marks its mnemonic."""
    name = name.strip()
    if role in NAMED_BY_USERS or re.search(r"\w_\w+\.\w{1,5}\b", name):
        return name
    return name.replace("_", "", 1) if re.fullmatch(r"[^_]*_[^\W_][^_]*", name) else name


@lru_cache(maxsize=4096)
def shortcut_of(binding: str) -> str:
    """Our chord for a key binding: `n;<Alt>f:n;<Primary>n` and `Ctrl+N` are both `ctrl+n`; empty without one."""
    parts = binding.split(";")
    text = parts[2] if len(parts) >= 3 else parts[0] if len(parts) == 1 and "+" in binding else ""
    if not text:
        return ""
    modifiers = re.findall(r"<(\w+)>", text)
    key = re.sub(r"<\w+>", "", text)
    try:
        return normal_chord("+".join([*modifiers, key]))
    except UsageError:
        return ""
