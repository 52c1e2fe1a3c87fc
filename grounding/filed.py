"""What a desktop tells of its files: whether there is one, how large it is, when it was written; nothing in them."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Filed(NamedTuple):
    """What there is under a path."""

    is_folder: bool
    size: int
    """In bytes."""
    written: float
    """When it was last written, in seconds of the desktop's own clock; of a folder, when something in it came or went.
    """


Files = Callable[[str], Filed | None]
"""What there is under an absolute path of the desktop; None where nothing is, or nothing that can be asked about."""


def on_this_computer(path: str) -> Filed | None:
    """What this computer has under a path."""
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return None
    return Filed(stat.S_ISDIR(found.st_mode), found.st_size, found.st_mtime)
