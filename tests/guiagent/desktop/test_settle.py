"""Waiting until the picture stands still."""

from PIL import Image, ImageDraw

from grounding.tree import Tree
from guiagent.desktop.fake import FakeDesktop
from guiagent.desktop.settle import settle


def picture(*boxes):
    image = Image.new("RGB", (400, 300), "white")
    for box in boxes:
        ImageDraw.Draw(image).rectangle(box, "black")
    return image, Tree()


def test_a_still_picture_settles_with_the_last_look():
    desktop = FakeDesktop(screens=[picture(), picture((0, 0, 99, 99)), picture((0, 0, 50, 50))])
    screenshot, settled = settle(desktop, apart_s=0)
    assert settled
    assert screenshot.image.getpixel((50, 50)) == (0, 0, 0)
    assert screenshot.image.getpixel((99, 99)) == (255, 255, 255)


def test_a_blinking_text_cursor_does_not_matter():
    desktop = FakeDesktop(screens=[picture(), picture((10, 10, 11, 30))])
    assert settle(desktop, apart_s=0).settled


def test_a_picture_that_never_stands_still_is_given_back_and_said_so():
    desktop = FakeDesktop(screens=[picture((n, 0, n + 50, 50)) for n in range(100)])
    screenshot, settled = settle(desktop, patience=0.1, apart_s=0.005)
    assert not settled
    assert screenshot.size == (400, 300)
