"""What the list of conversations says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ui.words import Language


@dataclass(frozen=True, slots=True)
class Words:
    """The labels of the list; those with a name in braces are filled with ``str.format``."""

    new: str
    search: str
    none: str
    nothing: str
    rename: str
    delete: str
    sure: str
    share: str
    markdown: str
    page: str
    more: str
    today: str
    yesterday: str
    week: str
    earlier: str


HANS = Words(
    new="新对话",
    search="搜索对话",
    none="还没有对话",
    nothing="没有找到",
    rename="重命名",
    delete="删除",
    sure="删除“{title}”？其中的问题和回答都不能恢复。",
    share="复制链接",
    markdown="导出 Markdown",
    page="打印或存为 PDF",
    more="“{title}”的操作",
    today="今天",
    yesterday="昨天",
    week="七天内",
    earlier="更早",
)

HANT = Words(
    new="新對話",
    search="搜尋對話",
    none="還沒有對話",
    nothing="沒有找到",
    rename="重新命名",
    delete="刪除",
    sure="刪除「{title}」？其中的問題和回答都不能復原。",
    share="複製連結",
    markdown="匯出 Markdown",
    page="列印或存為 PDF",
    more="「{title}」的操作",
    today="今天",
    yesterday="昨天",
    week="七天內",
    earlier="更早",
)

EN = Words(
    new="New conversation",
    search="Search conversations",
    none="No conversations yet",
    nothing="Nothing found",
    rename="Rename",
    delete="Delete",
    sure="Delete “{title}”? Its questions and answers cannot be brought back.",
    share="Copy link",
    markdown="Export as Markdown",
    page="Print or save as PDF",
    more="What to do with “{title}”",
    today="Today",
    yesterday="Yesterday",
    week="Last seven days",
    earlier="Earlier",
)

WORDS: Mapping[Language, Words] = MappingProxyType({"hans": HANS, "hant": HANT, "en": EN})
