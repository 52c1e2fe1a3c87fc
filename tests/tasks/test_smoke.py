"""The smoke suite on the real applications: its oracles solve every task, doing nothing solves none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from guiagent import config
from tasks import bench as runner
from tasks import ledger
from tasks.contender import PlannerName
from tasks.ledger import Done, TaskEnded
from tasks.task import load

APPS = ("mousepad", "galculator", "pcmanfm")
TASKS = load("smoke")

pytestmark = [
    pytest.mark.display,
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(map(shutil.which, APPS)), reason=f"needs applications: sudo apt-get install {' '.join(APPS)}"
    ),
]


def score(folder: Path, planner: PlannerName, *only: str) -> tuple[Done, dict[str, TaskEnded]]:
    bench = runner.start("smoke", planner=planner, settings=config.load({"senses": "tree"}), only=only, folder=folder)
    done = bench.run()
    return done, {line.task: line for line in ledger.read(folder) if isinstance(line, TaskEnded)}


@pytest.mark.parametrize("task", [task.id for task in TASKS])
def test_the_oracle_solves_it_and_leaves_other_files_untouched(tmp_path: Path, task: str) -> None:
    _, ended = score(tmp_path / "bench", "oracle", task)
    assert (ended[task].outcome, ended[task].solved) == ("solved", True), ended[task].explanation
    assert "nothing else was touched" in ended[task].explanation


def test_doing_nothing_solves_nothing(tmp_path: Path) -> None:
    done, ended = score(tmp_path / "bench", "nothing")
    assert (done.solved, done.total) == (0, 12), [end for end in ended.values() if end.solved]
    assert set(done.outcomes) == {"not_solved"}


def test_giving_up_solves_nothing(tmp_path: Path) -> None:
    done, _ = score(tmp_path / "bench", "give_up", "galculator-expression", "mousepad-line-numbers", "pcmanfm-delete")
    assert (done.solved, done.total, done.outcomes) == (0, 3, {"gave_up": 3})
