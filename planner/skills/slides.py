"""Skills for presentations: the slides, their titles and what stands below them."""

from __future__ import annotations

import re
from collections.abc import Generator

from grounding.element import Element
from planner import moves
from planner.hands import Hands
from planner.skills.skill import Act, Body, Effect, Number, Text, skill

PATIENCE_S = 1.5
_TITLE = re.compile(r"(?<!sub)(?<!sub-)(?<!un)title", re.IGNORECASE)
_BELOW = re.compile(r"sub-?title|outline|content|body|add text", re.IGNORECASE)
_SLIDE = re.compile(r"^(?:slide|page) (\d+)\b", re.IGNORECASE)
_PLACES = ("panel", "text", "other", "text_line", "label")


@skill('write the title of the slide that is shown: slide_title("Our plans")', kind="slides")
def slide_title(hands: Hands, text: Text) -> Body:
    return (yield from _fill_place(hands, _TITLE, "title", text))


@skill('write what stands below the title, one point a line: slide_text("first\\nsecond")', kind="slides")
def slide_text(hands: Hands, text: Text) -> Body:
    return (yield from _fill_place(hands, _BELOW, "text", text))


@skill("add a new slide after the one that is shown", kind="slides")
def add_slide(hands: Hands) -> Body:
    before = len(_slides(hands))
    if not (yield from moves.command(hands, "add_slide", lambda h: len(_slides(h)) > before or h.large(h.change))):
        return Effect(False, "no new slide was seen")
    return Effect(True if len(_slides(hands)) > before else None, "a new slide was added")


@skill("show a slide by its number", kind="slides", risk="read")
def go_to_slide(hands: Hands, number: Number) -> Body:
    slides = _slides(hands)
    if slides and number not in slides:
        return Effect(False, f"there is no slide {number}: there are {len(slides)}")
    if number not in slides:
        return Effect(False, "no list of slides is seen")
    yield from moves.click_on(hands, slides[number], f"slide {number}", risk="read")
    shown = yield from moves.wait_until(hands, lambda h: _is_shown(h, number), PATIENCE_S)
    return Effect(True if shown else None, f"slide {number} is shown" if shown else f"slide {number} was chosen")


@skill("delete a slide by its number", kind="slides", risk="sensitive")
def delete_slide(hands: Hands, number: Number) -> Body:
    went = yield from go_to_slide(hands, number)
    if went.worked is False:
        return went
    before = len(_slides(hands))
    yield from moves.command(hands, "delete_slide", lambda h: len(_slides(h)) < before, risk="sensitive")
    gone = len(_slides(hands)) < before
    return Effect(gone, f"slide {number} is gone" if gone else f"slide {number} is still there")


def _fill_place(hands: Hands, named: re.Pattern[str], what: str, text: str) -> Generator[Act, None, Effect]:
    """Write into the place of a slide that is called so, over what stands there."""
    place = _place(hands, named)
    if place is None:
        return Effect(False, f"the slide has no place for a {what}")
    filled = hands.filled(text)
    yield from moves.click_on(hands, place, f"into the {what} of the slide", count=2)
    yield from moves.wait_until(hands, moves.changed, 0.6)
    yield from moves.press(hands, "ctrl+a", f"select what the {what} holds", risk="read")
    yield from moves.type_text(hands, filled, f"write the {what}")
    yield from moves.press(hands, "Escape", "leave the text", risk="read")
    first = next((line for line in filled.splitlines() if line.strip()), "").strip()
    told = yield from moves.wait_until(hands, lambda h: _says(h, first), PATIENCE_S)
    return Effect(True if told else None, f"the {what} stands on the slide" if told else f"the {what} was written")


def _place(hands: Hands, named: re.Pattern[str]) -> Element | None:
    """The largest thing on the slide whose name says so; it is no button, and lies in no list of layouts."""
    found = [e for e in hands.elements(_PLACES) if named.search(f"{e.label} {'' if e.role == 'text' else e.text}")]
    inside = [e for e in found if any(d.box.has(e.box.centre) for d in _documents(hands))]
    return max(inside or found, key=lambda e: e.box.area, default=None)


def _documents(hands: Hands) -> list[Element]:
    return hands.elements(("document", "canvas"))


def _slides(hands: Hands) -> dict[int, Element]:
    """The small pictures of the slides, by their numbers."""
    numbered = ((_SLIDE.match(e.label.strip()), e) for e in hands.elements(("panel", "list_item", "icon", "other")))
    return {int(match[1]): e for match, e in numbered if match}


def _is_shown(hands: Hands, number: int) -> bool:
    slide = _slides(hands).get(number)
    return slide is not None and "selected" in slide.states


def _says(hands: Hands, words: str) -> bool:
    return any(words in f"{e.label}\n{e.text}" for e in hands.scene.shown)
