from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from rag.schema import Answer, Citation, Copy, DocumentInfo, Hit, Metadata, Sentence, Verdict
from ui import render
from ui.markup import escape
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
    "title",
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
    reader = Reader(escape(payload))
    assert (reader.text, reader.tags) == (payload, set())
    assert not set("<>\"'`*_[](){}$!\\#|~") & set(escape(payload).replace("&#", ""))


def test_line_ends_become_breaks_and_control_and_direction_characters_go() -> None:
    assert escape("一\r\n二\r三\n\n四\x00\x1b\u202e五") == "一<br>二<br>三<br><br>四五"
    assert escape("一\u200b二\u2060三\ufeff四\U000e0041五") == "一二三四五"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_in_every_place_of_a_conversation_stays_text(payload: str) -> None:
    copy = Copy(payload, payload, payload, 0, 1, "c2")
    everywhere = replace(hit(payload), issued=payload, superseded_by=payload, copies=(copy,) * 9)
    doubtful = Sentence(payload, (), "unsupported")
    turns = [
        render.Turn(payload, answer(payload + "[1]", citations=(citation(text=payload),), rewritten=payload)),
        render.Turn(payload, answer(citations=(citation(text=payload * 40),))),
        render.Turn(payload, answer(refused=True, reason=payload, hits=(everywhere,), citations=())),
        render.Turn(payload, answer(f"{payload}\n{payload}", partial=payload, sentences=(doubtful,), citations=())),
        render.Turn(payload, render.Failure(payload)),
        render.Turn(payload, render.Writing(payload)),
    ]
    reader = Reader(render.conversation(turns, HANS))
    assert reader.tags <= TAGS
    assert reader.attributes.keys() <= ATTRIBUTES
    assert not [
        value for values in reader.attributes.values() for value in values if "alert" in value or "evil" in value
    ]
    assert reader.text.count(payload) >= 6 + 6 + 1 + 4 + 2 + 6 + 2 + 1 + 1


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
    assert (
        reader.text == "目标？到2025年達到72%。1把握很大（90%）来源1決定 › 一、目標 › (一)城市化到2025年達到72%。a.txt"
    )
    assert reader.attributes["data-source"] == ["pr-1-1"]
    assert reader.attributes["id"] == ["pr-1-1"]
    assert reader.attributes["aria-label"] == ["来源 1"]


def test_a_document_without_a_title_goes_by_its_file_name() -> None:
    bare = replace(citation(), source="a.txt", title="", section="")
    assert shown(answer(citations=(bare,))).text.endswith("来源1a.txt到2025年達到72%。a.txt")


def said(text: str, verdict: Verdict, *numbers: int) -> Sentence:
    return Sentence(text, numbers, verdict)


def paragraphs(fragment: str) -> list[str]:
    """The HTML of each paragraph of an answer."""
    return [piece.partition("</p>")[0] for piece in fragment.split("<p>")[1:]]


def test_supported_sentences_are_quiet_and_the_others_are_flagged_where_they_stand() -> None:
    sentences = (said("一。", "supported", 1), said("二。", "partly", 1), said("三。", "unsupported"))
    shown_answer = answer("一。[1]二。[1]\n三。", sentences=sentences)
    mark = '<button type="button" class="pr-mark" data-source="pr-1-1" aria-label="来源 1">1</button>'.replace(
        "来源 1", escape("来源 1")
    )
    fragment = render.conversation([render.Turn("目标？", shown_answer)], HANS)
    assert paragraphs(fragment) == [
        f'一。{mark}<span class="pr-partly">二。{mark}<span class="pr-flag">只有部分依据</span></span>',
        '<span class="pr-unsupported">三。<span class="pr-flag">没有原文依据</span></span>',
    ]
    assert "把握很大（90%） · 只有部分依据：1 句 · 没有原文依据：1 句" in Reader(fragment).text


def test_words_between_sentences_stay_and_have_no_verdict() -> None:
    sentences = (said("A is.", "supported", 1), said("B is.", "unsupported"))
    reader = shown(answer("Goals:\n- A is.[1] B is.\n\nThat is all.", sentences=sentences), EN)
    assert "Goals:- A is.1 B is.Not supportedThat is all.High confidence (90%) · Not supported: 1" in reader.text


def test_sentences_that_the_text_does_not_hold_are_shown_instead_of_it() -> None:
    reader = shown(answer("别的话。", sentences=(said("一。", "unsupported", 1), said("二。", "supported"))))
    assert reader.text.startswith("目标？一。1没有原文依据二。把握")


@pytest.mark.parametrize(
    ("confidence", "strings", "told"),
    [
        (0.95, HANS, "把握很大（95%） · 每句都有原文依据"),
        (0.8499, HANS, "把握较大（84%） · 每句都有原文依据"),
        (0.6, HANT, "把握較大（60%） · 每句都有原文依據"),
        (0.1, HANT, "把握不大（10%） · 每句都有原文依據"),
        (0.85, EN, "High confidence (85%) · Every sentence is supported by its source"),
        (0.7, EN, "Fair confidence (70%) · Every sentence is supported by its source"),
        (0.599, EN, "Low confidence (59%) · Every sentence is supported by its source"),
    ],
)
def test_confidence_is_a_word_and_a_number(confidence: float, strings: Strings, told: str) -> None:
    sentences = (said("到2025年達到72%。", "supported", 1),)
    assert f"1{told}{strings.sources}" in shown(answer(confidence=confidence, sentences=sentences), strings).text


def test_what_is_not_covered_is_a_line_of_its_own_without_a_mark() -> None:
    gap = "资料没有说到杭州[1]的情况。"
    sentences = (said("到2025年達到72%。", "supported", 1),)
    whole = answer(f"到2025年達到72%。[1]\n{gap}", partial=gap, sentences=sentences)
    fragment = render.conversation([render.Turn("目标？", whole)], HANS)
    assert f'<p class="pr-partial">{escape(gap)}</p>' in fragment
    assert Reader(fragment).text.count(gap) == 1
    assert Reader(fragment).attributes["data-source"] == ["pr-1-1"]


def test_a_verdict_is_told_once_and_a_notice_is_a_line_of_its_own() -> None:
    sentences = (said("到2025年達到72%。", "supported", 1), said("市長說好。", "unsupported"))
    text = "到2025年達到72%。[1]市長說好。（資料未證實）"
    fragment = render.conversation([render.Turn("目标？", answer(text, sentences=sentences, notice="略去1句。"))], HANS)
    assert "資料未證實" not in Reader(fragment).text
    assert Reader(fragment).text.count(HANS.unsupported) > 0
    assert f'<p class="pr-partial">{escape("略去1句。")}</p>' in fragment


def test_a_correction_is_shown_with_its_reason_and_its_source() -> None:
    lead, reason = "資料中的說法相反：", "問題的前提與資料不符。"
    sentences = (said("到2025年達到72%。", "supported", 1),)
    corrected = answer(
        text=f"{lead}到2025年達到72%。[1]", refused=True, reason=reason, sentences=sentences, correction=lead
    )
    fragment = render.conversation([render.Turn("目标？", corrected)], HANT)
    assert f'<p class="pr-partial">{reason}</p>' in fragment
    assert f"{lead}到2025年達到72%。" in Reader(fragment).text
    assert Reader(fragment).attributes["data-source"] == ["pr-1-1"]
    assert HANT.refused not in Reader(fragment).text


def test_only_damaged_quotes_are_marked() -> None:
    damaged = replace(citation(text="增长 06%"), damaged=True)
    reader = shown(answer(citations=(citation(), replace(damaged, number=2))))
    assert "2增长 06% › 增长 06%增长 06%原文可能有缺损增长 06%" in reader.text
    assert reader.attributes["title"] == [HANS.as_it_stands]
    assert "title" not in shown(answer()).attributes


def test_a_source_tells_its_date_its_next_version_and_where_else_it_stands() -> None:
    cited = Citation(1, "a.txt", "決定", "", 2, 9, "到2025年達到")
    copies = tuple(
        Copy(f"{n}.txt", f"文件{n}" if n > 1 else "", "一、" if n > 1 else "", 0, 9, "c") for n in range(1, 6)
    )
    behind = Hit("……", 0.5, "a.txt", "決定", "", 0, 20, "c1", {}, "b.txt", "2018-06-20", copies)
    told = "a.txt · 2018-06-20已有新版：b.txt"
    also = "也见于：1.txt | 文件2 › 一、 | 文件3 › 一、 | 另外 2 处"
    assert shown(answer(citations=(cited,), hits=(behind,))).text.endswith(f"到2025年達到{told}{also}")
    elsewhere = replace(behind, start=100, end=120)
    assert shown(answer(citations=(cited,), hits=(elsewhere,))).text.endswith(f"到2025年達到{told}")
    refusal = answer(refused=True, reason="没有。", hits=(behind,), citations=())
    assert shown(refusal).text.endswith(f"決定……{told}{also}")


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
    assert all("85" in text.format(percent=85) for text in (strings.high, strings.medium, strings.low))
    assert "乙" in strings.superseded.format(source="乙")
    assert "乙" in strings.copies.format(places="乙")
    assert "4" in strings.more.format(number=4)
    assert {"乙", "4"} <= set(strings.count.format(verdict="乙", number=4))
