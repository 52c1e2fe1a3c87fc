"""The ladder: another way, another plan, giving up with the reason; and what may not happen to a run on it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grounding import Finder
from planner.action import Ask, Click, Done, GiveUp, Launch, Press, Wait
from planner.circles import REPEATS
from planner.hierarchical import PLANS, WAYS, HierarchicalPlanner
from planner.skills import LIBRARY
from runtime.errors import ModelError
from runtime.model import Completion
from runtime.scripted import ScriptedModel
from tests.planner.driving import Run
from tests.planner.toy import HOME, Dialog, Toy, Ways
from tests.planner.toy_apps import Abacus, Filer, Pad

DOCUMENTS = f"{HOME}/Documents"


class Mumbling(ScriptedModel):
    """Answers what no grammar would let through, as a model does whose answer was cut off."""

    def __init__(self, *texts: str, ended: str = "length") -> None:
        super().__init__()
        self.ended = ended
        self.texts = list(texts)
        self.calls = 0

    def complete(self, messages, **options):
        self.calls += 1
        text = self.texts.pop(0) if len(self.texts) > 1 else self.texts[0]
        return Completion(text=text, ended=self.ended)


def first_move(model: ScriptedModel, toy: Toy | None = None, should_stop=lambda: False):
    toy = toy or Toy()
    planner = HierarchicalPlanner(model, Finder(), without=("tree", "feasibility"))
    planner.begin("do it", toy.facts, lambda thought: None, should_stop)
    return planner.next(toy.look())


def verdicts(run: Run) -> list[tuple[str, str, str]]:
    return [(r.step.skill, r.verdict, r.next) for r in run.told("reflected")]


# -- the fast path -----------------------------------------------------------------------------------------------------


def test_a_plan_is_followed_to_its_end_with_one_call_of_the_model():
    toy = Toy()
    run = Run(toy, ['launch("pad")\nwrite("hello")\nsave_as("a.txt")\ndone()\n'])
    assert run.end == Done()
    assert toy.files == {f"{DOCUMENTS}/a.txt": "hello"}
    assert len(run.model.asked) == 1
    assert verdicts(run) == [(s, "worked", "go_on") for s in ("launch", "write", "save_as")]


def test_every_move_says_which_line_it_serves_and_why():
    run = Run(Toy(), ['launch("pad")\nsave_as("a.txt")\ndone()\n'])
    assert [m.step.text for m in run.moves if m.step][-1] == "done()"
    assert all(m.why for m in run.moves)
    assert all(m.target is not None for m in run.moves if isinstance(m.action, Click))
    assert {m.risk for m in run.moves if isinstance(m.action, Launch | Wait | Done)} == {"read"}
    assert [s.number for s in run.told("planned")[0].steps] == [1, 2, 3]


def test_what_the_model_was_asked_is_told_with_the_hash_of_the_wording():
    asked = Run(Toy(), ["done()\n"], task="do it").told("asked")[0]
    assert (asked.role, asked.reply) == ("manager", "done()\n")
    assert len(asked.prompt_sha256) == 64
    assert asked.prompt[0].role == "system"
    assert "do it" in asked.prompt[1].text


def test_an_answer_is_given_in_the_words_noted():
    toy = Toy()
    run = Run(toy, ['launch("abacus")\ncalculate("6*7")\nlaunch("pad")\nwrite("It is $result.")\ndone("$result")\n'])
    assert run.end == Done(answer="42")
    assert toy.pane(Pad).text == "It is 42."
    assert [(n.name, n.value) for n in run.told("noted")] == [("result", "42")]


def test_a_name_that_was_not_noted_stays_as_it_is():
    toy = Toy()
    Run(toy, ['launch("pad")\nwrite("5 $ or $nothing")\ndone()\n'])
    assert toy.pane(Pad).text == "5 $ or $nothing"


def test_an_answer_that_was_never_noted_is_no_answer():
    run = Run(Toy(), ['done("$result")\n'] * 3)
    assert run.end != Done(answer="$result")


def test_notes_do_not_outlast_their_task():
    toy = Toy()
    run = Run(toy, ['launch("abacus")\ncalculate("6*7")\ndone()\n', *['done("$result!")\n'] * PLANS])
    run.planner.begin("another", toy.facts, run.thoughts.append, lambda: False)
    assert "42" not in run.planner.next(toy.look()).action.model_dump_json()


# -- applications and windows ------------------------------------------------------------------------------------------


def test_an_application_that_is_open_is_not_started_again():
    toy = Toy()
    toy.open(Pad(toy))
    toy.open(Abacus(toy))
    Run(toy, ['launch("pad")\nwrite("x")\ndone()\n'])
    assert not any(isinstance(a, Launch) for a in toy.done)
    assert toy.pane(Pad).text == "x"


@pytest.mark.parametrize("front", [Abacus, Filer])
def test_the_application_of_the_right_kind_is_brought_forward(front):
    toy = Toy({f"{HOME}/a.txt": ""})
    toy.open(Pad(toy))
    toy.open(Filer(toy))
    toy.open(Abacus(toy))
    Run(toy, ['rename_file("a.txt", "b.txt")\ncalculate("1+1")\ndone("$result")\n'])
    assert list(toy.files) == [f"{HOME}/b.txt"]
    assert toy.pane(Abacus).display == "2"
    assert not any(isinstance(a, Launch) for a in toy.done)


def test_an_application_of_the_right_kind_is_started_where_the_plan_forgot_it():
    toy = Toy()
    run = Run(toy, ['calculate("1+1")\ndone("$result")\n'] * PLANS)
    assert run.end == Done(answer="2")
    assert [a.app for a in toy.done if isinstance(a, Launch)] == ["abacus"]


def test_an_application_that_cannot_do_what_follows_is_not_started():
    toy = Toy()
    Run(toy, ['launch("filer")\nwrite("x")\ndone()\n'])
    assert toy.pane(Pad).text == "x"


# -- the ladder --------------------------------------------------------------------------------------------------------


def test_a_step_that_failed_is_tried_in_another_way():
    toy = Toy()
    toy.open(Abacus(toy))
    toy.pane(Abacus).type = lambda text: None
    run = Run(toy, ['calculate("7*6")\ndone("$result")\n'], scores={"no": 1.0})
    assert verdicts(run)[:2] == [("calculate", "failed", "other_way"), ("calculate", "worked", "go_on")]
    assert run.end == Done(answer="42")


def test_a_step_that_fails_every_time_leads_to_a_new_plan_that_knows_what_failed():
    toy = Toy({f"{HOME}/a.txt": ""})
    toy.open(Filer(toy))
    run = Run(toy, [
        'create_folder("Bills")\nrename_file("b.txt", "c.txt")\ndone()\n', 'rename_file("a.txt", "c.txt")\ndone()\n',
    ], task="Make the folder Bills, and let a.txt or b.txt be c.txt.")  # fmt: skip
    assert run.end == Done()
    assert list(toy.files) == [f"{HOME}/c.txt"]
    assert verdicts(run)[1 : 1 + WAYS] == [("rename_file", "failed", "other_way")] * (WAYS - 1) + [
        ("rename_file", "failed", "new_plan")
    ]
    first, second = (messages[-1].text for messages in run.model.asked)
    assert "Done so far" not in first
    assert 'create_folder("Bills") -> worked: Bills was made' in second
    assert 'rename_file("b.txt", "c.txt") -> FAILED: no \'b.txt\' is shown here' in second
    assert [p.why for p in run.told("planned")] == [
        "start", "rename_file(\"b.txt\", \"c.txt\")  # FAILED: no 'b.txt' is shown here",
    ]  # fmt: skip
    assert run.model.asked[0][0] == run.model.asked[1][0], "the static part stays the same, so that it is kept"


def test_after_the_last_plan_it_gives_up_and_says_why():
    toy = Toy()
    toy.open(Filer(toy))
    run = Run(toy, [f'rename_file("{name}.txt", "c.txt")\ndone()\n' for name in "bde"])
    assert isinstance(run.end, GiveUp)
    assert "no 'e.txt' is shown here" in run.end.reason
    assert len(run.model.asked) == PLANS
    assert [next_ for _, _, next_ in verdicts(run)].count("other_way") == PLANS * (WAYS - 1)
    assert verdicts(run)[-1] == ("rename_file", "failed", "give_up")


def test_two_plans_that_come_to_the_same_wall_are_enough():
    toy = Toy()
    toy.open(Filer(toy))
    run = Run(toy, ['rename_file("b.txt", "c.txt")\ndone()\n', 'delete_file("b.txt")\ndone()\n', "done()\n"])
    assert isinstance(run.end, GiveUp)
    assert len(run.model.asked) == 2
    assert verdicts(run)[-1] == ("delete_file", "failed", "give_up")


def test_after_a_failure_it_is_not_enough_to_say_done():
    toy = Toy()
    toy.open(Filer(toy))
    run = Run(toy, ['rename_file("b.txt", "c.txt")\ndone()\n', "done()\n", 'done("renamed")\n'])
    assert isinstance(run.end, GiveUp)
    assert "no 'b.txt' is shown here" in run.end.reason


def test_a_plan_may_give_up_at_once():
    run = Run(Toy(), ['give_up("nobody here makes phone calls")\n'])
    assert run.end == GiveUp(reason="nobody here makes phone calls")
    assert len(run.moves) == 1


def test_what_the_desktop_could_not_do_counts_as_failed():
    toy = Toy()
    planner_calls = ['launch("abacus")\ndone()\n', 'launch("pad")\ndone()\n']
    model = ScriptedModel(planner_calls)
    thoughts: list = []
    planner = HierarchicalPlanner(model, Finder(), without=("tree", "feasibility"))
    planner.begin("do it", toy.facts, thoughts.append, lambda: False)
    move = planner.next(toy.look())
    for _ in range(WAYS):
        assert move.action == Launch(app="abacus")
        move = planner.next(toy.look(), problem="abacus is not installed; install it.")
    assert move.action == Launch(app="pad")
    assert "abacus is not installed" in model.asked[1][-1].text


def test_where_nothing_tells_the_model_is_asked_and_a_clear_no_is_a_failure():
    toy = Toy()
    toy.open(Pad(toy, text="x"))
    toy.pane(Pad).press = lambda chord: None
    plan = ["undo()\ndone()\n"] * PLANS
    no, unsure = Run(toy, plan, scores={"no": 1.0}), Run(toy, plan, scores={"yes": 0.5, "no": 0.5})
    assert isinstance(no.end, GiveUp)
    assert unsure.end == Done()
    assert [a.role for a in unsure.told("asked")] == ["manager", "reflector"]
    assert "undo the last change" in unsure.told("asked")[1].prompt[0].text


def test_what_changed_is_not_asked_about():
    toy = Toy()
    toy.open(Pad(toy))
    run = Run(toy, ['press("Return")\ndone()\n'])
    assert [a.role for a in run.told("asked")] == ["manager"]


# -- loops -------------------------------------------------------------------------------------------------------------


def test_the_same_action_on_the_same_scene_is_not_done_for_ever():
    toy = Toy()
    toy.open(Dialog(toy, "Stuck", escapes=False, buttons={"Help": lambda: None}))
    toy.panes[0].press = lambda chord: None
    run = Run(toy, ['save_as("a.txt")\ndone()\n'] * PLANS, scores={"no": 1.0})
    assert isinstance(run.end, GiveUp)
    assert max(toy.done.count(a) for a in toy.done if not isinstance(a, Wait)) <= REPEATS
    assert toy.actions < 40


def test_a_plan_that_repeats_itself_ends():
    toy = Toy()
    toy.open(Pad(toy))
    toy.pane(Pad).press = lambda chord: None
    run = Run(toy, ['press("F1")\n' * 13 + "done()\n"] * PLANS)
    assert run.end is not None
    assert toy.done.count(Press(keys="F1")) <= REPEATS


def test_the_cursor_may_go_down_more_often_than_that():
    toy = Toy()
    toy.open(Pad(toy, text="a\nb\nc\nd\ne\nf\ng\nh\n"))
    run = Run(toy, ["delete_line(7)\ndone()\n"] * PLANS)
    assert run.end == Done()
    assert toy.pane(Pad).text == "a\nb\nc\nd\ne\nf\nh\n"


@pytest.mark.parametrize("skill", sorted(LIBRARY))
def test_no_skill_runs_for_ever_where_nothing_ever_changes(skill):
    toy = Toy()
    toy.open(Pad(toy, text="x"))
    still = toy.look()
    toy.look = lambda: still  # type: ignore[method-assign]
    values = {"number": "3", "flag": "true", "app": '"pad"', "key": '"F1"', "cell": '"B2"'}
    arguments = ", ".join(
        f'"{p.choices[0]}"' if p.choices else values.get(p.type, '"x"') for p in LIBRARY[skill].parameters
    )
    call = f"{skill}({arguments})\n"
    plan = call if LIBRARY[skill].ends() else f"{call}done()\n"
    run = Run(toy, [plan, *['give_up("that was all")\n'] * 2], scores={"no": 1.0}, most=200)
    assert run.end is not None
    assert toy.actions < 45


@pytest.mark.parametrize("skill", sorted(LIBRARY))
def test_no_skill_breaks_where_there_is_no_window(skill):
    toy = Toy()
    toy.perform = toy.done.append  # type: ignore[method-assign,assignment]
    values = {"number": "3", "flag": "true", "app": '"pad"', "key": '"F1"', "cell": '"B2"'}
    arguments = ", ".join(
        f'"{p.choices[0]}"' if p.choices else values.get(p.type, '"x"') for p in LIBRARY[skill].parameters
    )
    call = f"{skill}({arguments})\n"
    plan = call if LIBRARY[skill].ends() else f"{call}done()\n"
    run = Run(toy, [plan, *['give_up("that was all")\n'] * 2], scores={"no": 1.0}, most=300)
    assert run.end is not None


# -- models that fail --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "Sure, here is the plan", 'write("and so on and', "fly()\n", "\n\n"])
def test_a_model_that_never_gives_a_program_ends_in_giving_up(text):
    model = Mumbling(text)
    move = first_move(model)
    assert isinstance(move.action, GiveUp)
    assert "no program that can be read" in move.action.reason
    assert model.calls == PLANS


def test_a_second_program_is_asked_for_when_the_first_cannot_be_read():
    assert first_move(Mumbling("nonsense", "done()\n")).action == Done()


def test_that_no_program_could_be_read_is_told():
    toy = Toy()
    thoughts: list = []
    planner = HierarchicalPlanner(Mumbling(""), Finder())
    planner.begin("do it", toy.facts, thoughts.append, lambda: False)
    planner.next(toy.look())
    assert [t.what for t in thoughts if t.kind == "degraded"] == ["plan"] * PLANS


def test_a_model_that_cannot_be_used_is_an_error_with_its_own_sentence():
    with pytest.raises(ModelError, match="no reply left"):
        first_move(ScriptedModel([]))


def test_a_program_without_an_end_is_ended():
    run = Run(Toy(), lambda messages: 'launch("pad")\ndone()\n')
    assert run.end == Done()
    planner = HierarchicalPlanner(Mumbling('launch("pad")\nwrite("x")\n', ended="end"), Finder())
    toy = Toy()
    planner.begin("do it", toy.facts, lambda thought: None, lambda: False)
    for _ in range(30):
        move = planner.next(toy.look())
        if isinstance(move.action, Done):
            break
        toy.perform(move.action)
    assert toy.pane(Pad).text == "x"


def test_a_program_that_was_cut_off_is_not_called_done():
    toy = Toy()
    planner = HierarchicalPlanner(Mumbling('launch("pad")\nwrite("a long story that', "done()\n"), Finder())
    planner.begin("write a long story", toy.facts, lambda thought: None, lambda: False)
    for _ in range(30):
        move = planner.next(toy.look())
        if isinstance(move.action, Done | GiveUp):
            break
        toy.perform(move.action)
    assert planner._manager._model.calls > 1  # type: ignore[attr-defined]  # it asks how to go on


# -- stopping and asking -----------------------------------------------------------------------------------------------


def test_when_asked_to_stop_it_waits_and_calls_no_model():
    model = ScriptedModel(["done()\n"])
    move = first_move(model, should_stop=lambda: True)
    assert move.action == Wait(seconds=0)
    assert model.asked == []


def test_a_stop_during_the_plan_is_no_error():
    stopped: list[bool] = []

    class Slow(Mumbling):
        def complete(self, messages, **options):
            stopped.append(True)
            assert options["should_stop"]()
            return Completion(text="", ended="stopped")

    move = first_move(Slow(""), should_stop=lambda: bool(stopped))
    assert move.action == Wait(seconds=0)
    assert len(stopped) == 1


def test_a_stop_holds_between_two_actions():
    toy, stop = Toy(), []
    planner = HierarchicalPlanner(ScriptedModel(['launch("pad")\nwrite("x")\ndone()\n']), Finder())
    planner.begin("do it", toy.facts, lambda thought: None, lambda: bool(stop))
    toy.perform(planner.next(toy.look()).action)
    stop.append(True)
    assert planner.next(toy.look()).action == Wait(seconds=0)


def test_an_answer_of_the_user_can_be_used():
    toy = Toy()
    run = Run(toy, ['ask("Which name?")\n', 'launch("pad")\nwrite("Dear $answer")\ndone()\n'], answer="Ada")
    assert [m.action for m in run.moves if isinstance(m.action, Ask)] == [Ask(question="Which name?")]
    assert toy.pane(Pad).text == "Dear Ada"


def test_without_an_answer_it_gives_up_and_does_not_go_on():
    toy = Toy()
    run = Run(toy, ['ask("Which name?")\n'] * PLANS)
    assert isinstance(run.end, GiveUp)
    assert toy.panes == []
    assert sum(isinstance(m.action, Ask) for m in run.moves) <= WAYS * PLANS


def test_begin_forgets_the_last_task():
    toy = Toy()
    model = ScriptedModel(
        ['press("F1")\nlaunch("pad")\ndone()\n', "done()\n", "done()\n", "done()\n", "done()\n", "done()\n"]
    )
    planner = HierarchicalPlanner(model, Finder())
    planner.begin("first", toy.facts, lambda thought: None, lambda: False)
    planner.next(toy.look())
    planner.next(toy.look(), problem="the keyboard is gone")
    planner.begin("second", toy.facts, lambda thought: None, lambda: False)
    assert planner.next(toy.look()).action == Done()
    assert "first" not in model.asked[1][-1].text
    assert "FAILED" not in model.asked[1][-1].text


@pytest.mark.parametrize("wait", [0, 3])
def test_a_dialog_that_comes_up_in_the_middle_is_closed(wait):
    toy = Toy(ways=Ways(wait=wait))
    toy.launches["pad"] = lambda: Pad(toy, text="x")
    run = Run(toy, ['launch("pad")\nsave_as("a.txt")\ndone()\n'])
    toy.open(Dialog(toy, "Tip", buttons={"Next": lambda: None}))
    assert run.end == Done()
    assert toy.files == {f"{DOCUMENTS}/a.txt": "x"}


# -- a desktop that is busy --------------------------------------------------------------------------------------------


def test_a_tree_that_was_cut_short_is_read_again():
    class Busy(Toy):
        """Every other look tells of the windows and of nothing in them."""

        looks = 0

        def tree(self):
            whole = super().tree()
            self.looks += 1
            return (
                replace(whole, nodes=(), note="The tree is cut short: it took too long.") if self.looks % 2 else whole
            )

    toy = Busy()
    toy.open(Pad(toy))
    run = Run(toy, ['write("words")\nsave_as("a.txt")\ndone()\n'])
    assert run.end == Done()
    assert list(toy.files.values()) == ["words"]
    assert {verdict for _, verdict, _ in verdicts(run)[:2]} == {"worked"}, "each was judged by a whole tree"


def test_a_window_that_tells_of_nothing_is_not_waited_for_for_ever():
    class Mute(Toy):
        def tree(self):
            return replace(super().tree(), nodes=(), note="It does not answer.")

    toy = Mute()
    toy.open(Pad(toy))
    assert Run(toy, ['press("ctrl+s")\ndone()\n']).end == Done()
