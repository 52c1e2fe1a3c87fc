"""Whatever breaks in a benchmark, its ledger stays right: a fault of each kind, with a good task after it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from guiagent.desktop.home import Content
from planner.action import Input, Press
from runtime.errors import DesktopLost
from tasks import ledger
from tasks.bench import Bench
from tasks.getters import GETTERS, Evidence, getter
from tasks.ledger import TaskEnded
from tasks.plan import plan
from tasks.task import Task, gather
from tests.tasks.test_bench import SAVE, WRITE, Paper, make, task

__all__ = ["make"]


class Desk(Paper):
    """Paper that files can be put on."""

    def put(self, name: str, content: Content) -> Path:
        place = self.home / name
        place.write_text(str(content))
        return place


def changed(name: str, **parts: Any) -> Task:
    return Task.model_validate(task(name).model_dump() | parts)


def ended(bench: Bench) -> dict[str, TaskEnded]:
    """How each ended; the ledger has planned, begun and ended each, once."""
    lines = list(ledger.read(bench.folder))
    kinds = [line.kind for line in lines]
    planned = next(line for line in lines if isinstance(line, ledger.Launched)).tasks
    assert kinds == ["launch", *["started", "task"] * len(planned), "done"]
    found = ledger.ends(bench.folder)
    assert tuple(found) == planned
    return found


def test_an_application_that_is_missing(make: Callable[..., Bench]) -> None:
    bench = make(task("missing", [{"launch": "no-such-app"}]), task("good"))
    done = bench.run()
    found = ended(bench)
    assert (done.solved, done.total) == (1, 2)
    assert (found["missing"].outcome, found["missing"].solved) == ("gave_up", False)
    assert "no-such-app" in found["missing"].reason


def test_a_program_that_is_missing_is_told_before_the_first_task(make: Callable[..., Bench]) -> None:
    starts = [{"type": "launch", "parameters": {"command": ["no-such-program"]}}]
    bench = make(changed("needs", config=starts), task("good"))
    assert bench.run().faults == {"unsupported": 1}
    needs = ended(bench)["needs"]
    assert (needs.outcome, needs.fault, needs.solved, needs.steps) == ("broke", "unsupported", False, 0)
    told = next(line for line in ledger.read(bench.folder) if isinstance(line, ledger.Launched))
    assert (tuple(told.lacking), told.solvable, told.total) == (("needs",), 1, 2)
    assert "no-such-program" in told.lacking["needs"]


def test_a_task_file_that_is_broken(make: Callable[..., Bench], tmp_path: Path) -> None:
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "good.json").write_text(task("good").model_dump_json(by_alias=True))
    (tmp_path / "tasks" / "cut.json").write_text('{"id": "cut", "instr')
    loaded = gather(str(tmp_path / "tasks"))
    bench = make(*loaded.tasks, items=plan(loaded.tasks, broken=loaded.broken))
    done = bench.run()
    assert (done.solved, done.total, done.faults) == (1, 2, {"file": 1})
    cut = ended(bench)["cut"]
    assert (cut.outcome, cut.fault, cut.solved) == ("broke", "file", False)
    assert "cut.json" in cut.explanation


def test_a_setup_that_fails_half_way(make: Callable[..., Bench], tmp_path: Path) -> None:
    steps = [
        {"type": "write_file", "parameters": {"path": "first.txt", "text": "there"}},
        {"type": "upload_file", "parameters": {"files": [{"local_path": "/no/such", "path": "second.txt"}]}},
        {"type": "write_file", "parameters": {"path": "third.txt", "text": "never"}},
    ]
    bench = make(changed("half", config=steps), task("good"), try_all=True)
    homes: list[Path] = []

    def open_desk(settings: Any, home: Path) -> Desk:
        home.mkdir()
        homes.append(home)
        return Desk(home=home)

    bench.desks._open_one = open_desk  # type: ignore[assignment]
    assert bench.run().solved == 1
    half = ended(bench)["half"]
    assert (half.outcome, half.fault, half.steps) == ("broke", "setup", 0)
    assert "/no/such" in half.explanation


def test_a_desktop_that_dies_in_the_middle(make: Callable[..., Bench]) -> None:
    def dies(action: Input) -> None:
        if action == Press(keys="ctrl+s"):
            raise DesktopLost("the screen has gone away; start the desktop again.")

    bench = make(task("dies"), task("good"), faults={0: dies})
    assert bench.run().solved == 1
    dead = ended(bench)["dies"]
    assert (dead.outcome, dead.fault, dead.solved) == ("broke", "run", False)
    assert dead.explanation == "the screen has gone away; start the desktop again."
    assert dead.steps == 3


@pytest.fixture
def breaking_getter() -> Iterator[str]:
    @getter("breaks_here")
    def breaks(evidence: Evidence, path: str) -> str:
        raise ZeroDivisionError(f"reading {path}")

    yield "breaks_here"
    del GETTERS["breaks_here"]


def test_a_getter_that_raises(make: Callable[..., Bench], breaking_getter: str) -> None:
    evaluator = {**task("x").evaluator.model_dump(), "result": {"type": breaking_getter, "path": "a.txt"}}
    bench = make(changed("getter", evaluator=evaluator), task("good"))
    assert bench.run().solved == 1
    broken = ended(bench)["getter"]
    assert (broken.outcome, broken.fault, broken.solved) == ("broke", "check", False)
    assert broken.explanation == "ZeroDivisionError: reading a.txt"


def test_a_checker_that_hangs(make: Callable[..., Bench]) -> None:
    text = "a" * 60 + "!"
    evaluator = {
        "func": "is_expected_url_pattern_match",
        "result": {"type": "file_text", "path": "a.txt"},
        "expected": {"type": "rule", "rules": {"expected": ["(a+)+$"]}},
    }
    hangs = changed("hangs", evaluator=evaluator, guiagent={"oracle": [*WRITE[:-1], {"type": text}, *SAVE]})
    bench = make(hangs, task("good"), check_seconds=2.0)
    assert bench.run().solved == 1
    end = ended(bench)["hangs"]
    assert (end.fault, end.solved) == ("check", False)
    assert "did not end within 2 s" in end.explanation


FULL = """
import resource, signal, sys
from pathlib import Path
from guiagent import config
from tasks.bench import Bench
from tasks.contender import contender
from tasks.guest import SandboxGuest
from tests.tasks.test_bench import Paper, task
def opened(settings, home):
    home.mkdir()
    return Paper(home=home)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
settings = config.load({"senses": "tree"})
who = contender("oracle", settings)
bench = Bench("paper", (task("a"), task("b")), who, settings, Path(sys.argv[1]), open_desktop=opened,
              make_guest=SandboxGuest)
bench.resume = sys.argv[2] == "again"
if not bench.resume:
    resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))
print(bench.run().model_dump_json())
"""


def test_a_full_disk(tmp_path: Path) -> None:
    def run(how: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", FULL, str(tmp_path / "b"), how], capture_output=True, text=True, check=False,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip

    full = run("full")
    assert "cannot write a run into" in full.stderr
    assert "File too large" in full.stderr
    planned = next(line for line in ledger.read(tmp_path / "b") if isinstance(line, ledger.Launched)).tasks
    assert (planned, ledger.ends(tmp_path / "b")) == (("a", "b"), {})
    again = run("again")
    assert {name: end.solved for name, end in ledger.ends(tmp_path / "b").items()} == {"a": True, "b": True}, (
        again.stderr
    )
