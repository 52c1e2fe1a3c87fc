"""Where images are kept, what is known of each, and the lock that one build of an image holds at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from grounding.facts import App
from guiagent.vm.recipe import SUITES
from runtime.errors import DesktopUnavailable, UsageError
from runtime.value import Value

MANIFEST = "manifest.json"
NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
DISK, KERNEL, INITRD, APPS, READY = "disk.qcow2", "kernel", "initrd", "apps.json", "ready"
TOKEN, COOKIE = "token", "cookie"
"""What opens the in-guest server and the X server of a guest; readable by the owner of the image only."""


class Manifest(Value):
    """What an image holds, written when it is whole."""

    name: str
    built: str
    """When, in ISO 8601."""
    fingerprint: str
    """Of the recipe, `Recipe.fingerprint`."""
    release: str
    suite: str
    asked: tuple[str, ...]
    """The packages that were asked for."""
    packages: dict[str, str]
    """Every package, with its version."""
    hashes: dict[str, str]
    """SHA-256 of each file of the image."""
    seconds: float
    """How long the build took."""
    tools: dict[str, str]
    """The versions of what it was built with."""


class Installed(Value):
    """What can be started in an image."""

    apps: tuple[App, ...]
    """What its menu would show."""
    programs: tuple[str, ...]
    """The names of all programs in its search path."""


class Image:
    """A folder with an image in it, or in which one is to be built."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def disk(self) -> Path:
        return self.folder / DISK

    @property
    def kernel(self) -> Path:
        return self.folder / KERNEL

    @property
    def initrd(self) -> Path:
        return self.folder / INITRD

    @property
    def token(self) -> str:
        """What opens the in-guest server."""
        return (self.folder / TOKEN).read_text(encoding="ascii").strip()

    @property
    def cookie(self) -> Path:
        """The X server's, as an authority file."""
        return self.folder / COOKIE

    def installed(self) -> Installed:
        """What can be started in it."""
        return Installed.model_validate_json((self.folder / APPS).read_bytes())

    @property
    def ready(self) -> Path:
        """The folder of the booted states."""
        return self.folder / READY

    @property
    def size(self) -> int:
        """Bytes on disk of what was built, booted states left out."""
        return sum(path.stat().st_size for path in self.folder.iterdir() if path.is_file())

    def manifest(self) -> Manifest | None:
        """What is known of it; None where it was not built to its end. Raises `DesktopUnavailable` if it is damaged."""
        try:
            return Manifest.model_validate_json((self.folder / MANIFEST).read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError as error:
            raise DesktopUnavailable(
                f"{self.folder / MANIFEST} is damaged ({error.error_count()} fields); "
                f"build it again: guiagent vm build --name {self.name} --again"
            ) from error

    def needed(self) -> Manifest:
        """The manifest. Raises `DesktopUnavailable` where there is no such image."""
        found = self.manifest()
        if found is None:
            raise DesktopUnavailable(
                f"there is no image {self.name!r} in {self.folder.parent}; build it: guiagent vm build"
                + (f" --{'suite' if self.name in SUITES else 'name'} {self.name}")
            )
        return found

    def remove(self) -> None:
        """Delete it with its booted states."""
        with self.locked():
            shutil.rmtree(self.folder)

    @contextmanager
    def locked(self, *, wait: bool = False) -> Iterator[None]:
        """Hold the image for a change. A lock of a process that has died holds nothing: the kernel lets go of it.

        Raises `UsageError` while another process has it, or waits for its end.
        """
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with self._lock(wait) as file:
            file.truncate(0)
            file.write(f"process {os.getpid()}\n")
            file.flush()
            try:
                yield
            finally:
                if not self.folder.exists():
                    self._lock_file.unlink(missing_ok=True)

    def _lock(self, wait: bool) -> IO[str]:
        """The lock's file, locked; opened again where whoever had it has removed it."""
        while True:
            file = self._lock_file.open("a+")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                with file:
                    file.seek(0)
                    who = file.read().strip() or "another process"
                raise UsageError(
                    f"the image {self.name!r} is being built or changed by {who}; wait for its end."
                ) from None
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file.fileno()), self._lock_file.stat()):
                    return file
            file.close()

    @property
    def _lock_file(self) -> Path:
        return self.folder.parent / f".{self.name}.lock"


def image_named(folder: Path, name: str) -> Image:
    """The image of that name, built or not. Raises `UsageError` for what cannot be a name."""
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot be the name of an image; take small letters, digits and dashes.")
    return Image(folder / name)


def images(folder: Path) -> tuple[Image, ...]:
    """Those that were built, by name."""
    if not folder.is_dir():
        return ()
    found = (Image(path) for path in sorted(folder.iterdir()) if (path / MANIFEST).is_file())
    return tuple(found)
