from __future__ import annotations

import pytest

from rag import Chatbot
from rag.corpus.chunking import body_start
from rag.corpus.document import parse_document
from rag.corpus.script import search_key
from rag.corpus.sentences import sentence_spans
from rag.index.lexical import LexicalEntry
from rag.index.texts import Window, chunk_of, search_keys, windows
from rag.schema import Chunk, Metadata

TITLE = Metadata(title="臨水縣河長辦法")
KEY = "临水县河长办法"
SENTENCE = "各乡镇要落实河长职责,定期巡查河道,发现问题及时处置,做到守水有责。"


def chunk(text: str, *path: str) -> Chunk:
    return Chunk("c7", "a.txt", 0, None, path, text, 0, len(text))


def bodies(found: list[Window], title: str = KEY) -> list[str]:
    """What the windows hold after the title that leads each of them."""
    assert all(window.text.startswith(f"{title}\n") for window in found)
    return [window.text.removeprefix(f"{title}\n") for window in found]


def test_a_short_chunk_is_one_window_led_by_the_title() -> None:
    assert windows(chunk("每餐補助５元。"), TITLE) == [Window("c7:0", "c7", "a.txt", f"{KEY}\n每餐补助5元。")]


def test_a_window_knows_its_chunk() -> None:
    assert [chunk_of(window.window_id) for window in windows(chunk(SENTENCE * 9), TITLE)] == ["c7"] * 3
    assert chunk_of("a:b:12") == "a:b"


@pytest.mark.parametrize("count", [1, 3, 4, 7, 20])
def test_windows_are_runs_of_whole_sentences_of_about_120_characters(count: int) -> None:
    found = windows(chunk(SENTENCE * count), TITLE)
    three = len(SENTENCE) * 3
    assert 90 < three <= 120 < three + len(SENTENCE)
    assert bodies(found) == [SENTENCE * min(3, count - start) for start in range(0, count, 3)]
    assert [window.window_id for window in found] == [f"c7:{number}" for number in range(len(found))]


def test_a_sentence_longer_than_a_window_stands_alone_and_is_cut_at_800() -> None:
    long = "河" * 798 + "。"
    endless = "湖" * 900 + "。"
    assert bodies(windows(chunk(f"甲。{long}乙。"), TITLE)) == ["甲。", long, "乙。"]
    assert bodies(windows(chunk(f"甲。{endless}乙。"), TITLE)) == ["甲。", "湖" * 800, "乙。"]


def test_headings_at_the_beginning_are_left_out() -> None:
    found = windows(chunk("第一章 總則\n第一條 本辦法自發布之日起施行。", "第一章 總則", "第一條"), TITLE)
    assert bodies(found) == ["本办法自发布之日起施行。"]


def test_a_chunk_that_is_only_its_headings_is_embedded_all_the_same() -> None:
    assert bodies(windows(chunk("第一章 总则", "第一章 总则"), TITLE)) == ["第1章总则"]


def test_a_long_title_is_cut_and_none_leaves_no_blank_line() -> None:
    [window] = windows(chunk("甲。"), Metadata(title="长" * 100))
    assert window.text == f"{'长' * 40}\n甲。"
    assert [each.text for each in windows(chunk("甲。"), Metadata())] == ["甲。"]


def test_both_scripts_and_widths_give_the_same_windows() -> None:
    simplified = windows(chunk("到2035年,发展目标实现。"), Metadata(title="临水县河长办法"))
    assert windows(chunk("到２０３５年，發展目標實現。"), TITLE) == simplified


@pytest.mark.parametrize("chunk_chars", [80, 300])
def test_every_character_of_a_real_document_is_in_a_window(seeds_bot: Chatbot, chunk_chars: int) -> None:
    """What is left out: headings that begin a chunk, the title, and of a sentence what is beyond 800 characters."""
    for info in seeds_bot.documents():
        stored = seeds_bot.document(info.source)
        document = parse_document(stored.text, source=info.source, chunk_chars=chunk_chars)
        title = search_key(stored.metadata.title or "")[:40]
        assert len(title) > 5
        assert len(document.chunks) > 5
        for each in document.chunks:
            sentences = [search_key(each.text[a:b]) for a, b in sentence_spans(each.text, body_start(each))]
            found = windows(each, stored.metadata)
            assert "".join(bodies(found, title)) == "".join(sentence[:800] for sentence in sentences)
            assert all(len(body) <= 120 or body in [s[:800] for s in sentences] for body in bodies(found, title))
            assert {window.source for window in found} == {info.source}
            assert [window.window_id for window in found] == [f"{each.chunk_id}:{n}" for n in range(len(found))]


def test_what_words_are_searched_in() -> None:
    entry = search_keys(chunk("每餐補助５元。", "第一章 總則", "第三條 標準"), TITLE)
    assert entry == LexicalEntry("c7", "a.txt", KEY, "第1章总则 第3条标准", "每餐补助5元。")
