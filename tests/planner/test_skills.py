"""The skills on a desktop in memory: what they leave behind, in how many actions, and whether they know how it went."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

from planner import skills
from planner.action import Launch, Type
from planner.skills import LIBRARY
from planner.skills.skill import ANNOTATIONS, CHOICES, skill
from tests.planner.driving import Run, do
from tests.planner.marks import fault
from tests.planner.toy import HOME, Abacus, Box, Dialog, Filer, Pad, Pane, Part, Table, Toy, Ways

DOCUMENTS = f"{HOME}/Documents"


def pad(text: str = "hello", ways: Ways | None = None, files: dict[str, str] | None = None, **rest) -> Toy:
    """A desktop with an open editor."""
    toy = Toy(files, ways)
    toy.open(Pad(toy, text=text, **rest), wait=0)
    return toy


def filer(*names: str, ways: Ways | None = None, folder: str = HOME) -> Toy:
    """A desktop with a file manager; every file holds its own name."""
    toy = Toy({name if name.startswith("/") else f"{HOME}/{name}": name for name in names}, ways)
    toy.open(Filer(toy, folder=folder), wait=0)
    return toy


def text_of(toy: Toy) -> str:
    return toy.pane(Pad).text  # type: ignore[attr-defined]


def only(toy: Toy) -> Pane:
    """The one window that is left."""
    (pane,) = toy.panes
    return pane


# -- the library -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(LIBRARY))
def test_a_skill_says_what_it_does_in_one_line(name):
    about = LIBRARY[name].about
    assert re.fullmatch(r"[^\n]{8,120}", about), about
    assert not about.endswith(".")


@pytest.mark.parametrize("name", sorted(LIBRARY))
def test_a_skill_has_parameters_that_the_library_understands(name):
    entered = LIBRARY[name]
    assert inspect.isgeneratorfunction(entered.body)
    assert not entered.body.__doc__, "what it does stands in its one line"
    assert list(inspect.signature(entered.body).parameters)[1:] == [p.name for p in entered.parameters]
    must = [p.optional for p in entered.parameters]
    assert must == sorted(must), "what may be left out comes last"
    assert sum(must) <= 1, "of two that may be left out the first could not be"
    for parameter in entered.parameters:
        assert parameter.type in ANNOTATIONS.values()
        assert bool(parameter.choices) == (parameter.type == "choice")


def test_the_skills_of_the_design_are_there():
    wanted = """save_as replace_all set_cell rename_file move_file calculate set_option format_text extract_archive
    launch menu click type press select drag scroll wait note ask done give_up""".split()
    assert set(wanted) <= set(LIBRARY)
    assert [name for name, s in LIBRARY.items() if s.ends()] == ["done", "give_up"]


def test_what_may_lose_something_is_called_sensitive():
    assert {name for name, s in LIBRARY.items() if s.risk == "sensitive"} >= {"delete_file", "close"}


def test_a_parameter_of_an_unknown_type_is_refused():
    with pytest.raises(ValueError, match="parameter when has an annotation that no skill knows: Date"):

        @skill("do it some day")
        def some_day(hands, when: Date):  # type: ignore[name-defined]  # noqa: F821
            yield


def test_two_skills_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two skills are called save"):

        @skill("keep it")
        def save(hands):
            yield


def test_a_skill_names_no_application_of_the_tests_either():
    folder = Path(skills.__file__).parent
    words = re.compile(r"\b(pad|abacus|filer|table|mousepad|galculator|pcmanfm|libreoffice|writer|calc)\b", re.I)
    strings = [
        node.value
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert [text for text in strings if words.search(text)] == []
    assert not words.search((folder / "concepts.toml").read_text())
    assert CHOICES


# -- documents -------------------------------------------------------------------------------------------------------


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


@fault("the title is read once, before applications get to change it")
def test_save_as_waits_for_the_title():
    toy = pad("x", Ways(title_wait=2))
    toy.look(), toy.look()
    assert do(toy, 'save_as("a.txt")').worked is True


@fault("a title with a star for unsaved changes counts as saved")
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


@fault("save() goes on though the title still says that it is not saved")
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


def test_replace_all_by_a_text_that_holds_the_first_does_it_once():
    toy = pad("cat")
    assert do(toy, 'replace_all("cat", "cat and cat")').worked is not False
    assert text_of(toy) == "cat and cat"


@fault("that a text is not there is taken for having replaced it")
def test_replace_all_does_not_claim_what_was_never_there():
    assert do(pad("nothing of that kind"), 'replace_all("Monday", "Friday")').worked is not True


@fault("the largest text of any window is read instead of the document's")
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


@fault("a new main window is taken for a dialog: Return is typed into the document")
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


@fault("any field that can be edited passes for a document")
def test_write_does_not_write_into_a_location_field():
    toy = filer()
    do(toy, 'write("hello")')
    assert toy.pane(Filer).values == {"path": HOME}
    assert text_of(toy) == "hello"


@fault("that no fitting window came to the front is ignored")
def test_where_no_window_of_the_kind_can_be_had_nothing_is_typed():
    toy = Toy()
    toy.open(Abacus(toy))
    toy.launches["pad"] = lambda: None
    assert do(toy, 'write("2")').worked is False
    assert not any(isinstance(action, Type) for action in toy.done)


@fault("rewrite looks only whether the new text is in the document")
def test_rewrite_does_not_claim_it_while_the_old_text_stands():
    toy = pad("old", Ways(dead=("ctrl+a",)))
    effect = do(toy, 'rewrite("new")')
    assert effect.worked is not True


@fault("a text that stood there before proves that it was typed")
def test_append_does_not_claim_a_text_that_stood_there_before():
    toy = pad("milk")
    toy.pane(Pad).type = lambda text: None  # type: ignore[method-assign]  # nothing arrives
    assert do(toy, 'append("milk")').worked is not True


@fault("another try types the text again without taking back the last")
def test_a_text_that_is_corrected_while_typing_is_not_typed_again():
    toy = pad("", Ways(corrects=lambda text: text.replace('"', "”")))
    Run(toy, ['append("say \\"hi\\" twice")\ndone()\n'] * 3)
    assert text_of(toy).count("hi") == 1


def test_find_text():
    toy = pad("the budget of today")
    assert do(toy, 'find_text("budget")').worked is not False
    assert toy.pane(Pad).selected == (4, 10)  # type: ignore[attr-defined]
    assert text_of(toy) == "the budget of today"


@fault("where no search opens, the search words are typed into the document")
@pytest.mark.parametrize("line", ['find_text("budget")', 'format_text("budget", "bold")', 'upper_case("budget")'])
def test_where_nothing_can_be_searched_the_document_stays_as_it_is(line):
    toy = pad("the budget", Ways(finds=False))
    do(toy, line)
    assert text_of(toy) == "the budget"


def test_delete_line():
    toy = pad("a\nb\nc\n")
    assert do(toy, "delete_line(2)").worked is True
    assert text_of(toy) == "a\nc\n"


@fault("the second of two equal lines is dropped from every plan")
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


# -- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ways", [Ways(), Ways(shortcuts=False), Ways(dead=("F2",)), Ways(wait=2)])
def test_rename_file(ways):
    toy = filer("draft.txt", "other.txt", ways=ways)
    assert do(toy, 'rename_file("draft.txt", "final.txt")').worked is True
    assert toy.files == {f"{HOME}/final.txt": "draft.txt", f"{HOME}/other.txt": "other.txt"}
    assert toy.actions <= 9


def test_rename_a_file_of_another_folder():
    toy = filer(f"{DOCUMENTS}/a.txt")
    assert do(toy, 'rename_file("Documents/a.txt", "b.txt")').worked is True
    assert list(toy.files) == [f"{DOCUMENTS}/b.txt"]


def test_rename_a_file_that_is_not_there():
    toy = filer("a.txt")
    assert do(toy, 'rename_file("b.txt", "c.txt")').worked is False
    assert list(toy.files) == [f"{HOME}/a.txt"]


@pytest.mark.parametrize("ways", [Ways(), Ways(wait=2)])
def test_create_folder_and_file(ways):
    toy = filer(ways=ways)
    assert do(toy, 'create_folder("Bills")').worked is True
    assert f"{HOME}/Bills" in toy.folders
    assert do(toy, 'create_file("list.md")').worked is True
    assert toy.files == {f"{HOME}/list.md": ""}
    assert toy.actions <= 14


def test_create_folder_where_only_files_can_be_made_makes_no_file():
    toy = filer()
    menus = Filer.menus

    def fewer() -> dict:
        every = menus(pane)
        return {**every, "File": [item for item in every["File"] if "Folder" not in item.name]}

    pane = toy.pane(Filer)
    pane.menus = fewer  # type: ignore[method-assign]
    assert do(toy, 'create_folder("Bills")').worked is False
    assert toy.files == {}


@fault("a folder that was there before counts as made")
def test_a_folder_that_is_there_already_was_not_made_now():
    assert do(filer(), 'create_folder("Work")').worked is not True


@pytest.mark.parametrize(
    "ways",
    [Ways(), Ways(shortcuts=False), Ways(dead=("Delete",)), Ways(confirm_word="Move to Trash"), Ways(wait=2)],
    ids=["plain", "no shortcut", "dead shortcut", "trash", "slow"],
)
def test_delete_file(ways):
    toy = filer("a.txt", "b.txt", ways=ways)
    assert do(toy, 'delete_file("a.txt")').worked is True
    assert toy.files == {f"{HOME}/b.txt": "b.txt"}
    assert toy.actions <= 8
    assert len(toy.panes) == 1


@fault("behind the question the list is not looked at, so the file seems gone")
def test_delete_does_not_claim_it_while_the_question_is_open():
    toy = filer("a.txt", ways=Ways(confirm_word="Erase for good"))
    effect = do(toy, 'delete_file("a.txt")')
    assert list(toy.files) == [f"{HOME}/a.txt"]
    assert effect.worked is False


@fault("a file of a similar name passes for the one that was deleted, and goes next")
@pytest.mark.parametrize(("name", "other"), [("a.txt", "a.txt~"), ("readme", "README"), ("notes", "notes!")])
def test_delete_takes_no_file_of_a_similar_name(name, other):
    toy = filer(name, other)
    Run(toy, [f'delete_file("{name}")\ndone()\n'] * 3)
    assert toy.files == {f"{HOME}/{other}": other}


@fault("names are compared without case and punctuation")
@pytest.mark.parametrize(("name", "other"), [("a.txt", "a.txt~"), ("readme", "README")])
def test_a_file_of_a_similar_name_is_not_taken_for_one_that_is_not_there(name, other):
    toy = filer(other)
    Run(toy, [f'delete_file("{name}")\ndone()\n'] * 3)
    assert toy.files == {f"{HOME}/{other}": other}


@pytest.mark.parametrize(
    ("skill", "left"), [("move_file", [f"{HOME}/Work/a.txt"]), ("copy_file", [f"{HOME}/Work/a.txt", f"{HOME}/a.txt"])]
)
def test_move_and_copy_file(skill, left):
    toy = filer("a.txt")
    assert do(toy, f'{skill}("a.txt", "Work")').worked is True
    assert sorted(toy.files) == left
    assert toy.actions <= 10


@pytest.mark.parametrize("folder", ["Documents", "~/Documents"])
def test_move_a_file_by_paths(folder):
    toy = filer(f"{HOME}/Work/a.txt")
    assert do(toy, f'move_file("Work/a.txt", "{folder}")').worked is True
    assert list(toy.files) == [f"{DOCUMENTS}/a.txt"]


@pytest.mark.parametrize(
    "path_field", [True, pytest.param(False, marks=fault("it is pasted wherever it is when the folder was not reached"))]
)
def test_move_to_a_folder_that_is_not_there_is_no_success(path_field):
    toy = filer("a.txt", ways=Ways(path_field=path_field))
    effect = do(toy, 'move_file("a.txt", "Nowhere")')
    assert list(toy.files) == [f"{HOME}/a.txt"]
    assert effect.worked is False


def test_open_folder_by_its_name_and_by_its_path():
    toy = filer()
    assert do(toy, 'open_folder("Work")').worked is True
    assert toy.pane(Filer).folder == f"{HOME}/Work"  # type: ignore[attr-defined]
    assert do(toy, 'open_folder("~")').worked is True
    assert toy.pane(Filer).folder == HOME  # type: ignore[attr-defined]


@fault("a part of the title passes for the folder's name")
def test_a_folder_whose_name_holds_the_other_is_not_that_folder():
    toy = Toy()
    toy.folders |= {f"{HOME}/Artists", f"{HOME}/Artists/Art"}
    toy.folders -= {f"{HOME}/Art"}
    toy.open(Filer(toy, folder=f"{HOME}/Artists"))
    toy.pane(Filer).show = lambda folder: None  # type: ignore[attr-defined]
    assert do(toy, 'open_folder("Art")').worked is not True


# -- calculators, sheets, options --------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ['calculate("12*3")', 'calculate("12 × 3 =")'])
def test_calculate(line):
    toy = Toy()
    toy.open(Abacus(toy))
    effect = do(toy, line)
    assert (effect.worked, effect.value, toy.pane(Abacus).display) == (True, "36", "36")  # type: ignore[attr-defined]


def test_calculate_by_buttons_when_keys_do_nothing():
    toy = Toy()
    toy.open(Abacus(toy))
    toy.pane(Abacus).type = lambda text: None  # type: ignore[method-assign]
    run = Run(toy, ['calculate("7*6")\ndone("$result")\n'], scores={"no": 1.0})
    assert (run.end.answer, toy.pane(Abacus).display) == ("42", "42")  # type: ignore[union-attr,attr-defined]


@fault("a display that still shows the expression counts as a result")
def test_an_expression_that_was_not_worked_out_is_no_result():
    toy = Toy(ways=Ways(dead=("Return",)))
    toy.open(Abacus(toy))
    run = Run(toy, ['calculate("12*3")\ndone("$result")\n'])
    assert run.end.answer == "36"  # type: ignore[union-attr]  # by its buttons, the second time


def test_set_cell():
    toy = Toy()
    toy.open(Table(toy))
    for line in ('set_cell("B2", "=A1*2")', 'set_cell("$C$10", "ten")'):
        assert do(toy, line).worked is not False
    assert toy.pane(Table).cells == {"B2": "=A1*2", "C10": "ten"}  # type: ignore[attr-defined]
    assert toy.actions <= 10


@pytest.mark.parametrize("value", ["on", "On", "true", "yes"])
def test_set_option_by_a_menu(value):
    toy = pad()
    assert do(toy, f'set_option("Show line numbers", "{value}")').worked is True
    assert toy.pane(Pad).numbers  # type: ignore[attr-defined]
    assert toy.actions <= 3


def test_set_option_that_is_set_already_changes_nothing():
    toy = pad(numbers=True)
    assert do(toy, 'set_option("Line numbers", "on")').worked is True
    assert toy.pane(Pad).numbers  # type: ignore[attr-defined]
    assert do(toy, 'set_option("Line numbers", "off")').worked is True
    assert not toy.pane(Pad).numbers  # type: ignore[attr-defined]


@pytest.mark.parametrize("wait", [0, 2])
def test_set_option_in_the_preferences_behind_a_tab(wait):
    toy = pad(ways=Ways(wait=wait))
    assert do(toy, 'set_option("Tab width", "4")').worked is True
    assert do(toy, 'set_option("Highlight matches", "on")').worked is True
    assert toy.pane(Pad).settings == {"Tab width": "4", "Highlight matches": "yes"}  # type: ignore[attr-defined]
    assert len(toy.panes) == 1
    assert toy.actions <= 18


def test_set_option_that_is_nowhere():
    toy = pad()
    effect = do(toy, 'set_option("Gravity", "off")')
    assert effect.worked is False
    assert "Gravity" in effect.why
    assert len(toy.panes) == 1


@fault("an option that did not take counts as unclear, and so as done")
def test_a_tick_that_does_not_hold_is_no_success():
    toy = pad()
    toy.pane(Pad).toggle_numbers = lambda: None  # type: ignore[attr-defined]
    assert do(toy, 'set_option("Line numbers", "on")').worked is False


# -- raw verbs and windows ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["View > Line Numbers", "Line Numbers", "line numbers"])
def test_menu(words):
    toy = pad()
    assert do(toy, f'menu("{words}")').worked is not False
    assert toy.pane(Pad).numbers  # type: ignore[attr-defined]
    assert toy.actions <= 2


def test_menu_without_such_a_command():
    assert do(pad(), 'menu("Fly > Away")').worked is False


def test_fill_and_press_button():
    toy = pad()
    dialog = Dialog(toy, "Who?", fields={"a": "First name:", "b": "Last name:"}, values={"a": "old", "b": ""})
    dialog.buttons = {"OK": dialog.close, "Cancel": lambda: None}
    toy.open(dialog)
    assert do(toy, 'fill("Last name", "Lovelace")').worked is True
    assert do(toy, 'fill("first name", "Ada")').worked is True
    assert dialog.values == {"a": "Ada", "b": "Lovelace"}
    assert do(toy, 'press_button("OK")').worked is True
    assert len(toy.panes) == 1


def test_fill_does_not_claim_an_empty_field():
    toy = pad()
    dialog = Dialog(toy, "Who?", fields={"a": "First name:"}, values={"a": ""}, buttons={"OK": lambda: None})
    dialog.type = lambda text: None  # type: ignore[method-assign]
    toy.open(dialog)
    assert do(toy, 'fill("First name", "Ada")').worked is not True


def test_launch_waits_for_the_window():
    toy = Toy(ways=Ways(wait=5))
    assert do(toy, 'launch("pad")').worked is True
    assert toy.done[0] == Launch(app="pad")
    assert toy.actions == 1


def test_launch_of_what_is_in_front_does_nothing():
    toy = pad()
    assert do(toy, 'launch("pad")').worked is True
    assert toy.done == []


def test_launch_of_what_is_open_brings_it_forward():
    toy = pad()
    toy.open(Abacus(toy))
    assert do(toy, 'launch("pad")').worked is True
    assert type(toy.panes[-1]) is Pad
    assert len(toy.panes) == 2
    assert not any(isinstance(action, Launch) for action in toy.done)


def test_launch_that_brings_no_window_is_told():
    toy = Toy()
    toy.launches["pad"] = lambda: None
    assert do(toy, 'launch("pad")').worked is False


def test_switch_window_reaches_the_third():
    toy = pad()
    toy.open(Abacus(toy))
    toy.open(Filer(toy))
    Run(toy, ['switch_window("Untitled 1 - Pad")\ndone()\n'])
    assert type(toy.panes[-1]) is Pad


# -- dialogs that are in the way -----------------------------------------------------------------------------------------


@fault("a dialog that Escape does not close gets its default button pressed")
def test_a_dialog_in_the_way_is_never_agreed_to():
    toy = pad("x")
    erased = []
    dialog = Dialog(toy, "Erase the disk?", escapes=False, role="alert", default="Erase")
    dialog.buttons = {"Erase": lambda: erased.append(1), "Keep": dialog.close}
    toy.open(dialog)
    do(toy, 'save_as("a.txt")')
    assert erased == []


@fault("a window without any field is given a file's name and Return all the same")
def test_a_window_that_asks_for_no_name_is_given_none():
    toy = pad("x", Ways(menus=False, shortcuts=False))
    erased = []
    other = Dialog(toy, "Something else", role="window", modal=False, escapes=False)
    other.buttons = {"Delete everything": lambda: erased.append(1)}
    toy.pane(Pad).press = lambda chord: toy.open(other) if len(toy.panes) == 1 else None  # type: ignore[method-assign]
    do(toy, 'save_as("a.txt")')
    assert erased == []


class Shifting(Pane):
    """A key moves its buttons on, so that one stands where the other stood."""

    title = "Shifting"
    pressed = ""
    shift = 0

    def parts(self) -> list[Part]:
        names = ("Delete everything", "Save As")
        places = [Box(150, 300 + 40 * (n + self.shift), 250, 330 + 40 * (n + self.shift)) for n in (0, 1)]
        return [
            Part(f"b-{name}", "button", name, box, click=lambda n=name: setattr(self, "pressed", n))
            for name, box in zip(names, places, strict=True)
        ]

    def press(self, chord: str) -> None:
        self.shift = 1


@fault("the button of a command is looked up before the ways that are tried first, and clicked where it was")
def test_a_button_that_has_moved_since_is_looked_up_again():
    toy = Toy()
    toy.open(Shifting(toy, "Shifting"))
    do(toy, 'save_as("a.txt")', attempt=1)
    assert toy.pane(Shifting).pressed != "Delete everything"  # type: ignore[attr-defined]
