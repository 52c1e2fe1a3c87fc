"""How many cores this process may really use."""

from __future__ import annotations

import os
from pathlib import Path

_CPUS = Path("/sys/devices/system/cpu")
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def usable_cores() -> int:
    """The physical cores that this process may run on, at least 1.

    Two hyperthreads count once: decoding waits for memory, and a second thread on a core only gets in the way.
    The scheduler's affinity and the container's CPU quota both lower the number.
    """
    cores = {_siblings(cpu) for cpu in _allowed()}
    return max(1, min(len(cores), _quota()))


def _allowed() -> set[int]:
    if hasattr(os, "sched_getaffinity"):
        return set(os.sched_getaffinity(0))
    return set(range(os.cpu_count() or 1))


def _siblings(cpu: int) -> str:
    """A text that all hyperthreads of one core share; the core's own number where the system does not say."""
    try:
        return (_CPUS / f"cpu{cpu}" / "topology" / "thread_siblings_list").read_text().strip()
    except OSError:
        return str(cpu)


def _quota() -> int:
    """Whole cores in this container's CPU quota; a large number where there is none."""
    try:
        quota, period = _QUOTA.read_text().split()[:2]
    except (OSError, ValueError):
        return 1 << 16
    return 1 << 16 if quota == "max" else max(1, int(quota) // int(period))
