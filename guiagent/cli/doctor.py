"""`guiagent doctor`: what works on this machine and what does not, each with its remedy."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from typing import Annotated

from cyclopts import Parameter

from guiagent import config
from guiagent.doctor import Finding, can_run, examine, examine_deeply

__all__ = ["doctor"]

NOT_POSSIBLE = 3
"""The exit code where a run in the sandbox is not possible: desktop or model unreachable."""


def doctor(
    *,
    deep: Annotated[bool, Parameter(negative="")] = False,
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> int:
    """Say what works here, what does not, and what to do about it.

    The exit code is 0 if a run in the sandbox is possible.

    Parameters
    ----------
    deep
        Really start a sandbox and load the model, which takes some seconds.
    as_json
        One JSON object: `findings`, and `possible`.
    """
    settings = config.load()
    findings = examine(settings)
    if deep:
        findings += examine_deeply(settings)
    possible = can_run(findings)
    sys.stdout.write(_as_json(findings, possible) if as_json else _table(findings, possible))
    return 0 if possible else NOT_POSSIBLE


def _as_json(findings: tuple[Finding, ...], possible: bool) -> str:
    found = {"possible": possible, "findings": [finding.model_dump() for finding in findings]}
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def _table(findings: tuple[Finding, ...], possible: bool) -> str:
    """One line for each finding, its remedy below it, and the verdict last."""
    wide = max(len(finding.name) for finding in findings)
    columns = shutil.get_terminal_size((110, 24)).columns
    lines: list[str] = []
    for finding in findings:
        lines += _wrapped(f"{finding.status:<8}  {finding.name:<{wide}}  ", finding.found, columns)
        if finding.remedy:
            lines += _wrapped(" " * (wide + 12) + "-> ", finding.remedy, columns)
    verdict = (
        "A run in the sandbox is possible." if possible else "A run in the sandbox is not possible yet: see above."
    )
    return "\n".join([*lines, "", verdict, ""])


def _wrapped(head: str, text: str, columns: int) -> list[str]:
    room, margin = max(columns, len(head) + 30), " " * len(head)
    return textwrap.wrap(text, room, initial_indent=head, subsequent_indent=margin, break_on_hyphens=False)
