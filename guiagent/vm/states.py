"""Booted states: an image is booted once for a shape of machine, and every machine after that goes on from there."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from guiagent.vm.accel import version
from guiagent.vm.images import Image
from guiagent.vm.inside import Inside
from guiagent.vm.machine import BOOTED, COMMAND_LINE, QEMU, Machine, Shape, Source
from guiagent.vm.qmp import Refused
from guiagent.vm.room import full
from runtime.errors import DesktopLost, DesktopUnavailable

BOOT_S = 240.0
"""The longest that a boot may take; it takes 37 s under emulation on an idle machine (23 November 2026)."""
SILENT_S = 90.0
"""A guest whose kernel and session have said nothing for so long, and that is not ready, hangs."""
DISK, FACTS = "disk.qcow2", "facts.json"
OPEN = "guest: open"
"""What the in-guest server says on the console once it can be reached."""
LOOK_S = 0.1
STILL_S = 1.0
Tell = Callable[[str], None]


def quiet(_text: str) -> None:
    """Tell nobody."""


def cold(image: Image) -> Source:
    """The image as it is before its first boot."""
    return Source(image.disk, image.kernel, image.initrd)


def ready(image: Image, shape: Shape, *, boot: bool = True, tell: Tell = quiet) -> Source:
    """The booted state of an image for that shape; made now where there is none. Processes wait for one another."""
    place = image.ready / key(image, shape)
    source = Source(place / DISK, image.kernel, image.initrd, booted=True)
    if (place / FACTS).is_file() or not boot:
        return source
    with image.locked(wait=True):
        if not (place / FACTS).is_file():
            _make(image, shape, place, tell)
    return source


def key(image: Image, shape: Shape) -> str:
    """Tells booted states apart: what is in memory fits one image, one machine and one QEMU."""
    parts = (BOOTED, image.needed().hashes, shape.memory, shape.cores, shape.accel, version(QEMU), COMMAND_LINE)
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]
    return f"{shape.size.width}x{shape.size.height}-{shape.memory}-{shape.accel}-{digest}"


def boot(machine: Machine, image: Image, seconds: float = BOOT_S, silent: float = SILENT_S) -> float:
    """Wait until a machine that was switched on is a desktop that can be worked; how long it took, in seconds.

    Raises `DesktopUnavailable`, with the guest's last words, for one that hangs, crashes or takes too long.
    """
    wait = _Patience(machine, seconds, silent)
    while OPEN not in machine.console():
        wait.a_little("its session is not up.")
    while True:
        try:
            with contextlib.closing(Inside(machine, image)) as inside:
                inside.settle_in()
            machine.agent.ask("guest-ping")
            return time.monotonic() - wait.began
        except (DesktopUnavailable, DesktopLost) as error:
            wait.a_little(str(error))


class _Patience:
    """With a guest that boots."""

    def __init__(self, machine: Machine, seconds: float, silent: float) -> None:
        self._machine, self._seconds, self._silent = machine, seconds, silent
        self.began = self._heard = time.monotonic()
        self._said = ""

    def a_little(self, problem: str) -> None:
        """Wait a moment. Raises `DesktopUnavailable` once that has been too often, or QEMU has ended."""
        try:
            status = self._machine.ask("query-status")["status"]
        except DesktopLost as error:
            raise DesktopUnavailable(f"the guest did not boot: {error}") from error
        if status == "io-error":  # QEMU stops a guest whose disk cannot be written
            raise full(self._machine.folder, "says QEMU")
        now = time.monotonic()
        if (said := self._machine.console(2)) != self._said:
            self._said, self._heard = said, now
        if now > self.began + self._seconds or now > self._heard + self._silent:
            raise DesktopUnavailable(
                f"the guest was not ready {now - self.began:.0f} s after it was switched on ({problem}) "
                f"Its last words: {said or 'none'}"
            )
        time.sleep(LOOK_S)


def forget(image: Image, source: Source) -> None:
    """Delete a booted state that turned out to be of no use."""
    if source.disk.parent.parent == image.ready:
        shutil.rmtree(source.disk.parent, ignore_errors=True)


def _make(image: Image, shape: Shape, place: Path, tell: Tell) -> None:
    """Boot, wait, and write the machine out."""
    part = place.with_name(place.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    began = time.monotonic()
    tell(f"booting it once ({shape.accel})")
    try:
        machine = Machine(cold(image), shape)
        with contextlib.closing(machine):
            seconds = boot(machine, image)
            _stand_still(machine)
            machine.agent.run(["sh", "-c", "sync; echo 3 >/proc/sys/vm/drop_caches"], 60.0)
            machine.save(BOOTED)
            machine.close(keep=part / DISK)
        facts = {"boot_seconds": round(seconds, 2), "seconds": round(time.monotonic() - began, 2)}
        (part / FACTS).write_text(json.dumps(facts) + "\n", encoding="utf-8")
        shutil.rmtree(place, ignore_errors=True)
        part.rename(place)
    except Refused as error:
        raise DesktopUnavailable(f"the booted state could not be written ({error}); is the disk full?") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    tell(f"a ready desktop after {seconds:.1f} s")


def _stand_still(machine: Machine) -> None:
    """Until the screen has not changed for a while."""
    before, since = machine.picture().tobytes(), time.monotonic()
    deadline = since + 30.0
    while time.monotonic() < min(since + STILL_S, deadline):
        time.sleep(0.2)
        now = machine.picture().tobytes()
        if now != before:
            before, since = now, time.monotonic()
