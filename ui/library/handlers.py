"""What the library asks of the server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import DocumentError, DocumentNotFoundError
from rag.schema import DocumentInfo
from ui.calls import Arguments, BadCallError, Handler, Visit, admin_only, flag, number, text, texts
from ui.filenames import safe_name
from ui.library import details, progress, render
from ui.library.adding import taken_names
from ui.library.copies import drop_copy
from ui.library.ingesting import FINISHED, Ingesting, model_is_built
from ui.library.listing import COLUMNS, found, ordered, titled
from ui.library.removed import RemovedDocuments
from ui.library.words import WORDS

if TYPE_CHECKING:
    from rag.chatbot import Chatbot
    from ui.uploads import Uploads

_PAGE = 100


class Library:
    """The calls of the library, with the files on their way in and the documents that can be put back.

    Without ``uploads``, where files from the browser arrive, documents can be removed and not added.
    """

    def __init__(self, uploads: Uploads | None) -> None:
        self._uploads = uploads
        self._ingesting = Ingesting()
        self._removed = RemovedDocuments()

    def handlers(self) -> Mapping[str, Handler]:
        """The calls by name."""
        return {
            "library.view": self.view,
            "library.list": listed,
            "library.document": document,
            "library.known": known,
            "library.add": self.add,
            "library.progress": self.progress,
            "library.clear": self.clear,
            "library.remove": self.remove,
            "library.removed": self.removed,
            "library.restore": self.restore,
        }

    def view(self, visit: Visit, _: Arguments) -> object:
        """The frame of the tab."""
        offer = None
        if visit.admin and self._uploads is not None:
            settings = visit.bot.settings
            offer = render.Offer(settings.max_file_mb, settings.ingest.archive_mb, first=not model_is_built(visit.bot))
        return render.view(visit.language, offer=offer)

    def add(self, visit: Visit, arguments: Arguments) -> object:
        """Queue the uploaded file ``token``, called ``name``; one of that name gives way if ``replace``."""
        admin_only(visit)
        if self._uploads is None:
            raise BadCallError("files cannot be uploaded here. Use `rag ingest`.")
        token, name = text(arguments, "token"), text(arguments, "name")
        if not flag(arguments, "replace") and name in taken_names(visit.bot.documents()):
            raise DocumentError(WORDS[visit.language].exists.format(name=name))
        self._ingesting.add(visit.bot, self._uploads.take(token, visit.owner), visit.owner)
        return True

    def progress(self, visit: Visit, _: Arguments) -> object:
        """Where the visitor's files stand, how many are finished, and whether there is more to wait for."""
        admin_only(visit)
        jobs = self._ingesting.jobs(visit.owner)
        return {
            "html": progress.jobs(jobs, visit.language),
            "said": progress.said(jobs, visit.language),
            "finished": [job.number for job in jobs if job.state in FINISHED],
            "busy": any(job.state not in FINISHED for job in jobs),
        }

    def clear(self, visit: Visit, _: Arguments) -> object:
        """Forget the visitor's finished files."""
        admin_only(visit)
        self._ingesting.clear(visit.owner)
        return True

    def remove(self, visit: Visit, arguments: Arguments) -> object:
        """Remove ``source``; the id by which it can be put back."""
        admin_only(visit)
        bot, source = visit.bot, text(arguments, "source")
        with self._ingesting.between(WORDS[visit.language].busy):
            info, removed = _info(bot, source), bot.document(source)
            bot.remove(source)
            drop_copy(bot, Path(info.path))  # so that removed means removed
        return self._removed.keep(removed, visit.owner)

    def removed(self, visit: Visit, arguments: Arguments) -> object:
        """Lines for those of ``ids`` that can still be put back."""
        admin_only(visit)
        return render.removed(self._removed.of(visit.owner, texts(arguments, "ids")), visit.language)

    def restore(self, visit: Visit, arguments: Arguments) -> object:
        """Put back what was removed as ``id``; what to tell the visitor."""
        admin_only(visit)
        words, removed_id = WORDS[visit.language], text(arguments, "id")
        with self._ingesting.between(words.busy):
            back = self._removed.get(visit.owner, removed_id)
            if any(each.source == back.source for each in visit.bot.documents()):
                raise DocumentError(words.exists.format(name=back.source))
            visit.bot.restore(back)
            self._removed.forget(visit.owner, removed_id)
        return words.back.format(title=back.metadata.title or back.source)


def listed(visit: Visit, arguments: Arguments) -> object:
    """The documents that have ``find`` in them, by the column ``sort``: up to 100 from number ``start`` on."""
    sort, start = text(arguments, "sort"), number(arguments, "start")
    if sort not in COLUMNS:
        raise BadCallError(f"sort must be one of {', '.join(COLUMNS)}. Reload the page.")
    descending, everything = flag(arguments, "descending"), visit.bot.documents()
    fitting = ordered(found(everything, text(arguments, "find", longest=200)), sort, descending=descending)
    page = fitting[start : start + _PAGE]
    html = render.rows(page, visit.language, admin=visit.admin)
    if not everything:
        html = render.empty(visit.language, admin=visit.admin)
    elif not start:
        html = render.table(html, render.Order(sort, descending=descending), visit.language)
    return {
        "html": html,
        "shown": start + len(page),
        "more": render.more(len(fitting) - start - len(page), visit.language),
        "count": render.count(len(fitting), len(everything), visit.language),
        "total": len(everything),
    }


def document(visit: Visit, arguments: Arguments) -> object:
    """Everything about the document ``source``."""
    source = text(arguments, "source")
    info = _info(visit.bot, source)
    return {
        "html": details.page(visit.bot.document(source), info, visit.language, admin=visit.admin),
        "title": titled(info),
    }


def known(visit: Visit, arguments: Arguments) -> object:
    """For each of the file ``names`` whether the library has documents of that name, and how to ask about it."""
    admin_only(visit)
    names = [safe_name(name) for name in texts(arguments, "names")]
    taken = taken_names(visit.bot.documents())
    words, same = WORDS[visit.language], [name for name in names if name in taken]
    return {
        "same": [name in taken for name in names],
        "question": words.replace.format(names=words.and_so_on.join(same[:5]), count=len(same)),
        "yes": words.replace_yes,
    }


def handlers(uploads: Uploads | None) -> Mapping[str, Handler]:
    """The calls, with what must outlive one of them; files that are added come from ``uploads``."""
    return Library(uploads).handlers()


def _info(bot: Chatbot, source: str) -> DocumentInfo:
    for each in bot.documents():
        if each.source == source:
            return each
    bot.document(source)  # raises, and names the nearest
    raise DocumentNotFoundError(f"there is no document {source!r} any more. Reload the page.")
