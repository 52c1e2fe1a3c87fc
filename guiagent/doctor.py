"""What works on this machine and what does not, each with its remedy. Looks only; nothing is loaded or started."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import metadata, util
from pathlib import Path
from typing import Literal

from guiagent.config import Settings, environment
from runtime.value import Value

__all__ = ["Finding", "can_run", "examine"]

GIB = 1024**3


class Finding(Value):
    """What one check found."""

    name: str
    status: Literal["ok", "degraded", "missing"]
    found: str
    remedy: str = ""
    """What to do about it; empty where nothing has to be done."""
    needed: bool = False
    """A run in the sandbox cannot do without it."""


def examine(settings: Settings) -> tuple[Finding, ...]:
    """Every check, in the order in which a newcomer would put things right."""
    checks: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
        _python,
        _packages,
        _programs,
        _accessibility,
        _keyboards,
        _fonts,
        _bubblewrap,
        _model,
        _memory,
        _disk,
        _cores,
        _screen,
    )
    return tuple(finding for check in checks for finding in check(settings))


def can_run(findings: tuple[Finding, ...]) -> bool:
    """Whether a run in the sandbox is possible."""
    return not any(finding.needed and finding.status == "missing" for finding in findings)


def _python(settings: Settings) -> Iterator[Finding]:
    new_enough = sys.version_info >= (3, 11)
    yield Finding(
        name="python",
        status="ok" if new_enough else "missing",
        found=f"{platform.python_version()} at {sys.executable}",
        remedy="" if new_enough else "Install Python 3.11 or later.",
        needed=True,
    )


PACKAGES = (
    ("llama_cpp", "llama-cpp-python", "local", "the model on this machine", True),
    ("llguidance", "llguidance", "local", "answers that keep to a grammar", True),
    ("rapidocr", "rapidocr", "ocr", "reading text from pixels", False),
    ("onnxruntime", "onnxruntime", "ocr", "reading text from pixels", False),
    ("pyautogui", "pyautogui", "input", "the mouse and keyboard of this computer (`--desktop here`)", False),
)
"""Module, distribution, the extra that brings it, what it is for, whether the sandbox needs it."""


def _packages(settings: Settings) -> Iterator[Finding]:
    for module, distribution, extra, purpose, needed in PACKAGES:
        version = _version(module, distribution)
        yield Finding(
            name=distribution,
            status="ok" if version else "missing",
            found=version or f"not installed: {purpose}",
            remedy="" if version else f"pip install 'guiagent[{extra}]'",
            needed=needed,
        )


def _version(module: str, distribution: str) -> str:
    """The version of a package without importing it; empty where it is not installed."""
    if util.find_spec(module) is None:
        return ""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "installed, version unknown"


PROGRAMS = (
    ("Xvfb", "xvfb", "the sandbox's screen"),
    ("openbox", "openbox", "the sandbox's windows"),
    ("dbus-daemon", "dbus", "the sandbox's own message bus"),
)
"""Program, Debian's package for it, what it is for. The sandbox needs each of them."""


def _programs(settings: Settings) -> Iterator[Finding]:
    for program, package, purpose in PROGRAMS:
        path = shutil.which(program)
        yield Finding(
            name=program,
            status="ok" if path else "missing",
            found=path or f"not on the PATH: {purpose}",
            remedy="" if path else _install(package),
            needed=True,
        )


BUS_LAUNCHERS = (
    "/usr/libexec/at-spi-bus-launcher",
    "/usr/lib/at-spi2-core/at-spi-bus-launcher",
    "/usr/lib/at-spi-bus-launcher",
)
"""Where Fedora and Debian, older Debian, and Arch keep it."""


def _accessibility(settings: Settings) -> Iterator[Finding]:
    path = next((place for place in BUS_LAUNCHERS if Path(place).exists()), "")
    yield Finding(
        name="accessibility tree",
        status="ok" if path else "degraded",
        found=path or "no at-spi-bus-launcher: what is on the screen is read from pixels only",
        remedy="" if path else _install("at-spi2-core libatk-adaptor"),
    )


def _keyboards(settings: Settings) -> Iterator[Finding]:
    symbols = Path("/usr/share/X11/xkb/symbols") / settings.sandbox.layout.partition("(")[0]
    compiler = shutil.which("xkbcomp")
    lacking = [
        name for name, there in (("x11-xkb-utils", compiler), ("xkb-data", symbols.exists())) if not there
    ]
    yield Finding(
        name="keyboard layouts",
        status="missing" if lacking else "ok",
        found=f"no {'xkbcomp' if not compiler else symbols}" if lacking else f"xkbcomp, layout {settings.sandbox.layout}",
        remedy=_install(" ".join(lacking)) if lacking else "",
        needed=True,
    )


def _fonts(settings: Settings) -> Iterator[Finding]:
    folders = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
    font = next((path for folder in folders for path in folder.rglob("*.[to]t[fc]")), None)
    yield Finding(
        name="fonts",
        status="ok" if font else "degraded",
        found=f"{font.name} and others" if font else "no font file: applications would show boxes for letters",
        remedy="" if font else _install("fonts-dejavu-core"),
    )


def _bubblewrap(settings: Settings) -> Iterator[Finding]:
    """It may be installed and still not be allowed: containers and hardened kernels forbid user namespaces."""
    if shutil.which("bwrap") is None:
        yield Finding(
            name="bubblewrap",
            status="degraded",
            found="not on the PATH: applications in the sandbox can write to your files",
            remedy=_install("bubblewrap"),
        )
        return
    words = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--unshare-pid", "true"]
    refusal = _refusal(words)
    yield Finding(
        name="bubblewrap",
        status="degraded" if refusal else "ok",
        found=f"it is not allowed here ({refusal}): applications in the sandbox can write to your files"
        if refusal
        else "works",
        remedy="Allow user namespaces (kernel.unprivileged_userns_clone=1), or go without." if refusal else "",
    )


def _refusal(words: list[str]) -> str:
    """What a short program says when it fails; empty when it succeeds."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=2, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["it failed"])[-1]


def _model(settings: Settings) -> Iterator[Finding]:
    path, trouble = _model_file(settings)
    size = f"{path.stat().st_size / 1e9:.1f} GB at {path}" if path else ""
    yield Finding(
        name="model",
        status="missing" if trouble else "ok",
        found=trouble or f"{settings.model}: {size}",
        remedy=f"guiagent models pull {settings.model}" if trouble else "",
        needed=True,
    )


def _memory(settings: Settings) -> Iterator[Finding]:
    free = _available_memory()
    path, _ = _model_file(settings)
    wanted = int((path.stat().st_size if path else 1.1e9) * 1.2) + settings.context_tokens * 60_000
    found = f"{free / GIB:.1f} GiB available, about {wanted / GIB:.1f} GiB wanted by {settings.model}"
    yield Finding(
        name="memory",
        status="ok" if free >= wanted else "degraded",
        found=found,
        remedy="" if free >= wanted else "Close other programs, or set a smaller `model` or `context_tokens`.",
    )


def _available_memory() -> int:
    """Bytes that can be had without swapping, within the limit of the container where there is one."""
    lines = _text("/proc/meminfo").splitlines()
    kilobytes = next((line.split()[1] for line in lines if line.startswith("MemAvailable:")), "0")
    limit, used = _text("/sys/fs/cgroup/memory.max"), _text("/sys/fs/cgroup/memory.current")
    available = int(kilobytes) * 1024
    return min(available, int(limit) - int(used)) if limit.isdigit() and used.isdigit() else available


def _disk(settings: Settings) -> Iterator[Finding]:
    path, _ = _model_file(settings)
    for name, folder, wanted in (
        ("disk for models", settings.models_dir, 0.1 if path else 2.5),
        ("disk for runs", settings.runs_dir, 0.2),
    ):
        place = next(above for above in (folder.absolute(), *folder.absolute().parents) if above.exists())
        free = shutil.disk_usage(place).free / GIB
        writable = os.access(place, os.W_OK)
        good = free >= wanted and writable
        yield Finding(
            name=name,
            status="ok" if good else "degraded",
            found=f"{free:.1f} GiB free at {place}" + ("" if writable else ", which cannot be written to"),
            remedy="" if good else f"Make room for {wanted} GiB, or set another `{'models' if name.endswith('models') else 'runs'}_dir`.",
        )


def _cores(settings: Settings) -> Iterator[Finding]:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    yield Finding(
        name="cores",
        status="ok" if count > 1 else "degraded",
        found=f"{count} for {platform.machine()}",
        remedy="" if count > 1 else "It works with one core, at less than half the speed.",
    )


def _screen(settings: Settings) -> Iterator[Finding]:
    """The user's own screen, for `--desktop here`; the sandbox needs none."""
    variables = environment()
    display, wayland = variables.get("DISPLAY", ""), variables.get("WAYLAND_DISPLAY", "")
    if wayland and not display:
        status, found = "missing", f"Wayland only ({wayland}), which lets no program work the mouse"
        remedy = "Log in to an X11 session, or use the sandbox."
    elif not display:
        status, found = "missing", "DISPLAY is not set: no graphical session here"
        remedy = "Only `--desktop here` needs one: start guiagent inside a graphical session. The sandbox needs none."
    elif wayland:
        status, found = "degraded", f"Wayland ({wayland}) with X11 ({display}): only X11 programs can be seen and worked"
        remedy = "Log in to an X11 session for the rest."
    else:
        status, found, remedy = "ok", f"X11 ({display})", ""
    yield Finding.model_validate({"name": "this computer's screen", "status": status, "found": found, "remedy": remedy})


def _install(packages: str) -> str:
    """How to install Debian's packages, or what to look for where there is no apt."""
    if shutil.which("apt-get"):
        return f"sudo apt-get install {packages}"
    return f"Install your system's counterpart of Debian's {packages}."


def _text(path: str) -> str:
    """A small system file; empty where it cannot be read."""
    try:
        return Path(path).read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
