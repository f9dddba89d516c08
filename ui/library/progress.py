"""Files on their way into the library as HTML: pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from ui.icons import icon
from ui.library.adding import Left
from ui.library.ingesting import FINISHED, Job
from ui.library.words import WORDS, Words
from ui.links import address
from ui.markup import escape, preformatted
from ui.words import Count, Language

_IN_SIGHT = 5  # reasons that need no click
_MOST = 200


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
    words = WORDS[language]
    failed = sum(len(job.failed) or job.state == "failed" for job in files)
    done = sum(_came_in(job) for job in files if job.state != "failed")
    return (words.said_failed if failed else words.said).format(done=done, failed=failed)


def row(words: Words) -> str:
    """The row of a file that the browser still has: empty, to be filled there."""
    return (
        f'<li class="pr-library-job">{icon("file")}<span class="pr-library-name"><span data-name></span>'
        '<span class="pr-library-reason" data-reason></span></span><span class="pr-library-state" data-state></span>'
        f'<progress max="1" aria-label="{preformatted(words.uploading)}"></progress></li>'
    )


def _job(job: Job, words: Words) -> str:
    state = _state(job, words)
    kind = "failed" if job.state == "failed" else "done" if job.state in FINISHED else "under-way"
    partly = " pr-library-partly" if kind == "done" and job.failed else ""
    picture = {"failed": "warn", "done": "warn" if partly else "check", "under-way": "file"}[kind]
    name = f"<span>{escape(job.name)}</span>"
    if job.source:
        name = f'<a href="{address(job.source)}">{escape(job.name)}</a>'
    why = job.reason or (words.nothing_read if job.state == "failed" and not job.failed else "")
    reason = f'<span class="pr-library-reason">{escape(why)}</span>' if why else ""
    return (
        f'<li class="pr-library-job pr-library-{kind}{partly}">{icon(picture)}'
        f'<span class="pr-library-name">{name}{reason}</span>'
        f'<span class="pr-library-state">{escape(state)}</span>{_bar(job, state)}{_left(job, words)}</li>'
    )


def _came_in(job: Job) -> int:
    """How many documents of the library are from a file that came in."""
    return sum(number for kind, number in job.counts.items() if kind != "removed") if job.counts else 1


def _state(job: Job, words: Words) -> str:
    if job.counts:
        return " · ".join(words.inside[kind].format(count=Count(number)) for kind, number in job.counts.items())
    label = words.reading_of if job.state == "reading" and job.total > 1 else words.states[job.state]
    return label.format(done=Count(job.done), total=Count(job.total))


def _left(job: Job, words: Words) -> str:
    """What of an archive did not come in, and why: in sight while it is little."""
    left = [*job.failed, *job.skipped]
    if not left:
        return ""
    told = ((words.not_read, job.failed), (words.passed_over, job.skipped))
    summary = " · ".join(label.format(count=Count(len(those))) for label, those in told if those)
    items = "".join(f"<li>{_named(each)}{escape(each.reason)}</li>" for each in left[:_MOST])
    if len(left) > _MOST:
        items += f"<li>{escape(words.others.format(count=Count(len(left) - _MOST)))}</li>"
    little = len(left) <= _IN_SIGHT
    opened = " open" if little else ""
    scrolls = "" if little else f' tabindex="0" aria-label="{preformatted(summary)}"'
    return (
        f'<details class="pr-library-left" data-job="{job.number}"{opened}><summary>{escape(summary)}</summary>'
        f"<ul{scrolls}>{items}</ul></details>"
    )


def _named(left: Left) -> str:
    """The name of a file, unless the reason begins with it or there is none."""
    return f"<b>{escape(left.name)}</b> " if left.name and not left.reason.startswith(left.name) else ""


def _bar(job: Job, state: str) -> str:
    """How far it is; without a value while nobody can tell."""
    if job.state in FINISHED or job.state == "waiting":
        return ""
    known = job.state == "embedding" or (job.state == "reading" and job.total > 1)
    value = f' value="{job.done}" max="{max(1, job.total)}"' if known else ""
    return f'<progress{value} aria-label="{preformatted(state)}"></progress>'
