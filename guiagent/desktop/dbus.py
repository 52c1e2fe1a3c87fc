"""A D-Bus connection for asking many small questions at once: requests are sent in bulk, then the replies are read.

Message headers are packed and read here, by hand, as there are thousands of them in a look (ten times faster than
jeepney's general way); what is inside a message is jeepney's work. Layout: D-Bus specification, "Message Protocol".
"""

from __future__ import annotations

import select
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from jeepney.low_level import Endianness, parse_signature  # type: ignore[import-untyped]

from runtime.errors import DesktopUnavailable

CONNECT_TIMEOUT_S = 3.0
AT_ONCE = 200
"""Requests under way at a time; buses refuse a client that has thousands of them."""
SHORT = 256
"""Bytes of a body that is kept, with what it holds: most answers about a tree are those of the last look."""
CALL, RETURN = 1, 2
DIAL = """
import os, socket, sys
line, user, name = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]), sys.argv[3]
os.setgroups([]); os.setgid(user); os.setuid(user)
line.connect(name)
"""
"""Connects a socket that it inherits, as another user."""
PATH, INTERFACE, MEMBER, REPLY_SERIAL, DESTINATION, SIGNATURE = 1, 2, 3, 5, 6, 8


class Call(NamedTuple):
    """One method call."""

    bus: str
    path: str
    interface: str
    method: str
    signature: str = ""
    arguments: tuple[Any, ...] = ()


Reply = tuple[Any, ...] | None


def get_property(bus: str, path: str, interface: str, name: str) -> Call:
    """The call that reads a property; its reply is a one-tuple of (signature, value)."""
    return Call(bus, path, "org.freedesktop.DBus.Properties", "Get", "ss", (interface, name))


class Bus:
    """A connection to a bus. One thread at a time."""

    def __init__(self, address: str, user: int | None = None) -> None:
        self._data = bytearray()
        self._serial = 0
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._dial(socket_name(address), user)
            self._socket.settimeout(CONNECT_TIMEOUT_S)
            self._authenticate()
        except OSError as error:
            self._socket.close()
            raise DesktopUnavailable(f"the accessibility bus at {address} does not answer ({error}).") from error
        hello = Call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello")
        self.ask([hello], CONNECT_TIMEOUT_S)

    def close(self) -> None:
        """Close the connection. May be called twice."""
        self._socket.close()

    def one(self, call: Call, silence_s: float = 1.0) -> Reply:
        """The reply to one call; None if it failed or took too long."""
        return self.ask([call], silence_s)[0]

    def ask(self, calls: Sequence[Call], silence_s: float, enough: Callable[[], bool] = lambda: False) -> list[Reply]:
        """The reply to each call, in order; None for one that failed, or got none before a silence of that length.

        `enough` is asked now and then; once it says so, the rest is given up. Raises `OSError` if the bus is gone.
        """
        replies: list[Reply] = [None] * len(calls)
        waiting: dict[int, int] = {}
        sent, heard = 0, time.monotonic()
        while (sent < len(calls) or waiting) and not enough():
            if len(waiting) <= AT_ONCE // 2 and sent < len(calls):
                batch = calls[sent : sent + AT_ONCE - len(waiting)]
                self._send(batch, sent, waiting)
                sent += len(batch)
            if self._receive(replies, waiting, heard + silence_s - time.monotonic()):
                heard = time.monotonic()
            elif time.monotonic() > heard + silence_s:
                return replies
        return replies

    def _send(self, calls: Sequence[Call], first: int, waiting: dict[int, int]) -> None:
        parts = []
        for index, call in enumerate(calls, first):
            self._serial += 1
            waiting[self._serial] = index
            parts.append(pack_call(call, self._serial))
        self._socket.sendall(b"".join(parts))

    def _receive(self, replies: list[Reply], waiting: dict[int, int], timeout_s: float) -> bool:
        """Read what has come; whether any awaited reply was among it."""
        if not select.select([self._socket], [], [], max(0.0, min(timeout_s, 0.1)))[0]:
            return False
        data = self._socket.recv(1 << 18)
        if not data:
            raise ConnectionResetError("the bus closed the connection")
        self._data += data
        at, got = 0, False
        while (length := message_length(self._data, at)) and at + length <= len(self._data):
            kind, serial, signature, body = read_header(self._data, at)
            index = waiting.pop(serial, None)
            if index is not None:
                got = True
                if kind == RETURN:
                    raw = bytes(self._data[body : at + length])
                    replies[index] = (_read_before if len(raw) <= SHORT else read_body)(raw, signature)
            at += length
        del self._data[:at]
        return got

    def _dial(self, name: str, user: int | None) -> None:
        """Connect; as another user where one is given, in a child, since a bus lets in nobody but its own user."""
        if user is None:
            self._socket.settimeout(CONNECT_TIMEOUT_S)
            self._socket.connect(name)
            return
        command = [sys.executable, "-I", "-S", "-c", DIAL, str(self._socket.fileno()), str(user), name]
        done = subprocess.run(
            command, pass_fds=(self._socket.fileno(),), capture_output=True, timeout=CONNECT_TIMEOUT_S, check=False
        )
        if done.returncode:
            raise ConnectionRefusedError(done.stderr.decode(errors="replace").strip()[-200:])

    def _authenticate(self) -> None:
        """As whoever the socket says we are, without naming a user: inside a user namespace we have another number."""
        self._socket.sendall(b"\0AUTH EXTERNAL\r\n")
        self._socket.recv(1024)
        self._socket.sendall(b"DATA\r\n")
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


def pack_call(call: Call, serial: int) -> bytes:
    """A method call as it goes over the wire."""
    body = _pack_body(call.signature, call.arguments) if call.signature else b""
    path = _pad(_field(PATH, b"o", call.path))
    fields = path + _fixed_fields(call.bus, call.interface, call.method, call.signature)
    head = struct.pack("<BBBBIII", ord("l"), CALL, 0, 1, len(body), serial, len(fields))
    return _pad(head + fields) + body


def message_length(data: bytearray, at: int) -> int:
    """The length of the message that begins there; 0 if too little has come to tell."""
    if len(data) < at + 16:
        return 0
    order = "<" if data[at] == ord("l") else ">"
    body, _, fields = struct.unpack_from(order + "III", data, at + 4)
    return int(16 + fields + -fields % 8 + body)


def read_header(data: bytearray, at: int) -> tuple[int, int, str, int]:
    """A message's type, the serial that it answers (0 if none), its body's signature, and where its body begins."""
    (fields,) = struct.unpack_from("<I", data, at + 12)
    end = at + 16 + fields
    place, serial, signature = at + 16, 0, ""
    while place < end:
        code, kind = data[place], data[place + 2]
        place += 4
        (value,) = struct.unpack_from("<I", data, place)
        if kind == ord("u"):
            serial = value if code == REPLY_SERIAL else serial
            place += 4
        elif kind == ord("g"):
            length = data[place]
            signature = data[place + 1 : place + 1 + length].decode() if code == SIGNATURE else signature
            place += length + 2
        else:
            place += 5 + value
        place += -(place - at) % 8
    return data[at + 1], serial, signature, end + -(end - at) % 8


def read_body(data: bytes, signature: str) -> tuple[Any, ...]:
    """What a message holds."""
    at, values = 0, []
    for kind in _types(signature):
        value, at = kind.parse_data(data, at, Endianness.little, ())
        values.append(value)
    return tuple(values)


_read_before = lru_cache(maxsize=1 << 14)(read_body)
"""What it gives is shared, so nobody may change it."""


@lru_cache(maxsize=4096)
def _pack_body(signature: str, arguments: tuple[Any, ...]) -> bytes:
    data = b""
    for kind, value in zip(_types(signature), arguments, strict=True):
        data += kind.serialise(value, len(data), Endianness.little)
    return data


@lru_cache(maxsize=256)
def _types(signature: str) -> tuple[Any, ...]:
    rest, kinds = list(signature), []
    while rest:
        kinds.append(parse_signature(rest))
    return tuple(kinds)


@lru_cache(maxsize=1024)
def _fixed_fields(bus: str, interface: str, method: str, signature: str) -> bytes:
    """The header fields that many calls share; each begins at a multiple of eight, so they can be put together."""
    fields = _pad(_field(INTERFACE, b"s", interface)) + _pad(_field(MEMBER, b"s", method))
    if signature:
        raw = signature.encode()
        fields += _pad(bytes((SIGNATURE, 1)) + b"g\0" + bytes((len(raw),)) + raw + b"\0")
    return fields + _field(DESTINATION, b"s", bus)


def _field(code: int, kind: bytes, value: str) -> bytes:
    raw = value.encode()
    return bytes((code, 1)) + kind + b"\0" + struct.pack("<I", len(raw)) + raw + b"\0"


def _pad(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 8)
