"""Words find the place that a person would mean."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grounding import Box, Element, Eyes, Finder, Grounder, Scene, Word
from grounding.words import likeness
from tests.grounding.screens import Planted, blank, editor

DIALOG = Eyes(("tree",)).see(blank(), editor(dialog=True))
EDITOR = Eyes(("tree",)).see(blank(), editor())

PIECES = ["the", "first", "Save", "button", "right", "of", "in", "dialog", "'Name'", "field", "last"]


def first(scene, words, **rest):
    found = Finder().find(scene, words, **rest)
    return (found[0].role, found[0].label) if found else None


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("Save", ("button", "Save")),
        ("the Save button", ("button", "Save")),
        ("click 'Cancel'", ("button", "Cancel")),
        ("CANCEL", ("button", "Cancel")),
        ("_Save", ("button", "Save")),
        ("Name field", ("text", "Name")),
        ("the field labelled Name", ("text", "Name")),
        ("field right of Name", ("text", "Name")),
        ("file name", ("text", "Name")),
        ("Make backup checkbox", ("checkbox", "Make Backup")),
        ("Mkae Backup", ("checkbox", "Make Backup")),
        ("Save in the Save As dialog", ("button", "Save")),
        ("button left of Save", ("button", "Cancel")),
        ("last button", ("button", "Save")),
        ("second button", ("button", "Cancel")),
        ("Save As dialog", ("dialog", "Save As")),
    ],
)
def test_in_a_dialog(words, meant):
    assert first(DIALOG, words) == meant


@pytest.mark.parametrize(
    "words", ["zebra", "Print", "", "   ", "x" * 10_000, "+", "\x00", "OK, then what about lunch?"]
)
def test_what_is_not_there_is_not_found(words):
    started = time.monotonic()
    assert Finder().find(DIALOG, words) == ()
    assert time.monotonic() - started < 1


def test_the_menu_behind_a_modal_dialog_is_a_poor_answer():
    found = Finder().find(DIALOG, "File menu")
    assert not found or found[0].confidence < 0.7
    assert Finder().find(EDITOR, "File menu")[0].confidence > 0.9


def test_items_of_closed_menus_have_no_place():
    assert "menu_item" not in {target.role for target in Finder().find(EDITOR, "Save As")}


def test_what_is_greyed_out_says_so():
    target = Finder().find(DIALOG, "Help button")[0]
    assert "greyed out" in target.reason
    assert target.confidence < 0.8


def test_roles_and_a_part_of_the_screen_narrow_the_search():
    assert first(DIALOG, "Name", roles=("label",)) == ("label", "Name:")
    assert first(DIALOG, "Save", within=Box(0, 0, 300, 200)) is None


def test_a_synonym_serves_where_the_word_itself_is_missing():
    assert first(DIALOG, "keep") == ("button", "Save")
    assert first(DIALOG, "dismiss") == ("button", "Cancel")


def test_signs_are_met_exactly():
    t = Planted()
    top = t.window("Calculator", Box(0, 0, 300, 300), active=True)
    for number, sign in enumerate(["7", "+", "+/-", "-", "=", "*", "/", ".", "%"]):
        t.add("button", sign, Box(10 + 30 * number, 10, 35 + 30 * number, 35), top)
    scene = Eyes(("tree",)).see(blank(), t.tree())
    for sign in ["7", "+", "+/-", "-", "=", "*", "/", ".", "%"]:
        assert first(scene, sign) == ("button", sign)
    assert first(scene, "plus") == ("button", "+")
    assert first(scene, "the 7 key") == ("button", "7")
    assert first(scene, "8") is None


def test_a_word_of_a_line_read_from_pixels_has_its_own_place():
    words = tuple(Word(w, Box(x, 0, x + 40, 20)) for w, x in (("File", 0), ("Edit", 50), ("Help", 400)))
    line = Element("e1", "text_line", "File Edit Help", Box(0, 0, 440, 20), seen_by=frozenset({"text"}), words=words)
    target = Finder().find(Scene(blank(), (line,), senses=("pixels",)), "Edit")[0]
    assert target.box == Box(50, 0, 90, 20)
    assert target.how == "text"


def test_the_finder_is_a_grounder():
    assert isinstance(Finder(), Grounder)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80), st.text(max_size=40))
def test_likeness_never_fails_and_knows_itself(query, label):
    assert 0 <= likeness(query, label).score <= 1
    if any(letter.isalnum() for letter in label):
        assert likeness(label, label).score == 1 or not label.strip()


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=120)
    | st.lists(
        st.sampled_from(["the", "first", "Save", "button", "right", "of", "in", "dialog", "'Name'", "field", "last"])
    ).map(" ".join)
)
def test_finding_never_fails(words):
    for target in Finder().find(DIALOG, words):
        assert 0 <= target.confidence <= 1
        assert DIALOG.screenshot.box.has(target.point)
        assert target.reason
