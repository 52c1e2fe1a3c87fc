"""The runner and its ledger on a desktop in memory: whatever happens to a task, it stays in the denominator."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from guiagent import config
from guiagent.desktop.fake import FakeDesktop
from guiagent.record import read_events, read_info
from planner.action import Input
from runtime.errors import DesktopUnavailable, RecordError, UsageError
from tasks import bench as runner
from tasks import ledger
from tasks.bench import Bench, choose
from tasks.contender import Contender, PlannerName, contender
from tasks.guest import SandboxGuest
from tasks.ledger import Done, Launched, TaskEnded, TaskStarted
from tasks.task import Task

WRITE = [{"launch": "editor"}, {"wait_window": "Editor"}, {"type": "hello"}]
SAVE = [{"press": "ctrl+s"}, {"wait_window": "Save As"}, {"press": "ctrl+a"}, {"type": "a.txt"}, {"press": "Return"}]


@dataclass
class Paper(FakeDesktop):
    """The fake editor, saving into a real folder."""

    home: Path = field(default_factory=Path)
    fault: Callable[[Input], None] = lambda action: None

    def perform(self, action: Input) -> None:
        self.fault(action)
        super().perform(action)
        for name, text in self.files.items():
            (self.home / name).write_text(text)


def task(name: str, oracle: list[dict[str, Any]] | None = None, **ours: Any) -> Task:
    return Task.model_validate(
        {
            "id": name,
            "instruction": f"Write hello and save it as a.txt ({name}).",
            "evaluator": {
                "func": "check_text",
                "result": {"type": "file_text", "path": "a.txt"},
                "expected": {"type": "rule", "rules": {"text": "hello"}},
            },
            "guiagent": {"app": "editor", "oracle": WRITE + SAVE if oracle is None else oracle, **ours},
        }
    )


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Bench]:
    def bench(
        *tasks: Task, planner: PlannerName = "oracle", faults: dict[int, Any] | None = None, **more: Any
    ) -> Bench:
        opened: list[Paper] = []

        def open_paper(settings: config.Settings, home: Path) -> Paper:
            home.mkdir()
            fault = (faults or {}).get(len(opened))
            opened.append(Paper(home=home))
            if isinstance(fault, BaseException):
                raise fault
            opened[-1].fault = fault or opened[-1].fault
            return opened[-1]

        settings = config.load({"senses": "tree"})
        who = contender(planner, settings)
        return Bench(
            "paper", tasks, who, settings, tmp_path / "bench", open_desktop=open_paper, make_guest=SandboxGuest, **more
        )  # type: ignore[arg-type]

    return bench


def lines(bench: Bench) -> list[ledger.Entry]:
    return list(ledger.read(bench.folder))


def ends(bench: Bench) -> dict[str, TaskEnded]:
    return {line.task: line for line in lines(bench) if isinstance(line, TaskEnded)}


def test_the_denominator_is_written_first_and_the_verdicts_come_from_the_check(make: Callable[..., Bench]) -> None:
    bench = make(task("good"), task("unsaved", WRITE))
    done = bench.run()
    assert (done.solved, done.total, done.ended) == (1, 2, 2)
    kinds = [type(line) for line in lines(bench)]
    assert kinds == [Launched, TaskStarted, TaskEnded, TaskStarted, TaskEnded, Done]
    assert lines(bench)[0].tasks == ("good", "unsaved")
    good, unsaved = ends(bench).values()
    assert (good.outcome, good.solved, good.explanation) == ("solved", True, "the text is 'hello'")
    assert (unsaved.outcome, unsaved.solved, unsaved.explanation) == ("not_solved", False, "there is no a.txt")
    assert good.steps == 6
    assert len(good.step_seconds) == good.steps
    assert sum(good.step_seconds) <= good.seconds


def test_each_task_leaves_a_whole_record(make: Callable[..., Bench]) -> None:
    bench = make(task("good"))
    bench.run()
    run = bench.folder / ends(bench)["good"].run
    assert read_info(run).outcome == "solved"
    assert [line.event.kind for line in read_events(run)][-1] == "ended"


@pytest.mark.parametrize("planner", ["nothing", "give_up"])
def test_who_does_nothing_solves_nothing(make: Callable[..., Bench], planner: PlannerName) -> None:
    bench = make(task("one"), task("two"), planner=planner)
    done = bench.run()
    assert (done.solved, done.total) == (0, 2)
    assert set(done.outcomes) == {"gave_up" if planner == "give_up" else "not_solved"}


def test_who_gives_up_has_not_solved_it_even_if_it_is_done(
    make: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [*WRITE, *SAVE, {"wait_no_window": "Editor"}]
    bench = make(task("one", script))
    monkeypatch.setattr("tasks.oracle.PATIENCE_S", 0.1)
    bench.run()
    end = ends(bench)["one"]
    assert (end.outcome, end.solved) == ("gave_up", False)
    assert "although what was asked for is there" in end.explanation


def test_a_task_that_cannot_be_done_is_solved_by_saying_so(make: Callable[..., Bench]) -> None:
    hopeless = Task.model_validate(task("hopeless").model_dump() | {"evaluator": {"func": "infeasible"}})
    assert make(hopeless, planner="give_up").run().solved == 1


def test_crashes_of_every_kind_stay_in_the_denominator(make: Callable[..., Bench]) -> None:
    def bug(action: Input) -> None:
        raise ZeroDivisionError("a bug")

    faults = {0: DesktopUnavailable("no screen."), 1: bug}
    bench = make(task("no-desktop"), task("bug"), task("good"), faults=faults)
    done = bench.run()
    assert (done.solved, done.total, done.outcomes) == (1, 3, {"broke": 2, "solved": 1})
    assert ends(bench)["no-desktop"].explanation == "no screen."
    assert ends(bench)["bug"].explanation == "ZeroDivisionError: a bug"
    assert "DesktopUnavailable" in (bench.folder / "runs" / "no-desktop" / "traceback.txt").read_text()


def test_what_is_not_known_here_breaks_its_task_only(make: Callable[..., Bench]) -> None:
    strange = Task.model_validate(task("strange").model_dump() | {"config": [{"type": "login", "parameters": {}}]})
    bench = make(strange, task("good"))
    assert bench.run().solved == 1
    assert "it lacks an account on a web site" in ends(bench)["strange"].explanation
    assert ends(bench)["strange"].fault == "unsupported"


def test_a_wrong_parameter_is_told_not_dropped(make: Callable[..., Bench]) -> None:
    wrong = Task.model_validate(task("wrong").model_dump() | {"config": [{"type": "sleep", "parameters": {"sec": 1}}]})
    bench = make(wrong)
    assert bench.run().total == 1
    assert ends(bench)["wrong"].outcome == "broke"
    assert "sleep: missing a required argument: 'seconds'" in ends(bench)["wrong"].explanation


def test_a_task_has_its_own_limit_of_steps(make: Callable[..., Bench]) -> None:
    bench = make(task("short", limits={"max_steps": 2}))
    bench.run()
    assert ends(bench)["short"].outcome == "out_of_steps"
    assert ends(bench)["short"].steps == 2


def test_a_run_that_takes_too_long_is_out_of_time(make: Callable[..., Bench]) -> None:
    bench = make(task("slow", [{"launch": "editor"}, {"wait_window": "never"}]), max_seconds=0.5)
    bench.run()
    assert ends(bench)["slow"].outcome == "out_of_time"


def test_a_stop_ends_the_task_at_hand_and_starts_no_other(make: Callable[..., Bench]) -> None:
    bench = make(task("one"), task("two"), faults={0: lambda action: bench.stop()})
    done = bench.run()
    assert (done.solved, done.total, done.ended, done.stopped) == (0, 2, 1, True)
    assert ends(bench)["one"].outcome == "stopped"
    again = make(task("one"), task("two"), resume=True).run()
    assert (again.solved, again.total, again.ended, again.outcomes) == (2, 2, 2, {"solved": 2})
    assert [end.outcome for end in lines(bench) if isinstance(end, TaskEnded)] == ["stopped", "solved", "solved"]


def test_a_hard_interrupt_still_leaves_a_right_ledger(make: Callable[..., Bench]) -> None:
    bench = make(task("one"), task("two"), faults={0: KeyboardInterrupt()})
    with pytest.raises(KeyboardInterrupt):
        bench.run()
    assert [type(line) for line in lines(bench)] == [Launched, TaskStarted, TaskEnded]
    assert ends(bench)["one"].outcome == "stopped"


def test_a_ledger_is_not_written_twice_and_a_cut_line_is_passed_over(make: Callable[..., Bench]) -> None:
    bench = make(task("one"), planner="nothing")
    bench.run()
    with pytest.raises(RecordError, match="already holds a benchmark"):
        bench.run()
    with (bench.folder / ledger.FILE).open("a") as file:
        file.write('{"kind": "task", "ta')
    assert [type(line) for line in lines(bench)][-1] is Done


def test_tasks_are_chosen_by_id() -> None:
    tasks = (task("one"), task("two"))
    assert choose(tasks, ()) == tasks
    assert choose(tasks, ["two"]) == tasks[1:]
    with pytest.raises(UsageError, match=r"no task 'three'.*one, two"):
        choose(tasks, ["three"])


def test_the_oracle_is_not_asked_to_see_by_pixels() -> None:
    with pytest.raises(UsageError, match="accessibility tree"):
        runner.start("smoke", planner="oracle", settings=config.load({"senses": "pixels"}))


def test_versions_and_makers_are_on_record(make: Callable[..., Bench]) -> None:
    bench = make(task("one"), planner="nothing")
    done = bench.run()
    assert json.loads(done.model_dump_json())["planner"] == "nothing"
    assert isinstance(bench.contender, Contender)
    assert {"guiagent", "python", "machine"} <= set(done.versions)
