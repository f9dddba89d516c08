"""Compares readers by their marks: ``python -m rag.reader.compare FILE …``, files as training writes them.

The first is what the others are compared with, question by question. Intervals are of 95 %, from 1,000 samples of the
articles (of written lines, the passages) with replacement: what another choice of articles would have given, not what
another run of training would.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.errors import ConfigurationError
from rag.reader.judging import Mark, read_marks

Weights = npt.NDArray[np.float64]  # how often each mark is counted
_SAMPLES = 1000
_MEANS = ("em", "f1")
_SEED = 0


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Compare readers by their marks.")
    parser.add_argument("marks", type=Path, nargs="+", help="files of marks; the others are compared with the first")
    files = parser.parse_args(arguments).marks
    runs = [read_marks(file) for file in files]
    for line in compared([str(file) for file in files], runs):
        sys.stdout.write(f"{line}\n")


def compared(names: Sequence[str], runs: Sequence[Sequence[Mark]]) -> Iterator[str]:
    """A table of the runs with their intervals, and one of their differences from the first, as lines of Markdown.

    Raises:
        ConfigurationError: the runs were not judged on the same questions.
    """
    for name, run in zip(names, runs, strict=True):
        if [mark[:3] for mark in run] != [mark[:3] for mark in runs[0]]:
            raise ConfigurationError(f"{name} was judged on other questions than {names[0]}. Judge both on the same.")
    samples = _samples(runs[0])
    found = [{kind: _sampled(measure, samples) for kind, measure in _measures(run).items()} for run in runs]
    heading = f"| | {' | '.join(found[0])} |\n|{'---|' * (len(found[0]) + 1)}"
    yield heading
    for name, values in zip(names, found, strict=True):
        yield f"| {name} | {' | '.join(_cell(each, '.3f') for each in values.values())} |"
    if len(runs) > 1:
        yield f"\n{heading}"
    for name, values in list(zip(names, found, strict=True))[1:]:
        differences = [each - first for each, first in zip(values.values(), found[0].values(), strict=True)]
        yield f"| {name} | {' | '.join(_cell(each, '+.3f') for each in differences)} |"


def _measures(marks: Sequence[Mark]) -> dict[str, Callable[[Weights], float]]:
    """Of all files together the means, and for each kind of wrong passage the AUC of right passages over them."""
    values = np.array([mark.value for mark in marks])
    kinds, files = np.array([mark.kind for mark in marks]), np.array([mark.file for mark in marks])
    measures: dict[str, Callable[[Weights], float]] = {}
    for kind in dict.fromkeys(kinds.tolist()):
        these = kinds == kind
        if kind in _MEANS:
            measures[kind] = _mean(values, these)
        elif kind != "answer":
            right = (kinds == "answer") & np.isin(files, files[these])
            measures[f"auc {kind}"] = _auc(values, right, these)
    return measures


def _mean(values: Weights, these: npt.NDArray[np.bool_]) -> Callable[[Weights], float]:
    return lambda weights: _ratio(float(weights[these] @ values[these]), float(weights[these].sum()))


def _auc(values: Weights, right: npt.NDArray[np.bool_], wrong: npt.NDArray[np.bool_]) -> Callable[[Weights], float]:
    above = np.sign(values[right][:, None] - values[wrong][None, :]) / 2 + 0.5  # a tie counts half

    def measure(weights: Weights) -> float:
        total = float(weights[right].sum() * weights[wrong].sum())
        return _ratio(float(weights[right] @ above @ weights[wrong]), total)

    return measure


def _ratio(value: float, of: float) -> float:
    return value / of if of else np.nan  # a sample may hold nothing of a kind


def _samples(marks: Sequence[Mark]) -> list[Weights]:
    """Weights of the marks: all once, then for each sample as often as what they are about was drawn."""
    groups = {about: index for index, about in enumerate(dict.fromkeys((mark.file, mark.about) for mark in marks))}
    group = np.array([groups[mark.file, mark.about] for mark in marks])
    rng = np.random.default_rng(_SEED)
    drawn = [np.bincount(rng.integers(len(groups), size=len(groups)), minlength=len(groups)) for _ in range(_SAMPLES)]
    return [np.ones(len(marks)), *(counts[group].astype(np.float64) for counts in drawn)]


def _sampled(measure: Callable[[Weights], float], samples: Sequence[Weights]) -> Weights:
    return np.array([measure(weights) for weights in samples])


def _cell(sampled: Weights, form: str) -> str:
    low, high = np.nanquantile(sampled[1:], [0.025, 0.975])
    return f"{sampled[0]:{form}} ({low:{form}} to {high:{form}})"


if __name__ == "__main__":
    main()
