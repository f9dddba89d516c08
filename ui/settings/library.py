"""The settings of the library as HTML, to be changed or only to be read: pure functions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from ui.icons import icon
from ui.markup import escape, preformatted
from ui.settings import fields
from ui.settings.bounds import bounds, default, described
from ui.settings.fields import Field, figure, reason
from ui.settings.mine import levels, strictness_note
from ui.settings.providers import ADDRESSED, KEYED, KINDS
from ui.settings.shown import Shown
from ui.settings.words import WORDS, Words
from ui.words import Language

_MORE = ("llm.temperature", "llm.max_tokens", "llm.context_tokens", "llm.timeout_s")
_FORM = "library"


@dataclass(frozen=True, slots=True)
class Wording:
    """The prompt of the answers, or in ``system`` why it cannot be read; ``given``: a model not from the settings."""

    name: str
    system: str
    user: str = ""
    given: str = ""


def form(seen: Shown, wording: Wording, language: Language) -> str:
    """What an administrator can change, and why not the rest."""
    words = WORDS[language]
    given = (
        f'<p class="pr-notice pr-warn">{escape(words.given.format(name=wording.given))}</p>' if wording.given else ""
    )
    return (
        f'<form class="pr-set-form" data-shared autocomplete="off" novalidate>'
        f"<h4>{escape(words.answers)}</h4>{_answers(seen, words)}"
        f"<h4>{escape(words.files)}</h4>{_number('max_file_mb', words.max_file, words.max_file_help, seen, words)}"
        f"<h4>{escape(words.model)}</h4>{given}{_model(seen, words)}{_more(seen, wording, words)}"
        '<div class="pr-set-foot"><div data-tested role="status"></div><div class="pr-row">'
        f'<button type="submit" class="pr-button pr-primary">{escape(words.save)}</button>'
        f'<button type="button" class="pr-button" data-do="settings.test" data-busy="{escape(words.testing)}">'
        f"{icon('play')}<span>{escape(words.test)}</span></button>"
        f'<button type="button" class="pr-button" data-do="settings.revert" hidden>{escape(words.revert)}</button>'
        "</div></div></form>"
    )


def summary(seen: Shown, language: Language) -> str:
    """What everybody may know, not to be changed: neither addresses nor folders nor keys."""
    words = WORDS[language]
    switch = {True: words.on, False: words.off}
    name = PurePath(seen.model).name if seen.kind == "gguf" else seen.model
    told = {
        words.strictness: getattr(words, seen.values["strictness"]),
        words.k: str(seen.values["k"]),
        words.reader: switch[seen.values["reader"]],
        words.provider: getattr(words, seen.kind),
        **({words.name: name} if name else {}),
    }
    if seen.kind != "none":
        told[words.fallback] = switch[seen.values["llm.fallback"]]
        told[words.unsupported] = getattr(words, seen.values["llm.flag_unsupported"])
    listed = "".join(f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>" for label, value in told.items())
    return f'<p class="pr-note">{escape(words.read_only)}</p><dl class="pr-set-summary">{listed}</dl>'


def _answers(seen: Shown, words: Words) -> str:
    strictness = _field("strictness", words.strictness, seen, words, help_text=strictness_note(seen, words))
    reader = _field("reader", words.reader, seen, words, help_text=words.reader_help)
    return (
        fields.radios(strictness, levels(words), seen.values["strictness"])
        + _number("k", words.k, words.k_help, seen, words)
        + fields.tick(reader, ticked=seen.values["reader"])
    )


def _model(seen: Shown, words: Words) -> str:
    fixed = _reason("llm.model", seen, words)
    offered = {str(kind): str(getattr(words, kind)) for kind in seen.kinds}
    provider = Field(_FORM, "provider", words.provider, fixed=fixed)
    named = [kind for kind in KINDS if kind not in ("none", "gguf")]
    name = Field(_FORM, "model", words.name, fixed=fixed, kinds=named)
    file = Field(_FORM, "file", words.file, words.file_help, fixed, ("gguf",))
    short = 'maxlength="1000" spellcheck="false"'
    hint = f'<span></span><p class="pr-note">{escape(words.other_help)}</p>'
    shown = {"file" if seen.kind == "gguf" else "model": seen.model}
    return (
        fields.choice(provider, offered, seen.kind)
        + fields.text(name, shown.get("model", ""), short)
        + f'<div class="pr-set-row" data-for="other">{hint}</div>'
        + fields.text(file, shown.get("file", ""), short)
        + _address(seen, words)
        + _key(seen, words)
    )


def _address(seen: Shown, words: Words) -> str:
    kinds = {*ADDRESSED, *([seen.kind] if seen.address else [])}
    field = _field("llm.base_url", words.address, seen, words, help_text=words.address_help, kinds=kinds)
    return fields.text(field, seen.address, 'inputmode="url" maxlength="2000" spellcheck="false"')


def _key(seen: Shown, words: Words) -> str:
    """The key is written and never shown: nothing of it is in the page."""
    field = _field("llm.api_key", words.key, seen, words, help_text=words.key_help, kinds={*KEYED})
    state = words.key_set if seen.has_key else words.key_unset
    control = fields.row(
        field,
        f'<input class="pr-input" type="password" value="" autocomplete="new-password" maxlength="1000" '
        f'placeholder="{preformatted(state)}" {field.attributes}>',
    )
    forget = Field(_FORM, "forget_key", words.forget_key, kinds=field.kinds)
    return control + (fields.tick(forget, ticked=False) if seen.has_key and not field.fixed else "")


def _more(seen: Shown, wording: Wording, words: Words) -> str:
    labels = {
        "llm.temperature": (words.temperature, words.temperature_help),
        "llm.max_tokens": (words.max_tokens, words.max_tokens_help),
        "llm.context_tokens": (words.context_tokens, words.context_tokens_help),
        "llm.timeout_s": (words.timeout, words.timeout_help),
    }
    fallback = _field("llm.fallback", words.fallback, seen, words, help_text=words.fallback_help)
    unsupported = _field("llm.flag_unsupported", words.unsupported, seen, words)
    prompt = f"{wording.system}\n\n{wording.user}".strip()
    kinds = " ".join(kind for kind in KINDS if kind != "none")
    return (
        f'<div data-for="{kinds}">{fields.tick(fallback, ticked=seen.values["llm.fallback"])}'
        f"{fields.choice(unsupported, {'flag': words.flag, 'drop': words.drop}, seen.values['llm.flag_unsupported'])}"
        f'<details class="pr-set-more"><summary>{escape(words.more_settings)}</summary>'
        f"{''.join(_number(name, *labels[name], seen, words) for name in _MORE)}</details>"
        f'<details class="pr-set-more"><summary>{escape(words.prompt.format(name=wording.name))}</summary>'
        f'<p class="pr-note">{escape(words.prompt_help)}</p>'
        f'<pre class="pr-set-prompt" tabindex="0">{preformatted(prompt)}</pre></details></div>'
    )


def _number(name: str, label: str, help_text: str, seen: Shown, words: Words) -> str:
    allowed = bounds(name)
    told = help_text.format(least=figure(allowed.least), most=figure(allowed.most))
    field = _field(name, label, seen, words, help_text=told)
    usual = words.default.format(value=figure(default(name)))
    return fields.number(field, figure(seen.values[name]), usual, whole=described(name).annotation is int)


def _field(
    name: str, label: str, seen: Shown, words: Words, *, help_text: str = "", kinds: Collection[str] = ()
) -> Field:
    ordered = [kind for kind in KINDS if kind in kinds]
    return Field(_FORM, name, label, help_text, _reason(name, seen, words), ordered)


def _reason(name: str, seen: Shown, words: Words) -> str:
    return reason(seen.fixed[name], words) if name in seen.fixed else ""


def outcome(message: str, detail: str, *, good: bool) -> str:
    """What came of a test: ``message``, and ``detail`` where there is more to say."""
    more = f"<p>{escape(detail)}</p>" if detail else ""
    kind, picture = ("pr-good", "check") if good else ("pr-bad", "cross")
    return f'<div class="pr-notice {kind}"><p>{icon(picture)} {escape(message)}</p>{more}</div>'


def field_errors(errors: Mapping[str, str]) -> dict[str, object]:
    """What the form shows beside its fields."""
    return {"errors": dict(errors)}
