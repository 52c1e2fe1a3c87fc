"""A virtual machine as a desktop: QEMU for its screen and its hands, our server in the guest for its trees."""

from __future__ import annotations

import contextlib
import io
import shutil
import stat
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType

from grounding.facts import Facts
from grounding.filed import Filed
from grounding.screenshot import Screenshot
from grounding.tree import Tree
from guiagent.desktop.apps import find_app
from guiagent.desktop.home import Content
from guiagent.desktop.sandbox import perform_by_hand
from guiagent.desktop.xtest import Hands
from guiagent.vm.contents import HOME, USER, guest_environment
from guiagent.vm.ga import AgentError, GuestAgent
from guiagent.vm.images import Image, Installed
from guiagent.vm.inside import Inside
from guiagent.vm.machine import BOOTED, Machine, Shape, StateDamaged, require_qemu
from guiagent.vm.qmp import Refused
from guiagent.vm.states import forget, quiet, ready
from planner.action import Input, Launch, Wait
from runtime.errors import AppNotInstalled, DesktopError, DesktopLost, DesktopUnavailable

USUAL = Shape()
STEP = "step-{}"
"""The name of the state before a step, counted from 1."""
PUT, HOME_TAR = "/run/put.tar", "/run/home.tar"


class VirtualMachine:
    """A desktop in a machine of its own, which starts where its image was left booted.

    >>> with VirtualMachine(Image(folder)) as desktop:
    ...     desktop.perform(Launch(app="mousepad"))
    ...     desktop.look().image.save("screen.png")

    Raises `DesktopUnavailable` where QEMU or the image is missing, and where the guest does not come up.
    """

    def __init__(
        self,
        image: Image,
        shape: Shape = USUAL,
        *,
        keep_steps: bool = False,
        home: Path | None = None,
        tell: Callable[[str], None] = quiet,
    ) -> None:
        """`keep_steps` lets it `rewind`. `home` is where `bring_home` copies the guest's home folder to."""
        require_qemu()
        self.manifest = image.needed()
        self.image, self.shape, self._tell = image, shape, tell
        self._home = home
        self._notes = [f"it runs under emulation ({shape.why})."] if shape.accel == "tcg" and shape.why else []
        self._keep_steps, self.steps = keep_steps, 0
        self._inside: Inside | None = None
        self._hands: Hands | None = None
        self._closed, self._late = False, True
        self.machine = self._begin()
        try:
            self.inside  # noqa: B018  it is ready once that is there
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> VirtualMachine:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @cached_property
    def facts(self) -> Facts:
        """What is known of it before the first look."""
        environment = guest_environment()
        return Facts(
            kind="vm", system=f"Debian {self.manifest.release}", size=self.shape.size, home=HOME,
            locale=environment["LC_ALL"], session=environment["XDG_CURRENT_DESKTOP"], apps=self.installed.apps,
            notes=tuple(self._notes),
        )  # fmt: skip

    @cached_property
    def installed(self) -> Installed:
        """What can be started there."""
        return self.image.installed()

    def look(self) -> Screenshot:
        """Capture the screen as it is now."""
        taken_at = time.time()
        return Screenshot(self.machine.picture(), taken_at=taken_at)

    def tree(self) -> Tree:
        """Read the accessibility tree as it is now."""
        return self.inside.tree()

    def perform(self, action: Input) -> None:
        """Do it; returns once the input has been delivered."""
        self.steps += 1
        if self._keep_steps:
            self.save(STEP.format(self.steps))
        match action:
            case Launch():
                self.launch(action.app, action.files)
            case Wait():
                time.sleep(action.seconds)
            case _:
                perform_by_hand(self.hands, action)

    def close(self) -> None:
        """End the machine and remove all that it wrote. May be called twice."""
        if self._closed:
            return
        self._closed = True
        self._leave()
        if "machine" in self.__dict__:
            self.machine.close()

    # states

    def reset(self) -> None:
        """A fresh desktop, as it was when it was booted. A machine that has ended is replaced by another."""
        self._leave()
        kept, self.steps = (self.steps if self._keep_steps else 0), 0
        try:
            self.machine.load(BOOTED)
        except (DesktopLost, Refused) as error:
            self._tell(f"the machine is replaced ({error})")
            self.machine.close()
            self.machine = self._begin()
        else:
            self._forget(range(1, kept + 1))
        self._late = True

    def save(self, name: str) -> None:
        """Keep the whole machine as it is now, under a name."""
        self._leave()
        self.machine.save(name)

    def restore(self, name: str) -> None:
        """Go back to what was kept. Raises `DesktopUnavailable` where nothing of that name was."""
        self._leave()
        try:
            self.machine.load(name)
        except Refused as error:
            raise DesktopUnavailable(f"the machine has no state {name!r} ({error}).") from error
        self._late = True

    def rewind(self, step: int) -> None:
        """Go back to before a step, counted from 1; what came after it is forgotten."""
        if not self._keep_steps or not 1 <= step <= self.steps:
            kept = f"steps 1 to {self.steps} were" if self._keep_steps and self.steps else "no step was"
            raise DesktopUnavailable(f"the machine cannot go back to before step {step}: {kept} kept.")
        self.restore(STEP.format(step))
        self._forget(range(step, self.steps + 1))
        self.steps = step - 1

    def _forget(self, steps: Iterable[int]) -> None:
        for step in steps:
            with contextlib.suppress(Refused):
                self.machine.forget(STEP.format(step))

    # beyond the seam

    @property
    def inside(self) -> Inside:
        """The guest's X server and trees, connected to when they are first asked for after a state was restored."""
        if self._closed:
            raise DesktopLost("the machine was closed; start it again.")
        self._set_clock()
        if self._inside is None:
            self._inside = Inside(self.machine, self.image)
        return self._inside

    @property
    def hands(self) -> Hands:
        """Its pointer and keyboard."""
        if self._hands is None:
            self._hands = Hands(self.inside.x)
        return self._hands

    @property
    def agent(self) -> GuestAgent:
        """Commands and files, as the guest's root."""
        self._set_clock()
        return self.machine.agent

    def alive(self) -> bool:
        """Whether it runs and answers within seconds."""
        return not self._closed and self.machine.alive()

    def launch(self, app: str, files: Sequence[str] = ()) -> None:
        """Start an application by id, name, kind or command."""
        found = find_app(app, self.facts.apps)
        program = found.command[0].rpartition("/")[2]
        if program not in self.installed.programs:
            raise AppNotInstalled(
                f"there is no application {app!r} in the image {self.image.name!r}; build it with it."
            )
        self.start([*found.command, *(f"{HOME}/{file}" for file in files)])

    def start(self, command: Sequence[str]) -> None:
        """Start a command as the guest's user, and do not wait for it."""
        self.agent.start(as_user(command))

    def run(self, command: Sequence[str], timeout_s: float = 60.0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end as the guest's user, in its home folder. Raises `subprocess.TimeoutExpired`."""
        try:
            ended = self.agent.run(as_user(command), timeout_s)
        except TimeoutError as error:
            raise subprocess.TimeoutExpired(list(command), timeout_s) from error
        output = [part.decode("utf-8", "replace") for part in (ended.output, ended.error)]
        return subprocess.CompletedProcess(list(command), ended.code, *output)

    def put(self, name: str, content: Content) -> None:
        """Write a file, or copy a file or folder of this computer, below the home folder as the user's own."""
        self.agent.write(PUT, packed(name, content))
        ended = self.agent.run(as_user(["tar", "-x", "-C", HOME, "-f", PUT]), 120.0)
        self.agent.run(["rm", "-f", PUT], 30.0)
        if ended.code:
            raise DesktopError(
                f"{name!r} cannot be written in the guest: {ended.error.decode(errors='replace')[-200:]}"
            )

    def fetch(self, path: str) -> bytes:
        """The content of a file of the guest. Raises `FileNotFoundError` where there is none that can be read."""
        try:
            return self.agent.read(path)
        except AgentError as error:
            raise FileNotFoundError(f"there is no {path} ({error})") from error

    def filed(self, path: str) -> Filed | None:
        """What there is under a path of the guest."""
        told = self.agent.run(["stat", "-L", "-c", "%f %s %.9Y", "--", path], 30.0)
        if told.code:
            return None
        mode, size, written = told.output.split()
        return Filed(stat.S_ISDIR(int(mode, 16)), int(size), float(written))

    @property
    def home(self) -> Path:
        """Where the guest's home folder was last copied to. Raises `DesktopUnavailable` where no place was given."""
        if self._home is None:
            raise DesktopUnavailable("this machine was opened without a place for its home folder; give `home`.")
        return self._home

    def bring_home(self) -> None:
        """Copy the guest's home folder into the one of this computer that was named, which is emptied first."""
        ended = self.agent.run(["tar", "-c", "-C", HOME, "-f", HOME_TAR, "."], 120.0)
        if ended.code > 1:  # 1: a file changed while it was read
            raise DesktopError(f"the guest's home folder cannot be read: {ended.error.decode(errors='replace')[-200:]}")
        archive = self.agent.read(HOME_TAR)
        self.agent.run(["rm", "-f", HOME_TAR], 30.0)
        unpack_home(archive, self.home)

    # parts

    def _begin(self) -> Machine:
        """A machine that goes on from the booted state; one that turns out to be damaged is made anew, once."""
        source = ready(self.image, self.shape, tell=self._tell)
        try:
            return Machine(source, self.shape)
        except StateDamaged as error:
            self._tell(f"the booted state is of no use ({error}); it is made anew")
            forget(self.image, source)
        return Machine(ready(self.image, self.shape, tell=self._tell), self.shape)

    def _set_clock(self) -> None:
        """Have the guest's clock set, once: it stood still while its state was kept. That is not waited for."""
        if self._late:
            self._late = False
            with contextlib.suppress(AgentError):
                self.machine.agent.start(["date", "--set", f"@{time.time():.3f}"])

    def _leave(self) -> None:
        """Let go of the guest, whose connections do not outlive a state."""
        for part in (self._hands, self._inside):
            if part is not None:
                with contextlib.suppress(DesktopError, OSError):
                    part.close()
        self._hands = self._inside = None


def as_user(command: Sequence[str]) -> list[str]:
    """The command as root has to start it, so that it runs as the guest's user and in its environment."""
    user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
    return [*user, "env", "-i", f"--chdir={HOME}", *(f"{k}={v}" for k, v in guest_environment().items()), *command]


def packed(name: str, content: Content) -> bytes:
    """An archive with one file, or with a folder of this computer, under a name."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        if isinstance(content, Path):
            archive.add(content, name)
        else:
            text = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.mtime = len(text), 0o644, int(time.time())
            archive.addfile(info, io.BytesIO(text))
    return data.getvalue()


def unpack_home(archive: bytes, folder: Path) -> None:
    """Lay a guest's home folder out in one of ours. What is neither file, folder nor link is left out."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        wanted = [member for member in tar if member.isfile() or member.isdir() or member.issym()]
        for member in wanted:
            member.mode |= 0o700 if member.isdir() else 0o600
            with contextlib.suppress(tarfile.FilterError):
                tar.extract(member, folder, filter="data")
