"""Names of keys, in xdotool's vocabulary and what people write instead, and the X key symbols behind them."""

from __future__ import annotations

from runtime.errors import UsageError

MODIFIERS = {"ctrl": 0xFFE3, "shift": 0xFFE1, "alt": 0xFFE9, "super": 0xFFEB, "altgr": 0xFE03}
"""Modifiers by our name for them."""

NAMED = {
    "Return": 0xFF0D, "Escape": 0xFF1B, "Tab": 0xFF09, "BackSpace": 0xFF08, "Delete": 0xFFFF, "Insert": 0xFF63,
    "Home": 0xFF50, "Left": 0xFF51, "Up": 0xFF52, "Right": 0xFF53, "Down": 0xFF54, "Page_Up": 0xFF55,
    "Page_Down": 0xFF56, "End": 0xFF57, "Menu": 0xFF67, "Print": 0xFF61, "Pause": 0xFF13, "Scroll_Lock": 0xFF14,
    "Num_Lock": 0xFF7F, "Caps_Lock": 0xFFE5, "KP_Enter": 0xFF8D, "KP_Add": 0xFFAB, "KP_Subtract": 0xFFAD,
    "KP_Multiply": 0xFFAA, "KP_Divide": 0xFFAF, "KP_Decimal": 0xFFAE, "space": 0x20,
    **{f"F{n}": 0xFFBD + n for n in range(1, 25)}, **{f"KP_{n}": 0xFFB0 + n for n in range(10)},
    "Shift_L": 0xFFE1, "Shift_R": 0xFFE2, "Control_L": 0xFFE3, "Control_R": 0xFFE4, "Alt_L": 0xFFE9, "Alt_R": 0xFFEA,
    "Super_L": 0xFFEB, "Super_R": 0xFFEC, "ISO_Level3_Shift": 0xFE03,
}  # fmt: skip
"""Key symbols of keys that write no character, by xdotool's name."""

CHARACTERS = {
    "plus": "+", "minus": "-", "equal": "=", "comma": ",", "period": ".", "slash": "/", "backslash": "\\",
    "semicolon": ";", "colon": ":", "apostrophe": "'", "quotedbl": '"', "grave": "`", "asciitilde": "~",
    "bracketleft": "[", "bracketright": "]", "braceleft": "{", "braceright": "}", "less": "<", "greater": ">",
    "question": "?", "exclam": "!", "at": "@", "numbersign": "#", "dollar": "$", "percent": "%", "asciicircum": "^",
    "ampersand": "&", "asterisk": "*", "parenleft": "(", "parenright": ")", "underscore": "_", "bar": "|",
}  # fmt: skip
"""Characters by the name of their key symbol."""

ALIASES = {
    "enter": "Return", "esc": "Escape", "del": "Delete", "ins": "Insert", "pgup": "Page_Up", "pgdn": "Page_Down",
    "pageup": "Page_Up", "pagedown": "Page_Down", "prior": "Page_Up", "next": "Page_Down", "bksp": "BackSpace",
    "back": "BackSpace", "spacebar": "space", "printscreen": "Print", "prtsc": "Print", "capslock": "Caps_Lock",
    "numlock": "Num_Lock", "scrolllock": "Scroll_Lock", "kpenter": "KP_Enter", "arrowleft": "Left", "arrowup": "Up",
    "arrowright": "Right", "arrowdown": "Down", "leftarrow": "Left", "uparrow": "Up", "rightarrow": "Right",
    "downarrow": "Down", "apps": "Menu", "contextmenu": "Menu", "dot": "period", "dash": "minus", "quote": "apostrophe",
}  # fmt: skip
"""What people write, in lower case without `_` or spaces, and what it is called here."""

MODIFIER_ALIASES = {
    "control": "ctrl", "ctl": "ctrl", "primary": "ctrl", "option": "alt", "meta": "alt", "mod1": "alt", "win": "super",
    "windows": "super", "cmd": "super", "command": "super", "mod4": "super", "isolevel3shift": "altgr",
    "controll": "ctrl", "controlr": "ctrl", "shiftl": "shift", "shiftr": "shift", "altl": "alt", "altr": "alt",
    "superl": "super", "superr": "super",
}  # fmt: skip

_BY_LOWER = {name.lower().replace("_", ""): name for name in (*NAMED, *CHARACTERS)}


def symbol_of(character: str) -> int:
    """The key symbol of a character: Latin-1 as it is, anything else as a Unicode symbol."""
    code = ord(character)
    return code if 0x20 <= code <= 0x7E or 0xA0 <= code <= 0xFF else 0x01000000 + code


def split_chord(keys: str) -> list[str]:
    """`ctrl+shift+s` in its parts; a plus at the end is the plus key, as in `ctrl++`."""
    text = keys.strip()
    if text == "+":
        return ["+"]
    plus = text.endswith(("++", "-+"))
    parts = [part.strip() for part in (text[:-2] if plus else text).split("+")]
    return [*parts, "+"] if plus else parts


def normal_name(part: str, alone: bool = False) -> str:
    """The name of one key as we write it; a letter is lower case unless it stands alone."""
    folded = part.lower().replace("_", "").replace(" ", "")
    if len(part) == 1:
        return part if alone else part.lower()
    if part in NAMED or part in CHARACTERS:
        return MODIFIER_ALIASES.get(folded, part)
    if folded in MODIFIERS:
        return folded
    name = MODIFIER_ALIASES.get(folded) or ALIASES.get(folded) or _BY_LOWER.get(folded)
    if name is None:
        raise UsageError(f"there is no key named {part!r}; keys are named as in ctrl+shift+s, Return, F2, Page_Down.")
    return name


def normal_chord(keys: str) -> str:
    """A chord as we write it: modifiers in one order, known names. `Ctrl+S` is `ctrl+s`."""
    parts = list(split_chord(keys))
    if not parts or not all(parts):
        raise UsageError(f"{keys!r} is not a key or a chord; write it as in ctrl+shift+s or Return.")
    names = [normal_name(part, alone=len(parts) == 1) for part in parts]
    held = [name for name in MODIFIERS if name in names[:-1]]
    odd = [name for name in names[:-1] if name not in MODIFIERS]
    if odd:
        raise UsageError(f"{odd[0]!r} in {keys!r} is not a modifier; those are {', '.join(MODIFIERS)}.")
    return "+".join([*held, names[-1]])


def symbols_of(keys: str) -> list[int]:
    """The key symbols of a chord, in the order in which they are pressed."""
    return [_symbol(name) for name in split_chord(normal_chord(keys))]


def _symbol(name: str) -> int:
    if name in MODIFIERS:
        return MODIFIERS[name]
    if name in NAMED:
        return NAMED[name]
    return symbol_of(CHARACTERS.get(name, name))
