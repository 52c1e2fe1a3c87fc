"""From words to places: every element is compared with what was asked, the best come first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from grounding.element import Element
from grounding.geometry import Box, Point
from grounding.query import Naming, Query, Relation, is_sign, relations, understand
from grounding.relation import closeness, corner_fit, nth
from grounding.scene import Scene
from grounding.target import How, Target
from grounding.words import LONGEST, Likeness, content, likeness, normal

LEAST = 0.5
"""Below this confidence a thing is not on this screen."""
CLEAR = 0.9
"""From here on the plain words are enough, and relations in them are not looked for."""
CONTAINERS = frozenset({
    "window", "dialog", "alert", "panel", "toolbar", "menu_bar", "list", "table", "tree", "tab_list", "document",
    "status_bar", "popup_menu",
})  # fmt: skip
"""Rarely meant unless their kind is told."""
GREYED = 0.7
"""How much less likely a thing is meant that cannot be used now."""
SAYS = frozenset({"label", "text_line", "heading", "image"})
"""Tells something; what can be used is meant more often than what tells."""
HOLDS_TEXT = frozenset({"text", "combo", "spin", "password", "document"})


@dataclass(frozen=True, slots=True)
class _Hit:
    """An element that may be meant."""

    element: Element
    score: float
    why: str
    box: Box


class Finder:
    """Finds words among the elements of a scene. It keeps nothing; one serves everywhere."""

    def find(
        self, scene: Scene, words: str, *, roles: tuple[str, ...] = (), within: Box | None = None, limit: int = 5
    ) -> tuple[Target, ...]:
        """The best places for the words, best first; empty when they are not on this screen."""
        if not words.strip() or len(words) > LONGEST:
            return ()
        elements = [
            e for e in scene.shown
            if (not roles or e.role in roles or e.role == "text_line") and (within is None or within.has(e.box.centre))
        ]  # fmt: skip
        hits = self._hits(scene, elements, words)
        if not hits or hits[0].score < CLEAR:
            hits = _best(hits, *(self._related(scene, elements, relation) for relation in relations(words)))
        return tuple(_target(words, hit, hits) for hit in hits[: max(0, limit)])

    def _hits(self, scene: Scene, elements: Sequence[Element], words: str) -> list[_Hit]:
        """Those that fit the words on their own, best first."""
        query = understand(words)
        fits = [hit for element in elements if (hit := _fit(scene, element, query)).score >= LEAST]
        fits.sort(key=lambda hit: -hit.score)
        exact = bool(fits) and fits[0].why.startswith("exact") and normal(fits[0].element.label) == normal(words)
        return nth_hits(fits, query.ordinal) if query.ordinal and not exact else fits

    def _related(self, scene: Scene, elements: Sequence[Element], relation: Relation) -> list[_Hit]:
        """Those that fit the first half of the words and stand as told to what the second half means."""
        if relation.how == "within":
            return self._inside(scene, elements, relation)
        anchors = self._hits(scene, scene.shown, relation.anchor)[:3]
        what = relation.what or "item"
        found: dict[str, _Hit] = {}
        for anchor in anchors:
            others = [e for e in elements if e is not anchor.element and not e.box.share_in(anchor.box) > 0.9]
            for hit in self._hits(scene, others, what):
                near = closeness(hit.box, anchor.box, relation.how)
                score = (0.35 + 0.65 * hit.score) * anchor.score * near
                why = f"{hit.why}, {_SAID[relation.how]} '{anchor.element.label[:40]}'"
                if near and score > found.get(hit.element.id, hit).score * (hit.element.id in found):
                    found[hit.element.id] = replace(hit, score=score, why=why)
        return [hit for hit in found.values() if hit.score >= LEAST * 0.8]

    def _inside(self, scene: Scene, elements: Sequence[Element], relation: Relation) -> list[_Hit]:
        holders = _holders(scene, relation)
        hits = self._hits(scene, elements, relation.what)
        name = f"the {relation.anchor} {relation.kind}".replace("  ", " ")
        return [
            replace(hit, score=min(0.98, hit.score + 0.06), why=f"{hit.why}, in {name}")
            for hit in hits
            if any(hit.element.box.share_in(box) > 0.8 for box in holders)
        ] or [replace(hit, score=hit.score * 0.85) for hit in hits]


_SAID = {
    "right": "right of", "left": "left of", "below": "below", "above": "above", "near": "next to",
    "row": "in the row of",
}  # fmt: skip


def _holders(scene: Scene, relation: Relation) -> list[Box]:
    """The boxes of what the words call a dialog, a menu, a list."""
    kind = relation.kind.replace(" ", "_").replace("dialogue", "dialog").replace("tool_bar", "toolbar")
    named = [
        e.box
        for e in scene.shown
        if (e.role in CONTAINERS or e.role == "panel")
        and (not relation.anchor or likeness(relation.anchor, e.label).score > 0.6)
        and (relation.anchor or e.role == kind)
    ]
    titled = [w.box for w in scene.windows if relation.anchor and likeness(relation.anchor, w.title).score > 0.6]
    return named + titled


def _best(*lists: list[_Hit]) -> list[_Hit]:
    """All hits, each element once with its best score, best first."""
    found: dict[str, _Hit] = {}
    for hit in (hit for hits in lists for hit in hits):
        if hit.element.id not in found or hit.score > found[hit.element.id].score:
            found[hit.element.id] = hit
    return sorted(found.values(), key=lambda hit: -hit.score)


def nth_hits(hits: list[_Hit], ordinal: int) -> list[_Hit]:
    """The n-th of the hits that are about as good as the best, in reading order; the others after it."""
    best = max(map(_in_use, hits), default=0.0)
    good = [hit for hit in hits if _in_use(hit) >= best * 0.9]
    chosen = nth([hit.box for hit in good], ordinal)
    if chosen is None:
        return []
    first = replace(good[chosen], why=f"{good[chosen].why}, number {ordinal if ordinal > 0 else 'last'} of {len(good)}")
    return [replace(first, score=max(first.score, hits[0].score)), *(h for h in hits if h is not good[chosen])]


def _in_use(hit: _Hit) -> float:
    """The score it would have if it were not greyed out: people count those too."""
    return hit.score / GREYED if hit.why.endswith("greyed out") else hit.score


def _fit(scene: Scene, element: Element, query: Query) -> _Hit:
    """How well one element fits, after its kind, its state and its window."""
    best = max((_named(element, naming) for naming in query.namings), key=lambda hit: hit.score)
    if not best.score:
        return best
    score, why = best.score, best.why
    if (
        not element.enabled
        and "tree" in element.seen_by
        and element.role not in SAYS
        and element.role not in CONTAINERS
    ):
        score, why = score * GREYED, f"{why}, greyed out"
    score *= _standing(scene, element)
    if any(query.corner):
        score *= 0.75 + 0.25 * corner_fit(element.box, scene.screenshot.box, query.corner)
    return replace(best, score=score, why=why)


def _standing(scene: Scene, element: Element) -> float:
    """What is in the window that has the keyboard is meant first; behind a modal dialog nothing can be used."""
    if scene.active_index < 0 or element.window in (-1, scene.active_index):
        return 1.0
    window = scene.windows[element.window] if element.window < len(scene.windows) else None
    if window is not None and (window.modal or element.role in ("menu_item", "check_menu_item", "radio_menu_item")):
        return 0.98  # an open menu may be a window of its own
    covered = scene.windows[scene.active_index].box.has(element.box.centre)
    return 0.6 if covered or any(w.modal for w in scene.windows) else 0.85


def _named(element: Element, naming: Naming) -> _Hit:
    """How well one element fits one way to understand the words."""
    fits_role = not naming.roles or element.role in naming.roles
    if not naming.label:
        first = 0.75 if element.role in naming.roles[:2] else 0.64
        return _Hit(element, first if fits_role and naming.roles else 0.0, f"a {element.role}", element.box)
    like, box = _said(element, naming.label)
    if is_sign(naming.label) and not like.why.startswith(("exact", "synonym")):
        return _Hit(element, 0.0, "", element.box)
    score = like.score * naming.weight * _role_weight(element, naming, fits_role)
    return _Hit(element, score, like.why, box)


def _role_weight(element: Element, naming: Naming, fits: bool) -> float:
    if naming.roles:
        return 1.02 if fits else 0.93 if element.role == "text_line" else 0.72
    if element.role in CONTAINERS:
        return 0.8
    return 0.93 if element.role in SAYS and element.role != "text_line" else 1.0


def _said(element: Element, label: str) -> tuple[Likeness, Box]:
    """The best of label, description and content; a part of a line has its own box."""
    best = likeness(label, element.label)
    box = element.box
    if element.words and best.score < 0.97:
        run, place = _words_within(element, label)
        if run.score > best.score:
            best, box = run, place
    if element.description and best.score < 0.85:
        told = likeness(label, element.description)
        best = max(best, Likeness(told.score * 0.9, f"its description: {told.why}"))
    if element.text and element.role in HOLDS_TEXT and best.score < 0.6:
        told = likeness(label, element.text)
        best = max(best, Likeness(told.score * 0.65, f"what it holds: {told.why}"))
    return best, box


def _words_within(element: Element, label: str) -> tuple[Likeness, Box]:
    """The run of words in a longer line that fits best, and where it is."""
    size = len(content(label))
    best, box = Likeness(0.0), element.box
    if size > 12 or len(element.words) > 60:
        return best, box
    for length in {max(1, size - 1), size, size + 1, len(label.split())}:
        for at in range(len(element.words) - length + 1):
            run = element.words[at : at + length]
            like = likeness(label, " ".join(word.text for word in run))
            score = like.score * (0.8 + 0.15 * length / len(element.words))
            if like.score >= 0.8 and score > best.score:
                best, box = Likeness(score, f"{like.why} within a line"), _around(run)
    return best, box


def _around(words: Sequence[object]) -> Box:
    boxes = [word.box for word in words]  # type: ignore[attr-defined]
    box: Box = boxes[0]
    for other in boxes[1:]:
        box = box.join(other)
    return box


def _target(words: str, hit: _Hit, hits: Sequence[_Hit]) -> Target:
    """The hit as a target; a rival that is nearly as good makes it less sure."""
    rivals = [other.score for other in hits if other is not hit and other.element.label != hit.element.label]
    margin = hit.score - max(rivals, default=0.0)
    sure = min(0.99, hit.score) * (1.0 if margin > 0.1 else 0.9 + max(0.0, margin))
    sure *= 0.5 + 0.5 * hit.element.confidence
    return Target(
        words=words, point=_point(hit.element, hit.box), box=hit.box, confidence=round(max(0.0, min(1.0, sure)), 3),
        how=_how(hit.element), element=hit.element.id, label=hit.element.label, role=hit.element.role, reason=hit.why,
    )  # fmt: skip


def _how(element: Element) -> How:
    for sense in ("tree", "text", "icon", "vision"):
        if sense in element.seen_by:
            return sense
    return "text"


def _point(element: Element, box: Box) -> Point:
    """Where to click: the middle; for a checkbox with its words to the right, the box at its left end."""
    if element.role in ("checkbox", "radio") and box.width > 4 * box.height:
        return Point(box.left + box.height // 2, box.centre.y)
    return box.centre
