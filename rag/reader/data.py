"""What the reader is trained on: questions with the words that answer them, and with passages that do not.

A negative is worth as much as it is near: passages that retrieval would have found, the right passage without the
sentence that answers, the right passage under a question that asks about another year, number or name.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from rag.corpus.sentences import sentence_spans
from rag.errors import ConfigurationError
from rag.reader.encoding import Passage

Kind = Literal["answer", "elsewhere", "nearby", "cut", "changed", "written", "statement"]
HELD_OUT_PERCENT = 15
_TARGET, _LONGEST = 300, 420  # characters of a passage: as long as our chunks
_SHORTEST = 40
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
NEAREST = 12  # negatives are drawn from so many of the nearest passages


@dataclass(frozen=True, slots=True)
class Example:
    """A question (or statement) and a passage; ``span`` is the answer in ``passage.text``, ``None`` if it has none.

    Of a statement ``holds`` says whether the passage supports it; of a question it is ``None``.
    """

    question: str
    passage: Passage
    span: tuple[int, int] | None
    kind: Kind
    holds: bool | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with every answer it was given, ``start`` being that of the first one in ``context``."""

    question: str
    answers: tuple[str, ...]
    start: int
    title: str
    context: str


def read_squad(path: Path) -> tuple[list[Asked], list[Asked]]:
    """The questions of a SQuAD-shaped file that are trained on, and the held-out 15 % (whole articles).

    Raises:
        ConfigurationError: the file is not readable or not SQuAD-shaped.
    """
    try:
        articles = json.loads(path.read_text("utf-8"))["data"]
        asked = [(held_out(_title(article)), each) for article in articles for each in _questions(article)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{path} is not a SQuAD-shaped file: {error!r}. Give another.") from error
    return [each for held, each in asked if not held], [each for held, each in asked if held]


def read_written(paths: Sequence[Path]) -> list[Example]:
    """Questions and statements written for passages of policy text: JSON lines of both, joined by ``id``.

    Raises:
        ConfigurationError: a file is not readable, or a line lacks a field.
    """
    lines = [_line(path, text) for path in paths for text in _lines(path)]
    passages = {line["id"]: Passage(line["text"], _heading(line)) for line in lines if "text" in line}
    return [_written(line, passages[line["id"]]) for line in lines if "text" not in line and line["id"] in passages]


def held_out(title: str) -> bool:
    """Whether the article ``title`` of a SQuAD-shaped file is kept from training, to measure with."""
    return int(hashlib.sha256(title.encode()).hexdigest(), 16) % 100 < HELD_OUT_PERCENT


def positives(asked: Sequence[Asked], rng: random.Random) -> Iterator[tuple[Asked, Example]]:
    """Each question with the piece of its paragraph that holds the answer, cut as our chunks are."""
    for each in asked:
        for start, end in _pieces(each.context, whole=rng.random() < 0.1):
            if start <= each.start and each.start + len(each.answers[0]) <= end:
                first = each.start - start
                span = (first, first + len(each.answers[0]))
                yield each, Example(each.question, Passage(each.context[start:end], each.title), span, "answer")
                break


def negatives(
    pairs: Sequence[tuple[Asked, Example]],
    nearest: Mapping[str, Sequence[int]],
    pool: Sequence[Passage],
    rng: random.Random,
    *,
    without: Collection[str] = (),
) -> Iterator[Example]:
    """Two passages that do not answer for each question; ``nearest`` names for each the nearest of the ``pool``.

    ``without`` leaves kinds out, to learn what each is worth: ``cut``, ``changed``, or ``nearest``, in place of which
    any passages of the pool are drawn.
    """
    titles = sorted({asked.title for asked, _ in pairs})
    for asked, example in pairs:
        near = rng.sample(pool, NEAREST) if "nearest" in without else [pool[i] for i in nearest[asked.question]]
        yield from _from_elsewhere(asked, near, rng)
        possible = [each for each in _made(asked, example, titles, rng) if each.kind not in without]
        if possible and rng.random() < 0.6:
            yield rng.choice(possible)
        elif rng.random() < 0.3:
            yield from _from_elsewhere(asked, near, rng)


def of_every_kind(
    pairs: Sequence[tuple[Asked, Example]],
    nearest: Mapping[str, Sequence[int]],
    pool: Sequence[Passage],
    rng: random.Random,
) -> Iterator[tuple[Asked, Example]]:
    """For each question one passage that does not answer of every kind that can be made, as far as there is one."""
    titles = sorted({asked.title for asked, _ in pairs})
    for asked, example in pairs:
        near = [pool[index] for index in nearest[asked.question]]
        for each in [*_from_elsewhere(asked, near, rng), *_made(asked, example, titles, rng)]:
            yield asked, each


def pieces(asked: Sequence[Asked]) -> list[Passage]:
    """Every paragraph, once, in pieces as long as our chunks."""
    contexts = {each.context: each.title for each in asked}
    return [Passage(context[a:b], title) for context, title in contexts.items() for a, b in _pieces(context)]


def _questions(article: dict[str, object]) -> Iterator[Asked]:
    title = _title(article)
    for paragraph in article["paragraphs"]:  # type: ignore[attr-defined]
        context = paragraph["context"]
        for each in paragraph["qas"]:
            answers = tuple(answer["text"].strip() for answer in each["answers"] if answer["text"].strip())
            start = _start(context, answers, each["answers"][0]["answer_start"])
            if start is not None:
                yield Asked(each["question"], answers, start, title, context)


def _title(article: dict[str, object]) -> str:
    return str(article.get("title") or article.get("id") or "")


def _start(context: str, answers: Sequence[str], given: int) -> int | None:
    """Where the first answer stands; some offsets in CMRC are wrong."""
    if not answers:
        return None
    found = given if context.startswith(answers[0], given) and given >= 0 else context.find(answers[0])
    return found if found >= 0 else None


def _pieces(context: str, *, whole: bool = False) -> Iterator[tuple[int, int]]:
    """Runs of whole sentences, about 300 characters long."""
    if whole:
        yield 0, len(context)
        return
    start = end = 0
    for a, b in sentence_spans(context):
        if (end - start >= _SHORTEST and b - start > _LONGEST) or end - start >= _TARGET:
            yield start, end
            start = a
        end = b
    if end > start:
        yield start, end


def _from_elsewhere(asked: Asked, near: Sequence[Passage], rng: random.Random) -> Iterator[Example]:
    other = [passage for passage in near if not any(answer in passage.text for answer in asked.answers)]
    if other:
        passage = rng.choice(other)
        inside = passage.text in asked.context
        yield Example(asked.question, passage, None, "nearby" if inside else "elsewhere")


def _made(asked: Asked, example: Example, titles: Sequence[str], rng: random.Random) -> list[Example]:
    """Negatives made from the passage that answers."""
    return [each for each in (_cut(example), _changed(asked, example, titles, rng)) if each is not None]


def _cut(example: Example) -> Example | None:
    """The passage without the sentences that hold the answer."""
    assert example.span is not None
    text, (start, end) = example.passage.text, example.span
    rest = "".join(text[a:b] for a, b in sentence_spans(text) if b <= start or a >= end)
    if len(rest) < _SHORTEST or text[start:end] in rest:
        return None
    return replace(example, passage=example.passage._replace(text=rest), span=None, kind="cut")


def _changed(asked: Asked, example: Example, titles: Sequence[str], rng: random.Random) -> Example | None:
    """The passage under a question about another number or another name."""
    numbers = [match for match in _NUMBER.finditer(asked.question) if match[0] in example.passage.text]
    if numbers:
        match = rng.choice(numbers)
        other = _other_number(match[0], rng)
        if other not in example.passage.text:
            question = asked.question[: match.start()] + other + asked.question[match.end() :]
            return replace(example, question=question, span=None, kind="changed")
    if len(asked.title) > 1 and asked.title in asked.question:
        question = asked.question.replace(asked.title, rng.choice([title for title in titles if title != asked.title]))
        return replace(example, question=question, span=None, kind="changed")
    return None


def _other_number(number: str, rng: random.Random) -> str:
    """A number that looks like ``number``: a year near it, else one with as many digits."""
    if len(number) == 4 and number.isdigit():
        return str(int(number) + rng.choice([-10, -7, -5, -3, -2, -1, 1, 2, 3, 5, 7, 10]))
    digits = [character if not character.isdigit() else str(rng.randint(1, 9)) for character in number]
    return "".join(digits)


def _lines(path: Path) -> list[str]:
    try:
        return [line for line in path.read_text("utf-8").splitlines() if line.strip()]
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error}. Give another file.") from error


def _line(path: Path, text: str) -> dict[str, str]:
    try:
        line: dict[str, str] = json.loads(text)
    except ValueError as error:
        raise ConfigurationError(f"{path}: not a line of JSON: {text[:60]!r}. Mend it.") from error
    if "id" not in line:
        raise ConfigurationError(f"{path}: no id in {text[:60]!r}. Add one.")
    return line


def _heading(line: dict[str, str]) -> str:
    return " › ".join(part for part in (line.get("title"), line.get("section")) if part)


def _written(line: dict[str, str], passage: Passage) -> Example:
    if "statement" in line:
        return Example(line["statement"], passage, None, "statement", holds=line["kind"] == "supported")
    answer = line.get("answer")
    start = passage.text.find(answer) if answer else -1
    return Example(
        line["question"], passage, (start, start + len(answer)) if answer and start >= 0 else None, "written"
    )
