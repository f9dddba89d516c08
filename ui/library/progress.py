"""Files on their way into the library as HTML: pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from ui.icons import icon
from ui.library.ingesting import FINISHED, Job
from ui.library.words import WORDS, Words
from ui.links import address
from ui.markup import escape, preformatted
from ui.words import Count, Language


def jobs(files: Sequence[Job], language: Language) -> str:
    """Where each file stands; nothing when there is none."""
    words = WORDS[language]
    if not files:
        return ""
    return f'<ul class="pr-library-jobs">{"".join(_job(job, words) for job in files)}</ul>'


def said(files: Sequence[Job], language: Language) -> str:
    """What to read out once all files are through; plain text, nothing before."""
    if not files or any(job.state not in FINISHED for job in files):
        return ""
    words, failed = WORDS[language], sum(job.state == "failed" for job in files)
    return (words.said_failed if failed else words.said).format(done=len(files) - failed, failed=failed)


def row(words: Words) -> str:
    """The row of a file that the browser still has: empty, to be filled there."""
    return (
        f'<li class="pr-library-job">{icon("file")}<span class="pr-library-name"><span data-name></span>'
        '<span class="pr-library-reason" data-reason></span></span><span class="pr-library-state" data-state></span>'
        f'<progress max="1" aria-label="{preformatted(words.uploading)}"></progress></li>'
    )


def _job(job: Job, words: Words) -> str:
    state = words.states[job.state].format(done=Count(job.done), total=Count(job.total))
    kind = "failed" if job.state == "failed" else "done" if job.state in FINISHED else "under-way"
    picture = {"failed": "warn", "done": "check", "under-way": "file"}[kind]
    name = f"<span>{escape(job.name)}</span>"
    if job.source:
        name = f'<a href="{address(job.source)}">{escape(job.name)}</a>'
    reason = f'<span class="pr-library-reason">{escape(job.reason)}</span>' if job.reason else ""
    return (
        f'<li class="pr-library-job pr-library-{kind}">{icon(picture)}'
        f'<span class="pr-library-name">{name}{reason}</span>'
        f'<span class="pr-library-state">{escape(state)}</span>{_bar(job, state)}</li>'
    )


def _bar(job: Job, state: str) -> str:
    """How far it is; without a value while nobody can tell."""
    if job.state in FINISHED or job.state == "waiting":
        return ""
    value = f' value="{job.done}" max="{max(1, job.total)}"' if job.state == "embedding" else ""
    return f'<progress{value} aria-label="{preformatted(state)}"></progress>'
