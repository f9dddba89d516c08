"""Fits the weights of ``rag.retrieval.fusion``: ``python -m evals.weigh SQUAD_FILE … [--questions N]``.

For each answerable question, the chunks that either arm found; positive are those that hold the sentence of the answer.
Prints the coefficients to copy, fitted on all files together and on each alone: they should not differ much.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from evals.corpora import open_corpus
from evals.datasets import Dataset
from evals.ranking import holds
from evals.squad import read_squad
from rag.corpus.script import search_key
from rag.index.terms import terms
from rag.retrieval.fusion import COEFFICIENTS, features
from rag.settings import Settings

_DEPTH = 60


def main(files: list[Path], questions: int = 600) -> None:
    """Print a fit on the first ``questions`` answerable questions of each of ``files``."""
    rows = {file.name: _rows(read_squad(file), questions) for file in files}
    for name, part in rows.items():
        print(f"{name}: {_fit(part)}")
    print(f"together: {_fit([row for part in rows.values() for row in part])}")


def _rows(dataset: Dataset, questions: int) -> list[tuple[list[float], bool]]:
    bot = open_corpus(dataset, Settings.load())
    rows = []
    for case in [case for case in dataset.cases if case.answerable][:questions]:
        count = len(set(terms(search_key(case.question))))
        for hit in bot.search(case.question, k=_DEPTH):
            values = features(hit.scores, count)
            rows.append(([values[name] for name in COEFFICIENTS], any(holds(hit, item) for item in case.evidence)))
    return rows


def _fit(rows: list[tuple[list[float], bool]]) -> dict[str, float]:
    import numpy as np
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    model: Any = LogisticRegression(C=1.0, max_iter=1000)
    model.fit(np.array([values for values, _ in rows]), np.array([relevant for _, relevant in rows]))
    fitted = dict(zip(COEFFICIENTS, model.coef_[0], strict=True)) | {"intercept": model.intercept_[0]}
    return {name: round(float(value), 2) for name, value in fitted.items()}


if __name__ == "__main__":
    typer.run(main)
