"""``rag chat``: a conversation typed line by line, kept as it goes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rag import terminal
from rag.errors import ConversationError, LLMError, PolicyRagError, QuestionError
from rag.schema import Answer, AnswerEvent, Filter

if TYPE_CHECKING:
    from rag.chatbot import Chatbot

_HELP = "One question a line; /sources shows the last quotes, /new begins another conversation, /list shows them, "
_HELP += "/resume ID goes on with one, /quit ends."


class _Talk:
    """One conversation after another with ``bot``; ``said`` collects what came of each question."""

    def __init__(self, bot: Chatbot, where: Filter, *, quiet: bool) -> None:
        self._bot = bot
        self._where = where
        self._quiet = quiet
        self.conversation_id: str | None = None
        self.said: list[Answer | PolicyRagError] = []

    def resume(self, reference: str) -> None:
        """Go on with the conversation that ``reference`` means, and show how it ended."""
        conversation = self._bot.conversations.resolve(reference)
        self.conversation_id = conversation.id
        if not self._quiet:
            terminal.conversation(conversation, self._bot.conversations.turns(conversation.id)[-2:])

    def command(self, line: str) -> None:
        """Do what a line that begins with a stroke says."""
        name, _, rest = line.partition(" ")
        if name == "/new":
            self.conversation_id = None
        elif name == "/resume":
            self.resume(rest.strip() or "last")
        elif not self._quiet:
            answers = [item for item in self.said if isinstance(item, Answer)]
            if name == "/list":
                terminal.conversations(self._bot.conversations.recent(limit=20))
            elif answers:
                terminal.answered(answers[-1])

    def ask(self, question: str) -> None:
        """Ask, and show the answer."""
        if self.conversation_id is None:
            self.conversation_id = self._bot.conversations.create().id
        *_, last = self._bot.converse(self.conversation_id, question, where=self._where)
        assert isinstance(last, AnswerEvent)
        self.said.append(last.answer)
        if not self._quiet:
            terminal.answered(last.answer, quotes=False)
            sys.stdout.write("\n")


def converse(
    bot: Chatbot, *, where: Filter | None = None, resume: str | None = None, quiet: bool = False
) -> list[Answer | PolicyRagError]:
    """Ask what is typed, line by line, until /quit or the end of input; returns what came of each question.

    ``where`` holds for every question, ``resume`` names a conversation to go on with, ``quiet`` writes nothing to
    stdout. A question that cannot be asked, and a language model that fails, is told and the conversation goes on;
    every other error ends it.
    """
    talk = _Talk(bot, where or Filter(), quiet=quiet)
    if resume is not None:
        talk.resume(resume)
    for line in _typed(quiet):
        if line == "/quit":
            break
        try:
            if line.split()[0] in ("/sources", "/new", "/list", "/resume"):
                talk.command(line)
            else:
                talk.ask(line)
        except ConversationError as error:
            terminal.told(f"error: {error}")
        except (QuestionError, LLMError) as error:
            terminal.told(f"error: {error}")
            talk.said.append(error)
    if talk.said and talk.conversation_id:
        terminal.told(f"kept: `rag chat --resume {talk.conversation_id}` goes on")
    return talk.said


def _typed(quiet: bool) -> Iterator[str]:
    if sys.stdin.isatty():
        import readline  # noqa: F401  gives input() line editing, without which Chinese cannot be corrected

        terminal.told(_HELP)
    prompt = "" if quiet or not sys.stdin.isatty() else "\n› "
    while True:
        try:
            line = input(prompt).strip()
        except EOFError:
            return
        if line:
            yield line
