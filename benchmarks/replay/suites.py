"""Runs of a real benchmark as recordings: what an agent with a model solved, judged after a replay as it was then."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from benchmarks.replay.cases import Case, Check
from guiagent.desktop.sandbox import Sandbox
from tasks import home, ledger
from tasks.evaluate import Judge
from tasks.getters import Evidence
from tasks.guest import SandboxGuest
from tasks.ledger import Launched
from tasks.setup import Stage, prepare
from tasks.task import Task, load


def solved(bench: Path) -> Iterator[Case]:
    """What was solved in a benchmark's folder, in its plain start states, by doing something."""
    launched = next(entry for entry in ledger.read(bench) if isinstance(entry, Launched))
    tasks = {task.id: task for task in load(launched.suite)}
    for end in ledger.ends(bench).values():
        task = tasks.get(end.name)
        if task is not None and end.outcome == "solved" and end.solved and end.steps and not end.variant:
            other = other_names(task)
            renamed = task.model_validate_json(_put(task.model_dump_json(), other))
            yield Case(
                Path(end.run).name, task.instruction, _never, setup=start_of(task), other=other,
                setup_other=start_of(renamed),
            )  # fmt: skip


def other_names(task: Task) -> dict[str, str]:
    """Other names for the files that a task is about: those that it starts with, and those that it asks for."""
    named = f"{task.instruction} {task.evaluator.model_dump_json()} {[s for s in task.config if s.type == 'launch']}"
    files = dict.fromkeys(re.findall(r"(?<![\w.-])(?!\.)[\w-]+\.txt\b", named))
    return dict(zip(files, ("harvest.txt", "orchard.txt", "pebbles.txt"), strict=False))


def _put(words: str, other: Mapping[str, str]) -> str:
    for old in sorted(other, key=len, reverse=True):
        words = words.replace(old, other[old])
    return words


def start_of(task: Task) -> Callable[[Sandbox], Check]:
    """Puts a desktop into the start state of a task; gives what judges it, by the task's own checks."""

    def setup(desktop: Sandbox) -> Check:
        stage = Stage(SandboxGuest(desktop), Path(tempfile.mkdtemp(prefix="again-")))
        prepare(stage, task.config)
        evidence = Evidence(
            home=desktop.home, cache=stage.cache, before=home.listing(desktop.home), tree=desktop.tree, stage=stage
        )
        looked: list[bool] = []

        def holds(desktop: Sandbox, other: Mapping[str, str]) -> bool:
            if not looked:
                prepare(stage, task.evaluator.postconfig)
                looked.append(True)
            judge = Judge(task, evidence)
            judge.look()
            return judge.judge("solved").solved

        return holds

    return setup


def _never(desktop: Sandbox, other: Mapping[str, str]) -> bool:
    return False
