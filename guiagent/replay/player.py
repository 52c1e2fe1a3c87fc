"""Doing a recorded run again, with open eyes: one action after another, each where its thing is now."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from grounding.change import Change, changes
from grounding.geometry import Box
from grounding.scene import Scene
from grounding.screenshot import Screenshot
from grounding.target import How, Target
from guiagent import events as e
from guiagent.agent import Ending
from guiagent.outcome import EXIT_CODES, Outcome
from guiagent.replay.anchor import Anchor, Found, Missing, Swapped, refind
from guiagent.replay.effect import HOLDS_TEXT, lacking, wanted
from guiagent.replay.hand import Hand, Refused
from guiagent.replay.picture import side_by_side
from guiagent.replay.stage import Mismatch, Ready, Seek, compare
from guiagent.replay.story import Beat, Story, told
from guiagent.replay.values import Swap
from planner.action import Action, Click, Drag, Launch, Press, Type
from planner.action import Move as Point
from planner.action import Scroll as Scrolling
from planner.planner import Move
from runtime.errors import GuiagentError, RecordError

PATIENCE_S = 10.0
"""How long what was there is waited for, where the recording was quicker than that."""
SHORT_TEXT, KEYS_S, SLOWLY = 80, 0.03, 2.0
"""Letters of a text that goes into a field, the least seconds between two of its keys, and how much slower than
recorded a keypad is typed on."""
SLOWER = 5.0
"""How much slower than the recording a machine may be."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast it goes."""

    speed: float = 0.0
    """1 is the pace of the recording, 2 twice that; 0 as fast as the screen allows."""
    patience: float = PATIENCE_S


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where a replay is not what was recorded."""

    beat: Beat
    place: int
    """Of the beat in the story, from 0."""
    mismatch: Mismatch
    scene: Scene
    """The screen as it is."""
    recorded: Scene

    @property
    def sentence(self) -> str:
        """What is wrong, for a person."""
        when = "after" if self.mismatch.kind in ("effect", "action") else "before"
        return f"step {self.beat.number} ({self.beat.words}): {when} it, {self.mismatch.why}"


class Heals(Protocol):
    """Brings a replay that went astray back to where it can go on."""

    def __call__(self, divergence: Divergence, place_of: Callable[[Scene], int | None]) -> int | None:
        """Where in the story it goes on; None where it could not be helped.

        `place_of` tells which action of the story a scene is right for.
        """


@dataclass
class Player:
    """One replay of one story."""

    story: Story
    hand: Hand
    swap: Swap = field(default_factory=Swap)
    """New values, and this desktop's home folder."""
    loose: bool = False
    """Whether new values were given, so that what depends on them may differ."""
    pace: Pace = Pace()
    heal: Heals | None = None
    seek: Seek = refind
    healed: int = field(default=0, init=False)
    """How often it had to be helped."""
    diverged: Divergence | None = field(default=None, init=False)
    """Where it ended before its end."""
    _rests: Scene | None = field(default=None, init=False)
    """The screen after the last action, which has come to rest."""
    _step: int = field(default=0, init=False)
    _last: float = field(default=0.0, init=False)
    """When the last action was done."""

    def run(self) -> Ending:
        """Replay it. Every ending is a value and ends the record."""
        hand, facts = self.hand, self.hand.desktop.facts
        try:
            hand.record.write(e.Started(
                task=self.swap(self.story.task), planner="replay", senses=hand.eyes.senses, facts=facts,
                max_steps=len(self.story.beats), max_seconds=0.0,
            ))  # fmt: skip
            return self._play()
        except Refused as refused:
            return self._end("stopped", str(refused))
        except GuiagentError as error:
            return self._broke(error, error.exit_code)
        except Exception as error:  # noqa: BLE001  the door of one run: our bug, kept with its traceback
            return self._broke(error, 70)
        except BaseException:
            self._end("stopped", "interrupted")
            raise

    def _play(self) -> Ending:
        place, tries = 0, 0
        while place < len(self.story.beats):
            wrong = self._beat(place)
            if wrong is None:
                place, tries = place + 1, 0
                continue
            self._tell(wrong)
            tries += 1
            there = self.heal(wrong, self._place_of(place)) if self.heal is not None and tries <= 2 else None
            if there is None:
                self.diverged = wrong
                return self._end("not_solved", wrong.sentence)
            self.healed += 1
            place = there
        return self._end("solved", f"with help {self.healed} times" if self.healed else "")

    def _beat(self, place: int) -> Divergence | None:
        """One action: wait for its screen, do it, wait for its effect."""
        beat = self.story.beats[place]
        self._keep_pace(place)
        scene, ready = self._ready(beat)
        if isinstance(ready, Mismatch):
            return Divergence(beat, place, ready, scene, beat.before)
        self._step += 1
        self.hand.show(scene, self._step - 1)
        action = unhurried(self.swap.action(aimed(beat.action, ready.points)))
        move = Move(
            action=action, target=_target(beat, ready.points), risk=beat.move.risk,
            why=f"as in step {beat.number}" + (f": {beat.move.why}" if beat.move.why else ""),
        )  # fmt: skip
        problem = self.hand.do(move, scene, self._step)
        self._last, self._rests = time.monotonic(), None
        if problem:
            return Divergence(beat, place, Mismatch("action", problem), scene, beat.before)
        return self._effect(beat, place, scene, move)

    def _ready(self, beat: Beat) -> tuple[Scene, Ready | Mismatch]:
        """The screen, once it is as it was; else what is wrong with it when patience ended."""
        if self._rests is not None and isinstance(now := self._compare(beat, self._rests), Ready):
            return self._rests, now
        found: list[Ready | Mismatch] = []

        def holds(scene: Scene) -> bool:
            before = found[-1] if found else None
            found.append(self._compare(beat, scene))
            now = found[-1]
            moved = isinstance(before, Ready) and isinstance(now, Ready) and _places(before) != _places(now)
            return isinstance(now, Ready) and not moved

        scene, _ = self.hand.wait(holds, self._patience(beat.took))
        return scene, found[-1]

    def _compare(self, beat: Beat, scene: Scene) -> Ready | Mismatch:
        """Hold a scene against the recorded one; its pixels are read where the recorded thing was known by them."""
        by_tree = all(anchor.element is not None and "tree" in anchor.element.seen_by for anchor in beat.anchors)
        found = compare(beat, scene if by_tree else scene.deeper(), self.swap, self.seek)
        replaced = isinstance(found, Mismatch) and found.kind == "content" and self._selected(beat)
        return Ready(()) if replaced else found

    def _selected(self, beat: Beat) -> bool:
        """Whether all that a field holds was selected just before, so that it matters not what it is."""
        place = next(number for number, other in enumerate(self.story.beats) if other is beat)
        match self.story.beats[place - 1].action if place else None:
            case Click(count=count):
                return count > 1
            case Press(keys=keys):
                return keys == "ctrl+a"
        return False

    def _effect(self, beat: Beat, place: int, before: Scene, move: Move) -> Divergence | None:
        """Wait for what came of it then. What was lost is done once more."""
        expected = wanted(beat)
        problem = ""

        def holds(scene: Scene) -> bool:
            nonlocal problem
            problem = lacking(expected, before, scene, self.swap, loose=self.loose)
            return not problem

        patience = self._patience(beat.took, isinstance(beat.action, Launch))
        scene, fine = self.hand.wait(holds, patience)
        if not fine and lost(move.action, changes(before, scene)):
            self.hand.do(move.model_copy(update={"why": f"{move.why}; once more, it was lost"}), scene, self._step)
            scene, fine = self.hand.wait(holds, patience)
        self.hand.show(scene, self._step)
        self.hand.observe(before, scene, self._step)
        if fine:
            self._rests = scene
            return None
        return Divergence(beat, place, Mismatch("effect", problem), scene, beat.after)

    def _patience(self, took: float, launch: bool = False) -> float:
        return max(self.pace.patience * (3 if launch else 1), min(took, 30.0) * SLOWER)

    def _keep_pace(self, place: int) -> None:
        """Wait as long as it took then, divided by the speed."""
        if not self.pace.speed or not place:
            return
        self._rests = None
        until = self._last + self.story.beats[place - 1].took / self.pace.speed
        while (left := until - time.monotonic()) > 0 and not self.hand.control.stopped:
            time.sleep(min(left, 0.2))

    def _place_of(self, place: int) -> Callable[[Scene], int | None]:
        """Which action, from the one at hand on, a scene is right for: the first whose screen it is."""

        def find(scene: Scene) -> int | None:
            for number in range(place, len(self.story.beats)):
                beat = self.story.beats[number]
                if isinstance(beat.action, Launch) and number > place:
                    return None  # whether a program is to be started cannot be seen
                if not isinstance(beat.action, Launch) and isinstance(self._compare(beat, scene), Ready):
                    return number
            return None

        return find

    # -- telling -----------------------------------------------------------------------------------------------------

    def _tell(self, wrong: Divergence) -> None:
        """Write a divergence with its picture into the record."""
        record = self.hand.record
        self.hand.show(wrong.scene, self._step)
        box = next((anchor.element.box for anchor in wrong.beat.anchors if anchor.element), None)
        picture = side_by_side(wrong.recorded, wrong.scene, wrong.sentence, box)
        record.write(e.Diverged(
            step=self._step, of=wrong.beat.number, words=told(self.swap.action(wrong.beat.action), _words(wrong.beat)),
            why=wrong.mismatch.why, picture=record.picture(Screenshot(picture)),
            recorded=record.picture(wrong.recorded.screenshot),
        ))  # fmt: skip

    def _broke(self, error: Exception, code: int) -> Ending:
        ours = isinstance(error, GuiagentError)
        sentence = str(error) if ours else f"{type(error).__name__}: {error}"
        with suppress(RecordError):  # it may be the record that broke
            self.hand.record.write(e.Failed(error=sentence, traceback=traceback.format_exc()))
        return self._end("broke", sentence, code)

    def _end(self, outcome: Outcome, reason: str, code: int | None = None) -> Ending:
        record = self.hand.record
        seconds = round(record.seconds, 3)
        exit_code = EXIT_CODES[outcome] if code is None else code
        with suppress(RecordError):
            record.write(e.Ended(outcome=outcome, reason=reason, steps=self._step, seconds=seconds))
        with suppress(RecordError):
            record.end(outcome, reason=reason, steps=self._step, seconds=seconds, exit_code=exit_code)
        return Ending(outcome, reason, "", self._step, seconds, exit_code)


def lost(action: Action, change: Change) -> bool:
    """Whether a busy program lost an action: a click or key did nothing at all, a double click no more than select."""
    if not isinstance(action, Click) or action.count == 1:
        return isinstance(action, Click | Press) and change.nothing
    more = (*change.opened, *change.closed, *change.retitled, *change.appeared, *change.disappeared)
    selects = all(set(f"{edit.before} {edit.after}".split()) <= {"selected"} for edit in change.states)
    return selects and not more and not any(edit.element.role in HOLDS_TEXT for edit in change.texts)


def aimed(action: Action, points: Sequence[Found]) -> Action:
    """The action at the places where its things are now."""
    match action:
        case Click() | Point() | Scrolling():
            return action.model_copy(update={"at": points[0].point})
        case Drag():
            return action.model_copy(update={"start": points[0].point, "end": points[1].point})
    return action


def unhurried(action: Action) -> Action:
    """A short text with a moment between its keys: a busy program loses a key that is pressed again at once."""
    if not isinstance(action, Type) or len(action.text) > SHORT_TEXT:
        return action
    return action.model_copy(update={"pause": min(1.0, max(SLOWLY * action.pause, KEYS_S))})


def _places(ready: Ready) -> list[Box]:
    return [found.box for found in ready.points]


def _words(beat: Beat) -> tuple[str, ...]:
    return tuple(anchor.words for anchor in beat.anchors)


def _target(beat: Beat, points: Sequence[Found]) -> Target | None:
    """What it points at, for the record."""
    if not points:
        return None
    found, element = points[0], points[0].element
    senses: tuple[How, ...] = ("tree", "text", "icon")
    how: How = next((sense for sense in senses if element and sense in element.seen_by), "given")
    return Target(
        words=beat.anchors[0].words, point=found.point, box=found.box, confidence=found.score, how=how,
        element=element.id if element else "", label=element.label if element else "",
        role=element.role if element else "", reason="as it was recorded",
    )  # fmt: skip


def by_words(seek: Callable[[Scene, str], Sequence[Target]], sure: float = 0.5) -> Seek:
    """Finds recorded things by their words alone, as a model's grounder does: for `--model-only`."""

    def find(anchor: Anchor, scene: Scene, swap: Swapped) -> Found | Missing:
        words = swap(anchor.words)
        found = seek(scene, words)
        if not found or found[0].confidence < sure:
            return Missing(f"the words {words!r} lead to nothing on this screen")
        best = found[0]
        return Found(best.point, best.box, best.confidence, scene.by_id.get(best.element))

    return find
