"""The small real model that the tests of this room run on."""

from __future__ import annotations

from pathlib import Path

import pytest

from guiagent import config
from runtime.engine import LlamaModel
from runtime.errors import ModelError
from runtime.library import Library


@pytest.fixture(scope="session")
def small_model_file() -> Path:
    """SmolLM2-135M, where it is kept or downloaded to."""
    try:
        return Library(folder=config.load().models_dir).resolve("smollm2-135m")
    except ModelError as error:
        pytest.skip(str(error))


@pytest.fixture
def small_model(small_model_file):
    model = LlamaModel(small_model_file, context_tokens=2048)
    yield model
    model.close()
