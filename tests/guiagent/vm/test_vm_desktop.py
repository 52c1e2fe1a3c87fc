"""A machine of a real image: what every desktop does, resets without drift, tasks. `make test-vm` runs them."""

import hashlib
import socket
import threading
import time

import pytest

from grounding.geometry import Point
from guiagent.assemble import machine_shape, open_machine
from guiagent.desktop.desktop import Desktop
from guiagent.desktop.vm import VirtualMachine
from guiagent.vm.images import image_named
from guiagent.vm.states import ready
from planner.action import Click, Drag, Launch, Move, Press, Scroll, Type
from runtime.errors import AppNotInstalled, DesktopLost, DesktopUnavailable, ModelError
from runtime.library import Library
from tasks import bench, ledger

pytestmark = [pytest.mark.vm, pytest.mark.slow]
RESETS = 20
SIX = (
    "galculator-expression", "galculator-tickets", "mousepad-append", "mousepad-write", "pcmanfm-copy",
    "pcmanfm-rename",
)  # fmt: skip


def waits(true, seconds=120.0):
    deadline = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return found


def field(vm):
    return next((node for node in vm.tree().nodes if node.role == "text" and "focused" in node.states), None)


def holds(vm, text):
    return waits(lambda: (node := field(vm)) is not None and node.text == text)


def test_it_does_what_every_desktop_does(vm):
    assert isinstance(vm, Desktop)
    assert vm.facts.kind == "vm"
    shot = vm.look()
    assert shot.size == vm.facts.size
    assert shot.image.mode == "RGB"
    with pytest.raises(AppNotInstalled, match="no-such-app"):
        vm.perform(Launch(app="no-such-app"))
    vm.perform(Launch(app="mousepad"))
    assert waits(lambda: field(vm))
    box = field(vm).box
    assert shot.box.cut(box) == box
    vm.perform(Click(at=box.centre))
    vm.perform(Type(text="Grüße\n~^ 漢🙂"))
    assert holds(vm, "Grüße\n~^ 漢🙂")
    tree = vm.tree()
    assert [w.active for w in tree.windows].count(True) == 1
    assert all(node.parent < at for at, node in enumerate(tree.nodes))
    vm.perform(Press(keys="ctrl+a"))
    vm.perform(Type(text="new"))
    assert holds(vm, "new")
    assert vm.look().sha256 != shot.sha256
    vm.close()
    vm.close()
    with pytest.raises(DesktopLost):
        vm.look()


def test_the_pointer_goes_where_it_is_sent(vm):
    for at in (Point(0, 0), Point(1279, 799), Point(640, 400), Point(17, 3)):
        vm.perform(Move(at=at))
        assert vm.inside.x.pointer()[0] == at
    vm.perform(Scroll(at=Point(640, 400), notches=2))
    vm.perform(Drag(start=Point(100, 100), end=Point(200, 200)))
    assert vm.inside.x.pointer()[1] & 0x1F00 == 0  # nothing is held


def drift(vm):
    """A hash of the home folder and one of the screen."""
    done = vm.agent.run(["sh", "-c", "cd /home/user && find . -type f | sort | xargs -d '\\n' sha256sum"], 120.0)
    return hashlib.sha256(done.output).hexdigest(), vm.look().sha256


def test_twenty_resets_leave_no_drift(vm):
    fresh = drift(vm)
    for number in range(RESETS):
        vm.put(f"Documents/{number}.txt", "left behind")
        if number % 5 == 0:
            vm.perform(Launch(app="mousepad"))
            assert waits(lambda: vm.tree().windows)
        assert drift(vm) != fresh
        vm.reset()
        assert drift(vm) == fresh


def test_one_goes_back_to_before_a_step(vm_settings):
    settings = vm_settings.model_copy(update={"vm": vm_settings.vm.model_copy(update={"keep_steps": True})})
    with open_machine(settings) as vm:
        vm.perform(Launch(app="mousepad"))
        assert waits(lambda: field(vm))
        vm.perform(Type(text="one "))
        assert holds(vm, "one ")
        vm.perform(Type(text="two"))
        assert holds(vm, "one two")
        vm.rewind(3)
        assert holds(vm, "one ")
        assert vm.steps == 2
        with pytest.raises(DesktopUnavailable, match="cannot go back to before step 3"):
            vm.rewind(3)


def test_files_and_commands(vm, tmp_path):
    vm.put("Documents/a b.txt", "Grüße")
    assert vm.fetch("/home/user/Documents/a b.txt").decode() == "Grüße"
    assert vm.run(["sh", "-c", "id -un; cat 'Documents/a b.txt'"]).stdout == "user\nGrüße"
    assert vm.run(["no-such-program"]).returncode == 127
    with pytest.raises(FileNotFoundError):
        vm.fetch("/home/user/none")
    large = bytes(range(256)) * 12000
    vm.put("large.bin", large)
    assert vm.fetch("/home/user/large.bin") == large


PROBE = "import socket; socket.create_connection(({host!r}, {port}), 5).sendall(b'x'); print('reached')"


def hear_one(door):
    caller, _ = door.accept()
    with caller:
        caller.recv(1)


def test_the_guest_reaches_nothing_but_what_it_is_offered(vm_settings):
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        threading.Thread(target=hear_one, args=(door,), daemon=True).start()
        image = image_named(vm_settings.vms_dir, vm_settings.vm.image)
        shape = machine_shape(vm_settings)
        offered = type(shape)(shape.size, shape.memory, shape.cores, shape.accel, services={8080: port})
        with VirtualMachine(image, offered) as vm:
            for host in ("10.0.2.2", "192.0.2.1"):
                assert "reached" not in vm.run(["python3", "-c", PROBE.format(host=host, port=port)]).stdout
            reached = vm.run(["python3", "-c", PROBE.format(host="10.0.2.100", port=8080)])
            assert reached.stdout == "reached\n", reached.stderr


def test_a_guest_that_crashes_is_found_within_seconds(vm):
    assert vm.alive()
    vm.agent.start(["sh", "-c", "echo 1 >/proc/sys/kernel/sysrq; echo c >/proc/sysrq-trigger"])
    assert waits(lambda: not vm.alive(), 60.0)
    with pytest.raises(DesktopLost, match=r"crashed|ended"):
        vm.look()
    vm.reset()
    assert vm.alive()


def test_a_booted_state_that_is_damaged_is_made_anew(vm_settings, tmp_path):
    image = image_named(vm_settings.vms_dir, vm_settings.vm.image)
    source = ready(image, machine_shape(vm_settings))
    source.disk.write_bytes(b"nothing of use")
    said = []
    with open_machine(vm_settings, tell=said.append) as vm:
        assert vm.alive()
    assert "is made anew" in " ".join(said)


def test_six_tasks_pass_by_their_oracle(vm_settings, tmp_path):
    under_way = bench.start(
        "smoke", planner="oracle", settings=vm_settings, max_seconds=900.0, only=SIX, folder=tmp_path / "runs"
    )
    done = under_way.run()
    assert (done.solved, done.total) == (6, 6), [entry.explanation for entry in under_way._ended]


@pytest.mark.model
def test_two_tasks_are_attempted_by_the_agent(vm_settings, tmp_path):
    """Solved or not is the model's affair, and the machine's speed; that it was tried in earnest is what is asked."""
    pytest.importorskip("llama_cpp", reason="needs llama.cpp: pip install 'guiagent[local]'")
    try:
        Library(vm_settings.models_dir, offline=True).resolve(vm_settings.model)
    except ModelError as error:
        pytest.skip(f"needs the default model: guiagent models pull {vm_settings.model} ({error})")
    under_way = bench.start(
        "smoke", planner="hierarchical", settings=vm_settings, max_seconds=600.0, only=SIX[2:4],
        folder=tmp_path / "runs",
    )  # fmt: skip
    done = under_way.run()
    assert (done.ended, done.total) == (2, 2)
    for key, ended in ledger.ends(under_way.folder).items():
        assert ended.outcome != "broke", (key, ended.reason)
        assert ended.steps, (key, ended.reason)
