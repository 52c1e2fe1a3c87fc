"""The hierarchical planner: the Manager plans in skills, the Operator acts, the Reflector judges.

The fast path calls the model once, for the program. Trouble climbs a ladder: another way for the same step, another
branch of the tree of programs, a new program from here, then asking the user or giving up with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from grounding.facts import Facts
from grounding.scene import Scene
from grounding.target import Grounder
from planner.action import Ask, GiveUp, Wait
from planner.amend_files import half_opened, instead_of_missing
from planner.appmap import AppMap
from planner.asking import Asking
from planner.circles import LOOKS, LOOP, Circles
from planner.context import Context
from planner.disk import Disk
from planner.draft import Draft
from planner.extract import extract
from planner.feasible import SURELY_NOT, feasibility
from planner.hands import Hands
from planner.manager import Manager, Program, Request
from planner.memory.memory import Memory
from planner.memory.using import Remembered
from planner.operator import Operator
from planner.parts import parts, used
from planner.planner import Degraded, Move, Noted, Planned, Reflected, Step, Thought
from planner.reflector import Reflector
from planner.skills.skill import LIBRARY, Effect
from planner.slow import instead
from planner.soundness import DOUBT, doubt, places
from planner.tree import PlanTree
from runtime.model import Message, Model

WAYS = 3
"""How often one step is tried, each time in another way."""
PLANS = 3
"""How often one task is planned."""
NO_PROGRAM = "the model gave no program that can be read"
NOT_HERE = "this cannot be done with the programs of this desktop alone"
AGAIN_S = 0.3
"""After how many seconds a tree that was cut short is read again."""
NEEDS_PAGE = ("copy", "cut", "paste", "select_all")
"""What a new plan is not to try where there was no place to write: it is done to what is written already."""
PARTS = ("app_map", "feasibility", "reflection", "tree", "memory", "compression", "files")
"""What can be left out, to measure what it is worth."""
BUDGET = 3200
"""The most tokens of a prompt beside the task's own: each takes its time to be read. Less in a smaller context."""
ANSWER = 512
"""Tokens that are left for an answer."""


class HierarchicalPlanner:
    """Manager, Operator and Reflector over one model."""

    name = "hierarchical"

    def __init__(
        self, model: Model, grounder: Grounder, memory: Memory | None = None,
        appmap: AppMap | None = None, *, without: Collection[str] = (),
    ) -> None:  # fmt: skip
        """With a memory, a task that was done before in just this form is done again without the model.

        `without` are `PARTS` that are left out, to measure what each is worth.
        """
        self._without = frozenset(without)
        self._model = model
        self._manager = Manager(model, without=self._without)
        self._remembered = Remembered(None if "memory" in self._without else memory)
        self._reflector = Reflector(None if "reflection" in self._without else model)
        self._grounder = grounder
        self._appmap = appmap or AppMap()
        self._hands: Hands | None = None
        self._reset()

    def warm_up(self, should_stop: Callable[[], bool] | None = None) -> None:
        """Have the model read what never changes, so that the first plan costs only what is new."""
        self._manager.warm_up(should_stop)

    def _reset(self) -> None:
        self._tree = PlanTree()
        self._step: Step | None = None
        self._attempt = 0
        self._plans = 0
        self._failed: set[str] = set()
        self._circles, self._asking = Circles(), Asking()
        self._ends = 0
        """How many scenes in a row, at the end of a shortcut, did not show what was seen there each time."""
        self._slow = False
        """Whether the step in hand goes the slow way."""
        self._opening = False
        """Whether a file that was half open was opened before planning."""
        self._pageless = False
        """Whether the last plan failed because there was no place to write."""
        self._trouble = ""
        """Why the last plan did not do, in full."""
        self._walls: dict[str, int] = {}
        """Why lines have failed in every way, and in which plan first."""

    def begin(self, task: str, facts: Facts, tell: Callable[[Thought], None], should_stop: Callable[[], bool]) -> None:
        self._reset()
        self._tell = tell
        self._should_stop = should_stop
        self._remembered.begin(task, facts, tell)
        self._hands = Hands(self._grounder, self._appmap, facts)
        self._hands.task = task
        self._hands.note = self._note
        self._hands.reading = self._read
        self._context = Context(self._model, task, budget=self._budget(task))
        self._operator = Operator(self._hands, tell=tell)
        self._disk = Disk(self._hands)

    def _budget(self, task: str) -> int:
        """The most tokens of a prompt: never more than leaves room for an answer in the model's context."""
        whole = self._model.context_tokens
        room = whole - min(ANSWER, whole // 8)
        if "compression" in self._without:
            return room
        return min(room, BUDGET + self._model.count([Message(role="user", text=task)]))

    def hear(self, said: str) -> None:
        """What the user says in the middle of a run joins the task, and there is a new plan from here."""
        assert self._hands is not None, "begin() comes first"
        self._hands.task = self._context.task = f"{self._hands.task}\n{said}"
        self._context.did(f"the user said: {said}")
        self._begin_again(f"the user says: {said}")

    def notice(self, did: str) -> None:
        """What somebody else has done stays done, and there is a new plan from here."""
        self._context.did(did)
        self._begin_again(f"done already: {did}")

    def _begin_again(self, why: str) -> None:
        """A new plan from here, for this reason."""
        if self._remembered.running:
            self._remembered.let_go("the user said something else")
        self._step, self._tree = None, PlanTree()
        self._plans = min(self._plans, PLANS - 1)
        self._trouble = why

    def next(self, scene: Scene, *, answer: str = "", problem: str = "") -> Move:
        hands = self._hands
        assert hands is not None, "begin() comes first"
        if not (problem or answer or self._should_stop()) and self._circles.is_cut_short(scene):
            return Move(
                action=Wait(seconds=AGAIN_S), step=self._step, why="look again: the tree was cut short", risk="read"
            )
        hands.see(replace(scene, files=None) if "files" in self._without else scene)
        hands.answer = answer
        self._disk.begin_task()
        self._context.observe(hands.change, scene)
        if self._asking.awaited and answer:
            self._take_answer(answer)
        if problem:
            self._judge(Effect(False, problem))
        while True:
            if self._should_stop():
                return Move(action=Wait(seconds=0), why="asked to stop", risk="read")
            if self._step is None:
                if end := self._take_step():
                    return end
                continue
            result = self._operator.advance()
            if isinstance(result, Move) and not self._circles.loops(scene, result):
                return result
            self._judge(result if isinstance(result, Effect) else self._circles.effect(self._step))

    # -- the ladder --------------------------------------------------------------------------------------------------

    def _take_step(self) -> Move | None:
        """Put the next line of the program in hand; a new program if there is none; None when that went well."""
        choices = self._tree.choices(self._possible)
        if not choices and not self._by_heart() and not self._finish_opening():
            if self._plans >= PLANS:
                return self._give_up()
            self._plan()
            if self._asking.question:
                return self._ask()
            if self._tree.ended:
                return None if self._plans < PLANS else self._give_up()
        if not (choices := self._tree.choices(self._possible)):
            return None
        if LIBRARY[choices[0].skill].ends() and (wait := self._look_for_the_end(choices[0])):
            return wait
        if self._tree.ended:
            return None
        self._step = choices[0]
        self._disk.begin_step(self._step)
        self._tree.take(self._step)
        self._attempt, self._slow = 0, False
        self._operator.start(self._step, 0)
        return None

    def _possible(self, step: Step) -> bool:
        """Whether what a line needs is there: the values that lines before it were to give."""
        assert self._hands is not None
        unknown = sorted(n for n in used(step) - set(self._hands.notes) if f"${n}" not in self._hands.task)
        if not unknown or LIBRARY[step.skill].ends():
            return True
        self._trouble = f"{step.text}  # FAILED: nothing has given ${unknown[0]}"
        self._failed.add(step.text)
        return False

    def _plan(self) -> None:
        """Have the Manager write programs from here on, and merge them into a tree."""
        assert self._hands is not None
        self._plans += 1
        why = self._trouble or ("start" if self._plans == 1 else NO_PROGRAM)
        request = Request(
            self._hands, self._context, self._tell, self._should_stop, self._failed,
            barred=NEEDS_PAGE if self._pageless else (), trouble=self._trouble,
            recall=self._remembered.recall(self._app(), self._context.fitter.counter.text),
        )  # fmt: skip
        programs = self._programs(request)
        poorest = max([DOUBT, *(doubt(p.faults) for p in programs[:1])])
        self._tree = PlanTree([(_ended(p), p.worth) for p in programs if doubt(p.faults) <= poorest])
        if not programs:
            self._tell(Degraded(what="plan", why=NO_PROGRAM))
            return
        best = programs[0]
        self._tell(Planned(
            steps=best.steps, why=why, others=tuple(p.steps for p in programs[1:]), amended=best.amended,
            doubts=tuple(fault.sentence for fault in best.faults),
        ))  # fmt: skip
        for part in parts(best.steps, LIBRARY)[:1]:
            self._context.begin(part.title)
        if best.cut:  # what is there is done, and then there is another plan
            self._trouble = "the program was longer than an answer may be, and its end is missing"
            self._tell(Degraded(what="plan", why=self._trouble))
        self._not_guessing(best)

    def _programs(self, request: Request) -> list[Program]:
        """The programs for the task; one that gives up where the task cannot be done here."""
        if self._plans > 1 or "feasibility" in self._without:
            return self._manager.plan(request)
        with ThreadPoolExecutor(1) as pool:  # both are read in one batch
            doubting = pool.submit(feasibility, self._model, request.hands)
            programs = self._manager.plan(request)
            chance, asked = doubting.result()
        self._tell(asked)
        if chance < SURELY_NOT:
            reason = NOT_HERE
            step = Step(number=1, skill="give_up", arguments={"reason": reason}, text=f'give_up("{reason}")')
            return [Program((step,), worth=1.0)]
        return programs

    def _not_guessing(self, best: Program) -> None:
        """A program that names what nobody has said goes as far as it knows; then it is looked, or the user asked.

        The user is asked too where the task rules out what it wants.
        """
        glimpse = self._asking.about(best.steps, best.faults, guesses="reflection" not in self._without)
        if glimpse is not None:
            self._plans -= 1
            self._tree = PlanTree([(glimpse.steps, best.worth)])
            self._trouble = glimpse.why

    def _ask(self) -> Move:
        self._tree = PlanTree()
        return Move(
            action=Ask(question=self._asking.take_question()), why="something is missing in the task", risk="read"
        )

    def _take_answer(self, answer: str) -> None:
        """What the user answered belongs to the task from now on."""
        assert self._hands is not None
        self._hands.task = self._context.task = f"{self._hands.task}\n{answer}"
        self._plans = max(0, self._plans - 1)
        self._asking.awaited = False

    def _by_heart(self) -> bool:
        """Take the program of a shortcut, at the beginning, where one fits: no model is asked."""
        assert self._hands is not None
        steps = self._remembered.steps(self._hands.scene)
        if shortcut := self._remembered.running:
            self._tell(Planned(steps=steps, why=f"shortcut {shortcut.id}"))
            self._tree = PlanTree([(steps, 1.0)])
        return bool(steps)

    def _finish_opening(self) -> bool:
        """Where a dialog asks how to open a file of the task, that comes first: the plan is made on what it shows."""
        assert self._hands is not None
        steps = half_opened(Draft((), self._hands, LIBRARY)) if self._plans == 0 and not self._opening else []
        if steps:
            self._opening = True
            self._tell(Planned(steps=tuple(steps), why="it is being opened already"))
            self._tree = PlanTree([(steps, 1.0)])
        return bool(steps)

    def _look_for_the_end(self, last: Step) -> Move | None:
        """At the end: what the task wants written has to be; where something is missing, there is another plan.

        At a shortcut's end it is looked until what was seen there each time is seen too.
        """
        assert self._hands is not None
        if last.skill == "done" and (owed := self._disk.owed()):
            self._remembered.failed(owed)
            self._trouble = f"{last.text}  # FAILED: {owed}"
            self._context.did(last.text, owed, worked=False)
            self._tree = PlanTree()
            return None
        missed = self._remembered.missed(self._hands.scene)
        self._ends = self._ends + 1 if missed else 0
        if 0 < self._ends <= LOOKS:
            return Move(action=Wait(seconds=AGAIN_S), why=f"look again: {missed}", risk="read")
        if missed:
            self._remembered.failed(missed)
            self._trouble = missed
            self._tree = PlanTree()
        return None

    def _judge(self, effect: Effect) -> None:
        """Reflect on the step in hand, and climb the ladder if it failed."""
        assert self._hands is not None
        step = self._step
        if step is None:
            return
        skill = LIBRARY[step.skill]
        effect = self._disk.held(effect)
        if self._remembered.running:
            verdict = self._remembered.judged(step, effect)
        else:
            verdict = self._reflector.judge(step, skill, effect, self._hands, self._tell)
        if verdict.verdict == "failed" and not verdict.why.startswith(LOOP):
            self._circles.failed(step, effect)
        if verdict.verdict != "failed":
            self._tell(verdict)
            self._remember(step, verdict)
            self._tree.done(changed=skill.risk != "read" and not self._hands.since_start().nothing)
            self._step = None
            if step.skill == "ask":  # with the answer there is another plan
                self._take_answer(self._hands.answer)
                self._tree = PlanTree()
        elif effect.lacks == "file" and self._make_instead(step, verdict):
            self._step = None
        elif self._attempt + 1 < WAYS and not self._slow and effect.lacks != "file":
            self._attempt += 1
            self._tell(verdict.model_copy(update={"next": "other_way"}))
            self._operator.start(step, self._attempt)
        elif not self._slowly(step, verdict):
            self._fail(step, verdict, effect)

    def _make_instead(self, step: Step, verdict: Reflected) -> bool:
        """Make the file that was to be opened and is not there, where the task may mean that; else False."""
        assert self._hands is not None
        name = str(step.arguments.get("name", ""))
        steps = instead_of_missing(Draft(self._tree.rest, self._hands, LIBRARY), name) if self._attempt == 0 else None
        if not steps:
            return False
        self._tell(verdict.model_copy(update={"next": "other_branch"}))
        self._remember(step, verdict)
        self._tree = PlanTree([(steps, 1.0)])
        self._tell(Planned(steps=tuple(steps), why=f"{name} is not there: it is made"))
        return True

    def _slowly(self, step: Step, verdict: Reflected) -> bool:
        """Have the model choose among raw calls for what the step was to do; False where there is none for it."""
        assert self._hands is not None
        if self._slow or self._remembered.running or self._plans < 1 or self._should_stop():
            return False
        call = instead(self._model, self._hands, self._context, step, verdict.why, self._tell)
        if call is None:
            return False
        self._tell(verdict.model_copy(update={"next": "other_way"}))
        self._slow = True
        self._step = call
        self._operator.start(call, 0)
        return True

    def _fail(self, step: Step, verdict: Reflected, effect: Effect) -> None:
        """Go back to another branch of the tree; where there is none, plan anew from here."""
        assert self._hands is not None
        shortcut = self._remembered.running is not None
        wall = re.sub(r"[\w~.-]*/", "", verdict.why)  # another way to the same place meets the same
        again_met = self._walls.setdefault(wall, self._plans) < self._plans
        if again_met or (effect.lacks == "file" and _says_where(step, self._hands.task)):
            self._plans = PLANS
        branch = self._tree.fail() and bool(self._tree.choices(self._possible)) and not shortcut and not again_met
        again = "new_plan" if self._plans < PLANS else "give_up"
        self._tell(verdict.model_copy(update={"next": "other_branch" if branch else again}))
        self._remember(step, verdict)
        self._remembered.failed(verdict.why)
        self._pageless = effect.lacks == "page"
        if not self._pageless:  # it may well do in another application
            self._failed.add(step.text)
        self._trouble = f"{step.text}  # FAILED: {verdict.why}"
        self._step = None
        if not branch:
            self._tree = PlanTree()

    def _remember(self, step: Step, verdict: Reflected) -> None:
        """Keep what came of a step for the next plan, in few words."""
        worked = {"worked": True, "failed": False}.get(verdict.verdict)
        self._context.did(step.text, verdict.why, worked=worked)
        if worked is not False and self._hands is not None:
            self._hands.done.append(step.text)

    def _give_up(self) -> Move:
        reason = self._trouble.replace("  # FAILED", "") or NO_PROGRAM
        return Move(action=GiveUp(reason=reason), why="no way is left", risk="read")

    # -- small parts -------------------------------------------------------------------------------------------------

    def _app(self) -> str:
        """The application in front, by its id."""
        assert self._hands is not None
        return self._hands.app.id if self._hands.app else ""

    def _read(self, wanted: str) -> str:
        """What the window in front says about something, as the model reads it."""
        assert self._hands is not None
        return extract(self._model, self._hands, wanted, self._tell)

    def _note(self, name: str, value: str) -> None:
        assert self._hands is not None
        self._hands.notes[name] = value
        self._context.note(f"${name}", value)
        self._tell(Noted(name=name, value=value))


def _says_where(step: Step, task: str) -> bool:
    """Whether the task itself says in which folder the file of a line lies."""
    folder, _, name = str(step.arguments.get("name", "")).strip("~/").rpartition("/")
    return bool(folder) and (f"{folder}/{name}" in task or places(task).get(name) == folder)


def _ended(program: Program) -> tuple[Step, ...]:
    """The program with an end, where it is whole and has none."""
    if program.cut or not program.steps or LIBRARY[program.steps[-1].skill].ends():
        return program.steps
    return (*program.steps, Step(number=len(program.steps) + 1, skill="done", text="done()"))
