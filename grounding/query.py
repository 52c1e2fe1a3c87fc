"""What a person asks for: the words of the thing, the kind of thing, and where it stands among others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from grounding.words import LONGEST, normal

FIELD_ROLES = ("text", "password", "combo", "spin", "document")
MENU_ROLES = ("menu_item", "check_menu_item", "radio_menu_item", "menu")
ROLE_WORDS: dict[str, tuple[str, ...]] = {
    "button": ("button", "toggle_button"), "toggle button": ("toggle_button",), "key": ("button",),
    "icon": ("icon", "image", "button", "toggle_button", "list_item"), "picture": ("image", "icon"),
    "checkbox": ("checkbox", "check_menu_item", "switch"), "check box": ("checkbox", "check_menu_item", "switch"),
    "tick box": ("checkbox", "check_menu_item"), "switch": ("switch", "checkbox", "toggle_button"),
    "toggle": ("switch", "toggle_button", "checkbox"), "option": ("checkbox", "radio", "radio_menu_item", "list_item"),
    "radio button": ("radio", "radio_menu_item"), "radio": ("radio", "radio_menu_item"),
    "menu": ("menu", "popup_menu"), "menu item": MENU_ROLES, "menu entry": MENU_ROLES, "submenu": ("menu",),
    "field": FIELD_ROLES, "text field": FIELD_ROLES, "input": FIELD_ROLES, "input field": FIELD_ROLES,
    "entry": ("text", "password", "list_item"), "entry field": FIELD_ROLES, "text box": FIELD_ROLES,
    "textbox": FIELD_ROLES, "input box": FIELD_ROLES, "edit field": FIELD_ROLES, "bar": ("text", "toolbar", "combo"),
    "box": (*FIELD_ROLES, "checkbox"), "text area": ("text", "document"), "editor": ("text", "document"),
    "password field": ("password",), "search box": FIELD_ROLES, "address bar": FIELD_ROLES,
    "dropdown": ("combo",), "drop-down": ("combo",), "combo box": ("combo",), "combobox": ("combo",),
    "list": ("list", "table", "tree", "combo"), "spin button": ("spin",), "slider": ("slider",),
    "tab": ("tab",), "link": ("link",), "hyperlink": ("link",), "heading": ("heading",), "title": ("heading", "label"),
    "label": ("label", "text_line"), "text": ("label", "text", "text_line", "document"),
    "file": ("icon", "list_item", "cell", "tree_item"), "folder": ("icon", "list_item", "cell", "tree_item"),
    "item": ("list_item", "icon", "cell", "tree_item", *MENU_ROLES), "row": ("row", "list_item", "cell"),
    "result": ("list_item", "link", "row", "cell", "text_line"), "cell": ("cell",), "column": ("column_header",),
    "column header": ("column_header",), "dialog": ("dialog", "alert"), "dialogue": ("dialog", "alert"),
    "window": ("window", "dialog"), "toolbar": ("toolbar",), "document": ("document", "text"),
}  # fmt: skip
"""What people call things, and the roles they may mean, the most natural two first."""

_ROLE = "|".join(sorted((re.escape(word) for word in ROLE_WORDS), key=len, reverse=True))
_ROLE_LAST = re.compile(rf"^(?P<rest>.*?)[\s]*\b(?P<role>{_ROLE})s?$")
_ROLE_FIRST = re.compile(
    rf"^(?P<role>{_ROLE})\s+(?:(?:that is |which is )?(?:labelled|labeled|named|called|titled"
    rf"|with the (?:label|name|text)|saying|that says|for|with)\s+)?(?P<rest>.+)$"
)
_VERB = re.compile(
    r"^(?:please\s+)?(?:now\s+)?(?:(?:left|right|double|single|triple)[- ]?)?"
    r"(?:click(?:ing)?|press|push|hit|tap|select|choose|pick|open|activate|check|tick|toggle|focus|use|find|locate"
    r"|enter|type|input|fill(?: in)?|go to|hover|move to|drag|move|point(?: at| to)?|navigate to|switch to|expand|close"
    r"|view|show)"
    r"(?:\s+(?:on|in|into|at|to|over))?\s+(?P<rest>.+)$"
)
_QUOTED = re.compile(r"[\"“”«»]([^\"“”«»]{1,200})[\"“”«»]|(?<!\w)['‘`]([^'’`]{1,200})['’`](?!\w)")
_ARTICLE = re.compile(r"^(?:the|a|an|on the|on|this|that|its|your)\s+")
_HOLDER = (
    "dialog|dialogue|window|menu|menu bar|toolbar|tool bar|panel|pane|list|table|sidebar|side bar|status bar|tab|popup"
    "|page"
)
_WITHIN = re.compile(
    rf"^(?P<what>.+?)\s+(?:in|on|of|from|inside|within|at)\s+the\s+(?P<name>.+?)??\s*\b(?P<kind>{_HOLDER})$"
)
_RELATION = re.compile(
    r"^(?P<what>.*?)\s*\b(?:(?:to|on|at)\s+the\s+)?"
    r"(?P<how>right of|right side of|left of|left side of|below|under|underneath|beneath|above|over|next to|beside|near"
    r"|after|before|in the row of|in row of|on the row of)\s+(?P<anchor>.+)$"
)
_HOW = {
    "right of": "right", "right side of": "right", "after": "right", "left of": "left", "left side of": "left",
    "before": "left", "below": "below", "under": "below", "underneath": "below", "beneath": "below", "above": "above",
    "over": "above", "next to": "near", "beside": "near", "near": "near", "in the row of": "row", "in row of": "row",
    "on the row of": "row",
}  # fmt: skip
_ORDINALS = {
    "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5,
    "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10, "last": -1, "final": -1, "leftmost": 1,
    "rightmost": -1, "topmost": 1, "bottommost": -1,
}  # fmt: skip
_ORDINAL = re.compile(rf"^(?P<number>{'|'.join(_ORDINALS)})\s+(?P<rest>.+)$")
_CORNER = re.compile(
    r"\b(?:(?:in|at|on|to)\s+)?(?:the\s+)?(?P<y>top|upper|bottom|lower)?[\s-]*(?P<x>left|right)?"
    r"\s*(?P<end>corner|side|edge|hand side|part|half)?(?:\s+of the (?:screen|page|window|desktop|interface))?$"
)


@dataclass(frozen=True, slots=True)
class Naming:
    """One way to understand the words that name a thing."""

    label: str
    """Empty when only its kind is told."""
    roles: tuple[str, ...] = ()
    weight: float = 1.0
    """How natural this understanding is."""


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked for."""

    words: str
    namings: tuple[Naming, ...]
    ordinal: int = 0
    """The n-th of its kind, from 1; -1 is the last, 0 is not told."""
    corner: tuple[str, str] = ("", "")
    """`top` or `bottom`, `left` or `right`."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A thing told by where it stands to another."""

    what: str
    how: str
    """`right`, `left`, `below`, `above`, `near`, `row`, or `within`."""
    anchor: str
    kind: str = ""
    """For `within`: what holds it (`dialog`, `menu`)."""


@lru_cache(maxsize=1024)
def understand(words: str) -> Query:
    """The ways to understand the words, their plain reading first."""
    plain = " ".join(words[:LONGEST].split())
    rest, corner = _corner(plain)
    ordinal = _ORDINAL.match(_ARTICLE.sub("", rest.casefold()))
    namings = {naming.label.casefold() + str(naming.roles): naming for naming in _namings(plain, 1.0)}
    if ordinal:
        namings |= {n.label.casefold() + str(n.roles): n for n in _namings(rest[-len(ordinal["rest"]) :], 0.95)}
    elif rest != plain:
        namings |= {n.label.casefold() + str(n.roles): n for n in _namings(rest, 0.95)}
    return Query(plain, tuple(namings.values()), _ORDINALS[ordinal["number"]] if ordinal else 0, corner)


def _namings(text: str, weight: float) -> list[Naming]:
    """The words as they are, without the kind of thing, without the verb, and what stands in quotes."""
    found = [Naming(text, (), weight)]
    bare = _ARTICLE.sub("", text, count=1) if _ARTICLE.match(text.casefold()) is None else text[_skip(_ARTICLE, text) :]
    if bare != text:
        found.append(Naming(bare, (), weight * 0.99))
    found.extend(_without_role(bare, weight * 0.98))
    if verb := _VERB.match(bare.casefold()):
        told = bare[len(bare) - len(verb["rest"]) :]
        told = told[_skip(_ARTICLE, told) :]
        found.append(Naming(told, (), weight * 0.94))
        found.extend(_without_role(told, weight * 0.96))
    if quoted := _QUOTED.findall(text):
        roles = next((n.roles for n in found if n.roles), ())
        found.extend(Naming(one or other, roles, weight) for one, other in quoted)
    return found


def _skip(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.match(text.casefold())
    return match.end() if match else 0


def _without_role(text: str, weight: float) -> list[Naming]:
    folded = text.casefold()
    if len(folded) != len(text):
        return []
    found = []
    if last := _ROLE_LAST.match(folded):
        found.append(Naming(text[: last.end("rest")].strip(), ROLE_WORDS[last["role"]], weight))
    if first := _ROLE_FIRST.match(folded):
        found.append(Naming(text[first.start("rest") :].strip(), ROLE_WORDS[first["role"]], weight * 0.98))
    return [Naming(_unquoted(n.label), n.roles, n.weight) for n in found]


def _unquoted(text: str) -> str:
    return text.strip("\"'“”‘’«»` ")


def _corner(text: str) -> tuple[str, tuple[str, str]]:
    match = next((m for m in _CORNER.finditer(text.casefold()) if m["y"] or m["x"]), None)
    if match is None or match.start() == 0 or not (match["end"] or (match["y"] and match["x"])):
        return text, ("", "")
    y = {"upper": "top", "lower": "bottom"}.get(match["y"] or "", match["y"] or "")
    return text[: match.start()].strip(), (y, match["x"] or "")


@lru_cache(maxsize=1024)
def relations(words: str) -> tuple[Relation, ...]:
    """How the words tell a thing by another one; empty when they do not."""
    plain = " ".join(words[:LONGEST].split())
    if len(plain) > 300 or len(plain.casefold()) != len(plain):
        return ()
    found = []
    if match := _RELATION.match(plain.casefold()):
        anchor = plain[match.start("anchor") :]
        found.append(
            Relation(plain[: match.end("what")].strip(), _HOW[match["how"]], anchor[_skip(_ARTICLE, anchor) :])
        )
    if match := _WITHIN.match(plain.casefold()):
        name = plain[match.start("name") : match.end("name")] if match["name"] else ""
        found.append(Relation(plain[: match.end("what")], "within", name.strip(), match["kind"]))
    return tuple(found)


def is_sign(words: str) -> bool:
    """Whether the query is a sign or a single letter, which has to be met exactly."""
    return len(normal(words)) <= 1
