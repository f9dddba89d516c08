"""How well a model's sentences are enforced: ``python -m evals.statements [FILE]``.

Each line of the suite is a question, the passages that a scripted model is given, and the sentences that it writes:
true ones, cited rightly (``true``), wrongly (``miscited``) or not at all (``uncited``), and false ones, changed
(``altered``) or made up (``invented``). They pass through the parts that check a real model's words, in small pieces.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer

from evals.support import rate
from rag.answer.assembly import Block
from rag.answer.enforcement import Enforcement, Rules
from rag.answer.grounding import SupportChecker
from rag.answer.markers import Said, SentenceStream
from rag.answer.question import analyse
from rag.errors import DocumentError
from rag.index.embeddings import create_embeddings
from rag.retrieval.hybrid import Passage
from rag.schema import Chunk, Hit, Metadata, Verdict
from rag.settings import Settings

STATEMENTS = Path(__file__).parent / "cases" / "llm_statements.jsonl"
_DELTA = 5


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence with its marks as a model writes it, and whether the passages say so."""

    kind: str
    text: str
    true: bool


@dataclass(frozen=True, slots=True)
class Script:
    """What a scripted model is asked, given, and says."""

    id: str
    question: str
    blocks: tuple[Block, ...]
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What became of a statement; the verdict of one that is not shown is ``None``."""

    script: str
    statement: Statement
    verdict: Verdict | None
    milliseconds: float


def read_scripts(path: Path = STATEMENTS) -> list[Script]:
    """The scripts of a suite; ``DocumentError`` names the line that is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise DocumentError(f"cannot read {path}: {error.strerror}. Name a suite in JSON Lines.") from error
    scripts = []
    for number, line in enumerate(lines, start=1):
        try:
            row: dict[str, Any] = json.loads(line)
            blocks = tuple(_block(index, **each) for index, each in enumerate(row["passages"], start=1))
            statements = tuple(Statement(**each) for each in row["statements"])
            scripts.append(Script(row["id"], row["question"], blocks, statements))
        except (ValueError, TypeError, KeyError) as error:
            raise DocumentError(f"{path}, line {number} is no script: {error}. See evals/statements.py.") from error
    return scripts


def play(script: Script, checker: SupportChecker) -> list[Shown]:
    """What becomes of each statement of ``script``, each an answer of its own beside all passages."""
    return [_judged(script, statement, checker) for statement in script.statements]


def _judged(script: Script, statement: Statement, checker: SupportChecker) -> Shown:
    start = perf_counter()
    originals = {block.passages[0].chunk.source: block.text for block in script.blocks}
    rules = Rules(script.question, analyse(script.question).script)
    enforcement = Enforcement(script.blocks, checker, originals.__getitem__, rules=rules)
    said = list(_said(SentenceStream({block.number for block in script.blocks}), statement.text))
    for each in said:
        list(enforcement.add(each))
    milliseconds = (perf_counter() - start) * 1000
    verdicts = [sentence.verdict for sentence in enforcement.sentences]
    verdict = min(verdicts, key=_RANK.index) if len(verdicts) == len(said) else None
    return Shown(script.id, statement, verdict, milliseconds)


def _said(stream: SentenceStream, text: str) -> Iterator[Said]:
    for start in range(0, len(text), _DELTA):
        yield from stream.feed(text[start : start + _DELTA])
    yield from stream.finish()


_RANK: Sequence[Verdict] = ("unsupported", "partly", "supported")


def precision(results: Iterable[Shown]) -> float | None:
    """Of the sentences shown as supported, the share that are true; ``None`` without any."""
    true = [each.statement.true for each in results if each.verdict == "supported"]
    return rate(true).mean


def recall(results: Iterable[Shown]) -> float | None:
    """Of the true sentences, the share that are shown as supported; ``None`` without any."""
    shown = [each.verdict == "supported" for each in results if each.statement.true]
    return rate(shown).mean


def report(results: Sequence[Shown]) -> str:
    """Both figures, a line a kind, and every sentence that was judged wrongly."""
    lines = [f"{len(results)} statements: precision {_share(precision(results))}, recall {_share(recall(results))}"]
    for kind in sorted({each.statement.kind for each in results}):
        part = [each.verdict for each in results if each.statement.kind == kind]
        counts = ", ".join(f"{part.count(verdict)} {verdict or 'not shown'}" for verdict in (*reversed(_RANK), None))
        lines.append(f"{kind:9} {len(part):3}: {counts}")
    lines += [
        f"  {each.script} {each.statement.kind}, {each.verdict or 'not shown'}: {each.statement.text}"
        for each in results
        if (each.verdict == "supported") != each.statement.true
    ]
    times = sorted(each.milliseconds for each in results)
    lines.append(f"{sum(times) / max(len(times), 1):.1f} ms a sentence, at most {max(times, default=0):.1f}")
    return "\n".join(lines)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _block(
    number: int, *, text: str, title: str, section: str = "", region: str | None = None, issued: str | None = None
) -> Block:
    source = f"{number}.txt"
    chunk = Chunk(source, source, 0, None, (section,), text, 0, len(text))
    hit = Hit(text, 1.0, source, title, section, 0, len(text), source, issued=issued)
    return Block(number, (Passage(hit, chunk, Metadata(title=title, region=region, issued=issued)),))


def main(file: Annotated[Path, typer.Argument()] = STATEMENTS) -> None:
    """Print precision and recall of what is shown as supported on the suite in FILE."""
    settings = Settings.load()
    checker = SupportChecker(create_embeddings(settings.embedding_model, home=settings.state))
    scripts = read_scripts(file)
    for script in scripts:
        play(script, checker)  # the model is loaded and the passages are read once, as in use
    typer.echo(report([each for script in scripts for each in play(script, checker)]))


if __name__ == "__main__":
    typer.run(main)
