"""How much of made-up PDFs is read as it was written: ``python -m tests.corpus.formats.pdf_recall --documents 300``."""

from __future__ import annotations

import argparse
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rag.corpus.clean import CleanText, merge
from rag.corpus.document import parse_document
from rag.corpus.formats.pdf import load
from tests.corpus.formats.making_pdf import Golden, golden


@dataclass
class Recall:
    """Shares between 0 and 1. ``text``: of the characters, those of paragraphs that are read as one line, whole."""

    text: float
    headings: float
    rows: float
    titles: float
    pages: float


def recall(seeds: Iterable[int]) -> Recall:
    """Over the golden documents of ``seeds``. ``pages``: paragraphs whose beginning is on the page it was set on."""
    found: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    for seed in seeds:
        _compare(golden(seed), found, wanted)
    return Recall(*(found[name] / max(1, wanted[name]) for name in ("text", "headings", "rows", "titles", "pages")))


def _compare(made: Golden, found: Counter[str], wanted: Counter[str]) -> None:
    loaded = load(made.data, name="a.pdf")
    document = parse_document(loaded, source="a.pdf")
    clean = CleanText(loaded.text, merge(loaded.layout.furniture)).text
    read = Counter(map(_packed, clean.split("\n")))
    headings = Counter(_packed(section.heading) for section in document.sections)
    for paragraph in made.paragraphs:
        wanted["text"] += len(paragraph)
        found["text"] += len(paragraph) * (_packed(paragraph) in read)
    for heading, times in Counter(map(_packed, made.headings)).items():
        wanted["headings"] += times
        found["headings"] += min(times, headings[heading])
    wanted["rows"] += len(made.rows)
    found["rows"] += sum(_packed(row) in read for row in made.rows)
    wanted["titles"] += 1
    found["titles"] += document.metadata.title == made.title
    for words, page in made.places.items():
        start = loaded.text.find(words[:14])
        wanted["pages"] += 1
        found["pages"] += start >= 0 and bisect_right(loaded.layout.pages, start) == page


def _packed(text: str) -> str:
    return "".join(text.split())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=300)
    began = time.perf_counter()
    documents = parser.parse_args().documents
    print(f"{documents} documents: {recall(range(documents))}; {time.perf_counter() - began:.0f} s")  # noqa: T201


if __name__ == "__main__":
    main()
