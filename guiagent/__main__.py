"""`python -m guiagent` is the command `guiagent`."""

from __future__ import annotations

import sys

from guiagent.cli import main

if __name__ == "__main__":
    sys.exit(main())
