"""Plots as inline SVG: bars with their intervals, stacks and dots; colours come from the page's style."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from tasks.reports.numbers import Share
from tasks.reports.results import Row

WIDE, LINE = 860, 26
"""Pixels: of a plot, of one row."""
LETTER, MOST_LABEL = 7, 455
"""Pixels: of a letter at the widest, and of the names at the left of bars at the most."""
RIGHT = 150
"""Pixels at the right of the bars, for what they say."""


COLOURS = {
    "solved": 3, "not solved": 2, "gave up": 1, "out of time": 5, "out of steps": 0, "broke": 4, "not run": 6,
    "planning": 0, "grounding": 1, "execution": 2,
}  # fmt: skip
"""Which of the page's colours a part has; the others take them in turn."""


def shares(rows: Sequence[Share], title: str) -> str:
    """A bar for each share, with its interval of 95 %."""
    if not rows:
        return ""
    left = min(MOST_LABEL, LETTER * max(len(row.name) for row in rows) + 8)
    span = WIDE - left - RIGHT
    parts = []
    for place, row in enumerate(rows):
        y = place * LINE
        parts += [
            _text(left - 8, y + 17, row.name, "end", most=MOST_LABEL // LETTER),
            f'<rect class="track" x="{left}" y="{y + 5}" width="{span}" height="15" rx="3"/>',
            f'<rect class="bar" x="{left}" y="{y + 5}" width="{span * row.share:.1f}" height="15" rx="3"/>',
            _whisker(left + span * row.low, left + span * row.high, y + 12.5),
            _text(WIDE - RIGHT + 10, y + 17, f"{row.solved} of {row.total}"),
            _text(WIDE, y + 17, f"{row.low:.0%} to {row.high:.0%}", "end", "dim"),
        ]
    return _svg("".join(parts), WIDE, len(rows) * LINE, title)


def stack(counts: Mapping[str, int], title: str) -> str:
    """One bar, cut into parts as large as their counts, each with its name."""
    total = sum(counts.values())
    if not total:
        return ""
    parts, x = [], 0.0
    for place, (name, count) in enumerate(counts.items()):
        width, colour = WIDE * count / total, COLOURS.get(name, place % 6)
        parts.append(
            f'<g class="part{colour}"><title>{escape(name)}: {count}</title>'
            f'<rect x="{x:.1f}" y="0" width="{max(0.0, width - 2):.1f}" height="26" rx="3"/></g>'
        )
        x += width
    x = 0.0
    for place, (name, count) in enumerate(counts.items()):
        parts.append(f'<g class="part{COLOURS.get(name, place % 6)}"><circle cx="{x + 6:.0f}" cy="42" r="5"/></g>')
        parts.append(_text(x + 16, 46, f"{name} {count}"))
        x += 30 + 8 * len(f"{name} {count}")
    return _svg("".join(parts), max(WIDE, int(x)), 54, title)


def dots(rows: Sequence[Row], title: str) -> str:
    """Seconds and steps of each run, as dots: solved ones are filled."""
    ran = [row for row in rows if row.seconds > 0 and not row.fault]
    if not ran:
        return ""
    high, left, bottom = 240, 56, 34
    most_s, most_n = max(row.seconds for row in ran), max(1, *(row.steps for row in ran))
    span_x, span_y = WIDE - left - 12, high - bottom - 12
    parts = [
        f'<path class="axis" d="M{left} 12V{high - bottom}H{WIDE - 12}"/>',
        _text(WIDE - 12, high - 8, f"seconds, to {most_s:.0f}", "end", "dim"),
        _text(left - 8, 20, f"{most_n}", "end", "dim"), _text(left - 8, high - bottom, "0", "end", "dim"),
        _text(left - 8, (high - bottom) // 2 + 12, "steps", "end", "dim"),
    ]  # fmt: skip
    for row in ran:
        x = left + span_x * row.seconds / most_s
        y = high - bottom - span_y * row.steps / most_n
        kind = "solved" if row.solved else "failed"
        told = f"{row.key}: {row.steps} steps, {row.seconds:.1f} s, {'solved' if row.solved else 'not solved'}"
        parts.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="5"><title>{escape(told)}</title></circle>')
    return _svg("".join(parts), WIDE, high, title)


def _whisker(low: float, high: float, y: float) -> str:
    """The line of an interval, with an edge around it that stands out from the bar."""
    line = f"M{low:.1f} {y - 4}v8M{low:.1f} {y}H{high:.1f}M{high:.1f} {y - 4}v8"
    return f'<path class="edge" d="{line}"/><path class="whisker" d="{line}"/>'


def _text(x: float, y: float, text: str, anchor: str = "start", kind: str = "", most: int = 30) -> str:
    shown = text if len(text) <= most else f"{text[: most - 1]}…"
    about = f"<title>{escape(text)}</title>" if shown != text else ""
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}"{style}>{escape(shown)}{about}</text>'


def _svg(body: str, width: int, height: int, title: str) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img" aria-label="{escape(title)}" '
        f'xmlns="http://www.w3.org/2000/svg">{body}</svg>'
    )
