"""`guiagent models`: which models there are, getting one, what is in its file, removing it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.library import Library

__all__ = ["app"]

app = App(name="models")

Folder = Annotated[Path | None, Parameter(name="--models-dir")]
AsJson = Annotated[bool, Parameter(name="--json", negative="")]


@app.command(name="list")
def list_(*, models_dir: Folder = None, as_json: AsJson = False) -> None:
    """List the models that are known by name, and which of them are here.

    Parameters
    ----------
    models_dir
        Where models are kept.
    as_json
        One JSON object per line.
    """
    library = _library(models_dir)
    here = {entry.name for entry in library.installed()}
    rows: list[dict[str, Any]] = [
        {"name": e.name, "size": e.size, "installed": e.name in here, "license": e.license, "note": e.note}
        for e in library.catalogue.models
    ]
    for row in rows:
        if as_json:
            _answer(row)
        else:
            state = "here" if row["installed"] else "-"
            sys.stdout.write(f"{row['name']:<20} {row['size'] / 1e6:>7,.0f} MB  {state:<5} {row['note']}\n")


@app.command
def pull(name: str, *, models_dir: Folder = None, as_json: AsJson = False) -> None:
    """Download a model and verify it. Goes on where an earlier download broke off.

    Parameters
    ----------
    name
        A name of the list, or hf:owner/repository/file.gguf.
    models_dir
        Where models are kept.
    as_json
        One JSON object: name, path, size.
    """
    path = _library(models_dir).pull(name, progress=_progress(name))
    if as_json:
        _answer({"name": name, "path": str(path), "size": path.stat().st_size})
    else:
        sys.stdout.write(f"{path}\n")


@app.command
def show(name: str, *, models_dir: Folder = None, as_json: AsJson = False) -> None:
    """Show what a model's file says of itself.

    Parameters
    ----------
    name
        A name of the list, or the path of a GGUF file.
    models_dir
        Where models are kept.
    as_json
        One JSON object, chat template included.
    """
    from runtime import gguf

    path = _library(models_dir).resolve(name)
    values: dict[str, Any] = {"path": str(path), **asdict(gguf.read(path))}
    if as_json:
        _answer(values)
        return
    values["chat_template"] = "yes" if values["chat_template"] else "none"
    for key, value in values.items():
        sys.stdout.write(f"{key.replace('_', ' '):<16} {value:,}\n" if isinstance(value, int) else
                         f"{key.replace('_', ' '):<16} {value or '-'}\n")  # fmt: skip


@app.command
def rm(name: str, *, models_dir: Folder = None, as_json: AsJson = False) -> None:
    """Remove a model from this machine, half-downloaded ones too.

    Parameters
    ----------
    name
        A name of the list.
    models_dir
        Where models are kept.
    as_json
        One JSON object: name, freed (bytes).
    """
    freed = _library(models_dir).remove(name)
    if as_json:
        _answer({"name": name, "freed": freed})
    else:
        sys.stdout.write(f"removed {name}, {freed / 1e6:,.0f} MB\n")


def _library(folder: Path | None) -> Library:
    from guiagent import config
    from runtime.library import Library

    settings = config.load()
    return Library(
        folder=folder or settings.models_dir,
        offline=settings.offline,
        endpoint=settings.hub_endpoint,
        note=lambda text: _tell(f"guiagent: {text}"),
    )


def _progress(name: str) -> Callable[[int, int], None]:
    """A line that is written over on a terminal; a line every ten seconds elsewhere."""
    tty, told = sys.stderr.isatty(), 0.0

    def show_progress(done: int, total: int) -> None:
        nonlocal told
        now = monotonic()
        if done != total and now - told < (0.2 if tty else 10):
            return
        told = now
        share = f"{100 * done / total:3.0f} %" if total else ""
        line = f"{name}  {done / 1e6:,.0f} of {total / 1e6:,.0f} MB  {share}"
        sys.stderr.write(f"\r\x1b[K{line}" + ("\n" if done == total else "") if tty else f"{line}\n")
        sys.stderr.flush()

    return show_progress


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _answer(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
