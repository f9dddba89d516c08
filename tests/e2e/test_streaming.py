"""Answers that a language model writes slowly, from a server on loopback that the test holds back."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.answer.model_server import Exchange, model_server
from tests.conftest import copy_home
from tests.e2e.chatting import turns
from tests.e2e.served import Served
from tests.e2e.watched import LEAVING, WAIT_MS, Visitors

RATE = "到2025年政务服务事项网上可办率要达到多少？"
FIRST, SECOND = "到2025年，全市政务服务事项网上可办率达到98%[1]。", "群众办事平均跑动次数降到0.3次以下[1]。"


@dataclass
class Model:
    """Writes the first sentence, and the second once it ``may``; ``tireless``: and others, for ever, until then."""

    may: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)
    tireless: bool = False

    def reply(self, exchange: Exchange) -> None:
        exchange.begin()
        exchange.delta(FIRST + SECOND[:4])  # a sentence is shown once the next has begun
        try:
            for number in count():
                if self.may.wait(0.2):
                    break
                if self.tireless:
                    exchange.delta(f"网上可办率达到{number}%[1]。全市政务服务事项")
                elif exchange.hung_up(0.01):
                    self.left.set()
                    return
            exchange.delta(SECOND[4:], "stop")
            exchange.event("[DONE]")
        except OSError:
            self.left.set()


@pytest.fixture(scope="module")
def model() -> Model:
    return Model()


@pytest.fixture(scope="module")
def worded(program: str, model: Model, library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The page on the two small documents, with answers by ``model``."""
    with model_server(model.reply) as server:
        settings = {"RAG_LLM__MODEL": "openai:m", "RAG_LLM__BASE_URL": f"{server.address}/v1", "RAG_LLM__API_KEY": "k"}
        with Served(copy_home(library, tmp_path_factory.mktemp("worded") / "home"), settings) as served:
            yield served
            model.may.set()


@pytest.fixture
def writing(visitors: Visitors, worded: Served, model: Model) -> Page:
    """A page on which the first sentence of an answer stands, and the second is yet to come."""
    model.may.clear()
    model.left.clear()
    model.tireless = False
    page = visitors.arrive(worded.url)
    page.locator(".pr-question-box").fill(RATE)
    page.keyboard.press("Enter")
    expect(page.locator(".pr-live .pr-answer")).to_contain_text("98%")
    return page


def test_an_answer_is_shown_while_it_is_written(writing: Page, model: Model) -> None:
    turn = writing.locator(".pr-live .pr-turn")
    expect(turn).to_have_attribute("aria-busy", "true")
    expect(turn).not_to_contain_text("0.3次")
    expect(turn.locator(".pr-chip")).to_have_text("1")
    expect(writing.locator(".pr-stop")).to_be_visible()
    model.may.set()
    done = turns(writing).first
    expect(done).to_contain_text("0.3次")
    expect(done).to_have_attribute("aria-busy", "false")
    expect(writing.locator(".pr-stop")).to_be_hidden()


def test_nothing_jumps_when_the_answer_is_finished(writing: Page, model: Model) -> None:
    asked = writing.locator(".pr-asked")
    before = asked.bounding_box()
    model.may.set()
    expect(turns(writing)).to_have_count(1)
    assert asked.bounding_box() == before


@pytest.mark.parametrize("how", ["button", "escape"])
def test_an_answer_is_stopped_though_the_model_is_silent(
    writing: Page, model: Model, how: str, visitors: Visitors
) -> None:
    visitors.watch.allowed += LEAVING
    if how == "button":
        writing.locator(".pr-stop").click()
    else:
        writing.locator(".pr-question-box").press("Escape")
    expect(turns(writing).first.locator(".pr-notice")).to_contain_text("已停止")
    assert model.left.wait(WAIT_MS / 1000)
    writing.reload()
    expect(turns(writing).first.locator(".pr-notice")).to_contain_text("已停止")
    model.may.set()
    turns(writing).first.locator("[data-do=retry]").click()
    expect(turns(writing).first).to_contain_text("0.3次")


def test_a_model_that_writes_on_is_stopped_too(writing: Page, model: Model) -> None:
    model.tireless = True
    writing.locator(".pr-stop").click()
    expect(turns(writing).first.locator(".pr-notice")).to_contain_text("已停止")
    assert model.left.wait(WAIT_MS / 1000)


def test_a_page_that_is_closed_stops_a_silent_model(writing: Page, model: Model) -> None:
    writing.close()
    assert model.left.wait(WAIT_MS / 1000)


def test_others_are_answered_while_one_stops_a_silent_model(
    writing: Page, model: Model, visitors: Visitors, worded: Served
) -> None:
    other = visitors.arrive(worded.url)
    other.locator(".pr-question-box").fill("鲸鱼怎样在深海里睡觉？")  # refused without the model
    writing.locator(".pr-stop").click()
    other.keyboard.press("Enter")
    expect(turns(other).locator(".pr-refusal")).to_be_visible()
    assert not model.may.is_set()


def test_what_is_typed_meanwhile_stays_in_the_box(writing: Page, model: Model) -> None:
    box = writing.locator(".pr-question-box")
    box.fill("然后呢？")
    box.press("Enter")
    expect(box).to_have_value("然后呢？")
    model.may.set()
    expect(turns(writing)).to_have_count(1)
    expect(box).to_have_value("然后呢？")


def test_an_answer_is_written_on_while_another_tab_is_looked_at(writing: Page, model: Model) -> None:
    writing.locator("[data-tab=library]").click()
    expect(writing.locator("[data-view=library] h2").first).to_be_visible()
    model.may.set()
    expect(turns(writing)).to_have_count(1)
    expect(writing).to_have_url(re.compile(r"#/library$"))
    writing.locator("[data-tab=chat]").click()
    expect(turns(writing).first.locator(".pr-answer")).to_contain_text("0.3次")
    expect(writing).to_have_url(re.compile(r"#/c/\w+$"))


def test_who_wrote_is_told(writing: Page, model: Model) -> None:
    model.may.set()
    turn = turns(writing).first
    turn.locator(".pr-why summary").click()
    expect(turn.locator("[data-why]")).to_contain_text("answer.v1")


def test_another_conversation_can_be_opened_while_an_answer_is_written(writing: Page, model: Model) -> None:
    writing.locator(".pr-new").click()
    expect(writing.locator(".pr-welcome")).to_be_visible()
    expect(writing.locator(".pr-send[type=submit]")).to_be_visible()
    expect(writing.locator(".pr-turn")).to_have_count(0)
