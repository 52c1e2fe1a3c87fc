"""What can be done with a run: gone on with, opened, compared, exported, played again, kept as a shortcut.

What takes long is done by our own command in a process of its own: a long run must not hold up the keys.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from guiagent.record import read_events, read_info
from guiagent.trace import Trace
from runtime.errors import GuiagentError, RecordError, UsageError

if TYPE_CHECKING:
    from planner.memory import Memory

__all__ = ["Playing", "compared", "done_in", "exported", "kept", "page"]

PATIENCE_S = 300.0
LOOK_S = 0.2
DIFFER = 1
"""The exit code of `trace diff` for runs that part."""


def done_in(trace: Trace) -> str:
    """The lines of a run's plans that worked, in words; empty where none did."""
    worked = [verdict.step.text for plan in trace.plans for verdict in plan.verdicts if verdict.verdict == "worked"]
    return "; ".join(dict.fromkeys(worked))


def page(run: Path, target: Path) -> Path:
    """The run as one page for a browser. Raises GuiagentError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _ours("trace", "html", str(run), "-o", str(target))
    return target


def compared(run: Path, other: Path) -> tuple[str, ...]:
    """Where two runs part, in lines. Raises GuiagentError."""
    return tuple(_ours("trace", "diff", str(run), str(other), fine=(0, DIFFER)).splitlines())


def exported(run: Path, form: str, target: str) -> str:
    """The run in another form; where it lies. Raises GuiagentError."""
    if not target:
        raise UsageError(f"{form!r} alone is not enough: name a file too, such as: zip run.zip")
    command = {"zip": ("pack", str(run)), "html": ("html", str(run))}.get(form, ("export", str(run), "--as", form))
    _ours("trace", *command, "-o", str(Path(target).expanduser()))
    return f"written: {target}"


def kept(memory: Memory, run: Path) -> str:
    """Have the run remembered as a shortcut; what came of it, in words. Raises GuiagentError."""
    source = f"run:{run.name}"
    known = [entry.id for entry in memory.entries(("shortcut",)) if entry.source == source]
    if known:
        return f"it is remembered already: {known[0]}, see /memory"
    if (outcome := read_info(run).outcome) != "solved":
        raise RecordError(f"only a run that was done can be a shortcut; this one ended as {outcome or 'cut off'!r}")
    from guiagent.remembering import learn_from

    learned = learn_from(memory, read_events(run), source)
    if not learned:
        raise RecordError("nothing of it can be kept: a person stepped in, a secret is in it, or no line of it worked")
    return f"remembered as {learned[0]}; it is used by itself once it has held up often enough, see /memory"


class Playing:
    """A run that is played again by a process of its own, which writes a record that can be watched."""

    def __init__(self, run: Path, runs: Path, words: Sequence[str] = ()) -> None:
        self._runs = runs
        self._before = _folders(runs)
        self._process = subprocess.Popen(
            _command("replay", str(run), "--runs", str(runs), *words), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace",
        )  # fmt: skip

    def folder(self) -> Path:
        """Where it writes, once it does. Raises GuiagentError where it ends before that."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            ended = self._process.poll() is not None
            for folder in sorted(_folders(self._runs) - self._before, reverse=True):
                with contextlib.suppress(RecordError):
                    if read_info(folder).planner == "replay":
                        return folder
            if ended:
                assert self._process.stderr is not None
                with self._process.stderr as told:
                    raise GuiagentError(_last(told.read()) or "it ended before it had begun")
            time.sleep(LOOK_S)
        raise GuiagentError(f"it has not begun in {PATIENCE_S:g} s")

    def end(self) -> None:
        """Stop it, if it goes on."""
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
        if self._process.stderr is not None:
            self._process.stderr.close()


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "guiagent", *words]


def _ours(*words: str, fine: tuple[int, ...] = (0,)) -> str:
    """What a command of ours writes to stdout. Raises GuiagentError with what it complains of."""
    try:
        done = subprocess.run(
            _command(*words), stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=PATIENCE_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GuiagentError(f"guiagent {' '.join(words[:2])} could not be run: {error}") from None
    if done.returncode not in fine:
        raise GuiagentError(_last(done.stderr) or f"guiagent {' '.join(words[:2])} ended with {done.returncode}")
    return done.stdout


def _last(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix("guiagent: ") if lines else ""


def _folders(runs: Path) -> set[Path]:
    try:
        return set(runs.iterdir())
    except OSError:
        return set()
