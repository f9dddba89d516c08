from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from langchain_core.documents import Document
from langchain_core.language_models.fake_chat_models import ParrotFakeChatModel
from langchain_core.load import dumps
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate, PromptTemplate
from langchain_core.runnables import RunnablePassthrough
from langchain_core.tools import create_retriever_tool

from rag import Chatbot, Filter, Settings
from rag.errors import EmptyIndexError, FilterError, QuestionError
from rag.retrieval.langchain import PolicyRetriever, document
from rag.schema import Copy, Hit

QUESTION = "老人用餐每餐补助多少钱？"
MEALS, OFFICE = "老年助餐.txt", "数字政府.txt"


@pytest.fixture(scope="module")
def bot(library: Path) -> Chatbot:
    return Chatbot.open(Settings(home=library))


@pytest.fixture(scope="module")
def retriever(bot: Chatbot) -> PolicyRetriever:
    return PolicyRetriever(search=bot.search, k=3)


def test_a_hit_becomes_a_document_that_keeps_all_of_it() -> None:
    hit = Hit(
        text="每餐补助五元。",
        score=1.25,
        source=MEALS,
        title="助餐办法",
        section="第一章 › 第三条",
        start=40,
        end=47,
        chunk_id="c-7",
        scores={"dense": 0.8, "lexical": 11.0},
        superseded_by="新助餐办法.txt",
        issued="2019-06-01",
        copies=(Copy("江北助餐办法.txt", "江北助餐办法", "第三条", 30, 37, "d-2"),),
        page=4,
    )
    assert document(hit) == Document(
        id="c-7",
        page_content="每餐补助五元。",
        metadata={
            "source": MEALS,
            "title": "助餐办法",
            "section": "第一章 › 第三条",
            "start": 40,
            "end": 47,
            "score": 1.25,
            "scores": {"dense": 0.8, "lexical": 11.0},
            "chunk_id": "c-7",
            "issued": "2019-06-01",
            "superseded_by": "新助餐办法.txt",
            "copies": [
                {
                    "source": "江北助餐办法.txt",
                    "title": "江北助餐办法",
                    "section": "第三条",
                    "start": 30,
                    "end": 37,
                    "chunk_id": "d-2",
                }
            ],
            "page": 4,
        },
    )


def test_it_finds_what_the_search_finds(bot: Chatbot, retriever: PolicyRetriever) -> None:
    found = retriever.invoke(QUESTION)
    assert found == [document(hit) for hit in bot.search(QUESTION, k=3)]
    assert "每餐補助五元" in found[0].page_content
    place = found[0].metadata
    assert bot.document(place["source"]).text[place["start"] : place["end"]] == found[0].page_content


def test_asynchronous_calls_and_batches_find_the_same(retriever: PolicyRetriever) -> None:
    found = retriever.invoke(QUESTION)
    assert asyncio.run(retriever.ainvoke(QUESTION)) == found
    assert retriever.batch([QUESTION, QUESTION]) == [found, found]
    assert asyncio.run(retriever.abatch([QUESTION, QUESTION])) == [found, found]


def test_a_filter_holds_for_every_call(bot: Chatbot) -> None:
    retriever = PolicyRetriever(search=bot.search, where=Filter(sources=(OFFICE,)))
    found = retriever.invoke(QUESTION)
    assert found == [document(hit) for hit in bot.search(QUESTION, k=8, where=Filter(sources=(OFFICE,)))]
    assert {each.metadata["source"] for each in found} == {OFFICE}


def test_a_call_may_say_otherwise(bot: Chatbot, retriever: PolicyRetriever) -> None:
    where = Filter(sources=(OFFICE,))
    expected = [document(hit) for hit in bot.search(QUESTION, k=1, where=where)]
    assert [each.metadata["source"] for each in expected] == [OFFICE]
    assert retriever.invoke(QUESTION, k=1, where=where) == expected
    assert asyncio.run(retriever.ainvoke(QUESTION, k=1, where=where)) == expected


def test_a_follow_up_is_completed_from_the_history(bot: Chatbot, retriever: PolicyRetriever) -> None:
    history = [{"role": "user", "content": QUESTION}]
    expected = [document(hit) for hit in bot.search("那由谁发放？", k=3, history=history)]
    assert retriever.invoke("那由谁发放？", history=history) == expected != retriever.invoke("那由谁发放？")


def test_in_a_chain(retriever: PolicyRetriever) -> None:
    def joined(documents: list[Document]) -> str:
        return "\n".join(each.page_content for each in documents)

    passages = {"passages": retriever | joined, "question": RunnablePassthrough()}
    prompt = ChatPromptTemplate.from_template("{passages}\n\n{question}")
    chain = passages | prompt | ParrotFakeChatModel() | StrOutputParser()
    expected = f"{joined(retriever.invoke(QUESTION))}\n\n{QUESTION}"
    assert chain.invoke(QUESTION) == asyncio.run(chain.ainvoke(QUESTION)) == expected
    assert "".join(chain.stream(QUESTION)) == expected


def test_as_a_tool(retriever: PolicyRetriever) -> None:
    each = PromptTemplate.from_template("{source}@{start}: {page_content}")
    tool = create_retriever_tool(retriever, "policies", "Searches policies.", document_prompt=each)
    assert tool.invoke({"query": QUESTION}) == "\n\n".join(
        f"{found.metadata['source']}@{found.metadata['start']}: {found.page_content}"
        for found in retriever.invoke(QUESTION)
    )


def test_the_search_is_not_written_out(bot: Chatbot) -> None:
    retriever = PolicyRetriever(search=bot.search, k=3, where=Filter(region="临水县"))
    values = retriever.model_dump()
    assert "search" not in values
    assert (values["k"], values["where"]["region"]) == (3, "临水县")
    assert "Chatbot" not in repr(retriever)
    assert str(bot.settings.home) not in dumps(retriever)


def test_errors_are_those_of_the_search(home: Path, retriever: PolicyRetriever) -> None:
    with pytest.raises(QuestionError, match="k is 0"):
        retriever.invoke(QUESTION, k=0)
    with pytest.raises(QuestionError, match="empty"):
        asyncio.run(retriever.ainvoke("  "))
    with pytest.raises(FilterError, match="没有这个文件"):
        retriever.invoke(QUESTION, where=Filter(sources=("没有这个文件.txt",)))
    with pytest.raises(EmptyIndexError, match="rag ingest PATH"):
        PolicyRetriever(search=Chatbot.open(Settings(home=home)).search).invoke(QUESTION)


def test_an_unknown_option_is_not_ignored(retriever: PolicyRetriever) -> None:
    with pytest.raises(TypeError, match="top_k"):
        retriever.invoke(QUESTION, top_k=3)
