from __future__ import annotations

from pathlib import Path

import pytest

from rag.index.bundled_model import ensure_model, model_folder


@pytest.fixture(scope="session")
def model_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the bundled model is built."""
    home = tmp_path_factory.mktemp("model_home")
    ensure_model(model_folder(home))
    return home
