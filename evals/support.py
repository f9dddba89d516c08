"""How well the support check tells true sentences from false: ``python -m evals.support [FILE]``.

Runs the contrast suite (JSON Lines: id, split, kind, passage, sentence, supported) and prints, for the development and
the held-out part and for each kind, how many false sentences were called supported and how many true ones were not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer

from evals.results import Estimate
from rag.answer.grounding import SupportChecker
from rag.answer.prepared import Evidence
from rag.errors import DocumentError
from rag.index.embeddings import create_embeddings
from rag.schema import Verdict
from rag.settings import Settings

CONTRAST = Path(__file__).parent / "cases" / "support_contrast.jsonl"
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence, what it is to be checked against, and whether that supports it."""

    id: str
    split: str
    kind: str
    evidence: Evidence
    sentence: str
    supported: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the check said of a pair."""

    pair: Pair
    verdict: Verdict


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a suite; ``DocumentError`` names the line that is none."""
    pairs = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise DocumentError(f"cannot read {path}: {error.strerror}. Name a suite in JSON Lines.") from error
    for number, line in enumerate(lines, start=1):
        try:
            row: dict[str, Any] = json.loads(line)
            evidence = Evidence(**row.pop("passage"))
            pairs.append(Pair(evidence=evidence, **row))
        except (ValueError, TypeError, KeyError) as error:
            raise DocumentError(
                f"{path}, line {number} is no pair: {error}. It needs what evals/support.py names."
            ) from error
    return pairs


def outcomes(pairs: Sequence[Pair], checker: SupportChecker) -> list[Outcome]:
    """The verdict on each pair, each sentence beside its own passage alone."""
    return [Outcome(pair, checker.check(pair.sentence, [pair.evidence]).verdict) for pair in pairs]


def false_support(results: Iterable[Outcome]) -> Estimate:
    """The share of false sentences that were called supported."""
    return rate([each.verdict == "supported" for each in results if not each.pair.supported])


def false_reject(results: Iterable[Outcome], *, partly: bool = True) -> Estimate:
    """The share of true sentences that were not called supported; without ``partly``, that were called unsupported."""
    wrong = ("partly", "unsupported") if partly else ("unsupported",)
    return rate([each.verdict in wrong for each in results if each.pair.supported])


def rate(happened: Sequence[bool]) -> Estimate:
    """A proportion with its Wilson score interval (E. B. Wilson, JASA 22, 1927), which has a width also at 0."""
    n = len(happened)
    if not n:
        return Estimate(None, None, None, 0)
    share = sum(happened) / n
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half), n)


def report(results: Sequence[Outcome]) -> str:
    """A table a part: all kinds together, then each kind."""
    lines = []
    for split in dict.fromkeys(each.pair.split for each in results):
        part = [each for each in results if each.pair.split == split]
        lines += [
            f"{split}: {len(part)} pairs",
            f"{'':14}  {'false support':24}  {'false reject':24}  called unsupported",
        ]
        kinds = sorted({each.pair.kind for each in part})
        lines.append(_line("all", part))
        lines += [_line(kind, [each for each in part if each.pair.kind == kind]) for kind in kinds]
        lines.append("")
    return "\n".join(lines)


def _line(name: str, results: Sequence[Outcome]) -> str:
    cells = [_cell(false_support(results)), _cell(false_reject(results)), _cell(false_reject(results, partly=False))]
    return f"{name:14}  " + "  ".join(f"{cell:24}" for cell in cells).rstrip()


def _cell(estimate: Estimate) -> str:
    if estimate.mean is None:
        return "-"
    return f"{estimate.mean:.3f} ({estimate.low:.3f}-{estimate.high:.3f}) of {estimate.n}"


def main(file: Annotated[Path, typer.Argument()] = CONTRAST) -> None:
    """Print the rates on the suite in FILE, and the time a sentence takes."""
    pairs = read_pairs(file)
    settings = Settings.load()
    checker = SupportChecker(create_embeddings(settings.embedding_model, home=settings.state))
    outcomes(pairs, checker)  # the model is loaded and the passages are read once, as in use
    start = perf_counter()
    results = outcomes(pairs, checker)
    typer.echo(report(results))
    typer.echo(f"{(perf_counter() - start) * 1000 / max(len(pairs), 1):.1f} ms a sentence")


if __name__ == "__main__":
    typer.run(main)
