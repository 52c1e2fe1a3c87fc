"""`guiagent config`: the settings and where each came from, the files they are read from, a file to begin with."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from guiagent import config
from runtime.errors import UsageError

__all__ = ["app"]

app = App(name="config")


@app.default
def show(*, as_json: Annotated[bool, Parameter(name="--json", negative="")] = False) -> None:
    """Show the settings and where each one came from.

    Parameters
    ----------
    as_json
        One JSON object: each key with its value and its source.
    """
    settings = config.load()
    values = settings.values()
    for name in config.unknown_variables():
        sys.stderr.write(f"guiagent: the variable {name} sets nothing; `guiagent config` lists what can be set.\n")
    if as_json:
        found = {key: {"value": value, "source": settings.source(key)} for key, value in values.items()}
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
        return
    rows = [(key, _toml(value), settings.source(key)) for key, value in values.items()]
    wide = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for key, value, source in rows:
        sys.stdout.write(f"{key:<{wide[0]}}  {value:<{wide[1]}}  {source}\n")


@app.command
def path() -> None:
    """Print the files that settings are read from, the strongest first."""
    for file in config.files():
        sys.stdout.write(f"{file}  ({'read' if file.is_file() else 'not there'})\n")


@app.command
def init(*, user: Annotated[bool, Parameter(negative="")] = False) -> None:
    """Write a guiagent.toml with every setting, commented out.

    Parameters
    ----------
    user
        Into your config folder, for all folders, instead of the folder you are in.
    """
    file = config.user_file() if user else Path.cwd() / config.FILE_NAME
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as out:
            out.write(_template())
    except FileExistsError as error:
        raise UsageError(f"{file} is there already; it was left as it is.") from error
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}.") from error
    sys.stdout.write(f"{file}\n")


def _template() -> str:
    """Every setting with what it is for and its default, as comments."""
    lines = ["# Settings of guiagent. A line counts once its # is removed.", ""]
    table = ""
    for key, about, default in config.every_setting():
        above, _, name = key.rpartition(".")
        if above != table:
            lines += [f"[{above}]", ""]
            table = above
        lines += [f"# {about}", f"# {name} = {_toml(default)}", ""]
    return "\n".join(lines)


def _toml(value: Any) -> str:
    """A value as TOML writes it: JSON's way, for what settings are made of."""
    return json.dumps(value, ensure_ascii=False)
