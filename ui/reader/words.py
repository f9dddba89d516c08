"""What the source reader says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ui.words import Language


@dataclass(frozen=True, slots=True)
class Words:
    """The labels of the reader; those with a name in braces are filled with ``str.format``."""

    close: str
    outline: str
    fold: str
    previous: str
    next: str
    position: str
    citation: str
    script: str
    original: str
    hans: str
    hant: str
    written_hans: str
    written_hant: str
    issued: str
    published: str
    text: str
    newer: str
    open_newer: str
    changed: str
    moved: str
    gone: str
    outside: str
    quoted: str
    search: str
    found: str
    part_found: str
    nothing: str
    match_before: str
    match_after: str
    more_before: str
    more_after: str
    no_answer: str


HANS = Words(
    close="关闭原文（Esc）",
    outline="目录",
    fold="展开或收起“{heading}”",
    previous="上一处引用（←）",
    next="下一处引用（→）",
    position="第 {at} 处引用，共 {total} 处",
    citation="引用 {number}",
    script="字体",
    original="原文",
    hans="简",
    hant="繁",
    written_hans="简体",
    written_hant="繁体",
    issued="{date} 印发",
    published="{date} 发布",
    text="文件全文",
    newer="这份文件已有更新的版本：{source}",
    open_newer="打开新版",
    changed="这份文件在回答之后改过，已经找不到引用的原话。回答时引用的是：",
    moved="这份文件在回答之后改过，引用的原话现在在另一处，已标出。",
    gone="这份文件已经不在库中。回答时引用的是：",
    outside="这份文件改过，原来的位置已经不存在，请重新提问。",
    quoted="回答时引用的原话",
    search="在文件中查找",
    found="{at} / {total}",
    part_found="{at} / {total}（已载入部分）",
    nothing="没有找到",
    match_before="上一处",
    match_after="下一处",
    more_before="载入前面的内容",
    more_after="载入后面的内容",
    no_answer="这个对话中没有这一处引用，请刷新页面。",
)

HANT = Words(
    close="關閉原文（Esc）",
    outline="目錄",
    fold="展開或收起「{heading}」",
    previous="上一處引用（←）",
    next="下一處引用（→）",
    position="第 {at} 處引用，共 {total} 處",
    citation="引用 {number}",
    script="字體",
    original="原文",
    hans="简",
    hant="繁",
    written_hans="簡體",
    written_hant="繁體",
    issued="{date} 印發",
    published="{date} 發布",
    text="文件全文",
    newer="這份文件已有更新的版本：{source}",
    open_newer="開啟新版",
    changed="這份文件在回答之後改過，已經找不到引用的原話。回答時引用的是：",
    moved="這份文件在回答之後改過，引用的原話現在在另一處，已標出。",
    gone="這份文件已經不在庫中。回答時引用的是：",
    outside="這份文件改過，原來的位置已經不存在，請重新提問。",
    quoted="回答時引用的原話",
    search="在文件中尋找",
    found="{at} / {total}",
    part_found="{at} / {total}（已載入部分）",
    nothing="沒有找到",
    match_before="上一處",
    match_after="下一處",
    more_before="載入前面的內容",
    more_after="載入後面的內容",
    no_answer="這個對話中沒有這一處引用，請重新整理頁面。",
)

EN = Words(
    close="Close the source (Esc)",
    outline="Contents",
    fold="Unfold or fold “{heading}”",
    previous="Previous citation (←)",
    next="Next citation (→)",
    position="Citation {at} of {total}",
    citation="Citation {number}",
    script="Script",
    original="Original",
    hans="简",
    hant="繁",
    written_hans="Simplified",
    written_hant="Traditional",
    issued="issued {date}",
    published="published {date}",
    text="The whole document",
    newer="There is a newer version of this document: {source}",
    open_newer="Open it",
    changed="This document has changed since the answer and no longer holds the quoted words. Quoted was:",
    moved="This document has changed since the answer. The quoted words now stand elsewhere in it, marked below.",
    gone="This document is no longer in the library. Quoted was:",
    outside="This document has changed and no longer has this place. Ask again.",
    quoted="The words quoted by the answer",
    search="Find in the document",
    found="{at} / {total}",
    part_found="{at} / {total} (of what is loaded)",
    nothing="Not found",
    match_before="Previous match",
    match_after="Next match",
    more_before="Load what comes before",
    more_after="Load what comes after",
    no_answer="This conversation has no such citation. Reload the page.",
)

WORDS: Mapping[Language, Words] = MappingProxyType({"hans": HANS, "hant": HANT, "en": EN})
