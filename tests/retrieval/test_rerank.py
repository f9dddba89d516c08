from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from langchain_core.cross_encoders import BaseCrossEncoder
from safetensors.torch import load_file, save_file
from sentence_transformers import CrossEncoder
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from rag import Chatbot, Settings
from rag.errors import ModelError
from rag.retrieval.hybrid import Passage
from rag.retrieval.rerank import CrossEncoderReranker, passage_text, reordered
from tests.answer.parts import passage
from tests.retrieval.parts import MOST_TOKENS, write_cross_encoder, write_encoder

QUESTION = "城市化率的目标是多少"
TEXTS = ["温州的目标", "本办法第三条" * 6, "老人", "到年城市化率是多少", "政务云平台迁移", "补助用餐的老人是多少"]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cross_encoder(tmp_path_factory.mktemp("models") / "tiny")


def reference(folder: Path, question: str, text: str) -> float:
    """The score of one pair, by transformers alone."""
    tokenizer, network = loaded(folder)
    with torch.inference_mode():
        logit = network(**tokenizer([[question, text]], return_tensors="pt")).logits
    return float(torch.sigmoid(logit.double()))


@cache
def loaded(folder: Path) -> tuple[Any, Any]:
    network = AutoModelForSequenceClassification.from_pretrained(folder)
    return AutoTokenizer.from_pretrained(folder), network.eval()


def close(expected: list[float]) -> object:
    return pytest.approx(expected, abs=1e-5)


def test_scores_are_those_of_the_model_in_the_order_of_the_texts(model: Path) -> None:
    expected = [reference(model, QUESTION, text) for text in TEXTS]
    assert len({round(score, 3) for score in expected}) == len(TEXTS)
    for batch_size in (1, 2, 8):
        assert CrossEncoderReranker(str(model), batch_size=batch_size).scores(QUESTION, TEXTS) == close(expected)


def test_it_is_a_langchain_cross_encoder(model: Path) -> None:
    reranker = CrossEncoderReranker(str(model))
    assert isinstance(reranker, BaseCrossEncoder)
    pairs = [("城市", "温州"), ("老人", "补助用餐")]
    assert reranker.score(pairs) == close([reference(model, *pair) for pair in pairs])


def test_scores_are_between_0_and_1_also_for_a_model_that_gives_logits(model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "raw"
    shutil.copytree(model, folder)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["sentence_transformers"] = {"activation_fn": "torch.nn.modules.linear.Identity"}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    plain = CrossEncoder(str(folder), local_files_only=True).predict([(QUESTION, text) for text in TEXTS])
    assert min(plain) < 0 < max(plain)
    expected = [reference(model, QUESTION, text) for text in TEXTS]
    assert CrossEncoderReranker(str(folder)).scores(QUESTION, TEXTS) == close(expected)


def test_a_long_text_is_cut_where_the_model_ends(model: Path) -> None:
    text = "温州的目标" * 40
    cut = text[: MOST_TOKENS - 3 - len(QUESTION)]
    found = CrossEncoderReranker(str(model)).scores(QUESTION, [text, text + "老人", cut])
    assert found == close([reference(model, QUESTION, cut)] * 3)


def test_a_long_text_is_cut_at_max_length(model: Path) -> None:
    cut = TEXTS[1][: 30 - 3 - len(QUESTION)]
    assert CrossEncoderReranker(str(model), max_length=30).scores(QUESTION, [TEXTS[1]]) == close(
        [reference(model, QUESTION, cut)]
    )


def test_without_texts_there_is_nothing_to_load() -> None:
    assert CrossEncoderReranker("/no/such/folder").scores(QUESTION, []) == []


def test_an_empty_text_and_a_lone_surrogate_have_a_score(model: Path) -> None:
    found = CrossEncoderReranker(str(model)).scores("温\udcff州", ["", "到\udcff年"])
    assert found == close([reference(model, "温?州", ""), reference(model, "温?州", "到?年")])


def test_threads_may_share_it_from_the_first_use(model: Path) -> None:
    reranker = CrossEncoderReranker(str(model))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: reranker.scores(QUESTION, [text, "老人"]), TEXTS * 3))
    expected = [[reference(model, QUESTION, text), reference(model, QUESTION, "老人")] for text in TEXTS]
    assert found == [close(pair) for pair in expected * 3]


def test_importing_loads_no_heavy_package() -> None:
    code = "import sys, rag.retrieval.rerank; print(*sorted({'torch', 'transformers', 'sentence_transformers'} & "
    finished = subprocess.run([sys.executable, "-c", code + "set(sys.modules)))"], capture_output=True, text=True)
    assert (finished.stdout, finished.stderr) == ("\n", "")


# --- what goes wrong --------------------------------------------------------------------------------------------


def refused(folder: Path | str) -> str:
    with pytest.raises(ModelError) as caught:
        CrossEncoderReranker(str(folder)).scores(QUESTION, TEXTS)
    assert str(folder) in str(caught.value)
    assert "RAG_RERANKER" in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["/no/such/folder", "./no-such-folder", "~/no-such-folder", "no/such/folder", " "])
def test_a_folder_that_is_missing(name: str) -> None:
    assert refused(name) == (
        f"no such reranker folder: {name!r}. Check the name; without a network, download the model's folder on a "
        "machine that has one (hf download NAME --local-dir FOLDER), copy it here, and set RAG_RERANKER to that "
        "folder, or leave it away."
    )


def test_a_model_that_is_no_cross_encoder(tmp_path: Path) -> None:
    folder = write_encoder(tmp_path / "encoder")
    expected = f"cannot load the reranker {folder}: BertModel is no cross-encoder that gives a single score. Check"
    assert refused(folder).startswith(expected)


def test_a_classifier_with_several_labels(tmp_path: Path) -> None:
    folder = write_cross_encoder(tmp_path / "entailment", labels=3)
    assert "BertForSequenceClassification with 3 labels is no cross-encoder that gives a single score" in refused(
        folder
    )


@pytest.mark.parametrize(
    ("file", "content"),
    [("config.json", b"{"), ("config.json", b'{"model_type": "unheard-of"}'), ("model.safetensors", b"short")],
)
def test_a_folder_that_holds_no_usable_model(model: Path, tmp_path: Path, file: str, content: bytes) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(model, folder)
    (folder / file).write_bytes(content)
    assert refused(folder).startswith(f"cannot load the reranker {folder}: ")


def test_a_folder_with_no_model_in_it(tmp_path: Path) -> None:
    assert refused(tmp_path).startswith(f"cannot load the reranker {tmp_path}: ")


def test_scores_that_are_no_numbers(model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(model, folder)
    weights = load_file(folder / "model.safetensors")
    save_file(
        {**weights, "classifier.bias": torch.tensor([float("nan")])}, folder / "model.safetensors", {"format": "pt"}
    )
    assert refused(folder).startswith(f"the reranker {folder} gives a score that is no number.")


def test_a_tokenizer_that_does_not_fit_the_model(tmp_path: Path) -> None:
    folder = write_cross_encoder(tmp_path / "mixed", letters="城市", unknown="化率的目标是多少")
    assert refused(folder).startswith(f"the reranker {folder} failed: ")


def run_python(code: str, environment: dict[str, str]) -> str:
    code = f"from rag.retrieval.rerank import CrossEncoderReranker\n{textwrap.dedent(code)}"
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_an_unknown_hub_name_offline_says_how_to_get_it(command_environment: dict[str, str]) -> None:
    code = """
        from rag.errors import ModelError
        try:
            CrossEncoderReranker("someone/no-such-model").scores("温州", ["城市"])
        except ModelError as error:
            print(error)
    """
    said = run_python(code, {**command_environment, "HF_HUB_OFFLINE": "1"})
    assert said.startswith("cannot load the reranker someone/no-such-model: ")
    assert "download the model's folder on a machine that has one" in said


def test_a_cached_hub_model_needs_no_network(model: Path, tmp_path: Path, command_environment: dict[str, str]) -> None:
    cached = tmp_path / "hf" / "hub" / "models--someone--tiny"
    shutil.copytree(model, cached / "snapshots" / "0123abcd")
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text("0123abcd", "utf-8")
    environment = {**command_environment, "HF_HOME": str(tmp_path / "hf")}
    environment = {name: value for name, value in environment.items() if name != "HF_HUB_OFFLINE"}
    code = 'print(*CrossEncoderReranker("someone/tiny").scores("温州", ["城市"]))'
    assert float(run_python(code, environment).split(os.linesep)[0]) == pytest.approx(reference(model, "温州", "城市"))


# --- passages ---------------------------------------------------------------------------------------------------


def test_a_passage_is_read_with_its_title_and_section() -> None:
    hit = passage("由市大数据局负责。", title="建设方案", path=("二、重点任务", "(一)平台")).hit
    assert passage_text(hit) == "建设方案\n二、重点任务 › (一)平台\n由市大数据局负责。"
    assert passage_text(replace(hit, section="")) == "建设方案\n由市大数据局负责。"


def found(text: str, score: float, **arms: float) -> Passage:
    plain = passage(text)
    return replace(plain, hit=replace(plain.hit, score=score, scores=arms))


FIRST = found("甲", 2.5, dense=0.9, lexical=12.0)
SECOND = found("乙", 1.5, lexical=9.0)
THIRD = found("丙", 0.5, dense=0.8)
FOURTH = found("丁", -1.0, dense=0.7)


def test_passages_are_put_in_the_order_of_the_scores_and_no_score_is_lost() -> None:
    assert reordered([FIRST, SECOND, THIRD], [0.2, 0.9, 0.4]) == (
        found("乙", 0.9, lexical=9.0, fused=1.5, reranker=0.9),
        found("丙", 0.4, dense=0.8, fused=0.5, reranker=0.4),
        found("甲", 0.2, dense=0.9, lexical=12.0, fused=2.5, reranker=0.2),
    )


def test_passages_without_a_score_follow_lowered_together() -> None:
    assert reordered([FIRST, SECOND, THIRD, FOURTH], [0.25, 0.75]) == (
        found("乙", 0.75, lexical=9.0, fused=1.5, reranker=0.75),
        found("甲", 0.25, dense=0.9, lexical=12.0, fused=2.5, reranker=0.25),
        found("丙", 0.25, dense=0.8, fused=0.5),
        found("丁", -1.25, dense=0.7, fused=-1.0),
    )


def test_passages_that_are_low_enough_keep_their_score() -> None:
    assert reordered([FIRST, SECOND, FOURTH], [0.3, 0.2])[2:] == (found("丁", -1.0, dense=0.7, fused=-1.0),)


@pytest.mark.parametrize("least", [1e-9, 0.1, 1 / 3, 0.7, 1.0])
@pytest.mark.parametrize("highest", [0.1, 1 / 3, 0.7, 2.2, 1e6 / 3])
def test_scores_never_rise_along_the_list(least: float, highest: float) -> None:
    passages = [FIRST, SECOND, found("丙", highest), found("丁", highest - 1)]
    scores = [each.hit.score for each in reordered(passages, [least, 1.0])]
    assert scores == sorted(scores, reverse=True)


def test_equal_scores_keep_their_order() -> None:
    order = [each.hit.text for each in reordered([FIRST, SECOND, THIRD], [0.5, 0.5, 0.5])]
    assert order == ["甲", "乙", "丙"]


def test_without_scores_nothing_changes() -> None:
    assert reordered([FIRST, SECOND], []) == (FIRST, SECOND)
    assert reordered([], []) == ()


def test_a_score_without_a_passage_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="longer"):
        reordered([FIRST], [0.1, 0.2])


def test_what_a_search_found_can_be_reordered(library: Path, model: Path) -> None:
    passages = Chatbot.open(Settings(home=library)).retriever.retrieve("老人用餐补助多少？", 4).passages
    texts = [passage_text(each.hit) for each in passages]
    scores = CrossEncoderReranker(str(model)).scores("老人用餐补助多少？", texts)
    ordered = reordered(passages, scores)
    assert [(each.hit.score, passage_text(each.hit)) for each in ordered] == sorted(
        zip(scores, texts, strict=True), reverse=True
    )
    assert {each.chunk.chunk_id for each in ordered} == {each.chunk.chunk_id for each in passages}
    assert [each.hit.scores["fused"] for each in sorted(ordered, key=lambda each: -each.hit.scores["fused"])] == [
        each.hit.score for each in passages
    ]
