"""A recorded run as a list of what is to be done again, each with the screens before and after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from PIL import Image

from grounding.eyes import Eyes
from grounding.facts import Facts
from grounding.images import open_picture
from grounding.scene import Scene
from grounding.screenshot import Screenshot
from guiagent import events as e
from guiagent.record import blob
from guiagent.replay.anchor import Anchor, anchor_at
from guiagent.replay.values import Parameter, parameters
from guiagent.trace import Deed, Trace, scene
from planner.action import Action, Click, Drag, Launch, Move, Press, Scroll, Type
from planner.planner import Move as Decision
from planner.planner import Reflected, Step
from runtime.errors import ImageError, RecordError, UsageError

Again = Click | Drag | Launch | Move | Press | Scroll | Type
"""What is done again; waiting is done by looking."""


@dataclass(frozen=True, slots=True)
class Beat:
    """One action of a recording."""

    number: int
    """The step that it was, as `guiagent trace` counts."""
    action: Again
    before: Scene
    after: Scene
    """As it was before the next action, so with everything that came of this one."""
    anchors: tuple[Anchor, ...]
    """What it pointed at: one thing, two for a drag, none for keys."""
    took: float
    """Seconds from this action to the next one, or to the end."""
    move: Decision
    """As it was decided."""

    @property
    def words(self) -> str:
        """What was done, in a sentence without a subject: `click button 'Save' in dialog 'Save As'`."""
        return told(self.action, tuple(anchor.words for anchor in self.anchors))


@dataclass(frozen=True, slots=True)
class Story:
    """Everything of a recording that a replay needs."""

    id: str
    task: str
    facts: Facts | None
    """Of the desktop that it was recorded on."""
    planner: str
    """Who did it: an agent's planner, or `person`."""
    outcome: str
    beats: tuple[Beat, ...]
    steps: tuple[Step, ...]
    """The lines of the plan that were seen to work; empty for a person."""
    reflected: tuple[Reflected, ...]
    """Every verdict on a line of the plan, in order; empty for a person."""
    seconds: float
    """How long it took."""
    parameters: tuple[Parameter, ...]
    missing: tuple[str, ...] = ()
    """What of the record could not be read."""


def read_story(trace: Trace) -> Story:
    """Read a record for a replay.

    Raises `RecordError` where its screens are not there, `UsageError` where it did nothing.
    """
    deeds = [deed for deed in trace.deeds if _was_done(deed)]
    if not deeds:
        raise UsageError(f"{trace.folder.name} did nothing that could be done again: it has no action in it.")
    reader = _Reader(trace)
    last = reader.last()
    screens = [reader.before(deed) for deed in deeds]
    beats = []
    for place, deed in enumerate(deeds):
        follows = screens[place + 1] if place + 1 < len(deeds) else last or screens[place]
        until = deeds[place + 1].t if place + 1 < len(deeds) else trace.seconds
        beats.append(_beat(deed, screens[place], follows, max(0.0, until - deed.t)))
    began = next((line.event for line in trace.lines if isinstance(line.event, e.Started)), None)
    reflected = tuple(line.event for line in trace.lines if isinstance(line.event, Reflected))
    steps = tuple(verdict.step for verdict in reflected if verdict.verdict == "worked")
    task = began.task if began else trace.info.task
    return Story(
        id=trace.folder.name, task=task, facts=began.facts if began else None,
        planner=began.planner if began else trace.info.planner, outcome=trace.outcome, beats=tuple(beats),
        steps=steps, reflected=reflected, seconds=trace.seconds,
        parameters=parameters_of(task, beats, steps), missing=tuple(trace.missing),
    )  # fmt: skip


def parameters_of(task: str, beats: Sequence[Beat], steps: Iterable[Step]) -> tuple[Parameter, ...]:
    """What of these actions may vary."""
    pointed = [anchor.element.label for beat in beats for anchor in beat.anchors if anchor.element]
    return parameters(task, [beat.action for beat in beats], steps, pointed)


def told(action: Action, things: tuple[str, ...]) -> str:
    """An action on things in words."""
    match action:
        case Click(button=button, count=count):
            verb = {"right": "right-click ", "middle": "middle-click "}.get(button) or (
                {2: "double-click ", 3: "triple-click "}.get(count, "click ")
            )
            return verb + things[0]
        case Drag():
            return f"drag {things[0]} onto {things[1]}"
        case Scroll(notches=notches):
            return f"scroll {'down' if notches > 0 else 'up'} over {things[0]}"
        case Move():
            return f"point at {things[0]}"
        case Type(text=text):
            line = text.replace("\n", "⏎").replace("\t", "⇥")
            return f"type “{line if len(line) <= 60 else line[:59] + '…'}”"
        case Press(keys=keys):
            return f"press {keys}"
        case Launch(app=app, files=files):
            return " ".join(("start", app, *files))
    return action.kind


def _was_done(deed: Deed) -> bool:
    """Whether an action was handed to the desktop and taken."""
    action = _action(deed)
    done = deed.performed is not None and not deed.performed.problem
    return done and isinstance(action, Again) and (deed.approved is None or deed.approved.allowed)


def _action(deed: Deed) -> Action:
    """What was really done, which may be what the user put in place of the decision."""
    if deed.performed is not None and deed.performed.action is not None:
        return deed.performed.action
    return (deed.approved.instead if deed.approved and deed.approved.instead else deed.decided.move).action


def _beat(deed: Deed, before: Scene, after: Scene, took: float) -> Beat:
    action = _action(deed)
    assert isinstance(action, Again)
    chosen = deed.decided.move.target
    points = {"click": ("at",), "move": ("at",), "scroll": ("at",), "drag": ("start", "end")}.get(action.kind, ())
    anchors = tuple(
        anchor_at(before, getattr(action, name), chosen.element if chosen and place == 0 else "")
        for place, name in enumerate(points)
    )
    return Beat(deed.number, action, before, after, anchors, took, deed.decided.move)


class _Reader:
    """The screens of a record, each read once."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._scenes: dict[str, Scene] = {}
        self._by_sight: Eyes | None = None

    def before(self, deed: Deed) -> Scene:
        """The screen that a deed was done on; an empty one where a program was started before the first look."""
        looked = deed.before or next(self._looks(), None)
        if looked is None:
            raise RecordError(f"{self._trace.folder.name} has no screens in it, so nothing can be found again by them.")
        found = self._scene(looked, deed.decided.scene)
        return found if deed.before else replace(found, elements=(), windows=())

    def last(self) -> Scene | None:
        """The screen at the end."""
        looks = list(self._looks())
        return self._scene(looks[-1]) if looks else None

    def _looks(self) -> Iterator[e.Looked]:
        return (line.event for line in self._trace.lines if isinstance(line.event, e.Looked))

    def _scene(self, looked: e.Looked, deeper: str = "") -> Scene:
        key = deeper or looked.scene or looked.screenshot
        if key not in self._scenes:
            kept = deeper or looked.scene
            self._scenes[key] = scene(self._trace.folder, kept) if kept else self._seen(looked)
        return self._scenes[key]

    def _seen(self, looked: e.Looked) -> Scene:
        """An old record kept pictures only: they are read now, by sight."""
        try:
            picture: Image.Image = open_picture(blob(self._trace.folder, looked.screenshot)).image
        except ImageError as error:
            raise RecordError(f"a screen of {self._trace.folder.name} cannot be read: {error}") from None
        self._by_sight = self._by_sight or Eyes(("pixels",))
        return self._by_sight.see(Screenshot(picture))
