"""A tree becomes elements that a planner can use."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image

from grounding import Box, Eyes, Screenshot, Tree
from grounding.fuse import fuse
from grounding.ocr import TextLine
from runtime.errors import UsageError
from tests.grounding.screens import SHOWN, Planted, blank, editor


def see(tree, senses=("tree",)):
    return Eyes(senses).see(blank(), tree)


def test_menu_items_are_commands_with_their_path_though_the_menu_is_closed():
    commands = {e.path: e for e in see(editor()).commands}
    assert commands["File", "Save As..."].shortcut == "ctrl+shift+s"
    assert not commands["File", "Save As..."].shown
    assert ("File", "Open Recent", "a.txt") in commands
    assert ("File", "Open Recent") not in commands, "a sub-menu does nothing itself"


def test_commands_are_those_of_the_active_window():
    assert see(editor(dialog=True)).commands == ()


def test_a_field_is_named_by_the_label_left_of_it():
    field = next(e for e in see(editor(dialog=True)).elements if e.text == "x.txt")
    assert field.label == "Name"


def test_the_editor_itself_takes_no_name_from_afar():
    assert next(e for e in see(editor()).elements if e.text == "hello").label == ""


def test_a_field_is_named_by_the_label_above_it_but_not_past_another_field():
    t = Planted()
    top = t.window("w", Box(0, 0, 400, 300), active=True)
    t.add("label", "Street", Box(10, 10, 80, 28), top)
    t.add("text", "", Box(10, 32, 200, 58), top, text="one")
    t.add("text", "", Box(10, 100, 200, 126), top, text="two")
    labels = {e.text: e.label for e in see(t.tree()).elements if e.role == "text"}
    assert labels == {"one": "Street", "two": ""}


def test_the_active_window_comes_first_and_fillers_are_left_out():
    scene = see(editor(dialog=True))
    assert scene.elements[0].label == "Save As"
    assert not [e for e in scene.elements if e.role == "panel"]
    assert [e.id for e in scene.elements] == [f"e{n}" for n in range(1, len(scene.elements) + 1)]


def test_what_is_scrolled_away_or_off_the_screen_is_not_shown():
    t = Planted()
    top = t.window("w", Box(0, 0, 400, 300), active=True)
    pane = t.add("panel", "list", Box(0, 0, 400, 100), top)
    t.add("list_item", "seen", Box(0, 80, 400, 120), pane)
    t.add("list_item", "below", Box(0, 120, 400, 160), pane)
    t.add("list_item", "hidden", Box(0, 20, 400, 40), pane, states=frozenset({"enabled"}))
    shown = {e.label: e.box for e in see(t.tree()).shown if e.role == "list_item"}
    assert shown == {"seen": Box(0, 80, 400, 100)}


def test_a_list_row_says_what_its_labels_say():
    t = Planted()
    top = t.window("w", Box(0, 0, 400, 300), active=True)
    row = t.add("list_item", "", Box(0, 20, 400, 40), top)
    t.add("label", "Home", Box(30, 20, 100, 40), row)
    assert [(e.role, e.label) for e in see(t.tree()).elements[1:]] == [("list_item", "Home")]


def test_options_of_a_combo_are_no_commands():
    t = Planted()
    top = t.window("w", Box(0, 0, 400, 300), active=True)
    combo = t.add("combo", "Red", Box(100, 20, 200, 40), top)
    t.add("label", "Colour:", Box(10, 20, 90, 40), top)
    menu = t.add("menu", "", parent=combo)
    t.add("menu_item", "Red", parent=menu)
    t.add("menu_item", "Blue", parent=menu)
    scene = see(t.tree())
    chosen = next(e for e in scene.elements if e.role == "combo")
    assert (chosen.label, chosen.text) == ("Colour", "Red")
    assert scene.commands == ()


def test_senses_are_kept_apart():
    read = []

    def reader(scene):
        read.append(scene)
        return scene

    Eyes(("tree",), reader).see(blank(), Tree()).deeper()
    assert not read, "with the tree only nothing is read from pixels"
    assert Eyes(("pixels",), reader).see(blank(), editor()).elements == ()
    assert len(read) == 1, "with pixels only they are read at once"
    both = Eyes(("pixels", "tree"), reader).see(blank(), editor())
    assert len(read) == 1, "a tree comes first, pixels wait to be asked"
    both.deeper()
    both.deeper()
    assert len(read) == 2
    with pytest.raises(UsageError, match="smell"):
        Eyes(("smell",))


def line(text, box):
    return TextLine(text, box, (), 0.95)


def test_what_is_read_confirms_labels_or_is_new():
    t = Planted()
    top = t.window("w", Box(0, 0, 400, 300), active=True)
    t.add("button", "Save", Box(10, 10, 80, 40), top)
    t.add("button", "", Box(100, 10, 180, 40), top)
    t.add("text", "", Box(10, 50, 380, 200), top, text="a long text\nof two lines", states=SHOWN | {"multiline"})
    scene = see(t.tree())
    lines = [
        line("Sove", Box(20, 15, 60, 35)),
        line("Print", Box(110, 15, 150, 35)),
        line("of two lines", Box(12, 70, 90, 90)),
        line("Ready", Box(10, 280, 60, 295)),
    ]
    fused = fuse(scene, lines)
    by_label = {e.label: e for e in fused}
    assert by_label["Save"].seen_by == {"tree", "text"}
    assert by_label["Print"].role == "button"
    assert [e.label for e in fused if e.role == "text_line"] == ["Ready"]
    assert by_label["Ready"].window == 0
    assert [e.id for e in fused[: len(scene.elements)]] == [e.id for e in scene.elements], "ids stay"


def test_a_deep_tree_does_not_overflow():
    t = Planted()
    parent = t.window("w", Box(0, 0, 400, 300), active=True)
    for _ in range(3000):
        parent = t.add("panel", "", Box(0, 0, 400, 300), parent)
    t.add("button", "deep", Box(10, 10, 50, 30), parent)
    assert see(t.tree()).elements[-1].label == "deep"


def test_an_element_of_a_window_that_is_partly_off_the_screen_is_cut():
    shot = Screenshot(Image.new("RGB", (100, 100)))
    t = Planted()
    top = t.window("w", Box(-50, 0, 400, 300), active=True)
    t.add("button", "wide", Box(-20, 10, 30, 30), top)
    tree = replace(t.tree())
    assert Eyes(("tree",)).see(shot, tree).elements[-1].box == Box(0, 10, 30, 30)
