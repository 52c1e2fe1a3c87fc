"""Names of files and folders in a plan, put right by what the disk has; and what is left as it is."""

from __future__ import annotations

import pytest

from grounding import Finder
from grounding.facts import App
from planner.amend_disk import absent
from planner.appmap import AppMap
from planner.draft import Draft
from planner.hands import Hands
from planner.program import parse
from planner.skills import LIBRARY
from tests.planner.test_amend import amended
from tests.planner.toy import HOME, Pane, Toy
from tests.planner.toy_apps import Filer, Pad

FLAG = f"{HOME}/Art/flag.png"


def a_toy(*paths: str, tells: bool = True) -> Toy:
    return Toy(dict.fromkeys(paths, "x"), tells=tells)


@pytest.mark.parametrize(
    ("task", "line", "meant"),
    [
        (
            "Make a copy of flag.png from Art in the Documents folder.",
            'copy_file("flag.png", "Documents/Art")', 'copy_file("Art/flag.png", "Documents")',
        ),
        (
            "Move flag.png from Art to Documents.",
            'move_file("Art/flag.png", "Art")', 'move_file("Art/flag.png", "Documents")',
        ),
        (
            "Rename the picture flag.png in Art to lake.png.",
            'rename_file("lake.png", "flag.png")', 'rename_file("Art/flag.png", "lake.png")',
        ),
        ("Delete flag.png, which is in Art.", 'delete_file("Documents/flag.png")', 'delete_file("Art/flag.png")'),
        ("Open flag.png from Art.", 'open_file("Documents/Art/flag.png")', 'open_file("Art/flag.png")'),
        ("Show the folder Art in Documents.", 'open_folder("Documents/Art")', 'open_folder("Art")'),
        ("Write a poem and save it as poem in Documents.", 'save_as("poem in Documents")', 'save_as("Documents/poem")'),
    ],
)  # fmt: skip
def test_what_is_not_where_the_line_says_is_taken_from_where_it_is(task, line, meant):
    lines, _ = amended(task, a_toy(FLAG), line, "done()")
    assert meant in lines


@pytest.mark.parametrize(
    ("task", "line"),
    [
        ("Copy flag.png from Art to Documents.", 'copy_file("Art/flag.png", "Documents")'),
        ("Rename flag.png in Art to lake.png.", 'rename_file("Art/flag.png", "lake.png")'),
        ("Delete all *.tmp files in Documents.", 'delete_file("Documents/*.tmp")'),
        ("Delete lost.png, which is in Art.", 'delete_file("Art/lost.png")'),
        ("Save it as b.txt in Documents.", 'save_as("Documents/b.txt")'),
        ("Look into the trash.", 'open_folder("trash:///")'),
    ],
)
def test_what_is_right_or_cannot_be_told_stays(task, line):
    lines, _ = amended(task, a_toy(FLAG), line, "done()")
    assert line in lines


def test_a_folder_that_the_plan_makes_need_not_be_there():
    task = "Make the folder Bills in Documents and move flag.png from Art into it."
    lines, _ = amended(
        task, a_toy(FLAG), 'create_folder("Bills")', 'move_file("Art/flag.png", "Documents/Bills")', "done()"
    )
    assert 'move_file("Art/flag.png", "Documents/Bills")' in lines


def test_a_file_manager_that_is_in_front_shows_what_is_meant():
    toy = a_toy(f"{HOME}/a.txt", f"{HOME}/Documents/a.txt")
    toy.open(Filer(toy))
    lines, _ = amended("Delete a.txt here.", toy, 'delete_file("a.txt")', "done()")
    assert lines == ['delete_file("a.txt")', "done()"]


def test_what_is_carried_goes_to_the_other_folder_though_its_own_is_shown_before():
    task = "Make a copy of flag.png from Art in the Documents folder."
    lines, _ = amended(
        task, a_toy(FLAG), 'open_folder("Documents/Art")', 'copy_file("flag.png", "Documents/Art")', "done()"
    )
    assert lines[-2] == 'copy_file("flag.png", "Documents")'


def test_nothing_is_put_right_where_the_desktop_tells_nothing():
    lines, _ = amended("Open flag.png.", a_toy(FLAG, tells=False), 'open_file("Documents/flag.png")', "done()")
    assert 'open_file("Documents/flag.png")' in lines


# -- what nobody asked for ---------------------------------------------------------------------------------------------


def test_what_destroys_is_done_only_where_the_task_has_a_word_for_it():
    lines, why = amended(
        "Rename the photo flag.png in Art to lake.png.", a_toy(FLAG),
        'rotate("left")', 'delete_picture("Art/flag.png")', 'rename_file("Art/flag.png", "lake.png")', "done()",
    )  # fmt: skip
    assert lines == ['rename_file("Art/flag.png", "lake.png")', "done()"]
    assert "nobody asked for delete_picture" in " ".join(why)


@pytest.mark.parametrize("task", ["Throw away flag.png in Art.", "Get rid of flag.png in Art and rename nothing."])
def test_words_for_it_are_many(task):
    lines, _ = amended(task, a_toy(FLAG), 'delete_file("Art/flag.png")', "done()")
    assert 'delete_file("Art/flag.png")' in lines


def test_what_is_all_of_the_plan_stays():
    lines, _ = amended("Mute it.", Toy(), "set_volume(0)", "done()")
    assert lines == ["set_volume(0)", "done()"]


def test_a_pdf_is_made_only_where_one_is_asked_for():
    lines, _ = amended("Save the picture flag.png in Art.", a_toy(FLAG), 'export_pdf("a")', "save()", "done()")
    assert 'export_pdf("a")' not in lines
    lines, _ = amended(
        "Export flag.png in Art as a PDF and save it.", a_toy(FLAG), 'export_pdf("a")', "save()", "done()"
    )
    assert 'export_pdf("a")' in lines


SETS = App(id="desktop-pref", name="Desktop Preferences", command=("desktop-pref",), categories=("Settings",))


@pytest.mark.parametrize(("task", "kept"), [("Save a.txt on the Desktop.", False), ("Set the wallpaper to red.", True)])
def test_what_only_sets_things_is_started_for_that_alone(task, kept):
    toy = a_toy()
    toy.facts = toy.facts.model_copy(update={"apps": (*toy.facts.apps, SETS)})
    toy.open(Pad(toy, text="x"))
    lines, _ = amended(task, toy, 'launch("desktop-pref")', 'save_as("Documents/a.txt")', "done()")
    assert ('launch("desktop-pref")' in lines) is kept


def test_a_viewer_that_shows_a_title_of_its_own_shows_the_first_file_of_the_task():
    viewer = App(
        id="viewer", name="Viewer", command=("viewer",), categories=("Office", "Viewer"), opens=("application/pdf",)
    )
    toy = a_toy(f"{HOME}/Documents/guide.pdf")
    toy.facts = toy.facts.model_copy(update={"apps": (*toy.facts.apps, viewer)})
    toy.open(Pane(toy, title="Guide to Graz - Viewer", app="viewer"))
    lines, why = amended(
        "Save a copy of guide.pdf from Documents as copy.pdf on the Desktop.", toy,
        "copy()", 'copy_file("Documents/guide.pdf", "Work")', "done()",
    )  # fmt: skip
    assert lines == ['save_as("copy.pdf")', "done()"], why


@pytest.mark.parametrize(
    ("command", "meant"),
    [
        ("cd Documents && tar -czf all.tar.gz .", "cd Documents && tar -czf ~/all.tar.gz ."),
        ("tar -czf all.tar.gz Documents", "tar -czf ~/all.tar.gz Documents"),
        ("cd Documents && tar -czf /tmp/all.tar.gz .", "cd Documents && tar -czf /tmp/all.tar.gz ."),
    ],
)
def test_a_command_writes_where_the_task_says_wherever_it_is(command, meant):
    task = "Pack Documents into an archive called all.tar.gz in the home folder with the terminal."
    lines, _ = amended(task, a_toy(), f'run_command("{command}")', "done()")
    assert lines[0] == f'run_command("{meant}")'


@pytest.mark.parametrize(
    ("task", "line", "meant"),
    [
        ("Write 3 into lines.txt in the home folder.", 'save_as("lines.txt")', 'save_as("~/lines.txt")'),
        ("Save the note as a.txt in Documents.", 'save_as("a.txt")', 'save_as("Documents/a.txt")'),
        ("Save the note as a.txt in Documents.", 'save_as("Work/a.txt")', 'save_as("Work/a.txt")'),
        ("Save the note as a.txt.", 'save_as("a.txt")', 'save_as("a.txt")'),
    ],
)
def test_a_file_is_saved_where_the_task_says(task, line, meant):
    lines, _ = amended(task, a_toy(), 'launch("pad")', 'write("3")', line, "done()")
    assert meant in lines


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ('save_as("Art/flag.txt")', "save()"), ('save_as("flag.txt")', "save()"),
        ('save_as("Documents/flag.txt")', 'save_as("Documents/flag.txt")'),
        ('save_as("Art/other.txt")', 'save_as("Art/other.txt")'),
    ],
)  # fmt: skip
def test_what_is_saved_under_the_name_that_it_has_is_saved(line, meant):
    toy = a_toy(f"{HOME}/Art/flag.txt")
    toy.open(Pad(toy, text="x", file=f"{HOME}/Art/flag.txt"))
    lines, _ = amended("Put y into flag.txt in Art and keep it a text file.", toy, 'append("y")', line, "done()")
    assert lines == ['append("y")', meant, "done()"]


def test_what_the_plan_opens_and_saves_under_its_own_name_is_saved():
    lines, _ = amended(
        "Add y to flag.txt in Art and keep it a text file.", a_toy(f"{HOME}/Art/flag.txt"),
        'launch("pad")', 'open_file("Art/flag.txt")', 'append("y")', 'save_as("flag.txt")', "done()",
    )  # fmt: skip
    assert lines[-2:] == ["save()", "done()"]


@pytest.mark.parametrize(("task", "opened"), [
    ("Add the sentence Bye. as a new last line to note.txt in Art and save it in the format that it has.", True),
    ("Write Bye. in a new document and save it as note.txt in Art.", False),
])  # fmt: skip
def test_a_file_that_is_there_is_opened_before_it_is_added_to(task, opened):
    lines, _ = amended(
        task, a_toy(f"{HOME}/Art/note.txt"), 'launch("pad")', 'append("\\nBye.")', 'save_as("Art/note.txt")', "done()"
    )
    assert ('open_file("Art/note.txt")' in lines and "save()" in lines) is opened


def test_the_ending_of_files_stands_for_all_of_them():
    toy = a_toy(f"{HOME}/Art/a.bak")
    assert amended("Remove all .bak files from Art.", toy, 'delete_file(".bak")', "done()")[0] == [
        'delete_file("Art/*.bak")', "done()"
    ]  # fmt: skip
    hidden = a_toy(f"{HOME}/Art/.bak")
    assert (
        amended("Remove .bak from Art.", hidden, 'delete_file("Art/.bak")', "done()")[0][0] == 'delete_file("Art/.bak")'
    )


def test_what_is_in_front_and_of_the_same_sort_is_not_started_again():
    other = App(id="walker", name="Walker", about="Browse files. FileManager;", command=("walker",))
    toy = a_toy(f"{HOME}/Art/a.txt")
    toy.facts = toy.facts.model_copy(update={"apps": (*toy.facts.apps, other)})
    toy.open(Filer(toy))
    plan = ('launch("walker")', 'delete_file("Art/a.txt")', "done()")
    assert amended("Delete a.txt in Art.", toy, *plan)[0] == list(plan[1:])
    assert amended("Delete a.txt in Art with Walker.", toy, *plan)[0] == list(plan)


@pytest.mark.parametrize(
    ("lines", "missed"),
    [
        (('open_file("Art/none.txt")', "done()"), ["Art/none.txt"]),
        (('open_file("Art/a.txt")', "done()"), []),
        (('save_as("Art/b.txt")', 'open_file("Art/b.txt")', "done()"), []),
        (('rename_file("Art/a.txt", "b.txt")', 'move_file("Art/b.txt", "Work")', "done()"), []),
        (('delete_file("Art/*.bak")', 'open_file("Nowhere/a.txt")', 'open_file("a.txt")', "done()"), []),
    ],
)
def test_lines_for_files_that_are_not_there_are_doubted(lines, missed):
    hands = Hands(Finder(), AppMap(), (toy := a_toy(f"{HOME}/Art/a.txt")).facts)
    hands.task = "do it"
    hands.see(toy.look())
    steps = parse("".join(f"{line}\n" for line in lines), LIBRARY)
    assert [fault.words.split(",")[0] for fault in absent(Draft(steps, hands, LIBRARY))] == missed
