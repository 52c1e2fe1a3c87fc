"""The suites besides smoke: what their files promise; on the real applications only the oracles solve them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from guiagent import config
from runtime.errors import UsageError
from tasks.evaluate import unsupported
from tasks.needs import is_infeasible
from tasks.proof import Proved, prove
from tasks.schema import Task
from tasks.task import SUITES, load
from tasks.variants import gone_wrong, in_variant, shared

TEST = "desk-test"
"""Nobody tunes on it."""
DESK = ("desk-dev", TEST)
ALL = [task for suite in DESK for task in load(suite)]
FEASIBLE = [task for task in ALL if not is_infeasible(task)]
PACKAGES = "mousepad galculator"


def parts(task: Task) -> set[str]:
    evaluator = task.evaluator
    return {getting.type for n in range(len(evaluator.funcs)) for getting in evaluator.part(n)[:2] if getting}


def names(tasks: list[Task]) -> list[str]:
    return [task.id for task in tasks]


def test_there_are_sixty_tasks_of_twelve_applications_and_some_that_cannot_be_done() -> None:
    assert len(ALL) >= 60
    assert len(names(ALL)) == len(set(names(ALL)))
    assert len({task.app for task in FEASIBLE}) >= 12
    assert len(ALL) - len(FEASIBLE) >= 4
    assert sum(len(task.related_apps) > 1 for task in FEASIBLE) >= 3


def test_no_application_is_in_what_is_tuned_on_and_in_what_is_reported() -> None:
    tuned = {app for suite in ("desk-dev", "smoke") for task in load(suite) for app in (task.app, *task.related_apps)}
    assert {app for task in load(TEST) for app in (task.app, *task.related_apps)} & tuned == set()


def test_every_task_can_be_run_and_has_three_other_starts() -> None:
    for task in ALL:
        assert unsupported(task) == (), task.id
        assert len(task.variants) >= 3, task.id
        plain = task.model_dump(include={"instruction", "config", "evaluator"})
        for variant in task.variants:
            other = in_variant(task, variant.label)
            assert other.model_dump(include={"instruction", "config", "evaluator"}) != plain, (task.id, variant.label)


def test_every_task_looks_at_what_nobody_asked_for_and_knows_a_way_to_fail() -> None:
    for task in FEASIBLE:
        assert "home_changes" in parts(task), task.id
        assert task.app in task.related_apps, task.id
    for task in [*FEASIBLE, *load("smoke")]:
        assert task.oracle, task.id
        assert gone_wrong(task).oracle != task.oracle, task.id


def test_what_is_shared_is_used_and_is_of_an_application_of_the_suites() -> None:
    assert set(shared()) - {"*"} <= {task.app for task in ALL}
    used = {(task.app, variant.label) for task in ALL for variant in task.variants}
    assert {(app, name) for app, own in shared().items() if app != "*" for name in own} <= used
    assert set(shared()["*"]) <= {name for _, name in used}


def test_a_task_that_knows_no_way_to_fail_cannot_go_wrong() -> None:
    task = load("smoke")[0]
    assert task.guiagent is not None
    bare = task.model_copy(update={"guiagent": task.guiagent.model_copy(update={"wrong": {}})})
    with pytest.raises(UsageError, match=r"tells no wrong result.*guiagent\.wrong"):
        gone_wrong(bare)


def proved(suite: str, folder: Path, **given: object) -> list[Proved]:
    found: list[Proved] = []
    prove(suite, config.load({"senses": "tree"}), folder, tell=found.append, **given)  # type: ignore[arg-type]
    return found


def bad(found: list[Proved]) -> list[str]:
    return [f"{one.by} {one.task}: {one.explanation}" for one in found if not one.good]


@pytest.mark.display
@pytest.mark.slow
@pytest.mark.skipif(
    not all(map(shutil.which, PACKAGES.split())), reason=f"needs applications: sudo apt-get install {PACKAGES}"
)
class TestReal:
    def test_a_check_tells_right_from_wrong_and_from_nothing_in_two_starts(self, tmp_path: Path) -> None:
        found = proved("desk-dev", tmp_path, only=("mousepad-sign",), variants=("plain", "app_closed"))
        assert bad(found) == []
        assert [(one.by, one.task) for one in sorted(found, key=lambda one: (one.by, one.task))] == [
            (by, f"mousepad-sign{start}") for by in ("nothing", "oracle", "wrong") for start in ("", "@app_closed")
        ]
        again = proved("desk-dev", tmp_path, only=("mousepad-sign",), variants=("plain", "app_closed"))
        assert {one.run for one in again} == {one.run for one in found}  # it is told again, and not run again

    def test_a_check_that_is_content_with_anything_is_found_out(self, tmp_path: Path) -> None:
        text = (SUITES / "desk-dev" / "mousepad-sign.json").read_text("utf-8")
        spoilt = text.replace('"check_text"', '"check_include_exclude"').replace('{"text": ', '{"include": [], "old": ')
        place = tmp_path / "spoilt.json"
        place.write_text(spoilt, "utf-8")
        found = proved(str(place), tmp_path / "runs", variants=("plain",), by=("wrong", "nothing"))
        assert [one.by for one in found if not one.good] == ["wrong"]


@pytest.mark.display
@pytest.mark.long
@pytest.mark.parametrize("suite", DESK)
def test_oracles_solve_all_and_nothing_else_solves_any_in_every_variant(tmp_path: Path, suite: str) -> None:
    """Half an hour on two idle cores: `pytest -m long`, or `guiagent tasks prove`."""
    assert bad(proved(suite, tmp_path)) == []
