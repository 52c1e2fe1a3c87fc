"""The desktops, the loop, the record, and the ways in."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
