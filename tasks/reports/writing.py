"""A report as files: one page of HTML with everything in it, JSON with all figures, CSV with all runs."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from runtime.errors import RecordError
from tasks.reports import plots
from tasks.reports.numbers import Numbers, Share, numbers, share
from tasks.reports.results import Results, Row, names

TRACE = "trace.html"
"""The page of one run, in the folder of its record."""


def write_html(
    target: Path, results: Results, others: Sequence[Results] = (), *, give_up: Share | None = None
) -> Path:  # fmt: skip
    """Write the page; where runs have a page of their own, it links to them by a relative path.

    `give_up` is what always giving up would have scored.
    """
    counted = numbers(results, others)
    shown = [results, *others]
    beside = [share(name, one.rows) for one, name in zip(shown, names(shown), strict=True)]
    beside += [give_up] if give_up else []
    environment = Environment(undefined=StrictUndefined, autoescape=True, trim_blocks=True)
    template = environment.from_string(files("tasks.reports").joinpath("page.html.j2").read_text("utf-8"))
    style = files("tasks.reports").joinpath("page.css").read_text("utf-8")
    text = template.render(
        r=results, n=counted, style=Markup(style), percent=_percent, links=_links(target, results),
        beside=Markup(plots.shares(beside, "share of tasks solved")),
        by_app=Markup(plots.shares(counted.by_app, "share solved by application")),
        by_variant=Markup(plots.shares(counted.by_variant, "share solved by start state")),
        levels=Markup(plots.stack(counted.levels, "failed runs by level")),
        outcomes=Markup(plots.stack(_said(counted.outcomes), "runs by how they ended")),
        dots=Markup(plots.dots(results.rows, "seconds and steps of each run")), with_what=_with_what(results),
    )  # fmt: skip
    return _written(target, text)


def write_json(target: Path, results: Results, counted: Numbers) -> Path:
    """Write every figure and every run."""
    value = {"results": results.model_dump(mode="json"), "numbers": counted.model_dump(mode="json")}
    return _written(target, json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def write_csv(target: Path, results: Results) -> Path:
    """Write a line for each run."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(Row.model_fields), lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _plain(value) for key, value in row.model_dump().items()} for row in results.rows)
    return _written(target, out.getvalue())


def write_traces(results: Results, write: Callable[[Path, Path], Path]) -> list[str]:
    """Write a page for each run that has none; gives what could not be written, a sentence each."""
    problems = []
    for row in results.rows:
        folder = Path(results.folder) / row.run
        if not row.run or (folder / TRACE).exists() or not folder.is_dir():
            continue
        try:
            write(folder, folder / TRACE)
        except RecordError as error:
            problems.append(f"{row.key}: {error}")
    return problems


def _links(target: Path, results: Results) -> dict[str, str]:
    """Where the page of each run is, from where the report is."""
    found = {}
    for row in results.rows:
        page = Path(results.folder) / row.run / TRACE
        if row.run and page.exists():
            found[row.key] = quote(Path(os.path.relpath(page, target.absolute().parent)).as_posix())
    return found


def _with_what(results: Results) -> list[tuple[str, str]]:
    known: Mapping[str, str] = {**results.machine, **results.versions}
    told = ", ".join(f"{task} in {where}" for task, where in results.told.items())
    return [
        ("planner", results.planner),
        ("model", results.model or "none"),
        ("memory", results.memory or "none"),
        ("tasks it was shown before", told or "none"),
        *((name, value) for name, value in known.items() if (name, value) != ("machine", known.get("system"))),
        ("folder", results.folder),
    ]


def _said(outcomes: Mapping[str, int]) -> dict[str, int]:
    return {name.replace("_", " "): count for name, count in outcomes.items()}


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def _plain(value: object) -> object:
    """What a spreadsheet would take for a formula is made text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value


def _written(target: Path, text: str) -> Path:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    except OSError as error:
        raise RecordError(f"{target} cannot be written: {error.strerror}; name another file") from None
    return target
