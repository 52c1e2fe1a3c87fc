"""What is known of a desktop before the first look."""

from __future__ import annotations

from grounding.geometry import Size
from runtime.value import Value


class App(Value):
    """An application that can be started on a desktop."""

    id: str
    """The name to launch it by: the desktop file's name without its suffix, shortened to its last part (`mousepad`)."""
    name: str
    """What people call it (`Text Editor`)."""
    about: str = ""
    """Its one-line comment, its kinds and its keywords."""
    command: tuple[str, ...] = ()
    """How it is started, placeholders for files removed."""
    generic: str = ""
    """What kind of thing it calls itself (`Text Editor`)."""
    categories: tuple[str, ...] = ()
    """The registered categories that it is listed under (`TextEditor`, `GTK`)."""
    opens: tuple[str, ...] = ()
    """Those of the telling file types (`text/plain`, `inode/directory`) that it can open."""
    default_for: tuple[str, ...] = ()
    """Those of them that this desktop opens with it."""
    elsewhere: bool = False
    """Whether only the menus of other desktops list it: it is there, and is not what one takes without being asked."""
    version: str = ""
    """Tells one build of it from another; empty when that is not known."""


class Facts(Value):
    """What a desktop says of itself, for the record and the planner."""

    kind: str
    """`sandbox`, `here`, `fake`, ..."""
    system: str
    """Such as `Debian GNU/Linux 12`."""
    size: Size
    scale: float = 1.0
    senses: tuple[str, ...] = ("pixels", "tree")
    home: str = ""
    """The user's home folder on that desktop."""
    session: str = ""
    """What the desktop calls itself, the words set apart by colons (`KDE`, `ubuntu:GNOME`); empty when not known."""
    keyboard: str = "us"
    locale: str = ""
    """The language that applications speak there, as the environment has it (`de_DE.UTF-8`)."""
    apps: tuple[App, ...] = ()
    notes: tuple[str, ...] = ()
    """What does not work and why, one sentence each (degrade out loud)."""
