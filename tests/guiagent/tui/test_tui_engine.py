"""The engine is killed in the middle of a run: the UI stays alive, and the run goes on with the engine's successor."""

from __future__ import annotations

import os
import signal
import threading

import pytest
from shown import Shown, at_home, sit

from guiagent import assemble, config
from guiagent.desktop.fake import FakeDesktop
from guiagent.tui.composer import Composer
from guiagent.tui.work import Parts
from planner.action import Done, Wait
from planner.planner import Move
from runtime.errors import ModelError
from runtime.library import Library
from runtime.model import Message

SMALL = "smollm2-135m"
LONG = "word " * 200


class Asks(Shown):
    """A planner that asks its model before each action, and says when it does."""

    def __init__(self, model):
        super().__init__()
        self.model, self.asks = model, threading.Event()

    def _moves(self):
        self.model.complete((Message(role="user", text="Say hello."),), max_tokens=1)
        yield Move(action=Wait(seconds=0.05))
        self.asks.set()
        said = self.model.complete((Message(role="user", text=LONG),), max_tokens=4)
        yield Move(action=Wait(seconds=0.05))
        yield Move(action=Done(answer=f"it wrote {said.usage.tokens_generated} tokens"))


@pytest.mark.model
def test_the_engine_is_killed_and_comes_back(tmp_path, monkeypatch):
    try:
        path = Library(folder=config.load().models_dir).resolve(SMALL)
    except ModelError as error:
        pytest.skip(str(error))
    at_home(tmp_path, monkeypatch)
    made = []

    def planner(model, *given, **more):
        made.append(Asks(model))
        return made[0]

    async def steer(see):
        await see.write("write it")
        await see.press("enter")
        await see.until(lambda: made and made[0].asks.is_set(), seconds=120)
        os.kill(made[0].model.pid, signal.SIGKILL)
        await see.press("i")
        await see.write("still here")
        assert see.work.query_one(Composer).text == "still here"
        await see.until(lambda: see.sees("done: it wrote"), seconds=120)
        assert made[0].model.starts == 2

    parts = Parts(
        check=lambda settings: None, desktop=lambda settings: FakeDesktop(), model=assemble.load_model, planner=planner
    )
    app = sit(steer, parts=parts, overrides={"ask": "auto", "model": str(path), "memory": False, "process": "child"})
    assert app.work_screen.state.outcome == "solved"
