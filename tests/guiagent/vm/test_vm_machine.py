"""QEMU itself, with a disk of ten bytes that shows what is typed: no image, no agent, nothing but the picture."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from grounding.geometry import Point, Size
from guiagent.desktop.desktop import Desktop
from guiagent.desktop.vm_bare import BareMachine
from guiagent.vm.accel import choose, probe
from guiagent.vm.hands import AXIS, event, scan_code
from guiagent.vm.machine import BOOTED, QEMU, Machine, Shape, Source, StateDamaged, require_qemu
from guiagent.vm.qmp import Refused
from planner.action import Click, Launch, Press, Type
from runtime.errors import AppNotInstalled, DesktopLost, DesktopUnavailable, UsageError

ECHO = bytes.fromhex("b400cd16b40ecd10ebf6")
"""Wait for a key (BIOS int 16h), write its character on the screen (int 10h), again."""
SHAPE = Shape(memory=64, cores=1)
TEXT_MEMORY = 0xB8000
needs_qemu = pytest.mark.skipif(
    not shutil.which(QEMU) or not shutil.which("qemu-img") or not find_spec("qemu"),
    reason="install it: sudo apt install qemu-system-x86 qemu-utils; pip install 'guiagent[vm]'",
)


def waits(true, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


@pytest.fixture
def disk(tmp_path):
    raw = tmp_path / "echo.raw"
    raw.write_bytes(ECHO.ljust(510, b"\0") + b"\x55\xaa" + bytes(1 << 20))
    place = tmp_path / "echo.qcow2"
    subprocess.run(["qemu-img", "convert", "-O", "qcow2", str(raw), str(place)], check=True)
    return place


@pytest.fixture
def bare(disk):
    with BareMachine(disk, SHAPE) as machine:
        assert waits(lambda: "Booting" in shown(machine))
        yield machine


def shown(bare):
    """The characters on the text screen."""
    place = bare.machine.folder / "text"
    bare.machine.ask("pmemsave", val=TEXT_MEMORY, size=80 * 25 * 2, filename=str(place))
    return place.read_bytes()[::2].decode("cp437")


@needs_qemu
def test_a_machine_without_an_agent_is_seen_and_typed_on(bare):
    assert isinstance(bare, Desktop)
    before = bare.look()
    assert before.size == bare.facts.size
    text = "Hello, World! 0123 (a+b)*c={~|\\}^ <x> 'q\" @#$%&;:?/_-"
    bare.perform(Type(text=text))
    assert waits(lambda: text in shown(bare)), shown(bare)
    assert bare.look().sha256 != before.sha256
    bare.perform(Click(at=Point(5, 5)))
    bare.perform(Press(keys="shift+a"))
    assert waits(lambda: text + "A" in shown(bare))
    assert "only the picture" in bare.tree().note
    with pytest.raises(UsageError, match="'é' cannot be typed on this machine"):
        bare.perform(Type(text="é"))
    with pytest.raises(AppNotInstalled, match="open mousepad by hand"):
        bare.perform(Launch(app="mousepad"))
    bare.close()
    bare.close()
    with pytest.raises(DesktopLost):
        bare.look()


@needs_qemu
def test_states_are_kept_and_gone_back_to(bare):
    bare.perform(Type(text="one"))
    assert waits(lambda: "one" in shown(bare))
    bare.machine.save("kept")
    bare.perform(Type(text="two"))
    assert waits(lambda: "onetwo" in shown(bare))
    bare.machine.load("kept")
    assert "onetwo" not in shown(bare)
    bare.perform(Type(text="three"))
    assert waits(lambda: "onethree" in shown(bare))
    with pytest.raises(Refused, match="no-such"):
        bare.machine.load("no-such")
    assert bare.machine.ask("query-status")["status"] == "running"


@needs_qemu
def test_a_disk_with_a_booted_state_is_what_others_start_from(bare, tmp_path):
    bare.perform(Type(text="kept"))
    assert waits(lambda: "kept" in shown(bare))
    disk = tmp_path / "booted.qcow2"
    bare.machine.save(BOOTED)
    bare.machine.close(keep=disk)
    for _ in range(2):
        machine = Machine(Source(disk, booted=True), SHAPE)
        try:
            assert machine.ask("query-status")["status"] == "running"
            other = BareMachine.__new__(BareMachine)
            other.machine = machine
            assert "kept" in shown(other)
        finally:
            machine.close()


@needs_qemu
def test_a_machine_that_dies_is_told_and_nothing_of_it_stays(bare):
    folder = bare.machine.folder
    os.kill(process_of(folder), signal.SIGKILL)
    with pytest.raises(DesktopLost, match="start it again"):
        waits(lambda: bare.look() is None, 20)
    assert not bare.machine.alive()
    bare.close()
    assert not folder.exists()


OWNER = """
import sys, time
from pathlib import Path
from guiagent.vm.machine import Machine, Shape, Source
machine = Machine(Source(Path(sys.argv[1])), Shape(memory=64, cores=1))
print(machine.folder, flush=True)
time.sleep(600)
"""


@needs_qemu
def test_whose_owner_is_killed_ends(disk):
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(disk)], stdout=subprocess.PIPE, text=True, env=env)
    folder = Path(owner.stdout.readline().strip())
    assert process_of(folder)
    owner.kill()
    owner.communicate()
    assert waits(lambda: not folder.exists() and not process_of(folder))


def process_of(folder):
    """The number of the QEMU that works in a folder; 0 where there is none."""
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
        except OSError:
            continue
        if words and words[0].endswith(QEMU.encode()) and any(str(folder).encode() in word for word in words):
            return int(entry.name)
    return 0


SLOW = """\
#!{python}
import os, socket, sys, time
place = next(word for word in sys.argv if word.startswith("unix:"))
socket.socket(socket.AF_UNIX).bind(place.removeprefix("unix:").partition(",")[0])
time.sleep(0.3)
os.execv("{qemu}", sys.argv)
"""


@needs_qemu
def test_a_qemu_that_is_slow_to_listen_is_waited_for(disk, tmp_path, monkeypatch):
    """On a busy machine its socket was there before it listened, and the connection was refused."""
    slow = tmp_path / "bin" / QEMU
    slow.parent.mkdir()
    slow.write_text(SLOW.format(python=sys.executable, qemu=shutil.which(QEMU)))
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}:{os.environ['PATH']}")
    with BareMachine(disk, SHAPE) as machine:
        assert machine.machine.ask("query-status")["status"] == "running"


@needs_qemu
@pytest.mark.parametrize("content", [b"", b"no disk at all", b"QFI\xfb" + b"\xff" * 600])
def test_a_corrupt_disk_says_what_to_do(tmp_path, content):
    disk = tmp_path / "bad.qcow2"
    disk.write_bytes(content)
    with pytest.raises(DesktopUnavailable, match=r"bad\.qcow2.*guiagent vm build --again"):
        Machine(Source(disk), SHAPE)


@needs_qemu
def test_a_disk_that_lacks_its_booted_state_says_so(disk):
    with pytest.raises(StateDamaged, match=BOOTED):
        Machine(Source(disk, booted=True), SHAPE)
    disk.write_bytes(b"nothing of use")
    with pytest.raises(StateDamaged, match="QEMU did not start"):
        Machine(Source(disk, booted=True), SHAPE)


@needs_qemu
def test_a_full_disk_says_so_and_nothing_stays(bare, small_disk, tmp_path, monkeypatch):
    booted = tmp_path / "booted.qcow2"
    bare.machine.save(BOOTED)
    bare.machine.close(keep=booted)
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    (small_disk / "other").write_bytes(bytes((1 << 20) - 65536))
    for source in (Source(booted, booted=True), Source(booted)):
        with pytest.raises(DesktopUnavailable, match=r"the disk is full .*make room"):
            Machine(source, SHAPE)
        assert [path.name for path in small_disk.iterdir()] == ["other"]


@needs_qemu
def test_ports_never_clash(disk):
    """QEMU takes any port that is free, so that as many machines run as memory carries."""
    with BareMachine(disk, SHAPE) as one, BareMachine(disk, SHAPE) as other:
        assert one.machine.relay_port() != other.machine.relay_port()


def test_without_qemu_the_packages_are_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DesktopUnavailable, match="sudo apt install qemu-system-x86 qemu-utils"):
        require_qemu()


@needs_qemu
def test_the_probe_tells_what_boots():
    assert probe(QEMU, "tcg", 60.0) == ""
    assert "QEMU ended with code" in probe(QEMU, "no-such", 60.0)


@needs_qemu
def test_what_the_probe_found_is_remembered(tmp_path):
    memory = tmp_path / "accel.json"
    first = choose("auto", QEMU, memory)
    memory.write_text("{damaged")
    assert choose("auto", QEMU, memory) == first
    assert choose("tcg", QEMU, memory).accel == "tcg"


def test_keys_and_places_in_qemus_words():
    assert [scan_code(code) for code in (9, 38, 104, 111, 255)] == [1, 30, 0x9C, 0xC8, 0]
    right = event(6, 0, Point(1279, 799), Size(1280, 800))
    assert [part["data"]["value"] * side // AXIS for part, side in zip(right, (1280, 800), strict=True)] == [1279, 799]
    assert event(4, 5, Point(0, 0), Size(1, 1))[0]["data"]["button"] == "wheel-down"
    assert event(5, 5, Point(0, 0), Size(1, 1)) == []
