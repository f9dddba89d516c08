from __future__ import annotations

from dataclasses import fields

import pytest

from tests.ui.fragments import PAYLOADS, Fragment, shows
from tests.ui.outcomes import info
from ui import shell
from ui.icons import icon
from ui.words import EN, HANS, HANT, LANGUAGES, WORDS, Count, Language, Words


@pytest.mark.parametrize("language", [language for _, language in LANGUAGES])
def test_the_frame_has_a_tab_and_a_place_for_every_part(language: Language) -> None:
    fragment, words = Fragment(shell.frame(language, owner=None)), WORDS[language]
    parts = ["chat", "library", "evaluation", "settings"]
    assert (fragment.values("data-tab"), fragment.values("data-view")) == (parts, parts)
    assert fragment.values("href", class_="pr-tab") == ["#/", "#/library", "#/evaluation", "#/settings"]
    assert f"{words.chat}{words.library}{words.evaluation}{words.settings}" in fragment.text
    assert fragment.values("lang", class_="pr-frame") == [words.tag]
    assert fragment.foreign() == []


def test_the_frame_has_landmarks_with_names_and_a_way_past_the_bar() -> None:
    fragment = Fragment(shell.frame("en", owner=None))
    assert fragment.tags.count("main") == fragment.tags.count("header") == fragment.tags.count("h1") == 1
    assert fragment.values("aria-label", class_="pr-tabs") == [EN.parts]
    assert fragment.values("aria-label", id="pr-side") == [EN.menu]
    assert fragment.values("aria-live", role="status") == ["polite"]
    assert fragment.values("href", data_do="skip") == ["#pr-main"]
    labels = [each.get("aria-label", "") for tag, each in fragment.elements if tag == "select"]
    assert labels == [EN.language, EN.theme]


def test_the_language_that_is_shown_is_chosen() -> None:
    fragment = Fragment(shell.frame("hant", owner=None))
    assert [each["value"] for tag, each in fragment.elements if tag == "option" and "selected" in each] == ["hant"]
    assert "简体繁體English" in fragment.text


def test_only_who_is_signed_in_can_sign_out() -> None:
    assert Fragment(shell.frame("hans", owner="ann")).values("data-do").count("sign-out") == 1
    assert "sign-out" not in Fragment(shell.frame("hans", owner=None)).values("data-do")
    assert "ann退出登录" in Fragment(shell.frame("hans", owner="ann")).text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_name_stays_text(payload: str) -> None:
    frame = shell.frame("hans", owner=payload)
    assert shows(frame, payload)
    assert Fragment(frame).foreign() == []


def test_the_bar_counts_documents_and_passages() -> None:
    assert Fragment(shell.corpus_line([info("a.txt"), info("b.txt")], HANS)).text == "2 份文件 · 2,400 个段落"
    assert Fragment(shell.corpus_line([info("a.txt", 7)], EN)).text == "1 document · 7 passages"
    assert shell.corpus_line([], HANT) == ""


@pytest.mark.parametrize("language", [language for _, language in LANGUAGES])
def test_every_label_is_there_in_every_language(language: Language) -> None:
    words = WORDS[language]
    assert [field.name for field in fields(Words) if not getattr(words, field.name).strip()] == []
    assert {"7", "9"} <= set(words.corpus.format(documents=Count(7), chunks=Count(9)))


def test_icons_are_passed_over_by_screen_readers() -> None:
    assert Fragment(icon("copy")).values("aria-hidden") == ["true"]
    with pytest.raises(KeyError):
        icon("no such icon")
