"""The Operator: a line of the plan becomes actions on the scene at hand."""

from __future__ import annotations

from grounding.tree import Window
from planner import moves
from planner.checking import NotThere, Tell, checked
from planner.hands import Hands
from planner.kinds import is_kind, kind_of, named, of_kind, owner
from planner.planner import Move, Step
from planner.skills.skill import LIBRARY, Act, Body, Effect, Skill
from planner.skills.start_page import past_it
from planner.skills.windows import launch, to_front


class Operator:
    """Runs one skill at a time: hands out its actions, and at its end tells what came of it."""

    def __init__(self, hands: Hands, library: dict[str, Skill] | None = None, tell: Tell | None = None) -> None:
        """`tell` hears what stood under the point before a click of doubt."""
        self.hands = hands
        self._tell: Tell = tell or (lambda _: None)
        self._library = LIBRARY if library is None else library
        self._step: Step | None = None
        self._body: Body | None = None

    def start(self, step: Step, attempt: int) -> None:
        """Begin a step on the scene at hand; `attempt` counts how often it has failed before."""
        if self._body is not None:
            self._body.close()
        self._step = step
        skill = self._library[step.skill]
        self._body = _prepared(self.hands, skill, step)
        self.hands.start(attempt)

    def advance(self) -> Move | Effect:
        """The next action of the step; its effect when there is none left."""
        assert self._body is not None, "start() comes first"
        try:
            return self._move(next(self._body))
        except StopIteration as end:
            return end.value if isinstance(end.value, Effect) else Effect(None, "done")
        except NotThere as refused:
            return Effect(False, str(refused))

    def _move(self, act: Act) -> Move:
        """The act as a move, its place checked; a refusal is thrown to the skill, which may know another way."""
        assert self._step is not None
        assert self._body is not None
        risk = act.risk or self._library[self._step.skill].risk
        try:
            act = checked(self.hands, act, risk, self._step, self._tell)
        except NotThere as refused:
            return self._move(self._body.throw(refused))
        self.hands.appmap.doing(act.action)
        return Move(
            action=act.action, step=self._step, target=act.target, others=act.others, risk=risk, why=act.why,
        )  # fmt: skip


def _prepared(hands: Hands, skill: Skill, step: Step) -> Body:
    """A skill's body behind what it needs: the right application in front, and no dialog in the way."""
    if skill.needs_window and not hands.blind:
        if not _is_asked_for(hands, step):
            for prepare in (_clear_the_way, _bring_forward, _past_start_page):
                ready = yield from prepare(hands, skill)
                if ready.worked is False:
                    return ready
        hands.start(hands.attempt)
    return (yield from skill.body(hands, **step.arguments))


def _is_asked_for(hands: Hands, step: Step) -> bool:
    """Whether the dialog in front is about the file that this line opens: it asks how."""
    name = str(step.arguments.get("name", "")).rsplit("/", 1)[-1]
    return step.skill == "open_file" and hands.dialog is not None and bool(name) and name in hands.dialog.title


def _clear_the_way(hands: Hands, skill: Skill) -> Body:
    """Close a dialog that no step of the plan has asked for."""
    window = hands.window
    if skill.raw or window is None or window.role not in ("dialog", "alert") or _is_its_window(hands, window):
        return Effect(True, "nothing is in the way")
    gone = yield from moves.dismiss(hands)
    name = f"the dialog {window.title!r}"
    return Effect(
        gone, f"{name} was closed" if gone else f"{name} is in the way, and neither Escape nor Cancel closes it"
    )


def _is_its_window(hands: Hands, window: Window) -> bool:
    """Whether a dialog is all that its application shows: many that set things are one dialog with pages or lists."""
    alone = all(w.app != window.app for w in hands.windows if w is not window)
    return alone and bool(hands.elements(("tab", "tree", "table", "list", "menu_bar")))


def _bring_forward(hands: Hands, skill: Skill) -> Body:
    """Put a window in front that the skill can work in: an open one of its kind, else start one."""
    window = hands.window
    if not skill.kind or (window is not None and _suits(hands, skill)):
        return Effect(True, "it is in front")
    apps = of_kind(hands.facts, skill.kind, hands.unfit)
    fit = [app for app in apps if app.id not in hands.unfit]
    for other in hands.windows:
        if other is not window and owner(other, fit):
            return (yield from to_front(hands, other))
    if apps:
        return (yield from launch(hands, apps[0].id))
    return Effect(None, "no application of that kind is known")


def _past_start_page(hands: Hands, skill: Skill) -> Body:
    """Where an application begins with a choice of what to make, an empty document is made to work in."""
    if skill.kind in _ON_DOCUMENTS and hands.app is not None and kind_of(hands.app) in _ON_DOCUMENTS:
        yield from past_it(hands)
    return Effect(True, "there is a document")


_ON_DOCUMENTS = ("text", "sheet", "slides")


def _suits(hands: Hands, skill: Skill) -> bool:
    """Whether the window in front is of the skill's kind; for text any window with a document will do."""
    app = hands.app
    if app is not None and app.id in hands.unfit:
        return False
    if app is None or is_kind(app, skill.kind):
        return True
    if skill.risk == "read" and app.id in (asked := named(hands.task, hands.facts.apps)):  # what it names is meant
        return not any(is_kind(other, skill.kind) for other in hands.facts.apps if other.id in asked)
    return skill.kind == "text" and hands.writes
