"""The head of a benchmark on a cluster: briefs the seats, and has the tasks handed out."""

from __future__ import annotations

from collections.abc import Sequence

from tasks.attempt import GRACE_S, SETUP_S
from tasks.bench import Bench
from tasks.cluster.dispatch import Dispatcher
from tasks.cluster.rays import RaySeats
from tasks.cluster.seat import Brief
from tasks.contender import PlannerName
from tasks.plan import Item

SLACK_S = 120.0
"""What a task may take besides setting up, running and judging: opening the desktop, the way of its record."""


def run_on(address: str, planner: PlannerName, without: Sequence[str], bench: Bench, items: list[Item]) -> None:
    """Run tasks on a Ray cluster; the benchmark's ledger is told what happens to each."""
    if not items:
        return
    brief = Brief(
        bench.suite, planner, bench.settings, bench.max_seconds, sources=bench.sources, places=bench.places,
        without=without, check_seconds=bench.check_seconds,
    )  # fmt: skip
    hang_s = bench.max_seconds + GRACE_S + 2 * SETUP_S + SLACK_S
    seats = RaySeats(address, min(bench.parallel, len(items)), brief, hang_s)
    try:
        Dispatcher(seats, bench, lambda: bench.stopped).run(items)
    finally:
        seats.close()
