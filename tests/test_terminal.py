from __future__ import annotations

import re
from dataclasses import replace

import pytest

from rag import terminal
from rag.answer.checking import Checked
from rag.answer.compared import Problem
from rag.answer.grounding import Support
from rag.progress import Lines, progress
from rag.schema import (
    Answer,
    Check,
    Citation,
    Copy,
    DocumentInfo,
    Failure,
    Hit,
    IngestReport,
    Metadata,
    Moved,
    Progress,
    Sentence,
    Skipped,
    VerifyReport,
)

QUOTE = "到2025年，全市常住人口城市化率達到72%；[bold]中心城區[/bold]首位度明顯提升。" * 3
CITATION = Citation(1, "a [1].txt", "決定", "一、目標 › (一)城市化", 0, len(QUOTE), QUOTE)
ANSWER = Answer("目標？", "達到72%。[1]", False, None, 0.9, (CITATION,), (), (), {}, "extractive")
HIT = Hit("第一段。\n\n第二段。", 0.5, "a.txt", "", "", 0, 10, "c1")
INFO = DocumentInfo("a.txt", "/a.txt", Metadata(), "utf-8", "0", 1000, 900, 99, 3, 4, "2026-01-01T00:00:00Z")


@pytest.fixture(params=[None, "40"])
def width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """Output to a pipe, and to a narrow terminal."""
    if request.param:
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("COLUMNS", request.param)
    return request.param


def read(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, without colours and without the places where lines were broken."""
    return re.sub(r"\s+", "", re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out))


def test_an_answer_loses_no_character_to_markup_or_wrapping(
    width: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.answered(replace(ANSWER, rewritten="溫州的目標？"))
    expected = (
        f"searchedas:溫州的目標？達到72%。[1]Sources[1]決定›一、目標›(一)城市化{QUOTE}a[1].txtconfidence:high(90%)"
    )
    assert read(capsys) == expected


def test_without_quotes_only_the_places_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.answered(ANSWER, quotes=False)
    assert read(capsys) == "達到72%。[1]Sources[1]決定›一、目標›(一)城市化a[1].txtconfidence:high(90%)"


def test_a_source_with_pages_names_its_page(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.answered(replace(ANSWER, citations=(replace(CITATION, page=3),)), quotes=False)
    assert "    a [1].txt  p. 3" in capsys.readouterr().out.splitlines()
    terminal.found([replace(HIT, page=12, issued="2019-06-01")])
    assert "    a.txt  p. 12  2019-06-01  score 0.5000" in capsys.readouterr().out.splitlines()


def test_supported_sentences_are_one_text_and_what_is_not_covered_a_line_of_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sentences = (Sentence("達到72%。", (1,), "supported"), Sentence("甲。", (1,), "supported"))
    partial = "資料沒有說到杭州的情況。"
    text = f"達到72%。[1]甲。[1]\n{partial}"
    terminal.answered(replace(ANSWER, text=text, sentences=sentences, partial=partial, confidence=0.7), quotes=False)
    assert capsys.readouterr().out.splitlines() == [
        "達到72%。[1]甲。[1]",
        partial,
        "",
        "Sources",
        "[1] 決定 › 一、目標 › (一)城市化",
        "    a [1].txt",
        "",
        "confidence: fair (70%)",
    ]


def test_a_correction_is_told_with_its_source(capsys: pytest.CaptureFixture[str]) -> None:
    lead, reason = "資料中的說法相反：", "問題的前提與資料不符。"
    sentences = (Sentence("達到72%。", (1,), "supported"),)
    corrected = replace(
        ANSWER, refused=True, reason=reason, text=f"{lead}達到72%。[1]", sentences=sentences, correction=lead
    )
    shown = [reason, f"{lead}達到72%。[1]", "", "Sources", "[1] 決定 › 一、目標 › (一)城市化", "    a [1].txt"]
    terminal.answered(corrected, quotes=False)
    assert capsys.readouterr().out.splitlines()[:6] == shown
    terminal.answered(replace(corrected, sentences=(replace(sentences[0], verdict="partly"),)), quotes=False)
    assert capsys.readouterr().out.splitlines()[:3] == [reason, lead, "~ partly supported: 達到72%。[1]"]


def test_a_doubtful_sentence_puts_each_on_a_line_with_its_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    sentences = (
        Sentence("甲。", (1,), "supported"),
        Sentence("乙。", (1, 2), "partly"),
        Sentence("丙。", (), "unsupported"),
    )
    text = "甲。[1]乙。[1][2]丙。"
    terminal.answered(replace(ANSWER, text=text, sentences=sentences, citations=(), confidence=0.3))
    assert capsys.readouterr().out.splitlines() == [
        "✓ 甲。[1]",
        "~ partly supported: 乙。[1][2]",
        "✗ not supported: 丙。",
        "",
        "confidence: low (30%)",
    ]


def test_a_source_tells_damage_date_next_version_and_copies(capsys: pytest.CaptureFixture[str]) -> None:
    copies = tuple(Copy(f"{n}.txt", f"文件{n}", "一、", 0, 9, "c") for n in range(1, 6))
    behind = Hit("……", 0.5, "a.txt", "決定", "", 0, 20, "c1", {}, "b.txt", "2018-06-20", copies)
    cited = Citation(1, "a.txt", "決定", "", 2, 9, "增長 06%", damaged=True)
    terminal.answered(replace(ANSWER, citations=(cited,), hits=(behind,)))
    assert capsys.readouterr().out.splitlines()[2:-2] == [
        "Sources",
        "[1] 決定",
        "    增長 06%",
        "    quoted as it stands: the document may have lost characters here",
        "    a.txt  2018-06-20",
        "    superseded by b.txt",
        "    also in 文件1 › 一、 (1.txt); 文件2 › 一、 (2.txt); 文件3 › 一、 (3.txt); 2 more",
    ]


def test_a_checked_text_shows_each_verdict_what_contradicts_it_and_the_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    quoted = replace(CITATION, quote="達到72%。")
    wrong = Support("unsupported", 0, 0, 5, 0.8, (Problem("percentage", "75%", "72%"), Problem("place", "台州", "")))
    terminal.checked(
        [
            Checked("達到72%。", Support("supported", 0, 0, 5, 1.0), quoted),
            Checked("台州達到75%。", wrong, replace(quoted, number=2)),
            Checked("乙。", Support("partly", None, 0, 0, 0.5), None),
        ]
    )
    assert capsys.readouterr().out.splitlines() == [
        "✓ 達到72%。",
        "[1] 決定 › 一、目標 › (一)城市化",
        "    達到72%。",
        "    a [1].txt",
        "✗ 台州達到75%。",
        "    percentage: 75%, the passage has 72%",
        "    place: 台州",
        "[2] 決定 › 一、目標 › (一)城市化",
        "    達到72%。",
        "    a [1].txt",
        "~ 乙。",
        "",
        "1 supported, 1 partly, 1 unsupported",
    ]


def test_a_refusal_gives_reason_and_the_start_of_three_passages(
    width: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    long = replace(HIT, text="長" * 500)
    terminal.answered(replace(ANSWER, refused=True, reason="[red]沒有。", hits=(HIT, long, HIT, HIT)))
    expected = f"Noanswer:[red]沒有。Nearestpassages[1]a.txt第一段。第二段。a.txt[2]a.txt{'長' * 140}……a.txt"
    assert read(capsys) == expected + "[3]a.txt第一段。第二段。a.txt"


def test_no_hit_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.found([])
    assert capsys.readouterr().out == "No passage found.\n"


def test_a_hit_shows_its_date_and_what_supersedes_it(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.found([replace(HIT, text="甲", issued="2018-10-26", superseded_by="b.txt")])
    assert capsys.readouterr().out.splitlines() == [
        "[1] a.txt",
        "    甲",
        "    a.txt  2018-10-26  score 0.5000",
        "    superseded by b.txt",
    ]


def test_text_cannot_command_the_terminal(width: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.found([replace(HIT, text="甲\x1b]0;owned\x07乙\x1b[2J丙\r丁\u202e\u200b\ufeff\U000e0041戊")])
    assert read(capsys) == "[1]a.txt甲]0;owned乙[2J丙丁戊a.txtscore0.5000"


def test_an_ingest_names_what_changed_and_why_files_failed(
    width: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.ingested(IngestReport(added=("甲[1].txt",), unchanged=("乙.txt",), failed=(Failure("丙[2].txt", "空。"),)))
    text = read(capsys)
    assert "added1甲[1].txtupdated0unchanged1removed0failed1" in text
    assert text.endswith("✗丙[2].txt:空。")


def test_of_many_names_the_first_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.ingested(IngestReport(added=tuple(f"{n}.txt" for n in range(300))))
    assert "added3000.txt,1.txt,2.txt,3.txt,4.txt,5.txt,6.txt,7.txt,8.txt,9.txt,…updated0" in read(capsys)


def test_a_library_line_has_every_known_value(capsys: pytest.CaptureFixture[str]) -> None:
    known = Metadata("決定", None, "温政发〔2018〕14号", "2018-06-20", None, None, "hant")
    terminal.listed([replace(INFO, metadata=known)])
    assert read(capsys).endswith("a.txt決定温政发〔2018〕14号2018-06-20hant1,000499.9%")


def test_an_empty_library_says_what_to_run(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.listed([])
    assert "rag ingest" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("characters", "covered", "shown"),
    [(1000, 1000, "100%"), (100_000, 99_999, "99.9%"), (1000, 0, "0.0%"), (0, 0, "100%")],
)
def test_coverage_is_never_rounded_up(characters: int, covered: int, shown: str) -> None:
    info = replace(INFO, characters=characters, chunk_characters=covered, furniture_characters=0)
    assert terminal.coverage(info) == shown


def test_a_verdict_for_each_outcome(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.verified(VerifyReport(2, 9))
    assert capsys.readouterr().out == "2 documents, 9 chunks\n✓ catalogue, vectors and lexical index agree\n"
    terminal.verified(VerifyReport(2, 9, ("3 chunks lack a vector",)))
    assert "✗ 3 chunks lack a vector\n  `rag verify --repair`" in capsys.readouterr().out
    terminal.verified(VerifyReport(2, 9, ("3 chunks lack a vector",), repaired=True))
    assert capsys.readouterr().out.endswith("✓ repaired\n")


def test_a_check_is_followed_by_its_hint(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.examined([Check("home", True, "/h"), Check("model", False, "not built", "Run `rag doctor --build`.")])
    assert capsys.readouterr().out == "✓ home: /h\n✗ model: not built\n  → Run `rag doctor --build`.\n"


def test_what_an_ingest_left_out_and_what_moved(capsys: pytest.CaptureFixture[str]) -> None:
    moved, skipped = (Moved("a[1].txt", "b.txt"),), (Skipped("/d", "2 files of formats that are not read: .exe (2)"),)
    terminal.ingested(IngestReport(moved=moved, skipped=skipped))
    told = capsys.readouterr().out
    assert [line.split() for line in told.splitlines() if line.split()[:1] == ["moved"]] == [["moved", "1"]]
    assert told.endswith("a[1].txt is now b.txt\n– /d: 2 files of formats that are not read: .exe (2)\n")


def test_lines_of_progress_come_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter([0.0, 5.0, 16.0, 20.0, 40.0])
    lines = Lines(clock=lambda: next(times), every=15.0)
    for number in (1, 20, 30, 60):
        lines(Progress("reading", number, 80, "a.txt") if number != 30 else Progress("embedding", 320, 400, "a.txt"))
    assert capsys.readouterr() == (
        "",
        "reading 20 of 80 documents; about 0:00:48 left\n"
        "reading 60 of 80 documents; embedding 320 of 400 passages, 8.0/s; about 0:00:13 left\n",
    )


def test_no_progress_bar_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with progress() as report:
        report(Progress("reading", 1, 2, "a.txt"))
    assert capsys.readouterr() == ("", "")
