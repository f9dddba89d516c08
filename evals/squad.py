"""SQuAD-shaped files (SQuAD, DRCD, CMRC 2018) as a corpus of their own: every paragraph is a document.

Half of the paragraphs are left out, drawn by a seed; questions about them have no answer in the corpus and must be
refused. The evidence of the others is the sentence their answer is in.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from evals.corpora import file_names
from evals.datasets import Case, Dataset, Evidence, complain, read_text, require_unique
from evals.questions import script_of
from rag.corpus.sentences import sentence_spans
from rag.errors import ConfigurationError
from rag.reader.data import held_out


@dataclass(frozen=True, slots=True)
class _Given:
    text: str
    answer_start: int = -1


@dataclass(frozen=True, slots=True)
class _Question:
    id: str | int
    question: str
    answers: tuple[_Given, ...] = ()
    is_impossible: bool = False


@dataclass(frozen=True, slots=True)
class _Paragraph:
    context: str
    qas: tuple[_Question, ...]
    id: str | int = ""


@dataclass(frozen=True, slots=True)
class _Article:
    paragraphs: tuple[_Paragraph, ...]
    title: str = ""
    id: str | int = ""


@dataclass(frozen=True, slots=True)
class _File:
    data: tuple[_Article, ...]


def read_squad(path: Path, *, seed: int = 0, unread: bool = False) -> Dataset:
    """The questions of ``path`` in their order, and the paragraphs that ``seed`` leaves in.

    With ``unread`` only the questions on articles that the reader was not trained on, in the same corpus.

    Raises:
        ConfigurationError: not readable or not SQuAD-shaped; the message names the field. A question has no answer and
            is not marked ``is_impossible``.
    """
    try:
        articles = _shape().validate_json(read_text(path)).data
    except ValidationError as error:
        raise complain(path.name, error) from error
    paragraphs = [paragraph for article in articles for paragraph in article.paragraphs if paragraph.context.strip()]
    contexts = list(dict.fromkeys(paragraph.context for paragraph in paragraphs))
    left_out = set(random.Random(seed).sample(range(len(contexts)), len(contexts) // 2))
    ids = {paragraph.context: str(paragraph.id) for paragraph in paragraphs}
    names = file_names([ids[context] or f"paragraph-{number}" for number, context in enumerate(contexts, 1)])
    kept = {context: names[number] for number, context in enumerate(contexts) if number not in left_out}
    unseen = {
        p.context for article in articles if held_out(article.title or str(article.id)) for p in article.paragraphs
    }
    cases = require_unique(
        _case(each, p, kept, path) for p in paragraphs if not unread or p.context in unseen for each in p.qas
    )
    if not cases:
        raise ConfigurationError(f"{path} holds no question. A SQuAD-shaped file has data[].paragraphs[].qas[].")
    return Dataset(path.name, tuple(cases), {name: context for context, name in kept.items()})


def _case(asked: _Question, paragraph: _Paragraph, kept: Mapping[str, str], path: Path) -> Case:
    where = f"{path.name}, question {asked.id!r}"
    answers = list(dict.fromkeys(given.text.strip() for given in asked.answers if given.text.strip()))
    if not answers and not asked.is_impossible:
        raise ConfigurationError(f"{where}: field 'answers' is empty. Add an answer, or mark it is_impossible.")
    common: dict[str, Any] = {"id": str(asked.id), "question": asked.question, "script": script_of(asked.question)}
    source = kept.get(paragraph.context)
    if source is None or asked.is_impossible:
        return Case(**common, type="unanswerable", answerable=False, where=where)
    key = "|".join(answer.replace("|", "｜") for answer in answers)  # the same by key: NFKC makes ｜ a | again
    quotes = dict.fromkeys(_quotes(paragraph.context, asked.answers))
    return Case(
        **common,
        type="fact",
        answerable=True,
        answer=answers[0],
        answer_keys=(key,),
        evidence=(Evidence(source, next(iter(quotes), paragraph.context)),),
        where=where,
    )


def _quotes(context: str, answers: tuple[_Given, ...]) -> Iterator[str]:
    """The sentences an answer is in; an offset that is wrong, as some of CMRC's are, is searched for."""
    for answer in answers:
        text = answer.text.strip()
        start = answer.answer_start
        if start < 0 or context[start : start + len(text)] != text:
            start = context.find(text)
        if text and start >= 0:
            inside = [(a, b) for a, b in sentence_spans(context) if a < start + len(text) and b > start]
            yield context[inside[0][0] : inside[-1][1]]


@cache
def _shape() -> TypeAdapter[_File]:
    return TypeAdapter(_File)
