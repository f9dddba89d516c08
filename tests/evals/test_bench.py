"""The benchmark measures what it says, on what it says; no figure is compared with a wanted one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evals.bench import Plan, measure
from evals.bench_corpus import CHARACTERS, Grown, grow
from evals.bench_page import page
from evals.bench_report import Bench, Run, save
from evals.bench_worker import Task, latencies, main, task_from
from evals.bench_written import write
from evals.cli import app
from evals.folder import document_files, read_folder
from evals.growth import number
from rag import Settings
from rag.corpus.document import parse_document
from rag.errors import ConfigurationError, DocumentNotFoundError, DocumentSizeError, PolicyRagError, StorageError
from rag.schema import Document

ROOT = Path(__file__).parent.parent.parent
SEEDS = ROOT / "seeds"


@pytest.fixture(scope="module")
def seeds() -> list[Document]:
    documents, failures = read_folder(SEEDS)
    assert failures == []
    return documents


@pytest.fixture
def two(tmp_path: Path) -> Path:
    folder = tmp_path / "two"
    folder.mkdir()
    for name, city in (("a.txt", "青山市"), ("b.txt", "东河市")):
        articles = [
            f"第{n}条 {city}在第{n}个工作领域，每年至少安排专项资金{n}00万元用于改善民生。\n" for n in range(1, 4)
        ]
        (folder / name).write_text(f"{city}民生资金管理办法\n{''.join(articles)}", encoding="utf-8")
    return folder


# --- the corpus ------------------------------------------------------------------------------------------------


def test_the_documents_of_a_folder_are_those_an_ingest_takes() -> None:
    assert [name for _, name in document_files(SEEDS)] == sorted(path.name for path in SEEDS.glob("*.txt"))


def test_a_grown_corpus_is_made_of_real_sections(seeds: list[Document], tmp_path: Path) -> None:
    grown = grow(seeds, 4, tmp_path / "four")
    files = sorted((tmp_path / "four").iterdir())
    everything = "\n".join(document.text for document in seeds)
    titles = {document.metadata.title for document in seeds}
    used = 0
    for file in files:
        title, *sections = file.read_text(encoding="utf-8").split("\n第")
        bodies = [section.split("条 ", 1)[1].strip() for section in sections]
        assert title in titles
        assert [body for body in bodies if body not in everything] == []
        assert len(set(bodies)) == len(bodies)
        assert sum(map(len, bodies[:-1])) < CHARACTERS <= sum(map(len, bodies))
        used += len(bodies)
    assert grown == Grown(4, grown.sections, used / grown.sections)
    assert len({file.read_bytes() for file in files}) == 4


def test_a_larger_corpus_begins_with_the_smaller_one(seeds: list[Document], tmp_path: Path) -> None:
    for name, size, seed in (("small", 2, 0), ("large", 3, 0), ("other", 2, 1)):
        grow(seeds, size, tmp_path / name, seed=seed)
    small, large, other = (
        {file.name: file.read_bytes() for file in (tmp_path / name).iterdir()} for name in ("small", "large", "other")
    )
    assert (len(small), len(large)) == (2, 3)
    assert small.items() <= large.items()
    assert not small.items() & other.items()


def test_the_outline_of_a_grown_document_is_sound(seeds: list[Document], tmp_path: Path) -> None:
    grow(seeds, 1, tmp_path / "one")
    ((document,), _) = read_folder(tmp_path / "one")
    articles = [section.label for section in document.sections if section.parent is None]
    assert articles == [f"第{index}条" for index in range(1, len(articles) + 1)]
    assert len(articles) > 1


def test_a_document_without_outline_gives_its_chunks(tmp_path: Path) -> None:
    text = "".join(f"这是第{'一二三四'[n]}段没有编号的叙述，它讲的是城市里普普通通的一天。" for n in range(4)) * 3
    grow([parse_document(text, source="plain.txt")], 1, tmp_path / "one")
    (file,) = (tmp_path / "one").iterdir()
    assert file.read_text(encoding="utf-8").startswith("plain\n第1条 这是第")


def test_nothing_to_grow_from(tmp_path: Path) -> None:
    with pytest.raises(DocumentSizeError, match="no section of 60 characters"):
        grow([parse_document("很短。", source="a.txt")], 3, tmp_path / "none")


def test_written_documents_are_drawn_and_hardly_alike(tmp_path: Path) -> None:
    for name, size in (("three", 3), ("four", 4)):
        write(size, tmp_path / name, characters=300)
    three, four = (
        {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / name).iterdir()}
        for name in ("three", "four")
    )
    assert len(three) == 3
    assert three.items() <= four.items()
    assert all(300 <= len(text) < 600 for text in four.values())
    documents, failures = read_folder(tmp_path / "four")
    assert failures == []
    sentences = [chunk.text for document in documents for chunk in document.chunks]
    assert len(set(sentences)) == len(sentences) > 4
    assert all(document.metadata.title and document.metadata.number for document in documents)


# --- the measuring ---------------------------------------------------------------------------------------------


def test_every_caller_makes_calls_and_questions_take_turns() -> None:
    asked: list[str] = []
    found = latencies(asked.append, ["a", "b"], callers=3, calls=10)
    assert len(found) == 24  # 8 for each of 3 callers, more than the 10 wanted
    assert (asked.count("a"), asked.count("b")) == (12, 12)
    assert len(latencies(asked.append, ["a"], callers=1, calls=10)) == 10


def test_a_task_survives_the_command_line() -> None:
    task = Task("baseline", "latency", "/home/我", questions=("问？", "再问？"), callers=(1, 4), calls=40)
    assert task_from(task.as_json()) == task


def test_a_worker_reports_our_errors(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    task = Task("ours", "first", str(home), questions=("什么？",))
    assert main([task.as_json()]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "error: nothing has been ingested" in err


@pytest.mark.parametrize("size", [0, -3])
def test_sizes_start_at_one(size: int) -> None:
    with pytest.raises(ConfigurationError, match=f"cannot grow a corpus to {size} documents"):
        Plan(sizes=(5, size))


def test_a_corpus_that_is_not_there(home: Path, tmp_path: Path) -> None:
    with pytest.raises(DocumentNotFoundError, match="no such file or folder"):
        measure(Plan(corpus=tmp_path / "nowhere", baseline=False), settings=Settings(home=home))


def test_every_figure_of_a_small_benchmark(two: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'tests' / 'guard'}:{ROOT}")
    before = sorted(path.name for path in home.iterdir())
    steps: list[str] = []
    plan = Plan(corpus=two, baseline=False, callers=(1, 2), calls=3, processes=1, busy_s=1)
    bench = measure(plan, settings=Settings(home=home), say=steps.append)
    (run,) = bench.runs
    assert (run.corpus, run.documents, run.baseline) == ("two", 2, {})
    characters = sum(len(path.read_text(encoding="utf-8")) for path in two.iterdir())
    assert (run.ours["documents"], run.ours["characters"]) == (2, characters)
    waits = [
        f"{what}, {callers}, {figure}"
        for what in ("search", "ask")
        for callers in ("1 caller", "2 callers")
        for figure in ("p50, ms", "p95, ms", "calls/s")
    ]
    assert list(run.ours) == [
        "documents",
        "characters",
        "chunks",
        "ingest, s",
        "ingest, characters/s",
        "ingest, chunks/s",
        "re-ingest of unchanged documents, s",
        "index on disk, MB",
        "peak memory of ingest, MB",
        "peak memory of ingest and its processes, MB",
        "peak memory of searching and asking, MB",
        "first search in a fresh process, s",
        *waits,
        "`rag ask` as a fresh process, s",
        "peak memory of `rag ask`, MB",
        "`rag --help` as a fresh process, s",
        "search while ingesting, p50, ms",
        "search while ingesting, p95, ms",
        "search while ingesting, calls",
        "documents ingested meanwhile",
    ]
    figures = {name: value for name, value in run.ours.items() if name != "documents ingested meanwhile"}
    assert [name for name, value in figures.items() if value is not None and value <= 0] == []
    assert "two: policy-rag" in steps
    assert sorted(path.name for path in home.iterdir()) == before


def test_a_measuring_process_that_fails(two: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=home)
    monkeypatch.setenv("RAG_K", "none")  # read by the processes alone: the settings given here are made before
    with pytest.raises(PolicyRagError, match=r"measuring ingest of ours failed \(exit code 1\)"):
        measure(Plan(corpus=two, baseline=False), settings=settings)


def test_the_baseline_searches_with_the_same_model(two: Path, model_home: Path, tmp_path: Path) -> None:
    from evals.bench_baseline import Baseline, write_model
    from rag.index.bundled_model import TOKENIZER_FILE, model_folder
    from rag.index.embeddings import BundledEmbeddings

    ours = model_folder(model_home)
    write_model(tmp_path / "model", tokenizer=ours / TOKENIZER_FILE)
    pipeline = Baseline(str(tmp_path / "model"), tmp_path / "store")
    counts = pipeline.ingest(two)
    characters = sum(len(path.read_text(encoding="utf-8")) for path in two.iterdir())
    assert counts == {"documents": 2, "characters": characters, "chunks": 2}
    nearest = pipeline.search("东河市的民生资金怎么管理？")
    assert [document.metadata["source"] for document in nearest] == ["b.txt", "a.txt"]
    theirs = pipeline.embeddings
    texts = ["温州到2025年的城市化率目标是多少？", "第七條 申請許可證應當具備下列條件：", "What rate?"]
    mine = BundledEmbeddings(ours)
    pairs = zip(theirs.embed_documents(texts), mine.embed_documents(texts), strict=True)
    cosines = [sum(a * b for a, b in zip(*pair, strict=True)) for pair in pairs]
    cosines.append(sum(a * b for a, b in zip(theirs.embed_query(texts[0]), mine.embed_query(texts[0]), strict=True)))
    assert min(cosines) > 0.998


# --- the report ------------------------------------------------------------------------------------------------

SMALL = Run("five", 5, {"ingest, s": 2.0, "ask, 1 caller, p50, ms": 30.0}, {"ingest, s": 8.0})
LARGE = Run("fifty <&>", 50, {"ingest, s": 18.0, "ask, 1 caller, p50, ms": 33.0}, {"ingest, s": 90.0})
BENCH = Bench("2025-01-01T00:00:00+00:00", {"cores": 2}, {"torch": "2"}, (SMALL, LARGE))


def test_a_ratio_is_ours_divided_by_the_baseline() -> None:
    run = Run("x", 1, {"a": 3.0, "b": None, "c": 1.0}, {"a": 12.0, "b": 2.0, "d": 0.0})
    assert list(run.rows()) == [
        ("a", 3.0, 12.0, 0.25),
        ("b", None, 2.0, None),
        ("c", 1.0, None, None),
        ("d", None, 0.0, None),
    ]


def test_the_json_holds_figures_and_ratios() -> None:
    found = json.loads(BENCH.to_json())
    assert (found["version"], found["created"], found["machine"]) == (1, BENCH.created, {"cores": 2})
    assert found["runs"][0] == {
        "corpus": "five",
        "documents": 5,
        "ours": {"ingest, s": 2.0, "ask, 1 caller, p50, ms": 30.0},
        "baseline": {"ingest, s": 8.0},
        "ratios": {"ingest, s": 0.25},
    }


def test_the_page_plots_what_several_corpora_have() -> None:
    html = page(BENCH)
    assert html.count("<svg") == 2
    assert html.count("<polyline") == 3  # ingest of both, ask of ours
    assert "plain LangChain: 90 at 50 documents" in html
    assert "fifty &lt;&amp;&gt;" in html
    assert "<td>ingest, s</td><td>2</td><td>8</td><td>0.25</td>" in html
    assert "http" not in html.replace("http-equiv", "")


def test_one_corpus_is_a_table_without_plots() -> None:
    html = page(Bench("now", {}, {}, (SMALL,)))
    assert "<svg" not in html
    assert "<td>ask, 1 caller, p50, ms</td><td>30</td><td>–</td><td>–</td>" in html


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.012345, "0.0123"), (3.14159, "3.14"), (7.0, "7"), (99.96, "100"), (1234.5, "1,234")],
)
def test_numbers_are_rounded_for_reading(value: float | None, text: str) -> None:
    assert number(value) == text


def test_a_report_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot write"):
        save("x", tmp_path)


def test_the_command_refuses_sizes_that_are_none() -> None:
    result = CliRunner().invoke(app, ["bench", "--sizes", "5,many"])
    assert isinstance(result.exception, ConfigurationError)
    assert "--sizes 5,many: not a list of numbers" in str(result.exception)
