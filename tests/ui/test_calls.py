from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from rag import Chatbot, Settings
from rag.errors import QuestionError
from ui import calls
from ui.calls import BadCallError, Handler, NotAllowedError, Visit
from ui.words import EN, HANT


@pytest.fixture
def visit(tmp_path: Path) -> Visit:
    return Visit(Chatbot.open(Settings(home=tmp_path / "new")), None, True, "hant")


def test_a_handler_gets_visit_and_arguments_and_its_result_is_passed_on(visit: Visit) -> None:
    seen: list[object] = []

    def handler(*given: object) -> object:
        seen.append(given)
        return {"html": "<p>"}

    assert calls.answer({"a.b": handler}, visit, "a.b", {"x": 1}) == {"result": {"html": "<p>"}}
    assert seen == [(visit, {"x": 1})]


def test_an_unknown_name_is_an_error_that_names_it(visit: Visit) -> None:
    handlers: Mapping[str, Handler] = {"a.b": lambda *_: None}
    assert calls.answer(handlers, visit, "a.c", {}) == {"error": "there is no 'a.c' to call. Reload the page."}
    assert calls.answer(handlers, visit, "None", {}) == {"error": "there is no 'None' to call. Reload the page."}


def test_our_errors_are_told_and_not_logged(visit: Visit, caplog: pytest.LogCaptureFixture) -> None:
    def handler(*_: object) -> object:
        raise QuestionError("the question is empty.")

    assert calls.answer({"a.b": handler}, visit, "a.b", {}) == {"error": "the question is empty."}
    assert caplog.messages == []


def test_other_errors_are_told_and_logged(visit: Visit, caplog: pytest.LogCaptureFixture) -> None:
    def handler(*_: object) -> object:
        raise KeyError("x")

    with caplog.at_level(logging.ERROR):
        assert calls.answer({"a.b": handler}, visit, "a.b", {}) == {"error": "KeyError: 'x'"}
    assert caplog.messages == ["a.b failed in the web UI"]


def test_only_administrators_may_do_what_is_theirs(visit: Visit) -> None:
    calls.admin_only(visit)
    for language, words in (("hant", HANT), ("en", EN)):
        with pytest.raises(NotAllowedError) as caught:
            calls.admin_only(Visit(visit.bot, "ann", False, language))  # type: ignore[arg-type]
        assert str(caught.value) == words.admins_only


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (calls.text, ""),
        (calls.text, "字" * 2000),
        (calls.texts, []),
        (calls.texts, ["a", ""]),
        (calls.number, 0),
        (calls.number, 2**53 - 1),
        (calls.flag, True),
        (calls.flag, False),
    ],
)
def test_what_is_as_it_should_be_is_given(check: Callable[..., object], value: object) -> None:
    assert check({"x": value, "y": None}, "x") == value


@pytest.mark.parametrize(
    ("check", "values", "wanted"),
    [
        (calls.text, [None, 1, True, ["a"], {}, "字" * 2001], "x must be text of at most 2000 characters."),
        (
            calls.texts,
            [None, "ab", {"a": 1}, [1], ["a", None], ["a"] * 1001],
            "x must be a list of at most 1000 texts.",
        ),
        (calls.number, [None, "1", 1.0, True, -1, 2**53, [1]], "x must be a whole number from 0 on."),
        (calls.flag, [None, 0, 1, "true", []], "x must be true or false."),
    ],
)
def test_what_is_not_is_an_error_that_names_the_argument(
    check: Callable[..., object], values: list[object], wanted: str
) -> None:
    for value in values:
        with pytest.raises(BadCallError) as caught:
            check({"x": value}, "x")
        assert str(caught.value) == f"{wanted} Reload the page."


def test_what_is_missing_is_an_error_except_for_a_flag() -> None:
    for check in (calls.text, calls.texts, calls.number):
        with pytest.raises(BadCallError, match=r"^x must be "):
            check({}, "x")
    assert calls.flag({}, "x") is False


def test_bounds_can_be_others() -> None:
    assert calls.text({"x": "abc"}, "x", longest=3) == "abc"
    assert calls.texts({"x": ["a"]}, "x", most=1) == ["a"]
    assert calls.number({"x": 2}, "x", least=2) == 2
    for check, arguments, bound in (
        (calls.text, {"x": "abcd"}, {"longest": 3}),
        (calls.texts, {"x": ["a", "b"]}, {"most": 1}),
        (calls.number, {"x": 1}, {"least": 2}),
    ):
        with pytest.raises(BadCallError, match=str(*bound.values())):
            check(arguments, "x", **bound)  # type: ignore[operator]
