"""What a small model puts in the wrong order or makes up in its plan, and what is left as it is."""

from __future__ import annotations

import pytest

from grounding.facts import App
from planner.amend_flow import wanted
from tests.planner.test_amend import amended, with_letter
from tests.planner.toy import HOME, Toy
from tests.planner.toy_apps import Pad


def test_a_new_document_comes_before_what_is_in_it():
    lines, _ = amended(
        "Write the title Party in bold in a new document.", with_letter(),
        'format_text("Party", "bold")', "new_document()", 'save_as("party.txt")', "done()",
    )  # fmt: skip
    assert lines[:3] == ["new_document()", 'write("Party")', 'format_text("Party", "bold")']


def test_what_is_there_already_is_only_shaped():
    lines, _ = amended(
        "Add some life to it: make Ada bold.", with_letter(), 'format_text("Ada", "bold")', "save()", "done()"
    )
    assert lines == ['format_text("Ada", "bold")', "save()", "done()"]


def test_a_document_kept_before_the_next_one_stays_in_its_order():
    lines, _ = amended(
        "Write a, save it as a.txt, then make a new document.", with_letter(""),
        'write("a")', 'save_as("a.txt")', "new_document()", "done()",
    )  # fmt: skip
    assert lines == ['write("a")', 'save_as("a.txt")', "new_document()", "done()"]


def test_a_value_is_read_where_the_plan_has_come_to_before_it_is_used():
    lines, _ = amended(
        "The page menu.html has the price. Write it into price.txt.", Toy(),
        'launch("browser")', 'open_url("menu.html")', 'launch("pad")', 'write("$price")', 'save_as("price.txt")',
        "done()",
    )  # fmt: skip
    assert lines[:4] == ['launch("browser")', 'open_url("menu.html")', 'note("price", "price")', 'launch("pad")']


def test_a_value_that_a_line_gives_is_not_read():
    lines, _ = amended(
        "Write 2*3 into a.txt.", Toy(), 'launch("abacus")', 'calculate("2*3")', 'launch("pad")', 'write("$result")',
        'save_as("a.txt")', "done()",
    )  # fmt: skip
    assert not any(line.startswith("note") for line in lines)


@pytest.mark.parametrize(
    ("task", "text", "meant"),
    [
        ("Add the line call grandma to the end of todo.txt.", "call grandma to the end of todo.txt", "call grandma"),
        ("Append Rain again to diary.txt in Work.", "Rain again to diary.txt in Work", "Rain again"),
        ("Write Meet at the top of the hill.", "Meet at the top of the hill", "Meet at the top of the hill"),
        ('Write "add it to a.txt" below.', "add it to a.txt", "add it to a.txt"),
    ],
)
def test_where_a_text_goes_is_no_part_of_it(task, text, meant):
    lines, _ = amended(task, with_letter(""), f'write("{text}")', "done()")
    assert lines[0] == f'write("{meant}")'


def test_a_file_that_is_to_be_made_is_not_opened():
    lines, why = amended(
        "Create a file hello.py in Work that says hi.", Toy(),
        'launch("pad")', 'open_file("Work/hello.py")', 'append("\\nhi")', "save()", "done()",
    )  # fmt: skip
    assert lines == ['launch("pad")', "new_document()", 'write("hi")', 'save_as("Work/hello.py")', "done()"]
    assert "Work/hello.py is to be made" in why


def test_a_new_line_in_a_file_is_no_new_file():
    lines, _ = amended(
        "Make a new line in hello.py that says hi.", Toy(),
        'launch("pad")', 'open_file("hello.py")', 'append("\\nhi")', "save()", "done()",
    )  # fmt: skip
    assert lines[1] == 'open_file("hello.py")'


def test_a_line_with_numbers_that_nobody_said_is_left_out():
    lines, _ = amended(
        "Turn the picture to the right and save it.", Toy(),
        'rotate("right")', "resize_picture(256, 256)", "save()", "done()",
    )  # fmt: skip
    assert lines == ['rotate("right")', "save()", "done()"]


def test_a_line_about_another_sort_of_application_is_left_out():
    lines, _ = amended("Write hello in the note.", with_letter(""), 'write("hello")', "show_hidden_files()", "done()")
    assert "show_hidden_files()" not in lines


def test_what_is_open_in_front_is_worked_on_there():
    toy = Toy()
    toy.open(Pad(toy, text="a", file=f"{HOME}/letter.txt"))
    lines, _ = amended("Save letter.txt as other.txt.", toy, 'open_with("letter.txt", "pad")',
                       'save_as("letter.txt")', "done()")  # fmt: skip
    assert lines == ['save_as("other.txt")', "done()"]


@pytest.mark.parametrize(
    ("name", "task", "called"),
    [
        ("time", "Save the departure time that it gives into a.txt.", "departure time"),
        ("price", "Write the price of the ravioli into a.txt.", "price of the ravioli"),
        ("text", "Open a.html and save the arrival that it gives into a.txt.", "arrival"),
        ("shop_name", "Who is it?", "shop name"),
    ],
)
def test_a_value_is_called_as_the_task_calls_it(name, task, called):
    assert wanted(name, task) == called


def test_a_file_manager_that_no_line_needs_is_not_started():
    lines, _ = amended(
        "Save letter.txt as other.txt.", with_letter(),
        'launch("filer")', 'open_with("letter.txt", "pad")', 'save_as("other.txt")', "done()",
    )  # fmt: skip
    assert lines == ['save_as("other.txt")', "done()"]


def test_an_archive_is_not_saved_as_itself():
    toy = Toy()
    packer = App(id="packer", name="Packer", about="Archive manager; Archiving;", command=("packer",))
    toy.facts = toy.facts.model_copy(update={"apps": (*toy.facts.apps, packer)})
    packing = ('launch("packer")', 'open_file("old.zip")', 'add_to_archive("a.txt")')
    task = "Put a.txt into the archive old.zip."
    lines, _ = amended(task, toy, *packing, 'save_as("old.zip")', "done()")
    assert lines == [*packing, "done()"]
    lines, _ = amended(task, toy, *packing, 'save_as("new.zip")', "done()")
    assert lines == [*packing, 'save_as("new.zip")', "done()"]


def test_a_copy_that_the_front_application_saves_needs_no_file_manager():
    lines, _ = amended(
        "Save a copy of letter.txt from Documents as letter2.txt in the same folder.", with_letter(),
        'launch("filer")', 'open_folder("Documents")', 'copy_file("letter.txt", "Documents")',
        'rename_file("letter.txt", "letter2.txt")', "done()",
    )  # fmt: skip
    assert lines == ['save_as("letter2.txt")', "done()"]


@pytest.mark.parametrize(
    ("name", "task", "called"),
    [
        ("cell", "Read the invoice total in invoice.pdf (Documents) and enter it into B1.", "invoice total"),
        ("time", "Write the departure time that it gives into a.txt.", "departure time"),
    ],
)
def test_what_is_wanted_is_called_as_the_task_calls_it(name, task, called):
    assert wanted(name, task) == called


@pytest.mark.parametrize(
    ("task", "fresh"),
    [
        ("menu.html has the prices. Write that of the soup, just the number, into a new text file soup.txt.", True),
        ("Write all lines of menu.html and END into a new file soup.txt.", False),
        ("Add 8.90 to menu.html and save it as soup.txt.", False),
    ],
)
def test_what_is_to_stand_in_a_new_file_stands_there_alone(task, fresh):
    lines, _ = amended(
        task, Toy(), 'launch("pad")', 'open_file("menu.html")', 'find_text("soup")', 'append("8.90\\n")',
        'save_as("soup.txt")', "done()",
    )  # fmt: skip
    assert (lines[3:5] == ["new_document()", 'write("8.90")']) is fresh


def test_one_plan_makes_the_same_thing_once():
    lines, why = amended(
        "Make the folder Bills in Work.", Toy(), 'create_folder("Bills")', 'open_folder("Work")',
        'create_folder("Bills")', "done()",
    )  # fmt: skip
    assert lines == ['open_folder("Work")', 'create_folder("Bills")', "done()"]
    assert 'create_folder("Bills") is done once' in why


def test_what_one_file_says_goes_into_the_other():
    plan = ('open_file("Work/all.txt")', "read_document()", 'append("\\n$text")', "save()", "done()")
    lines, why = amended("Put all that new.txt says below what all.txt says; both are in Work.", Toy(), *plan)
    assert lines[:4] == [
        'open_file("Work/new.txt")', "read_document()", 'open_file("Work/all.txt")', 'append("\\n$text")'
    ]  # fmt: skip
    assert "new.txt is read, and goes into all.txt" in why
    right = ('open_file("Work/new.txt")', "read_document()", 'open_file("Work/all.txt")', *plan[2:])
    assert amended("Put all of new.txt below all.txt.", Toy(), *right)[0] == list(right)


def test_what_is_said_of_the_first_line_is_done_to_that_line():
    letter = with_letter("Dear Ada\nBye")
    lines, _ = amended("Centre the first line and save it.", letter, 'align("", "center")', "save()")
    assert lines[0] == 'align("Dear Ada", "center")'
    lines, _ = amended("Centre it all and save it.", letter, 'align("", "center")', "save()")
    assert lines[0] == 'align("", "center")'


def test_a_style_that_nobody_said_is_left_out():
    plan = ('format_text("", "bold")', 'align("", "center")', "save()", "done()")
    assert amended("Centre the letter and save it.", with_letter(), *plan)[0] == list(plan[1:])
    assert amended("Make the letter bold, centre it and save it.", with_letter(), *plan)[0] == list(plan)


def test_another_type_of_file_is_saved_and_no_other_ending_given():
    toy = Toy({f"{HOME}/Work/a.png": ""})
    toy.open(Pad(toy, text="x", file=f"{HOME}/Work/a.png"))
    plan = ('open_folder("Work")', 'rename_file("a.png", "b.jpg")', 'save_as("Work/b.jpg")', "done()")
    assert amended("Save a.png from Work as a JPEG called b.jpg there.", toy, *plan)[0] == list(plan[2:])
    assert amended("Rename a.png in Work to b.jpg and save it so.", toy, *plan)[0][:2] == list(plan[:2])


def test_one_file_of_an_archive_is_unpacked_alone():
    task = "Extract only b.txt from all.zip, which is in Work, into Documents."
    plan = ('extract_to("Documents")', 'extract_file("all.zip/b.txt", "Documents")', "done()")
    assert amended(task, Toy(), *plan)[0] == ['extract_file("b.txt", "Documents")', "done()"]
    whole = ('extract_to("Documents")', "done()")
    assert amended("Unpack all.zip from Work into Documents.", Toy(), *whole)[0] == list(whole)
