"""Where models and caches are kept if nobody says otherwise."""

from __future__ import annotations

from pathlib import Path

import platformdirs


def models_folder() -> Path:
    """The user's folder of model files."""
    return platformdirs.user_data_path("guiagent") / "models"


def cache_folder() -> Path:
    """The user's folder for what can be made again."""
    return platformdirs.user_cache_path("guiagent")
