"""What a recorder costs the person: CPU at a human pace, and how much later a key is seen. Prints one JSON line.

python -m benchmarks.recording [--seconds 60] [--rate 30]
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from grounding.geometry import Point
from guiagent.desktop.sandbox import Sandbox
from guiagent.desktop.xtest import Hands
from guiagent.recording.recorder import Recorder
from guiagent.recording.signals import Button, Key, read_raw
from guiagent.recording.watched import sandbox_watched
from guiagent.recording.xevents import Listener

KEYS = 60
PAUSE_S = 0.35


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=60.0, help="of work at a human pace, and of work in a hurry")
    options.add_argument("--rate", type=float, default=30.0, help="actions per second in the hurry")
    given = options.parse_args()
    with Sandbox() as desktop, tempfile.TemporaryDirectory() as folder:
        desktop.launch("mousepad")
        time.sleep(4)
        hands = Hands.at(desktop.display, Path(desktop.env["XAUTHORITY"]))
        without = delays(desktop, hands)
        with recording(desktop, Path(folder) / "a"):
            during = delays(desktop, hands)
        own = human(hands, given.seconds)
        with recording(desktop, Path(folder) / "b"):
            share = human(hands, given.seconds) - own
        with recording(desktop, Path(folder) / "c"):
            sent = hurry(hands, given.seconds, given.rate)
        kept = sum(isinstance(s, Key | Button) and s.down for s in read_raw(Path(folder) / "c"))
        hands.close()
    print(json.dumps({
        "cpu_share": round(share, 4), "cpu_share_of_the_typist": round(own, 4), "sent": sent, "kept": kept,
        "delay_ms": {"without": told(without), "recording": told(during)},
        "added_ms": round(1000 * (statistics.median(during) - statistics.median(without)), 1),
    }))  # fmt: skip


def told(delays: list[float]) -> dict[str, float]:
    ordered = sorted(1000 * delay for delay in delays)
    return {"median": round(statistics.median(ordered), 1), "p95": round(ordered[int(len(ordered) * 0.95)], 1)}


def recording(desktop: Sandbox, folder: Path) -> ExitStack:
    recorder = Recorder(sandbox_watched(desktop), folder, "measured")
    recorder.start()
    stack = ExitStack()
    stack.callback(recorder.stop)
    return stack


def delays(desktop: Sandbox, hands: Hands) -> list[float]:
    """Seconds from each key to the first thing that is drawn after it."""
    with Listener(desktop.display, Path(desktop.env["XAUTHORITY"])) as eyes:
        eyes.hear_drawing()
        found = []
        for number in range(KEYS):
            time.sleep(PAUSE_S)
            eyes.drawn()
            began = time.perf_counter()
            hands.keyboard.write("abcdefghij"[number % 10])
            while not any(box.width > 4 for box in eyes.drawn()):
                time.sleep(0.0005)
                if time.perf_counter() - began > 2:
                    break
            found.append(time.perf_counter() - began)
    return found


def human(hands: Hands, seconds: float) -> float:
    """Texts, clicks and pauses as somebody at ease makes them; the share of a core that this process took meanwhile.

    What presses the keys is in this process too, so its own share is taken off.
    """
    began, used = time.monotonic(), time.process_time()
    number = 0
    while time.monotonic() - began < seconds:
        number += 1
        for letter in "some words ":
            hands.keyboard.write(letter)
            time.sleep(0.18)
        time.sleep(1.2)
        hands.click(Point(400 + number % 7 * 20, 300 + number % 5 * 20))
        time.sleep(1.5)
        hands.press("ctrl+f" if number % 2 else "Escape")
        time.sleep(1.5)
    return (time.process_time() - used) / (time.monotonic() - began)


def hurry(hands: Hands, seconds: float, rate: float) -> int:
    """Clicks and keys in turn; how many were sent."""
    began, sent = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        time.sleep(max(0.0, began + sent / rate - time.monotonic()))
        if sent % 2:
            hands.press("Down")
        else:
            hands.click(Point(300 + sent % 200, 400))
        sent += 1
    time.sleep(1)
    return sent


if __name__ == "__main__":
    main()
