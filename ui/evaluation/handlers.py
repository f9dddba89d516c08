"""What this part of the page asks of the server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import DocumentNotFoundError
from ui.calls import Arguments, BadCallError, Handler, NotAllowedError, Visit, admin_only, number, text
from ui.evaluation import command, render
from ui.evaluation.comparison import comparison, parse
from ui.evaluation.folder import FEEDBACK, SHIPPED, Folder, Run
from ui.evaluation.reports import Case
from ui.evaluation.runs import Runs
from ui.evaluation.summary import summary
from ui.evaluation.words import WORDS
from ui.words import Count

if TYPE_CHECKING:
    from rag.chatbot import Chatbot


def handlers(bot: Chatbot) -> Mapping[str, Handler]:
    """The calls, with the run that is under way."""
    return Evaluation(Folder(bot.settings.state), Runs()).handlers


class Evaluation:
    """The runs in a folder, and the one that is under way. Safe to share between threads."""

    def __init__(self, folder: Folder, runs: Runs) -> None:
        self._folder = folder
        self._runs = runs

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """What the browser may call."""
        return {
            "evaluation.view": self._view,
            "evaluation.state": self._state,
            "evaluation.run": self._run,
            "evaluation.compare": self._compare,
            "evaluation.place": self._place,
            "evaluation.start": self._start,
            "evaluation.cancel": self._cancel,
            "evaluation.delete": self._delete,
            "evaluation.feedback": self._feedback,
        }

    def _view(self, visit: Visit, _: Arguments) -> object:
        shown = render.Overview(
            runs=[run for run in self._folder.runs() if _readable(run, visit)],
            admin=visit.admin,
            has_documents=bool(visit.bot.documents()),
            own=self._folder.cases(),
            own_folder=str(self._folder.own_cases),
            progress=self._runs.progress,
            ended=self._runs.ended,
        )
        return render.overview(shown, visit.language)

    def _state(self, visit: Visit, _: Arguments) -> object:
        """``html`` of the progress; without a run, whether the latest one ended ``finished``, ``failed`` or neither."""
        now = self._runs.progress
        if now is not None:
            return {"running": True, "html": render.progress(now, visit.language)}
        ended = self._runs.ended
        how = "" if ended is None else "finished" if ended.name else "failed" if ended.error else "cancelled"
        return {"running": False, "ended": how}

    def _run(self, visit: Visit, arguments: Arguments) -> object:
        run = self._readable(visit, text(arguments, "name"))
        return summary(run.name, self._folder.report(run.name), visit.language)

    def _compare(self, visit: Visit, arguments: Arguments) -> object:
        base, new = (self._readable(visit, text(arguments, name)) for name in ("base", "new"))
        found = parse(command.compare(self._folder.file(base.name), self._folder.file(new.name)))
        return comparison(base, new, found, visit.language)

    def _place(self, visit: Visit, arguments: Arguments) -> object:
        """Where evidence stands in the library: ``source``, ``start``, ``end``; the document's start if nowhere."""
        run = self._readable(visit, text(arguments, "name"))
        row, at = number(arguments, "row"), number(arguments, "number")
        rows = self._folder.report(run.name).rows
        if row >= len(rows) or at >= len(rows[row].evidence):
            raise BadCallError(f"there is no evidence {at} of case {row} in this run. Reload the page.")
        return _found(visit.bot, rows[row], at)

    def _start(self, visit: Visit, arguments: Arguments) -> object:
        admin_only(visit)
        name = text(arguments, "cases", longest=255)
        file = self._folder.cases_file(name) if name else None
        limit = number(arguments, "limit", least=1) if arguments.get("limit") is not None else None
        options: list[str | Path] = [file] if file else []
        options += ["--limit", str(limit)] if limit else []
        report = self._folder.new(file.stem if file else SHIPPED)
        cases = file.name if file else WORDS[visit.language].shipped
        self._runs.start(visit.bot.settings.renewed(), report, cases=cases, arguments=options)
        return True

    def _cancel(self, visit: Visit, _: Arguments) -> object:
        admin_only(visit)
        self._runs.cancel()
        return True

    def _delete(self, visit: Visit, arguments: Arguments) -> object:
        admin_only(visit)
        self._folder.delete(text(arguments, "name"))
        return True

    def _feedback(self, visit: Visit, _: Arguments) -> object:
        """Praised answers become cases; what a person has to complete first is only counted."""
        from rag.chat.cases import DRAFT, json_lines

        admin_only(visit)
        words = WORDS[visit.language]
        rated = visit.bot.rated_cases(everyone=True)
        ready = [case for case in rated if case["type"] != DRAFT]
        if ready:
            self._folder.write_cases(FEEDBACK, json_lines(ready))
        said = [words.feedback_written.format(count=Count(len(ready))) if ready else words.feedback_none]
        said += [words.drafts.format(count=Count(len(rated) - len(ready)))] if len(ready) < len(rated) else []
        return " ".join(said)

    def _readable(self, visit: Visit, name: str) -> Run:
        run = self._folder.run(name)
        if not _readable(run, visit):
            raise NotAllowedError(visit.words.admins_only)
        return run


def _readable(run: Run, visit: Visit) -> bool:
    return visit.admin or not run.private


def _found(bot: Chatbot, case: Case, number: int) -> dict[str, object]:
    """The quote's place; if its script or spacing differs from the document's, that of the passage that holds it."""
    evidence = case.evidence[number]
    try:
        document = bot.document(evidence.source)
    except DocumentNotFoundError as error:
        raise BadCallError(f"{evidence.source} is not in the library any more. Add it again to read it.") from error
    start = document.text.find(evidence.quote)
    if start >= 0:
        return {"source": evidence.source, "start": start, "end": start + len(evidence.quote)}
    for hit in case.retrieved:
        if hit.relevant and hit.source == evidence.source and hit.end <= len(document.text):
            return {"source": evidence.source, "start": hit.start, "end": hit.end}
    return {"source": evidence.source, "start": 0, "end": 0}
