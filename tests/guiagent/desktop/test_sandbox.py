"""A real sandbox: it starts fast, shows and reads applications, leaves nothing, and says what went wrong."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from waiting import focused_text, need, open_editor, wait_for

from guiagent.desktop.sandbox import NEEDED, Sandbox
from planner.action import Drag, Launch, Press, Scroll, Type
from runtime.errors import AppNotInstalled, DesktopLost, DesktopUnavailable

pytestmark = pytest.mark.display
MENU_ITEMS = ("menu_item", "check_menu_item", "radio_menu_item")


def processes_with(text):
    """Processes whose command line or environment names something."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if text.encode() in (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def test_it_starts_fast_and_leaves_nothing():
    began = time.monotonic()
    with Sandbox(files={"Documents/für später 漢.txt": "ein Wort"}) as desktop:
        assert time.monotonic() - began < 6  # 0.4 s on two idle cores
        assert desktop.run(["cat", "Documents/für später 漢.txt"]).stdout == "ein Wort"
        desktop.perform(Launch(app="mousepad", files=("Documents/für später 漢.txt",)))
        assert wait_for(lambda: focused_text(desktop)).text == "ein Wort"
        assert desktop.running("mousepad")
        folder = desktop.folder
        assert processes_with(str(folder))
    assert not folder.exists()
    assert not processes_with(str(folder))


def test_it_leaves_nothing_when_its_owner_is_killed():
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}\n"
        "from guiagent.desktop.sandbox import Sandbox\n"
        "s = Sandbox(); s.launch('mousepad'); print(s.folder, flush=True); sys.stdin.read()"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with owner:
        folder = Path(owner.stdout.readline().strip())
        assert folder.is_dir()
        time.sleep(1)
        owner.send_signal(signal.SIGKILL)
    wait_for(lambda: not folder.exists() and not processes_with(str(folder)), 5)


def test_a_screen_that_is_killed_is_a_lost_desktop(sandbox):
    for pid in processes_with(str(sandbox.folder)):
        with contextlib.suppress(OSError):  # others of them come and go
            if b"Xvfb" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)
    with pytest.raises(DesktopLost, match=r"gone away|ended"):
        wait_for(lambda: sandbox.look() and False, 3)
    with pytest.raises(DesktopLost):
        sandbox.tree()
    with pytest.raises(DesktopLost):
        sandbox.perform(Type(text="x"))


def test_the_menus_are_known_without_a_click(sandbox):
    open_editor(sandbox)
    tree = sandbox.tree()
    items = {node.name: node for node in tree.nodes if node.role in MENU_ITEMS}
    assert len(items) > 100
    assert items["Save As..."].shortcut == "ctrl+shift+s"
    assert not items["Save As..."].box
    assert tree.complete
    window = tree.windows[0]
    assert window.active
    assert window.app == "mousepad"
    for node in tree.nodes:
        if node.box and "showing" in node.states:
            assert node.box.share_in(window.box) > 0.99, node


@pytest.mark.parametrize("layout", ["us", "de", "fr"])
def test_text_arrives_exactly(layout):
    text = "<>\"'~^`´ éß漢🙂€µ {[@\\|]} dead: ^e ~n ¨u\n\tqwertz AZERTY 0123456789 Ωж & done."
    with Sandbox(layout=layout) as desktop:
        open_editor(desktop)
        desktop.perform(Press(keys="Caps_Lock"))
        desktop.perform(Type(text=text))
        wait_for(lambda: focused_text(desktop).text == text, 5)
        desktop.perform(Press(keys="Caps_Lock"))
        desktop.perform(Press(keys="ctrl+a"))
        long = "The quick brown Fox; jumps! " * 15
        began = time.monotonic()
        desktop.perform(Type(text=long))
        assert time.monotonic() - began < 5  # 0.5 s on two idle cores
        wait_for(lambda: focused_text(desktop).text == long, 5)


def test_more_foreign_characters_than_there_are_spare_keys(sandbox):
    open_editor(sandbox)
    text = "".join(chr(0x4E00 + n * 7) for n in range(150))
    sandbox.perform(Type(text=text))
    wait_for(lambda: focused_text(sandbox).text == text, 10)


@pytest.mark.parametrize("actions", [[Type(text="näme.txt\n")], [Type(text="näme.txt"), Press(keys="Return")]])
def test_a_name_typed_into_a_file_dialog_is_confirmed(sandbox, actions):
    open_editor(sandbox)
    sandbox.perform(Type(text="kept"))
    sandbox.perform(Press(keys="ctrl+s"))
    wait_for(lambda: any(window.role == "dialog" and window.active for window in sandbox.tree().windows))
    wait_for(lambda: focused_text(sandbox))
    for action in actions:
        sandbox.perform(action)
    wait_for(lambda: (sandbox.home / "näme.txt").exists() and (sandbox.home / "näme.txt").read_text() == "kept", 5)


@pytest.mark.parametrize("layout", ["us", "fr"])
def test_text_arrives_exactly_in_qt(layout):
    need("featherpad")
    text = "<>\"'~^ éß漢🙂 dead: ^e ~n\n\tazerty."
    with Sandbox(layout=layout) as desktop:
        open_editor(desktop, "featherpad")
        desktop.perform(Type(text=text))
        wait_for(lambda: focused_text(desktop).text == text, 5)


@pytest.mark.slow
def test_text_arrives_exactly_in_libreoffice(sandbox):
    need("soffice", "xclip")
    text = "<>\"'~^ éß漢 🙂 dead: ^e ~n\n\tazerty. teh -- (c)\nline"
    sandbox.perform(Launch(app="libreoffice-writer"))
    wait_for(lambda: any(w.title.startswith("Untitled") for w in sandbox.tree().windows), 40)
    time.sleep(2)
    sandbox.perform(Type(text=text))
    sandbox.perform(Press(keys="ctrl+a"))
    sandbox.perform(Press(keys="ctrl+c"))
    copy = ["xclip", "-o", "-selection", "clipboard", "-t", "UTF8_STRING"]
    wait_for(lambda: sandbox.run(copy).stdout == text, 8)


def test_an_application_that_hangs_does_not_hold_up_the_rest(sandbox):
    open_editor(sandbox)
    process = sandbox.launch("galculator")
    wait_for(lambda: len(sandbox.tree().windows) == 2)
    sandbox.session.kill(process, signal.SIGSTOP)
    began = time.monotonic()
    tree = sandbox.tree()
    assert time.monotonic() - began < 2
    assert "galculator does not answer" in tree.note
    assert [window.app for window in tree.windows] == ["mousepad"]
    sandbox.session.kill(process, signal.SIGCONT)
    wait_for(lambda: len(sandbox.tree().windows) == 2)


def test_an_application_that_dies_is_told_at_the_next_look(sandbox):
    (sandbox.home / "broken").write_text("#!/bin/sh\necho 'no such thing' >&2\nexit 3\n")
    (sandbox.home / "broken").chmod(0o755)
    process = sandbox.session.start([str(sandbox.home / "broken")], sandbox.env, sandbox.home, app="broken")
    sandbox.session.wait(process, 5)
    assert sandbox.tree().note.endswith("broken ended with error 3: no such thing.")
    assert "broken" not in sandbox.tree().note
    with pytest.raises(AppNotInstalled, match="frobnicator"):
        sandbox.perform(Launch(app="frobnicator"))


def test_keys_are_let_go_at_the_end(sandbox):
    sandbox.hands.keyboard.hold_named(("ctrl", "shift"))
    sandbox.hands._button(4, 1)
    assert sandbox.x.pointer()[1] & 0x105 == 0x105
    sandbox.hands.release()
    assert sandbox.x.pointer()[1] & 0x105 == 0


def test_dragging_selects_and_scrolling_scrolls(sandbox):
    sandbox.put("lines.txt", "".join(f"line {n}\n" for n in range(300)))
    sandbox.perform(Launch(app="mousepad", files=("lines.txt",)))
    field = wait_for(lambda: focused_text(sandbox))
    time.sleep(0.5)
    before = sandbox.look()
    sandbox.perform(Scroll(at=field.box.centre, notches=5))
    wait_for(lambda: sandbox.look().sha256 != before.sha256, 3)
    start, end = field.box.left + 4, field.box.top + 8
    sandbox.perform(Drag(start=(start, end), end=(start + 300, end)))
    sandbox.perform(Press(keys="Delete"))
    wait_for(lambda: "\n\n" in focused_text(sandbox).text, 3)


def test_a_wrong_layout_and_a_missing_program_say_so(monkeypatch, tmp_path):
    with pytest.raises(DesktopUnavailable, match="no keyboard layout 'klingon'"):
        Sandbox(layout="klingon")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DesktopUnavailable, match=r"sudo apt install .*xvfb openbox"):
        Sandbox()


def test_without_bubblewrap_it_works_too_and_says_so(monkeypatch):
    monkeypatch.setattr("guiagent.desktop.sandbox.bubblewrap_problem", lambda: "there is no bubblewrap.")
    with Sandbox() as desktop:
        assert "there is no bubblewrap." in desktop.facts.notes
        open_editor(desktop)
        assert desktop.run(["id", "-u"]).stdout.strip() != "0"
        folder = desktop.folder
    assert not folder.exists()
    assert not processes_with(str(folder))


def test_it_tells_of_its_files(sandbox):
    before = time.time() - 2
    place = sandbox.put("Documents/a b.txt", "hello")
    told = sandbox.filed(str(place))
    assert (told.is_folder, told.size) == (False, 5)
    assert before < told.written < time.time() + 2
    assert sandbox.filed(str(place.parent)).is_folder
    assert sandbox.filed(str(place.parent / "none")) is None
    assert sandbox.filed("bad\0path") is None


def test_applications_are_kept_apart(sandbox):
    if sandbox.facts.notes:
        pytest.skip(sandbox.facts.notes[0])
    assert sandbox.run(["id", "-un"]).stdout == "user\n"
    assert sandbox.run(["sh", "-c", "echo x > /usr/x"]).returncode != 0
    assert sandbox.run(["ls", "/home", "/root"]).stdout.split() == ["/home:", "user", "/root:"]
    assert sandbox.run(["ls", "-A", "/home/user"]).stdout == sandbox.run(["ls", "-A"]).stdout, "its own home, no other"


def test_of_a_folder_with_hundreds_of_files_those_on_the_screen_are_in_the_tree():
    need(*NEEDED, "pcmanfm")
    with Sandbox(files={f"many/note {n:03}.txt": "x" for n in range(310)}) as desktop:
        desktop.launch("pcmanfm", [str(desktop.home / "many")])

        def shown():
            return [node for node in desktop.tree().nodes if node.role == "icon" and node.name.startswith("note ")]

        icons = wait_for(lambda: (now := shown()) and len(now) == len(shown()) and now)
        assert [icon.name for icon in icons] == [f"note {n:03}.txt" for n in range(len(icons))]  # in order, each once
        assert 8 <= len(icons) < 310
        lines = {icon.box.top for icon in icons}
        assert 1 < len(lines) < len(icons)
