"""From a chain of steps to sections: 第二部分第(三)项 walked down a document's outline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.corpus.labels import Numbering, chinese_numeral, numberings
from rag.retrieval.pointers import Step
from rag.schema import Section

# What a unit may be in a document's outline, the likeliest first.
_KINDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "编": (("part",),),
    "分编": (("subpart",),),
    "章": (("chapter",),),
    "节": (("section",),),
    "条": (("article",),),
    "部分": (("division",), ("comma", "capital")),
    "comma": (("comma", "capital"), ("division",)),
    "annex": (("annex",),),
    "supplement": (("supplement",),),
    "paren": (("paren",), ("arabic paren",)),
    "arabic": (("arabic",),),
    "目": (("arabic",), ("arabic paren",), ("circled",)),
}
_ANY_ITEM = (("paren",), ("arabic",), ("arabic paren",), ("circled",), ("comma", "capital"))
_COUNTED = ("编", "分编", "章", "节", "条", "部分")
_MOST_MATCHES = 3  # sections with the number asked for; with more, the number alone says too little


@dataclass(frozen=True, slots=True)
class Gap:
    """A number outside those there are: the first and last that a document has, or a section ``within`` it."""

    wanted: str
    within: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Place:
    """The sections that steps lead to, and the steps that are left to go inside them; or why they lead nowhere."""

    sections: tuple[Section, ...] = ()
    inner: tuple[Step, ...] = ()
    gap: Gap | None = None


class Outline:
    """The outline of one document, to be walked."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self._sections = sections
        self._numbers = numberings(sections)

    def find(self, steps: Sequence[Step]) -> Place:
        """Where ``steps`` lead; nowhere when the number fits too many sections."""
        scopes: list[int | None] = [None]
        for place, step in enumerate(steps):
            found = [index for scope in scopes for index in self._step(step, scope)]
            if len(found) > _MOST_MATCHES * len(step.numbers):
                return Place()
            if not found and place and step.is_inner:
                return Place(self._known(scopes), tuple(steps[place:]))
            if not found:
                return Place(gap=self._gap(step, scopes[0]) if len(scopes) == 1 else None)
            scopes = list(found)
        return Place(self._known(scopes))

    def with_all_below(self, sections: Sequence[Section]) -> list[int]:
        """The indexes of ``sections`` and of every section below them."""
        return [index for section in sections for index in (section.index, *self._below(section.index))]

    def _known(self, scopes: Sequence[int | None]) -> tuple[Section, ...]:
        return tuple(self._sections[scope] for scope in scopes if scope is not None)

    def _step(self, step: Step, scope: int | None) -> list[int]:
        """The sections below ``scope`` that ``step`` may mean: of its likeliest kind, on the highest level."""
        below = self._below(scope)
        for kinds in _KINDS.get(step.unit, _ANY_ITEM):
            values = {(number, step.inserted) for number in step.numbers}
            found = self._valued(below, kinds, values)
            if not found and step.inserted > step.numbers[0]:  # 第 8-10 条
                found = self._valued(below, kinds, {(n, 0) for n in range(step.numbers[0], step.inserted + 1)})
            if found:
                highest = min(self._sections[index].level for index in found)
                return [index for index in found if self._sections[index].level == highest]
        return []

    def _valued(self, below: range, kinds: Sequence[str], values: set[tuple[int, int]]) -> list[int]:
        return [index for index, number in self._of(kinds, below) if (number.number, number.inserted) in values]

    def _of(self, kinds: Sequence[str], below: range) -> list[tuple[int, Numbering]]:
        return [(index, number) for index in below if (number := self._numbers[index]) and number.kind in kinds]

    def _below(self, scope: int | None) -> range:
        if scope is None:
            return range(len(self._sections))
        end = scope + 1
        while end < len(self._sections) and self._sections[end].level > self._sections[scope].level:
            end += 1
        return range(scope + 1, end)

    def _gap(self, step: Step, scope: int | None) -> Gap | None:
        """A number before the first or after the last; one between them may be missing by the outline's own fault."""
        if step.inserted or step.unit not in _COUNTED:
            return None
        below = self._below(scope)
        of_kind = next((found for kinds in _KINDS[step.unit] if (found := self._of(kinds, below))), [])
        values = sorted((number.number, index) for index, number in of_kind if number.number is not None)
        if not values or values[0][0] <= step.numbers[0] <= values[-1][0]:
            return None
        first, last = (self._sections[index] for _, index in (values[0], values[-1]))
        within = "" if scope is None else _label(self._sections[scope])
        return Gap(f"第{chinese_numeral(step.numbers[0])}{step.unit}", within, _label(first), _label(last))


def _label(section: Section) -> str:
    return section.label.strip().rstrip("、") or section.heading
