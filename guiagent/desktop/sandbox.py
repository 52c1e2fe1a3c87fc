"""A desktop of its own: a virtual screen with a window manager, a session bus, accessibility and a home folder."""

from __future__ import annotations

import platform
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType

from grounding.facts import Facts
from grounding.filed import Filed, on_this_computer
from grounding.geometry import Point, Size
from grounding.screenshot import Screenshot
from grounding.tree import Tree
from guiagent.desktop.apps import find_app, installed_apps
from guiagent.desktop.atspi import Accessibility
from guiagent.desktop.home import Content, environment, prepare_home, write_file
from guiagent.desktop.isolation import bubblewrap_problem, give_to, ordinary_user, wrap, write_names
from guiagent.desktop.processes import Process, Session
from guiagent.desktop.x11 import X11, write_cookie
from guiagent.desktop.xtest import Hands
from planner.action import Click, Drag, Input, Launch, Move, Press, Scroll, Type, Wait
from runtime.errors import AppNotInstalled, DesktopLost, DesktopUnavailable, UsageError

NEEDED = {
    "Xvfb": "xvfb", "openbox": "openbox", "dbus-daemon": "dbus", "setxkbmap": "x11-xkb-utils",
    "xkbcomp": "x11-xkb-utils",
}  # fmt: skip
"""Programs that a sandbox cannot do without, and the Debian packages that bring them."""
BUS_LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
BACKGROUND = 0x4A6078
READY_S = 40.0
CLOSE_S = 2.0


class Sandbox:
    """A virtual screen with everything that applications expect of a desktop, and nothing left when it is closed.

    >>> with Sandbox(files={"Documents/note.txt": "hello"}) as desktop:
    ...     desktop.perform(Launch(app="mousepad", files=("Documents/note.txt",)))
    ...     desktop.look().image.save("screen.png")

    Raises `DesktopUnavailable`, naming the packages, where a program is missing.
    """

    def __init__(
        self,
        size: tuple[int, int] = (1280, 800),
        scale: int = 1,
        home: Path | None = None,
        layout: str = "us",
        theme: str = "Adwaita",
        files: Mapping[str, Content] | None = None,
        network: bool = False,
    ) -> None:
        _check(size, scale)
        require_programs()
        self.size, self.scale, self.layout = Size(*size), scale, layout
        self._notes = [note for note in (bubblewrap_problem(),) if note]
        self._network = network
        self.folder = Path(tempfile.mkdtemp(prefix="guiagent-"))
        self.home = (home or self.folder / "home").resolve()
        self._closed = False
        try:
            self._prepare(theme, files or {})
            self._start()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @cached_property
    def facts(self) -> Facts:
        """What is known of it before the first look."""
        return Facts(
            kind="sandbox", system=system_name(), size=self.size, scale=1.0, home=str(self.home), keyboard=self.layout,
            locale=self.env["LC_ALL"], session=self.env["XDG_CURRENT_DESKTOP"],
            apps=installed_apps(self.env), notes=tuple(self._notes),
        )  # fmt: skip

    def look(self) -> Screenshot:
        """Capture the screen as it is now."""
        from PIL import Image  # only looking needs it

        taken_at = time.time()
        pixels = self.x.capture()
        size = self.x.screen.size
        image = Image.frombuffer("RGB", (size.width, size.height), pixels, "raw", "BGRX", 0, 1)
        return Screenshot(image, taken_at=taken_at)

    def tree(self) -> Tree:
        """Read the accessibility tree as it is now; applications that have crashed since are named in its note."""
        self.session.poll()
        active = self.x.numbers(self.x.screen.root, "_NET_ACTIVE_WINDOW")
        return self.accessibility.read(self.x, active[0] if active else 0, notes=self._fresh_crashes())

    def perform(self, action: Input) -> None:
        """Do it; returns once the input has been delivered."""
        match action:
            case Launch():
                self.launch(action.app, action.files)
            case Wait():
                time.sleep(action.seconds)
            case _:
                perform_by_hand(self.hands, action)

    def pointer(self) -> Point:
        """Where the pointer is, in pixels of the screen."""
        return self.x.pointer()[0]

    def close(self) -> None:
        """Let go of keys and buttons and end everything. May be called twice."""
        if self._closed:
            return
        self._closed = True
        for name in ("accessibility", "hands"):
            part = self.__dict__.get(name)
            if part is not None:
                _quietly(part)
        if "session" in self.__dict__:
            self.session.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # beyond the seam

    def launch(self, app: str, files: Sequence[str] = ()) -> Process:
        """Start an application by id, name, kind or command; returns once its process runs."""
        found = find_app(app, self.facts.apps)
        argv = [*found.command, *(str(self.home / file) for file in files)]
        try:
            return self.session.start(argv, self.env, self.home, app=found.id)
        except FileNotFoundError as error:
            raise AppNotInstalled(f"{found.name} cannot be started: {error}; reinstall it.") from error

    def run(self, command: Sequence[str], timeout_s: float = 30.0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end inside the sandbox, as its user and in its home folder."""
        out = self.folder / "logs" / f"run-{secrets.token_hex(4)}.out"
        process = self.session.start(list(command), self.env, self.home, out=out)
        if self.session.wait(process, timeout_s) is None:
            self.session.kill(process)
            raise subprocess.TimeoutExpired(list(command), timeout_s)
        output = [path.read_text(encoding="utf-8", errors="replace") for path in (out, process.log)]
        return subprocess.CompletedProcess(list(command), process.code or 0, *output)

    def put(self, name: str, content: Content) -> Path:
        """Write a file below the home folder, so that the applications may change it."""
        place = self.home / name
        write_file(place, content)
        if self._user is not None:
            give_to(self._user, place)
        return place

    def filed(self, path: str) -> Filed | None:
        """What there is under a path: the sandbox has the disk of this computer."""
        return on_this_computer(path)

    def processes(self) -> tuple[Process, ...]:
        """Every program started here by `launch` and `run`, ended or not."""
        self.session.poll()
        return tuple(process for process in self.session.processes.values() if process.argv[0] not in self._own)

    def running(self, app: str) -> bool:
        """Whether a process that was launched as that application still runs."""
        wanted = find_app(app, self.facts.apps).id
        return any(process.app == wanted and process.code is None for process in self.processes())

    def crashes(self) -> tuple[Process, ...]:
        """The applications that ended by a signal or with an error."""
        return tuple(process for process in self.processes() if process.app and process.crashed)

    # starting

    def _prepare(self, theme: str, files: Mapping[str, Content]) -> None:
        self.runtime = self.folder / "run"
        for path in (self.folder / "logs", self.runtime, self.home):
            path.mkdir(parents=True, exist_ok=True)
        self.runtime.chmod(0o700)
        self._authority = self.folder / "cookie"
        self._cookie = secrets.token_bytes(16)
        write_cookie(self._authority, self._cookie)
        write_names(self.folder, self.home)
        shutil.copy(Path(__file__).parent / "session.py", self.folder / "session.py")
        prepare_home(self.home, theme, files)
        wrapped = not bubblewrap_problem()
        self._user = ordinary_user(wrapped)
        if self._user is not None:
            self.folder.chmod(0o711)
            give_to(self._user, self.home, self.runtime, self._authority)

    def _start(self) -> None:
        program = [str(Path(sys.executable).resolve()), "-I", "-S", str(self.folder / "session.py")]
        command = [*program, "{display}"]
        if not bubblewrap_problem():
            command = wrap(command, self.folder, self.home, self._network)
        self.session = Session(self.folder, self._screen_command(), command, self._user)
        self.display = f":{self.session.display}"
        write_cookie(self._authority, self._cookie, self.session.display)
        self.env = environment(self.home, self.runtime, self.display, self._authority, self.scale)
        self.x = X11(self.display, self._authority)
        self.hands = Hands(self.x)
        self._start_services()

    def _screen_command(self) -> list[str]:
        width, height = self.size
        return [
            "Xvfb", "-displayfd", "{fd}", "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset",
            "-auth", str(self._authority), "-dpi", str(96 * self.scale), "+extension", "XTEST",
        ]  # fmt: skip

    def _start_services(self) -> None:
        bus = self.runtime / "bus"
        services = [
            ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--nosyslog", f"--address=unix:path={bus}"],
            ["openbox", "--sm-disable"],
        ]
        self._own = {service[0] for service in services}
        if self.layout != "us":
            self._set_layout()
        for service in services:
            self.session.start(service, self.env, self.home)
        self._wait_for("the session bus", bus.exists)
        launcher = next((path for path in BUS_LAUNCHERS if Path(path).exists()), None)
        if launcher:
            self._own.add(launcher)
            self.session.start([launcher, "--launch-immediately"], self.env, self.home)
        else:
            self._notes.append("there is no accessibility bus, so the tree is empty (sudo apt install at-spi2-core).")
        self.x.paint_root(BACKGROUND)
        self._wait_for("the window manager", self._has_window_manager)
        self.accessibility = Accessibility(bus, self._user)
        if launcher:
            self.accessibility.enable()

    def _has_window_manager(self) -> bool:
        return bool(self.x.numbers(self.x.screen.root, "_NET_SUPPORTING_WM_CHECK"))

    def _set_layout(self) -> None:
        process = self.session.start(["setxkbmap", "-layout", self.layout], self.env, self.home)
        if self.session.wait(process, READY_S) != 0:
            raise DesktopUnavailable(f"there is no keyboard layout {self.layout!r}: {process.last_words()}; try us.")
        self._own.add("setxkbmap")

    def _wait_for(self, what: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_S
        while not ready():
            if time.monotonic() > deadline:
                raise DesktopUnavailable(f"{what} did not come up within {READY_S:.0f} s; see guiagent doctor.")
            self.session.poll()
            time.sleep(0.005)

    def _fresh_crashes(self) -> list[str]:
        fresh = [process for process in self.crashes() if not process.told]
        for process in fresh:
            process.told = True
        return [describe_crash(process) for process in fresh]


def perform_by_hand(hands: Hands, action: Input) -> None:
    """Do what pointer and keyboard can do."""
    match action:
        case Click():
            hands.click(action.at, action.button, action.count, action.hold)
        case Move():
            hands.move(action.at)
        case Drag():
            hands.drag(action.start, action.end)
        case Scroll():
            hands.scroll(action.at, action.notches, action.sideways)
        case Type():
            hands.write(action.text, action.pause)
        case Press():
            hands.press(action.keys)


def describe_crash(process: Process) -> str:
    """How an application ended, in a sentence."""
    code = process.code or 0
    how = f"was ended by signal {-code}" if code < 0 else f"ended with error {code}"
    words = process.last_words()
    return f"{process.app} {how}" + (f": {words}" if words else "") + "."


def require_programs() -> None:
    """Raise `DesktopUnavailable` naming the packages of the programs that are missing."""
    missing = [name for name in NEEDED if not shutil.which(name)]
    if missing:
        packages = " ".join(dict.fromkeys([*(NEEDED[name] for name in missing), "at-spi2-core"]))
        raise DesktopUnavailable(f"{', '.join(missing)} is missing; install it: sudo apt install {packages}")


def system_name() -> str:
    """What the system calls itself: `Debian GNU/Linux 12 (bookworm)`."""
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return f"{platform.system()} {platform.release()}"


def _check(size: tuple[int, int], scale: int) -> None:
    if not all(320 <= side <= 16384 for side in size):
        raise UsageError(f"a sandbox cannot be {size[0]}x{size[1]}; give a size between 320x320 and 16384x16384.")
    if scale not in (1, 2, 3):
        raise UsageError(f"a sandbox cannot have scale {scale}; give 1, 2 or 3.")


def _quietly(part: Hands | Accessibility) -> None:
    """Close a part of a desktop that may have gone away already."""
    try:
        part.close()
    except (DesktopLost, OSError):
        return
