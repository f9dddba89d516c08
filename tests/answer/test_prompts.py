from __future__ import annotations

from pathlib import Path

import pytest

from rag.answer.prompts import LANGUAGE, MISSING, Prompt, load_prompt
from rag.errors import PromptError
from rag.resources import shipped

GOOD = "description: d\nsystem: 用$language答\nuser: |\n  问$question，花$$5\ndefaults:\n  language: 中文\n"


def write(folder: Path, text: str, name: str = "mine.yaml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("answer.v1", {"passages", "question", "language", "missing"}),
        ("rewrite.v1", {"history", "question"}),
        ("summarise.v1", {"history", "length"}),
        ("judge.v1", {"sentence", "passage"}),
    ],
)
def test_the_shipped_prompts(name: str, variables: set[str]) -> None:
    prompt = load_prompt(name)
    assert (prompt.name, prompt.variables) == (name, variables)
    messages = prompt.render(**{each: f"<{each}>" for each in variables})
    assert [role for role, _ in messages] == ["system", "user"]
    text = "".join(text for _, text in messages)
    assert [each for each in variables if f"<{each}>" not in text] == []
    assert "$" not in text
    assert all(variable in prompt.description for variable in variables)


def test_every_file_shipped_is_a_prompt_and_told_of() -> None:
    names = [path.stem for path in shipped("prompts").glob("*.yaml")]
    told = (shipped("prompts") / "README.md").read_text(encoding="utf-8")
    assert sorted(load_prompt(name).name for name in names) == sorted(names)
    assert [name for name in names if f"`{name}`" not in told] == []


def test_every_script_has_its_words() -> None:
    assert LANGUAGE.keys() == MISSING.keys() == {"hans", "hant", "en", "unknown"}


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    prompt = load_prompt(write(tmp_path, GOOD), uses=["question"])
    assert prompt == Prompt(prompt.name, "d", "用$language答", "问$question，花$$5\n", {"language": "中文"})
    assert prompt.name.startswith("mine@")
    assert prompt.render(question="$language?") == [("system", "用中文答"), ("user", "问$language?，花$5")]
    assert prompt.render(question="q", language="en")[0] == ("system", "用en答")


def test_its_name_tells_one_wording_from_another(tmp_path: Path) -> None:
    first, again = (load_prompt(write(tmp_path, GOOD)).name for _ in range(2))
    assert first == again != load_prompt(write(tmp_path, GOOD + "\n")).name


def test_without_a_system_text_there_is_one_message(tmp_path: Path) -> None:
    assert load_prompt(write(tmp_path, "user: 你好\n")).render() == [("user", "你好")]


def test_all_missing_values_are_named_at_once() -> None:
    with pytest.raises(PromptError) as caught:
        load_prompt("answer.v1").render(language="English")
    assert str(caught.value) == ("prompt answer.v1 needs passages, question: give a value, or a default in its file.")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("user: a\nusr: b\nx: c\n", "has unknown keys: usr, x. Known: defaults, description, system, user."),
        ("- a\n", "is no table of defaults, description, system, user. Mend the file."),
        ("description: d\n", "has no user text. Add one."),
        ("user: 5\nsystem: [a]\n", ": system, user must be text. Put it in quotation marks."),
        ("user: $a\ndefaults:\n  a: 5\n", ": defaults must be text. Put it in quotation marks."),
        ("user: 花$5\n", ": a $ in user begins no variable. Write $$ for a dollar sign."),
        ("user: $a\ndefaults:\n  b: c\n", "has defaults for what it never uses: b. Take them out."),
    ],
)
def test_a_file_that_is_no_prompt(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(PromptError) as caught:
        load_prompt(write(tmp_path, text))
    message = str(caught.value)
    assert message.startswith("prompt mine@")
    assert message.endswith(told)


def test_a_file_that_never_uses_what_it_must(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    with pytest.raises(PromptError) as caught:
        load_prompt(path, uses=["passages", "question", "history"])
    assert str(caught.value) == f"prompt {path} never uses $history, $passages. Put it in."


def test_what_is_not_there_or_no_yaml(tmp_path: Path) -> None:
    with pytest.raises(PromptError) as caught:
        load_prompt("answer.v0")
    assert str(caught.value) == (
        "no prompt 'answer.v0'. Shipped: answer.v1, judge.v1, rewrite.v1, summarise.v1; "
        "or give the path of a .yaml file."
    )
    with pytest.raises(PromptError, match=r"^prompt .*mine\.yaml is no YAML in UTF-8: "):
        load_prompt(write(tmp_path, "user: [\n"))
