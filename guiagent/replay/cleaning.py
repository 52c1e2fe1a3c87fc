"""A recording without its slips: what was undone, mistyped, or done to nothing is left out (after ICAL).

The screens tell what was in vain: a stretch that was taken back (Escape, Cancel, undo), so that it ended on the screen
that it began on, and handed nothing over that a screen does not show (a copy, a file that was saved), did nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grounding.change import TELLING, changes
from grounding.scene import Scene
from grounding.words import normal
from guiagent.replay.story import Beat, Story, parameters_of
from planner.action import Click, Launch, Press, Type

UNSEEN = ("ctrl+c", "ctrl+x", "ctrl+s", "ctrl+shift+s", "ctrl+p", "ctrl+insert")
"""Keys whose effect no screen need show."""
ERASES = ("BackSpace", "shift+BackSpace")
REFUSES = frozenset({"cancel", "close", "no", "back", "undo", "dismiss"})
"""What is written on buttons that take back."""
HIGHLIGHT = 0.0025
"""The share of the screen that may look different where nothing is: the title of a menu with the pointer on it."""
LONGEST = 12
"""Actions of a stretch that may have been in vain."""


def cleaned(story: Story) -> tuple[Story, tuple[str, ...]]:
    """The story without its slips, and what was left out, a sentence each."""
    notes: list[str] = []
    beats = _without_loops(list(story.beats), notes)
    beats = _typed_at_once(beats, notes)
    beats = [beat for beat in beats if not _in_vain(beat, notes)]
    known = parameters_of(story.task, beats, story.steps)
    return replace(story, beats=tuple(beats), parameters=known), tuple(notes)


def _without_loops(beats: list[Beat], notes: list[str]) -> list[Beat]:
    """Without stretches that were taken back, so that they led to where they began."""
    kept: list[Beat] = []
    place = 0
    while place < len(beats):
        end = _end_of_loop(beats, place)
        if end is None:
            kept.append(beats[place])
            place += 1
            continue
        words = ", ".join(beat.words for beat in beats[place : end + 1])
        notes.append(f"steps {beats[place].number} to {beats[end].number} led back to where they began: {words}")
        if kept:
            kept[-1] = replace(kept[-1], after=beats[end].after)
        place = end + 1
    return kept


def _end_of_loop(beats: Sequence[Beat], start: int) -> int | None:
    """The action that takes back what began here, where it leads to the same screen; None where there is none.

    The same screen alone is not enough: to save a file may lead back to where it began as well.
    """
    began = state_of(beats[start].before)
    for end in range(start, min(len(beats), start + LONGEST)):
        if not _shows(beats[end]):
            return None
        if state_of(beats[end].after) == began and _alike(beats[start].before, beats[end].after):
            return end if end > start and _takes_back(beats[end]) else None
    return None


def _takes_back(beat: Beat) -> bool:
    """Whether an action is one by which people take something back."""
    if isinstance(beat.action, Press):
        return beat.action.keys.lower() in ("escape", "ctrl+z", "alt+left")
    element = beat.anchors[0].element if isinstance(beat.action, Click) else None
    return element is not None and normal(element.label) in REFUSES


def _alike(before: Scene, after: Scene) -> bool:
    """Whether two screens of which the same is told look the same: a highlight under the pointer is no difference."""
    told = any("tree" in element.seen_by for element in before.elements)
    changed = sum(box.area for box in changes(before, after).boxes)
    return told and changed <= HIGHLIGHT * before.screenshot.box.area


def _shows(beat: Beat) -> bool:
    """Whether all that an action does is to be seen."""
    if isinstance(beat.action, Launch):
        return False
    return not (isinstance(beat.action, Press) and beat.action.keys.lower() in UNSEEN)


def state_of(scene: Scene) -> object:
    """What a person would call the state of a screen: windows, contents, what is ticked, what is open, the focus."""
    focus = scene.focus
    return (
        tuple((window.app, window.role, window.title, window.active) for window in scene.windows),
        tuple(
            (e.role, e.label, e.text, tuple(sorted(e.states & TELLING)), e.shown)
            for e in scene.elements
            if "tree" in e.seen_by
        ),
        (focus.role, focus.label) if focus else None,
    )


def _typed_at_once(beats: Sequence[Beat], notes: list[str]) -> list[Beat]:
    """Text that was typed piece by piece is typed at once, without what was erased again."""
    kept: list[Beat] = []
    for beat in beats:
        last = kept[-1] if kept else None
        if last is not None and isinstance(last.action, Type) and _goes_on(last, beat):
            merged = _merged(last, beat)
            if merged is not None:
                if isinstance(beat.action, Press):
                    notes.append(f"step {beat.number} took back a letter")
                kept[-1] = merged
                continue
        kept.append(beat)
    return kept


def _goes_on(last: Beat, beat: Beat) -> bool:
    """Whether an action goes on with what was typed, in the same place."""
    one, other = last.after.focus, beat.before.focus
    same = (one is None and other is None) or (
        one is not None and other is not None and (one.role, one.label) == (other.role, other.label)
    )
    erases = isinstance(beat.action, Press) and beat.action.keys in ERASES
    return same and (erases or (isinstance(beat.action, Type) and "\n" not in _text(last)[-1:]))


def _text(beat: Beat) -> str:
    assert isinstance(beat.action, Type)
    return beat.action.text


def _merged(last: Beat, beat: Beat) -> Beat | None:
    """Both as one action; None where nothing of the text would be left, or a key with a meaning would be taken back."""
    text = _text(last)
    if isinstance(beat.action, Press):
        if len(text) < 2 or text[-1] in "\n\t":
            return None
        text = text[:-1]
    else:
        text += _text(beat)
    action = Type(text=text, pause=last.action.pause if isinstance(last.action, Type) else 0.0)
    return replace(last, action=action, after=beat.after, took=last.took + beat.took)


def _in_vain(beat: Beat, notes: list[str]) -> bool:
    """Whether a click, or Escape, changed nothing at all."""
    vain = isinstance(beat.action, Click) or (isinstance(beat.action, Press) and beat.action.keys == "Escape")
    if not vain or not changes(beat.before, beat.after).nothing:
        return False
    notes.append(f"step {beat.number} changed nothing: {beat.words}")
    return True
