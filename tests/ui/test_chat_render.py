from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from urllib.parse import unquote

import pytest

from rag.schema import Answer, Citation, Copy, Filter, Hit, Sentence, Verdict
from tests.ui.fragments import PAYLOADS, Fragment, shows, visible
from tests.ui.outcomes import QUOTE, answer, citation, hit, info
from ui.chat import actions, render, sources, why
from ui.chat.limits import limits
from ui.chat.words import EN, HANS, HANT, WORDS, Words
from ui.markup import escape
from ui.words import LANGUAGES, Count, Language


def shown(outcome: Answer | render.Writing | render.Failure, language: Language = "hans") -> Fragment:
    return Fragment(turn(outcome, language))


def turn(outcome: Answer | render.Writing | render.Failure, language: Language = "hans") -> str:
    """A turn that is not stored: what was said, without what can be done with it."""
    return render.turn(render.Turn("目标？", outcome), language)


def said(text: str, verdict: Verdict, *numbers: int) -> Sentence:
    return Sentence(text, numbers, verdict)


# --- what others wrote stays text ---------------------------------------------------------------------------


def stored(outcome: Answer | render.Writing | render.Failure, question: str = "目标？") -> str:
    return render.turn(render.Turn(question, outcome, 3, 4, "down"), "hans")


def cited(**changes: object) -> Answer:
    return answer(citations=(replace(citation(), **changes),))  # type: ignore[arg-type]


def refusal(payload: str) -> Answer:
    copy = Copy(payload, payload, payload, 0, 1, "c2")
    nearest = replace(hit(payload), issued=payload, superseded_by=payload, copies=(copy,) * 9)
    return answer(refused=True, reason=payload, hits=(nearest,), citations=())


def focused(text: str, words: str) -> Sentence:
    """A supported sentence in which ``words`` answer the question."""
    start = text.index(words)
    return Sentence(text, (1,), "supported", focus=(start, start + len(words)))


PLACES: dict[str, Callable[[str], str]] = {
    "question": lambda text: stored(answer(), text),
    "question that failed": lambda text: stored(render.Failure("x"), text),
    "answer": lambda text: stored(answer(text)),
    "answer that cites": lambda text: stored(answer(f"{text}[1]。{text}[2]")),
    "sentence": lambda text: stored(answer(text, sentences=(said(text, "unsupported"),))),
    "words that answer": lambda text: stored(answer(f"{text}[1]", sentences=(focused(text, text),))),
    "sentence not in the text": lambda text: stored(answer("别的。", sentences=(said(text, "partly", 1),))),
    "text being written": lambda text: stored(render.Writing(text, 3)),
    "quote": lambda text: stored(cited(quote=text, damaged=True)),
    "title": lambda text: stored(cited(title=text)),
    "section": lambda text: stored(cited(section=text)),
    "file name": lambda text: stored(cited(source=text, title="")),
    "rewritten question": lambda text: stored(answer(rewritten=text)),
    "part not covered": lambda text: stored(answer(f"{QUOTE}[1]\n{text}", partial=text)),
    "notice": lambda text: stored(answer(notice=text)),
    "correction": lambda text: stored(answer(f"{text}{QUOTE}[1]", refused=True, reason=text, correction=text)),
    "refusal": lambda text: stored(refusal(text)),
    "refusal of a rewritten question": lambda text: stored(replace(refusal(text), rewritten=text)),
    "error": lambda text: stored(render.Failure(text)),
    "first screen that failed": lambda text: render.problem(text, "en"),
    "example": lambda text: render.welcome([info("a.txt")], [text], "hant", admin=False),
    "suggestion": lambda text: render.suggested([text], HANS.instead),
    "filter": lambda text: limits(Filter(issuer=text, sources=(text, text)), HANS),
    "passage behind an answer": lambda text: why.panel(answer(hits=(hit(text),), citations=()), HANS),
    "writer": lambda text: why.panel(answer(provider=text, prompt=text, timings={text: 3.0}), HANS),
}


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_others_wrote_is_shown_and_does_nothing(payload: str) -> None:
    written = {place: build(payload) for place, build in PLACES.items()}
    assert [place for place, html in written.items() if not shows(html, payload)] == []
    assert {place: found for place, html in written.items() if (found := Fragment(html).foreign())} == {}


@pytest.mark.parametrize("payload", PAYLOADS)
def test_values_for_the_browser_hold_the_text_itself(payload: str) -> None:
    copied = Fragment(stored(answer(f"{payload}[1]", citations=(citation(text=payload),))))
    plain, sourced = (visible(text) for text in copied.values("data-text", data_do="copy"))
    assert (plain, sourced.count(visible(payload))) == (visible(payload), 4)
    assert [unquote(name) for name in Fragment(stored(refusal(payload))).values("data-source")] == [payload]


def test_line_ends_in_what_is_copied_and_edited_stay() -> None:
    fragment = Fragment(stored(answer("一。[1]\n\n二。"), "甲\n乙"))
    assert fragment.values("data-text", data_do="copy")[0] == "一。\n\n二。"
    assert "甲\n乙重新提问" in fragment.text


# --- an answer ----------------------------------------------------------------------------------------------


def test_an_answer_shows_its_sources_with_title_section_quote_and_file() -> None:
    cited = Citation(1, "a.txt", "決定", "一、目標 › (一)城市化", 0, 12, QUOTE)
    fragment = shown(answer(citations=(cited,)))
    assert fragment.text == f"目标？{QUOTE}1把握很大（90%）出处1決定一、目標 › (一)城市化{QUOTE}a.txt"
    assert fragment.values("aria-label", class_="pr-chip", data_number="1") == ["来源 1：決定"]
    assert fragment.values("data-number", class_="pr-place") == ["1"]
    assert fragment.values("data-quote") == ["1"]


def test_a_document_without_a_title_goes_by_its_file_name() -> None:
    bare = replace(citation(), source="a.txt", title="", section="")
    assert shown(answer(citations=(bare,))).text.endswith(f"出处1a.txt{QUOTE}a.txt")


def paragraphs(fragment: str) -> list[str]:
    """The HTML of each paragraph of an answer."""
    return [piece.partition("</p>")[0] for piece in fragment.split("<p>")[1:]]


def test_each_sentence_bears_its_verdict_where_it_stands() -> None:
    sentences = (said("一。", "supported", 1), said("二。", "partly", 1), said("三。", "unsupported"))
    written = turn(answer("一。[1]二。[1]\n三。", sentences=sentences))
    first, second = (Fragment(paragraph) for paragraph in paragraphs(written))
    assert first.values("class")[:3] == ["pr-said pr-supported", "pr-words", "pr-tail"]
    assert first.values("aria-label", class_="pr-verdict") == ["原文支持这一句"]
    assert first.text == "一。1二。1只有部分依据"
    assert (second.values("class")[0], second.text) == ("pr-said pr-unsupported", "三。没有原文依据")
    assert "把握很大（90%） · 只有部分依据：1 句 · 没有原文依据：1 句" in Fragment(written).text


def test_the_words_that_answer_stand_out() -> None:
    sentences = (focused("到2025年達到72%。", "72%"),)
    written = turn(answer("到2025年達到72%。[1]", sentences=sentences))
    assert f"到2025年達到<strong>{escape('72%')}</strong>。" in written
    reworded = turn(answer("別的話。", sentences=sentences))
    assert f"<strong>{escape('72%')}</strong>" in reworded
    assert "strong" not in Fragment(turn(answer("到2025年達到72%。[1]"))).tags


def test_nobody_else_can_make_words_stand_out() -> None:
    text = "到\ue0002025年\ue001達到72%。"
    for outcome in (
        answer(f"{text}[1]", citations=(citation(text=text),)),
        answer(f"{text}[1]", sentences=(focused(text, "72%"),), citations=(replace(citation(), title=text),)),
        render.Writing(f"{text}[1]"),
    ):
        fragment = shown(outcome)
        assert "strong" not in fragment.tags
        assert "到2025年達到72%。" in fragment.text
        assert [label for label in fragment.values("aria-label") if "strong" in label] == []


def test_quotes_of_several_documents_stand_under_their_titles() -> None:
    citations = (replace(citation(), title="甲", source="a.txt"), replace(citation(2), title="乙", source="b.txt"))
    sentences = (said("一。", "supported", 1), said("二。", "supported", 1), said("三。", "supported", 2))
    both = answer("一。[1]\n二。[1]\n三。[2]", citations=citations, sentences=sentences)
    assert shown(both).text.startswith("目标？甲一。1二。1乙三。2")
    assert shown(replace(both, prompt="answer.v1", provider="m")).text.startswith("目标？一。1二。1三。2")


def test_words_between_sentences_stay_and_have_no_verdict() -> None:
    sentences = (said("A is.", "supported", 1), said("B is.", "unsupported"))
    written = turn(answer("Goals:\n- A is.[1] B is.\n\nThat is all.", sentences=sentences), "en")
    assert [Fragment(each).text for each in paragraphs(written)] == [
        "Goals:",
        "- A is.1 B is.Not supported",
        "That is all.",
    ]
    assert "pr-said" not in paragraphs(written)[0] + paragraphs(written)[2]


def test_sentences_that_the_text_does_not_hold_are_shown_instead_of_it() -> None:
    fragment = shown(answer("别的话。", sentences=(said("一。", "unsupported", 1), said("二。", "supported"))))
    assert fragment.text.startswith("目标？一。1没有原文依据二。把握")


@pytest.mark.parametrize(
    ("confidence", "language", "told"),
    [
        (0.95, "hans", "把握很大（95%） · 每句都有原文依据"),
        (0.8499, "hans", "把握较大（84%） · 每句都有原文依据"),
        (0.6, "hant", "把握較大（60%） · 每句都有原文依據"),
        (0.1, "hant", "把握不大（10%） · 每句都有原文依據"),
        (0.85, "en", "High confidence (85%) · Every sentence is supported by its source"),
        (0.7, "en", "Fair confidence (70%) · Every sentence is supported by its source"),
        (0.599, "en", "Low confidence (59%) · Every sentence is supported by its source"),
    ],
)
def test_confidence_is_a_word_and_a_number(confidence: float, language: Language, told: str) -> None:
    sentences = (said(QUOTE, "supported", 1),)
    fragment = shown(answer(confidence=confidence, sentences=sentences), language)
    assert f"1{told}{WORDS[language].sources}" in fragment.text


def test_what_is_not_covered_is_a_line_of_its_own_without_a_chip() -> None:
    gap = "资料没有说到杭州[1]的情况。"
    whole = answer(f"{QUOTE}[1]\n{gap}", partial=gap, sentences=(said(QUOTE, "supported", 1),))
    written = turn(whole)
    assert f"<span>{escape(gap)}</span>" in written
    assert Fragment(written).text.count(gap) == 1
    assert Fragment(written).values("data-number", class_="pr-chip") == ["1"]


def test_a_verdict_is_told_once_and_a_notice_is_a_line_of_its_own() -> None:
    sentences = (said(QUOTE, "supported", 1), said("市長說好。", "unsupported"))
    text = f"{QUOTE}[1]市長說好。（資料未證實）"
    written = turn(answer(text, sentences=sentences, notice="略去1句。"))
    assert "資料未證實" not in Fragment(written).text
    assert "市長說好。没有原文依据" in Fragment(written).text
    assert f"<span>{escape('略去1句。')}</span>" in written


def test_a_correction_is_shown_with_its_reason_and_its_source_and_without_confidence() -> None:
    lead, reason = "資料中的說法相反：", "問題的前提與資料不符。"
    corrected = answer(
        f"{lead}{QUOTE}[1]",
        refused=True,
        reason=reason,
        sentences=(said(QUOTE, "supported", 1),),
        correction=lead,
    )
    fragment = shown(corrected, "hant")
    assert fragment.text.startswith(f"目标？{reason}{lead}{QUOTE}1出處1")
    assert fragment.values("data-number", class_="pr-chip") == ["1"]
    reworded = shown(replace(corrected, text="別的話。"), "hant")
    assert reworded.text.startswith(f"目标？{reason}{lead}{QUOTE}1出處1")


def test_only_damaged_quotes_are_marked() -> None:
    damaged = replace(citation(2, "增长 06%"), damaged=True)
    fragment = shown(answer(citations=(citation(), damaged)))
    assert fragment.text.endswith("增长 06%原文可能有缺损增长 06%")
    assert fragment.values("title", class_="pr-flag") == [HANS.as_it_stands]
    assert shown(answer()).values("title", class_="pr-flag") == []


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
    assert shown(answer(citations=(cited,), hits=(elsewhere,))).text.endswith(f"出处1決定到2025年達到{told}")
    refusal = answer(refused=True, reason="没有。", hits=(behind,), citations=())
    assert shown(refusal).text.endswith(f"決定……{told}{also}")


def test_bracketed_numbers_that_cite_nothing_stay_text() -> None:
    fragment = shown(answer("见[2018]14号，[1]和[7]。"))
    assert "见[2018]14号，1和[7]。" in fragment.text
    assert fragment.values("data-number", class_="pr-chip") == ["1"]


def test_a_rewritten_question_is_said() -> None:
    assert "目标？检索时理解为：温州的目标？" in shown(answer(rewritten="温州的目标？")).text


def test_a_refusal_gives_its_reason_and_the_three_nearest_passages_to_open() -> None:
    hits = tuple(replace(hit(f"第{n}段"), source=f"{n}.txt", title=f"文件{n}", section="") for n in range(1, 6))
    fragment = shown(answer("没有依据。", refused=True, reason="没有一段提到天气。", hits=hits, citations=()))
    assert fragment.text == (
        "目标？文件里没有找到足够的依据没有一段提到天气。最接近的段落文件1第1段1.txt文件2第2段2.txt文件3第3段3.txt"
    )
    places = [each for _, each in fragment.elements if each.get("class") == "pr-place"]
    assert [(unquote(each["data-source"]), each["data-start"], each["data-end"]) for each in places] == [
        (f"{n}.txt", "0", "3") for n in range(1, 4)
    ]
    assert fragment.values("class", data_instead="") == ["pr-instead"]


def test_a_refusal_without_passages_lists_none_and_without_a_reason_says_its_text() -> None:
    fragment = shown(answer("空。", refused=True, hits=(), citations=()))
    assert fragment.text == "目标？文件里没有找到足够的依据空。"


def test_an_error_is_shown_as_one() -> None:
    fragment = shown(render.Failure("the question is empty."), "en")
    assert fragment.text == f"目标？{EN.failed}the question is empty."
    assert "pr-notice pr-bad" in fragment.values("class")


def test_writing_is_busy_and_says_how_far_it_is() -> None:
    waiting, reading, writing, done = map(
        shown, (render.Writing(), render.Writing("", 7), render.Writing("到2025年[1]\n\n好。"), answer())
    )
    assert (waiting.text, reading.text) == ("目标？正在查找……", "目标？找到 7 段，正在核对……")
    assert writing.text == "目标？到2025年1好。"
    assert [each.values("aria-busy") for each in (waiting, writing, done)] == [["true"], ["true"], ["false"]]


# --- what can be done ---------------------------------------------------------------------------------------


def test_a_stored_answer_bears_the_ids_of_its_turns_and_its_rating() -> None:
    fragment = Fragment(render.turn(render.Turn("目标？", answer(), 7, 8, "up"), "hans"))
    assert fragment.values("data-turn", data_answer="8") == ["7"]
    rated = {each["data-rating"]: each["aria-pressed"] for _, each in fragment.elements if "data-rating" in each}
    assert rated == {"up": "true", "down": "false"}
    buttons = fragment.values("data-do", class_="pr-icon")
    assert buttons == ["edit", "copy", "copy", "retry", "rate", "rate"]


def test_a_question_without_an_answer_can_be_asked_again_and_nothing_else() -> None:
    fragment = Fragment(render.turn(render.Turn("目标？", render.Failure("x"), 7), "hans"))
    assert fragment.values("data-do") == ["edit", "retry"]
    assert (fragment.values("data-turn"), fragment.values("data-answer")) == (["7"], [])


@pytest.mark.parametrize("outcome", [answer(), render.Writing("好"), render.Failure("x")])
def test_what_is_not_stored_offers_nothing_to_do(outcome: Answer | render.Writing | render.Failure) -> None:
    assert [do for do in shown(outcome).values("data-do") if do != "source"] == []


@pytest.mark.parametrize(("language", "told"), [("hans", "第 3 页"), ("hant", "第 3 頁"), ("en", "p. 3")])
def test_a_citation_names_its_page(language: Language, told: str) -> None:
    paged = replace(citation(), page=3)
    cited = turn(answer(citations=(paged,)), language)
    assert f'<span class="pr-paged">{escape(told)}</span>' in cited
    [label] = Fragment(cited).values("aria-label", class_="pr-chip")
    assert label == WORDS[language].cited.format(number=1, title=f"{QUOTE} {told}")
    assert (
        actions.with_sources(answer(citations=(paged,)), WORDS[language])
        .split("\n\n")[1]
        .startswith(f"[1] {QUOTE} › {QUOTE} {told}\n")
    )
    assert "pr-paged" not in turn(answer(), language)


def test_copied_text_has_no_marks_or_its_sources_below() -> None:
    second = Citation(2, "b.txt", "", "", 0, 3, " 二\n")
    whole = answer("一。[1][2]二[2018]号。[2]", citations=(replace(citation(), title="决定", section="一、"), second))
    assert actions.plain(whole) == "一。二号。"
    assert actions.with_sources(whole, HANS) == (
        f"一。[1][2]二[2018]号。[2]\n\n[1] 决定 › 一、\n{QUOTE}\n\n[2] b.txt\n二"
    )


# --- why this answer ----------------------------------------------------------------------------------------


def test_why_compares_the_scores_of_each_arm_with_its_highest() -> None:
    scores = ({"dense": 0.8, "lexical": 20.0}, {"dense": 0.4})
    hits = tuple(replace(hit(), scores=each, title=f"文件{n}", start=n) for n, each in enumerate(scores))
    fragment = Fragment(why.panel(answer(hits=hits), HANS))
    assert fragment.values("style") == ["width:100%", "width:100%", "width:50%"]
    assert fragment.text == (
        f"{HANS.why_extractive}{HANS.why_passages}#来源语义词语"
        "1文件0 › 最接近的一段。0.8020.002文件1 › 最接近的一段。0.40–"
    )
    assert fragment.values("data-start") == ["0", "1"]


def test_why_marks_the_passages_that_are_cited() -> None:
    behind = replace(hit(), source="a.txt", start=10, end=30, scores={"fused": 0.0})
    quoted = replace(citation(), source="a.txt", start=12, end=20)
    others = (replace(quoted, end=31), replace(quoted, source="b.txt"))
    assert "已引用" in why.panel(answer(hits=(behind,), citations=(quoted,)), HANS)
    assert "已引用" not in why.panel(answer(hits=(behind,), citations=others), HANS)


def test_why_tells_who_wrote_and_how_long_each_stage_took() -> None:
    timings = {"retrieve": 12.4, "answer": 30.0, "total": 42.6}
    own = Fragment(why.panel(answer(hits=(), timings=timings), EN))
    assert own.text == f"{EN.why_extractive}{EN.why_timings}retrieve12answer30Σ43"
    written = answer(hits=(), provider="qwen", prompt="v3", left_out=("a", "b"), invented=1)
    assert Fragment(why.panel(written, HANS)).text == (
        "由 qwen 撰写，提示词 v3找到但没有给模型看的段落：2模型编造、已去掉的引用标记：1"
    )


# --- around the answers -------------------------------------------------------------------------------------


def test_the_first_screen_offers_examples_or_how_to_begin() -> None:
    first = Fragment(render.welcome([info("a.txt")], ["甲？", "乙？"], "hans", admin=False))
    assert first.text == f"{HANS.welcome}{HANS.promise}{HANS.examples}甲？乙？"
    assert first.values("data-do") == ["example", "example"]
    none = Fragment(render.welcome([info("a.txt")], [], "hans", admin=True))
    assert none.text == f"{HANS.welcome}{HANS.promise}"
    empty = Fragment(render.welcome([], ["问？"], "hant", admin=True))
    assert (empty.text, empty.values("href")) == ("還沒有文件先放入要查的文件，然後就可以提問。新增文件", ["#/library"])
    reader = Fragment(render.welcome([], [], "hant", admin=False))
    assert (reader.text, reader.values("href")) == ("還沒有文件請管理員先放入文件。", [])


def test_the_filter_is_told_only_where_there_is_one() -> None:
    assert limits(Filter(), HANS) == ""
    fragment = Fragment(limits(Filter(sources=("a.txt", "b.txt"), region="温州", since="2019"), HANS))
    assert fragment.text == "只查：a.txt, b.txt · 温州 · 2019取消限制"
    assert fragment.values("data-do") == ["everything"]


def test_no_list_is_shown_without_entries() -> None:
    assert (sources.cited(answer(citations=()), EN), sources.nearest([], EN), render.suggested([], "x")) == ("", "", "")


@pytest.mark.parametrize("language", [language for _, language in LANGUAGES])
def test_every_label_is_there_in_every_language(language: Language) -> None:
    words = WORDS[language]
    assert [field.name for field in fields(Words) if not getattr(words, field.name).strip()] == []
    assert "7" in words.reading.format(number=Count(7))
    assert {"7", "乙"} <= set(words.cited.format(number=7, title="乙"))
    assert "问" in words.read_as.format(question="问")
    assert all("85" in text.format(percent=85) for text in (words.high, words.medium, words.low))
    assert "乙" in words.superseded.format(source="乙")
    assert "乙" in words.copies.format(places="乙")
    assert {"乙", "4"} <= set(words.count.format(verdict="乙", number=4))
    assert {"乙", "丙"} <= set(words.why_written.format(provider="乙", prompt="丙"))
    assert "乙" in words.only.format(filter="乙")
    for counted in (words.more, words.why_left_out, words.why_invented):
        assert "4" in counted.format(number=4)


def test_the_box_to_ask_in_has_labels() -> None:
    fragment = Fragment(render.view("hant"))
    assert fragment.values("aria-label") == [HANT.conversation, HANT.question, HANT.send, HANT.stop]
