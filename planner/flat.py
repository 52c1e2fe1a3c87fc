"""The flat planner: one model in one loop, which looks, thinks a line, and acts. The baseline, for ever.

It has the senses, the actions and the budget of the hierarchical planner, a bounded history (`planner.context`),
answers that a grammar keeps readable, and a notice when it repeats itself (ReAct, arXiv 2210.03629; numbered
elements as in Set-of-Mark, arXiv 2310.11441). What it has not is what is compared: skills, plans, verification and
memory.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Sequence

from grounding.change import changes, fingerprint
from grounding.element import Element
from grounding.facts import Facts
from grounding.scene import Scene
from grounding.target import Target
from planner import describe, numbered, prompts
from planner.action import Action, Ask, Click, Done, Drag, GiveUp, Launch, Press, Scroll, Type, Wait
from planner.appmap import AppMap
from planner.context import Context, Section
from planner.paths import Paths
from planner.planner import Asked, Degraded, Move, Step, Thought
from runtime.model import Completion, Lark, Message, Model

MAX_TOKENS = 260
"""Enough for a thought and a paragraph to type."""
CALLS = 80
"""How often the model is asked in one task: twice the usual steps."""
UNREADABLE = 3
"""How many answers in a row may be unreadable."""
WAITS = 5
"""How often in a row it may want to wait."""
NOTICED, REPEATS = 2, 5
"""After so many times the same on the same screen it is told; after so many it is given up."""
NOTCHES = 5
"""Of the wheel, for one scroll."""
NONSENSE = "the model gave no action that can be read"
LOOP = "it does the same again and again"
ESCAPES = {"n": "\n", "t": "\t"}
CALL = re.compile(r"^(?:Action:\s*)?([a-z_]+)\((.*)\)\s*$", re.MULTILINE)


class FlatPlanner:
    """Asks the model for every action."""

    name = "flat"

    def __init__(self, model: Model, budget: int | None = None) -> None:
        """`budget`: the most tokens of a prompt; None for as many as the model takes."""
        self._model = model
        self._budget = budget
        self._rules = prompts.render("flat")
        self._sha256 = prompts.sha256("flat")

    def warm_up(self, should_stop: Callable[[], bool] | None = None) -> None:
        """Have the model read what never changes."""
        self._model.complete((Message(role="system", text=self._rules),), max_tokens=0, should_stop=should_stop)

    def begin(self, task: str, facts: Facts, tell: Callable[[Thought], None], should_stop: Callable[[], bool]) -> None:
        self._context = Context(self._model, task, budget=self._budget)
        self._task, self._facts = task, facts
        self._tell, self._should_stop = tell, should_stop
        self._appmap = AppMap()
        self._apps = [app.id for app in describe.offered(facts, task)]
        self._calls = self._steps = self._unreadable = self._waits = 0
        self._last: tuple[str, Scene] | None = None
        self._seen: Counter[tuple[str, str]] = Counter()

    def next(self, scene: Scene, *, answer: str = "", problem: str = "") -> Move:
        self._appmap.learn(scene)
        self._observe(scene, answer, problem)
        elements = numbered.numbered(scene)
        while self._calls < CALLS and self._unreadable < UNREADABLE:
            if self._should_stop():
                return Move(action=Wait(seconds=0), why="asked to stop", risk="read")
            reply = self._ask(scene, elements)
            if reply.ended == "stopped":
                continue
            move = self._read(reply.text, elements)
            if move is not None:
                self._unreadable = 0
                return self._bounded(move, scene, elements)
            self._unreadable += 1
            self._tell(Degraded(what="action", why=f"{NONSENSE}: {describe.short(reply.text, 80)!r}"))
        return _given_up(NONSENSE if self._unreadable else f"the model was asked {CALLS} times")

    # -- what happened -----------------------------------------------------------------------------------------------

    def _observe(self, scene: Scene, answer: str, problem: str) -> None:
        """Keep what came of the last action."""
        if self._last is None:
            return
        line, before = self._last
        change = changes(before, scene)
        outcome = problem or (f"the user said: {answer}" if answer else change.summary)
        self._context.did(line, outcome, worked=False if problem else None)
        self._context.observe(change, scene)
        self._last = None

    def _bounded(self, move: Move, scene: Scene, elements: Sequence[Element]) -> Move:
        """The move, unless it goes in a circle."""
        self._waits = self._waits + 1 if isinstance(move.action, Wait) else 0
        self._seen[_state(move.action, scene)] += 1
        if self._waits > WAITS or self._seen[_state(move.action, scene)] > REPEATS:
            return _given_up(LOOP)
        line = move.step.text if move.step else ""
        number = re.match(r"\w+\((\d+)", line)
        meant = f"  # {numbered.line(elements[int(number[1]) - 1], scene)}" if number else ""
        self._last = (describe.short(line + meant, 120), scene)
        return move

    # -- the question ------------------------------------------------------------------------------------------------

    def _ask(self, scene: Scene, elements: Sequence[Element]) -> Completion:
        self._calls += 1
        prompt = self._context.prompt("flat", self._sections(scene, elements))
        began = time.perf_counter()
        constraint = Lark(grammar=grammar(len(elements), self._apps))
        reply = self._model.complete(
            prompt.messages, constraint=constraint, max_tokens=MAX_TOKENS, should_stop=self._should_stop
        )
        self._tell(Asked(
            role="flat", prompt=prompt.messages, prompt_sha256=self._sha256, reply=reply.text, usage=reply.usage,
            seconds=round(time.perf_counter() - began, 3), parts=prompt.parts, left_out=prompt.left_out,
            tokens=prompt.tokens, budget=prompt.budget, constraint=constraint,
        ))  # fmt: skip
        return reply

    def _sections(self, scene: Scene, elements: Sequence[Element]) -> list[Section]:
        commands = ", ".join(
            describe.short(f"{c.words} ({c.shortcut})" if c.shortcut else c.words, 60)
            for c in self._appmap.relevant(scene, self._task, 8)
        )
        windows = describe.windows(scene, self._facts)
        files = Paths(self._task, self._facts.home.rstrip("/"), scene.files).told()
        apps = describe.apps(self._facts, self._task)
        again = "You did the same on this same screen before; it does not help. Do something else.\n"
        return [
            Section("role", self._rules, place="system", keep=True),
            Section("tools", apps, head="Applications: ", priority=50, least=10, most=200),
            Section("commands", commands, head="Menu commands: ", priority=40, least=10, most=160),
            Section("windows", windows, head="Open windows: ", priority=80, least=8, most=200),
            *([Section("files", files, head="Files: ", priority=60, least=8, most=120)] if files else []),
            Section("scene", numbered.listing(elements, scene), head="On the screen:\n", priority=70, least=60,
                    most=1300, cut="end"),
            Section("question", (again if self._repeats(scene) else "") + "Next thought and action:", keep=True),
        ]  # fmt: skip

    def _repeats(self, scene: Scene) -> bool:
        here = fingerprint(scene)
        return any(count >= NOTICED for (state, _), count in self._seen.items() if state == here)

    # -- the answer --------------------------------------------------------------------------------------------------

    def _read(self, text: str, elements: Sequence[Element]) -> Move | None:
        """The first action of an answer; None where there is none that means anything."""
        for call in CALL.finditer(text):
            action = _action(call[1], call[2], elements)
            if action is None:
                continue
            self._steps += 1
            thought = re.match(r"\s*Thought:\s*(.+)", text)
            step = Step(number=self._steps, skill=call[1], text=call[0].removeprefix("Action:").strip())
            return Move(
                action=action, step=step, target=_target(call[2], elements), why=thought[1] if thought else step.text,
                risk="read" if isinstance(action, Wait | Scroll | Done | GiveUp | Ask) else "write",
            )  # fmt: skip
        return None


def _state(action: Action, scene: Scene) -> tuple[str, str]:
    return fingerprint(scene), action.model_dump_json()


def _given_up(reason: str) -> Move:
    return Move(action=GiveUp(reason=reason), why=reason, risk="read")


def _pointed(inside: str, elements: Sequence[Element]) -> list[Element]:
    """The elements whose numbers are among the arguments."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', inside)
    numbers = [int(number) for number in re.findall(r"\d{1,4}", bare)]
    return [elements[n - 1] for n in numbers if 1 <= n <= len(elements)]


def _target(inside: str, elements: Sequence[Element]) -> Target | None:
    for e in _pointed(inside, elements)[:1]:
        return Target(
            words=e.label or e.role, point=e.box.centre, box=e.box, confidence=1.0, how="given", element=e.id,
            label=e.label, role=e.role, reason="the model gave its number",
        )  # fmt: skip
    return None


def _texts(inside: str) -> list[str]:
    """The texts in double quotes among the arguments, their escapes undone."""
    found = re.findall(r'"((?:[^"\\]|\\.)*)"', inside)
    return [re.sub(r"\\(.)", lambda m: ESCAPES.get(m[1], m[1]), text) for text in found]


def _action(verb: str, inside: str, elements: Sequence[Element]) -> Action | None:
    """A call as an action; None for one that is none."""
    texts, at = _texts(inside), [e.box.centre for e in _pointed(inside, elements)]
    text = texts[0] if texts else ""
    match verb:
        case "click" | "double_click" | "right_click" if at:
            return Click(at=at[0], button="right" if verb[0] == "r" else "left", count=2 if verb[0] == "d" else 1)
        case "drag" if len(at) == 2:
            return Drag(start=at[0], end=at[1])
        case "scroll" if at and text in ("up", "down"):
            return Scroll(at=at[0], notches=NOTCHES if text == "down" else -NOTCHES)
        case "type" if text:
            return Type(text=text)
        case "press" if text:
            return Press(keys=text)
        case "launch" if text:
            return Launch(app=text, files=tuple(texts[1:2]))
        case "wait":
            return Wait(seconds=1)
        case "ask" if text:
            return Ask(question=text)
        case "done":
            return Done(answer=text)
        case "give_up":
            return GiveUp(reason=text or "the model gave no reason")
    return None


def grammar(elements: int, apps: Sequence[str]) -> str:
    """A Lark grammar (llguidance's dialect) of one thought and one action that means something on this screen."""
    pointing = ['"click(" N ")"', '"double_click(" N ")"', '"right_click(" N ")"', '"drag(" N ", " N ")"',
                r'"scroll(" N ", " ("\"up\"" | "\"down\"") ")"']  # fmt: skip
    verbs = [
        *(pointing if elements else []), '"type(" TEXT ")"', '"press(" KEY ")"', '"launch(" APP (", " NAME)? ")"',
        '"wait()"', '"ask(" TEXT ")"', '"done(" DONE ")"', '"give_up(" TEXT ")"',
    ]  # fmt: skip
    names = " | ".join(f'"\\"{app}\\""' for app in apps if '"' not in app and "\\" not in app)
    rules = [
        'start: "Thought: " THOUGHT "\\nAction: " action "\\n"',
        "action: " + " | ".join(verbs),
        r"THOUGHT: /[^\n\x00-\x1f]{1,200}/",
        r'TEXT: /"([^"\\\n\r\t\x00-\x1f]|\\["\\nt]){1,600}"/',
        r'DONE: /"([^"\\\n\r\t\x00-\x1f]|\\["\\nt]){0,200}"/',
        r'NAME: /"[^"\\\n\r\t\x00-\x1f]{1,120}"/',
        r'KEY: /"[A-Za-z0-9_]+(\+[A-Za-z0-9_]+){0,3}"/',
        f"APP: {names}" if names else r'APP: /"[^"\\\n]{1,60}"/',
    ]
    if elements:
        rules.append("N: " + " | ".join(f'"{n}"' for n in range(1, elements + 1)))
    return "\n".join(rules) + "\n"
