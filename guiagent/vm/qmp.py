"""QEMU's monitor: one request at a time, with an answer in time or the machine taken for lost."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import socket
import threading
import time
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, TypeVar

from runtime.errors import DesktopError, DesktopLost, DesktopUnavailable

if TYPE_CHECKING:
    from qemu.qmp import QMPClient

ANSWER_S = 20.0
"""The longest that QEMU may take to answer what is done at once; it answers in milliseconds, on a busy machine too."""
JOB_S = 120.0
"""The longest that saving or restoring a state may take."""
POLL_S = 0.02
Got = TypeVar("Got")


class Refused(DesktopError):
    """QEMU said no to a request; its own words are in the sentence."""


class Monitor:
    """A connection to one QEMU. Several threads may call it."""

    def __init__(self, line: socket.socket, timeout_s: float = ANSWER_S) -> None:
        """`line` is connected to QEMU's monitor, and closed with this."""
        client = _client()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="qmp", daemon=True)
        self._thread.start()
        self._client: QMPClient = client
        try:
            self._wait(client.connect(line), timeout_s, "connect")
        except DesktopError:
            line.close()
            self._stop()
            raise

    def ask(self, command: str, timeout_s: float = ANSWER_S, /, **arguments: Any) -> Any:
        """What QEMU answers. Raises `Refused` with its words, `DesktopLost` where it is gone or silent."""
        return self._wait(self._client.execute(command, arguments or None), timeout_s, command)

    def job(self, command: str, timeout_s: float = JOB_S, /, **arguments: Any) -> None:
        """Start a job of QEMU's and return when it has ended. Raises `Refused` with the reason where it failed."""
        name = f"job{time.monotonic_ns()}"
        self.ask(command, timeout_s, **{"job-id": name}, **arguments)  # QEMU answers nothing while it reads a state
        deadline = time.monotonic() + timeout_s
        while True:
            job = next((job for job in self.ask("query-jobs", timeout_s) if job["id"] == name), None)
            if job is None:
                return
            if job["status"] == "concluded":
                self.ask("job-dismiss", id=name)
                if "error" in job:
                    raise Refused(f"QEMU could not do {command}: {job['error']}")
                return
            if time.monotonic() > deadline:
                raise DesktopLost(f"QEMU did not end {command} within {timeout_s:.0f} s; start the machine again.")
            time.sleep(POLL_S)

    def close(self) -> None:
        """Close the connection. May be called twice."""
        if self._loop.is_closed():
            return
        with contextlib.suppress(DesktopError):
            self._wait(self._client.disconnect(), 2.0, "disconnect")
        self._stop()

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5.0)
        self._loop.close()

    def _wait(self, work: Awaitable[Got], timeout_s: float, what: str) -> Got:
        from qemu.qmp import ExecuteError, QMPError

        async def done() -> Got:
            return await work

        if self._loop.is_closed():
            raise DesktopLost("the machine was closed; start it again.")
        future = asyncio.run_coroutine_threadsafe(done(), self._loop)
        try:
            return future.result(timeout_s)
        except concurrent.futures.TimeoutError:
            future.cancel()
            why = f"QEMU did not answer {what} within {timeout_s:.0f} s; start the machine again."
            raise DesktopLost(why) from None
        except ExecuteError as error:
            raise Refused(f"QEMU refused {what}: {error}") from error
        except (QMPError, EOFError, OSError, asyncio.CancelledError) as error:
            raise DesktopLost(f"QEMU has gone away ({error or type(error).__name__}) at {what}.") from error


def _client() -> QMPClient:
    try:
        from qemu.qmp import QMPClient
    except ImportError as error:
        raise DesktopUnavailable(f"qemu.qmp is missing ({error}); install it: pip install 'guiagent[vm]'") from None
    return QMPClient("guiagent")
