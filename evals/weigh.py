"""Fits how passages are scored: ``python -m evals.weigh SQUAD_FILE … [--questions N]``.

Of ``rag.retrieval.fusion``: for each answerable question the chunks that either arm found; positive are those that hold
the sentence of the answer. Of ``rag.retrieval.reading``: the first passages as the reader reads them, for questions on
articles that it was not trained on. Prints the coefficients to copy, fitted on all files together and on each alone:
they should not differ much.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from evals.corpora import open_corpus
from evals.datasets import Dataset
from evals.ranking import holds
from evals.squad import read_squad
from rag.corpus.script import search_key
from rag.index.terms import terms
from rag.retrieval import reading
from rag.retrieval.fusion import COEFFICIENTS, features
from rag.retrieval.rerank import BEFORE
from rag.schema import Hit
from rag.settings import Settings

_DEPTH = 60
Row = tuple[list[float], bool]


def main(files: list[Path], questions: int = 600) -> None:
    """Print fits on the first ``questions`` answerable questions of each of ``files``."""
    _tell("arms", COEFFICIENTS, {file.name: list(_of_arms(read_squad(file), questions)) for file in files})
    unread = {file.name: list(_of_reader(read_squad(file, unread=True), questions)) for file in files}
    _tell("reader", reading.COEFFICIENTS, unread)


def _of_arms(dataset: Dataset, questions: int) -> Iterator[Row]:
    for question, hit, relevant in _found(dataset, questions, Settings.load(reader=False), depth=_DEPTH):
        values = features(hit.scores, len(set(terms(search_key(question)))))
        yield [values[name] for name in COEFFICIENTS], relevant


def _of_reader(dataset: Dataset, questions: int) -> Iterator[Row]:
    settings = Settings.load(reader=True)
    for _, hit, relevant in _found(dataset, questions, settings, depth=settings.reader_passages):
        if reading.ARM in hit.scores:
            values = reading.features(hit.scores[BEFORE], hit.scores[reading.ARM])
            yield [values[name] for name in reading.COEFFICIENTS], relevant


def _found(dataset: Dataset, questions: int, settings: Settings, *, depth: int) -> Iterator[tuple[str, Hit, bool]]:
    bot = open_corpus(dataset, settings)
    for case in [case for case in dataset.cases if case.answerable][:questions]:
        for hit in bot.search(case.question, k=depth):
            yield case.question, hit, any(holds(hit, item) for item in case.evidence)


def _tell(what: str, names: Mapping[str, float], rows: Mapping[str, Sequence[Row]]) -> None:
    for name, part in rows.items():
        print(f"{what}, {name}: {_fit(names, part)}")
    print(f"{what}, together: {_fit(names, [row for part in rows.values() for row in part])}")


def _fit(names: Mapping[str, float], rows: Sequence[Row]) -> dict[str, float]:
    import numpy as np
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    model: Any = LogisticRegression(C=1.0, max_iter=1000)
    model.fit(np.array([values for values, _ in rows]), np.array([relevant for _, relevant in rows]))
    fitted = dict(zip(names, model.coef_[0], strict=True)) | {"intercept": model.intercept_[0]}
    return {name: round(float(value), 2) for name, value in fitted.items()}


if __name__ == "__main__":
    typer.run(main)
