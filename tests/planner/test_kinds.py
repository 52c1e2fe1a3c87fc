"""Which application is meant by `the text editor`."""

from __future__ import annotations

import pytest

from grounding.facts import App, Facts
from planner import describe
from planner.kinds import SORTS, kind_of, named, of_kind, of_sort, sort_of
from planner.program import parse
from planner.repair import repaired
from planner.skills import LIBRARY
from tests.planner.toy import SIZE

TEXT = ("text/plain",)


def app(name: str, categories: str = "Utility;TextEditor", generic: str = "", **rest) -> App:
    rest.setdefault("opens", TEXT)
    return App(
        id=name.lower().replace(" ", "-"), name=name, generic=generic, command=(name.lower(),),
        about=f"{generic}. {categories.replace(';', ', ')}", categories=tuple(categories.split(";")), **rest,
    )  # fmt: skip


PLAIN = app("Leaf", "Utility;TextEditor;GTK", "Text Editor")
OTHER = app("Feather", "Qt;Utility;TextEditor", "Text Editor")
LARGE = app("Code", "GTK;Development;IDE;TextEditor", "Integrated Development Environment")
WIKI = app("Wiki", "Utility;TextEditor;GTK", "Text Editor", opens=())
LETTERS = app("Office Letters", "Office;WordProcessor", "Word Processor", opens=())
FILER = app("Filer", "System;FileManager", "File Manager", opens=("inode/directory",))
EVERY = (LARGE, OTHER, PLAIN, WIKI, LETTERS, FILER)
EDITOR = next(sort for sort in SORTS if sort.words == "text editor")


def facts(*apps: App, session: str = "") -> Facts:
    return Facts(kind="toy", system="none", size=SIZE, apps=apps or EVERY, session=session)


def test_the_desktops_own_comes_first():
    chosen = LARGE.model_copy(update={"default_for": TEXT})
    assert of_sort(facts(OTHER, PLAIN, chosen), EDITOR)[0] is chosen


def test_where_the_desktop_says_nothing_the_plainest_comes_first_whatever_their_order():
    for order in (EVERY, EVERY[::-1]):
        assert [a.id for a in of_sort(facts(*order), EDITOR)] == ["leaf", "feather", "code", "wiki"]


@pytest.mark.parametrize(("session", "first"), [("KDE", "feather"), ("ubuntu:GNOME", "leaf"), ("", "leaf")])
def test_of_equals_the_one_in_the_sessions_own_toolkit(session, first):
    assert of_sort(facts(session=session), EDITOR)[0].id == first


def test_what_belongs_to_another_environment_comes_later():
    foreign = app("Alpha", "GNOME;GTK;Utility;TextEditor", "Text Editor")
    assert [a.id for a in of_sort(facts(foreign, PLAIN), EDITOR)] == ["leaf", "alpha"]
    assert [a.id for a in of_sort(facts(foreign, PLAIN, session="GNOME"), EDITOR)] == ["alpha", "leaf"]


def test_an_editor_comes_before_a_word_processor_and_what_is_unfit_last():
    assert of_kind(facts(LETTERS, PLAIN), "text")[0] is PLAIN
    assert of_kind(facts(LETTERS, PLAIN), "text", {"leaf"}) == [LETTERS, PLAIN]


def test_categories_count_more_than_what_a_comment_mentions():
    opener = app("Opener", "Utility", "Opens folders in the file manager").model_copy(update={"about": "file manager"})
    both = app("Notepad", "Utility;TextEditor").model_copy(update={"about": "not a file manager"})
    assert (kind_of(opener), kind_of(both)) == ("files", "text")
    assert sort_of(app("Editor Settings")) is None


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ("Write it in the text editor", set()),
        ("Write it in Leaf", {"leaf"}),
        ("write it in leaf, then in feather", {"leaf", "feather"}),
        ("a letter to the office", set()),
        ("Write it in Letters", {"office-letters"}),
        ("Put the leaflet into the folder", set()),
        ("Show the code", {"code"}),
    ],
)
def test_the_applications_that_a_task_names(task, expected):
    assert named(task, EVERY) == expected


def test_an_application_that_is_called_as_its_sort_is_not_named_by_it():
    editor = app("Text Editor", generic="Text Editor")
    assert named("in the text editor", (editor, PLAIN)) == frozenset()


def test_of_each_sort_the_planner_is_shown_the_one_to_take():
    told = describe.apps(facts(), "Write a line in the text editor")
    assert told.startswith("leaf (text editor)")
    assert "feather" not in told
    assert "office-letters (word processor)" in told


def test_and_those_that_the_task_names_before_it():
    told = describe.apps(facts(), "Write a line in Feather")
    assert told.startswith("feather (text editor)")
    assert "leaf" not in told


def test_one_that_did_not_do_makes_way():
    told = describe.apps(facts(), "Write a line", unfit={"leaf"})
    assert "feather (text editor)" in told
    assert "leaf" not in told


def launched(program: str, task: str = "do it", **how) -> str:
    steps = parse(f"{program}\ndone()\n", LIBRARY)
    return next(str(s.arguments["app"]) for s in repaired(steps, task, facts(), LIBRARY, **how) if s.skill == "launch")


@pytest.mark.parametrize("planned", ["code", "feather", "leaf", "wiki"])
def test_the_text_editor_is_the_desktops_own_whichever_the_model_takes(planned):
    assert launched(f'launch("{planned}")\nwrite("x")', "Write x in the text editor") == "leaf"


def test_the_one_that_the_task_names_stays():
    assert launched('launch("code")\nwrite("x")', "Write x in Code") == "code"


def test_one_that_is_open_is_taken_before_the_desktops_own():
    assert launched('launch("leaf")\nwrite("x")', opened={"feather"}) == "feather"


def test_one_that_did_not_do_is_not_started_again():
    assert launched('launch("leaf")\nwrite("x")', opened={"leaf"}, unfit={"leaf"}) == "feather"


def test_a_word_processor_stays_one():
    assert launched('launch("office-letters")\nwrite("x")') == "office-letters"


def test_a_folder_of_every_home_names_no_application():
    apps = (App(id="desk-pref", name="Desktop", command=("d",)), App(id="music", name="Music Box", command=("m",)))
    assert named("Save it on the Desktop and in Music.", apps) == frozenset()
    assert named("Play it with Music Box.", apps) == {"music"}
