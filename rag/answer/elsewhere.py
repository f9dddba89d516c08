"""What the documents say of another place or year than the one asked about, so that a refusal can name it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag.answer.abstention import confidence, surroundings
from rag.answer.belonging import belongs, is_from
from rag.answer.evidence import Candidate, Weighing
from rag.answer.question import Question, years_in
from rag.answer.scoring import by_words
from rag.corpus.romanised import find_romanised
from rag.corpus.script import search_key
from rag.retrieval.hybrid import Passage

# Found on the development questions, and the same with their place changed to another that has documents: where the
# place asked has the answer, no other's sentence holds so much more of what is asked.
_MORE = 0.25
_MUCH = 0.4
_ENOUGH = 0.45  # so much of what is asked is there, whatever is elsewhere
_MORE_LATER = 0.1  # of another year
_NEARER = 0.02  # the same in English, where only meaning can tell: difference of cosines


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A passage that answers the question for another place (its ``region``) or another time (``years``).

    ``confidence`` is how likely it would answer the question if that were asked about there or then.
    """

    passage: Passage
    region: str | None
    years: tuple[str, ...]
    confidence: float


def topical(question: Question, weighing: Weighing) -> Weighing:
    """The weights of what is asked, whatever the place and the year: they sum to 1 (empty when nothing is left)."""
    names = "".join(question.places)
    kept = {
        term: weight
        for term, weight in weighing.weights.items()
        if not set(term) & set(names) and term not in question.years and not find_romanised(term)
    }
    total = sum(kept.values())
    return Weighing({term: weight / total for term, weight in kept.items()})


def said_elsewhere(question: Question, candidates: Sequence[Candidate], topic: Weighing) -> Candidate | None:
    """The sentence of another place that speaks of what is asked where those of the place asked do not.

    ``candidates`` are those of all places. Nothing, unless the question names places of which one has a document.
    """
    own, others = _parted(question, candidates)
    if not own or not others:
        return None
    if question.script == "en":
        nearest = max(others, key=lambda each: each.similarity)
        return nearest if nearest.similarity > max(each.similarity for each in own) + _NEARER else None
    return _fits_better(own, others, topic, _MORE)


def said_of_another_year(question: Question, candidates: Sequence[Candidate], topic: Weighing) -> Candidate | None:
    """The sentence of another year that speaks of what is asked where those of the year asked do not."""
    if not question.years or question.script == "en":
        return None
    own = [each for each in candidates if any(year in surroundings(each, near=True) for year in question.years)]
    here = {id(each) for each in own}
    others = [each for each in candidates if id(each) not in here and years_in(each.key)]
    return _fits_better(own, others, topic, _MORE_LATER)


def best_elsewhere(question: Question, candidates: Sequence[Candidate], topic: Weighing) -> Candidate | None:
    """The sentence of another place, one that is known, that speaks most of what is asked."""
    others = [each for each in candidates if not belongs(question, each.passage)]
    return max(others, key=lambda each: (topic.share(each.key), by_words(each)), default=None)


def _fits_better(own: Sequence[Candidate], others: Sequence[Candidate], topic: Weighing, by: float) -> Candidate | None:
    best = max(others, key=lambda each: (topic.share(each.key), by_words(each)), default=None)
    most = max((topic.share(each.key) for each in own), default=0.0)
    if best is None or most >= _ENOUGH:
        return None
    share = topic.share(best.key)
    return best if share >= _MUCH and share > most + by else None


def silent(question: Question, candidates: Sequence[Candidate], topic: Weighing) -> frozenset[str]:
    """The places of a comparison whose documents say nothing of what those of another speak of.

    None where it is asked which is more: the words of the yardstick are in no document.
    """
    if "更" in question.key:
        return frozenset()
    shares = {
        place: max((topic.share(each.key) for each in candidates if is_from(each.passage, place)), default=0.0)
        for place in question.places
    }
    most = max(shares.values(), default=0.0)
    return frozenset(place for place, share in shares.items() if share < _MUCH * most and share < most - _MUCH)


def elsewhere(
    question: Question, candidate: Candidate, missing: Mapping[str, tuple[str, ...]], topic: Weighing
) -> Elsewhere | None:
    """What ``candidate`` says, if all it lacks is the place or the year; ``missing`` as in ``abstention.missing``."""
    frame = search_key(f"{candidate.passage.hit.title} {' '.join(candidate.passage.chunk.path)}")
    asked = replace(
        question,
        places=() if missing.get("place") else question.places,
        years=() if missing.get("year") else question.years,
    )
    region = candidate.passage.metadata.region
    years = years_in(candidate.key) if missing.get("year") else ()
    known = (region or not missing.get("place")) and (years or not missing.get("year"))
    if not known or not (missing.get("place") or missing.get("year")):
        return None
    if question.value in ("number", "time") and not candidate.holds:
        return None
    fits = replace(candidate, framed=topic.share(f"{frame}\n{candidate.key}"))
    return Elsewhere(candidate.passage, region if missing.get("place") else None, years, confidence(asked, [fits]))


def _parted(question: Question, candidates: Sequence[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
    """The candidates that are from the places asked, or name one of them, and the others."""
    own = [
        each
        for each in candidates
        if any(is_from(each.passage, place) or place in each.key for place in question.places)
    ]
    here = {id(each) for each in own}
    return own, [each for each in candidates if id(each) not in here]
