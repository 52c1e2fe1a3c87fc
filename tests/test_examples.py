"""The examples run as they are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from guiagent import config
from runtime.errors import ModelError
from runtime.library import Library

ROOT = Path(__file__).parents[1]


def test_the_first_example_is_short():
    assert len((ROOT / "examples" / "hello.py").read_text().splitlines()) <= 20


@pytest.mark.model
@pytest.mark.display
@pytest.mark.slow
def test_hello(tmp_path):
    try:
        Library(folder=config.load().models_dir).resolve("smollm2-135m")
    except ModelError as error:
        pytest.skip(str(error))
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "hello.py"), "smollm2-135m"], cwd=tmp_path, capture_output=True,
        text=True, timeout=400, check=False, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    ending, see = done.stdout.splitlines()[-2:]
    assert ending.split()[0] in ("solved", "gave_up", "out_of_steps", "out_of_time")
    (folder,) = (tmp_path / "runs").iterdir()
    assert see == f"see: guiagent trace runs/{folder.name}"
    assert '"kind":"ended"' in (folder / "events.jsonl").read_text()
