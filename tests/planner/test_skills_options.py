"""Options where a window of its own is there to set them: pages, lists of all that can be chosen, a button to apply."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from grounding import Box
from grounding.facts import App
from tests.planner.driving import do
from tests.planner.toy import Dialog, Pane, Part, Toy
from tests.planner.toy_apps import Pad

LOOKS = App(id="looks", name="Looks", command=("looks",), categories=("Settings", "GTK"))
THEMES = ("Adwaita", "Arc", "Breeze", "Clear", "Mist", "Numix", "Onyx", "Raleigh")
SHOWN = 3
"""Items of a list that fit into it."""


@dataclass
class Looks(Pane):
    """Two pages, each with a list that is longer than its window, and a button that makes it so."""

    title: str = "Customize"
    app: str = "looks"
    role: str = "dialog"
    page: str = "Widget"
    first: int = 0
    chosen: dict[str, str] = field(default_factory=dict)
    applied: dict[str, str] = field(default_factory=dict)

    def parts(self) -> list[Part]:
        found = [Part("list", "table", "", Box(150, 200, 400, 400))]
        for column, name in enumerate(("Widget", "Icon Theme")):
            box = Box(150 + 90 * column, 150, 235 + 90 * column, 175)
            states = frozenset({"selected"} if name == self.page else ())
            found.append(Part(f"tab-{name}", "tab", name, box, states=states, click=lambda n=name: self.turn(n)))
        for row, name in enumerate(THEMES[self.first : self.first + SHOWN]):
            box = Box(160, 210 + 40 * row, 390, 240 + 40 * row)
            states = frozenset({"selected"} if self.chosen.get(self.page) == name else ())
            found.append(Part(f"c-{name}", "cell", name, box, states=states, click=lambda n=name: self.choose(n)))
        found.append(Part("apply", "button", "Apply", Box(500, 500, 600, 540), click=self.apply))
        return found

    def turn(self, page: str) -> None:
        self.page, self.first = page, 0

    def choose(self, name: str) -> None:
        self.chosen[self.page] = name

    def apply(self) -> None:
        self.applied = dict(self.chosen)

    def scroll(self, notches: int) -> None:
        self.first = max(0, min(len(THEMES) - SHOWN, self.first + notches))

    def press(self, chord: str) -> None:
        if chord == "Escape":
            self.close()


def looks(role: str = "dialog") -> tuple[Toy, Looks]:
    toy = Toy()
    toy.facts = toy.facts.model_copy(update={"apps": (*toy.facts.apps, LOOKS)})
    pane = Looks(toy, role=role)
    toy.open(pane)
    return toy, pane


@pytest.mark.parametrize("role", ["dialog", "window"])
@pytest.mark.parametrize("value", ["Arc", "Onyx"])
def test_what_an_option_is_set_to_is_chosen_in_the_list_of_its_page(role, value):
    toy, pane = looks(role)
    assert do(toy, f'set_option("Icon theme", "{value}")').worked is True
    assert pane.applied == {"Icon Theme": value}


def test_a_list_on_the_page_that_is_shown_will_do_where_no_page_is_called_so():
    toy, pane = looks()
    assert do(toy, 'set_option("Theme of the windows", "Raleigh")').worked is True
    assert pane.applied == {"Widget": "Raleigh"}


def test_what_no_list_has_is_not_chosen():
    toy, pane = looks()
    assert do(toy, 'set_option("Icon theme", "Nowhere")').worked is False
    assert pane.chosen == {}


def test_a_dialog_that_is_all_of_its_application_is_not_in_the_way():
    toy, pane = looks()
    do(toy, 'set_option("Icon theme", "Arc")')
    assert pane in toy.panes


def test_a_dialog_of_an_application_that_shows_more_is_still_closed_first():
    toy = Toy()
    toy.open(Pad(toy, text="x"))
    question = Dialog(toy, "Tip of the day", says="Did you know?", buttons={})
    question.buttons = {"Close": question.close}
    toy.open(question)
    assert do(toy, 'append("y")').worked is True
    assert question not in toy.panes
