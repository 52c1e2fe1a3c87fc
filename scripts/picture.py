"""Draws a run for the README: what the terminal told on the left, one step with its target on the right.

.venv/bin/python scripts/picture.py RUN STEP docs/run.png
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from guiagent.cli.live import Live
from guiagent.record import read_events, read_info

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"
INK, PAPER, GOOD = (214, 220, 228), (24, 28, 34), (126, 200, 140)
LINE_PX, MARGIN_PX, LONGEST = 22, 24, 102


def told(run: Path) -> list[str]:
    """The lines that the terminal showed, cut to a width."""
    out = io.StringIO()
    live = Live(out)
    for line in read_events(run):
        live(line)
    info = read_info(run)
    lines = [text for text in out.getvalue().splitlines() if "(wait for it)" not in text]
    lines = [f"$ guiagent run '{info.task[: LONGEST - 20]}'", "", *lines, "", f"{info.outcome} in {info.seconds:.0f} s"]
    return [text if len(text) <= LONGEST else text[: LONGEST - 1] + "…" for text in lines]


def terminal(lines: list[str], height: int) -> Image.Image:
    """The lines as a terminal would show them."""
    font = ImageFont.truetype(FONT, 14)
    width = round(font.getlength("M") * LONGEST) + 2 * MARGIN_PX
    picture = Image.new("RGB", (width, max(height, len(lines) * LINE_PX + 2 * MARGIN_PX)), PAPER)
    draw = ImageDraw.Draw(picture)
    for number, text in enumerate(lines):
        ink = GOOD if text.lstrip().startswith("✓") else INK
        draw.text((MARGIN_PX, MARGIN_PX + number * LINE_PX), text, font=font, fill=ink)
    return picture


def screen(run: Path, step: str) -> Image.Image:
    """What the desktop showed before a step, with its target drawn."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "step.png"
        command = ["-m", "guiagent", "trace", "screenshot", step, str(run), "-o", str(path)]
        subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
        return Image.open(path).convert("RGB").copy()


def main(run: str, step: str, output: str) -> None:
    """Put both side by side."""
    right = screen(Path(run), step)
    right = right.resize((right.width * 3 // 4, right.height * 3 // 4), Image.Resampling.LANCZOS)
    left = terminal(told(Path(run)), right.height)
    whole = Image.new("RGB", (left.width + right.width, left.height), PAPER)
    whole.paste(left, (0, 0))
    whole.paste(right, (left.width, (left.height - right.height) // 2))
    whole.quantize(200).save(output, optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
