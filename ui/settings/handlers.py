"""What the settings ask of the server."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from rag.answer.prompts import load_prompt
from rag.corpus.script import search_key
from rag.errors import FilterError, PromptError
from rag.index.keys import is_date
from rag.schema import DocumentInfo
from ui.calls import Arguments, BadCallError, Handler, Visit, admin_only, text, texts
from ui.chat.asking import filter_of
from ui.settings import form, library, mine, render
from ui.settings.bounds import default
from ui.settings.current import Current
from ui.settings.mine import Mine
from ui.settings.shown import shown
from ui.settings.trial import LONGEST_S, Answered, Outcome, Silent, Trials
from ui.settings.words import WORDS, Words

if TYPE_CHECKING:
    from rag.answer.llm import ChatModel
    from rag.chatbot import Chatbot

_WHERE = ("issuer", "region", *mine.DATES)


def handlers(current: Current) -> Mapping[str, Handler]:
    """The calls; ``current`` holds the chatbot that questions go to."""
    asked = _Settings(current)
    return {
        "settings.view": asked.view,
        "settings.mine": asked.mine,
        "settings.library": asked.library,
        "settings.documents": asked.documents,
        "settings.k": _k,
        "settings.where": asked.where,
        "settings.test": asked.test,
        "settings.save": asked.save,
        "settings.health": asked.health,
    }


class _Settings:
    """The handlers, and what outlives a call: the chatbot in force, and a model that is being tried."""

    def __init__(self, current: Current) -> None:
        self._current = current
        self._trials = Trials()

    def view(self, visit: Visit, arguments: Arguments) -> object:
        """The whole tab."""
        parts = str(self.mine(visit, arguments)), str(self.library(visit, arguments))
        return render.page(*parts, visit.language, admin=visit.admin)

    def mine(self, visit: Visit, arguments: Arguments) -> object:
        """The visitor's own settings; ``preferences`` is what the browser keeps."""
        bot = self._current.bot
        return mine.mine(_kept(arguments.get("preferences")), shown(bot.settings), bot.documents(), visit.language)

    def library(self, visit: Visit, _: Arguments) -> object:
        """The settings of the library: a form for administrators, for others what they may know."""
        seen = shown(self._current.bot.settings)
        if not visit.admin:
            return library.summary(seen, visit.language)
        return library.form(seen, _wording(self._current.bot), visit.language)

    def documents(self, visit: Visit, arguments: Arguments) -> object:
        """The documents with ``find`` in their names, those in ``sources`` first."""
        wanted, chosen = search_key(text(arguments, "find", longest=200)), set(texts(arguments, "sources", most=10_000))
        every = self._current.bot.documents()
        first = [each for each in every if each.source in chosen]
        found = [each for each in every if each.source not in chosen and wanted in _searched(each)]
        listed = first + found[: mine.LISTED]
        return mine.documents_found(listed, chosen, len(first) + len(found), visit.language)

    def where(self, visit: Visit, arguments: Arguments) -> object:
        """Whether documents fit ``where``: ``errors`` by field, and ``message`` for what is about none of them."""
        words, where = WORDS[visit.language], arguments.get("where")
        given = where if isinstance(where, Mapping) else {}
        wrong = [name for name in mine.DATES if (written := given.get(name)) and not is_date(str(written))]
        if wrong:
            return library.field_errors(dict.fromkeys(wrong, words.bad_date))
        asked, bot = filter_of(where), self._current.bot
        limits = asked != filter_of(None)
        if limits and bot.documents():
            try:
                # Not read closely: this only asks whether there is anything to find.
                bot.configured(reader=False).search(words.title, k=1, where=asked)
            except FilterError as error:
                return {"errors": {}, "message": words.not_applied.format(message=error)}
        return {"errors": {}, "limited": limits, "message": words.limited if limits else words.unlimited}

    def test(self, visit: Visit, arguments: Arguments) -> object:
        """What the language model says under the ``values`` of the form, which are not saved."""
        admin_only(visit)
        words, bot = WORDS[visit.language], self._current.bot
        wanted = form.wanted(_values(arguments), bot.settings, words)
        if wanted.errors:
            return library.field_errors(wanted.errors)
        llm = {name.removeprefix("llm."): value for name, value in wanted.changes.items() if name.startswith("llm.")}
        trial = bot.configured(llm=llm)
        if trial.settings.llm.model is None and trial.model is None:
            return {"html": library.outcome(words.test_none, "", good=True)}
        found = self._trials.run(partial(_opened, trial))
        return {"html": _told(found, words)}

    def save(self, visit: Visit, arguments: Arguments) -> object:
        """Keep the ``values`` of the form; from the next question on they hold."""
        admin_only(visit)
        words = WORDS[visit.language]
        settings = self._current.bot.settings
        wanted = form.wanted(_values(arguments), settings, words)
        if wanted.errors:
            return library.field_errors(wanted.errors)
        if wanted.changes:
            # What is as it would be anyway is left out, so that a later version's default can come into its own.
            self._current.save({name: _unless_default(name, value) for name, value in wanted.changes.items()})
        message = words.saved if wanted.changes else words.unchanged
        return {"html": self.library(visit, {}), "message": message}

    def health(self, visit: Visit, _: Arguments) -> object:
        """What is configured and whether it works."""
        admin_only(visit)
        bot = self._current.bot
        quick = {"timeout_s": min(bot.settings.llm.timeout_s, LONGEST_S)}
        return render.health(bot.configured(llm=quick).doctor(), version("policy-rag"), visit.language)


def _k(visit: Visit, arguments: Arguments) -> object:
    """Whether ``k`` can be a number of passages; empty is the default."""
    written = text(arguments, "k", longest=40)
    return library.field_errors(form.number_error("k", written, WORDS[visit.language]) if written.strip() else {})


def _values(arguments: Arguments) -> Arguments:
    values = arguments.get("values")
    if not isinstance(values, Mapping):
        raise BadCallError("values must be an object. Reload the page.")
    return values


def _kept(preferences: object) -> Mine:
    """What the browser keeps, as far as it is what it should be."""
    kept = preferences if isinstance(preferences, Mapping) else {}
    where = kept.get("where")
    where = where if isinstance(where, Mapping) else {}
    sources = where.get("sources")
    return Mine(
        theme=theme if (theme := kept.get("theme")) in mine.THEMES else "auto",
        strictness=str(kept.get("strictness") or ""),
        k=str(kept.get("k") or ""),
        sources=tuple(each for each in sources if isinstance(each, str)) if isinstance(sources, list) else (),
        where={name: value for name in _WHERE if isinstance(value := where.get(name), str)},
    )


def _searched(document: DocumentInfo) -> str:
    known = document.metadata
    return search_key(" ".join(filter(None, (document.source, known.title, known.number, known.issuer))))


def _wording(bot: Chatbot) -> library.Wording:
    llm = bot.settings.llm
    given = bot.model.name if llm.model is None and llm.base_url is None and bot.model is not None else ""
    try:
        prompt = load_prompt(llm.prompt)
    except PromptError as error:
        return library.Wording(llm.prompt, str(error), given=given)
    return library.Wording(prompt.name, prompt.system, prompt.user, given)


def _opened(trial: Chatbot) -> ChatModel:
    """The model of ``trial``, to be asked once and not for long."""
    llm = trial.settings.llm
    quick = trial.configured(llm={"retries": 0, "timeout_s": min(llm.timeout_s, LONGEST_S)})
    model = quick.model
    assert model is not None
    return model


def _told(found: Outcome | None, words: Words) -> str:
    if isinstance(found, Answered):
        said = words.test_works.format(name=found.name, seconds=f"{found.seconds:.1f}")
        return library.outcome(said, "", good=True)
    if found is None:
        return library.outcome(words.test_busy, "", good=False)
    if isinstance(found, Silent):
        return library.outcome(words.test_failed, words.test_silent.format(seconds=f"{found.seconds:g}"), good=False)
    why = found.message or words.test_broken.format(kind=found.kind)
    return library.outcome(words.test_failed, why, good=False)


def _unless_default(name: str, value: Any) -> Any:
    return None if value == default(name) else value
