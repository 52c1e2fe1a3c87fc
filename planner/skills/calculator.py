"""Skills for calculators."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grounding.element import Element
from planner import moves
from planner.appmap import likeness
from planner.arithmetic import says, worked_out
from planner.hands import Hands
from planner.skills.options import by_menu
from planner.skills.skill import Body, Effect, Text, skill

_SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-", "–": "-", "·": "*", ":": "/", "^": "^"})

_NUMBER = re.compile(r"[-−–+]?[\d.,'’\s]*\d[\d.,'’\s]*((e|E|[×x*]\s*10\s*\^?)\s*[-−+⁻]?[\d⁰¹²³⁴-⁹]+)?\s*%?")

SHOWING = ("text", "label", "other", "canvas", "status_bar", "text_line", "document")
"""What a display may be in the tree."""
KEYPAD = 0.11
"""Seconds between keys: calculators that show each key being pressed drop one that comes again within 50 ms."""


@skill('work out an expression in a calculator, such as "12*(3+4)"', kind="calculator")
def calculate(hands: Hands, expression: Text) -> Body:
    keys = hands.filled(expression).translate(_SIGNS).replace(" ", "").removesuffix("=")
    before = display(hands)
    yield from moves.press(hands, "Escape", "clear the display")
    if hands.attempt == 0:
        yield from moves.type_text(hands, keys, "the expression", pause=KEYPAD)
        yield from moves.press(hands, "Return", "work it out")
    else:
        yield from _by_buttons(hands, keys)
    value = worked_out(keys)  # until it says that, the last number may stand there yet
    if not (yield from moves.wait_until(hands, lambda h: _says_value(h, value), 0.8)):
        yield from moves.wait_until(hands, lambda h: _shows_result(h, keys), 0.8)
    after = display(hands)
    if after is None:
        return _unread(hands, keys)
    text = number_line(after.text or after.label)
    same = before is not None and number_line(before.text or before.label) == text
    if not _is_result(text, keys, exact=not hands.blind):
        if told := _told_elsewhere(hands, keys):
            hands.note("result", told)
            return Effect(True, f"the window says {told}", told)
        return Effect(False, f"the display says {text!r}, which is no result of {keys}")
    hands.note("result", text.strip())
    return Effect(None if same else True, f"the display says {text.strip()}", text.strip())


def _unread(hands: Hands, keys: str) -> Effect:
    """Where the display cannot be read but something has changed, later lines go on with what it has to say."""
    value = worked_out(keys)
    if hands.since_start().nothing or value is None:
        return Effect(None if not hands.since_start().nothing else False, "the display cannot be read")
    result = f"{value:.12g}"
    hands.note("result", result)
    return Effect(None, f"the display cannot be read; it has to say {result}", result)


BASES = {
    2: ("Binary", "Bin", "Base 2"), 8: ("Octal", "Oct", "Base 8"), 10: ("Decimal", "Dec", "Base 10"),
    16: ("Hexadecimal", "Hex", "Hexa", "Base 16"),
}  # fmt: skip
"""Bases of numbers, and what calculators call them."""

MODES = (("Programming Mode", "Programmer", "Programming"), ("Numeral System Mode",), ("Scientific Mode", "Scientific"))
"""Where calculators keep the bases that they do not show at first."""


@skill(
    'show a whole number as binary, octal, decimal or hexadecimal, such as convert_number("45", "binary")',
    kind="calculator",
)
def convert_number(hands: Hands, number: Text, base: Text) -> Body:
    number = hands.filled(number).strip()
    wanted = _base(base)
    if wanted is None or not number.isdecimal():
        return Effect(False, f"{number!r} in {base!r}: only whole numbers in binary, octal, decimal or hexadecimal")
    digits = _digits(int(number), wanted)
    for mode in (None, *MODES):  # a number is typed as it is said
        if (mode is None or (yield from _to_mode(hands, mode))) and (yield from _turn_to(hands, 10)):
            break
    yield from moves.press(hands, "Escape", "clear the display")
    yield from moves.type_text(hands, number, "the number", pause=KEYPAD)
    if not (yield from _turn_to(hands, wanted)):
        yield from moves.type_text(hands, f" to {BASES[wanted][1].lower()}", "the base, in words", pause=KEYPAD)
    if not (yield from moves.wait_until(hands, lambda h: _shows_digits(h, digits), 0.6)):
        yield from moves.press(hands, "Return", "work it out")
    if (yield from moves.wait_until(hands, lambda h: _shows_digits(h, digits), 1.2)):
        hands.note("result", digits)
        return Effect(True, f"the display says {digits}", digits)
    return Effect(False, f"{digits} is not on the display")


def _base(words: str) -> int | None:
    """The base that a person names."""
    said = words.strip().casefold()
    return next((b for b, names in BASES.items() if said in (str(b), *(n.casefold() for n in names))), None)


def _digits(number: int, base: int) -> str:
    return format(number, {2: "b", 8: "o", 10: "d", 16: "X"}[base])


def _shows_digits(hands: Hands, digits: str) -> bool:
    """Whether the digits stand somewhere in the window, grouped as they may be, but on no key."""
    shown = (e for e in hands.elements(SHOWING) if e.window in (hands.scene.active_index, -1))
    said = (re.sub(r"\b0[xb](?=\w)|[ \u00a0\u202f]", "", f"{e.text}\n{e.label}", flags=re.IGNORECASE) for e in shown)
    return any(re.search(rf"(?<![0-9A-Fa-f])0*{digits}(?![0-9A-Fa-f])", text, re.IGNORECASE) for text in said)


def _to_mode(hands: Hands, names: Sequence[str]) -> moves.Doing:
    """Have the calculator show more: by a tick of a menu, or by the command; False where it has no such mode."""
    if (yield from by_menu(hands, names, "on")) is not None:
        return True
    found = [c for c in hands.commands(names) if c.enabled and likeness(c.label, names) > 0.85]
    return (yield from moves.through_menu(hands, found[0], "read")) if found else False


def _turn_to(hands: Hands, base: int) -> moves.Doing:
    """Have the calculator use a base: by a menu, a button or a list of it; False where it has none of these."""
    done = yield from by_menu(hands, BASES[base], "on")
    if done is not None:
        return done.worked is not False
    roles = ("radio", "toggle_button", "button", "tab")
    found = [e for name in BASES[base] for e in hands.elements(roles) if e.label.casefold() == name.casefold()]
    if found:
        if not {"checked", "pressed", "selected"} & found[0].states:
            yield from moves.click_on(hands, found[0], f"turn to {found[0].label}")
        return True
    for combo in hands.elements(("combo",)):
        if _base(combo.text or combo.label) is not None:
            yield from moves.pick(hands, combo, BASES[base][0])
            return True
    return False


def _told_elsewhere(hands: Hands, keys: str) -> str:
    """The result where the display still says the expression: in a history, a line below; empty if it is not seen."""
    value = worked_out(keys)
    if value is None:
        return ""
    scenes = [hands.scene, *([hands.scene.deeper()] if "pixels" in hands.scene.senses else [])]
    for scene in scenes:
        for e in scene.shown:
            here = e.window in (scene.active_index, -1) and e.role not in ("button", "toggle_button", "menu_item")
            for line in f"{e.label}\n{e.text}".splitlines() if here else ():
                if "".join(line.translate(_SIGNS).split()) != keys and (told := says(line.rpartition("=")[2], value)):
                    return told
    return ""


def _says_value(hands: Hands, value: float | None) -> bool:
    """Whether the display says this value; some reckon otherwise, and are believed a moment later."""
    now = display(hands)
    return value is not None and now is not None and bool(says(number_line(now.text or now.label), value))


def _shows_result(hands: Hands, keys: str) -> bool:
    """Whether the display says a number now; some work it out a moment after the key."""
    now = display(hands)
    return now is not None and _is_result(number_line(now.text or now.label), keys, exact=not hands.blind)


def _is_result(text: str, keys: str, *, exact: bool) -> bool:
    """Whether a display says a number, and not the expression still; what was read from pixels may say more."""
    said = text.translate(_SIGNS).replace(" ", "")
    if said == keys and not _NUMBER.fullmatch(keys):
        return False
    return bool(_NUMBER.fullmatch(text.strip()) if exact else re.search(r"\d", text))


def number_line(text: str) -> str:
    """The line of a display that holds the number; some displays list their modes below it."""
    lines = [line.strip().rstrip("=").rsplit("=", 1)[-1].strip() for line in text.splitlines()]
    return next((line for line in lines if re.search(r"\d", line)), text.strip())


def _by_buttons(hands: Hands, keys: str) -> moves.Doing:
    """Press the calculator's own buttons, one for each sign."""
    names = {"*": ("*", "×", "multiply"), "/": ("/", "÷", "divide"), "-": ("-", "−", "subtract"), "+": ("+", "add")}
    for sign in keys + "=":
        phrases = names.get(sign, (sign,))
        found = hands.first(phrases, roles=("button", "toggle_button"), sure=0.9)
        if not (yield from moves.click(hands, found, f"the {sign} button")) and not found:
            return False
    return True


def display(hands: Hands) -> Element | None:
    """The calculator's display: the largest field or label with a number in it; where none tells, by what is seen."""
    shown = hands.elements(SHOWING)
    odd = [e for e in hands.elements(("window", "panel")) if _NUMBER.fullmatch(e.text or e.label)]
    numbers = [e for e in shown if re.search(r"\d", e.text or e.label)] or odd or _seen_numbers(hands)
    fields = [e for e in numbers if e.role == "text"] or numbers
    return max(fields, key=lambda e: (e.box.height, e.box.width), default=None)


def _seen_numbers(hands: Hands) -> list[Element]:
    """The numbers that are seen in the window above its keys, which are single digits."""
    if "pixels" not in hands.scene.senses or hands.within is None:
        return []
    seen = [e for e in hands.scene.deeper().shown if e.role == "text_line" and hands.within.has(e.box.centre)]
    keys = [e for e in (*seen, *hands.elements(("button", "toggle_button"))) if re.fullmatch(r"\d", e.label.strip())]
    top = min((e.box.top for e in keys), default=hands.within.bottom)
    return [e for e in seen if e.box.bottom <= top + 4 and re.search(r"\d", e.label) and e not in keys]
