"""A sandbox for the tests that need one."""

import pytest
from waiting import need

from guiagent.desktop.sandbox import NEEDED, Sandbox


@pytest.fixture
def sandbox():
    need(*NEEDED, "mousepad")
    with Sandbox() as desktop:
        yield desktop
