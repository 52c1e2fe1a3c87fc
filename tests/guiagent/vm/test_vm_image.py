"""Building an image: what goes wrong, and that nothing of it stays."""

import lzma
import multiprocessing
import os
import struct
import subprocess
import tarfile
from pathlib import Path

import pytest

from guiagent.vm import build as building
from guiagent.vm.build import build, installed, make_file_system, read_status, require_space, unpacked_kernel
from guiagent.vm.contents import write_early, write_late
from guiagent.vm.images import MANIFEST, Image, Manifest, image_named, images
from guiagent.vm.recipe import Recipe
from runtime.errors import DesktopUnavailable, UsageError


def program(folder, name, text):
    """A program of that name, before all others in the search path."""
    place = folder / "bin" / name
    place.parent.mkdir(exist_ok=True)
    place.write_text(f"#!/bin/sh\n{text}\n")
    place.chmod(0o755)
    return str(place.parent)


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """Stands where the tools of a build do; a test says what one of them does instead."""

    def put(name, text):
        path = program(tmp_path, name, text)
        monkeypatch.setenv("PATH", f"{path}:{os.environ['PATH']}")

    for name in ("mmdebstrap", "mke2fs", "qemu-img"):
        put(name, "exit 0")
    monkeypatch.setattr(building, "SPACE", 1 << 20)
    return put


def manifest(name="smoke"):
    recipe = Recipe()
    return Manifest(
        name=name, built="2026-01-01T00:00:00+00:00", fingerprint=recipe.fingerprint, release="bookworm", suite="smoke",
        asked=recipe.packages, packages={}, hashes={}, seconds=1.0, tools={},
    )  # fmt: skip


def built(folder, name="smoke"):
    image = Image(folder / name)
    image.folder.mkdir(parents=True)
    (image.folder / MANIFEST).write_text(manifest(name).model_dump_json())
    return image


def left(folder):
    return sorted(
        path.name for path in folder.iterdir() if path.name != ".smoke.lock" or not (folder / "smoke").exists()
    )


def test_an_image_that_is_as_its_recipe_has_it_is_kept(tmp_path):
    said = []
    assert build(built(tmp_path), Recipe(), tell=said.append).built == "2026-01-01T00:00:00+00:00"
    assert "is as its recipe has it" in said[0]


def test_what_is_asked_for_and_put_in_is_in_the_fingerprint():
    assert len({Recipe().fingerprint, Recipe(apps=("gedit",)).fingerprint, Recipe(release="trixie").fingerprint}) == 3
    assert Recipe().fingerprint == Recipe().fingerprint


@pytest.mark.parametrize("wrong", [{"suite": "no-such"}, {"apps": ("--hook=x",)}, {"release": "a b"}])
def test_a_recipe_of_nonsense_is_refused(wrong):
    with pytest.raises(UsageError):
        Recipe(**wrong)


def test_a_missing_program_is_named_with_its_package(tmp_path, monkeypatch):
    monkeypatch.setattr(building, "_path", lambda: str(tmp_path))
    with pytest.raises(DesktopUnavailable, match=r"mmdebstrap.*sudo apt install mmdebstrap e2fsprogs qemu-utils"):
        build(Image(tmp_path / "smoke"), Recipe())
    assert list(tmp_path.iterdir()) == []  # no lock either


def test_too_little_room_is_told_before_anything_is_done(tmp_path):
    with pytest.raises(DesktopUnavailable, match=r"takes 1000000000\.0 GB in .* are free"):
        require_space(tmp_path, 10**18)


@pytest.mark.parametrize(
    ("says", "told"),
    [
        ("E: cannot write: No space left on device", r"the disk is full .*says mmdebstrap"),
        ("E: You don't have enough free space in /x/archives/.", r"the disk is full .*says mmdebstrap"),
        ("E: Unable to locate package gedti", r"Debian has no such package: E: Unable to locate package gedti"),
        ("E: Could not connect to the mirror", r"mmdebstrap ended with code 100: E: Could not connect"),
    ],
)
def test_a_build_that_fails_says_why_and_leaves_what_was_there(tools, tmp_path, says, told):
    tools("mmdebstrap", f'case "$1" in --version|--unshare-helper) exit 0;; esac\necho "{says}" >&2\nexit 100')
    image = built(tmp_path / "vms")
    with pytest.raises((DesktopUnavailable, UsageError), match=told):
        build(image, Recipe(apps=("gedti",)))
    assert left(tmp_path / "vms") == ["smoke"]
    assert image.needed().built.startswith("2026")


def test_what_a_killed_build_left_is_cleared_by_the_next(tools, tmp_path):
    tools("mmdebstrap", 'case "$1" in --version|--unshare-helper) exit 0;; esac\nexit 1')
    (tmp_path / "vms" / ".smoke.part").mkdir(parents=True)
    with pytest.raises(DesktopUnavailable):
        build(Image(tmp_path / "vms" / "smoke"), Recipe())
    assert left(tmp_path / "vms") == []


def hold(folder, ready, done):
    with Image(Path(folder) / "smoke").locked():
        ready.set()
        done.wait(60)


def test_two_builds_at_once_and_a_stale_lock(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    ready, done = spawn.Event(), spawn.Event()
    other = spawn.Process(target=hold, args=(str(tmp_path), ready, done))
    other.start()
    assert ready.wait(60)
    with pytest.raises(UsageError, match=rf"'smoke' is being built or changed by process {other.pid}"):
        build(Image(tmp_path / "smoke"), Recipe())
    other.kill()
    other.join()
    assert build(built(tmp_path), Recipe()).name == "smoke"  # its lock file is still there, and holds nothing


def test_a_damaged_manifest_says_what_to_do(tmp_path):
    image = built(tmp_path)
    (image.folder / MANIFEST).write_text('{"name": "smo')
    with pytest.raises(DesktopUnavailable, match=r"is damaged.*guiagent vm build --name smoke --again"):
        image.needed()


def test_images_are_listed_and_removed(tmp_path):
    built(tmp_path, "smoke")
    built(tmp_path, "office").remove()
    assert left(tmp_path) == ["smoke"]
    assert [image.name for image in images(tmp_path)] == ["smoke"]
    assert images(tmp_path / "none") == ()
    with pytest.raises(UsageError, match="cannot be the name of an image"):
        image_named(tmp_path, "../x")
    with pytest.raises(DesktopUnavailable, match="guiagent vm build --suite office"):
        image_named(tmp_path, "office").needed()


def test_packages_and_applications_are_read_from_what_was_built():
    status = "Package: a\nStatus: install ok installed\nVersion: 1.0\n\nPackage: b\nStatus: deinstall ok config-files\n"
    assert read_status(status) == {"a": "1.0"}
    entry = "[Desktop Entry]\nType=Application\nName=Pad\nExec={} %F\n"
    found = installed({"pad.desktop": entry.format("pad"), "gone.desktop": entry.format("gone")}, ["pad", "ls"])
    assert [app.id for app in found.apps] == ["pad"]
    assert found.programs == ("ls", "pad")


def test_a_kernel_is_unpacked_so_that_no_boot_has_to():
    packed = lzma.compress(b"\x7fELF and so on")
    header = bytearray(0x400)
    header[0x1F1], header[0x202:0x206] = 1, b"HdrS"
    struct.pack_into("<II", header, 0x248, 16, len(packed) + 4)
    kernel = bytes(header) + bytes(16) + packed + struct.pack("<I", 14)
    assert unpacked_kernel(kernel) == b"\x7fELF and so on"
    for other in (b"no kernel", kernel.replace(packed[:6], b"other!")):
        assert unpacked_kernel(other) == other


def test_what_is_put_into_an_image(tmp_path):
    write_early(tmp_path / "early.tar")
    write_late(tmp_path / "late.tar", "secret", bytes(16))
    with tarfile.open(tmp_path / "early.tar") as early:
        assert early.getmember("etc/initramfs-tools/hooks/guiagent").mode == 0o755
    with tarfile.open(tmp_path / "late.tar") as late:
        names = {member.name: member for member in late}
        token = late.extractfile("etc/guiagent/token")
        assert token.read() == b"secret\n"
    assert (names["etc/guiagent/token"].mode, names["etc/guiagent/token"].uid) == (0o400, 1000)
    assert names["home/user/Documents"].uid == 1000
    assert names["usr/lib/guiagent/init"].mode == 0o755


def test_a_disk_is_made_of_an_archive(tmp_path):
    if os.geteuid() or not (building.shutil.which("mke2fs", path=building._path())):
        pytest.skip("needs root and mke2fs: sudo apt install e2fsprogs")
    with tarfile.open(tmp_path / "root.tar", "w") as archive:
        archive.add(__file__, "./etc/test.py")
    make_file_system(tmp_path / "root.tar", tmp_path / "root.raw", "root")
    raw = tmp_path / "root.raw"
    assert raw.stat().st_size == 6 << 30
    assert raw.stat().st_blocks * 512 < 200 << 20  # its holes were kept
    listed = subprocess.run(["debugfs", "-R", "ls /etc", str(raw)], capture_output=True, text=True, check=True)
    assert "test.py" in listed.stdout


def test_a_disk_that_does_not_fit_says_so(small_disk, tmp_path):
    with tarfile.open(tmp_path / "root.tar", "w") as archive:
        archive.add(__file__, "./etc/test.py")
    with pytest.raises(DesktopUnavailable, match="the disk is full"):
        make_file_system(tmp_path / "root.tar", small_disk / "root.raw", "root")
