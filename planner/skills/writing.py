"""Skills that write into a document, and how to tell what it holds."""

from __future__ import annotations

from rapidfuzz import fuzz

from grounding.element import Element
from grounding.scene import Scene
from planner import moves
from planner.hands import Hands
from planner.skills.page import into_page, no_page, onto_page, out_of_dialog, page
from planner.skills.skill import Body, Effect, Text, skill

END = "ctrl+End"
TOLD = 3500
"""Letters of a document that are surely told; of a longer one the tree may tell only a part."""
ALIKE = 90
"""From how many percent on a text counts as the one typed, corrected by the application."""
SEEN = 40
"""How many letters of a text are looked for in the picture; the lines of a page may be broken anywhere."""
EDGE = 20
"""Pixels: what stands so near to the edge of a document's view may have more above or below it."""
STRANGE, WORDS = 60, 12
"""Below how many percent a text of so many letters counts as not seen; such a text is found by chance up to 50."""
_TYPOGRAPHIC = str.maketrans("“”„«»‘’‚–—\u2212\u00a0", '"""""\'\'\'--- ') | {ord("…"): "..."}


@skill("type text into the document at the cursor", kind="text")
def write(hands: Hands, text: Text) -> Body:
    return (yield from _add(hands, hands.filled(text)))


@skill("add text at the end of the document, starting a new line with \\n if wanted", kind="text")
def append(hands: Hands, text: Text) -> Body:
    text = hands.filled(text)
    page_before = hands.editor
    if page_before is not None and page_before.role == "text" and page_before.text == "":  # there is no line before it
        text = text.removeprefix("\n") or text
    return (yield from _add(hands, text, END, "go to the end"))


@skill("put text at the very beginning of the document, ending with \\n if it is a line of its own", kind="text")
def prepend(hands: Hands, text: Text) -> Body:
    return (yield from _add(hands, hands.filled(text), "ctrl+Home", "go to the start"))


@skill("replace everything in the document with other text", kind="text")
def rewrite(hands: Hands, text: Text) -> Body:
    text = hands.filled(text)
    if not (yield from onto_page(hands)):
        return no_page(hands)
    paper = Paper(hands)
    if hands.attempt:
        yield from moves.command(hands, "select_all", moves.anything, seconds=0)
    else:
        yield from moves.press(hands, "ctrl+a", "select all", risk="read")
    yield from moves.type_text(hands, text, "write")
    return (yield from _judged(paper, text, whole=True))


def _add(hands: Hands, text: str, keys: str = "", why: str = "") -> Body:
    """Type at the cursor, after a key that moves it."""
    if not (yield from onto_page(hands)):
        return no_page(hands)
    paper = Paper(hands)
    if keys == END and text.startswith("\n") and paper.before.endswith("\n"):
        text = text.removeprefix("\n")  # its last line has its break: another would leave an empty one
    if keys:
        yield from moves.press(hands, keys, why, risk="read")
    yield from moves.type_text(hands, text, "write" if not keys else "add")
    return (yield from _judged(paper, text))


def into_editor(hands: Hands) -> moves.Doing:
    """Give the document the keyboard, where there is one."""
    yield from out_of_dialog(hands)
    return (yield from into_page(hands))


class Paper:
    """The document that a step works in, known again when a dialog stands before it, and what it held at first."""

    def __init__(self, hands: Hands) -> None:
        self.hands = hands
        self._editor: Element | None = None if hands.blind else _whole(hands.scene, page(hands))
        self._window = hands.window
        self.drawn = not hands.blind and self._editor is None
        """Whether the tree does not tell of it at all."""
        self.before = self.text

    @property
    def text(self) -> str:
        """What the document holds now; empty when it does not tell."""
        if self._editor is None:
            return ""
        now = self._now
        return _said(self.hands.scene, now) if now else ""

    @property
    def _now(self) -> Element | None:
        """The document in the scene at hand."""
        return (self.hands.again(self._editor) or self._alike()) if self._editor else None

    def _alike(self) -> Element | None:
        """The document by its window, where the tree gives it another key or none."""
        windows = self.hands.scene.windows
        same = (n for n, w in enumerate(windows) if self._window and w.key and w.key == self._window.key)
        place = next(same, self.hands.scene.active_index)
        role = self._editor.role if self._editor else ""
        found = [e for e in self.hands.scene.shown if e.role == role and e.window == place]
        return max(found, key=lambda e: e.box.area, default=None)

    @property
    def paragraphs(self) -> list[Element]:
        """The paragraphs, where the tree tells of each by itself and all of them are in sight."""
        now = self._now
        parts = _paragraphs(self.hands.scene, now) if now is not None else []
        return parts if now is not None and _all_told(self.hands.scene, now) else []

    @property
    def tells(self) -> bool:
        """Whether it tells all that it holds, now and before."""
        now = self._now
        if now is not None and not _all_told(self.hands.scene, now):
            return False
        return bool(self.text or self.before) and max(len(self.text), len(self.before)) < TOLD

    @property
    def changed(self) -> bool:
        return self.text != self.before

    def take_back(self, most: int = 5) -> moves.Doing:
        """Undo until the text is the one of before, so that another try begins where this one began."""
        for _ in range(most):
            if not self.changed:
                return True
            text = self.text
            yield from moves.press(self.hands, "ctrl+z", "take it back")
            if self.text == text:
                break
        return not self.changed


def _whole(scene: Scene, place: Element | None) -> Element | None:
    """The document that a paragraph is one of, where the tree tells of each by itself; else the place as it is."""
    holder = scene.by_id.get(place.parent) if place is not None and place.role != "document" else None
    return holder if holder is not None and holder.role == "document" else place


def _paragraphs(scene: Scene, document: Element) -> list[Element]:
    """The paragraphs that the tree tells of one by one, in their order."""
    parts = (e for e in scene.elements if e.parent == document.id and document.role == "document")
    return [e for e in parts if e.role in ("text", "heading", "paragraph") and "multiline" in e.states]


def _said(scene: Scene, place: Element) -> str:
    """The text of a document, or of all its paragraphs."""
    parts = _paragraphs(scene, place)
    return "\n".join(e.text for e in parts) if parts else place.text


def _all_told(scene: Scene, place: Element) -> bool:
    """Whether none of a document's paragraphs can be out of sight: the first and the last stand clear of its edges."""
    parts = _paragraphs(scene, place)
    if not parts:
        return True
    return parts[0].box.top > place.box.top + EDGE and parts[-1].box.bottom < place.box.bottom - EDGE


def _judged(paper: Paper, text: str, *, whole: bool = False) -> Body:
    """Whether the document holds what was typed; what arrived wrongly is taken back."""
    hands = paper.hands
    yield from moves.wait_until(hands, lambda h: paper.changed or not paper.tells, 0.5)
    if hands.blind or not paper.tells or (text and not paper.text):
        return (yield from _judged_by_sight(paper, text))
    if _stands(paper, text, whole):
        return Effect(True, "the text stands in the document")
    if not paper.changed:
        return Effect(False, "the document did not change")
    came = paper.text if whole else _new_part(paper.before, paper.text)
    if fuzz.ratio(_simple(came), _simple(text)) >= ALIKE:
        return Effect(None, "the text stands in the document, corrected by the application")
    yield from paper.take_back()
    return Effect(False, "the document holds something else than the text that was typed")


def _judged_by_sight(paper: Paper, text: str) -> Body:
    """Where the document does not tell what it holds: by what is seen of it."""
    hands = paper.hands
    looks = "pixels" in hands.scene.senses and (hands.blind or paper.drawn)
    if looks and hands.blind:  # what was read already; elsewhere reading costs a second each time
        yield from moves.wait_until(hands, lambda h: _seen(h, text) >= ALIKE, 0.8)
    if not (paper.changed or hands.changed or (hands.blind and not hands.since_start().nothing)):
        return Effect(False, "nothing changed")
    seen = _seen(hands, text) if looks else 0.0
    if seen >= ALIKE:
        return Effect(True, "the text is seen in the document")
    if looks and hands.blind and seen < STRANGE and len(text.strip()) >= WORDS:
        return Effect(False, "what was typed is not seen")
    return Effect(None, "something was typed")


def _seen(hands: Hands, text: str) -> float:
    """How much of the end of a text the picture shows, 0 to 100, as far as one line of it can be compared."""
    last = next((line for line in reversed(text.splitlines()) if line.strip()), "")[-SEEN:]
    read = " ".join(e.label for e in hands.scene.deeper().shown if "text" in e.seen_by)
    return fuzz.partial_ratio(_simple(last), _simple(read)) if last else 0.0


def _stands(paper: Paper, text: str, whole: bool) -> bool:
    """Whether the text is all that the document holds, or is in it once more than before."""
    said, before, now = (" ".join(t.split()) for t in (text, paper.before, paper.text))
    if whole:
        return now == said
    return now.count(said) > before.count(said) if said else paper.changed


def _new_part(before: str, now: str) -> str:
    """What stands between the beginning and the end that two texts have in common."""
    start = next((n for n, (a, b) in enumerate(zip(before, now, strict=False)) if a != b), min(len(before), len(now)))
    most = min(len(before), len(now)) - start
    pairs = enumerate(zip(reversed(before), reversed(now), strict=False))
    end = next((n for n, (a, b) in pairs if n >= most or a != b), most)
    return now[start : len(now) - end]


def _simple(text: str) -> str:
    """A text without what applications correct while it is typed."""
    return " ".join(text.translate(_TYPOGRAPHIC).casefold().split())
