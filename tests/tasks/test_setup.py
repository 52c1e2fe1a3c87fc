"""Setup steps on a real sandbox."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from guiagent.desktop.sandbox import Sandbox
from runtime.errors import AppNotInstalled, UsageError
from tasks import windows
from tasks.setup import prepare
from tasks.task import SetupStep

pytestmark = [
    pytest.mark.display,
    pytest.mark.skipif(not shutil.which("mousepad"), reason="needs an editor: sudo apt-get install mousepad"),
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as desktop:
        yield desktop


def do(sandbox: Sandbox, name: str, **parameters: Any) -> None:
    prepare(sandbox, [SetupStep(type=name, parameters=parameters)])


def titles(sandbox: Sandbox) -> list[str]:
    return [window.title for window in windows.windows(sandbox.x)]


def test_files_are_written_copied_and_made_by_commands(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "gold.bin").write_bytes(b"\x00\x01")
    do(sandbox, "write_file", path="/home/user/Documents/a.txt", text="ä\n")
    do(sandbox, "upload_file", files=[{"local_path": str(tmp_path / "gold.bin"), "path": "~/b.bin"}])
    do(sandbox, "make_folder", path="Documents/New/Deep")
    do(sandbox, "execute", command="echo {SCREEN_WIDTH} > /home/user/size.txt", shell=True)
    do(sandbox, "command", command=["touch", "/home/user/c.txt"])
    assert (sandbox.home / "Documents" / "a.txt").read_text() == "ä\n"
    assert (sandbox.home / "b.bin").read_bytes() == b"\x00\x01"
    assert (sandbox.home / "Documents" / "New" / "Deep").is_dir()
    assert (sandbox.home / "size.txt").read_text() == "1280\n"
    assert (sandbox.home / "c.txt").exists()


def test_windows_are_there_after_launch_and_are_raised_and_closed_by_title(sandbox: Sandbox) -> None:
    do(sandbox, "write_file", path="one.txt", text="1")
    do(sandbox, "write_file", path="two.txt", text="2")
    do(sandbox, "launch", command=["mousepad", "one.txt"])
    do(sandbox, "launch", command="mousepad --opening-mode=window /home/user/two.txt", shell=True)
    assert [name for name in ("one.txt", "two.txt") if any(name in title for title in titles(sandbox))] == [
        "one.txt",
        "two.txt",
    ]
    do(sandbox, "activate_window", window_name="one.txt")
    do(sandbox, "sleep", seconds=0.3)
    active = sandbox.x.numbers(sandbox.x.screen.root, "_NET_ACTIVE_WINDOW")[0]
    assert [window.title for window in windows.windows(sandbox.x) if window.id == active] == ["~/one.txt - Mousepad"]
    do(sandbox, "close_window", window_name="mousepad", by_class=True)
    assert titles(sandbox) == []


@pytest.mark.parametrize(
    ("name", "parameters", "error", "says"),
    [
        ("fly", {}, UsageError, "no step 'fly'"),
        ("sleep", {"second": 1}, UsageError, "setup step 1, sleep"),
        ("write_file", {"path": "../x", "text": ""}, UsageError, "leads out"),
        ("upload_file", {"files": [{"local_path": "/none", "path": "x"}]}, UsageError, "no /none"),
        ("launch", {"command": ["no-such-editor-here"]}, AppNotInstalled, "no-such-editor-here"),
    ],
)
def test_what_cannot_be_set_up_says_why(
    sandbox: Sandbox, name: str, parameters: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        do(sandbox, name, **parameters)
