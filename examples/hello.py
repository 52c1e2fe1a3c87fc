"""One instruction on a desktop of its own, and how it ended. Another model: python hello.py smollm2-135m"""

import sys
from pathlib import Path

from grounding.eyes import Eyes
from grounding.find import Finder
from guiagent import __version__, assemble, config
from guiagent.agent import Agent
from guiagent.desktop.sandbox import Sandbox
from guiagent.record import Record, RunInfo, new_folder
from planner.hierarchical import HierarchicalPlanner

task = 'Write "hello" in the text editor and save it as hello.txt.'
folder = new_folder(Path("runs"), task)
record = Record(folder, RunInfo(id=folder.name, task=task, started="", guiagent=__version__))
model = assemble.load_model(config.load({"model": sys.argv[1] if len(sys.argv) > 1 else None}))
with Sandbox() as desktop:
    ending = Agent(desktop, HierarchicalPlanner(model, Finder()), Eyes(), record).run(task)
print(f"{ending.outcome} {ending.reason}\nsee: guiagent trace {folder}")
