"""Fields of a form as HTML, each with its label, its help, and a place for what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ui.markup import escape, preformatted
from ui.settings.shown import Fixed
from ui.settings.words import Words


@dataclass(frozen=True, slots=True)
class Field:
    """A field ``name`` of the form ``form``; ``fixed``: why it cannot be changed; ``kinds``: providers it is for."""

    form: str
    name: str
    label: str
    help: str = ""
    fixed: str = ""
    kinds: Sequence[str] = ()

    @property
    def id(self) -> str:
        """Of the control; no other field has it."""
        return f"pr-set-{self.form}-{self.name.replace('.', '-').replace('_', '-')}"

    @property
    def attributes(self) -> str:
        """Those of every control: where its help and its errors are, and whether it can be changed."""
        disabled = " disabled" if self.fixed else ""
        return f'id="{self.id}" name="{self.name}" aria-describedby="{self.id}-help {self.id}-error"{disabled}'


def figure(value: float) -> str:
    """A number without needless zeros."""
    return f"{value:,.0f}".replace(",", "") if value == int(value) else f"{value:g}"


def reason(fixed: Fixed, words: Words) -> str:
    """Who has fixed a setting, and how."""
    by = {
        "environment": words.by_environment.format(name=fixed.name),
        "rag.toml": words.by_file,
        "argument": words.by_argument,
    }
    return words.fixed.format(by=words.with_key if fixed.with_key else by.get(fixed.origin, fixed.origin))


def row(field: Field, control: str) -> str:
    """Label, ``control``, help and the place for errors."""
    return (
        f'{_open(field)}<label for="{field.id}">{escape(field.label)}</label><div>{control}{_below(field)}</div></div>'
    )


def group(field: Field, controls: str) -> str:
    """As ``row``, for several controls that together are one field."""
    return (
        f'{_open(field)}<span class="pr-set-label" id="{field.id}-label">{escape(field.label)}</span>'
        f'<div role="group" id="{field.id}" aria-labelledby="{field.id}-label" '
        f'aria-describedby="{field.id}-help {field.id}-error">{controls}{_below(field)}</div></div>'
    )


def text(field: Field, value: str, more: str = "", *, short: bool = False) -> str:
    """A line of text; ``more`` attributes, escaped."""
    kind = "pr-input pr-set-number" if short else "pr-input"
    return row(
        field, f'<input class="{kind}" value="{preformatted(value)}" autocomplete="off" {more} {field.attributes}>'
    )


def number(field: Field, value: str, placeholder: str, *, whole: bool) -> str:
    """A number; bounds are checked by whoever takes it."""
    mode = "numeric" if whole else "decimal"
    shown = f'placeholder="{preformatted(placeholder)}"'
    return row(
        field,
        f'<input class="pr-input pr-set-number" inputmode="{mode}" value="{preformatted(value)}" autocomplete="off" '
        f'maxlength="12" {shown} {field.attributes}>',
    )


def choice(field: Field, options: Mapping[str, str], chosen: str, more: str = "") -> str:
    """One of ``options``, labels by value."""
    listed = "".join(
        f'<option value="{value}"{" selected" if value == chosen else ""}>{escape(label)}</option>'
        for value, label in options.items()
    )
    return row(field, f'<select class="pr-select" {more} {field.attributes}>{listed}</select>')


def radios(field: Field, options: Sequence[tuple[str, str, str]], chosen: str) -> str:
    """One of ``options`` (value, label, what it means)."""
    disabled = " disabled" if field.fixed else ""
    listed = "".join(
        f'<label class="pr-set-option"><input type="radio" name="{field.name}" value="{value}"'
        f"{' checked' if value == chosen else ''}{disabled}><span>{escape(label)}"
        f"{f'<small>{escape(meaning)}</small>' if meaning else ''}</span></label>"
        for value, label, meaning in options
    )
    return group(field, listed)


def tick(field: Field, *, ticked: bool) -> str:
    """Yes or no; its label stands behind it."""
    return (
        f'{_open(field)}<span></span><div><label class="pr-set-option"><input type="checkbox"'
        f"{' checked' if ticked else ''} {field.attributes}><span>{escape(field.label)}</span></label>"
        f"{_below(field)}</div></div>"
    )


def _open(field: Field) -> str:
    kinds = f' data-for="{" ".join(field.kinds)}"' if field.kinds else ""
    return f'<div class="pr-set-row"{kinds}>'


def _below(field: Field) -> str:
    help_text = f"<span>{escape(field.help)}</span>" if field.help else ""
    fixed = f'<span class="pr-set-fixed">{escape(field.fixed)}</span>' if field.fixed else ""
    return (
        f'<p class="pr-note" id="{field.id}-help">{help_text}{fixed}</p>'
        f'<p class="pr-set-error" id="{field.id}-error" data-error="{field.name}" hidden></p>'
    )
