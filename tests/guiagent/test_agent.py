"""The loop: every way a run can end, each with its record and its exit code."""

from __future__ import annotations

import itertools
import threading
import time

import pytest
from PIL import Image
from runs import WRITE_AND_SAVE, assert_complete, events, kinds, make

from grounding.eyes import Eyes
from grounding.filed import Filed
from grounding.tree import Tree
from guiagent.agent import Control, Limits
from guiagent.desktop.fake import FakeDesktop
from guiagent.events import Approved
from planner.action import Ask, Click, Done, GiveUp, Launch, Press, Type, Wait
from planner.planner import Move


class Told:
    """A planner that is a function of how often it was asked and what it was told."""

    name = "told"

    def __init__(self, think):
        self.think = think
        self.problems = []
        self.answers = []
        self.asked = 0

    def begin(self, task, facts, tell, should_stop):
        self.should_stop = should_stop

    def next(self, scene, *, answer="", problem=""):
        self.asked += 1
        self.problems.append(problem)
        self.answers.append(answer)
        return Move(action=self.think(self))


def test_it_does_what_the_planner_says_and_writes_it_down(tmp_path):
    desktop = FakeDesktop()
    ending = make(tmp_path / "run", [*WRITE_AND_SAVE, Done(answer="saved")], desktop).run("write hello")
    assert (ending.outcome, ending.answer, ending.steps, ending.exit_code) == ("solved", "saved", 5, 0)
    assert desktop.files == {"a.txt": "hello"}
    assert_complete(tmp_path / "run", "solved", 0)
    one_step = ["decided", "approved", "performed", "looked", "observed"]
    assert kinds(tmp_path / "run") == ["started", "looked", *one_step * 5, "decided", "ended"]
    assert "Save As" in events(tmp_path / "run", "observed")[3].summary


class Telling(FakeDesktop):
    """Says what is on its disk."""

    def filed(self, path):
        name = path.rsplit("/", 1)[-1]
        return Filed(False, len(self.files[name]), 0.0) if name in self.files else None


@pytest.mark.parametrize(("desktop", "tells"), [(Telling(), True), (FakeDesktop(), False)])
@pytest.mark.parametrize("senses", [("tree",), ("pixels",)])
def test_what_the_desktop_tells_of_its_files_goes_with_the_tree(tmp_path, desktop, tells, senses):
    desktop.files["a.txt"] = "hello"
    told = []

    class Asks(Told):
        def next(self, scene, **rest):
            told.append(scene.files and scene.files("/home/user/a.txt"))
            return super().next(scene, **rest)

    agent = make(tmp_path / "run", [], desktop)
    agent.planner = Asks(lambda self: Done())
    agent.eyes = Eyes(senses)
    agent.run("look")
    assert told == [Filed(False, 5, 0.0) if tells and "tree" in senses else None]


def test_giving_up_has_its_reason(tmp_path):
    ending = make(tmp_path / "run", [GiveUp(reason="there is no printer")]).run("print it")
    assert (ending.outcome, ending.reason, ending.exit_code) == ("gave_up", "there is no printer", 1)
    assert_complete(tmp_path / "run", "gave_up", 1)


def test_out_of_steps(tmp_path):
    desktop = FakeDesktop()
    agent = make(tmp_path / "run", [Press(keys="a")] * 9, desktop, limits=Limits(max_steps=3, settle_seconds=0.2))
    ending = agent.run("press on")
    assert (ending.outcome, ending.steps, ending.exit_code) == ("out_of_steps", 3, 4)
    assert len(desktop.performed) == 3
    assert "3 steps" in ending.reason
    assert_complete(tmp_path / "run", "out_of_steps", 4)


def test_who_is_done_with_the_last_step_has_solved_it(tmp_path):
    agent = make(tmp_path / "run", WRITE_AND_SAVE, limits=Limits(max_steps=len(WRITE_AND_SAVE)))
    assert agent.run("write hello").outcome == "solved"


def test_out_of_time_even_when_it_only_waits(tmp_path):
    agent = make(tmp_path / "run", Told(lambda self: Wait(seconds=30)), limits=Limits(max_seconds=0.6))
    began = time.monotonic()
    ending = agent.run("wait")
    assert (ending.outcome, ending.exit_code) == ("out_of_time", 4)
    assert "0.6 s" in ending.reason
    assert time.monotonic() - began < 5
    assert_complete(tmp_path / "run", "out_of_time", 4)


def test_a_planner_that_thinks_too_long_is_asked_to_stop(tmp_path):
    def think(self):
        while not self.should_stop():
            time.sleep(0.01)
        return Press(keys="a")

    desktop = FakeDesktop()
    ending = make(tmp_path / "run", Told(think), desktop, limits=Limits(max_seconds=0.4)).run("think")
    assert ending.outcome == "out_of_time"
    assert desktop.performed == []


@pytest.mark.parametrize("wait", [Wait(seconds=60), Press(keys="a")])
def test_a_stop_from_another_thread_is_heard(tmp_path, wait):
    control = Control()
    agent = make(tmp_path / "run", Told(lambda self: wait), control=control)
    threading.Timer(0.4, control.stop).start()
    began = time.monotonic()
    ending = agent.run("go on for ever")
    assert time.monotonic() - began < 5
    assert (ending.outcome, ending.exit_code) == ("stopped", 130)
    assert_complete(tmp_path / "run", "stopped", 130)


def test_a_pause_holds_it_and_does_not_count(tmp_path):
    control = Control()
    control.pause()
    desktop = FakeDesktop()
    agent = make(tmp_path / "run", WRITE_AND_SAVE, desktop, control=control, limits=Limits(max_seconds=3))
    thread = threading.Thread(target=agent.run, args=("write",))
    thread.start()
    time.sleep(3.2)
    assert desktop.performed == []
    control.resume()
    thread.join(20)
    assert desktop.files == {"a.txt": "hello"}
    assert_complete(tmp_path / "run", "solved", 0)


def test_a_desktop_that_goes_away_ends_the_run(tmp_path):
    desktop = FakeDesktop()

    def pull_the_plug(scene):
        desktop.lost = True
        return Press(keys="a")

    ending = make(tmp_path / "run", [Launch(app="editor"), pull_the_plug], desktop).run("write")
    assert (ending.outcome, ending.exit_code) == ("broke", 3)
    assert "gone away" in ending.reason
    assert_complete(tmp_path / "run", "broke", 3)


def test_a_desktop_that_is_gone_before_the_start(tmp_path):
    assert make(tmp_path / "run", [], FakeDesktop(lost=True)).run("write").exit_code == 3
    assert_complete(tmp_path / "run", "broke", 3)


def test_a_bug_in_a_planner_is_kept_with_its_traceback(tmp_path):
    def think(self):
        raise KeyError("sneeze")

    ending = make(tmp_path / "run", Told(think)).run("write")
    assert (ending.outcome, ending.exit_code) == ("broke", 70)
    assert ending.reason == "KeyError: 'sneeze'"
    (failed,) = events(tmp_path / "run", "failed")
    assert "in think" in failed.traceback
    assert_complete(tmp_path / "run", "broke", 70)


def test_ctrl_c_that_nobody_handles_ends_the_record_and_goes_on_its_way(tmp_path):
    def think(self):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(tmp_path / "run", Told(think)).run("write")
    assert_complete(tmp_path / "run", "stopped", 130)


def test_what_cannot_be_done_is_told_to_the_planner(tmp_path):
    planner = Told(lambda self: Launch(app="frobnicator") if self.asked == 1 else GiveUp(reason=self.problems[-1]))
    ending = make(tmp_path / "run", planner).run("start it")
    assert ending.outcome == "gave_up"
    assert "no application 'frobnicator'" in ending.reason
    assert "frobnicator" in events(tmp_path / "run", "performed")[0].problem


def test_an_application_named_by_the_user_is_started_first(tmp_path):
    desktop = FakeDesktop()
    assert make(tmp_path / "run", WRITE_AND_SAVE[1:], desktop).run("write", "editor").steps == 4
    assert desktop.files == {"a.txt": "hello"}


def test_one_that_is_not_installed_ends_the_run_by_its_name(tmp_path):
    ending = make(tmp_path / "run", []).run("write", "frobnicator")
    assert (ending.outcome, ending.exit_code, ending.steps) == ("broke", 3, 0)
    assert "no application 'frobnicator'" in ending.reason
    assert_complete(tmp_path / "run", "broke", 3)


def test_a_question_gets_its_answer(tmp_path):
    planner = Told(lambda self: Ask(question="which name?") if self.asked == 1 else Done(answer=self.answers[-1]))
    assert make(tmp_path / "run", planner, answer=lambda question: "Ada").run("ask").answer == "Ada"
    assert events(tmp_path / "run", "answered")[0].question == "which name?"


def test_a_question_that_nobody_answers(tmp_path):
    ending = make(tmp_path / "run", [Ask(question="which name?")]).run("ask")
    assert (ending.outcome, ending.reason) == ("gave_up", "nobody answered: which name?")


def test_what_is_refused_is_not_done_and_the_reason_is_told(tmp_path):
    desktop = FakeDesktop()
    no = Approved(step=0, allowed=False, by="mode", reason="there is no terminal")
    ending = make(tmp_path / "run", WRITE_AND_SAVE, desktop, approve=lambda move, scene: no).run("write")
    assert (ending.outcome, ending.exit_code) == ("stopped", 130)
    assert ending.reason == "the action was not allowed: there is no terminal"
    assert desktop.performed == []


def test_a_screen_that_never_settles_does_not_hold_it_up(tmp_path):
    pictures = [(Image.new("RGB", (800, 600), (n % 256, n // 256, 0)), Tree()) for n in range(400)]
    agent = make(tmp_path / "run", [Click(at=(5, 5))] * 2, FakeDesktop(screens=pictures))
    began = time.monotonic()
    assert agent.run("click").outcome == "solved"
    assert time.monotonic() - began < 15
    assert [looked.settled for looked in events(tmp_path / "run", "looked")] == [False] * 3
    assert_complete(tmp_path / "run", "solved", 0)


def test_a_listener_that_fails_is_told_no_more_and_the_run_goes_on(tmp_path):
    heard = []
    lines = itertools.count()

    def fails(line):
        if next(lines) == 2:
            raise ValueError("no colour")

    agent = make(tmp_path / "run", WRITE_AND_SAVE, listeners=(fails, lambda line: heard.append(line.event.kind)))
    assert agent.run("write").outcome == "solved"
    (degraded,) = events(tmp_path / "run", "degraded")
    assert "no colour" in degraded.why
    assert sorted(heard) == sorted(kinds(tmp_path / "run"))
    assert_complete(tmp_path / "run", "solved", 0)


def test_nobody_reading_the_output_stops_it(tmp_path):
    def gone(line):
        raise BrokenPipeError

    desktop = FakeDesktop()
    ending = make(tmp_path / "run", [Type(text="x")] * 50, desktop, listeners=(gone,)).run("write")
    assert ending.outcome == "stopped"
    assert len(desktop.performed) == 0
    assert_complete(tmp_path / "run", "stopped", 130)
