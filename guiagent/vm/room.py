"""A disk that is full, told in words."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime.errors import DesktopUnavailable

FULL = re.compile(r"no space left|disk full|enough (free )?space", re.IGNORECASE)
"""What programs say of it."""


def full(place: Path, said: str) -> DesktopUnavailable:
    """The error to raise, with who says so and in which words."""
    return DesktopUnavailable(
        f"the disk is full ({place}: {said}); make room, or name another folder (vms_dir, TMPDIR)."
    )


@contextmanager
def room(place: Path) -> Iterator[None]:
    """Raise `DesktopUnavailable` where writing there finds no room."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise full(place, str(error.strerror)) from error
        raise
