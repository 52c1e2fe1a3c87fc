"""What the task asks for by the name of a command, and things that an application keeps: which lines that gives."""

from __future__ import annotations

import pytest

from planner.amend_commands import _ADDED
from tests.planner.test_amend import amended, with_letter
from tests.planner.toy import HOME, Item, Toy
from tests.planner.toy_apps import Filer, Pad, Table


class Mangler(Pad):
    """An editor with a command that no skill knows of."""

    def menus(self) -> dict[str, list[Item]]:
        return {**super().menus(), "Tools": [Item("Frobnicate Text", self.leave)]}


@pytest.mark.parametrize(
    ("task", "what", "name"),
    [
        ("Create a new node called Recipes in CherryTree and save it.", "node", "Recipes"),
        ("Add a task called Call the dentist in Osmo.", "task", "Call the dentist"),
        ("Add a bookmark titled 'News' for the page.", "bookmark", "News"),
        ("Add a contact named Ann Lee with the phone 123", "contact", "Ann Lee"),
    ],
)
def test_a_thing_that_is_to_be_added_is_told_with_its_name(task, what, name):
    said = _ADDED.search(task)
    assert said is not None
    assert (said["what"], said["name"]) == (what, name)


@pytest.mark.parametrize(
    "task",
    ["Create a folder named Taxes in Documents.", "Make a text file called notes.txt.", "Create a file named a.txt."],
)
def test_files_and_folders_are_not_such_things(task):
    assert _ADDED.search(task) is None


def test_an_application_without_such_a_command_keeps_its_lines():
    lines = ('write("Recipes")', "done()")
    assert amended("Create a node called Recipes.", with_letter(""), *lines)[0] == list(lines)


def test_a_command_whose_name_the_task_says_is_given_before_saving():
    toy = Toy()
    toy.open(Mangler(toy, text="x", file=f"{HOME}/letter.txt"))
    lines, why = amended("Frobnicate the text and save it.", toy, "save()", "done()")
    assert lines == ['menu("Tools > Frobnicate Text")', "save()", "done()"]
    assert len(why) == 1


def test_what_a_skill_is_for_is_left_to_it():
    lines, _ = amended("Undo the last change.", with_letter(), "undo()", "done()")
    assert lines == ["undo()", "done()"]


def sheet() -> Toy:
    toy = Toy()
    toy.open(Table(toy, cells={"A1": "rent", "B1": "700", "B2": "250", "B3": "50"}))
    return toy


@pytest.mark.parametrize(
    ("task", "formula"),
    [("Put the sum of column B into B4.", "=SUM(B1:B3)"), ("Put the sum of B2:B3 into B4.", "=SUM(B2:B3)")],
)
def test_a_formula_takes_all_numbers_of_a_column_unless_the_task_says_which(task, formula):
    lines, _ = amended(task, sheet(), 'set_cell("B4", "=SUM(B2:B3)")', "done()")
    assert lines[0] == f'set_cell("B4", "{formula}")'


@pytest.mark.parametrize(
    ("task", "line"),
    [
        ("Sort the rows by the second column, highest first.", 'sort_rows("A1:B3", "descending", "B")'),
        ("Sort the rows by column B.", 'sort_rows("A1:B3", "ascending", "B")'),
        ("Sort the rows.", 'sort_rows("A2:B3", "ascending")'),
    ],
)
def test_rows_are_sorted_by_the_column_that_is_said(task, line):
    lines, _ = amended(task, sheet(), 'sort_rows("A2:C9", "ascending")', "done()")
    assert lines[0] == line


@pytest.mark.parametrize("task", ["Move junk.log to the trash.", "Put junk.log into the bin."])
def test_what_goes_to_the_trash_is_deleted(task):
    toy = Toy()
    toy.open(Filer(toy))
    lines, _ = amended(task, toy, 'move_file("junk.log", "~")', "empty_trash()", "done()")
    assert lines == ['delete_file("junk.log")', "done()"]


class Greyer(Pad):
    """An editor whose command is called otherwise than people call it."""

    def menus(self) -> dict[str, list[Item]]:
        return {**super().menus(), "Colours": [Item("Grayscale", self.leave), Item("Spreadsheet", self.leave)]}


def test_a_plan_that_does_nothing_takes_a_command_that_means_what_is_said():
    toy = Toy()
    toy.open(Greyer(toy, text="x", file=f"{HOME}/letter.txt"))
    lines, _ = amended("Turn letter.txt black and white and save it.", toy, "save()", "done()")
    assert lines == ['menu("Colours > Grayscale")', "save()", "done()"]


def test_saving_under_a_name_is_doing_something():
    toy = Toy()
    toy.open(Greyer(toy, text="x", file=f"{HOME}/letter.txt"))
    lines, _ = amended("Save the sheet as a.csv.", toy, 'save_as("a.csv")', "done()")
    assert lines == ['save_as("a.csv")', "done()"]


@pytest.mark.parametrize(
    ("command", "meant"),
    [
        ("wc -l words.txt", "wc -l < words.txt"),
        ("echo $(wc -l a.txt) > n.txt", "echo $(wc -l < a.txt) > n.txt"),
        ("cat a.txt | wc -l", "cat a.txt | wc -l"),
        ("wc -l < a.txt > n.txt", "wc -l < a.txt > n.txt"),
        ("wc -l a.txt b.txt", "wc -l a.txt b.txt"),
    ],
)
def test_where_a_number_is_wanted_it_is_counted_alone(command, meant):
    assert amended("Find out the number of lines.", Toy(), f'run_command("{command}")', "done()")[0][0] == (
        f'run_command("{meant}")'
    )
    assert amended("Show the lines.", Toy(), f'run_command("{command}")', "done()")[0][0] == f'run_command("{command}")'


def test_what_is_to_be_replaced_is_not_written_over():
    plan = ('rewrite("colour")', 'rewrite("color")', "save()", "done()")
    assert amended("Replace colour by color everywhere and save it.", with_letter(), *plan)[0] == [
        'replace_all("colour", "color")', "save()", "done()"
    ]  # fmt: skip
    assert amended("Write color instead of all of it and save.", with_letter(), *plan[1:])[0] == list(plan[1:])
