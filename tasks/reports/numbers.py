"""The figures of a report: shares with their intervals, spreads over variants and repeats, and comparisons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from statistics import mean, median

from runtime.value import Value
from tasks.figures import mcnemar, pass_hat, wilson
from tasks.levels import LEVELS
from tasks.reports.results import Results, Row, names

UNKNOWN = ("not_run", "stopped")
"""Runs that tell nothing between two benchmarks."""


class Share(Value):
    """So many of so many, with the interval of 95 %."""

    name: str
    solved: int
    total: int
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.solved / self.total if self.total else 0.0


class Spread(Value):
    """A measure over runs."""

    name: str
    unit: str
    median: float
    mean: float
    most: float
    count: int


class Paired(Value):
    """Two benchmarks over the same runs."""

    other: str
    both: int
    """Runs that came to an end in both."""
    left_out: int = 0
    """Runs that both planned and one of them has not run to their end, so that nothing is known."""
    only_this: int
    only_other: int
    p: float
    """McNemar's exact test, two-sided."""


class Numbers(Value):
    """Everything that is counted of one benchmark."""

    overall: Share
    plain: Share | None = None
    """The tasks in their own start state only."""
    mean_over_variants: float | None = None
    """The mean over tasks of the share of their variants that is solved."""
    worst_over_variants: float | None = None
    """The share of tasks that are solved in every variant."""
    completion: float | None = None
    by_app: tuple[Share, ...] = ()
    by_variant: tuple[Share, ...] = ()
    levels: dict[str, int] = {}
    """Failed runs by the level at which they failed."""
    outcomes: dict[str, int] = {}
    faults: dict[str, int] = {}
    spreads: tuple[Spread, ...] = ()
    step_ratio: float | None = None
    """Steps against the oracle's, the median over solved runs."""
    pass_k: dict[int, float] = {}
    """pass^k over repeats."""
    compared: tuple[Paired, ...] = ()


def numbers(results: Results, others: Sequence[Results] = ()) -> Numbers:
    """Count. Whatever was planned is in the denominator."""
    rows = results.rows
    plain = [row for row in rows if not row.variant]
    several = len({row.variant for row in rows}) > 1
    parts = [row.completion for row in rows if row.completion is not None]
    shares = list(_grouped(rows, lambda row: row.name).values())
    return Numbers(
        overall=share("all", rows), plain=share("plain", plain) if several else None,
        mean_over_variants=round(mean(_part(group) for group in shares), 4) if several else None,
        worst_over_variants=round(mean(all(r.solved for r in group) for group in shares), 4) if several else None,
        completion=round(mean(parts), 4) if parts else None,
        by_app=tuple(share(name or "none named", group) for name, group in _sorted(rows, _app)),
        by_variant=tuple(share(name or "plain", group) for name, group in _sorted(rows, lambda row: row.variant))
        if several else (),
        levels={level: count for level in LEVELS if (count := sum(row.level == level for row in rows))},
        outcomes=dict(Counter(row.outcome for row in rows)),
        faults=dict(Counter(row.fault for row in rows if row.fault)),
        spreads=tuple(_spreads(rows)), step_ratio=_step_ratio(rows), pass_k=_pass_k(rows),
        compared=compared(results, others),
    )  # fmt: skip


def share(name: str, rows: Sequence[Row]) -> Share:
    """How many of the runs are solved."""
    solved = sum(row.solved for row in rows)
    low, high = wilson(solved, len(rows))
    return Share(name=name, solved=solved, total=len(rows), low=round(low, 4), high=round(high, 4))


def compared(one: Results, others: Sequence[Results]) -> tuple[Paired, ...]:
    """Hold a benchmark against each of the others."""
    return tuple(_paired(one, other, name) for other, name in zip(others, names([one, *others])[1:], strict=True))


def _paired(one: Results, other: Results, name: str) -> Paired:
    first, second = (
        {row.key: row.solved for row in results.rows if row.outcome not in UNKNOWN} for results in (one, other)
    )
    only_this, only_other, p = mcnemar(first, second)
    planned = {row.key for row in one.rows} & {row.key for row in other.rows}
    both = len(first.keys() & second.keys())
    return Paired(
        other=name, both=both, left_out=len(planned) - both, only_this=only_this, only_other=only_other, p=round(p, 4)
    )


def _app(row: Row) -> str:
    return row.app


def _grouped(rows: Iterable[Row], by: Callable[[Row], str]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(by(row), []).append(row)
    return groups


def _sorted(rows: Iterable[Row], by: Callable[[Row], str]) -> list[tuple[str, list[Row]]]:
    return sorted(_grouped(rows, by).items(), key=lambda pair: (by is _app and not pair[0], pair[0]))


def _part(rows: Sequence[Row]) -> float:
    return sum(row.solved for row in rows) / len(rows)


def _spreads(rows: Sequence[Row]) -> Iterable[Spread]:
    ran = [row for row in rows if row.outcome != "not_run" and not row.fault]
    measures: tuple[tuple[str, str, Callable[[Row], float | None]], ...] = (
        ("steps", "", lambda row: row.steps),
        ("time", "s", lambda row: row.seconds),
        ("tokens read", "", lambda row: row.tokens_in or None),
        ("tokens written", "", lambda row: row.tokens_out or None),
        ("energy", "J", lambda row: row.joules),
    )
    for name, unit, of in measures:
        values = [value for row in ran if (value := of(row)) is not None]
        if values:
            yield Spread(
                name=name, unit=unit, median=round(median(values), 2), mean=round(mean(values), 2),
                most=round(max(values), 2), count=len(values),
            )  # fmt: skip


def _step_ratio(rows: Sequence[Row]) -> float | None:
    ratios = [row.steps / row.oracle_steps for row in rows if row.solved and row.oracle_steps]
    return round(median(ratios), 3) if ratios else None


def _pass_k(rows: Sequence[Row]) -> dict[int, float]:
    """pass^k for each k up to the number of repeats; nothing where each task was run once."""
    tries = list(_grouped(rows, lambda row: row.key.partition("~")[0]).values())
    least = min((len(group) for group in tries), default=0)
    if least < 2:
        return {}
    found = [[row.solved for row in group] for group in tries]
    return {k: round(pass_hat(found, k), 4) for k in range(1, least + 1)}
