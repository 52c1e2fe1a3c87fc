"""What of a recording may vary, and what is put in its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiagent.replay import Parameter, Swap, parameters, swap_of
from planner.action import Launch, Press, Type
from planner.planner import Step
from runtime.errors import UsageError

KNOWN = (Parameter("text", "hello"), Parameter("name", "Documents/trains.txt"), Parameter("file", "notes.txt"))


def test_a_plan_names_its_arguments_and_the_rest_is_text_or_file():
    actions = [Launch(app="pad", files=("a.txt",)), Type(text="hello"), Press(keys="ctrl+s"), Type(text="b.txt\n")]
    step = Step(number=1, skill="save_as", arguments={"name": "b.txt", "unused": "x"})
    assert parameters("do it", actions, [step]) == (
        Parameter("name", "b.txt"), Parameter("file", "a.txt"), Parameter("text", "hello"),
    )  # fmt: skip


def test_a_path_that_holds_a_parameter_is_none_of_its_own():
    step = Step(number=1, skill="save_as", arguments={"name": "Documents/b.txt"})
    assert parameters("do it", [Type(text="/home/u/Documents/b.txt")], [step]) == (
        Parameter("name", "Documents/b.txt"),
    )


def test_a_file_has_another_name_in_titles_too():
    swap = swap_of(KNOWN, {"name": "Documents/buses.txt"})
    assert swap("~/Documents/trains.txt - Mousepad") == "~/Documents/buses.txt - Mousepad"
    assert swap("trains - Editor") == "buses - Editor"
    assert swap("constrains") == "constrains"


def test_the_last_part_of_a_file_does_as_its_name():
    assert swap_of(KNOWN, {"trains.txt": "buses.txt"})("/tmp/x/Documents/trains.txt") == "/tmp/x/Documents/buses.txt"


def test_home_is_where_this_desktop_has_it():
    swap = swap_of(KNOWN, {}, ("/tmp/old/home", "/home/user"))
    assert swap.action(Type(text="/tmp/old/home/Documents/a.txt")) == Type(text="/home/user/Documents/a.txt")


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"nmae": "x"}, "do you mean name"), ({"text": ""}, "given nothing"),
        ({"text": "a\x1bb"}, "U\\+001B"), ({"text": "x" * 5000}, "5000 characters"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused(given_, words):
    with pytest.raises(UsageError, match=words):
        swap_of(KNOWN, given_)


@given(st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=8), max_size=4), st.text(max_size=40))
def test_putting_in_never_fails_and_a_whole_text_is_replaced(pairs, text):
    swap = Swap(pairs)
    assert isinstance(swap(text), str)
    for old, new in pairs.items():
        assert swap(old) == new


def test_a_sentence_in_which_the_name_of_a_file_stands_by_chance_stays():
    known = (Parameter("text", "The meeting is on Monday."), Parameter("name", "Documents/meeting.txt"))
    swap = swap_of(known, {"meeting.txt": "lunch.txt"})
    assert swap("The meeting is on Monday.") == "The meeting is on Monday."
    assert swap("~/Documents/meeting.txt - Mousepad") == "~/Documents/lunch.txt - Mousepad"
    assert swap("meeting - Editor") == "lunch - Editor"
