"""Which document a question names: by number, by title in 《》, by a title right before 第…条, or by place and kind.

A wrong law is worse than none: a title must be the document's own, not the end of another's (合同法 is no 劳动合同法),
and where two documents fit equally well neither is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from rag.corpus.places import find_places
from rag.corpus.script import HAN
from rag.retrieval.titles import EDITION, KIND, PAPER, begins, core, fit, forms

if TYPE_CHECKING:
    from rag.index.catalog import Catalog
    from rag.index.selection import Listed

_LONGEST_NAME = 60
_TRAILING = re.compile(rf"(?:{EDITION}|[的中里内,\s]|(?<=》)规定|当中|里面|(?:19|20)\d{{2}}年?[版本])+$")
_VOLUME = re.compile(rf"(?<=[》〉」』])[{HAN}]{{1,6}}编$")
_NUMBER = re.compile(rf"([{HAN}]{{1,14}})([〔\[【(](?:19|20)\d{{2}}[〕\]】)]第?\d{{1,5}}号)$")
_ORDER = re.compile(rf"([{HAN}]{{2,30}})(令第?\d{{1,6}}号)$")
_NUMBER_ANYWHERE = re.compile(rf"{_NUMBER.pattern[:-1]}|{_ORDER.pattern[:-1]}")
_CLOSING = {"》": "《", "〉": "〈", "」": "「", "』": "『", "”": "“", '"': '"'}
# 适用《保险法》… names something else than that law.
_QUOTED = re.compile("(?<!适用)(?<!实施)(?<!执行)(?<!贯彻)(?<!修改)《([^《》]{2,60}(?:《[^《》]*》[^《》]*)*)》")
_FILLER = re.compile(
    "^(?:请问|请教|问一下|问|告诉我|根据|依据|依照|按照|按|依|关于|对于|对|在|看|那么|那份|那个|那|这份|这个|这部|"
    r"我国|现行|最新|新|(?:19|20)\d{2}年?版?|以及|及|与|和|跟|同|至|第|的)+"
)
_SELF = re.compile(r"^(?:本|该|此|同|这[部个份项]|上述|其)(?:一)?(?:法|条例|规定|办法|决定|方案|意见|细则|规则|文件)?$")
_QUALIFIES = re.compile(rf"[{HAN}a-z]+")
_MOST_TITLES = 200
MOST = 8
"""More references than this in one question are not followed."""


@dataclass(frozen=True, slots=True)
class Named:
    """The documents of one title that were meant, best first; ``other``: a document is named that is not here.

    ``sure``: its own title or number was given, not just its place and kind.
    """

    documents: tuple[Listed, ...] = ()
    sure: bool = False
    other: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """Looks up what a question (as search key ``question``) calls documents, among ``sources`` if given."""

    catalog: Catalog
    question: str
    sources: frozenset[str] | None = None
    _asked: dict[str, list[Listed]] = field(default_factory=dict, init=False)

    def before(self, words: str) -> Named:
        """The document named at the end of ``words``, which stand right before a section's number."""
        trimmed = _VOLUME.sub("", _TRAILING.sub("", words))
        if number := _NUMBER.search(trimmed) or _ORDER.search(trimmed):
            found = self._numbered(number[1], number[2])
            return Named(found, sure=True, other=not found)
        if quoted := _quoted_at_end(trimmed):
            found = self._titled(quoted, contained=True)
            return Named(found, sure=True, other=not found)
        named = self._bare(trimmed)
        if not named.documents and trimmed.endswith("规定"):  # 监督法规定的第十二条
            shorter = self._bare(trimmed.removesuffix("规定"))
            return shorter if shorter.documents else named
        return named

    def anywhere(self) -> list[tuple[Listed, ...]]:
        """The documents that the question names by number or in 《》, wherever it does."""
        found = [
            self._numbered(*[group for group in match.groups() if group])
            for match in islice(_NUMBER_ANYWHERE.finditer(self.question), MOST)
        ]
        quoted = islice(_QUOTED.finditer(self.question), MOST)
        found += [self._titled(match[1], contained=True) for match in quoted]
        return [documents for documents in found if documents]

    def unnamed(self) -> Named:
        """What is meant where no document is named: the only one there is, or the only one about the place."""
        if only := self.catalog.sole(self.sources):
            return Named((only,), sure=True)
        places = find_places(self.question)
        titles = _by_title(self._listed(places[0])) if places else {}
        return Named(self._in_force(next(iter(titles.values())))) if len(titles) == 1 else Named()

    # --- by number ------------------------------------------------------------------------------------------

    def _numbered(self, issuer: str, rest: str) -> tuple[Listed, ...]:
        """The document with this number; words before the issuer's abbreviation are left away (请问温政发 → 温政发)."""
        names = [issuer[start:] + rest for start in range(len(issuer))]
        if rest.startswith("令"):
            names += [f"中华人民共和国{name}" for name in names]
        found = self._among(self.catalog.listed(number=names))
        longest = max((len(each.number_key or "") for each in found), default=0)
        return self._in_force([each for each in found if len(each.number_key or "") == longest]) if found else ()

    # --- by title -------------------------------------------------------------------------------------------

    def _titled(self, name: str, *, contained: bool) -> tuple[Listed, ...]:
        """The documents of the one title that fits best; none when several fit equally well."""
        wanted = core(re.sub(f"{EDITION}$", "", name))
        fits: dict[int, list[Listed]] = {}
        for document in self._candidates(name):
            rank = min((fit(wanted, form) for form in forms(document.title_key or "")), default=9)
            fits.setdefault(rank, []).append(document)
        # A law of the whole country is no province's rule of the same name.
        for rank in range(1 if name.startswith("中华人民共和国") else 4 if contained else 3):
            if rank in fits:
                return self._one_title(fits[rank])
        return ()

    def _bare(self, words: str) -> Named:
        """A title without 《》 may follow other words: it must begin where a word may, or be long."""
        name = _FILLER.sub("", re.split(r"[,。;:!?\s]", words)[-1][-_LONGEST_NAME:])
        if len(name) < 2 or _SELF.match(name):
            return Named()
        if found := self._titled(name, contained=False) if len(name) > 2 else ():
            return Named(found, sure=True)
        wanted, longest = core(name), 1
        fits: Sequence[Listed] = ()
        for document in self._candidates(name):
            for form in forms(document.title_key or ""):
                if len(form) >= longest and wanted.endswith(form) and begins(wanted[: -len(form)], form):
                    fits = [*(fits if len(form) == longest else ()), document]
                    longest = len(form)
        if fits:
            found = self._one_title(fits)
            return Named(found, sure=True, other=not found)
        if paper := PAPER.search(wanted):
            fits = self._of_kind(wanted[: paper.start()], paper[0])
        kind = KIND.search(wanted)
        return Named(tuple(fits), other=not fits and bool(kind and wanted != kind[0]))

    def _of_kind(self, qualifiers: str, kind: str) -> Sequence[Listed]:
        """The only document of a ``kind`` whose title holds the ``qualifiers`` (温州 2018 年 … 方案)."""
        pieces = [
            piece for piece in _QUALIFIES.findall(qualifiers.replace("的", " ")) if piece not in ("年", "这", "那")
        ]
        fits = [
            document
            for document in self._listed(kind)
            if any(form.endswith(kind) for form in forms(document.title_key or ""))
            and all(_holds(document, piece) for piece in pieces)
        ]
        return self._one_title(fits)

    def _candidates(self, name: str) -> list[Listed]:
        """Documents that share the longest end of the name that any title holds."""
        bare = re.sub(f"{EDITION}$", "", name)
        fragments = [part for part in re.split(r"\W+|中华人民共和国", bare) if len(part) > 1]
        for length in (8, 5, 3, 2):
            if fragments and (found := self._listed(fragments[-1][-length:])):
                return found
        return []

    def _listed(self, words: str) -> list[Listed]:
        if words not in self._asked:
            # What more titles share names none of them; but among a few sources, those have to be found.
            limit = _MOST_TITLES if self.sources is None else None
            self._asked[words] = self._among(self.catalog.listed(title=words, at_most=limit))
        return self._asked[words]

    def _among(self, documents: Iterable[Listed]) -> list[Listed]:
        return [document for document in documents if self.sources is None or document.source in self.sources]

    # --- which of several -----------------------------------------------------------------------------------

    def _one_title(self, documents: Sequence[Listed]) -> tuple[Listed, ...]:
        titles = _by_title(documents)
        if len(titles) > 1:
            places = find_places(self.question)
            near = [each for each in documents if any(place in _about(each) for place in places)]
            titles = _by_title(near)
        return self._in_force(next(iter(titles.values()))) if len(titles) == 1 else ()

    def _in_force(self, documents: Sequence[Listed]) -> tuple[Listed, ...]:
        """The version of a year that the question names, else the one in force; newest first."""
        years = set(re.findall(r"(?<!\d)(?:19|20)\d{2}(?!\d)", self.question))
        of_year = [document for document in documents if (document.issued or "")[:4] in years]
        current = [document for document in documents if document.superseded_by is None]
        return tuple(sorted(of_year or current or documents, key=lambda each: each.issued or "", reverse=True))


def _quoted_at_end(words: str) -> str | None:
    """What the quotation marks hold in which ``words`` end; marks of the same kind may stand inside."""
    opening = _CLOSING.get(words[-1:])
    if opening is None:
        return None
    if opening == words[-1]:
        start = words.rfind(opening, 0, -1)
        return words[start + 1 : -1] if start >= 0 else None
    depth = 0
    for position in range(len(words) - 1, -1, -1):
        depth += (words[position] == words[-1]) - (words[position] == opening)
        if depth == 0:
            return words[position + 1 : -1]
    return None


def _about(document: Listed) -> str:
    return f"{document.title_key or ''} {document.region or ''}"


def _holds(document: Listed, piece: str) -> bool:
    return core(piece) in core(_about(document))


def _by_title(documents: Iterable[Listed]) -> dict[str, list[Listed]]:
    """Documents by what their versions have in common."""
    titles: dict[str, list[Listed]] = {}
    for document in documents:
        names = forms(document.title_key or "")
        titles.setdefault(names[-1] if names else document.source, []).append(document)
    return titles
