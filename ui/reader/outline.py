"""The outline of a document as a tree to jump with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.schema import Section
from ui.icons import icon
from ui.markup import preformatted
from ui.reader.blocks import Converted
from ui.reader.words import Words

_MOST = 1500  # entries: of a longer outline only the upper levels are shown
_UNFOLDED = 24  # entries: a short outline needs no folding


def outline(sections: Sequence[Section], at: int | None, converted: Converted, words: Words) -> str:
    """Nested lists of the sections, folded but for the way to the one that holds the character ``at``."""
    shown = _upper(sections)
    inside = [each.index for each in shown if at is not None and each.start <= at < each.end]
    below: dict[int | None, list[Section]] = {}
    for section in shown:
        below.setdefault(section.parent, []).append(section)
    return _list(None, below, _Tree(inside, len(shown) <= _UNFOLDED, converted, words))


class _Tree:
    """What all entries of one outline share."""

    def __init__(self, inside: Sequence[int], unfolded: bool, converted: Converted, words: Words) -> None:
        self.inside = set(inside)
        self.current = inside[-1] if inside else None
        self.unfolded = unfolded
        self.converted = converted
        self.words = words


def _upper(sections: Sequence[Section]) -> list[Section]:
    shown = list(sections)
    while len(shown) > _MOST and (deepest := max(each.level for each in shown)) > min(each.level for each in shown):
        shown = [each for each in shown if each.level < deepest]
    return shown[:_MOST]


def _list(parent: int | None, below: Mapping[int | None, list[Section]], tree: _Tree) -> str:
    entries = "".join(_entry(each, below, tree) for each in below.get(parent, ()))
    if parent is None:
        return f"<ul>{entries}</ul>" if entries else ""
    return f"<ul{'' if _open(parent, tree) else ' hidden'}>{entries}</ul>"


def _entry(section: Section, below: Mapping[int | None, list[Section]], tree: _Tree) -> str:
    heading = tree.converted(" ".join((section.heading or section.label or "…").split()))
    fold = ""
    if section.index in below:
        label = preformatted(tree.words.fold.format(heading=heading))
        fold = (
            f'<button type="button" class="pr-icon" data-do="reader.fold" aria-label="{label}" '
            f'aria-expanded="{str(_open(section.index, tree)).lower()}">{icon("next")}</button>'
        )
    current = ' aria-current="true"' if section.index == tree.current else ""
    return (
        f'<li><div class="pr-reader-entry">{fold}<button type="button" class="pr-reader-jump" data-do="reader.jump" '
        f'data-to="{section.start}"{current}>{preformatted(heading)}</button></div>'
        f"{_list(section.index, below, tree) if fold else ''}</li>"
    )


def _open(index: int, tree: _Tree) -> bool:
    return tree.unfolded or index in tree.inside
