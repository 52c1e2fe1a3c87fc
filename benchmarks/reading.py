"""How long reading a screen takes, and how often plain words lead to the right place.

python benchmarks/reading.py PICTURE [PICTURE ...]     first read, read again unchanged, read the next one after it
python benchmarks/reading.py --data FOLDER [--every N]  hits on instructions with known places
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np

from grounding import Eyes, Finder, Screenshot
from grounding.images import load_image
from grounding.looker import Looker

NEAR = 16
"""Pixels from the point that a person clicked."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("pictures", nargs="*", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args()
    if options.pictures:
        reading(options.pictures)
    if options.data:
        pointing(options.data, options.every)


def reading(pictures: list[Path]) -> None:
    """The models are loaded before the first measurement."""
    Looker().read(np.full((64, 64, 3), 255, np.uint8))
    looker = Looker()
    for file in pictures:
        pixels = np.asarray(load_image(file))
        seconds, lines = timed(looker, pixels)
        again, _ = timed(looker, pixels.copy())
        full, every = timed(Looker(), pixels)
        same = {line.text for line in lines} == {line.text for line in every}
        print(f"{file.name}: {seconds:.2f} s after the last one, {again * 1000:.0f} ms unchanged, {full:.2f} s in full"
              f"; {len(lines)} lines, {'equal to' if same else 'DIFFERENT from'} a full read")  # fmt: skip


def timed(looker: Looker, pixels: np.ndarray) -> tuple[float, tuple]:
    started = time.perf_counter()
    lines = looker.read(pixels)
    return time.perf_counter() - started, lines


def pointing(folder: Path, every: int) -> None:
    """Instructions as they stand in the data, pixels only."""
    file = next(folder.glob("*.jsonl"))
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()][::every]
    hits, distances, found, seconds, scenes = 0, [], 0, [], {}
    for row in rows:
        image = folder / row["image"]
        if image not in scenes:
            scenes = {image: Eyes(("pixels",)).see(Screenshot(load_image(image)))}
        started = time.perf_counter()
        targets = Finder().find(scenes[image], row["instruction"][:1000])
        seconds.append(time.perf_counter() - started)
        if not targets:
            continue
        found += 1
        x, y = targets[0].point
        if "bbox" in row:
            left, top, right, bottom = row["bbox"]
            hits += left <= x < right and top <= y < bottom
        else:
            distance = ((x - row["point"][0]) ** 2 + (y - row["point"][1]) ** 2) ** 0.5
            distances.append(distance)
            hits += distance <= NEAR
    print(f"{file.name}: {len(rows)} instructions, answered {found}, right {hits} ({hits / len(rows):.1%} of all, "
          f"{hits / max(1, found):.1%} of answers); median distance {statistics.median(distances or [0]):.0f} px; "
          f"finding takes {statistics.median(seconds) * 1000:.0f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
