"""What a window says, as the model copies it out: only words that stand there are believed."""

from __future__ import annotations

import pytest

from grounding import Finder
from planner.appmap import AppMap
from planner.extract import FRAGMENTS, closest, extract, fragments, stands_in, told
from planner.hands import Hands
from runtime.scripted import ScriptedModel
from tests.planner.driving import Run
from tests.planner.toy import Toy
from tests.planner.toy_apps import Pad

TRIP = "Trip to Graz\nDeparture: 09:42\nArrival: 12:15\n"


def looking_at(text: str) -> Hands:
    toy = Toy()
    toy.open(Pad(toy, text=text))
    hands = Hands(Finder(), AppMap(), toy.facts)
    hands.task = "Write the departure time into a.txt."
    hands.see(toy.look())
    return hands


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("09:42", "09:42"),
        ("Departure: 09:42\nand more", "Departure: 09:42"),
        ('"12:15"', "12:15"),
        ("none", ""),
        ("", ""),
    ],
)
def test_only_words_that_stand_there_are_believed(reply, value):
    asked = []
    model = ScriptedModel([reply])
    assert extract(model, looking_at(TRIP), "departure time", asked.append) == value
    assert "Departure: 09:42" in asked[0].prompt[0].text


@pytest.mark.parametrize("made_up", ["09:43", "9:4", "0316 4455"])
def test_what_does_not_stand_there_is_chosen_among_what_does(made_up):
    asked = []
    model = ScriptedModel([made_up], scores={"A": 0.1, "B": 0.2, "C": 0.7})
    value = extract(model, looking_at(TRIP), "departure time", asked.append)
    shown = asked[1].prompt[0].text
    assert f"\nC: {value}\n" in shown
    assert "\nB: " in shown


def test_none_of_them_is_none():
    assert extract(ScriptedModel(["made up"]), looking_at(TRIP), "price", lambda _: None) == ""


def test_the_things_that_lines_say():
    assert fragments(["Phone: 12 | Fax: 13", "Open"], "phone") == ["12", "Phone: 12", "13", "Fax: 13", "Open"]
    many = [f"Line {n}: {n}" for n in range(50)]
    assert "Phone: 12" in fragments([*many, "Phone: 12"], "phone number")
    assert len(fragments(many, "x")) == FRAGMENTS


def test_a_window_that_says_nothing_is_not_asked_about():
    hands = looking_at("")
    hands.see(Toy().look())
    model = ScriptedModel(["x"])
    assert extract(model, hands, "x", lambda _: None) == ""
    assert model.asked == []


def test_lines_stand_in_their_order():
    lines = told(looking_at(TRIP))
    places = [next(n for n, line in enumerate(lines) if word in line) for word in ("Graz", "09:42", "12:15")]
    assert places == sorted(places)


def test_of_a_long_page_the_lines_about_it_are_kept_with_their_neighbours():
    lines = [f"line {n} of nothing in particular" for n in range(200)]
    lines[120:122] = ["Departure of the boat", "09:42"]
    kept = closest(lines, "departure", most=400)
    assert {"Departure of the boat", "09:42"} <= set(kept)
    assert sum(map(len, kept)) <= 440


def test_part_of_a_word_is_not_a_word():
    assert stands_in("Graz", ["Trip to Graz"])
    assert not stands_in("Gra", ["Trip to Graz"])


def test_a_value_that_is_read_is_used_by_the_lines_after_it():
    toy = Toy()
    toy.open(Pad(toy, text=TRIP, file="/home/user/trip.txt"))
    plan = 'note("departure", "the hour of leaving")\nappend("\\nAt $departure")\ndone()\n'
    run = Run(toy, [plan, "09:42"], task="Note the hour of leaving below, after At.")
    assert toy.panes[-1].text.endswith("\nAt 09:42"), run.end  # type: ignore[attr-defined]
