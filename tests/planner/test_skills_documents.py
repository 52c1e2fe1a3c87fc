"""Skills for documents on a desktop in memory: what they leave behind, and whether they know how it went."""

from __future__ import annotations

import pytest

from planner.action import Type
from planner.skills.searching import _once
from tests.planner.driving import Run, do
from tests.planner.setting import DOCUMENTS, filer, only, pad, text_of
from tests.planner.toy import HOME, Box, Dialog, Pane, Part, Toy, Ways, entry, label
from tests.planner.toy_apps import Abacus, Filer, Pad
from tests.planner.toy_starts import Clerk


@pytest.mark.parametrize(
    "ways",
    [
        Ways(),
        Ways(name_label="File name"),
        Ways(name_label="Speichern unter:"),
        Ways(shortcuts=False),
        Ways(dead=("ctrl+shift+s",)),
        Ways(wait=2),
        Ways(menus=False),
    ],
    ids=["plain", "name", "german", "no shortcut", "dead shortcut", "slow", "no menus"],
)
def test_save_as(ways):
    toy = pad("some words", ways)
    effect = do(toy, 'save_as("notes.txt")')
    assert toy.files == {f"{DOCUMENTS}/notes.txt": "some words"}
    assert effect.worked is True
    assert only(toy).title == "notes.txt - Pad"
    assert toy.actions <= 9


@pytest.mark.parametrize(
    ("name", "kept"),
    [("a.txt", "Text (.txt)"), ("a.rtf", "Rich text (*.rtf)"), ("a.own", "Own format (.own, .ow)"),
     ("a", "Own format (.own, .ow)"), ("a.xyz", "Own format (.own, .ow)")],
)  # fmt: skip
def test_save_as_chooses_the_type_that_the_name_ends_in(name, kept):
    toy = Toy()
    toy.open(Clerk(toy, text="words"))
    assert do(toy, f'save_as("{name}")').worked is True
    assert toy.files == {f"{DOCUMENTS}/{name}": f"words as {kept}"}


def test_save_as_below_a_folder():
    toy = pad("x")
    assert do(toy, 'save_as("Work/a b.txt")').worked
    assert toy.files == {f"{HOME}/Work/a b.txt": "x"}


@pytest.mark.parametrize("wait", [0, 1, 2])
def test_save_as_answers_the_question_whether_to_overwrite(wait):
    toy = pad("new", Ways(wait=wait), {f"{DOCUMENTS}/a.txt": "old"})
    assert do(toy, 'save_as("a.txt")').worked is True
    assert toy.files == {f"{DOCUMENTS}/a.txt": "new"}
    assert only(toy).title == "a.txt - Pad"


def test_save_as_closes_a_dialog_that_is_in_the_way():
    toy = pad("x")
    toy.open(Dialog(toy, "Tip of the day", says="Did you know?", buttons={"Next tip": lambda: None}))
    assert do(toy, 'save_as("a.txt")').worked
    assert list(toy.files) == [f"{DOCUMENTS}/a.txt"]


def test_save_as_knows_when_no_dialog_comes():
    toy = pad("x", Ways(menus=False, shortcuts=False))
    toy.pane(Pad).menus = dict  # type: ignore[method-assign]
    effect = do(toy, 'save_as("a.txt")')
    assert (effect.worked, toy.files) == (False, {})
    assert "no dialog" in effect.why


def test_save_as_waits_for_the_title():
    toy = pad("x", Ways(title_wait=2))
    toy.look(), toy.look()
    assert do(toy, 'save_as("a.txt")').worked is True


def test_a_title_that_still_has_its_star_is_no_proof_of_saving():
    toy = pad("x", file=f"{DOCUMENTS}/a.txt", modified=True)
    toy.pane(Pad)._write = lambda path: None  # type: ignore[attr-defined]  # the disk is full, and it says nothing
    assert do(toy, 'save_as("a.txt")').worked is not True


@pytest.mark.parametrize("ways", [Ways(), Ways(shortcuts=False), Ways(menus=False)])
def test_save(ways):
    toy = pad("new", ways, file=f"{DOCUMENTS}/a.txt", modified=True)
    assert do(toy, "save()").worked is True
    assert toy.files == {f"{DOCUMENTS}/a.txt": "new"}
    assert toy.actions <= 3


def test_save_of_a_document_without_a_name_says_what_is_needed():
    toy = pad("new")
    effect = do(toy, "save()")
    assert effect.worked is False
    assert "save_as" in effect.why


def test_save_tries_another_way_when_the_title_keeps_its_star():
    toy = pad("new", Ways(dead=("ctrl+s",)), file=f"{DOCUMENTS}/a.txt", modified=True)
    Run(toy, ["save()\ndone()\n"] * 3, scores={"yes": 0.5, "no": 0.5})
    assert toy.files == {f"{DOCUMENTS}/a.txt": "new"}


@pytest.mark.parametrize(
    "ways",
    [
        Ways(),
        Ways(replace_all="option"),
        Ways(find_label="Find what:"),
        Ways(shortcuts=False),
        Ways(dead=("ctrl+r",)),
        Ways(wait=2),
    ],
    ids=["button", "option", "find what", "no shortcut", "dead shortcut", "slow"],
)
def test_replace_all(ways):
    toy = pad("Monday, Monday\nand Monday", ways)
    assert do(toy, 'replace_all("Monday", "Friday")').worked is True
    assert text_of(toy) == "Friday, Friday\nand Friday"
    assert toy.actions <= 10
    assert len(toy.panes) == 1


class WithBar(Pad):
    """An editor that replaces in a bar below its text, which the shortcut opens and closes."""

    def replace(self) -> None:
        shown = bool(self.values)
        self.values, self.focus = ({}, "text") if shown else ({"find": "", "with": ""}, "find")

    def parts(self) -> list[Part]:
        if not self.values:
            return super().parts()
        box = Box(600, 510, 700, 534)
        return [
            *super().parts(),
            label("l-find", "Find:", 480),
            entry("find", "", self.values["find"], 480),
            label("l-with", "Replace with:", 510),
            entry("with", "", self.values["with"], 510),
            Part("all", "button", "Replace All", box, click=self.every),
        ]

    def every(self) -> None:
        self.text = self.text.replace(self.values["find"], self.values["with"])

    def press(self, chord: str) -> None:
        if self.focus in self.values and chord != "Escape":
            Pane.press(self, chord)
        elif not self.values:
            super().press(chord)

    def type(self, text: str) -> None:
        Pane.type(self, text) if self.focus in self.values else super().type(text)


def test_replace_all_in_a_bar():
    toy = Toy()
    toy.open(WithBar(toy, text="Monday, Monday"))
    assert do(toy, 'replace_all("Monday", "Friday")').worked is True
    assert toy.pane(WithBar).text == "Friday, Friday"
    assert toy.actions <= 10


def test_replace_all_by_a_text_that_holds_the_first_does_it_once():
    toy = pad("cat")
    assert do(toy, 'replace_all("cat", "cat and cat")').worked is not False
    assert text_of(toy) == "cat and cat"


def test_replace_all_does_not_claim_what_was_never_there():
    assert do(pad("nothing of that kind"), 'replace_all("Monday", "Friday")').worked is not True


def test_replace_all_looks_at_the_right_document():
    toy = Toy()
    toy.open(Pad(toy, text="a long document of another window " * 9))
    toy.open(Pad(toy, text="Monday", box=Box(40, 40, 400, 300)))
    toy.panes[-1].replace = lambda: toy.open(Dialog(toy, "Replace", modal=False, buttons={"Close": lambda: None}))
    assert do(toy, 'replace_all("Monday", "Friday")').worked is not True


@pytest.mark.parametrize("ways", [Ways(), Ways(shortcuts=False), Ways(dead=("ctrl+o",)), Ways(wait=2)])
def test_open_file(ways):
    toy = pad("", ways, {f"{DOCUMENTS}/a.txt": "inside", f"{HOME}/a.txt": "no"})
    assert do(toy, 'open_file("Documents/a.txt")').worked is True
    assert text_of(toy) == "inside"
    assert toy.actions <= 8


def test_open_file_that_is_not_there():
    toy = pad("")
    assert do(toy, 'open_file("nowhere.txt")').worked is False


def test_open_file_in_a_window_of_its_own():
    toy = pad("", Ways(own_window=True), {f"{DOCUMENTS}/a.txt": "inside"})
    effect = do(toy, 'open_file("a.txt")')
    assert toy.panes[-1].text == "inside"  # nothing was typed into it
    assert effect.worked is True


def test_write_append_prepend_and_rewrite():
    toy = pad("one\n")
    for line in ('append("three\\n")', 'prepend("zero\\n")'):
        assert do(toy, line).worked is True
    assert text_of(toy) == "zero\none\nthree\n"
    assert do(toy, 'rewrite("all \\"new\\"")').worked is True
    assert text_of(toy) == 'all "new"'


def test_write_starts_an_application_that_can():
    toy = Toy()
    toy.open(Abacus(toy))
    assert do(toy, 'write("hello")').worked is True
    assert text_of(toy) == "hello"


def test_write_does_not_write_into_a_location_field():
    toy = filer()
    do(toy, 'write("hello")')
    assert toy.pane(Filer).values == {"path": HOME}
    assert text_of(toy) == "hello"


def test_where_no_window_of_the_kind_can_be_had_nothing_is_typed():
    toy = Toy()
    toy.open(Abacus(toy))
    toy.launches["pad"] = lambda: None
    assert do(toy, 'write("2")').worked is False
    assert not any(isinstance(action, Type) for action in toy.done)


def test_rewrite_does_not_claim_it_while_the_old_text_stands():
    toy = pad("old", Ways(dead=("ctrl+a",)))
    effect = do(toy, 'rewrite("new")')
    assert effect.worked is not True


def test_append_does_not_claim_a_text_that_stood_there_before():
    toy = pad("milk")
    toy.pane(Pad).type = lambda text: None  # type: ignore[method-assign]  # nothing arrives
    assert do(toy, 'append("milk")').worked is not True


def test_a_text_that_is_corrected_while_typing_is_not_typed_again():
    toy = pad("", Ways(corrects=lambda text: text.replace('"', "”")))
    Run(toy, ['append("say \\"hi\\" twice")\ndone()\n'] * 3)
    assert text_of(toy).count("hi") == 1


def test_find_text():
    toy = pad("the budget of today")
    assert do(toy, 'find_text("budget")').worked is not False
    assert toy.pane(Pad).selected == (4, 10)  # type: ignore[attr-defined]
    assert text_of(toy) == "the budget of today"


@pytest.mark.parametrize("line", ['find_text("budget")', 'format_text("budget", "bold")'])
def test_where_nothing_can_be_searched_the_document_stays_as_it_is(line):
    toy = pad("the budget", Ways(finds=False))
    do(toy, line)
    assert text_of(toy) == "the budget"


def test_delete_line():
    toy = pad("a\nb\nc\n")
    assert do(toy, "delete_line(2)").worked is True
    assert text_of(toy) == "a\nc\n"


def test_the_same_line_may_be_deleted_twice():
    toy = pad("a\nb\nc\n")
    Run(toy, ["delete_line(1)\ndelete_line(1)\ndone()\n"])
    assert text_of(toy) == "c\n"


@pytest.mark.parametrize(("unsaved", "files"), [("", {}), (', "discard"', {})])
def test_close_and_lose_the_changes(unsaved, files):
    toy = pad("x", modified=True)
    line = "close()" if not unsaved else 'close("discard")'
    assert do(toy, line).worked is True
    assert (toy.panes, toy.files) == ([], files)


def test_close_takes_no_other_window_along():
    toy = Toy()
    toy.open(Pad(toy, text="mine"))
    toy.open(Pad(toy, text="old", file=f"{DOCUMENTS}/b.txt"))
    assert do(toy, "close()").worked is True
    assert only(toy).text == "mine"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("line", "then"),
    [
        ('upper_case("budget")', "the BUDGET\nand more\n"),
        ('upper_case("")', "THE BUDGET\nAND MORE\n"),
        ('title_case("and more")', "the budget\nAnd More\n"),
        ('insert_line(1, "first")', "first\nthe budget\nand more\n"),
        ('insert_line(3, "last")', "the budget\nand more\nlast"),
        ('replace_line(2, "no more")', "the budget\nno more"),
        ("move_line(2, 1)", "and more\nthe budget"),
        ("sort_lines()", "and more\nthe budget"),
        ('sort_lines("descending")', "the budget\nand more\n"),
        ('insert_after("budget", " of May")', "the budget of May\nand more\n"),
    ],
)
def test_lines_are_changed_and_nothing_else(line, then):
    toy = pad("the budget\nand more\n", Ways(finds=False))
    assert do(toy, line).worked is True
    assert text_of(toy).rstrip("\n") == then.rstrip("\n")


@pytest.mark.parametrize(
    "line", ["delete_line(4)", 'insert_line(9, "x")', "move_line(1, 4)", 'insert_after("no", "x")']
)
def test_a_line_or_text_that_is_not_there_is_told_and_nothing_changes(line):
    toy = pad("a\nb\nc\n")
    assert do(toy, line).worked is False
    assert text_of(toy) == "a\nb\nc\n"
    assert toy.actions == 0


@pytest.mark.parametrize("attempt", [0, 1])
def test_where_other_letters_arrive_the_lines_are_left_as_they_were(attempt):
    toy = pad("c\nb\na\n", Ways(finds=False, corrects=lambda text: text.replace("z", "?")))
    assert do(toy, 'replace_line(3, "z")', attempt=attempt).worked is False
    assert text_of(toy) == "c\nb\na\n"


def test_what_a_document_says_is_noted():
    toy = pad("two words\nand more\n")
    assert do(toy, "read_document()").value == "two words\nand more"
    assert do(toy, "count_words()").value == "4"


@pytest.mark.parametrize(("before", "after"), [("one\n", "one\ntwo"), ("one", "one\ntwo")])
def test_a_line_at_the_end_leaves_no_empty_one_before_it(before, after):
    toy = Toy()
    toy.open(Pad(toy, text=before))
    assert do(toy, 'append("\\ntwo")').worked is True
    assert toy.pane(Pad).text == after


@pytest.mark.parametrize(
    ("label", "said"),
    [("replace all replace all", "replace all"), ("replace all f10", "replace all f10"), ("yes", "yes"), ("", "")],
)
def test_a_label_that_is_told_twice_is_one(label, said):
    assert " ".join(_once(label.split())) == said
