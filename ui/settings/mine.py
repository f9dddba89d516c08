"""The visitor's own settings as HTML: pure functions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from rag.schema import DocumentInfo
from ui.icons import icon
from ui.markup import escape, preformatted
from ui.settings import fields
from ui.settings.bounds import bounds
from ui.settings.fields import Field, figure
from ui.settings.shown import Shown
from ui.settings.words import MEASURED, WORDS, Words
from ui.words import LANGUAGES, Language
from ui.words import WORDS as COMMON

LISTED = 100
THEMES = ("auto", "light", "dark")
DATES = ("since", "until", "as_of")


@dataclass(frozen=True, slots=True)
class Mine:
    """What the visitor's browser keeps; empty where nothing is chosen."""

    theme: str = "auto"
    strictness: str = ""
    k: str = ""
    sources: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)

    @property
    def limited(self) -> bool:
        """Whether not all documents are asked."""
        return bool(self.sources or any(self.where.values()))


def mine(chosen: Mine, seen: Shown, documents: Sequence[DocumentInfo], language: Language) -> str:
    """All of it, with what ``seen``, the settings of the library, makes the default."""
    words, common = WORDS[language], COMMON[language]
    named = {"auto": common.theme_auto, "light": common.theme_light, "dark": common.theme_dark}
    spoken = {str(code): name for name, code in LANGUAGES}
    allowed, usual = bounds("k"), words.default.format(value=seen.values["k"])
    passages = words.k_help.format(least=figure(allowed.least), most=figure(allowed.most))
    return (
        fields.choice(_field("language", common.language), spoken, language, 'data-do="language"')
        + fields.choice(_field("theme", common.theme), named, chosen.theme, 'data-do="theme"')
        + _strictness(chosen, seen, words)
        + fields.number(_field("k", words.k, passages), chosen.k, usual, whole=True)
        + f'<h4>{escape(words.asked)}</h4><p class="pr-note">{escape(words.asked_note)}</p>'
        + _sources(chosen, documents, language)
        + _where(chosen, documents, words)
        + f'<div class="pr-set-row"><span></span><div class="pr-row"><p class="pr-note" role="status" data-limited>'
        f"{limited(chosen.limited, language)}</p>"
        f'<button type="button" class="pr-button" data-do="settings.everything"{"" if chosen.limited else " hidden"}>'
        f"{icon('close')}{escape(words.everything)}</button></div></div>"
    )


def limited(are: bool, language: Language) -> str:
    """Whether only some documents are asked, in a sentence."""
    words = WORDS[language]
    return escape(words.limited if are else words.unlimited)


def documents_found(documents: Sequence[DocumentInfo], chosen: Collection[str], total: int, language: Language) -> str:
    """``documents`` to choose from, of ``total`` that fit; those ``chosen`` that are gone can be let go."""
    words = WORDS[language]
    known = {each.source for each in documents}
    gone = [_document(each, words.absent, ticked=True) for each in sorted(chosen) if each not in known]
    found = [_document(each.source, _said(each), ticked=each.source in chosen) for each in documents]
    more = words.more.format(number=total - len(documents)) if total > len(documents) else ""
    note = more if found or gone else words.nothing
    below = f'<p class="pr-note">{escape(note)}</p>' if note else ""
    return "".join([*gone, *found, below])


def levels(words: Words) -> list[tuple[str, str, str]]:
    """Each strictness: value, name, and what was measured of it."""
    return [(level, getattr(words, level), _measured(level, words)) for level in MEASURED]


def _strictness(chosen: Mine, seen: Shown, words: Words) -> str:
    usual = words.default.format(value=getattr(words, seen.values["strictness"]))
    return fields.radios(
        _field("strictness", words.strictness, strictness_note(seen, words)),
        [("", usual, ""), *levels(words)],
        chosen.strictness,
    )


def strictness_note(seen: Shown, words: Words) -> str:
    """Where the figures are from, or that another setting outweighs the choice."""
    least = seen.values["min_confidence"]
    return words.measured_note if least is None else words.outweighed.format(percent=figure(round(least * 100)))


def _measured(level: str, words: Words) -> str:
    missed, refused = ([pair[side] for pair in MEASURED[level]] for side in (0, 1))
    return words.measured.format(refused=_range(refused), missed=_range(missed))


def _range(shares: Sequence[float]) -> str:
    return f"{min(shares) * 100:.0f}–{max(shares) * 100:.0f}%"


def _sources(chosen: Mine, documents: Sequence[DocumentInfo], language: Language) -> str:
    words = WORDS[language]
    shown = [each for each in documents if each.source in chosen.sources]
    shown += [each for each in documents if each.source not in chosen.sources][:LISTED]
    find = (
        f'<label class="pr-find">{icon("search")}<input type="search" class="pr-input" maxlength="200" '
        f'data-do="settings.find" placeholder="{escape(words.find)}" aria-label="{escape(words.find)}"></label>'
    )
    listed = documents_found(shown, chosen.sources, len(documents), language)
    return fields.group(
        _field("sources", words.documents),
        f'{find if len(documents) > 5 else ""}<div class="pr-set-documents" data-documents tabindex="0" role="group" '
        f'aria-label="{escape(words.documents)}">{listed}</div>',
    )


def _where(chosen: Mine, documents: Sequence[DocumentInfo], words: Words) -> str:
    dates = {"since": words.since, "until": words.until, "as_of": words.as_of}
    helps = {"as_of": words.as_of_help}
    return (
        _named("issuer", words.issuer, chosen, {each.metadata.issuer for each in documents})
        + _named("region", words.region, chosen, {each.metadata.region for each in documents})
        + "".join(
            fields.text(
                _field(name, label, helps.get(name, "")),
                chosen.where.get(name, ""),
                f'maxlength="10" inputmode="numeric" placeholder="{escape(words.date_help)}"',
                short=True,
            )
            for name, label in dates.items()
        )
    )


def _named(name: str, label: str, chosen: Mine, known: Collection[str | None]) -> str:
    options = "".join(
        f'<option value="{preformatted(each)}"></option>' for each in sorted(filter(None, known))[:LISTED]
    )
    control = fields.text(
        _field(name, label), chosen.where.get(name, ""), f'maxlength="200" list="pr-set-known-{name}"'
    )
    return f'{control}<datalist id="pr-set-known-{name}">{options}</datalist>'


def _document(source: str, said: str, *, ticked: bool) -> str:
    return (
        f'<label class="pr-set-option"><input type="checkbox" name="sources" value="{preformatted(source)}"'
        f"{' checked' if ticked else ''}><span>{escape(source)}{f'<small>{escape(said)}</small>' if said else ''}"
        "</span></label>"
    )


def _said(document: DocumentInfo) -> str:
    known = document.metadata
    return " · ".join(filter(None, (known.title, known.number, known.issued)))


def _field(name: str, label: str, help_text: str = "") -> Field:
    return Field("mine", name, label, help_text)
