from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag import Chatbot, Settings
from rag.chat.records import Conversation, Turn
from rag.schema import Answer, Citation, Sentence
from rag.users import Users
from tests.conftest import copy_home
from tests.ui.serving import client, serving, signed_in
from ui.markup import escape
from ui.printing import WORDS, printed
from ui.server import walled
from ui.uploads import Uploads
from ui.words import Language

QUESTION = "到2025年政务服务事项网上可办率要达到多少？"
OFF_TOPIC = "鲸鱼怎样在深海里睡觉？"


@pytest.fixture
def bot(library: Path, tmp_path: Path) -> Chatbot:
    return Chatbot.open(Settings.load(home=copy_home(library, tmp_path / "home")))


@pytest.fixture
def users(bot: Chatbot) -> Users:
    return Users(bot.settings.state, rounds=4)


@pytest.fixture
def url(bot: Chatbot) -> Iterator[str]:
    uploads = Uploads(bot.settings.state / "uploads", max_bytes=lambda: 1000)
    with serving(lambda: walled(bot, uploads, loopback=True)) as address:
        yield address


def held(bot: Chatbot, *questions: str, owner: str | None = None) -> str:
    """The id of a conversation of ``owner`` in which ``questions`` were asked."""
    conversation = bot.conversations.of(owner).create()
    for question in questions:
        list(bot.converse(conversation.id, question, owner=owner))
    return conversation.id


def test_a_conversation_as_markdown_and_json(url: str, bot: Chatbot) -> None:
    talk = held(bot, QUESTION, OFF_TOPIC)
    with client(url) as browser:
        markdown, plain = browser.get(f"/export/{talk}.md"), browser.get(f"/export/{talk}.json")
    assert (markdown.text, plain.text) == (bot.export(talk), bot.export(talk, markdown=False))
    assert markdown.headers["content-type"] == "text/markdown; charset=utf-8"
    assert plain.headers["content-type"] == "application/json"
    for answer in (markdown, plain):
        assert answer.headers["content-disposition"].startswith('attachment; filename="')
        assert "filename*=UTF-8''%E5%88%B02025" in answer.headers["content-disposition"]
        assert (answer.headers["x-content-type-options"], answer.headers["cache-control"]) == ("nosniff", "no-store")


def test_a_conversation_to_print_has_every_citation_in_full(url: str, bot: Chatbot) -> None:
    talk = held(bot, QUESTION, OFF_TOPIC)
    with client(url, **{"accept-language": "en"}) as browser:
        answer = browser.get(f"/export/{talk}.html")
        assert '<html lang="zh-Hant">' in browser.get(f"/export/{talk}.html?lang=hant").text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('inline; filename="')
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert (policy["default-src"], policy["style-src"]) == ("'none'", "'unsafe-inline'")
    assert '<html lang="en">' in answer.text
    assert not re.search(r"<script|<img|\bsrc=|url\(|@import|https?:", answer.text)
    assert "@media print" in answer.text
    assert "size: A4" in answer.text
    mine = bot.conversations
    asked, answered, off_topic, refused = mine.turns(talk)
    assert f"<h1>{escape(mine.get(talk).title)}</h1>" in answer.text
    assert f"<h2>1. {escape(asked.content)}</h2>" in answer.text
    assert f"<h2>2. {escape(off_topic.content)}</h2>" in answer.text
    assert answered.answer is not None
    assert refused.answer is not None
    assert answered.answer.citations
    for citation in answered.answer.citations:
        assert f'<a href="#t{answered.id}-{citation.number}">&#91;{citation.number}&#93;</a>' in answer.text
        assert f'id="t{answered.id}-{citation.number}"' in answer.text
        assert f"<blockquote>{escape(citation.quote)}</blockquote>" in answer.text
        where = f"{citation.source}, characters {citation.start}–{citation.end}"
        assert f"<p>{escape(where)}</p>" in answer.text
    assert answer.text.count(escape(str(refused.answer.reason))) == 1
    assert escape(WORDS["en"].changed) not in answer.text


def test_a_citation_whose_document_is_gone_says_so(url: str, bot: Chatbot) -> None:
    talk = held(bot, QUESTION)
    bot.remove("数字政府.txt")
    with client(url) as browser:
        assert escape(WORDS["hans"].changed) in browser.get(f"/export/{talk}.html").text


def test_each_user_gets_his_own_and_nobody_elses(url: str, bot: Chatbot, users: Users) -> None:
    local, of_ann, of_bob = held(bot, QUESTION), held(bot, QUESTION, owner="ann"), held(bot, OFF_TOPIC, owner="bob")
    with signed_in(url, users, "Ann", admin=True) as ann, signed_in(url, users, "bob") as bob:
        for ending in ("md", "json", "html"):
            paths = [f"/export/{talk}.{ending}" for talk in (local, of_ann, of_bob)]
            assert [ann.get(path).status_code for path in paths] == [404, 200, 404]
            assert [bob.get(path).status_code for path in paths] == [404, 404, 200]
        absent, others = ann.get("/export/0123456789ab.md"), ann.get(f"/export/{of_bob}.md")
        assert others.text.replace(of_bob, "0123456789ab") == absent.text
        assert json.loads(bob.get(f"/export/{of_bob}.json").text)["conversation"]["owner"] == "bob"
    with client(url) as nobody:
        assert nobody.get(f"/export/{local}.md").status_code == 401
        assert nobody.get(f"/export/{of_ann}.html", headers={"accept": "text/html"}).headers["location"] == "/login"


def test_what_is_no_export(url: str, bot: Chatbot) -> None:
    talk = held(bot, OFF_TOPIC)
    names = [
        "x",
        talk,
        f"{talk}.pdf",
        f"{talk}.md.exe",
        f"{talk[:6]}.md",
        ".md",
        f"{talk}%2F..%2Fusers.json",
        "..%2Fa.md",
    ]
    with client(url) as browser:
        assert [browser.get(f"/export/{name}").status_code for name in names] == [404] * len(names)
        assert browser.post(f"/export/{talk}.md").status_code == 405


# --- the page to print ----------------------------------------------------------------------------------------

CONVERSATION = Conversation("0123456789ab", "标题", None, "2026-01-02T03:04:05+00:00", "2026-01-02T04:05:06+00:00", 2)
CITATION = Citation(1, "a.txt", "办法", "第一条", 3, 9, "为了规范管理")
ANSWER = Answer(
    question="问",
    text="规范管理。[1]\n另一句。[2]",
    refused=False,
    reason=None,
    confidence=0.9,
    citations=(CITATION,),
    sentences=(Sentence("规范管理。", (1,), "supported"), Sentence("另一句。", (), "unsupported")),
    hits=(),
    timings={},
    provider="extractive",
)


def shown(answer: Answer, language: Language = "hans", *, title: str = "标题", question: str = "问") -> str:
    said = [Turn(1, "user", question, "2026-01-02T03:04:05+00:00")]
    said += [Turn(2, "assistant", answer.text, "2026-01-02T03:04:06+00:00", answer)]
    return printed(replace(CONVERSATION, title=title), said, language, opens=lambda _: True)


def test_what_a_page_says_of_an_answer() -> None:
    answer = replace(ANSWER, rewritten="补全的问题", notice="提醒", prompt="answer.v1")
    page = shown(answer, "hant")
    for part in (
        "<p>2026&#45;01&#45;02 03&#58;04 – 2026&#45;01&#45;02 04&#58;05 UTC</p>",
        "<h2>1. 问</h2>",
        f'<p class="note">{escape("檢索時理解為：补全的问题")}</p>',
        '<p>规范管理。<a href="#t2-1">&#91;1&#93;</a></p><p>另一句。&#91;2&#93;</p>',
        '<p class="note">提醒</p>',
        f"<p>{escape(WORDS['hant'].doubtful)}</p><ul><li>另一句。 <em>沒有原文依據</em></li></ul>",
        '<div id="t2-1"><dt>&#91;1&#93;</dt><dd><strong>办法 › 第一条</strong><blockquote>为了规范管理</blockquote>',
        "<p>a&#46;txt，第 3–9 字</p>",
        f'<p class="by">{escape("回答者：extractive · 提示詞：answer.v1")}</p>',
    ):
        assert part in page


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("hans", "a.txt，第 5 页，第 3–9 字"),
        ("hant", "a.txt，第 5 頁，第 3–9 字"),
        ("en", "a.txt, page 5, characters 3–9"),
    ],
)
def test_a_printed_citation_names_its_page(language: Language, told: str) -> None:
    page = shown(replace(ANSWER, citations=(replace(CITATION, page=5),)), language)
    assert f"<p>{escape(told)}</p>" in page


def test_a_question_without_an_answer_says_why() -> None:
    turn = Turn(1, "user", "问", "2026-01-02T03:04:05+00:00", note="cancelled")
    page = printed(CONVERSATION, [turn], "en", opens=lambda _: True)
    assert '<h2>1. 问</h2><p class="note">cancelled</p></main>' in page


@pytest.mark.parametrize(
    "payload",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "</style><script>alert(1)</script>",
        "</title><svg onload=alert(1)>",
        '"><a href="javascript:alert(1)">x</a>',
        "[x](https://evil.example/)",
        "{{constructor.constructor('alert(1)')()}}",
        "<link rel=stylesheet href=//evil.example>",
        "<meta http-equiv=refresh content='0;url=//evil.example'>",
        "a\u202eb\u200bc",
        "&lt;script&gt;",
    ],
)
def test_nothing_that_was_said_is_markup(payload: str) -> None:
    citation = Citation(1, payload, payload, payload, 0, 1, payload)
    answer = replace(
        ANSWER,
        text=f"{payload} [1]",
        reason=payload,
        citations=(citation,),
        sentences=(Sentence(payload, (1,), "partly"),),
        provider=payload,
        prompt=payload,
        rewritten=payload,
        notice=payload,
    )
    harmless = shown(
        replace(
            answer,
            text="x [1]",
            reason="x",
            citations=(Citation(1, "x", "x", "x", 0, 1, "x"),),
            sentences=(Sentence("x", (1,), "partly"),),
            provider="x",
            prompt="x",
            rewritten="x",
            notice="x",
        ),
        title="x",
        question="x",
    )
    page = shown(answer, title=payload, question=payload)
    tags = re.compile(r"<[^>]*>")
    assert tags.findall(page) == tags.findall(harmless)
    assert page.count(escape(payload)) >= 10
    assert not re.search("[\u202e\u200b]", page)
