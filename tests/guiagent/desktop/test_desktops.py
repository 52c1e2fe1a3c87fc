"""What every desktop does."""

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest
from waiting import focused_text, open_editor, wait_for

from grounding.geometry import Size
from guiagent.desktop.desktop import Desktop
from guiagent.desktop.fake import FakeDesktop
from guiagent.desktop.here import Here, pyautogui_keys
from planner.action import Click, Launch, Press, Type
from runtime.errors import AppNotInstalled, DesktopLost, DesktopUnavailable


def keeps_the_contract(desktop, app):
    assert isinstance(desktop, Desktop)
    facts = desktop.facts
    assert facts.kind in ("fake", "sandbox", "here")
    shot = desktop.look()
    assert shot.size == facts.size
    assert shot.image.mode == "RGB"
    with pytest.raises(AppNotInstalled, match="no-such-app"):
        desktop.perform(Launch(app="no-such-app"))
    field = open_editor(desktop, app)
    assert shot.box.cut(field.box) == field.box
    desktop.perform(Click(at=field.box.centre))
    desktop.perform(Type(text="Grüße\n~^ 漢🙂"))
    wait_for(lambda: focused_text(desktop).text == "Grüße\n~^ 漢🙂")
    tree = desktop.tree()
    assert [w.active for w in tree.windows].count(True) == 1
    assert all(node.parent < at for at, node in enumerate(tree.nodes))
    desktop.perform(Press(keys="ctrl+a"))
    desktop.perform(Type(text="new"))
    wait_for(lambda: focused_text(desktop).text == "new")
    assert desktop.look().sha256 != shot.sha256
    desktop.close()
    desktop.close()


def test_fake():
    keeps_the_contract(FakeDesktop(), "editor")


def test_a_fake_that_is_lost_says_so():
    with pytest.raises(DesktopLost):
        FakeDesktop(lost=True).look()


@pytest.mark.display
def test_sandbox(sandbox):
    keeps_the_contract(sandbox, "mousepad")
    with pytest.raises(DesktopLost):
        sandbox.look()


HERE = """
import sys
sys.path[:0] = {path!r}
from guiagent.desktop.here import Here
"""


@pytest.mark.display
def test_this_computer(sandbox):
    if not find_spec("pyautogui"):
        pytest.skip("install it: pip install 'guiagent[input]'")
    names = ("DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "GTK_MODULES", "NO_AT_BRIDGE")
    env = {**os.environ, **{name: sandbox.env[name] for name in names}}
    # The editor belongs to the sandbox, as it must share its session; `here` finds it open.
    open_editor(sandbox)
    code = HERE.format(path=sys.path) + WORKS
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


WORKS = """
from planner.action import Click, Drag, Move, Press, Scroll, Type
from waiting import focused_text, wait_for
with Here() as desktop:
    assert desktop.look().size == desktop.facts.size == (1280, 800)
    desktop.perform(Click(at=focused_text(desktop).box.centre, count=2))
    desktop.perform(Type(text="Grüße ~^ 漢🙂"))
    wait_for(lambda: focused_text(desktop).text == "Grüße ~^ 漢🙂")
    desktop.perform(Press(keys="ctrl+a"))
    desktop.perform(Press(keys="BackSpace"))
    wait_for(lambda: focused_text(desktop).text == "")
    at = focused_text(desktop).box.centre
    for action in (Move(at=at), Scroll(at=at, notches=2), Drag(start=at, end=(at.x + 20, at.y))):
        desktop.perform(action)
"""


def test_without_a_display_this_computer_says_what_to_do():
    with pytest.raises(DesktopUnavailable, match=r"DISPLAY is not set.*--desktop sandbox"):
        Here(environment={})


def test_keys_in_pyautoguis_words():
    assert pyautogui_keys("Ctrl+Shift+Page_Down") == ["ctrl", "shift", "pagedown"]
    assert pyautogui_keys("Return") == ["enter"]


def test_the_fakes_dialog_saves():
    desktop = FakeDesktop()
    desktop.perform(Launch(app="editor"))
    desktop.perform(Type(text="hello"))
    desktop.perform(Press(keys="ctrl+s"))
    assert [w.title for w in desktop.tree().windows if w.active] == ["Save As"]
    desktop.perform(Type(text="note.txt\n"))
    assert desktop.files == {"note.txt": "hello"}
    assert desktop.look().size == Size(800, 600)
