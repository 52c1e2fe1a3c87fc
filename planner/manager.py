"""The Manager: a task becomes a short program of skills, or several that are merged into a tree."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from planner import describe, prompts
from planner.amend import Amended
from planner.amend_disk import absent
from planner.amend_files import holding
from planner.context import Context, Prompt, Section
from planner.draft import STRUCTURE, Draft
from planner.hands import Hands
from planner.kinds import owner
from planner.memory.recall import Recall
from planner.planner import Asked, Step, Thought
from planner.program import ProgramError, grammar, parse
from planner.repair import repaired
from planner.skills.choosing import CORE, chosen, covers
from planner.skills.skill import LIBRARY, Skill
from planner.soundness import DOUBT, Fault, doubt, faults
from runtime.model import Completion, Constraint, Lark, Message, Model

MAX_TOKENS = 500
"""Enough for a program of 14 lines with a paragraph of text in it."""
SAMPLES = 3
"""Programs that are sampled beside the likeliest one where that leaves doubt."""
SAMPLED = 220
"""Tokens of a sample at most: one that rambles on is worth nothing."""
WARMTH = 0.8
"""The temperature of samples: high enough that they differ, low enough that they make sense."""
HEADSTART = 0.25
"""What the likeliest program has over one that was sampled."""


@dataclass(frozen=True, slots=True)
class Program:
    """What the model gave."""

    steps: tuple[Step, ...] = ()
    """None when nothing could be read."""
    cut: bool = False
    """Whether it was longer than an answer may be, so that its end is missing."""
    amended: tuple[str, ...] = ()
    """What was put right in it, and why."""
    faults: tuple[Fault, ...] = ()
    """What does not fit between it and the task."""
    worth: float = 0.0
    """What speaks for it among others: more is better."""


@dataclass(slots=True)
class Request:
    """What a plan is wanted for."""

    hands: Hands
    context: Context
    tell: Callable[[Thought], None]
    should_stop: Callable[[], bool]
    failed: Collection[str] = ()
    """Lines that failed: a program that says one of them again is asked for once more without its skill."""
    barred: Collection[str] = ()
    """Skills that it is to do without."""
    recall: Recall = field(default_factory=Recall)
    """What earlier runs have taught."""
    trouble: str = ""
    """Why the plan before this one did not do; empty for the first."""


class Manager:
    """Asks the model for programs. The static part of its prompt comes first, so that it is prefilled once for ever."""

    def __init__(
        self, model: Model, library: dict[str, Skill] | None = None, *, without: Collection[str] = ()
    ) -> None:  # fmt: skip
        """`without` are parts that are left out to measure what they are worth: `app_map`, `tree`."""
        self._model = model
        self._library = LIBRARY if library is None else library
        self._without = frozenset(without)
        core = [self._library[name] for name in CORE if name in self._library]
        self._system = Section(
            "role", prompts.render("manager", skills=core, examples=prompts.examples()), place="system", keep=True
        )
        self._sha256 = prompts.sha256("manager")

    @property
    def static(self) -> str:
        """The part of its prompts that never changes."""
        return self._system.text

    def warm_up(self, should_stop: Callable[[], bool] | None = None) -> None:
        """Evaluate the static part of the prompt now; a model that keeps states on disk does it once for ever."""
        message = Message(role="system", text=self.static)
        self._model.complete((message,), max_tokens=0, should_stop=should_stop)

    def plan(self, request: Request) -> list[Program]:
        """Programs for the task, the best first; none when the model gave nothing that can be read.

        The likeliest one is taken as it is where nothing speaks against it. Otherwise some are sampled beside it in
        one go, and all are held against the task. Raises UsageError for a task that does not fit the model's context.
        """
        prompt = self._prompt(request)
        best = self._likeliest(request, prompt)
        programs = [best] if best.steps and not self._pretends(best, request) else []
        if self._doubtful(best, request) and not request.should_stop():
            programs += [p for p in self._sampled(request, prompt) if not self._pretends(p, request)]
        return sorted(programs, key=lambda p: -p.worth)

    def _doubtful(self, program: Program, request: Request) -> bool:
        if "tree" in self._without:
            return False
        return not program.steps or bool(request.trouble) or doubt(program.faults) >= DOUBT

    def _likeliest(self, request: Request, prompt: Prompt) -> Program:
        """The program the model would write first; asked once more where it says again what has failed."""
        program = self._read(request, self._ask(request, prompt, request.barred), HEADSTART)
        again = {step.skill for step in program.steps if step.text in request.failed}
        if again:
            barred = {*again, *request.barred}
            other = self._read(request, self._ask(request, prompt, barred), HEADSTART)
            program = other if other.steps and doubt(other.faults) <= doubt(program.faults) else Program()
        return program

    def _pretends(self, program: Program, request: Request) -> bool:
        """Whether, where a line has just failed, it calls the task done, or does only what nobody asked for."""
        if not request.failed:
            return False
        acting = {s.number for s in program.steps if s.skill not in STRUCTURE}
        strays = {fault.step for fault in program.faults if fault.what == "off_kind"}
        return all(step.skill == "done" for step in program.steps) or (bool(acting) and acting <= strays)

    def _sampled(self, request: Request, prompt: Prompt) -> list[Program]:
        """Other programs, sampled side by side from the one prompt; what says what another says is left out."""
        constraint = self._constraint(request, request.barred)
        with ThreadPoolExecutor(SAMPLES) as pool:
            seeds = range(1, SAMPLES + 1)
            replies = list(pool.map(lambda seed: self._complete(request, prompt, constraint, seed), seeds))
        for asked, _ in replies:
            request.tell(asked)
        programs = [self._read(request, reply) for _, reply in replies]
        return [p for p in programs if p.steps and not any(step.text in request.failed for step in p.steps)]

    # -- asking ------------------------------------------------------------------------------------------------------

    def _ask(self, request: Request, prompt: Prompt, barred: Collection[str]) -> Completion:
        """The likeliest answer in the language of programs."""
        asked, reply = self._complete(request, prompt, self._constraint(request, barred))
        request.tell(asked)
        return reply

    def _complete(
        self, request: Request, prompt: Prompt, constraint: Constraint, seed: int = 0
    ) -> tuple[Asked, Completion]:
        """One answer, and what the record is told of it; with a `seed` one that is sampled. Any thread may call it."""
        began = time.perf_counter()
        reply = self._model.complete(
            prompt.messages, constraint=constraint, max_tokens=SAMPLED if seed else MAX_TOKENS,
            temperature=WARMTH if seed else 0.0, seed=seed, should_stop=request.should_stop,
        )  # fmt: skip
        seconds = round(time.perf_counter() - began, 3)
        return Asked(
            role="manager", prompt=prompt.messages, prompt_sha256=self._sha256, reply=reply.text, usage=reply.usage,
            seconds=seconds, parts=prompt.parts, left_out=prompt.left_out, tokens=prompt.tokens, budget=prompt.budget,
            constraint=constraint,
        ), reply  # fmt: skip

    def _constraint(self, request: Request, barred: Collection[str]) -> Constraint:
        skills = [skill for skill in self._library.values() if skill.name not in barred or skill.ends()]
        apps = [app.id for app in describe.offered(request.hands.facts, request.hands.task)]
        return Lark(grammar=grammar(skills, apps))  # also those not shown: an example may have told of one

    def _read(self, request: Request, reply: Completion, worth: float = 0.0) -> Program:
        """The program of an answer, put right where facts can, and held against the task."""
        hands = request.hands
        try:
            steps = parse(reply.text, self._library)
        except ProgramError:
            return Program()
        opened = {app.id for window in hands.windows if (app := owner(window, hands.facts.apps))}
        about = describe.kinds(hands)
        holds = holding(Draft(steps, hands, self._library))
        steps = repaired(steps, hands.task, hands.facts, self._library, opened, hands.unfit, about, holds)
        cut = reply.ended == "length" and bool(steps) and not self._library[steps[-1].skill].ends()
        amended = Amended(steps, hands, self._library).go() if "reflection" not in self._without else None
        steps = tuple(amended.steps) if amended else steps
        found = (*faults(steps, hands, self._library, about), *absent(amended or Draft(steps, hands, self._library)))
        reasons = tuple(amended.reasons) if amended else ()
        return Program(steps, cut, reasons, found, worth + 1.0 / (1.0 + doubt(found)))

    # -- the prompt --------------------------------------------------------------------------------------------------

    def _more(self, request: Request) -> tuple[Skill, ...]:
        """The skills that this task is shown beside the core."""
        return chosen(self._library, request.hands.task, describe.kinds(request.hands), barred=request.barred)

    def _prompt(self, request: Request) -> Prompt:
        """Everything that the model is shown, within its context."""
        hands, scene = request.hands, request.hands.scene
        skills = self._more(request)
        more = "\n".join(f"{s.signature} - {s.about}" for s in skills)
        sections = [
            self._system,
            Section("apps", describe.apps(hands.facts, hands.task, unfit=hands.unfit), head="Applications: ",
                    priority=60, most=160),
            Section("app_map", self._commands(hands, skills), head="Menu commands: ", priority=30, most=120),
            *_recalled(request.recall),
            Section("task", ""),  # it stands at the end: what is on the screen is not to have the last word
            Section("scene", describe.shown(scene, cells=describe.table(hands)), head="In front: ", priority=50,
                    most=240),
            Section("trouble", request.trouble, head="Go on from there, in another way. What failed: ", priority=85,
                    most=80),
            Section("open", describe.windows(scene, hands.facts), head="Open: ", priority=80, most=160),
            Section("skills", more, head="More skills:\n", priority=90, cut="lines"),
            Section("wish", hands.task, head="Task: ", keep=True),
            Section("question", "Program:", keep=True),
        ]  # fmt: skip
        return request.context.prompt("manager", sections)

    def _commands(self, hands: Hands, skills: Sequence[Skill]) -> str:
        """The menu commands whose words come closest to the task's; none that one of the skills shown is for."""
        if "app_map" in self._without:
            return ""
        found = hands.appmap.relevant(hands.scene, hands.task, 8)
        needed = [c for c in found if not any(covers(s, c.label) for s in skills)]
        return ", ".join(describe.short(c.words, 60) for c in needed)


def _recalled(recall: Recall) -> list[Section]:
    """What earlier runs have taught, as parts of the prompt."""
    examples = "\n\n".join(f"Open: {e.open}\nTask: {e.task}\nProgram:\n{e.program}" for e in recall.exemplars)
    return [
        Section("playbook", "\n".join(recall.lines), head="To mind:\n", priority=40, most=160, cut="lines"),
        Section("exemplars", examples, priority=45, most=260),
    ]
