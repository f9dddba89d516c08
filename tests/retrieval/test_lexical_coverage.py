"""Any word of a document finds it: nothing has to know what a word is."""

from __future__ import annotations

import re
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from rag import Chatbot
from rag.corpus.numerals import NUMERAL
from rag.corpus.script import HAN, search_key, to_simplified, to_traditional
from rag.schema import Chunk

_PAIR = re.compile(f"(?=([{HAN}]{{2}}))")
# Numerals are folded with the words around them, and 著 is read as 着 or not by its neighbours.
_NOT_ALONE = re.compile(f"[{NUMERAL}著]")


@cache
def chunks(bot: Chatbot) -> list[Chunk]:
    catalog = bot._index.catalog
    return sorted(catalog.chunks(catalog.chunk_ids()).values(), key=lambda chunk: (chunk.source, chunk.ordinal))


def found(bot: Chatbot, word: str) -> set[str]:
    every = len(chunks(bot))
    return {chunk_id for chunk_id, _ in bot._index.lexical.search(search_key(word), every)}


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_two_neighbours_of_a_chunk_find_it_in_either_script(seeds_bot: Chatbot, data: st.DataObject) -> None:
    chunk = data.draw(st.sampled_from(chunks(seeds_bot)))
    pairs = [pair for pair in dict.fromkeys(_PAIR.findall(chunk.text)) if not _NOT_ALONE.search(pair)]
    if not pairs:
        return
    pair = data.draw(st.sampled_from(pairs))
    simplified, traditional = to_simplified(pair), to_traditional(pair)
    # 坐标 and 座標: what two characters are in the other script is not always the same two back.
    back = to_simplified(traditional) == simplified
    for word in (pair, simplified, *([traditional] if back else [])):
        assert chunk.chunk_id in found(seeds_bot, word), word


def test_nearly_all_pairs_are_in_the_property(seeds_bot: Chatbot) -> None:
    pairs = {pair for chunk in chunks(seeds_bot) for pair in _PAIR.findall(chunk.text)}
    inside = [pair for pair in pairs if not _NOT_ALONE.search(pair)]
    assert len(inside) > 20_000
    assert len(inside) > 0.9 * len(pairs)


def test_a_word_that_no_document_holds_finds_nothing(seeds_bot: Chatbot) -> None:
    assert found(seeds_bot, "鲸鱼") == set()
