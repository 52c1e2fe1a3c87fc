"""The report of a benchmark: what it counts, what it says of failed runs, and that it is one file that harms nobody."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from grounding.element import Element
from grounding.facts import Facts
from grounding.geometry import Box, Point, Size
from grounding.scene import Scene
from grounding.screenshot import Screenshot
from grounding.target import Target
from guiagent import events as e
from guiagent.record import Record, RunInfo
from guiagent.trace import Trace
from planner.action import Click, Press
from planner.planner import Move, Reflected, Step
from runtime.errors import RecordError
from tasks.hygiene import texts, told
from tasks.ledger import Done, Launched, Ledger, TaskEnded
from tasks.levels import goals_of, level_of
from tasks.machine import Energy, machine
from tasks.nodes import NodeScore
from tasks.reports import numbers, results, write_csv, write_html, write_json
from tasks.reports.command import report
from tasks.task import Task

SIZE = Size(400, 300)
FACTS = Facts(kind="fake", system="none", size=SIZE)
SAVE, OPEN = Box(10, 10, 60, 30), Box(100, 10, 160, 30)
STEP = Step(number=1, skill="click", text='click("Save")')


def screen(save: Box = SAVE) -> Scene:
    states = frozenset({"enabled", "showing", "visible"})
    return Scene(Screenshot(Image.new("RGB", SIZE, "white")), (
        Element("e1", "button", "Save", save, states=states), Element("e2", "button", "Open", OPEN, states=states),
    ))  # fmt: skip


def target(words: str, at: Point, box: Box, label: str) -> Target:
    return Target(words=words, point=at, box=box, confidence=0.9, how="tree", label=label, role="button")


def save_at(at: Point, label: str = "Save", box: Box = SAVE) -> Move:
    return Move(action=Click(at=at), target=target("save", at, box, label), step=STEP)


def record(
    folder: Path, moves: list[Move], *, changed: bool = True, problem: str = "", verdict: str = "",
    scene: Scene | None = None,
) -> Trace:  # fmt: skip
    """A run that made these moves on one screen."""
    seen = scene or screen()
    book = Record(folder, RunInfo(id=folder.name, task="save it", started="", guiagent="0"))
    book.write(e.Started(
        task="save it", planner="p", senses=("tree",), facts=FACTS, max_steps=9, max_seconds=9
    ))  # fmt: skip

    def look(step: int) -> None:
        book.write(e.Looked(
            step=step, screenshot=book.picture(seen.screenshot), size=SIZE, elements=2, windows=(), settled=True,
            seconds=0.1, scene=book.scene(seen),
        ))  # fmt: skip

    look(0)
    for number, move in enumerate(moves, 1):
        book.write(e.Decided(step=number, move=move, seconds=0.1))
        book.write(e.Performed(step=number, seconds=0.1, problem=problem))
        look(number)
        book.write(e.Observed(step=number, summary="", changed=changed))
        if verdict:
            book.write(Reflected(step=STEP, verdict=verdict, why="no dialog came", sure=0.9))  # type: ignore[arg-type]
    book.end("not_solved")
    return Trace(folder)


def ended(task: str = "one", **more: object) -> TaskEnded:
    return TaskEnded.model_validate({
        "task": task, "name": task, "outcome": "not_solved", "solved": False, "explanation": "there is no a.txt",
        "run": f"runs/{task}", **more,
    })  # fmt: skip


def test_a_click_beside_what_its_words_mean_is_grounding(tmp_path: Path) -> None:
    goals = goals_of(record(tmp_path / "oracle", [save_at(SAVE.centre)]))
    wrong = record(tmp_path / "wrong", [save_at(OPEN.centre, "Open", OPEN)])
    fell = level_of(wrong, ended(), goals)
    assert fell is not None
    assert (fell.level, fell.step) == ("grounding", 1)
    assert fell.why == (
        "'save' was sought and (130, 20) was clicked, where 'Open' is; the button 'Save' is at (35, 20)"
    )


def test_the_oracles_target_is_found_where_it_is_on_the_agents_screen(tmp_path: Path) -> None:
    goals = goals_of(record(tmp_path / "oracle", [save_at(SAVE.centre)]))
    moved = Box(200, 200, 260, 220)
    right = record(tmp_path / "right", [save_at(moved.centre, box=moved)], scene=screen(moved))
    assert getattr(level_of(right, ended(), goals), "level", "") == "planning"
    where_it_was = record(tmp_path / "old", [save_at(SAVE.centre)], scene=screen(moved))
    assert getattr(level_of(where_it_was, ended(), goals), "level", "") == "grounding"


def test_a_wrong_place_that_was_put_right_is_not_what_it_failed_by(tmp_path: Path) -> None:
    goals = goals_of(record(tmp_path / "oracle", [save_at(SAVE.centre)]))
    run = record(tmp_path / "run", [save_at(OPEN.centre, "Open", OPEN), save_at(SAVE.centre)])
    nodes = (NodeScore(name="named", value=1), NodeScore(name="saved", value=0))
    fell = level_of(run, ended(nodes=nodes), goals)
    assert fell is not None
    assert fell.level == "planning"
    assert fell.why == "it said that it was done with 1 of 2 key nodes reached, not: saved"


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"problem": "the key is not there"}, "it could not be done: the key is not there"),
        ({"changed": False, "verdict": "failed"}, "it had no effect: no dialog came"),
    ],
)
def test_a_right_place_without_effect_is_execution(tmp_path: Path, how: dict[str, object], said: str) -> None:
    goals = goals_of(record(tmp_path / "oracle", [save_at(SAVE.centre)]))
    fell = level_of(record(tmp_path / "run", [save_at(SAVE.centre)], **how), ended(), goals)  # type: ignore[arg-type]
    assert fell is not None
    assert (fell.level, fell.step, fell.why) == ("execution", 1, said)


def test_a_solved_run_and_one_that_could_not_be_judged_have_no_level(tmp_path: Path) -> None:
    run = record(tmp_path / "run", [Move(action=Press(keys="ctrl+s"))])
    assert level_of(run, ended(solved=True)) is None
    assert level_of(run, ended(fault="setup")) is None


@pytest.fixture
def bench(tmp_path: Path) -> Callable[..., Path]:
    """Makes the folder of a benchmark: runs by key, solved or not; None for one that never ended."""

    def write(name: str, runs: dict[str, bool | None], *, done: bool = True, **launch: object) -> Path:
        folder = tmp_path / name
        book = Ledger(folder)
        book.write(Launched.model_validate({
            "suite": "nowhere", "tasks": tuple(runs), "planner": name, "model": "", "senses": ("tree",),
            "max_seconds": 1, "max_steps": 1, "folder": str(folder), "started": "today", **launch,
        }))  # fmt: skip
        for key, solved in runs.items():
            if solved is None:
                continue
            record(folder / "runs" / key, [save_at(SAVE.centre)])
            task, _, variant = key.partition("~")[0].partition("@")
            book.write(ended(
                key, name=task, variant=variant, solved=solved, app=f"app-{task}", steps=4, seconds=2.5,
                outcome="solved" if solved else "gave_up", joules=12.5,
            ))  # fmt: skip
        if done:
            book.write(Done(solved=0, total=len(runs), ended=0, seconds=9, planner=name, model="", senses=()))
        book.close()
        return folder

    return write


def test_everything_planned_is_counted(bench: Callable[..., Path]) -> None:
    runs = {"a": True, "a@dark": False, "b": True, "b@dark": True, "c": None, "c@dark": None}
    folder = bench("p", runs, done=False, apps={name: f"app-{name}" for name in "abc"})
    found = results(folder)
    counted = numbers(found)
    assert found.stopped
    assert (counted.overall.solved, counted.overall.total) == (3, 6)
    assert (counted.overall.low, counted.overall.high) == pytest.approx((0.1876, 0.8124), abs=1e-4)
    assert counted.mean_over_variants == pytest.approx(0.5)
    assert counted.worst_over_variants == pytest.approx(1 / 3, abs=1e-4)
    assert counted.outcomes == {"solved": 3, "gave_up": 1, "not_run": 2}
    assert [(app.name, app.solved, app.total) for app in counted.by_app] == [
        ("app-a", 1, 2), ("app-b", 2, 2), ("app-c", 0, 2),
    ]  # fmt: skip
    assert counted.levels == {"planning": 1}


def test_repeats_give_pass_k_and_the_oracle_gives_the_measure_of_steps(bench: Callable[..., Path]) -> None:
    oracle = bench("oracle", {"a": True, "b": True})
    folder = bench("p", {"a": True, "a~2": True, "b": True, "b~2": False})
    counted = numbers(results(folder, oracle), [results(oracle)])
    assert counted.pass_k == {1: 0.75, 2: 0.5}
    assert counted.step_ratio == 1.0
    assert [(p.other, p.both, p.only_this, p.only_other) for p in counted.compared] == [("oracle (tree)", 2, 0, 0)]


def test_what_one_of_two_has_not_run_tells_nothing_between_them(bench: Callable[..., Path], tmp_path: Path) -> None:
    whole = results(bench("p", {"a": True, "b": True, "c": True}))
    cut = results(bench("cut", {"a": True, "b": False, "c": None}, done=False, planner="p"))
    (pair,) = numbers(whole, [cut]).compared
    assert (pair.other, pair.both, pair.left_out) == ("p (tree), cut, cut off", 2, 1)
    assert (pair.only_this, pair.only_other) == (1, 0)
    page = write_html(tmp_path / "r.html", whole, [cut]).read_text("utf-8")
    assert "over the 2 runs that ended in both" in page
    assert "1 more that one of the two has not run are left out" in page


def test_the_page_is_one_file_that_runs_no_script(bench: Callable[..., Path], tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script>"
    folder = bench("p", {"a": True, "b": False}, versions={"guiagent": hostile})
    (folder / "runs" / "a" / "trace.html").write_text("a page")
    found = results(folder)
    page = write_html(tmp_path / "out" / "report.html", found).read_text("utf-8")
    assert hostile not in page
    assert "&lt;script&gt;alert(1)" in page
    assert not re.search(r"(src|href)=\"(https?:|//)", page)
    assert "default-src 'none'" in page
    assert page.count("<svg") >= 4
    assert 'href="../p/runs/a/trace.html"' in page
    assert "1 of 2" in page


def test_figures_and_runs_as_files(bench: Callable[..., Path], tmp_path: Path) -> None:
    folder = bench("p", {"a": True, "=b()": None})
    found = results(folder)
    figures = json.loads(write_json(tmp_path / "r.json", found, numbers(found)).read_text("utf-8"))
    assert figures["numbers"]["overall"]["total"] == 2
    with write_csv(tmp_path / "r.csv", found).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["key"] for row in rows] == ["a", "'=b()"]
    assert rows[0]["joules"] == "12.5"


def test_the_command_writes_it_beside_the_ledger(
    bench: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = bench("p", {"a": True})
    assert report(folder, traces=True) == 0
    assert capsys.readouterr().out.strip() == str(folder / "report.html")
    assert (folder / "runs" / "a" / "trace.html").stat().st_size > 1000
    assert 'href="runs/a/trace.html"' in (folder / "report.html").read_text("utf-8")


def test_a_folder_without_a_benchmark_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="holds no benchmark"):
        results(tmp_path)


def some_task(instruction: str) -> Task:
    return Task.model_validate({
        "id": "t", "instruction": instruction, "evaluator": {"func": "infeasible"}, "guiagent": {"app": "x"}
    })  # fmt: skip


def test_an_instruction_that_stands_in_a_prompt_is_found() -> None:
    shown = list(texts())
    kinds = {where.partition(" ")[0].partition("/")[0] for where, _ in shown}
    assert {"planner.prompts", "grounding", "skill"} <= kinds
    example = next(text for where, text in shown if where.endswith("examples.toml"))
    assert [found.where for found in told([some_task(example.upper().rstrip(".") + "!")])] == [
        "planner.prompts/examples.toml"
    ]
    assert told([some_task("Turn the third penguin of the herd into a lighthouse.")]) == ()


def test_energy_is_what_the_counters_say_over_their_turn(tmp_path: Path) -> None:
    zone, core = tmp_path / "intel-rapl:0", tmp_path / "intel-rapl:0:0"
    for place in (zone, core):
        place.mkdir()
        (place / "energy_uj").write_text("9000000\n")
        (place / "max_energy_range_uj").write_text("10000000\n")
    energy = Energy(tmp_path)
    (zone / "energy_uj").write_text("1500000\n")
    assert energy.joules == pytest.approx(2.5)
    (zone / "energy_uj").unlink()
    assert energy.joules is None
    assert Energy(tmp_path / "none").joules is None
    assert {"system", "cores"} <= set(machine())
