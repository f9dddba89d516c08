"""Values to readable terminal output with rich: coloured and wrapped on a terminal, plain unwrapped lines elsewhere.

Foreign text is never parsed as markup, and its control characters never reach the terminal.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rag.answer.certainty import Level, level, percent
from rag.answer.provenance import named, quoted_from
from rag.schema import (
    Answer,
    Check,
    Citation,
    DocumentInfo,
    Hit,
    IngestReport,
    Verdict,
    VerifyReport,
)

if TYPE_CHECKING:
    from rich.console import Console

    from rag.answer.checking import Checked
    from rag.chat.records import Conversation, Match, Turn

NEAREST = 3
NAMES = 10
EXCERPT_CHARS = 140
COPIES = 3

_VERDICTS: Mapping[Verdict, tuple[str, str, str]] = {
    "supported": ("✓", "green", ""),
    "partly": ("~", "yellow", "partly supported: "),
    "unsupported": ("✗", "red", "not supported: "),
}
_WORDS: Mapping[Level, str] = {"high": "high", "medium": "fair", "low": "low"}

# Zero-width characters and tags too: what cannot be seen can carry words.
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
_UNWRAPPED = 100_000


def answered(answer: Answer, *, quotes: bool = True) -> None:
    """An answer with its numbered sources (``quotes``: their words too), or a refusal with the nearest passages.

    A question that takes for granted what the documents contradict gets its reason and what they say, with the sources.
    """
    if answer.refused and not answer.correction:
        _refused(answer)
        return
    if answer.rewritten:
        _line(f"searched as: {answer.rewritten}", style="dim")
    if answer.correction and answer.reason:
        _line(answer.reason, style="yellow")
    _said(answer)
    if answer.partial:
        _line(answer.partial, style="yellow")
    if answer.notice:
        _line(answer.notice, style="yellow")
    if answer.citations:
        _line("\nSources", style="bold")
    for citation in answer.citations:
        _place(citation.number, citation, citation.quote if quotes else "", hit=quoted_from(citation, answer.hits))
    if not answer.correction:
        _line(f"\nconfidence: {_WORDS[level(answer.confidence)]} ({percent(answer.confidence)}%)", style="dim")


def _refused(answer: Answer) -> None:
    _line("No answer: " + (answer.reason or answer.text), style="yellow")
    if answer.hits:
        _line("\nNearest passages", style="bold")
        for number, hit in enumerate(answer.hits[:NEAREST], start=1):
            _place(number, hit, _excerpt(hit.text))


def _said(answer: Answer) -> None:
    """The text as one where every sentence is supported, else a line a sentence with its verdict."""
    if all(sentence.verdict == "supported" for sentence in answer.sentences):
        _line(answer.text.removesuffix(answer.partial or "").rstrip("\n"))
        return
    if answer.correction:
        _line(answer.correction)
    for sentence in answer.sentences:
        sign, style, verdict = _VERDICTS[sentence.verdict]
        marks = "".join(f"[{number}]" for number in sentence.citations)
        _line(f"{sign} {verdict}{sentence.text}{marks}", style="" if sentence.verdict == "supported" else style)


def found(hits: Sequence[Hit]) -> None:
    """Each hit: rank, title › section path, its text, file, date, score, and the next version where there is one."""
    if not hits:
        _line("No passage found.", style="yellow")
    for number, hit in enumerate(hits, start=1):
        _place(number, hit, hit.text, note=f"score {hit.score:.4f}")


def checked(sentences: Sequence[Checked]) -> None:
    """Each sentence with its verdict, what contradicts it, and the words that support it (or that say otherwise)."""
    signs: dict[Verdict, tuple[str, str]] = {
        "supported": ("✓", "green"),
        "partly": ("~", "yellow"),
        "unsupported": ("✗", "red"),
    }
    for sentence in sentences:
        sign, style = signs[sentence.support.verdict]
        _line(f"{sign} {sentence.text}", style=style)
        for problem in sentence.support.problems:
            instead = f", the passage has {problem.found}" if problem.found else ""
            _line(f"{problem.kind}: {problem.claimed}{instead}", indent=4)
        if sentence.citation:
            _place(sentence.citation.number, sentence.citation, sentence.citation.quote)
    counts = Counter(sentence.support.verdict for sentence in sentences)
    _line("\n" + ", ".join(f"{counts[verdict]} {verdict}" for verdict in _VERDICTS), style="bold")


def ingested(report: IngestReport) -> None:
    """How many documents were added, updated and so on, the first of their names, and why what was left out was."""
    rows = []
    for name in ("added", "updated", "unchanged", "removed"):
        names: tuple[str, ...] = getattr(report, name)
        shown = [] if name == "unchanged" else [*names[:NAMES], *(["…"] if len(names) > NAMES else [])]
        rows.append((name, str(len(names)), ", ".join(shown)))
    if report.moved:
        rows.append(("moved", str(len(report.moved)), ""))
    rows.append(("failed", str(len(report.failed)), ""))
    _table(("", "documents", "names"), rows, right=(1,))
    for moved in report.moved[:NAMES]:
        _line(f"{moved.old} is now {moved.new}")
    for skipped in report.skipped:
        _line(f"– {skipped.path}: {skipped.reason}", style="dim")
    for failure in report.failed:
        _line(f"✗ {failure.path}: {failure.reason}", style="red")


def changed(change: Mapping[str, str]) -> None:
    """One change of a folder that is followed."""
    match change:
        case {"event": "moved", "old": old, "new": new}:
            _line(f"moved {old} to {new}")
        case {"event": "failed", "path": path, "reason": reason}:
            _line(f"✗ {path}: {reason}", style="red")
        case {"event": "skipped", "path": path, "reason": reason}:
            _line(f"– {path}: {reason}", style="dim")
        case {"event": "waiting", "reason": reason}:
            _line(f"waiting: {reason}", style="yellow")
        case {"event": event, "source": source}:
            _line(f"{event} {source}")


def listed(documents: Sequence[DocumentInfo]) -> None:
    """The library as a table; coverage is the share of characters in a chunk or in reported furniture."""
    if not documents:
        _line("No documents yet. Run `rag ingest PATHS...`.")
        return
    rows = [
        (
            document.source,
            document.metadata.title or "–",
            document.metadata.number or "–",
            document.metadata.issued or "–",
            document.metadata.script,
            f"{document.characters:,}",
            f"{document.chunks:,}",
            coverage(document),
        )
        for document in documents
    ]
    _table(("source", "title", "number", "issued", "script", "chars", "chunks", "coverage"), rows, right=(5, 6, 7))


def coverage(document: DocumentInfo) -> str:
    """The covered share in percent, cut and never rounded up: ``100%`` means every character."""
    covered = document.chunk_characters + document.furniture_characters
    if covered == document.characters:
        return "100%"
    return f"{covered * 1000 // document.characters / 10}%"


def conversations(found: Sequence[Conversation]) -> None:
    """The conversations as a table, the latest first."""
    if not found:
        _line("No conversations yet. `rag chat` begins one.")
        return
    rows = [(each.id, when(each.updated), f"{each.turns:,}", each.title) for each in found]
    _table(("id", "last changed", "turns", "title"), rows, right=(2,))


def matches(found: Sequence[Match]) -> None:
    """The conversations that a search found, each with the words that were found in it."""
    if not found:
        _line("No conversation has these words.", style="yellow")
    for match in found:
        _line(f"{match.conversation.id}  {match.conversation.title}", style="cyan")
        _line(match.excerpt, indent=4)


def conversation(shown: Conversation, turns: Sequence[Turn]) -> None:
    """What was said, answers with their sources."""
    _line(f"{shown.title}  ({shown.id}, {when(shown.updated)})", style="bold")
    for turn in turns:
        if turn.role == "user":
            _line(f"\n› {turn.content}", style="bold")
            if turn.note:
                _line(turn.note, style="yellow", indent=2)
        elif turn.answer:
            answered(turn.answer)


def when(moment: str) -> str:
    """A moment in UTC as the clock here has it, to the minute."""
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")


def told(text: str) -> None:
    """A remark for whoever types, on stderr."""
    console(stderr=True).out(printable(text))


def verified(report: VerifyReport) -> None:
    """What was compared, and each disagreement."""
    _line(f"{report.documents:,} documents, {report.chunks:,} chunks")
    for problem in report.problems:
        _line(f"✗ {problem}", style="red")
    if report.repaired:
        _line("✓ repaired", style="green")
    elif report.problems:
        _line("  `rag verify --repair` rebuilds the indexes from the catalogue.")
    else:
        _line("✓ catalogue, vectors and lexical index agree", style="green")


def examined(checks: Sequence[Check]) -> None:
    """One line a check, and what can be done about it."""
    for check in checks:
        _line(f"{'✓' if check.ok else '✗'} {check.name}: {check.detail}", style="green" if check.ok else "red")
        if check.hint:
            _line(f"  → {check.hint}")


def printable(text: str) -> str:
    """``text`` without the control and direction characters that could rewrite what the terminal shows."""
    return _CONTROL.sub("", text)


def _place(number: int, place: Citation | Hit, text: str, *, hit: Hit | None = None, note: str = "") -> None:
    """A place with its words and what is known of it; ``hit`` is the passage behind a citation."""
    _line(f"[{number}] {named(place)}", style="cyan")
    for line in text.strip().splitlines():
        if line.strip():
            _line(line.strip(), indent=4)
    if isinstance(place, Citation) and place.damaged:
        _line("quoted as it stands: the document may have lost characters here", style="yellow", indent=4)
    known = place if isinstance(place, Hit) else hit
    page = f"p. {place.page}" if place.page else None
    _line("  ".join(filter(None, (place.source, page, known.issued if known else None, note))), style="dim", indent=4)
    if known and known.superseded_by:
        _line(f"superseded by {known.superseded_by}", style="yellow", indent=4)
    if known and known.copies:
        shown = [f"{named(copy)} ({copy.source})" for copy in known.copies[:COPIES]]
        more = [f"{len(known.copies) - COPIES} more"] if len(known.copies) > COPIES else []
        _line("also in " + "; ".join([*shown, *more]), style="dim", indent=4)


def _line(text: str, *, style: str = "", indent: int = 0) -> None:
    from rich.padding import Padding
    from rich.text import Text

    where = console()
    if where.is_terminal:
        where.print(Padding(Text(printable(text), style=style), (0, 0, 0, indent), expand=False))
    else:
        where.out(" " * indent + printable(text))


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for index, name in enumerate(header):
        table.add_column(name, justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console().print(table)


def console(*, stderr: bool = False) -> Console:
    """Where to print: wrapped on a terminal, in lines of any length elsewhere."""
    from rich.console import Console

    found = Console(stderr=stderr, highlight=False, emoji=False, markup=False)
    if not found.is_terminal:
        found.width = _UNWRAPPED
    return found


def _excerpt(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= EXCERPT_CHARS else flat[:EXCERPT_CHARS] + "……"
