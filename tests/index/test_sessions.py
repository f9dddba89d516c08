from __future__ import annotations

import gc
import os
import shutil
import weakref
from pathlib import Path

from rag.index.bundled_model import MODEL_FILE, model_folder, tokenizer
from rag.index.sessions import open_session, run_padded


def test_a_model_is_loaded_once_for_all_who_hold_it(model_home: Path, tmp_path: Path) -> None:
    # A copy: other tests hold the model itself.
    (tmp_path / "models").mkdir()
    file = Path(shutil.copy(model_folder(model_home) / MODEL_FILE, tmp_path / "models"))
    (tmp_path / "link").symlink_to(file.parent)
    held = open_session(file)
    assert open_session(tmp_path / "link" / MODEL_FILE) is held
    [output] = [each.name for each in held.get_outputs()]
    [vectors] = run_padded(held, [[0, 5, 2], [0, 2]], [output])
    assert vectors.shape == (2, 384)
    gone = weakref.ref(held)
    del held
    gc.collect()
    assert gone() is None


def test_another_file_in_its_place_is_another_model(model_home: Path, tmp_path: Path) -> None:
    file = Path(shutil.copy(model_folder(model_home) / MODEL_FILE, tmp_path / MODEL_FILE))
    held = open_session(file)
    os.utime(file, (0, 0))
    assert open_session(file) is not held


def test_the_tokenizer_is_read_once_whatever_path_leads_to_it(model_home: Path, tmp_path: Path) -> None:
    folder = model_folder(model_home)
    (tmp_path / "models").symlink_to(folder)
    assert tokenizer(tmp_path / "models") is tokenizer(folder)
