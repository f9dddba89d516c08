"""Real laws, which nobody tidied for us: every article a section of its own, under the right part, chapter, section."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.corpus.document import ReadLimits, read_document
from rag.schema import Document

LAWS = sorted((Path(__file__).parent / "laws").glob("*.md"))

NUMBER = "[一二三四五六七八九十百千零〇0-9]+"
UNITS = {"编": 1, "分编": 2, "章": 3, "节": 4}


def read(path: Path) -> Document:
    return read_document(path, source=path.name, limits=ReadLimits(), overrides={})


def packed(text: str) -> str:
    return "".join(text.replace("\u200b", "").split())


def lines(text: str) -> Iterator[tuple[int, int, str]]:
    """Offset, number of # and words of each line that has any."""
    offset = 0
    for line in text.splitlines(keepends=True):
        words = line.lstrip("# \u3000").strip("\u200b \n")
        if words and not words.startswith("<!--"):
            yield offset + line.index(words), len(line) - len(line.lstrip("#")), words
        offset += len(line)


def articles(text: str) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Offset, label and headings above of each line that begins an article, found without the code under test."""
    above: list[tuple[int, str]] = []
    titles = 0
    rows = list(lines(text))
    for index, (offset, hashes, words) in enumerate(rows):
        unit = re.match(rf"第{NUMBER}(分编|编|章|节)\s", words)
        article = re.match(rf"第{NUMBER}条(之{NUMBER})?(?=\s)", words)
        if hashes == 1:
            titles += 1
            above = [(0, packed(words))] if titles > 1 else []
        elif hashes or unit or packed(words) == "附则":
            rank = UNITS[unit[1]] if unit else 3
            following = rows[index + 1][2] if index + 1 < len(rows) else ""
            wrapped = following if not re.search("^[第（]|[。，；：]", following) and len(following) < 25 else ""
            above = [*(heading for heading in above if heading[0] < rank), (rank, packed(words + wrapped))]
        elif article:
            yield offset, article[0], tuple(heading for _, heading in above)


@pytest.mark.parametrize("path", LAWS, ids=lambda path: path.stem)
def test_every_article_and_nothing_else_is_an_article_section_under_its_chapter(path: Path) -> None:
    document = read(path)
    found = [
        (section.start, section.label, tuple(map(packed, section.path[:-1])))
        for section in document.sections
        if section.label.startswith("第") and "条" in section.label
    ]
    assert found == list(articles(document.text))


@pytest.mark.parametrize("path", LAWS, ids=lambda path: path.stem)
def test_every_character_is_kept_or_reported(path: Path, check: Callable[[Document], None]) -> None:
    document = read(path)
    assert document.text == path.read_text(encoding="utf-8")
    check(document)
    assert {span.kind for span in document.furniture} <= {"markup", "blank", "title", "repeated title"}


def test_there_is_a_variety_of_laws() -> None:
    counts = {path.stem: len(list(articles(path.read_text(encoding="utf-8")))) for path in LAWS}
    assert len(counts) == 12
    assert sum(counts.values()) > 300
    depths = {len(above) for path in LAWS for _, _, above in articles(path.read_text(encoding="utf-8"))}
    assert depths >= {1, 2, 3}


def headings(name: str) -> list[str]:
    [path] = [path for path in LAWS if path.name.startswith(name)]
    return [packed(section.heading) for section in read(path).sections if "条" not in section.label]


def test_a_chapter_without_number_stands_beside_the_others() -> None:
    assert headings("教师资格条例")[-2:] == ["第六章罚则", "附则"]


def test_a_heading_that_goes_on_in_the_next_line_is_one_heading() -> None:
    assert headings("各级人民代表大会")[1] == "第二章听取和审议人民政府、人民法院和人民检察院的专项工作报告"


def test_the_items_of_an_amendment_are_sections_and_the_articles_it_quotes_are_none() -> None:
    found = headings("最高人民法院关于修改")
    assert [heading[:2] for heading in found[:9]] == [f"{number}、" for number in "一二三四五六七八九"]
    assert found[0] == "一、将第一条修改为"
