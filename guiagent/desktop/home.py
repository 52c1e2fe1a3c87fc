"""The home folder of a sandbox: its folders, the settings that keep its screen still, and the environment for it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

FOLDERS = ("Desktop", "Documents", "Downloads", "Music", "Pictures", "Public", "Templates", "Videos")
PRIVATE = (".config", ".cache", ".local/share", ".local/state")
FIXED = Path(__file__).parent / "settings"
"""Settings files that ship with us, laid out as in a home folder, their dots written as `dot-`."""
Content = str | bytes | Path
"""What a prepared file holds: text, bytes, or the file or folder to copy."""


def prepare_home(home: Path, theme: str, files: Mapping[str, Content]) -> None:
    """Make the folders, our settings where there are none yet, and the prepared files."""
    for name in (*FOLDERS, *PRIVATE):
        (home / name).mkdir(parents=True, exist_ok=True)
    for source in sorted(path for path in FIXED.rglob("*") if path.is_file()):
        place = home / "/".join(part.replace("dot-", ".") for part in source.relative_to(FIXED).parts)
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(source.read_text(encoding="utf-8").replace("{theme}", theme), encoding="utf-8")
    for name, content in files.items():
        write_file(home / name, content)


def write_file(place: Path, content: Content) -> None:
    """Write one prepared file, making its folder."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        place.write_bytes(content)
    elif isinstance(content, str):
        place.write_text(content, encoding="utf-8")
    elif content.is_dir():
        shutil.copytree(content, place, dirs_exist_ok=True)
    else:
        shutil.copy2(content, place)


def environment(home: Path, runtime: Path, display: str, authority: Path, scale: int = 1) -> dict[str, str]:
    """The whole environment of the sandbox's applications; nothing of ours leaks into it."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games",
        "HOME": str(home),
        "USER": "user",
        "LOGNAME": "user",
        "SHELL": "/bin/sh",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "LANGUAGE": "en",
        "DISPLAY": display,
        "XAUTHORITY": str(authority),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_DATA_HOME": str(home / ".local/share"),
        "XDG_STATE_HOME": str(home / ".local/state"),
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_SESSION_TYPE": "x11",
        "XDG_CURRENT_DESKTOP": "openbox",
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={runtime}/bus",
        "GSETTINGS_BACKEND": "keyfile",
        "GIO_USE_VFS": "local",
        "GTK_MODULES": "gail:atk-bridge",
        "GTK_USE_PORTAL": "0",
        "GTK_OVERLAY_SCROLLING": "0",
        "GTK_IM_MODULE": "gtk-im-context-simple",
        "NO_AT_BRIDGE": "0",
        "GNOME_ACCESSIBILITY": "1",
        "QT_ACCESSIBILITY": "1",
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        "SAL_USE_VCLPLUGIN": "gtk3",
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "GDK_SCALE": str(scale),
        "QT_SCALE_FACTOR": str(scale),
    }
