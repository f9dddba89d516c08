from __future__ import annotations

from pathlib import Path

import pytest

from rag.corpus.sidecar import read_sidecar
from rag.errors import ConfigurationError


def test_a_folder_without_sidecar_has_no_entries(tmp_path: Path) -> None:
    assert read_sidecar(tmp_path) == {}


def test_entries_by_file_name_with_dates_left_as_text(tmp_path: Path) -> None:
    (tmp_path / "metadata.yaml").write_text(
        "通知.txt:\n  title: 某通知\n  issued: 2018-06-20\nb.md: {skip: true}\n2020.txt: {region: 苏州}\n",
        encoding="utf-8",
    )
    assert read_sidecar(tmp_path) == {
        "通知.txt": {"title": "某通知", "issued": "2018-06-20"},
        "b.md": {"skip": True},
        "2020.txt": {"region": "苏州"},
    }


def test_an_empty_sidecar_has_no_entries(tmp_path: Path) -> None:
    (tmp_path / "metadata.yaml").write_text("# nothing yet\n", encoding="utf-8")
    assert read_sidecar(tmp_path) == {}


@pytest.mark.parametrize(
    "text", ["a.txt: [", "- a.txt", "a.txt: title", "a.txt:", "\tx: 1", "a.txt: !!python/name:os.system {}"]
)
def test_a_sidecar_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "metadata.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"metadata\.yaml"):
        read_sidecar(tmp_path)


def test_a_sidecar_that_is_no_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "metadata.yaml").write_bytes("办法.txt: {title: 办法}".encode("gb18030"))
    with pytest.raises(ConfigurationError, match=r"metadata\.yaml"):
        read_sidecar(tmp_path)
