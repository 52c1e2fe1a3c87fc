"""A run told while it happens, and Ctrl-C on a real terminal."""

from __future__ import annotations

import io
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from runs import WRITE_AND_SAVE, assert_complete, make, surroundings

from guiagent.cli.live import Live
from planner.action import Launch, Type, Wait

TESTS = str(Path(__file__).parent)


def told(folder, planner):
    out = io.StringIO()
    make(folder, planner, listeners=(Live(out),)).run("write")
    return out.getvalue().splitlines()


def test_a_line_for_each_step(tmp_path):
    lines = told(tmp_path / "run", WRITE_AND_SAVE)
    assert len(lines) == len(WRITE_AND_SAVE)
    assert lines[0].split()[:3] == ["1", "start", "editor"]
    assert "type “hello”" in lines[2]
    assert "type “a.txt⏎”" in lines[4]
    assert all(line.endswith(" s") for line in lines)


def test_waiting_is_told_without_a_number(tmp_path):
    first, second, third = told(tmp_path / "run", [Launch(app="editor"), Wait(seconds=0.1), Type(text="x")])
    assert first.split()[0] == "1"
    assert second.split()[:2] == ["wait", "0.1"]
    assert third.split()[0] == "2"


def test_what_could_not_be_done_is_said(tmp_path):
    (line,) = told(tmp_path / "run", [Launch(app="frobnicator")])
    assert "could not be done: there is no application 'frobnicator'" in line


def test_a_bug_is_said(tmp_path):
    def sneeze(scene):
        raise KeyError("sneeze")

    assert told(tmp_path / "run", [sneeze]) == ["  broke KeyError: 'sneeze'"]


def test_long_texts_are_cut(tmp_path):
    (line,) = told(tmp_path / "run", [Type(text="x" * 5000)])
    assert len(line) < 140


AT_A_TERMINAL = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from runs import *
from guiagent.cli.approval import answerer, approver
from guiagent.cli.interrupt import interruptible
from planner.action import Ask, Done

def ready(line):
    if line.event.kind in ("performed", "started"):
        print("step", flush=True)

script = {script}
with interruptible(Control()) as control:
    agent = make(Path({folder!r}), script, listeners=(ready,), control=control, answer=answerer(control),
                 approve=approver({mode!r}, "here", control))
    ending = agent.run("press on")
print(ending.outcome, ending.answer, flush=True)
sys.exit(ending.exit_code)
"""


class Terminal:
    """A program on a real terminal (a pseudo-terminal), as a person sees it."""

    def __init__(self, code, env):
        self.screen = ""
        pid, self.fd = pty.fork()
        if pid == 0:
            os.execve(sys.executable, [sys.executable, "-c", code], env)
        self.pid = pid

    def read_until(self, words, seconds=30.0):
        deadline = time.monotonic() + seconds
        while words not in self.screen:
            assert time.monotonic() < deadline, f"no {words!r} in {self.screen!r}"
            if select.select([self.fd], [], [], 0.2)[0]:
                self.screen += os.read(self.fd, 4096).decode()

    def press(self, keys):
        os.write(self.fd, keys.encode())

    def end(self, seconds=30.0):
        """The exit code; below 0 is a signal."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if select.select([self.fd], [], [], 0.05)[0]:
                try:
                    self.screen += os.read(self.fd, 4096).decode()
                except OSError:  # the other end is closed
                    time.sleep(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)
        return pytest.fail(f"it does not end: {self.screen!r}")


CTRL_C = "\x03"


@pytest.fixture
def at_a_terminal(tmp_path):
    def start(script, mode="auto"):
        code = AT_A_TERMINAL.format(tests=TESTS, folder=str(tmp_path / "run"), script=script, mode=mode)
        return Terminal(code, surroundings(tmp_path))

    return start


def test_ctrl_c_pauses_enter_goes_on(at_a_terminal, tmp_path):
    terminal = at_a_terminal("[Press(keys='a')] * 20")
    terminal.read_until("step")
    terminal.press(CTRL_C)
    terminal.read_until("pausing after this action; Enter goes on")
    time.sleep(0.5)
    done = terminal.screen.count("step")
    time.sleep(0.5)
    assert terminal.screen.count("step") == done
    terminal.press("\n")
    terminal.read_until("solved")
    assert terminal.end() == 0
    assert_complete(tmp_path / "run", "solved", 0)


def test_ctrl_c_again_stops(at_a_terminal, tmp_path):
    terminal = at_a_terminal("[Press(keys='a')] * 500")
    terminal.read_until("step")
    terminal.press(CTRL_C)
    terminal.read_until("pausing")
    terminal.press(CTRL_C)
    terminal.read_until("stopping")
    assert terminal.end() == 130
    assert "Fatal" not in terminal.screen
    assert_complete(tmp_path / "run", "stopped", 130)


def test_ctrl_c_at_a_question_stops(at_a_terminal, tmp_path):
    terminal = at_a_terminal("[Press(keys='a')] * 5", mode="ask")
    terminal.read_until("r refuse and stop:")
    terminal.press(CTRL_C)
    assert terminal.end() == 130
    assert_complete(tmp_path / "run", "stopped", 130)


def test_allow_always_is_asked_once(at_a_terminal, tmp_path):
    terminal = at_a_terminal("[Press(keys='a')] * 3", mode="ask")
    terminal.read_until("r refuse and stop:")
    terminal.press("A\n")
    assert terminal.end() == 0
    assert terminal.screen.count("r refuse and stop:") == 1


def test_a_question_of_the_planner_is_answered_at_the_terminal(at_a_terminal, tmp_path):
    terminal = at_a_terminal("[Ask(question='which name?'), Done()]")
    terminal.read_until("which name?")
    terminal.press("Ada\n")
    assert terminal.end() == 0
    assert '"answer":"Ada"' in (tmp_path / "run" / "events.jsonl").read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_without_a_terminal_one_signal_stops(tmp_path, number):
    script = "[Press(keys='a')] * 500"
    code = AT_A_TERMINAL.format(tests=TESTS, folder=str(tmp_path / "run"), script=script, mode="auto")
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env=surroundings(tmp_path),
    ) as child:  # fmt: skip
        child.stdout.readline()
        child.send_signal(number)
        _, said = child.communicate(timeout=30)
    assert (child.returncode, said.strip()) == (130, "stopping")
    assert_complete(tmp_path / "run", "stopped", 130)
