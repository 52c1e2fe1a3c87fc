"""What the disk has decides whether something was saved, moved or made, and whether a task is done."""

from __future__ import annotations

import pytest

from grounding import Finder
from planner import disk
from planner.action import Done, GiveUp
from planner.appmap import AppMap
from planner.disk import Disk
from planner.hands import Hands
from planner.program import parse
from planner.skills import LIBRARY, Effect
from tests.planner.driving import Run
from tests.planner.toy import HOME, Toy
from tests.planner.toy_apps import Pad

DOCUMENTS, WORK = f"{HOME}/Documents", f"{HOME}/Work"


@pytest.fixture(autouse=True)
def no_patience(monkeypatch):
    monkeypatch.setattr(disk, "PATIENCE_S", 0.0)


def a_disk(toy: Toy, task: str = "do it") -> tuple[Disk, Hands]:
    hands = Hands(Finder(), AppMap(), toy.facts)
    hands.task = task
    hands.see(toy.look())
    return Disk(hands), hands


def held(toy: Toy, line: str, then, *, task: str = "do it", worked: bool | None = True) -> Effect:
    """What a line that seems to have worked comes to, after this was done to the files."""
    known, _ = a_disk(toy, task)
    (step,) = parse(line, LIBRARY)
    known.begin_step(step)
    then(toy.files)
    return known.held(Effect(worked, "so it seems"))


def nothing(files) -> None:
    pass


def written(path: str):
    return lambda files: files.__setitem__(path, "new")


def gone(path: str, *others: str):
    def then(files) -> None:
        for path_of_one in (path, *others):
            del files[path_of_one]

    return then


def moved(old: str, new: str):
    return lambda files: files.__setitem__(new, files.pop(old))


A, B = f"{DOCUMENTS}/a.txt", f"{DOCUMENTS}/b.txt"


@pytest.mark.parametrize(
    ("line", "then"),
    [
        ('save_as("Documents/b.txt")', written(B)),
        ('save_as("Documents/a.txt")', written(A)),
        (f'save_as("{B}")', written(B)),
        ('export_pdf("Documents/a")', written(f"{DOCUMENTS}/a.pdf")),
        ('create_folder("Documents/New")', written(f"{DOCUMENTS}/New")),
        ('copy_file("Documents/a.txt", "Work")', written(f"{WORK}/a.txt")),
        ('move_file("Documents/a.txt", "Work")', moved(A, f"{WORK}/a.txt")),
        ('rename_file("Documents/a.txt", "b.txt")', moved(A, B)),
        ('duplicate_file("Documents/a.txt", "b.txt")', written(B)),
        ('delete_file("Documents/a.txt")', gone(A)),
        ('extract_to("Work")', written(f"{WORK}/c.txt")),
    ],
)
def test_what_is_on_the_disk_worked_whatever_the_screen_says(line, then):
    toy = Toy({A: "old"}, tells=True)
    assert held(toy, line, then, worked=None).worked is True


@pytest.mark.parametrize(
    ("line", "then", "why"),
    [
        ('save_as("Documents/b.txt")', nothing, "there is no Documents/b.txt"),
        ('save_as("Documents/b.txt")', written(f"{HOME}/b.txt"), "there is no Documents/b.txt"),
        ('save_as("Documents/a.txt")', nothing, "Documents/a.txt is as it was"),
        ('copy_file("Documents/a.txt", "Work")', nothing, "there is no Work/a.txt"),
        ('copy_file("Documents/a.txt", "Work")', moved(A, f"{WORK}/a.txt"), "there is no Documents/a.txt"),
        ('move_file("Documents/a.txt", "Work")', written(f"{WORK}/a.txt"), "Documents/a.txt is still there"),
        ('rename_file("Documents/a.txt", "b.txt")', nothing, "there is no Documents/b.txt"),
        ('delete_file("Documents/a.txt")', nothing, "Documents/a.txt is still there"),
        ('extract_to("Work")', nothing, "Work is as it was"),
    ],
)
def test_what_is_not_on_the_disk_has_failed(line, then, why):
    effect = held(Toy({A: "old"}, tells=True), line, then)
    assert (effect.worked, effect.why) == (False, why)


@pytest.mark.parametrize(
    "line",
    [
        'save_as("b.txt")',  # nobody has said where
        'save_as("Nowhere/b.txt")',
        'delete_file("Documents/*.tmp")',
        'delete_file("Documents/never-there.txt")',
        'save_as("Documents/$name.txt")',
        'write("hello")',
    ],
)
def test_where_no_path_can_be_told_it_is_as_the_screen_says(line):
    for worked in (True, None):
        assert held(Toy({A: "old"}, tells=True), line, nothing, worked=worked).worked is worked


def test_the_task_tells_where_a_bare_name_lies():
    toy, task = Toy({A: "old"}, tells=True), "Rename a.txt in Documents to b.txt."
    assert held(toy, 'rename_file("a.txt", "b.txt")', nothing, task=task).worked is False
    assert held(toy, 'rename_file("a.txt", "b.txt")', moved(A, B), task=task).worked is True


def test_a_desktop_that_tells_nothing_says_nothing():
    (step,) = parse('save_as("Documents/b.txt")', LIBRARY)
    known, _ = a_disk(Toy())
    known.begin_task()
    known.begin_step(step)
    assert known.held(Effect(True, "saved")).worked is True
    assert not known.owed()


@pytest.mark.parametrize(
    ("task", "owed"),
    [
        ("Write hello and save it as Documents/b.txt.", "there is no Documents/b.txt yet"),
        ("Write the sum into b.txt in Documents.", "there is no Documents/b.txt yet"),
        ("Keep the number in a new text file called b.txt in Documents.", "there is no Documents/b.txt yet"),
        ("Save a.txt from Documents as b.txt in the same folder.", "there is no Documents/b.txt yet"),
        ("Turn the title of a.txt (Documents) round and save it.", "Documents/a.txt has not been written yet"),
        ("Centre a.txt (Documents) and save it in the format it has.", "Documents/a.txt has not been written yet"),
        ("Open a.txt from Documents.", ""),
        ("Make a copy of a.txt from Documents in the Work folder.", "there is no Work/a.txt yet"),
        ("Move the file a.txt from Documents to Work.", "there is no Work/a.txt yet"),
        ("Copy the text of a.txt in Documents into a new note in Work.", ""),
        ("Delete a.txt in Documents.", "Documents/a.txt is still there"),
        ("Remove the document a.txt, which is in Documents.", "Documents/a.txt is still there"),
        ("Delete the first line of a.txt in Documents.", ""),
        ("Remove b.txt from the archive all.zip in Documents.", ""),
        ("Save it as b.txt.", ""),
        ("Write to anna@b.at and save it.", ""),
        ("Look at a.txt in Documents, but do not save it.", ""),
        ("Read a.txt in Documents and save it as a PDF.", ""),
    ],
)
def test_what_a_task_wants_written_and_is_not(task, owed):
    known, _ = a_disk(Toy({A: "old"}, tells=True), task)
    known.begin_task()
    assert known.owed() == owed


def test_nothing_is_owed_once_it_is_written():
    toy = Toy({A: "old"}, tells=True)
    known, _ = a_disk(toy, "Turn the title of a.txt (Documents) round and save it.")
    known.begin_task()
    toy.files[A] = "old"
    assert not known.owed()


class Elsewhere(Pad):
    """Says the first time that it has saved, and has written nothing."""

    tries = 0

    def _write(self, path: str) -> None:
        self.tries += 1
        if self.tries > 1:
            super()._write(path)
        else:
            self.file, self.modified = path, False
            self._retitle()


def test_a_save_that_wrote_nothing_is_done_once_more():
    toy = Toy(tells=True)
    toy.launches["pad"] = lambda: Elsewhere(toy)
    run = Run(toy, ['launch("pad")\nwrite("hello")\nsave_as("Documents/b.txt")\ndone()\n'])
    assert run.end == Done()
    assert toy.files == {B: "hello"}
    assert [r.why for r in run.told("reflected") if r.verdict == "failed"] == ["there is no Documents/b.txt"]


def test_a_plan_that_forgets_to_save_is_not_done():
    toy = Toy(tells=True)
    run = Run(
        toy, ['launch("pad")\nwrite("hello")\ndone()\n', 'save_as("Documents/b.txt")\ndone()\n'],
        task="Write hello into b.txt in Documents.",
    )  # fmt: skip
    assert run.end == Done()
    assert toy.files == {B: "hello"}


def test_what_is_never_written_is_told_and_not_called_done():
    toy = Toy(tells=True)
    run = Run(toy, ['launch("pad")\nwrite("hello")\ndone()\n'] * 3, task="Write hello into b.txt in Documents.")
    assert isinstance(run.end, GiveUp)
    assert "there is no Documents/b.txt yet" in run.end.reason


def test_what_is_left_out_to_be_measured_asks_no_disk():
    toy = Toy(tells=True)
    plan = 'launch("pad")\nwrite("hello")\ndone()\n'
    run = Run(toy, [plan], task="Write hello into b.txt in Documents.", without=("tree", "feasibility", "files"))
    assert run.end == Done()
    assert not toy.files
