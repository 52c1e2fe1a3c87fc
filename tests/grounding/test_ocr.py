"""Words that were written into a picture are read from it, where they are."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image, ImageDraw

from grounding import Box, Eyes, Finder, Screenshot
from grounding.looker import Looker, changed_boxes
from grounding.ocr import read
from tests.grounding.screens import font, written

pytest.importorskip("rapidocr", reason="reading pixels is an extra: pip install 'guiagent[ocr]'")
pytest.importorskip("onnxruntime", reason="reading pixels is an extra: pip install 'guiagent[ocr]'")


def pixels(image):
    return np.asarray(image.convert("RGB"))


def test_text_is_read_where_it_is(capfd):
    lines = read(pixels(written((40, 50, "Save changes before closing?"), (400, 200, "Cancel"))))
    assert [line.text for line in lines] == ["Save changes before closing?", "Cancel"]
    assert Box(395, 195, 460, 225).join(lines[1].box) == Box(395, 195, 460, 225)
    changes = next(word for word in lines[0].words if word.text == "changes")
    assert 70 < changes.box.left < 90
    assert capfd.readouterr() == ("", ""), "reading is silent"


def test_a_menu_bar_is_cut_into_its_menus():
    x, places = 10, []
    for word in ("File", "Edit", "Search", "View", "Document", "Help"):
        places.append((x, 8, word))
        x += int(font(13).getlength(word)) + 18
    lines = read(pixels(written(*places, size=13)))
    assert [line.text for line in lines] == ["File", "Edit", "Search", "View", "Document", "Help"]


def test_underlined_letters_are_read_as_letters():
    image = written((10, 10, "File"), (120, 10, "Edit"), size=14)
    pen = ImageDraw.Draw(image)
    pen.line((10, 26, 17, 26), fill="#202020")
    pen.line((120, 26, 127, 26), fill="#202020")
    assert [line.text for line in read(pixels(image))] == ["File", "Edit"]


def test_light_on_dark_is_read_too():
    image = Image.new("RGB", (500, 120), "#1e1e1e")
    ImageDraw.Draw(image).text((30, 40), "Preferences and colours", fill="#dddddd", font=font(14))
    assert [line.text for line in read(pixels(image))] == ["Preferences and colours"]


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (500, 3), (40, 40)])
def test_pictures_without_text_give_no_lines(size):
    assert read(pixels(Image.new("RGB", size, "gray"))) == ()


def test_looking_again_equals_looking_for_the_first_time():
    screen = written((30, 30, "First line of text"), (30, 80, "Second line"), (30, 130, "Third one here"))
    steps = [screen]
    box = screen.copy()
    pen = ImageDraw.Draw(box)
    pen.rectangle((250, 100, 560, 260), fill="white", outline="black")
    pen.text((270, 120), "Do you want to save?", fill="black", font=font(14))
    pen.text((480, 220), "Cancel", fill="black", font=font(14))
    edited = box.copy()
    ImageDraw.Draw(edited).rectangle((25, 75, 200, 105), fill="#f4f4f4")
    ImageDraw.Draw(edited).text((30, 80), "Another text", fill="#202020", font=font(14))
    steps += [box, edited, screen]
    looker = Looker()
    for image in steps:
        again = {(line.text, line.box.centre.x // 4) for line in looker.read(pixels(image))}
        assert again == {(line.text, line.box.centre.x // 4) for line in read(pixels(image))}


def test_an_unchanged_screen_costs_nothing():
    picture = pixels(written((30, 30, "Some text"), screen=(1280, 800)))
    looker = Looker()
    first = looker.read(picture)
    times = []
    for _ in range(5):
        same = picture.copy()
        started = time.perf_counter()
        assert looker.read(same) == first
        times.append(time.perf_counter() - started)
    assert min(times) < 0.05


def test_only_what_changed_is_read_again():
    sizes = []

    def reader(part):
        sizes.append(part.shape)
        return ()

    before = np.zeros((800, 1280, 3), np.uint8)
    after = before.copy()
    after[300:340, 400:600] = 255
    looker = Looker(reader)
    looker.read(before)
    looker.read(after)
    assert sizes[0] == (800, 1280, 3)
    assert sizes[1][0] < 100
    assert sizes[1][1] < 300
    assert changed_boxes(before, after) == [Box(400, 300, 600, 340)]


def dialog():
    """A dialog drawn as toolkits draw it: a field with its label, a checkbox, two buttons."""
    image = Image.new("RGB", (640, 320), "#f0f0f0")
    pen = ImageDraw.Draw(image)
    pen.text((20, 22), "Name:", fill="black", font=font(14))
    pen.rectangle((90, 15, 400, 45), fill="white", outline="#808080")
    pen.text((98, 22), "letter.txt", fill="black", font=font(14))
    pen.rectangle((20, 80, 33, 93), fill="white", outline="#505050")
    pen.text((42, 78), "Make a backup", fill="black", font=font(14))
    for left, label in ((400, "Cancel"), (510, "Save")):
        pen.rectangle((left, 270, left + 95, 304), fill="#e4e4e4", outline="#909090")
        pen.text((left + 47 - font(14).getlength(label) / 2, 278), label, fill="black", font=font(14))
    return image


def test_pixels_alone_tell_buttons_fields_and_checkboxes():
    scene = Eyes(("pixels",)).see(Screenshot(dialog()))
    found = {(e.role, e.label, e.text) for e in scene.elements}
    assert {("button", "Cancel", ""), ("button", "Save", ""), ("text", "Name", "letter.txt")} <= found
    assert ("checkbox", "Make a backup", "") in found
    assert scene.windows == ()
    field = Finder().find(scene, "the Name field")[0]
    assert Box(90, 15, 400, 45).has(field.point)
    assert Finder().find(scene, "Save button")[0].how == "text"


def test_nothing_is_loaded_before_it_is_needed():
    code = "import sys, grounding; print([m for m in ('rapidocr', 'onnxruntime', 'cv2') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
