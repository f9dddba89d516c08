from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from rag.schema import Answer, Citation, DocumentInfo, Hit, Metadata
from ui import render
from ui.strings import EN, HANS, HANT, LANGUAGES, STRINGS, Strings, example_questions

PAYLOADS = [
    '<script>fetch("https://evil.test/")</script>',
    "<img src=https://evil.test/a.png onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "' onmouseover='alert(1)",
    "![x](https://evil.test/a.png)",
    "[x](javascript:alert(1))",
    "<a href=javascript:alert(1)>x</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "${alert(1)} {{constructor}}",
    "`code` **bold** # heading $$x$$",
    "市政府各部门党委‹党组> <责任单位>",
]
TAGS = {
    *("div", "section", "p", "h1", "h2", "h3", "ol", "ul", "li", "span", "b", "i", "br", "code"),
    *("blockquote", "details", "summary", "button"),
}
ATTRIBUTES = {
    "class",
    "id",
    "lang",
    "role",
    "type",
    "tabindex",
    "aria-busy",
    "aria-label",
    "data-source",
    "data-question",
}


class Reader(HTMLParser):
    """What a browser would make of a fragment: the tags, the attributes and the text."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, list[str]] = {}
        self.text = ""
        self.feed(fragment)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")
        if tag == "br":
            self.text += "\n"

    def handle_data(self, data: str) -> None:
        self.text += data


def citation(number: int = 1, text: str = "到2025年達到72%。") -> Citation:
    return Citation(number, text, text, text, 0, len(text), text)


def hit(text: str = "最接近的一段。") -> Hit:
    return Hit(text, 0.5, text, text, text, 0, len(text), "c1")


def answer(text: str = "到2025年達到72%。[1]", **changes: object) -> Answer:
    plain = Answer(
        question="目标？",
        text=text,
        refused=False,
        reason=None,
        confidence=0.9,
        citations=(citation(),),
        sentences=(),
        hits=(hit(),),
        timings={},
        provider="extractive",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def shown(outcome: Answer | render.Writing | render.Failure, strings: Strings = HANS) -> Reader:
    return Reader(render.conversation([render.Turn("目标？", outcome)], strings))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_escaped_text_is_the_same_text_and_nothing_else(payload: str) -> None:
    reader = Reader(render.escape(payload))
    assert (reader.text, reader.tags) == (payload, set())
    assert not set("<>\"'`*_[](){}$!\\#|~") & set(render.escape(payload).replace("&#", ""))


def test_line_ends_become_breaks_and_control_and_direction_characters_go() -> None:
    assert render.escape("一\r\n二\r三\n\n四\x00\x1b\u202e五") == "一<br>二<br>三<br><br>四五"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_in_every_place_of_a_conversation_stays_text(payload: str) -> None:
    turns = [
        render.Turn(payload, answer(payload + "[1]", citations=(citation(text=payload),), rewritten=payload)),
        render.Turn(payload, answer(citations=(citation(text=payload * 40),))),
        render.Turn(payload, answer(refused=True, reason=payload, hits=(hit(payload),), citations=())),
        render.Turn(payload, render.Failure(payload)),
        render.Turn(payload, render.Writing(payload)),
    ]
    reader = Reader(render.conversation(turns, HANS))
    assert reader.tags <= TAGS
    assert reader.attributes.keys() <= ATTRIBUTES
    assert not [
        value for values in reader.attributes.values() for value in values if "alert" in value or "evil" in value
    ]
    assert reader.text.count(payload) >= 5 + 6 + 1 + 4 + 1 + 1


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_on_the_first_screen_stays_text(payload: str) -> None:
    for fragment in (render.problem(payload, HANS), render.welcome([info("a.txt")], [payload], HANS)):
        reader = Reader(fragment)
        assert payload in reader.text
        assert reader.tags <= TAGS
        assert reader.attributes.keys() <= ATTRIBUTES
        assert set(reader.attributes.get("data-question", [])) <= {payload}


def test_an_answer_shows_its_sources_with_title_section_quote_and_file() -> None:
    cited = Citation(1, "a.txt", "決定", "一、目標 › (一)城市化", 0, 12, "到2025年達到72%。")
    reader = shown(answer(citations=(cited,)))
    assert reader.text == "目标？到2025年達到72%。1来源1決定 › 一、目標 › (一)城市化到2025年達到72%。a.txt"
    assert reader.attributes["data-source"] == ["pr-1-1"]
    assert reader.attributes["id"] == ["pr-1-1"]
    assert reader.attributes["aria-label"] == ["来源 1"]


def test_a_document_without_a_title_goes_by_its_file_name() -> None:
    bare = replace(citation(), source="a.txt", title="", section="")
    assert shown(answer(citations=(bare,))).text.endswith("来源1a.txt到2025年達到72%。a.txt")


def test_bracketed_numbers_that_cite_nothing_stay_text() -> None:
    reader = shown(answer("见[2018]14号，[1]和[7]。"))
    assert "见[2018]14号，1和[7]。" in reader.text
    assert reader.attributes["data-source"] == ["pr-1-1"]


def test_a_long_quote_is_folded_and_complete() -> None:
    quote = "一二三四五六七八九十" * 30
    reader = shown(answer(citations=(citation(text=quote),)))
    assert "details" in reader.tags
    assert quote[:120] + "……" + " 展开全文" + quote in reader.text


def test_a_rewritten_question_is_said() -> None:
    assert "检索时理解为：温州的目标？" in shown(answer(rewritten="温州的目标？")).text


def test_a_refusal_gives_its_reason_and_the_three_nearest_passages() -> None:
    hits = tuple(replace(hit(f"第{n}段"), source=f"{n}.txt", title=f"文件{n}", section="") for n in range(1, 6))
    reader = shown(answer("没有依据。", refused=True, reason="没有一段提到天气。", hits=hits, citations=()))
    assert reader.text == (
        "目标？文件里没有找到足够的依据没有一段提到天气。最接近的段落1文件1第1段1.txt2文件2第2段2.txt3文件3第3段3.txt"
    )
    assert "pr-notice pr-refusal" in reader.attributes["class"]


def test_a_refusal_without_passages_lists_none() -> None:
    assert "最接近" not in shown(answer(refused=True, reason="空。", hits=(), citations=())).text


def test_an_error_is_shown_as_one() -> None:
    reader = shown(render.Failure("the question is empty."), EN)
    assert reader.text == "目标？This question could not be answeredthe question is empty."
    assert "pr-notice pr-error" in reader.attributes["class"]


def test_writing_is_busy_and_says_so_before_the_first_word() -> None:
    waiting, writing, done = shown(render.Writing("")), shown(render.Writing("到2025年[1]")), shown(answer())
    assert (waiting.text, writing.text) == ("目标？正在查找……", "目标？到2025年1")
    assert [reader.attributes["aria-busy"] for reader in (waiting, writing, done)] == [["true"], ["true"], ["false"]]


def test_history_keeps_answers_and_refusals_but_no_errors() -> None:
    turns = [
        render.Turn("一？", answer("甲。[1]")),
        render.Turn("二？", render.Failure("oops")),
        render.Turn("三？", answer("没有。", refused=True)),
    ]
    assert render.history(turns) == [
        {"role": "user", "content": "一？"},
        {"role": "assistant", "content": "甲。[1]"},
        {"role": "user", "content": "三？"},
        {"role": "assistant", "content": "没有。"},
    ]


def info(source: str) -> DocumentInfo:
    return DocumentInfo(source, source, Metadata(), "utf-8", "0", 2000, 1990, 10, 3, 1200, "2026-01-01T00:00:00Z")


def test_the_header_counts_documents_and_passages() -> None:
    assert Reader(render.header([info("a.txt"), info("b.txt")], HANS)).text == "政策问答2 份文件 · 2,400 个段落"
    assert Reader(render.header([], EN)).text == "Policy answers"


def test_an_empty_corpus_says_how_to_ingest() -> None:
    reader = Reader(render.welcome([], ["问？"], HANT))
    assert reader.text == "還沒有文件請在終端機執行下面的命令，然後重新整理本頁：rag ingest 資料夾"


def test_examples_are_offered_only_for_the_seeds_that_are_there() -> None:
    assert example_questions(["wenzhou-governance-decision-2020.txt", "mine.txt"]) == [
        "温州到2025年的城市化率目标是多少？"
    ]
    assert example_questions(["mine.txt"]) == []
    assert "例如" not in render.welcome([info("mine.txt")], [], HANS)


@pytest.mark.parametrize("language", [language for _, language in LANGUAGES])
def test_every_label_is_there_in_every_language(language: str) -> None:
    strings = STRINGS[language]  # type: ignore[index]
    assert [name for name in Strings.__slots__ if not getattr(strings, name).strip()] == []
    assert "7" in strings.corpus.format(documents=7, chunks=9)
    assert "问" in strings.read_as.format(question="问")
