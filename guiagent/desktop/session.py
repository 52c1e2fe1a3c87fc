"""The inner of the two small programs that a sandbox runs in: it starts applications on request and tells how they end.

It runs as a script with nothing but the standard library, inside bubblewrap where there is one. It reads requests from
its standard input (a socket) and answers there, one JSON object a line:

    {"id": 1, "argv": [...], "env": {...}, "cwd": "...", "log": "...", "out": "...", "user": null}    start a program
    {"id": 1, "pid": 42}   or   {"id": 1, "error": "..."}                 the answer
    {"id": 2, "kill": 42, "signal": 9}                                    send a signal to a program and its group
    {"ready": 7}                                                          sent once at the start: the display number
    {"exit": 42, "code": 0}                                               a program ended; below 0 is a signal

End-of-file ends it, and with it everything that it started.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import socket
import subprocess
import sys
from typing import Any

PR_SET_CHILD_SUBREAPER = 36


def start(request: dict[str, Any]) -> dict[str, Any]:
    """Start a program in a process group of its own, its output going to files."""
    user = request.get("user")
    with contextlib.ExitStack() as files:
        log = files.enter_context(open(request["log"], "ab")) if request.get("log") else subprocess.DEVNULL  # noqa: PTH123
        out = files.enter_context(open(request["out"], "wb")) if request.get("out") else log  # noqa: PTH123
        try:
            child = subprocess.Popen(
                request["argv"], env=request["env"], cwd=request.get("cwd"), stdin=subprocess.DEVNULL, stdout=out,
                stderr=log, start_new_session=True, user=user, group=user, extra_groups=None if user is None else [],
            )  # fmt: skip
        except OSError as error:
            return {"error": str(error)}
    child.returncode = 0  # it is reaped below, with the orphans
    return {"pid": child.pid}


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Do what a request asks."""
    if "kill" in request:
        with contextlib.suppress(OSError):
            os.killpg(request["kill"], request["signal"])
        return {"pid": request["kill"]}
    return start(request)


def reap() -> list[dict[str, Any]]:
    """The ends of all children that have ended since the last call."""
    ends: list[dict[str, Any]] = []
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            ends.append({"exit": pid, "code": os.waitstatus_to_exitcode(status)})
    return ends


def serve(channel: socket.socket, wake: socket.socket) -> None:
    """Answer requests until the other end is closed."""
    buffer = b""
    while True:
        ready, _, _ = select.select([channel, wake], [], [])
        if wake in ready:
            wake.recv(4096)
            send(channel, reap())
        if channel in ready:
            part = channel.recv(65536)
            if not part:
                return
            *lines, buffer = (buffer + part).split(b"\n")
            for line in lines:
                request = json.loads(line)
                send(channel, [{"id": request["id"], **answer(request)}])


def send(channel: socket.socket, messages: list[dict[str, Any]]) -> None:
    """Write messages, one a line."""
    channel.sendall(b"".join(json.dumps(message).encode() + b"\n" for message in messages))


def main() -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    wake, waker = socket.socketpair()
    waker.setblocking(False)
    signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    channel = socket.socket(fileno=os.dup(0))
    os.set_inheritable(0, False)
    with contextlib.suppress(ConnectionError):
        send(channel, [{"ready": int(sys.argv[1])}])
        serve(channel, wake)


if __name__ == "__main__":
    main()
