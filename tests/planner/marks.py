"""How a test says that it shows a fault which is known and not yet mended."""

import pytest


def fault(what: str) -> pytest.MarkDecorator:
    """The test fails for this reason today. When it passes the mark is in the way: take it off."""
    return pytest.mark.xfail(strict=True, reason=what)
