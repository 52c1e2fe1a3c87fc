"""A D-Bus connection for asking many small questions at once: requests are sent in bulk, then the replies are read."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from jeepney import DBusAddress, HeaderFields, Message, MessageFlag, MessageType, Parser, new_method_call

from runtime.errors import DesktopUnavailable

CONNECT_TIMEOUT_S = 3.0
AT_ONCE = 250
"""Requests under way at a time; buses refuse a client that has thousands of them."""


class Call(NamedTuple):
    """One method call."""

    bus: str
    path: str
    interface: str
    method: str
    signature: str = ""
    arguments: tuple[Any, ...] = ()


def get_property(bus: str, path: str, interface: str, name: str) -> Call:
    """The call that reads a property; its reply is a one-tuple of (signature, value)."""
    return Call(bus, path, "org.freedesktop.DBus.Properties", "Get", "ss", (interface, name))


class Bus:
    """A connection to a bus, authenticated as a given user id."""

    def __init__(self, address: str, user: int) -> None:
        self._parser = Parser()
        self._serial = 0
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(CONNECT_TIMEOUT_S)
        try:
            self._socket.connect(socket_name(address))
            self._authenticate(user)
        except OSError as error:
            self._socket.close()
            raise DesktopUnavailable(f"the accessibility bus at {address} does not answer ({error}).") from error
        hello = Call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello")
        self.ask([hello], CONNECT_TIMEOUT_S)

    def close(self) -> None:
        """Close the connection. May be called twice."""
        self._socket.close()

    def one(self, call: Call, silence_s: float = 1.0) -> tuple[Any, ...] | None:
        """The reply to one call; None if it failed or took too long."""
        return self.ask([call], silence_s)[0]

    def ask(
        self, calls: Sequence[Call], silence_s: float, enough: Callable[[], bool] = lambda: False
    ) -> list[tuple[Any, ...] | None]:
        """The reply to each call, in order; None for one that failed, or got none before a silence of that length.

        `enough` is asked now and then; once it says so, the rest is given up. Raises `OSError` if the bus is gone.
        """
        replies: list[tuple[Any, ...] | None] = [None] * len(calls)
        waiting: dict[int, int] = {}
        sent, heard = 0, time.monotonic()
        while sent < len(calls) or waiting:
            if len(waiting) < AT_ONCE // 2 and sent < len(calls):
                batch = calls[sent : sent + AT_ONCE - len(waiting)]
                self._send(batch, sent, waiting)
                sent += len(batch)
            got = self._receive(replies, waiting, heard + silence_s - time.monotonic())
            if got:
                heard = time.monotonic()
            elif time.monotonic() > heard + silence_s:
                return replies
            if enough():
                return replies
        return replies

    def _send(self, calls: Sequence[Call], first: int, waiting: dict[int, int]) -> None:
        parts = []
        for index, call in enumerate(calls, first):
            self._serial += 1
            waiting[self._serial] = index
            parts.append(_message(call).serialise(self._serial))
        self._socket.sendall(b"".join(parts))

    def _receive(
        self, replies: list[tuple[Any, ...] | None], waiting: dict[int, int], timeout_s: float
    ) -> bool:
        """Read what has come; whether any awaited reply was among it."""
        if not select.select([self._socket], [], [], max(0.0, min(timeout_s, 0.1)))[0]:
            return False
        data = self._socket.recv(1 << 18)
        if not data:
            raise ConnectionResetError("the bus closed the connection")
        self._parser.add_data(data)
        got = False
        while (message := self._parser.get_next_message()) is not None:
            index = waiting.pop(message.header.fields.get(HeaderFields.reply_serial, -1), None)
            if index is not None:
                got = True
                if message.header.message_type is MessageType.method_return:
                    replies[index] = message.body
        return got

    def _authenticate(self, user: int) -> None:
        self._socket.sendall(b"\0AUTH EXTERNAL " + str(user).encode().hex().encode() + b"\r\n")
        answer = self._socket.recv(1024)
        if not answer.startswith(b"OK"):
            raise ConnectionRefusedError(answer.decode(errors="replace").strip())
        self._socket.sendall(b"BEGIN\r\n")


def socket_name(address: str) -> str:
    """The socket of the first unix address in a list such as `unix:path=/run/bus,guid=1;tcp:…`."""
    for one in address.split(";"):
        kind, _, rest = one.partition(":")
        fields = dict(part.partition("=")[::2] for part in rest.split(","))
        if kind == "unix" and "path" in fields:
            return fields["path"]
        if kind == "unix" and "abstract" in fields:
            return "\0" + fields["abstract"]
    raise DesktopUnavailable(f"{address!r} is not a bus address that can be used here; it must be a unix socket.")


def _message(call: Call) -> Message:
    address = DBusAddress(call.path, bus_name=call.bus, interface=call.interface)
    message = new_method_call(address, call.method, call.signature or None, call.arguments)
    message.header.flags = MessageFlag.no_auto_start
    return message
