"""Ways to wait for what applications do, and to skip where there are none."""

import shutil
import time

import pytest

from guiagent.desktop.sandbox import NEEDED
from planner.action import Launch


def need(*programs):
    """Skip, saying what to install, where a program is missing."""
    packages = {**NEEDED, "soffice": "libreoffice-writer libreoffice-gtk3"}
    missing = [packages.get(name, name) for name in programs if not shutil.which(name)]
    if missing:
        pytest.skip(f"install it: sudo apt install {' '.join(missing)}")


def wait_for(ask, seconds=15.0):
    """What `ask` gives once it is true; fails after some time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.05)
    return pytest.fail(f"nothing within {seconds} s")


def focused_text(desktop):
    """The text field that has the focus."""
    tree = desktop.tree()
    return next((n for n in tree.nodes if n.role == "text" and "focused" in n.states), None)


def open_editor(desktop, app="mousepad"):
    """Launch an editor and wait until one can type."""
    desktop.perform(Launch(app=app))
    return wait_for(lambda: focused_text(desktop))
