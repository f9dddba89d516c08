"""Fits the confidence of ``rag.answer.abstention``: ``python -m evals.calibrate [CASES] [--squad FILE …]``.

Positive: the answerable cases, and of SQuAD-shaped files questions whose paragraph is in a corpus of half of them.
Negative: the unanswerable cases; the answerable ones with their place or year changed to one the corpus lacks; and from
the files, questions put to the cases' own corpus, and questions whose paragraph is in the other half. The few cases
written for this purpose weigh more than the many made-up ones. Prints the coefficients to copy, and what of each group
is refused, cross-validated.

The offset of English questions is found by itself, on ``cases/english_confidence.jsonl`` with the coefficients in use:
the one that answers most of the answerable and refuses most of the others.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Annotated

import typer

from evals.cli import CASES
from evals.corpora import open_corpus
from evals.datasets import Case, Dataset, read_cases
from evals.squad import read_squad
from rag.answer.abstention import COEFFICIENTS, INTERCEPT, READ_COEFFICIENTS, features
from rag.answer.question import analyse
from rag.chatbot import Chatbot
from rag.retrieval.followup import complete
from rag.settings import Settings

_OTHER_PLACES = ("宁波", "杭州", "绍兴", "成都", "太原", "泉州")
_OTHER_YEAR = "2027"
_WEIGHTS = {
    "answerable": 3.0,
    "unanswerable": 6.0,
    "other place": 0.4,
    "other year": 1.0,
    "other subject": 0.2,
    "paragraph there": 0.3,
    "paragraph left out": 0.3,
}
_READ_WEIGHTS = _WEIGHTS | {"other subject": 3.0}  # the reader was trained on none, and errs there
_NEGATIVE = set(_WEIGHTS) - {"answerable", "paragraph there"}
_FOREIGN_SAMPLE = 60
_PARAGRAPHS_SAMPLE = 300
_SCALED = {"similarity": 10, "dense": 10}  # so that all coefficients are of one size, which the regulariser assumes
_HELD_OUT = {"english"}
_LEVELS = (0.2, 0.3, 0.4, 0.5, 0.6)
_ENGLISH = CASES.with_name("english_confidence.jsonl")


@dataclass(frozen=True, slots=True)
class Example:
    """A question, and the group it belongs to."""

    question: str
    group: str


def main(
    cases: Annotated[Path, typer.Argument()] = CASES, squad: Annotated[list[Path] | None, typer.Option()] = None
) -> None:
    """Print fits on ``cases`` and on samples of the questions in ``squad``: without the reader, and with it."""
    for reader in (False, True):
        settings = Settings.load(reader=reader)
        bot, dice, files = Chatbot(settings), random.Random(0), squad or []
        rows = _rows(bot, [*_examples(read_cases(cases), dice), *_foreign(files, dice)])
        for file in files:
            rows += _paragraphs(read_squad(file, unread=reader), settings, dice)
        print("with the reader" if reader else "without the reader")
        rows = [row for row in rows if ("certainty" in row[1]) is reader]  # comparisons are not read
        _tell(rows, READ_COEFFICIENTS if reader else COEFFICIENTS)
        if not reader:  # it reads no English
            print(f"english: {_english_offset(bot):.2f}")


def _tell(rows: Sequence[tuple[str, dict[str, float]]], coefficients: Mapping[str, float]) -> None:
    """Print the coefficients fitted on ``rows``, and what of each group they refuse."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
    from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]
    from sklearn.model_selection import StratifiedKFold, cross_val_predict  # type: ignore[import-untyped]

    names = [name for name in coefficients if name not in _HELD_OUT]
    x = np.array([[values[name] * _SCALED.get(name, 1) for name in names] for _, values in rows])
    y = np.array([group not in _NEGATIVE for group, _ in rows])
    weighed = _READ_WEIGHTS if "certainty" in coefficients else _WEIGHTS
    weights = np.array([weighed[group] for group, _ in rows])
    model = LogisticRegression(C=3, max_iter=1000)
    folds = StratifiedKFold(10, shuffle=True, random_state=0)
    likely = cross_val_predict(model, x, y, cv=folds, method="predict_proba", params={"sample_weight": weights})[:, 1]
    model.fit(x, y, sample_weight=weights)
    fitted = dict(zip(names, model.coef_[0], strict=True)) | {"intercept": model.intercept_[0]}
    print({name: round(float(value * _SCALED.get(name, 1)), 2) for name, value in fitted.items()})
    print(f"AUC, 10-fold: {roc_auc_score(y, likely):.3f}")
    for group in _WEIGHTS:
        inside = np.array([group == each for each, _ in rows])
        if inside.any():
            shares = ", ".join(f"{(likely[inside] < level).mean():.2f} at {level}" for level in _LEVELS)
            print(f"{group}: {inside.sum()} questions, refused {shares}")


def _rows(bot: Chatbot, examples: Iterable[Example]) -> list[tuple[str, dict[str, float]]]:
    return [(example.group, values) for example in examples if (values := _features(bot, example.question))]


def _paragraphs(dataset: Dataset, settings: Settings, dice: random.Random) -> list[tuple[str, dict[str, float]]]:
    bot = open_corpus(dataset, settings)
    examples = []
    for answerable, group in ((True, "paragraph there"), (False, "paragraph left out")):
        some = [case.question for case in dataset.cases if case.answerable is answerable]
        examples += [Example(question, group) for question in dice.sample(some, min(_PARAGRAPHS_SAMPLE, len(some)))]
    return _rows(bot, examples)


def _english_offset(bot: Chatbot) -> float:
    """The offset with the largest sum of the share answered and the share rightly refused, in steps of a quarter."""
    logits: dict[bool, list[float]] = {True: [], False: []}
    for case in read_cases(_ENGLISH):
        values = _features(bot, case.question)
        if values:
            rest = sum(weight * values[name] for name, weight in COEFFICIENTS.items() if name not in _HELD_OUT)
            logits[case.answerable].append(INTERCEPT + rest)

    def gain(offset: float) -> float:
        answered = fmean(logit + offset > 0 for logit in logits[True])
        return answered + fmean(logit + offset <= 0 for logit in logits[False])

    return max((step / 4 for step in range(33)), key=gain)


def _examples(cases: list[Case], dice: random.Random) -> Iterator[Example]:
    for case in cases:
        question = complete(case.question, case.history)
        yield Example(question, "answerable" if case.answerable else "unanswerable")
        if not case.answerable or case.type == "compare":
            continue
        for place in analyse(question).places[:1]:
            yield Example(analyse(question).key.replace(place, dice.choice(_OTHER_PLACES)), "other place")
        if re.search(r"20[12]\d", question):
            yield Example(re.sub(r"20[12]\d", _OTHER_YEAR, question), "other year")


def _foreign(files: list[Path], dice: random.Random) -> Iterator[Example]:
    asked: list[str] = []
    for file in files:
        articles = json.loads(file.read_text(encoding="utf-8"))["data"]
        asked += [each["question"] for a in articles for p in a["paragraphs"] for each in p["qas"]]
    for question in dice.sample(asked, min(_FOREIGN_SAMPLE, len(asked))):
        yield Example(question, "other subject")


def _features(bot: Chatbot, question: str) -> dict[str, float] | None:
    asked = analyse(question)
    _, ranked = bot.answerer.rank(asked, bot.retriever.retrieve(question, 16))
    return features(asked, ranked) if ranked else None


if __name__ == "__main__":
    typer.run(main)
