"""One QEMU: started, looked at, worked, saved, restored and ended, through its monitor alone."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from grounding.geometry import Size
from guiagent.vm.accel import processor
from guiagent.vm.ga import GuestAgent
from guiagent.vm.qmp import Monitor, Refused
from guiagent.vm.room import FULL, full, room
from runtime.errors import DesktopLost, DesktopUnavailable

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

QEMU = "qemu-system-x86_64"
KEEPER = Path(__file__).parent / "keeper.py"
START_S = 20.0
"""How long QEMU may take until its monitor answers; a tenth of a second on an idle machine."""
END_S = 10.0
WRITE_S = 60.0
"""How long QEMU may take to write what it still holds of its disk."""
RELAY_PORT = 4600
"""Of the in-guest server, in the guest."""
LAYER, CONSOLE = "disk.qcow2", "console"
BOOTED = "booted"
"""The name of the state that is kept in a disk that goes on where it was left."""
SERVICES = "10.0.2.100"
"""The address at which a guest finds the services that a task offers it."""
COMMAND_LINE = (
    "root=/dev/vda rw init=/usr/lib/guiagent/init console=ttyS0 net.ifnames=0 panic=1 mitigations=off "
    "init_on_free=1 random.trust_cpu=on no_timer_check nowatchdog"
)
"""The kernel's. A panic restarts the guest, which ends QEMU. Freed memory is zeroed, so that saved states are small. A
guest that gets little time of a busy machine takes its timer for broken, and itself for locked up, unless told not to
look."""


@dataclass(frozen=True)
class Shape:
    """What a machine is like, apart from its disk."""

    size: Size = Size(1280, 800)
    """Of its screen, in pixels."""
    memory: int = 1024
    """MiB."""
    cores: int = 1
    accel: Literal["kvm", "tcg"] = "tcg"
    why: str = ""
    """Why it is run so, in a sentence."""
    services: Mapping[int, int] = field(default_factory=dict)
    """Ports of this computer's loopback that the guest may reach, by the port at which it finds them at 10.0.2.100.
    There is no other network."""


@dataclass(frozen=True)
class Source:
    """What a machine starts from."""

    disk: Path
    """Never written to: the machine writes to a layer of its own over it."""
    kernel: Path | None = None
    """None: the disk boots by itself, as anybody's does."""
    initrd: Path | None = None
    booted: bool = False
    """The disk holds the state `BOOTED`, which the machine goes on from. A copy of it is worked on."""


class StateDamaged(DesktopUnavailable):
    """QEMU ended over a booted state, or refused it. A machine that is only too slow for it is no such case."""


class Machine:
    """A QEMU of our own with a layer over a disk. Raises `DesktopUnavailable` where it does not start.

    Every call raises `DesktopLost` once QEMU has ended or does not answer.
    """

    def __init__(self, source: Source, shape: Shape) -> None:
        require_qemu()
        if not source.disk.is_file():
            raise DesktopUnavailable(f"there is no disk {source.disk}; build an image: guiagent vm build")
        self.source, self.shape = source, shape
        self.folder = Path(tempfile.mkdtemp(prefix="guiagent-vm-"))
        self._life = -1
        self._closed = False
        self.agent = GuestAgent(self.folder / "ga")
        self.monitor: Monitor | None = None
        try:
            self._layer()
            self._start()
        except BaseException:
            self.close()
            raise

    # what it shows and what is done to it

    def picture(self) -> Picture:
        """The screen as it is now."""
        from PIL import Image  # only looking needs it

        place = self.folder / "screen.ppm"  # QEMU writes a PNG of a desktop five times slower
        self.ask("screendump", filename=str(place))
        with Image.open(place) as picture:
            return picture.convert("RGB")

    def screen(self) -> Size:
        """The size of the screen as it is now."""
        return Size(*self.picture().size)

    def send(self, events: list[dict[str, Any]]) -> None:
        """Hand events to the input devices, as QMP's `input-send-event` has them."""
        self.ask("input-send-event", events=events)

    def ask(self, command: str, **arguments: Any) -> Any:
        """One request to QEMU. Raises `Refused` with QEMU's words."""
        if self.monitor is None:
            raise DesktopLost("the machine was closed; start it again.")
        try:
            return self.monitor.ask(command, **arguments)
        except DesktopLost as error:
            raise self._lost(error) from error

    def relay_port(self) -> int:
        """The port of this computer behind which the in-guest server listens."""
        told = self.ask("human-monitor-command", **{"command-line": "info usernet"})
        found = re.search(rf"TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s+\S+\s+{RELAY_PORT}\b", told)
        if not found:
            raise DesktopUnavailable("QEMU forwards no port to the guest; is another program's firewall in the way?")
        return int(found[1])

    # states

    def save(self, name: str) -> None:
        """Keep the whole machine as it is now, under a name, in its own layer."""
        self._snapshot("snapshot-save", name, vmstate="disk", devices=["disk"])

    def load(self, name: str) -> None:
        """Go back to a state that was kept. Raises `Refused` where there is none of that name."""
        self._snapshot("snapshot-load", name, vmstate="disk", devices=["disk"])

    def forget(self, name: str) -> None:
        """Delete a state that was kept."""
        self._snapshot("snapshot-delete", name, devices=["disk"])

    def _snapshot(self, command: str, name: str, **more: Any) -> None:
        if self.monitor is None:
            raise DesktopLost("the machine was closed; start it again.")
        self.agent.close()
        self.ask("stop")
        try:
            self.monitor.job(command, tag=name, **more)
        except DesktopLost as error:
            raise self._lost(error) from error
        finally:
            with contextlib.suppress(DesktopLost, Refused):
                self.ask("cont")

    # from its start to its end

    def alive(self) -> bool:
        """Whether QEMU runs the guest, and the guest's agent answers within seconds."""
        try:
            return bool(self.ask("query-status")["status"] == "running") and self.agent.ask("guest-ping", 5.0) == {}
        except (DesktopLost, Refused):
            return False

    def console(self, lines: int = 0) -> str:
        """The last lines that the guest wrote, in one; all that it wrote where no number is given."""
        return _tail(self.folder / CONSOLE, lines) if lines else _text(self.folder / CONSOLE)

    def close(self, keep: Path | None = None) -> None:
        """End QEMU and remove all of it but, where asked for, its layer. May be called twice."""
        if self._closed:
            return
        self._closed = True
        self.agent.close()
        if self.monitor:
            if keep:
                with contextlib.suppress(DesktopLost, Refused):
                    self.monitor.ask("quit")
                self._wait_for_end()
                shutil.move(self.folder / LAYER, keep)
            self.monitor.close()
            self.monitor = None
        if self._life >= 0:
            os.close(self._life)
            self._life = -1
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(END_S)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _wait_for_end(self) -> None:
        """Until QEMU has written everything and ended; its keeper stays."""
        deadline = time.monotonic() + WRITE_S
        while not self._has_ended() and time.monotonic() < deadline:
            time.sleep(0.01)

    def _layer(self) -> None:
        layer = self.folder / LAYER
        if self.source.booted:
            with room(self.folder):
                shutil.copyfile(self.source.disk, layer)
            return
        command = ["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(self.source.disk.resolve()), "-F", "qcow2"]
        done = subprocess.run([*command, str(layer)], capture_output=True, text=True, errors="replace", check=False)
        if done.returncode:
            words = " ".join(done.stderr.split())[-300:]
            if FULL.search(words):
                raise full(self.folder, "says qemu-img")
            raise DesktopUnavailable(
                f"the disk {self.source.disk} cannot be used ({words}); build it again: guiagent vm build --again"
            )

    def _start(self) -> None:
        life, self._life = os.pipe()
        words = [sys.executable, "-I", "-S", str(KEEPER), str(life), str(self.folder), *self._command()]
        with (self.folder / "qemu.log").open("wb") as log:
            self._process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=(life,), start_new_session=True,
            )  # fmt: skip
        os.close(life)
        try:
            self.monitor = Monitor(self._connect(), START_S)
            if self.source.booted:
                self.load(BOOTED)
        except (DesktopLost, Refused) as error:
            why = f"QEMU did not start: {self._words() or error}"
            if self.source.booted and (self._has_ended() or isinstance(error, Refused)):
                raise StateDamaged(why) from error
            raise DesktopUnavailable(why) from error

    def _connect(self) -> socket.socket:
        """A line to QEMU's monitor. Its socket is there a moment before anybody listens at it."""
        line, deadline = socket.socket(socket.AF_UNIX), time.monotonic() + START_S
        while True:
            try:
                line.connect(str(self.folder / "qmp"))
                return line
            except (FileNotFoundError, ConnectionRefusedError):
                if self._has_ended() or time.monotonic() > deadline:
                    line.close()
                    raise DesktopLost("its monitor cannot be reached; is this machine very busy?") from None
            time.sleep(0.005)

    def _has_ended(self) -> bool:
        return (self.folder / "end").exists() or self._process.poll() is not None

    def _lost(self, error: DesktopLost) -> DesktopLost:
        """What is known of how it went away."""
        if panic := re.search(r"Kernel panic[^\n]*", _text(self.folder / CONSOLE)):
            return DesktopLost(f"the guest crashed ({panic[0][:120]}); start the machine again.")
        if self._has_ended():
            said = self._words() or f"the guest's last words: {self.console(1) or 'none'}"
            return DesktopLost(f"the machine has ended ({said}); start it again.")
        return error

    def _words(self) -> str:
        """QEMU's last words."""
        return _tail(self.folder / "qemu.log", 3)

    def _command(self) -> list[str]:
        shape, source, folder = self.shape, self.source, self.folder
        boot = []
        if source.kernel and source.initrd:
            boot = ["-kernel", str(source.kernel), "-initrd", str(source.initrd), "-append", COMMAND_LINE]
        accel = "tcg,thread=multi" if shape.accel == "tcg" else shape.accel
        services = "".join(
            f",guestfwd=tcp:{SERVICES}:{guest}-cmd:{shlex.join(_pipe(port))}" for guest, port in shape.services.items()
        )
        return [
            QEMU, "-name", "guiagent", "-nodefaults", "-no-user-config", "-machine", "pc", "-accel", accel,
            "-cpu", processor(shape.accel), "-smp", str(shape.cores), "-m", str(shape.memory),
            *boot, "-no-reboot", "-display", "none", "-rtc", "base=utc,clock=host",
            "-drive", f"id=drive,node-name=disk,file={folder}/{LAYER},format=qcow2,if=none,cache=unsafe,discard=unmap",
            "-device", "virtio-blk-pci,drive=drive",
            "-device", f"VGA,xres={shape.size.width},yres={shape.size.height},edid=on",
            "-device", "qemu-xhci", "-device", "usb-tablet", "-device", "virtio-rng-pci",
            "-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:0-:{RELAY_PORT}{services}",
            "-device", "virtio-net-pci,netdev=net,romfile=",
            "-device", "virtio-serial-pci", "-chardev", f"socket,path={folder}/ga,server=on,wait=off,id=ga",
            "-device", "virtserialport,chardev=ga,name=org.qemu.guest_agent.0",
            "-serial", f"file:{folder}/{CONSOLE}", "-qmp", f"unix:{folder}/qmp,server=on,wait=off",
            *(["-S"] if source.booted else []),
        ]  # fmt: skip


def require_qemu() -> None:
    """Raise `DesktopUnavailable` naming the packages where QEMU is missing."""
    needed = {QEMU: "qemu-system-x86", "qemu-img": "qemu-utils"}
    missing = [name for name in needed if not shutil.which(name)]
    if missing:
        packages = " ".join(needed[name] for name in missing)
        raise DesktopUnavailable(f"there is no {' and no '.join(missing)} here; install: sudo apt install {packages}")


def _pipe(port: int) -> list[str]:
    """A program that is a connection to a port of this computer's loopback."""
    return [sys.executable, "-I", "-S", str(Path(__file__).parent / "pipe.py"), str(port)]


def _text(place: Path) -> str:
    try:
        return place.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _tail(place: Path, lines: int) -> str:
    return " ".join(line.strip() for line in _text(place).strip().splitlines()[-lines:])[-400:]
