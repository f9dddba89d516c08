"""The short form of ``python -m tests.corpus.formats.fuzz``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.corpus.formats.fuzz import make_input, outcome, run
from tests.corpus.formats.goldens import GOLDENS


@pytest.fixture(scope="module", autouse=True)
def without_ocr() -> Iterator[None]:
    """What is fuzzed are the loaders; recognising a page takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "rapidocr_onnxruntime", None)
        yield


@pytest.mark.parametrize("kind", GOLDENS)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**9))
def test_a_mutated_file_is_text_or_refused(kind: str, seed: int) -> None:
    assert outcome(*make_input(kind, seed)) in ("text", "refused")


@pytest.mark.parametrize("kind", ["docx", "html", "mht", "epub", "xlsx", "xls", "ods", "csv", "pptx", "pdf"])
@settings(max_examples=30, deadline=None)
@given(data=st.binary(max_size=300))
@example(data=b"PK\x03\x04")
@example(data=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
def test_any_bytes_are_text_or_refused(kind: str, data: bytes) -> None:
    assert outcome(data, f"a.{kind}") in ("text", "refused")


def test_the_long_form_counts() -> None:
    tally = run("csv", 20)
    assert (sum(tally.counts.values()), tally.failures) == (20, [])
