"""Ctrl-C in a terminal: once pauses after the action at hand, again stops. Without a terminal once stops."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from guiagent.agent import Control


@contextmanager
def interruptible(control: Control) -> Iterator[Control]:
    """While this is open, Ctrl-C pauses and then stops, and a polite kill stops."""
    if threading.current_thread() is not threading.main_thread():
        yield control
        return

    def interrupted(number: int, frame: FrameType | None) -> None:
        if control.paused or number == signal.SIGTERM or not sys.stdin.isatty():
            sys.stderr.write("\nstopping\n")
            control.stop()
            return
        control.pause()
        sys.stderr.write("\npausing after this action; Enter goes on, Ctrl-C again stops\n")
        threading.Thread(target=_wait_for_enter, args=(control,), daemon=True).start()

    before = {number: signal.signal(number, interrupted) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield control
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait_for_enter(control: Control) -> None:
    sys.stdin.readline()
    control.resume()
