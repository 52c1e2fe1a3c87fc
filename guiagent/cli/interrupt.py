"""Ctrl-C in a terminal: once pauses after the action at hand, again stops. Without a terminal once stops."""

from __future__ import annotations

import contextlib
import select
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from guiagent.agent import Control

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def interruptible(control: Control) -> Iterator[Control]:
    """While this is open, Ctrl-C pauses, then stops, then insists; a polite kill and a closed terminal stop."""
    if threading.current_thread() is not threading.main_thread():
        yield control
        return

    def interrupted(number: int, frame: FrameType | None) -> None:
        if control.stopped and number == signal.SIGINT:
            raise KeyboardInterrupt
        if control.paused or number != signal.SIGINT or not terminal():
            say("\nstopping\n")
            control.stop()
            return
        control.pause()
        say("\npausing after this action; Enter goes on, Ctrl-C again stops\n")
        threading.Thread(target=_wait_for_enter, args=(control,), daemon=True).start()

    kept = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]  # nohup stays in force
    before = {number: signal.signal(number, interrupted) for number in kept}
    try:
        yield control
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def interrupted_at_once() -> Iterator[None]:
    """While this is open, Ctrl-C raises KeyboardInterrupt: for waiting at a prompt, where there is nothing to pause."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin is not None and sys.stdin.isatty()


def say(text: str) -> None:
    """Tell the person at the terminal, who may have closed it."""
    with contextlib.suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()


def _wait_for_enter(control: Control) -> None:
    """Go on at Enter. It looks before it reads: a thread that hangs in a read keeps Python from ending."""
    while control.paused:
        if select.select([sys.stdin], [], [], 0.2)[0]:
            sys.stdin.readline()
            control.resume()
