"""What an image is made of: packages by what they are for, the files that are put in, and a fingerprint of it all."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from runtime.errors import UsageError

HERE = Path(__file__).parent
GUEST = HERE / "guest"
"""The files of ours that run inside a guest."""
RELEASE = "bookworm"
BUILDER = 2
"""Raised when the way of building changes what an image holds."""
SYSTEM = (
    "linux-image-amd64", "initramfs-tools", "udev", "kmod", "iproute2", "qemu-guest-agent", "python3-minimal",
    "dbus", "dbus-bin", "at-spi2-core", "libatk-adaptor", "libgail-common", "openbox", "xserver-xorg-core",
    "xserver-xorg-input-libinput", "x11-xkb-utils", "xkb-data", "fontconfig", "fonts-dejavu-core", "adwaita-icon-theme",
    "librsvg2-common", "shared-mime-info",
)  # fmt: skip
"""The kernel, a light X session with accessibility, and the agent that gives files and commands."""
SUITES: Mapping[str, tuple[str, ...]] = {
    "smoke": ("mousepad", "galculator", "pcmanfm"),
    "archives": ("xarchiver", "zip", "unzip"),
    "notes": ("xpad", "zim"),
    "viewers": ("atril", "gpicview"),
    "office": ("libreoffice-writer", "libreoffice-calc", "libreoffice-gtk3", "mousepad", "pcmanfm"),
}
"""The applications that a suite of tasks works, as Debian's packages."""
LEFT_OUT = (
    "/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*", "/usr/share/lintian/*",
    "/usr/share/initramfs-tools/hooks/udev", "/usr/share/initramfs-tools/scripts/init-*/udev",
    *(f"/lib/modules/*/kernel/{part}/*" for part in (
        "arch/x86/kvm", "sound", "drivers/ata", "drivers/bluetooth", "drivers/comedi", "drivers/cpufreq",
        "drivers/gpu/drm/amd", "drivers/gpu/drm/gma500", "drivers/gpu/drm/i915", "drivers/gpu/drm/nouveau",
        "drivers/gpu/drm/radeon",
        "drivers/iio", "drivers/infiniband", "drivers/isdn", "drivers/media", "drivers/net/can",
        "drivers/net/ethernet", "drivers/net/wireless", "drivers/mtd", "drivers/scsi", "drivers/staging",
        "drivers/target", "drivers/thunderbolt", "fs/btrfs", "fs/ceph", "fs/cifs", "fs/f2fs", "fs/gfs2", "fs/jfs",
        "fs/nfs", "fs/nfsd", "fs/ocfs2", "fs/reiserfs", "fs/smb", "fs/xfs", "net/bluetooth", "net/mac80211",
        "net/wireless",
    )),
)  # fmt: skip
"""What packages bring and a guest never uses: documentation, languages, drivers of hardware that QEMU does not have."""
EARLY_MODULES = ("virtio_pci", "virtio_blk", "ext4", "crc32c_generic")
"""The kernel's modules that it takes to find the disk."""
NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")


@dataclass(frozen=True)
class Recipe:
    """One image."""

    release: str = RELEASE
    """Debian's, by its name."""
    suite: str = "smoke"
    apps: tuple[str, ...] = ()
    """Packages besides the suite's."""

    def __post_init__(self) -> None:
        if self.suite not in SUITES:
            raise UsageError(f"There is no suite {self.suite!r} to build an image for; there are: {', '.join(SUITES)}.")
        for name in (self.release, *self.apps):
            if not NAME.fullmatch(name):
                raise UsageError(f"{name!r} cannot be the name of a Debian package or release.")

    @property
    def packages(self) -> tuple[str, ...]:
        """All that is asked for by name; what these depend on comes with them."""
        return tuple(dict.fromkeys((*SYSTEM, *SUITES[self.suite], *self.apps)))

    @property
    def fingerprint(self) -> str:
        """Changes when anything that is asked for or put in changes."""
        told = {"builder": BUILDER, "release": self.release, "packages": self.packages, "left_out": LEFT_OUT}
        digest = hashlib.sha256(json.dumps(told).encode())
        for file in sorted((*GUEST.iterdir(), *settings_files())):
            if file.is_file():
                digest.update(file.name.encode() + b"\0" + file.read_bytes())
        return digest.hexdigest()


def settings_files() -> list[Path]:
    """The settings that a desktop of ours begins with, the sandbox's and a guest's."""
    return [path for path in (HERE.parent / "desktop" / "settings").rglob("*") if path.is_file()]
