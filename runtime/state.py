"""KV states of long static prefixes on disk: a role's text is evaluated once per machine and not once per start.

A file is a line with the length and SHA-256 of what follows, then the state. What does not check out is deleted.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import tempfile
from pathlib import Path

_log = logging.getLogger("runtime.state")

MIB = 1 << 20


class StateStore:
    """A folder of states, bounded in size; the least recently used go first."""

    def __init__(self, folder: Path, limit_bytes: int = 512 * MIB) -> None:
        self._folder = folder
        self._limit = limit_bytes

    def get(self, key: str) -> bytes | None:
        """The state of that key, or None if there is none that is whole."""
        path = self._path(key)
        try:
            head, _, state = path.read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
        except OSError as error:
            _log.warning("the stored state %s cannot be read (%s); the prompt is evaluated instead", path, error)
            return None
        if head != _head(state):
            _log.warning("the stored state %s was damaged and is deleted; the prompt is evaluated instead", path)
            self.drop(key)
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return state

    def put(self, key: str, state: bytes) -> None:
        """Keep a state. A disk that is full costs the state and nothing else."""
        if len(state) > self._limit:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._make_room(len(state))
            self._write(self._path(key), state)
        except OSError as error:
            _log.warning("the state of a prompt could not be stored in %s: %s", self._folder, error)

    def drop(self, key: str) -> None:
        """Delete a state."""
        with contextlib.suppress(OSError):
            self._path(key).unlink()

    def _write(self, path: Path, state: bytes) -> None:
        with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".kv.part", delete=False) as file:
            try:
                file.write(_head(state) + b"\n")
                file.write(state)
                file.close()
                Path(file.name).replace(path)
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(file.name).unlink()
                raise

    def _make_room(self, size: int) -> None:
        """Delete the oldest states (and what a crash left half-written) until `size` more bytes fit the limit."""
        files = sorted(self._folder.glob("*.kv*"), key=lambda path: path.stat().st_mtime)
        total = sum(path.stat().st_size for path in files)
        for path in files:
            if total + size <= self._limit:
                break
            total -= path.stat().st_size
            path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.kv"


def _head(state: bytes) -> bytes:
    return f"guiagent-kv 1 {len(state)} {hashlib.sha256(state).hexdigest()}".encode()


def identity(path: Path) -> str:
    """A hash that tells model files apart without reading a gigabyte: size, the first MiB, and 32 samples."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        digest.update(file.read(MIB))
        for i in range(32):
            file.seek(size * i // 32)
            digest.update(file.read(4096))
    return digest.hexdigest()
