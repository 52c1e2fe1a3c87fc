"""The plan check against the first scene: what is so already, and what a plan forgot, is put right and told."""

from __future__ import annotations

from grounding import Finder
from planner.amend import Amended
from planner.appmap import AppMap
from planner.hands import Hands
from planner.program import parse
from planner.skills import LIBRARY
from tests.planner.toy import HOME, Toy
from tests.planner.toy_apps import Abacus, Filer, Pad


def amended(task: str, toy: Toy, *lines: str) -> tuple[list[str], list[str]]:
    hands = Hands(Finder(), AppMap(), toy.facts)
    hands.task = task
    hands.see(toy.look())
    steps = parse("".join(f"{line}\n" for line in lines), LIBRARY)
    done = Amended(steps, hands, LIBRARY).go()
    return [step.text for step in done.steps], done.reasons


def with_letter(text: str = "Dear Ada") -> Toy:
    toy = Toy()
    toy.open(Pad(toy, text=text, file=f"{HOME}/letter.txt"))
    return toy


def test_a_document_that_is_open_is_not_opened_again():
    lines, why = amended("Replace a by b in letter.txt.", with_letter(),
                         'open_file("letter.txt")', 'replace_all("a", "b")', "save()", "done()")  # fmt: skip
    assert lines == ['replace_all("a", "b")', "save()", "done()"]
    assert why == ["letter.txt is open already"]


def test_another_document_is_opened():
    lines, why = amended("Replace a by b in memo.txt.", with_letter(),
                         'open_file("memo.txt")', 'replace_all("a", "b")', "save()", "done()")  # fmt: skip
    assert lines[0] == 'open_file("memo.txt")'
    assert why == []


def test_saving_under_the_name_that_it_has_is_saving():
    lines, _ = amended(
        "Make it all capitals and save.", with_letter(), 'upper_case("")', 'save_as("letter.txt")', "done()"
    )
    assert lines == ['upper_case("")', "save()", "done()"]


def test_a_name_that_the_task_gives_is_kept():
    lines, _ = amended("Save a version as letter.txt in Work.", with_letter(), 'save_as("Work/letter.txt")', "done()")
    assert lines[0] == 'save_as("Work/letter.txt")'


def test_something_new_is_not_written_into_what_is_open():
    task = "Write hello in a new file and save it as new.txt."
    lines, why = amended(task, with_letter(), 'launch("pad")', 'write("hello")', 'save_as("new.txt")', "done()")
    assert lines == ['launch("pad")', "new_document()", 'write("hello")', 'save_as("new.txt")', "done()"]
    assert why == ["another document is open there"]


def test_an_empty_page_is_new_enough():
    lines, why = amended("Write hello in a new file and save it as new.txt.", with_letter(""),
                         'write("hello")', 'save_as("new.txt")', "done()")  # fmt: skip
    assert lines[0] == 'write("hello")'
    assert why == []


def test_what_is_open_may_be_meant():
    lines, _ = amended("Add a new line saying hi to letter.txt.", with_letter(), 'append("\\nhi")', "save()", "done()")
    assert lines[0] == 'append("\\nhi")'


def test_a_line_of_its_own_gets_its_break():
    lines, _ = amended("Add the line bye to letter.txt and save.", with_letter(), 'append("bye")', "save()", "done()")
    assert lines[0] == 'append("bye")'
    lines, _ = amended(
        "Add bye as a new line to letter.txt and save.", with_letter(), 'append("bye")', "save()", "done()"
    )
    assert lines[0] == 'append("\\nbye")'


def test_a_result_is_not_saved_in_the_calculator():
    toy = Toy()
    toy.open(Abacus(toy))
    lines, why = amended("Work out 6*7 and keep it in a.txt.", toy, 'calculate("6*7")', 'save_as("a.txt")', "done()")
    assert lines == ['calculate("6*7")', 'launch("pad")', 'write("$result")', 'save_as("a.txt")', "done()"]
    assert why == ["a calculator keeps no text"]


def test_a_file_that_was_changed_is_saved():
    lines, why = amended("Replace a by b in letter.txt.", with_letter(), 'replace_all("a", "b")', "done()")
    assert lines == ['replace_all("a", "b")', "save()", "done()"]
    assert why == ["a changed file is saved"]
    lines, _ = amended(
        "Replace a by b in letter.txt without saving it.", with_letter(), 'replace_all("a", "b")', "done()"
    )
    assert lines == ['replace_all("a", "b")', "done()"]


def test_a_file_is_sought_in_the_folder_that_the_task_puts_it_in():
    toy = Toy({f"{HOME}/Work/a.txt": ""})
    toy.open(Filer(toy))
    lines, why = amended("Rename a.txt in Work to b.txt.", toy, 'rename_file("a.txt", "b.txt")', "done()")
    assert lines[0] == 'rename_file("Work/a.txt", "b.txt")'
    assert why == ["a.txt is in Work"]
    lines, _ = amended(
        "Rename a.txt in Work to b.txt.", toy, 'open_folder("Work")', 'rename_file("a.txt", "b.txt")', "done()"
    )
    assert lines[1] == 'rename_file("a.txt", "b.txt")'


def test_what_is_to_be_moved_is_not_copied():
    lines, _ = amended("Move a.txt into Work.", Toy(), 'copy_file("a.txt", "Work")', "done()")
    assert lines[0] == 'move_file("a.txt", "Work")'
    lines, _ = amended("Copy a.txt, then move it into Work.", Toy(), 'copy_file("a.txt", "Work")', "done()")
    assert lines[0] == 'copy_file("a.txt", "Work")'


def test_brackets_are_the_tasks():
    lines, _ = amended("What is (12.5 plus 7.5) times 8.4?", Toy(), 'calculate("12.5 + 7.5 * 8.4")', 'done("$result")')
    assert lines[0] == 'calculate("(12.5 + 7.5) * 8.4")'
    lines, _ = amended("Work out 3 * 4.", Toy(), 'calculate("3*4")', 'done("$result")')
    assert lines[0] == 'calculate("3*4")'


def test_a_folder_is_made_where_it_is_to_be():
    lines, why = amended(
        "In Downloads, make a folder Keep.", Toy(), 'launch("filer")', 'create_folder("Keep")', "done()"
    )
    assert lines == ['launch("filer")', 'open_folder("Downloads")', 'create_folder("Keep")', "done()"]
    assert why == ["it is to be inside Downloads"]


def test_what_is_to_stand_at_the_end_is_put_there():
    toy = with_letter()
    lines, _ = amended("Add bye at the end of letter.txt and save.", toy, 'write("bye")', "save()", "done()")
    assert lines[0] == 'append("\\nbye")'
    lines, _ = amended("Put bye at the very top of letter.txt and save.", toy, 'write("bye")', "save()", "done()")
    assert lines[0] == 'prepend("bye\\n")'


def test_the_name_of_the_document_for_all_of_it():
    lines, _ = amended(
        "Turn letter.txt into capitals and save.", with_letter(), 'upper_case("letter.txt")', "save()", "done()"
    )
    assert lines[0] == 'upper_case("")'


def test_nobody_is_answered_with_what_nothing_gives():
    lines, _ = amended("Turn letter.txt into capitals.", with_letter(), 'upper_case("")', "save()", 'done("$result")')
    assert lines[-1] == "done()"
    lines, _ = amended("What does letter.txt say?", with_letter(), 'done("$result")')
    assert lines[-1] == 'done("$result")'


def test_a_file_that_is_only_copied_is_not_opened_first():
    lines, why = amended("Copy a.txt to Work.", Toy(), 'open_file("a.txt")', 'copy_file("a.txt", "Work")', "done()")
    assert 'open_file("a.txt")' not in lines
    assert "a.txt need not be opened for that" in why


def test_a_copy_that_an_editor_is_to_make_is_saved_under_another_name():
    lines, _ = amended(
        "Keep a copy of Work/a.txt called b.txt there, with Pad.", Toy(), 'launch("pad")',
        'duplicate_file("Work/a.txt", "b.txt")', "done()",
    )  # fmt: skip
    assert lines == ['launch("pad")', 'open_file("Work/a.txt")', 'save_as("Work/b.txt")', "done()"]


def test_a_copy_under_a_name_beside_the_file_is_a_duplicate():
    lines, _ = amended("Copy a.txt under the name b.txt.", Toy(), 'copy_file("a.txt", "b.txt")', "done()")
    assert lines[0] == 'duplicate_file("a.txt", "b.txt")'
    lines, _ = amended("Copy a.txt to Work.", Toy(), 'copy_file("a.txt", "Work")', "done()")
    assert lines[0] == 'copy_file("a.txt", "Work")'


def test_an_average_has_its_brackets():
    task = "What is the average of 128, 95 and 167?"
    for said in ("128+95+167/3", "128+95+167"):
        assert amended(task, Toy(), f'calculate("{said}")', 'done("$result")')[0][0] == 'calculate("(128+95+167)/3")'
    assert amended("What is 128+95?", Toy(), 'calculate("128+95")', "done()")[0][0] == 'calculate("128+95")'


def test_a_value_that_nothing_gives_is_the_document_where_all_of_it_may_be_meant():
    lines, _ = amended("Turn it into capitals.", with_letter(), 'upper_case("$text")', "done()")
    assert lines[0] == 'upper_case("")'


def test_a_file_is_named_with_its_folder_where_the_plan_has_left_it():
    toy = Toy()
    toy.folders.add(f"{HOME}/Downloads")
    toy.open(Filer(toy, folder=f"{HOME}/Downloads"))
    lines, _ = amended(
        "Create a folder named Taxes in Documents and move bill.pdf from Downloads into it.", toy,
        'open_folder("Documents")', 'create_folder("Taxes")', 'move_file("bill.pdf", "Documents/Taxes")', "done()",
    )  # fmt: skip
    assert lines[2] == 'move_file("Downloads/bill.pdf", "Documents/Taxes")'


def test_a_text_goes_to_the_end_that_the_task_says():
    lines, why = amended(
        "Put the line Draft at the top of letter.txt and save.", with_letter(), 'append("Draft")', "save()"
    )
    assert lines[0] == 'prepend("Draft\\n")'
    assert "the task says at which end" in why
    lines, _ = amended("Add Bye at the end of letter.txt and save.", with_letter(), 'prepend("Bye")', "save()")
    assert lines[0] == 'append("\\nBye")'
