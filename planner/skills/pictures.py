"""Skills for picture viewers and editors."""

from __future__ import annotations

import re

from grounding.element import Element
from planner import moves, readings
from planner.hands import FIELDS, Hands
from planner.skills.document import open_file
from planner.skills.skill import Body, Effect, Name, Number, choice, skill

choice("Picture", "next", "previous", "first", "last")
Picture = str
choice("Axis", "horizontal", "vertical")
Axis = str
_LINKED = re.compile(r"\b(aspect|ratio|proportion|chain|link)", re.IGNORECASE)


@skill('show another picture of the same folder: turn_picture("next")', kind="image", risk="read")
def turn_picture(hands: Hands, picture: Picture) -> Body:
    before = hands.window.title if hands.window else ""
    place, count = readings.page(hands), readings.pages(hands)
    if place is not None and place == {"first": 1, "last": count}.get(picture):
        return Effect(True, f"{before} is shown already", before)

    def another(now: Hands) -> bool:
        return now.window is not None and now.window.title != before if not now.blind else now.changed

    done = yield from moves.command(hands, f"{picture}_picture", another, risk="read")
    title = hands.window.title if hands.window else ""
    if done:
        return Effect(None if hands.blind else True, f"{title} is shown", title)
    if readings.redrawn(hands):
        return Effect(None, "another picture may be shown")
    return Effect(False, f"it is still {before}, perhaps the only picture")


@skill("throw the picture that is shown into the trash", kind="image", risk="sensitive")
def delete_picture(hands: Hands, name: Name) -> Body:
    base = hands.filled(name).rsplit("/", 1)[-1]

    def shows(now: Hands) -> bool:
        return now.dialog is None and now.window is not None and base.casefold() in now.window.title.casefold()

    if base and not shows(hands):
        yield from open_file(hands, name)
    if not base or not shows(hands):
        return Effect(False, f"{base!r} is not the picture that is shown")
    yield from moves.command(hands, "delete", lambda h: h.dialog is not None or not shows(h), risk="sensitive")
    if hands.dialog is not None and not (yield from moves.answer(hands, moves.GO_ON, f"agree to delete {base}")):
        yield from moves.confirm(hands, *moves.GO_ON, risk="sensitive")
    gone = yield from moves.wait_until(hands, lambda h: h.dialog is None and not shows(h), 1.5)
    return Effect(gone, f"{base} is not shown any more" if gone else f"{base} is still shown")


@skill("mirror the picture left to right (horizontal) or upside down (vertical)", kind="image")
def flip(hands: Hands, axis: Axis) -> Body:
    done = yield from moves.command(hands, f"flip_{axis}")
    if hands.dialog is not None and hands.dialog.role == "dialog":  # some ask which way
        if options := hands.first((axis, f"{axis}ly", f"{axis[:-1]}lly"), roles=("radio", "checkbox"), sure=0.6):
            yield from moves.click(hands, options, axis)
        yield from moves.confirm(hands, "ok", "flip", "apply")
    if not done:
        return Effect(False, f"no way to flip it ({axis}) was found")
    return Effect(True if readings.redrawn(hands) else None, f"the picture was flipped ({axis})")


@skill("give the picture another size in pixels", kind="image")
def resize_picture(hands: Hands, width: Number, height: Number) -> Body:
    if not (yield from moves.command(hands, "resize_picture", moves.opened_dialog, seconds=2)):
        return Effect(False, "no dialog to change the size came up")
    dialog = hands.dialog
    for element in hands.elements(("checkbox", "toggle_button")):
        if _LINKED.search(f"{element.label} {element.description}") and {"checked", "pressed"} & element.states:
            yield from moves.click_on(hands, element, "let width and height be changed apart")
    fields = _size_fields(hands)
    if len(fields) < 2:
        yield from moves.dismiss(hands)
        return Effect(False, "the dialog has no fields for width and height")
    for field, value in zip(fields, (width, height), strict=False):
        yield from moves.fill(hands, hands.again(field) or field, str(value))
        yield from moves.press(hands, "Tab", "leave the field", risk="read")
    yield from moves.confirm(hands, "scale", "resize", "ok", "apply")
    yield from moves.wait_until(hands, lambda h: h.dialog is None, 2)
    if hands.dialog is not None and dialog is not None and moves.same_window(hands.dialog, dialog):
        return Effect(False, f"the dialog {dialog.title!r} is still open")
    now = readings.picture_size(hands)
    return Effect(True if now == (width, height) else None, f"the picture was made {width} x {height}")


def _size_fields(hands: Hands) -> list[Element]:
    """The fields for width and height in pixels: by their names, else the first two that hold a whole number."""
    fields = [e for e in hands.elements(FIELDS) if e.enabled and "multiline" not in e.states]
    named = [hands.field("width"), hands.field("height")]
    if named[0] is not None and named[1] is not None and named[0].id != named[1].id:
        return [e for e in named if e is not None]
    return [e for e in fields if re.fullmatch(r"\s*\d{1,5}(\s*(px|pixels))?\s*", e.text)][:2]


@skill("make the picture that is shown the background of the desktop", kind="image")
def set_wallpaper(hands: Hands) -> Body:
    done = yield from moves.command(hands, "wallpaper", moves.changed)
    if hands.dialog is not None:
        yield from moves.confirm(hands, "set", "apply", "ok", "close")
    return Effect(None if done else False, "it was set as wallpaper" if done else "no such command was found")
