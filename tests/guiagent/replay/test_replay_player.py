"""A recorded run done again: elsewhere, with other values, slowly, and on screens that are not what they were."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image

from grounding.change import Change, Edit
from grounding.element import Element
from guiagent.desktop.fake import CONFIRM, FIELD, NAME, SAVE, FakeDesktop
from guiagent.record import blob
from guiagent.replay import Parameter, lacking, swap_of, wanted
from guiagent.replay.healing import Bridge, errand
from guiagent.replay.player import lost
from planner.action import Click, GiveUp, Launch, Press, Type
from planner.scripted import ScriptedPlanner
from tests.guiagent.replay.recordings import Elsewhere, player, record
from tests.guiagent.runs import assert_complete, events

ICON, LABEL, ENTRY = (Element(id=role, role=role, label="", box=FIELD) for role in ("icon", "label", "text"))
BY_MOUSE = (
    Launch(app="editor"), Click(at=FIELD.centre), Type(text="hello"), Click(at=SAVE.centre), Click(at=NAME.centre),
    Press(keys="ctrl+a"), Type(text="a.txt"), Click(at=CONFIRM.centre),
)  # fmt: skip


def replayed(story, folder, desktop, **more):
    """The ending, after the record was found whole."""
    ending = player(story, folder, desktop, **more).run()
    assert_complete(folder, ending.outcome, ending.exit_code)
    return ending


def test_it_is_done_again_without_a_model(tmp_path):
    story = record(tmp_path / "run")
    desktop = FakeDesktop()
    ending = replayed(story, tmp_path / "again", desktop)
    assert (ending.outcome, ending.exit_code, desktop.files) == ("solved", 0, {"a.txt": "hello"})
    assert not events(tmp_path / "again", "asked")
    assert [type(a) for a in desktop.performed] == [Launch, Click, Type, Press, Type]


@pytest.mark.parametrize(
    "changes", [{"by": (137, 41)}, {"factor": 2.0}, {"factor": 1.3, "by": (20, 60)}, {"late": 3}], ids=str
)
def test_things_are_found_where_they_are_now(tmp_path, changes):
    story = record(tmp_path / "run", BY_MOUSE)
    desktop = Elsewhere(**changes)
    assert replayed(story, tmp_path / "again", desktop, patience=3.0).outcome == "solved"
    assert desktop.files == {"a.txt": "hello"}


def test_other_values_are_typed_and_expected(tmp_path):
    story = record(tmp_path / "run")
    assert Parameter("file", "a.txt") in story.parameters
    swap = swap_of(story.parameters, {"file": "letter.txt", "hello": "good bye"})
    desktop = FakeDesktop()
    assert replayed(story, tmp_path / "again", desktop, swap=swap).outcome == "solved"
    assert desktop.files == {"letter.txt": "good bye"}


def test_what_is_gone_stops_it_before_anything_is_pressed(tmp_path):
    story = record(tmp_path / "run", BY_MOUSE)
    desktop = Elsewhere(without="Save")
    ending = replayed(story, tmp_path / "again", desktop)
    assert (ending.outcome, ending.exit_code) == ("not_solved", 1)
    assert "the button 'Save' of window 'Editor' is not there" in ending.reason
    assert [a.kind for a in desktop.performed] == ["launch", "click", "type"]


def test_a_difference_is_shown_with_both_screens(tmp_path):
    story = record(tmp_path / "run", BY_MOUSE)
    replayed(story, tmp_path / "again", Elsewhere(without="Save"))
    [diverged] = events(tmp_path / "again", "diverged")
    assert diverged.of == 4
    assert diverged.words.startswith("click button 'Save'")
    with Image.open(blob(tmp_path / "again", diverged.picture)) as picture:
        assert picture.width > 2 * 750


def test_a_dialog_that_was_not_there_stops_it(tmp_path):
    story = record(tmp_path / "run")
    desktop = FakeDesktop(is_open=True)
    desktop.perform(Press(keys="ctrl+s"))
    done = len(desktop.performed)
    ending = replayed(story, tmp_path / "again", desktop)
    assert "a dialog that was not there before is in the way: 'Save As'" in ending.reason
    assert [a.kind for a in desktop.performed[done:]] == ["launch"]


def test_what_had_no_effect_stops_it(tmp_path):
    story = record(tmp_path / "run")
    ending = replayed(story, tmp_path / "again", Elsewhere(deaf=99))
    assert "after it, field should hold 'hello', and holds nothing" in ending.reason


def test_a_click_that_a_busy_program_lost_is_made_once_more(tmp_path):
    story = record(tmp_path / "run", (Launch(app="editor"), Click(at=SAVE.centre), Click(at=CONFIRM.centre)))
    desktop = Elsewhere(deaf=1)
    assert replayed(story, tmp_path / "again", desktop).outcome == "solved"
    assert desktop.files == {"untitled.txt": ""}


@pytest.mark.parametrize(
    ("count", "change", "again"),
    [
        (1, Change(), True), (1, Change(states=(Edit(ICON, "", "selected"),)), False),
        (2, Change(states=(Edit(ICON, "", "selected"),), texts=(Edit(LABEL, "8 items", "Downloads"),)), True),
        (2, Change(states=(Edit(ICON, "", "checked"),)), False), (2, Change(retitled=(("home", "Downloads"),)), False),
        (2, Change(texts=(Edit(ENTRY, "", "a"),)), False),
    ],
)  # fmt: skip
def test_of_a_double_click_the_first_half_may_have_been_heard(count, change, again):
    assert lost(Click(at=FIELD.centre, count=count), change) is again


def test_the_agent_brings_it_back_where_it_may(tmp_path):
    story = record(tmp_path / "run")
    desktop = FakeDesktop(is_open=True)
    desktop.perform(Press(keys="ctrl+s"))
    play = player(story, tmp_path / "again", desktop)
    play.heal = Bridge(play.hand, ScriptedPlanner([Press(keys="Escape")]))
    assert (play.run().outcome, play.healed, desktop.files) == ("solved", 1, {"a.txt": "hello"})
    assert events(tmp_path / "again", "diverged")


def test_an_agent_that_gives_up_ends_it(tmp_path):
    story = record(tmp_path / "run", BY_MOUSE)
    play = player(story, tmp_path / "again", Elsewhere(without="Save"))
    play.heal = Bridge(play.hand, ScriptedPlanner([GiveUp(reason="no")]))
    assert play.run().outcome == "not_solved"
    assert play.diverged is not None
    assert errand(play.diverged) == "Click button 'Save' in window 'Editor'."


def test_the_pace_of_the_recording_is_kept_where_it_is_wanted(tmp_path):
    story = record(tmp_path / "run")
    play = player(story, tmp_path / "again", FakeDesktop())
    from dataclasses import replace

    from guiagent.replay import Pace

    play.story = replace(story, beats=tuple(replace(beat, took=0.4) for beat in story.beats))
    play.pace = Pace(speed=2.0)
    assert play.run().seconds >= 0.2 * (len(story.beats) - 1)


def test_whoever_stops_it_ends_it(tmp_path):
    story = record(tmp_path / "run")
    play = player(story, tmp_path / "again", FakeDesktop())
    play.hand.control.stop()
    assert play.run().outcome == "stopped"
    assert_complete(tmp_path / "again", "stopped", 130)


def test_words_that_came_up_count_only_where_no_field_or_window_tells_of_it(tmp_path):
    story = record(tmp_path / "run")
    beat = next(beat for beat in story.beats if isinstance(beat.action, Type))
    told = replace(wanted(beat), signs=("Undo typing",))
    assert told.texts
    assert lacking(told, beat.before, beat.after) == ""
    assert "'Undo typing' should have appeared" in lacking(replace(told, texts=()), beat.before, beat.after)
