"""Numbers in labels: written with their thousands, and with the form of the word that fits them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import astuple

import pytest

from ui import printing, words
from ui.chat import words as chat
from ui.conversations import words as conversations
from ui.evaluation import words as evaluation
from ui.library import words as library
from ui.reader import words as reader
from ui.settings import words as settings
from ui.signin import words as signin
from ui.words import Count

ENGLISH = (
    *(words.EN, chat.EN, conversations.EN, evaluation.EN, library.EN, reader.EN, settings.EN),
    *(signin.EN, printing.EN),
)
COUNTS = "cases|characters|chunks|count|documents|done|failed|megabytes|number|total|turns"
FIXED = re.compile(rf"\{{(?:{COUNTS})\}} (?:more )?(?:[a-z]+s|have|are)\b")


def labels(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from value.values()


@pytest.mark.parametrize(("number", "written"), [(0, "0 cases"), (1, "1 case"), (2, "2 cases"), (1200, "1,200 cases")])
def test_a_word_has_the_form_that_fits_its_number(number: int, written: str) -> None:
    assert "{n} {n:case|cases}".format(n=Count(number)) == written


def test_no_english_label_has_the_same_form_for_every_number() -> None:
    every = [label for each in ENGLISH for value in astuple(each) for label in labels(value)]
    assert [label for label in every if FIXED.search(label)] == []
    assert any("|" in label for label in every)


@pytest.mark.parametrize(
    ("label", "one", "many"),
    [
        (words.EN.corpus, "1 document · 1 passage", "2 documents · 2 passages"),
        (chat.EN.reading, "1 passage found, checking…", "2 passages found, checking…"),
        (library.EN.states["embedding"], "Indexing: 1 of 1 passage", "Indexing: 2 of 2 passages"),
        (evaluation.EN.of_cases, "1 case", "2 cases"),
        (evaluation.EN.facts, "1 case · 1 document · 1 failed", "2 cases · 2 documents · 2 failed"),
        (evaluation.EN.counted, "1 of 1 case", "2 of 2 cases"),
        (evaluation.EN.more_failures, "1 more is in the full report.", "2 more are in the full report."),
        (
            evaluation.EN.feedback_written,
            "1 case written. Choose it under Cases.",
            "2 cases written. Choose them under Cases.",
        ),
    ],
)
def test_labels_with_one_and_with_many(label: str, one: str, many: str) -> None:
    names = re.findall(r"\{(\w+)[}:]", label)
    assert [label.format(**dict.fromkeys(names, Count(number))) for number in (1, 2)] == [one, many]
