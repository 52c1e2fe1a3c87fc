"""The doctor: what is missing is named with the package that brings it; the exit code says if a run is possible."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from guiagent import cli, config, doctor


def findings(**settings: object) -> dict[str, doctor.Finding]:
    found = doctor.examine(config.load(settings, variables={}))
    return {finding.name: finding for finding in found}


def test_without_xvfb_it_names_the_package_and_a_run_is_not_possible(tmp_path, monkeypatch, capsys):
    for program in ("openbox", "dbus-daemon", "xkbcomp", "setxkbmap", "apt-get"):
        (tmp_path / program).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert cli.main(["doctor", "--json"]) == 3
    said = json.loads(capsys.readouterr().out)
    assert not said["possible"]
    xvfb = next(finding for finding in said["findings"] if finding["name"] == "Xvfb")
    assert xvfb["status"] == "missing"
    assert xvfb["remedy"] == "sudo apt-get install xvfb"
    (openbox,) = (finding for finding in said["findings"] if finding["name"] == "openbox")
    assert openbox["status"] == "ok"

    assert cli.main(["doctor"]) == 3
    table = capsys.readouterr().out
    assert "-> sudo apt-get install xvfb" in table
    assert table.rstrip().endswith("A run in the sandbox is not possible yet: see above.")


def test_without_apt_the_remedy_still_says_what_to_look_for(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert findings()["Xvfb"].remedy == "Install your system's counterpart of Debian's xvfb."


def test_whatever_is_not_well_has_a_remedy(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("DISPLAY", raising=False)
    for finding in findings(models_dir=tmp_path, model="nothing-of-that-name").values():
        assert (finding.status == "ok") == (finding.remedy == ""), finding


def test_a_model_that_is_not_there(tmp_path):
    found = findings(models_dir=tmp_path)["model"]
    assert found.status == "missing"
    assert found.needed
    assert found.remedy == "guiagent models pull qwen2.5-coder-1.5b"


def test_a_model_file_that_is_no_model(tmp_path):
    (tmp_path / "model.gguf").write_bytes(b"not a model")
    assert findings(model=str(tmp_path / "model.gguf"))["model"].status == "missing"


def test_a_layout_that_does_not_exist():
    found = findings(**{"sandbox.layout": "klingon"})["keyboard layout"]
    assert found.status == "missing"
    assert "klingon" in found.found


@pytest.mark.parametrize(
    ("variables", "status", "word"),
    [
        ({}, "missing", "DISPLAY is not set"),
        ({"DISPLAY": ":7"}, "ok", ":7"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "missing", "Wayland only"),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, "degraded", "only X11 programs"),
    ],
)
def test_this_computers_screen(monkeypatch, variables, status, word):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = findings()["this computer's screen"]
    assert found.status == status
    assert word in found.found
    assert not found.needed  # the sandbox does without


def test_it_is_quick_and_loads_no_model():
    source = (
        "import sys\nfrom guiagent.cli import main\nmain(['doctor'])\n"
        "print([name for name in ('llama_cpp', 'rapidocr', 'onnxruntime', 'pyautogui', 'cv2') if name in sys.modules])"
    )
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True, timeout=60)
    assert time.monotonic() - started < 5  # measured: 0.7 s on two cores; this bound is for busy machines
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.display
@pytest.mark.model
def test_deep_really_starts_a_sandbox_and_loads_the_model(capsys):
    code = cli.main(["doctor", "--deep", "--json"])
    said = {finding["name"]: finding for finding in json.loads(capsys.readouterr().out)["findings"]}
    if said["model"]["status"] != "ok":
        pytest.skip(f"needs the model: {said['model']['remedy']}")
    assert code == 0
    assert said["sandbox, really started"]["status"] == "ok"
    assert said["model, really loaded"]["status"] == "ok"


def test_the_programs_it_looks_for_are_the_ones_that_setup_installs():
    listed = (Path(__file__).parents[2] / "scripts/packages-sandbox.txt").read_text()
    for package in doctor.NEEDED.values():
        assert f"\n{package} " in listed
