"""The chat page: what is on it and what happens on Enter; all data comes through ``Chatbot``."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

from rag.errors import PolicyRagError
from rag.schema import Answer, AnswerEvent, TextEvent
from ui import render
from ui.strings import LANGUAGES, STRINGS, Language, example_questions

if TYPE_CHECKING:
    from rag.chatbot import Chatbot

logger = logging.getLogger(__name__)

Turns = list[render.Turn]

# Runs in the browser once: examples are asked, marks lead to their source, a new question comes to the top.
_ON_LOAD = """
let asked = 0;
element.addEventListener('click', (event) => {
  const example = event.target.closest('[data-question]');
  if (example) trigger('click', { question: example.dataset.question });
  const mark = event.target.closest('[data-source]');
  const source = mark && element.querySelector('#' + mark.dataset.source);
  if (source) {
    source.scrollIntoView({ block: 'center', behavior: 'smooth' });
    source.focus({ preventScroll: true });
  }
});
watch('value', () => {
  const questions = element.querySelectorAll('.pr-question');
  if (questions.length > asked) questions[questions.length - 1].scrollIntoView({ block: 'start', behavior: 'smooth' });
  asked = questions.length;
});
"""

_SET_PAGE_LANGUAGE = """(turns, language) => {
  document.documentElement.lang = { hans: 'zh-Hans', hant: 'zh-Hant', en: 'en' }[language];
  return [turns, language];
}"""


class Page:
    """What the page does: each method is one event and returns new values for components."""

    def __init__(self, bot: Chatbot) -> None:
        self._bot = bot

    def ask(self, question: str, turns: Turns, language: Language) -> Iterator[tuple[Any, str, Turns]]:
        """Box, conversation and turns: while the answer is written, then with the finished turn.

        The box is emptied once, at the start: what is typed meanwhile stays.
        """
        if not question.strip():
            yield "", self._body(turns, language), turns
            return
        box: Any = ""
        try:
            for outcome in self._outcomes(question, turns):
                shown = [*turns, render.Turn(question, outcome)]
                yield box, self._body(shown, language), shown
                box = gr.skip()
        except PolicyRagError as error:
            failure = render.Failure(str(error))
        except Exception as error:  # a shell: the page must outlive whatever one question does
            logger.exception("a question in the web UI failed")
            failure = render.Failure(f"{type(error).__name__}: {error}")
        else:
            return
        shown = [*turns, render.Turn(question, failure)]
        yield box, self._body(shown, language), shown

    def pick(self, turns: Turns, language: Language, event: gr.EventData) -> Iterator[tuple[Any, str, Turns]]:
        """Ask the example that was clicked."""
        yield from self.ask(str(event._data["question"]), turns, language)

    def start_over(self, language: Language) -> tuple[str, str, Turns]:
        """Box, conversation and turns of a new conversation."""
        return "", self._body([], language), []

    def show(self, turns: Turns, language: Language) -> tuple[str, str, gr.Textbox, gr.Button]:
        """Header, conversation, box and button after a page load or in another language."""
        strings = STRINGS[language]
        try:
            header = render.header(self._bot.documents(), strings)
        except PolicyRagError:
            header = render.header([], strings)
        box = gr.Textbox(placeholder=strings.placeholder, label=strings.question)
        return header, self._body(turns, language), box, gr.Button(strings.new)

    def _outcomes(self, question: str, turns: Turns) -> Iterator[render.Writing | Answer]:
        text = ""
        yield render.Writing(text)
        for event in self._bot.stream(question, history=render.history(turns)):
            if isinstance(event, TextEvent):
                text += event.text
                yield render.Writing(text)
            elif isinstance(event, AnswerEvent):
                yield event.answer

    def _body(self, turns: Sequence[render.Turn], language: Language) -> str:
        strings = STRINGS[language]
        if turns:
            return render.conversation(turns, strings)
        try:
            documents = self._bot.documents()
        except PolicyRagError as error:
            return render.problem(str(error), strings)
        return render.welcome(documents, example_questions(document.source for document in documents), strings)


def build_app(bot: Chatbot, *, language: Language = "hans") -> gr.Blocks:
    """The page wired to ``bot``, labelled in ``language`` at first; ``ui.server.launch`` serves and styles it."""
    strings = STRINGS[language]
    page = Page(bot)
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    app = gr.Blocks(title=strings.title, analytics_enabled=False, fill_width=True)
    with app, gr.Column(elem_id="pr-page"):
        with gr.Row(elem_id="pr-top"):
            header = gr.HTML(elem_id="pr-header", apply_default_css=False, js_on_load=None)
            choice = gr.Radio(
                LANGUAGES,
                value=language,
                label=strings.language,
                show_label=False,
                container=False,
                elem_id="pr-language",
            )
            new = gr.Button(strings.new, elem_id="pr-new")
        body = gr.HTML(label=strings.conversation, elem_id="pr-body", apply_default_css=False, js_on_load=_ON_LOAD)
        box = gr.Textbox(
            label=strings.question,
            placeholder=strings.placeholder,
            show_label=False,
            container=False,
            max_lines=6,
            autofocus=True,
            submit_btn=True,
            elem_id="pr-box",
        )
        turns = gr.State([])
        told = [box, body, turns]
        shown = [header, body, box, new]
        app.load(page.show, [turns, choice], shown, **quiet)
        choice.change(page.show, [turns, choice], shown, js=_SET_PAGE_LANGUAGE, **quiet)
        box.submit(page.ask, [box, turns, choice], told, **quiet)
        body.click(page.pick, [turns, choice], told, **quiet)
        new.click(page.start_over, [choice], told, **quiet)
    return app
