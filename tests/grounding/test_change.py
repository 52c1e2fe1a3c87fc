"""What a person would say has changed is what the change says."""

from __future__ import annotations

from dataclasses import replace

from PIL import ImageDraw

from grounding import Box, Eyes, Screenshot
from grounding.change import changes, fingerprint
from tests.grounding.screens import blank, editor

EYES = Eyes(("tree",))


def test_nothing_changed():
    scene = EYES.see(blank(), editor())
    change = changes(scene, EYES.see(blank(), editor()))
    assert change.nothing
    assert change.summary == "nothing changed"


def test_a_dialog_opened():
    change = changes(EYES.see(blank(), editor()), EYES.see(blank(), editor(dialog=True)))
    assert [window.title for window in change.opened] == ["Save As"]
    assert change.summary.startswith("'Save As' opened")
    assert changes(EYES.see(blank(), editor(dialog=True)), EYES.see(blank(), editor())).closed


def test_a_text_was_written():
    change = changes(EYES.see(blank(), editor()), EYES.see(blank(), editor(text="hello world")))
    assert [(edit.before, edit.after) for edit in change.texts] == [("hello", "hello world")]
    assert "'hello' became 'hello world'" in change.summary


def test_a_box_was_ticked():
    before = EYES.see(blank(), editor(dialog=True))
    ticked = tuple(
        replace(e, states=e.states | {"checked"}) if e.label == "Make Backup" else e for e in before.elements
    )
    change = changes(before, replace(before, elements=ticked))
    assert change.summary == "checkbox 'Make Backup' is checked"


def test_a_menu_opened():
    before = EYES.see(blank(), editor())
    opened = tuple(replace(e, box=Box(0, 50, 90, 75)) if e.label == "Save" else e for e in before.elements)
    change = changes(before, replace(before, elements=opened))
    assert [e.label for e in change.appeared] == ["Save"]
    assert change.summary == "menu 'File' opened"


def test_pixels_alone_show_where_a_dialog_appeared():
    before, after = blank(), blank()
    pen = ImageDraw.Draw(after.image)
    pen.rectangle((300, 200, 699, 499), fill="white")
    pen.rectangle((20, 20, 25, 25), fill="black")
    eyes = Eyes(("pixels",), read=lambda scene: scene)
    change = changes(eyes.see(before), eyes.see(after))
    assert change.boxes[0] == Box(300, 200, 700, 500)
    assert not change.nothing


def test_a_blinking_caret_is_no_change():
    before, after = blank(), blank()
    ImageDraw.Draw(after.image).line((100, 100, 100, 118), fill="black")
    eyes = Eyes(("pixels",), read=lambda scene: scene)
    assert changes(eyes.see(before), eyes.see(after)).nothing
    assert fingerprint(eyes.see(before)) == fingerprint(eyes.see(after))


def test_another_state_has_another_fingerprint():
    one, other = EYES.see(blank(), editor()), EYES.see(blank(), editor(text="more"))
    assert fingerprint(one) == fingerprint(EYES.see(blank(), editor()))
    assert fingerprint(one) != fingerprint(other)
    eyes = Eyes(("pixels",), read=lambda scene: scene)
    assert fingerprint(eyes.see(blank())) != fingerprint(eyes.see(blank(colour="black")))


def test_another_size_of_screen_is_a_change():
    scene = EYES.see(blank(), editor())
    smaller = Screenshot(blank(800, 600).image)
    assert changes(scene, replace(scene, screenshot=smaller)).boxes
