"""Lists that a document gives by its outline: 「十大行动」 are the ten headings under 「主要工作任务」."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.answer.citations import Extract
from rag.answer.evidence import Weighing
from rag.answer.question import Question
from rag.corpus.script import search_key
from rag.retrieval.hybrid import PATH_SEPARATOR, Passage, Retrieved
from rag.schema import Layout, Section

if TYPE_CHECKING:
    from rag.index.catalog import Catalog

_DOCUMENTS = 2  # only the documents of the best passages are looked at
_LEAST_SHARE = 0.45


def outlined_list(
    question: Question, retrieved: Retrieved, weighing: Weighing, catalog: Catalog
) -> tuple[float, tuple[Extract, ...]]:
    """The headings of the section that has as many sub-sections as the question asks for and fits it best.

    With them comes the share of the question's information in path and headings. No headings unless the question asks
    for a number of things, three or more, and that share is considerable.
    """
    if question.kind != "list" or question.count is None:
        return 0.0, ()
    best: tuple[float, float] = (_LEAST_SHARE, 1.0)
    found: tuple[Extract, ...] = ()
    leading = {passage.hit.source: passage for passage in reversed(retrieved.passages[:_DOCUMENTS])}
    for source, passage in leading.items():
        original = retrieved.originals[source]
        sections, layout = _outline(catalog, source, original)
        for parent, children in _families(sections):
            if len(children) != question.count:
                continue
            above = "\n".join(parent.path if parent else ())
            words = "\n".join([passage.hit.title, above, *(child.heading for child in children)])
            # Of families that fit alike, the one whose parent names what is asked for: 「任务」 are under 「主要任务」.
            fit = weighing.share(search_key(words)), weighing.share(search_key(above))
            if fit > best and _tell(children, original):
                best, found = fit, _headings(passage, children, layout)
    return best[0], found


def _outline(catalog: Catalog, source: str, original: str) -> tuple[tuple[Section, ...], Layout]:
    """The outline and the layout of the text ``original``; none once the document has another."""
    with catalog.at_one_moment() as now:
        if now.texts([source]).get(source) != original:
            return (), Layout()
        return now.sections(source), now.layout(source)


def _families(sections: Sequence[Section]) -> list[tuple[Section | None, list[Section]]]:
    children: dict[int | None, list[Section]] = {}
    for section in sections:
        children.setdefault(section.parent, []).append(section)
    return [(None if parent is None else sections[parent], family) for parent, family in children.items()]


def _tell(sections: Sequence[Section], original: str) -> bool:
    """Whether all headings say something and can be quoted.

    「第一条」 says nothing, long headings are cut short, and a compilation names its groups elsewhere.
    """
    return all(s.heading != s.label and original.startswith(s.heading, s.start) for s in sections)


def _headings(passage: Passage, sections: Sequence[Section], layout: Layout) -> tuple[Extract, ...]:
    return tuple(_heading(passage, section, layout.page_at(section.start)) for section in sections)


def _heading(passage: Passage, section: Section, page: int | None) -> Extract:
    hit = replace(
        passage.hit, section=PATH_SEPARATOR.join(section.path), start=section.start, end=section.end, page=page
    )
    return Extract(hit, section.start, section.start + len(section.heading), section.heading, page)
