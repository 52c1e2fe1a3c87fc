"""Building an image: mmdebstrap makes files of Debian's packages, mke2fs a file system of them, qemu-img a disk."""

from __future__ import annotations

import contextlib
import hashlib
import lzma
import os
import re
import secrets
import shutil
import struct
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from grounding.facts import App
from guiagent.desktop.apps import app_from, entry_fields
from guiagent.desktop.x11 import write_cookie
from guiagent.vm.contents import HOME, guest_environment, write_early, write_late
from guiagent.vm.images import APPS, COOKIE, DISK, INITRD, KERNEL, MANIFEST, TOKEN, Image, Installed, Manifest
from guiagent.vm.recipe import LEFT_OUT, Recipe
from guiagent.vm.room import FULL, full, room
from runtime.errors import DesktopUnavailable, UsageError

NEEDED = {"mmdebstrap": "mmdebstrap", "mke2fs": "e2fsprogs", "qemu-img": "qemu-utils", "tar": "tar"}
"""Programs that a build cannot do without, and the Debian packages that bring them."""
SPACE = 4 << 30
"""Bytes that have to be free, here and in the folder for temporary files; a build with LibreOffice takes 3.2e9."""
DISK_SIZE = "6G"
"""Of the guest's disk; what is empty takes no room."""
KEPT = {"boot/vmlinuz": KERNEL, "boot/initrd.img": INITRD}
STATUS, MENU = "var/lib/dpkg/status", "usr/share/applications/"
PROGRAMS = ("usr/bin/", "usr/local/bin/", "usr/games/", "usr/sbin/", "bin/", "sbin/")
FONTS = (
    "cd /usr && mkdir -p local/share/fonts && "
    "find share/fonts local/share/fonts -type d -exec touch --date=@1000000000 {} + && fc-cache -sf"
)
"""The cache of the fonts holds good for folders of the age, to the nanosecond, that they had when it was made, and
mmdebstrap makes all of one age in the end, but what is old. Without it each program makes a cache of its own, which
slows the boot and has files appear in the home folder after it."""
FILE_SYSTEM = f"""
set -e
folder=$(mktemp -d "${{TMPDIR:-/tmp}}/guiagent-disk-XXXXXX")
trap 'rm -rf "$folder"' EXIT INT TERM
mkdir "$folder/root"
tar -x -C "$folder/root" --exclude='./dev/*' --numeric-owner -f -
mke2fs -q -t ext4 -O ^has_journal -L root -E lazy_itable_init=0 -d "$folder/root" "$folder/disk" {DISK_SIZE} >&2
tar -c -S -C "$folder" -f - disk
"""
"""Reads an archive of files, writes one of a disk without its holes. No journal, as a guest cut off is thrown away."""
Tell = Callable[[str], None]


def quiet(_text: str) -> None:
    """Tell nobody."""


def build(image: Image, recipe: Recipe, *, again: bool = False, tell: Tell = quiet) -> Manifest:
    """Build an image, or keep the one that is there if nothing in its recipe has changed.

    Whatever goes wrong, what was there before is left as it was and nothing half-built stays. Raises
    `DesktopUnavailable` where a program, room on the disk or the packages cannot be had, and `UsageError` while
    another process builds it.
    """
    with image.locked():
        there = image.manifest() if not again else None
        if there and there.fingerprint == recipe.fingerprint:
            tell(f"{image.name} is as its recipe has it; --again builds it anew.")
            return there
        require_tools()
        way = privilege()
        require_space(image.folder.parent)
        with _part(image) as part:
            manifest = _build(part, image.name, recipe, way, tell)
            shutil.rmtree(image.folder, ignore_errors=True)
            part.rename(image.folder)
        return manifest


def require_tools() -> None:
    """Raise `DesktopUnavailable` naming the packages of the programs that are missing."""
    missing = [name for name in NEEDED if not shutil.which(name, path=_path())]
    if missing:
        packages = " ".join(dict.fromkeys(NEEDED[name] for name in missing))
        raise DesktopUnavailable(f"there is no {' and no '.join(missing)} here; install: sudo apt install {packages}")


def privilege() -> str:
    """How mmdebstrap may make files of other users: as root, or in a user namespace. Raises where neither goes."""
    if os.geteuid() == 0:
        return "root"
    probe = subprocess.run(
        ["mmdebstrap", "--unshare-helper", "true"], capture_output=True, text=True, check=False, env=_environment()
    )
    if probe.returncode:
        why = " ".join(probe.stderr.split())[-200:]
        raise DesktopUnavailable(
            f"an image cannot be built without root here, as user namespaces do not work ({why}); install what they "
            "take: sudo apt install uidmap, with your name in /etc/subuid; or build as root: sudo guiagent vm build"
        )
    return "unshare"


def require_space(folder: Path, needed: int = SPACE) -> None:
    """Raise `DesktopUnavailable` where there is too little room on the disk for a build."""
    for place in dict.fromkeys((folder, Path(tempfile.gettempdir()))):
        free = shutil.disk_usage(place).free
        if free < needed:
            raise DesktopUnavailable(
                f"a build takes {needed / 1e9:.1f} GB in {place}, and {free / 1e9:.1f} GB are free; "
                "make room, or name another folder (vms_dir, TMPDIR)."
            )


def _build(part: Path, name: str, recipe: Recipe, way: str, tell: Tell) -> Manifest:
    began = time.monotonic()
    archive = part / "root.tar"
    _bootstrap(part, archive, recipe, way, tell)
    tell("taking the kernel out")
    packages = _take_out(archive, part)
    tell("making the disk")
    make_file_system(archive, part / "root.raw", way)
    archive.unlink()
    pack(part / "root.raw", part / DISK)
    (part / "root.raw").unlink()
    manifest = Manifest(
        name=name, built=datetime.now().astimezone().isoformat(timespec="seconds"), fingerprint=recipe.fingerprint,
        release=recipe.release, suite=recipe.suite, asked=recipe.packages, packages=packages,
        hashes={file: sha256(part / file) for file in (DISK, KERNEL, INITRD)},
        seconds=round(time.monotonic() - began, 1), tools=_versions(),
    )  # fmt: skip
    (part / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return manifest


def _bootstrap(part: Path, archive: Path, recipe: Recipe, way: str, tell: Tell) -> None:
    """Have mmdebstrap fetch and set up the packages, with our files among them."""
    token, cookie = secrets.token_hex(16), secrets.token_bytes(16)
    (part / TOKEN).touch(mode=0o600)
    (part / TOKEN).write_text(token, encoding="ascii")
    write_cookie(part / COOKIE, cookie)
    with tempfile.TemporaryDirectory(prefix="guiagent-vm-") as folder:
        early, late = Path(folder) / "early.tar", Path(folder) / "late.tar"
        write_early(early)
        write_late(late, token, cookie)
        command = [
            "mmdebstrap", f"--mode={way}", "--variant=minbase", "--format=tar",
            '--aptopt=APT::Install-Recommends "false"', '--aptopt=Acquire::Retries "3"', "--dpkgopt=force-unsafe-io",
            f"--include={','.join(recipe.packages)}", *(f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT),
            f"--essential-hook=tar-in {early} /",
            f'--customize-hook=chroot "$1" useradd --uid 1000 --user-group --no-create-home --home {HOME} '
            "--shell /bin/bash user",
            f"--customize-hook=tar-in {late} /",
            f"--customize-hook=chroot \"$1\" sh -c '{FONTS}'",
            recipe.release, str(archive),
        ]  # fmt: skip
        _run(command, tell)


def _take_out(archive: Path, part: Path) -> dict[str, str]:
    """Copy the kernel and its first file system out of the archive, and write down which applications there are.

    Gives every package in it, with its version.
    """
    texts: dict[str, str] = {}
    programs: list[str] = []
    with tarfile.open(archive) as tar:
        for member in tar:
            name = member.name.removeprefix("./")
            if (target := KEPT.get(name.partition("-")[0])) and (file := _content(tar, member)):
                with (part / target).open("wb") as copy:
                    shutil.copyfileobj(file, copy)
            elif name == STATUS or (name.startswith(MENU) and name.endswith(".desktop")):
                if file := _content(tar, member):
                    texts[name] = file.read().decode("utf-8", "replace")
            elif name.startswith(PROGRAMS) and not member.isdir():
                programs.append(name.rpartition("/")[2])
    if not (part / KERNEL).is_file() or not (part / INITRD).is_file():
        raise DesktopUnavailable("what was built holds no kernel; is the release one of Debian's?")
    (part / KERNEL).write_bytes(unpacked_kernel((part / KERNEL).read_bytes()))
    entries = {name.removeprefix(MENU): text for name, text in texts.items() if name.startswith(MENU)}
    (part / APPS).write_text(installed(entries, programs).model_dump_json(), encoding="utf-8")
    return read_status(texts.get(STATUS, ""))


def unpacked_kernel(packed: bytes) -> bytes:
    """A Linux kernel as it is in memory, so that no boot has to unpack it; as it was, where that is not known.

    The places are those of the boot protocol's header (Documentation/arch/x86/boot.rst).
    """
    if packed[0x202:0x206] != b"HdrS":
        return packed
    offset, length = struct.unpack_from("<II", packed, 0x248)
    start = ((packed[0x1F1] or 4) + 1) * 512 + offset
    payload = packed[start : start + length]
    if payload.startswith(b"\xfd7zXZ\0"):
        return lzma.LZMADecompressor().decompress(payload)  # its size comes after it
    return packed


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes] | None:
    return tar.extractfile(member) if member.isfile() else None


def installed(entries: Mapping[str, str], programs: Iterable[str]) -> Installed:
    """What can be started: the menu's entries by file name (their text), as far as their programs are there."""
    known = sorted(set(programs))
    session = guest_environment()["XDG_CURRENT_DESKTOP"]
    apps: dict[str, App] = {}
    for name, text in sorted(entries.items()):
        fields = entry_fields(text)
        app = app_from(name.removesuffix(".desktop"), fields, session)
        if app and app.command[0].rpartition("/")[2] in known:
            apps.setdefault(app.id, app)
    return Installed(apps=tuple(apps[key] for key in sorted(apps)), programs=tuple(known))


def read_status(status: str) -> dict[str, str]:
    """The installed packages of dpkg's status file, with their versions, by name."""
    found = {}
    for paragraph in status.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in paragraph.splitlines() if ": " in line and line[0] != " ")
        if fields.get("Status", "").endswith(" installed"):
            found[fields["Package"]] = fields["Version"]
    return dict(sorted(found.items()))


def make_file_system(archive: Path, disk: Path, way: str) -> None:
    """An ext4 file system with what is in the archive. Raises `DesktopUnavailable` where there is no room for it."""
    command = ["sh", "-c", FILE_SYSTEM]
    if way == "unshare":
        command = ["mmdebstrap", "--unshare-helper", *command]
    with archive.open("rb") as source, tempfile.TemporaryFile("w+", errors="replace") as said:
        process = subprocess.Popen(command, stdin=source, stdout=subprocess.PIPE, stderr=said, env=_environment())
        with _ended(process):
            unpack = ["tar", "-x", "-S", "-C", str(disk.parent), "-f", "-"]
            taken = subprocess.run(unpack, stdin=process.stdout, stderr=said, check=False, env=_environment())
        said.seek(0)
        _check(process.returncode or taken.returncode, "mke2fs", said.read())
    (disk.parent / "disk").rename(disk)


def pack(raw: Path, disk: Path) -> None:
    """A compressed qcow2 image of a raw one."""
    command = ["qemu-img", "convert", "-O", "qcow2", "-c", "-o", "compression_type=zstd", str(raw), str(disk)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, env=_environment())
    _check(done.returncode, "qemu-img", done.stderr)


def sha256(file: Path) -> str:
    """Of a file's content, in hexadecimal digits."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


@contextmanager
def _part(image: Image) -> Iterator[Path]:
    """A folder to build in, beside the image; removed if anything goes wrong, and if an earlier build left one."""
    part = image.folder.parent / f".{image.name}.part"
    shutil.rmtree(part, ignore_errors=True)
    try:
        with room(part):
            part.mkdir(parents=True)
            yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _run(command: list[str], tell: Tell) -> None:
    """Run a program to its end, handing on what it says it is doing."""
    said: list[str] = []
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        errors="replace", env=_environment(),
    )  # fmt: skip
    with _ended(process):
        assert process.stderr is not None
        for line in process.stderr:
            said.append(line.strip())
            if line.startswith("I: ") and "tempdir" not in line and "automatically" not in line:
                tell(line.removeprefix("I: ").strip(" .\n"))
    _check(process.returncode, command[0], "\n".join(said[-40:]))


@contextmanager
def _ended(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> Iterator[None]:
    """A program that has ended when this is left, however it is left."""
    try:
        yield
    except BaseException:
        process.terminate()  # mmdebstrap clears up after itself
        raise
    finally:
        for stream in (process.stdout, process.stderr):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _check(code: int, program: str, said: str) -> None:
    """Raise `DesktopUnavailable` where a program ended with an error, with its last words."""
    if code == 0:
        return
    if FULL.search(said):
        raise full(Path(tempfile.gettempdir()), f"says {program}")
    telling = [line for line in said.splitlines() if line.startswith(("E:", "Err:", "mke2fs:", "qemu-img:"))]
    words = " ".join(dict.fromkeys(telling[:3] or said.split("\n")[-3:]))[:400]
    if re.search(r"unable to locate package", said, re.IGNORECASE):
        raise UsageError(f"Debian has no such package: {words}")
    raise DesktopUnavailable(f"{program} ended with code {code}: {words or 'it said nothing'}")


def _versions() -> dict[str, str]:
    """Of the programs that a build uses."""
    found = {}
    for program in ("mmdebstrap", "qemu-img"):
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, env=_environment())
        found[program] = done.stdout.strip().splitlines()[0] if done.stdout.strip() else ""
    return found


def _path() -> str:
    """Where programs are looked for; an ordinary user's search path often leaves out where mke2fs is."""
    from guiagent.config import environment

    return f"{environment().get('PATH', '/usr/bin:/bin')}:/usr/sbin:/sbin"


def _environment() -> dict[str, str]:
    from guiagent.config import environment

    return {**environment(), "PATH": _path(), "LC_ALL": "C.UTF-8"}
