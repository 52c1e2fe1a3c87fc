"""The way to a task's start state: OSWorld's setup steps by name, and a few of ours, on a sandbox."""

from __future__ import annotations

import inspect
import shlex
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from guiagent.desktop.apps import find_app
from guiagent.desktop.sandbox import Sandbox
from runtime.errors import AppNotInstalled, UsageError
from tasks import home, windows
from tasks.task import SetupStep

WINDOW_S = 15.0
"""How long an application may take to show its window."""
COMMAND_S = 120.0
"""As OSWorld's server has it."""
Setup = Callable[..., None]
SETUPS: dict[str, Setup] = {}
"""Every setup step, by the name that task files have for it."""


def setup(name: str) -> Callable[[Setup], Setup]:
    """Add a step to the registry. It is given the sandbox and the parameters of the file."""

    def add(step: Setup) -> Setup:
        SETUPS[name] = step
        return step

    return add


def prepare(sandbox: Sandbox, steps: Iterable[SetupStep]) -> None:
    """Take the steps in order. Raises `UsageError` for one that is not known or has wrong parameters."""
    for number, step in enumerate(steps, 1):
        if step.type not in SETUPS:
            raise UsageError(f"setup step {number}: there is no step {step.type!r} here; known: {', '.join(SETUPS)}.")
        try:
            inspect.signature(SETUPS[step.type]).bind(sandbox, **step.parameters)
        except TypeError as error:
            raise UsageError(f"setup step {number}, {step.type}: {error}.") from None
        SETUPS[step.type](sandbox, **step.parameters)


@setup("launch")
def launch(sandbox: Sandbox, command: str | Sequence[str], shell: bool = False) -> None:
    """Start a program; one with a menu entry is waited for until it shows a window."""
    words = shlex.split(command) if isinstance(command, str) else list(command)
    known = {window.id for window in windows.windows(sandbox.x)}
    if shell or any(word.startswith("-") for word in words[1:]):
        line = command if isinstance(command, str) else shlex.join(command)
        sandbox.run(["sh", "-c", f"{{ {_filled(sandbox, line)} ; }} >/dev/null 2>&1 &"])
    else:
        sandbox.launch(words[0], [str(home.place(sandbox.home, word).relative_to(sandbox.home)) for word in words[1:]])
    if _has_windows(sandbox, words[0]):
        _wait_for_window(sandbox, known, words[0])


@setup("open")
def open_file(sandbox: Sandbox, path: str) -> None:
    """Open a file or folder with the application that the desktop has for its kind."""
    file = home.found(sandbox.home, path)
    known = {window.id for window in windows.windows(sandbox.x)}
    app = "pcmanfm" if file.is_dir() else _app_for(sandbox, file)
    sandbox.launch(app, [str(file.relative_to(sandbox.home))])
    _wait_for_window(sandbox, known, app)


@setup("execute")
def execute(
    sandbox: Sandbox, command: str | Sequence[str], shell: bool = False, stdout: str = "", stderr: str = ""
) -> None:
    """Run a command to its end; how it ends is not looked at, as in OSWorld."""
    line = command if isinstance(command, str) else None
    argv = (
        ["sh", "-c", line] if line is not None and shell else shlex.split(line) if line is not None else list(command)
    )
    sandbox.run([_filled(sandbox, word) for word in argv], timeout_s=COMMAND_S)


SETUPS["command"] = execute


@setup("sleep")
def sleep(sandbox: Sandbox, seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


@setup("upload_file")
def upload_file(sandbox: Sandbox, files: Sequence[dict[str, str]]) -> None:
    """Copy files of this machine into the desktop: `local_path` and `path` of each."""
    for file in files:
        source = Path(file["local_path"]).expanduser()
        if not source.exists():
            raise UsageError(f"upload_file: there is no {source} on this machine.")
        sandbox.put(_name(sandbox, file["path"]), source)


@setup("write_file")
def write_file(sandbox: Sandbox, path: str, text: str) -> None:
    """Ours: write a text file, exactly as given."""
    sandbox.put(_name(sandbox, path), text)


@setup("make_folder")
def make_folder(sandbox: Sandbox, path: str) -> None:
    """Ours: make a folder, and those above it."""
    sandbox.run(["mkdir", "-p", str(home.place(sandbox.home, path))])


@setup("activate_window")
def activate_window(sandbox: Sandbox, window_name: str, strict: bool = False, by_class: bool = False) -> None:
    """Raise a window and give it the keyboard."""
    for window in windows.matching(sandbox.x, window_name, strict=strict, by_class=by_class)[:1]:
        windows.activate(sandbox.x, window)


@setup("close_window")
def close_window(sandbox: Sandbox, window_name: str, strict: bool = False, by_class: bool = False) -> None:
    """Close a window as a click on its cross would, and wait until it has gone; nothing if there is none."""
    for window in windows.matching(sandbox.x, window_name, strict=strict, by_class=by_class):
        windows.close(sandbox.x, window)
        _wait(lambda gone=window.id: all(w.id != gone for w in windows.windows(sandbox.x)), 5.0)  # type: ignore[misc]
    time.sleep(0.3)  # an application that quits writes its settings after its window has gone


def _name(sandbox: Sandbox, path: str) -> str:
    return str(home.place(sandbox.home, path).relative_to(sandbox.home))


def _filled(sandbox: Sandbox, text: str) -> str:
    """OSWorld's placeholders, and its home folder, as they are here."""
    width, height = sandbox.size
    values = {
        "{CLIENT_PASSWORD}": "password", "{SCREEN_WIDTH}": width, "{SCREEN_HEIGHT}": height,
        "{SCREEN_WIDTH_HALF}": width // 2, "{SCREEN_HEIGHT_HALF}": height // 2, home.OSWORLD_HOME: sandbox.home,
    }  # fmt: skip
    for key, value in values.items():
        text = text.replace(key, str(value))
    return text


def _has_windows(sandbox: Sandbox, name: str) -> bool:
    try:
        return find_app(name, sandbox.facts.apps).id in {app.id for app in sandbox.facts.apps}
    except AppNotInstalled:
        return False


def _app_for(sandbox: Sandbox, file: Path) -> str:
    asked = ["sh", "-c", 'xdg-mime query default "$(xdg-mime query filetype "$1")"', "sh", str(file)]
    try:
        answer = sandbox.run(asked).stdout.strip().removesuffix(".desktop")
    except (OSError, subprocess.SubprocessError):
        answer = ""
    if not answer:
        raise UsageError(f"open: the desktop knows no application for {file.name}; use `launch` and name one.")
    return answer.rpartition(".")[2]


def _wait_for_window(sandbox: Sandbox, known: set[int], app: str) -> None:
    """Return once there is a window that was not there before, and the tree knows one of it."""
    if not _wait(lambda: any(w.id not in known for w in windows.windows(sandbox.x)), WINDOW_S):
        raise UsageError(f"{app} was started but showed no window within {WINDOW_S:g} s.")
    _wait(lambda: bool(sandbox.tree().windows), 3.0)


def _wait(holds: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
