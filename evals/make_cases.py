"""Draft cases for a user's own documents, by rules: no language model, no index. A person has to check each of them."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from evals.bench_report import save
from evals.datasets import Case, Evidence
from evals.draft_lists import lists
from evals.draft_rules import ADOPTED, dates, definitions, fines, units
from evals.draft_text import Draft, name_of, statements
from evals.draft_values import values, years
from evals.folder import read_folder
from rag.corpus.script import detect_script, to_traditional
from rag.schema import Document, Failure

HELD_OUT = 0.2
"""Share of the documents that are held out, where there are at least three."""

_FEWEST = 3
_HEAD = 1000  # characters in which a law names its revisions


@dataclass(frozen=True, slots=True)
class Drafts:
    """Cases, the sources of the documents the unanswerable ones are about, and the files that could not be read."""

    cases: tuple[Case, ...]
    held_out: tuple[str, ...]
    failures: tuple[Failure, ...]


def make_cases(
    folder: Path, *, per_document: int = 5, seed: int = 0, progress: Callable[[int, int], None] | None = None
) -> Drafts:
    """Draft up to ``per_document`` cases of each document in ``folder``.

    A fifth of the documents (at least one) are held out: the questions about them are unanswerable once the corpus is
    ingested without them. A document whose title another one shares is never held out, and with fewer than three
    documents none is.

    Raises:
        DocumentNotFoundError: no such folder. DocumentError: no document in it.
    """
    documents, failures = read_folder(folder, progress=progress)
    held_out = _held_out(documents, seed)
    kept = [document for document in documents if document.source not in held_out]
    left = [document for document in documents if document.source in held_out]
    answerable = draft_cases(kept, per_document=per_document, seed=seed)
    unanswerable = [_unanswerable(case) for case in draft_cases(left, per_document=per_document, seed=seed)]
    return Drafts(tuple(_numbered([*answerable, *unanswerable])), tuple(sorted(held_out)), tuple(failures))


def draft_cases(documents: Sequence[Document], *, per_document: int, seed: int = 0) -> list[Case]:
    """Answerable cases, up to ``per_document`` of each document; a question that two documents raise is left out.

    Documents of one title (two versions of a law) are named by their file.
    """
    named = Counter(name_of(document) for document in documents)
    cases: list[Case] = []
    for document in documents:
        stem = Path(document.source).stem
        shared = named[name_of(document)] > 1
        told = replace(document, metadata=replace(document.metadata, title=stem)) if shared else document
        cases += _of(told, per_document, seed)
    raised = Counter(case.question for case in cases)
    return list(_numbered([case for case in cases if raised[case.question] == 1]))


def write_drafts(drafts: Drafts, out: Path) -> None:
    """Write the cases to ``out``, one JSON object a line, and the held-out files to its companion, one a line.

    Raises:
        StorageError: a file cannot be written.
    """
    save("".join(json.dumps(_fields(case), ensure_ascii=False) + "\n" for case in drafts.cases), out)
    if drafts.held_out:
        save("".join(f"{source}\n" for source in drafts.held_out), held_out_file(out))


def held_out_file(out: Path) -> Path:
    """Where the names of the held-out documents are written beside the cases in ``out``."""
    return out.with_suffix(".held-out.txt")


def drafts_of(document: Document) -> list[Draft]:
    """Every draft that the rules make of ``document``, in reading order."""
    found = list(lists(document))
    for statement in statements(document):
        for rule in (values, years, fines, dates, definitions, units):
            found += rule(statement)
    adopted = [draft for draft in found if draft.question == ADOPTED]
    if len(adopted) > 1 or re.search("修[正订訂]", document.text[:_HEAD]):  # each revision has its day
        found = [draft for draft in found if draft not in adopted]
    return sorted(found, key=lambda draft: draft.start)


def _of(document: Document, wanted: int, seed: int) -> Iterator[Case]:
    draw = Random(f"{seed}-{document.source}")
    for draft in _chosen(drafts_of(document), wanted, draw):
        section = next((s for s in reversed(document.sections) if s.start <= draft.start < s.end), None)
        yield _case(document, draft, name_of(document, section), draw)


def _chosen(drafts: list[Draft], wanted: int, draw: Random) -> list[Draft]:
    """The best of each kind in turn, so that a document's cases differ; none from the same sentence."""
    by_kind: dict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        by_kind[draft.kind].append(draft)
    for found in by_kind.values():
        found.sort(key=lambda draft: draft.weight + draw.random() * 0.4)
    chosen: list[Draft] = []
    while by_kind and len(chosen) < wanted:
        for kind in sorted(by_kind, key=lambda _: draw.random()):
            draft = by_kind[kind].pop()
            if not by_kind[kind]:
                del by_kind[kind]
            if len(chosen) < wanted and not any(set(draft.quotes) & set(each.quotes) for each in chosen):
                chosen.append(draft)
    return sorted(chosen, key=lambda draft: draft.start)


def _case(document: Document, draft: Draft, name: str, draw: Random) -> Case:
    question = _framed(document, draft, draw).replace("{name}", name) + "？"
    question = re.sub(r"\s+", "", question)
    if document.metadata.script == "hant":
        question = to_traditional(question)
    script = document.metadata.script if document.metadata.script != "unknown" else detect_script(question)
    known = "" if script == "unknown" else script
    return Case(
        id="draft",
        type="list" if draft.listed else "fact",
        question=question,
        script=known,
        answerable=True,
        answer=draft.answer,
        answer_keys=draft.keys,
        evidence=tuple(Evidence(document.source, quote) for quote in draft.quotes),
    )


def _framed(document: Document, draft: Draft, draw: Random) -> str:
    """The question with a place for the document's name."""
    if "{name}" in draft.question:
        return draft.question
    law = any(re.match("第.+[条條]", section.label) for section in document.sections)
    frames = ("根据{name}，", "按照{name}，", "{name}规定，" if law else "{name}提到，")
    return draw.choice(frames) + draft.question


def _unanswerable(case: Case) -> Case:
    answer = f"资料中没有这份文件（{case.evidence[0].source} 未收录）。"
    return Case(
        id=case.id,
        type="unanswerable",
        question=case.question,
        script=case.script,
        answerable=False,
        answer=to_traditional(answer) if case.script == "hant" else answer,
    )


def _held_out(documents: Sequence[Document], seed: int) -> set[str]:
    if len(documents) < _FEWEST:
        return set()
    titles = [_plain(document) for document in documents]
    alone = [
        document.source
        for document, title in zip(documents, titles, strict=True)
        if sum(title in other or other in title for other in titles) == 1
    ]
    count = min(len(alone), max(1, round(len(documents) * HELD_OUT)))
    return set(Random(seed).sample(sorted(alone), count))


def _plain(document: Document) -> str:
    return re.sub(r"[\W\d]", "", document.metadata.title or Path(document.source).stem)


def _numbered(cases: Sequence[Case]) -> Iterator[Case]:
    for number, case in enumerate(cases, 1):
        yield replace(case, id=f"draft-{number:04}")


def _fields(case: Case) -> dict[str, object]:
    names = ("id", "type", "question", "script", "answerable", "answer", "answer_keys")
    evidence = [{"source": item.source, "quote": item.quote} for item in case.evidence]
    return {**{name: getattr(case, name) for name in names}, "evidence": evidence}
