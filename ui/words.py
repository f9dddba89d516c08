"""What all parts of the web UI say, in 简体, 繁體 and English; questions and quotes are never translated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Language = Literal["hans", "hant", "en"]


class Count(int):
    """A number to fill a label with: ``{n}`` writes it with its thousands, ``{n:one|many}`` the word that fits it."""

    def __format__(self, spec: str) -> str:
        one, either, many = spec.partition("|")
        return (one if self == 1 else many) if either else format(int(self), spec or ",")


@dataclass(frozen=True, slots=True)
class Words:
    """The labels of the frame around every part; those with a name in braces are filled with ``str.format``."""

    tag: str
    title: str
    corpus: str
    chat: str
    library: str
    evaluation: str
    settings: str
    language: str
    theme: str
    theme_auto: str
    theme_light: str
    theme_dark: str
    menu: str
    parts: str
    close: str
    cancel: str
    sign_out: str
    skip: str
    lost: str
    copied: str
    admins_only: str


HANS = Words(
    tag="zh-Hans",
    title="政策问答",
    corpus="{documents} 份文件 · {chunks} 个段落",
    chat="问答",
    library="文件",
    evaluation="评测",
    settings="设置",
    language="界面语言",
    theme="外观",
    theme_auto="跟随系统",
    theme_light="浅色",
    theme_dark="深色",
    menu="对话列表",
    parts="页面",
    close="关闭",
    cancel="取消",
    sign_out="退出登录",
    skip="跳到内容",
    lost="与服务器的连接断开了，请检查 rag ui 是否还在运行，然后重试。",
    copied="已复制",
    admins_only="只有管理员可以这样做。",
)

HANT = Words(
    tag="zh-Hant",
    title="政策問答",
    corpus="{documents} 份文件 · {chunks} 個段落",
    chat="問答",
    library="文件",
    evaluation="評測",
    settings="設定",
    language="介面語言",
    theme="外觀",
    theme_auto="跟隨系統",
    theme_light="淺色",
    theme_dark="深色",
    menu="對話列表",
    parts="頁面",
    close="關閉",
    cancel="取消",
    sign_out="登出",
    skip="跳到內容",
    lost="與伺服器的連線中斷了，請檢查 rag ui 是否還在執行，然後重試。",
    copied="已複製",
    admins_only="只有管理員可以這樣做。",
)

EN = Words(
    tag="en",
    title="Policy answers",
    corpus="{documents} {documents:document|documents} · {chunks} {chunks:passage|passages}",
    chat="Ask",
    library="Documents",
    evaluation="Evaluation",
    settings="Settings",
    language="Language",
    theme="Appearance",
    theme_auto="System",
    theme_light="Light",
    theme_dark="Dark",
    menu="Conversations",
    parts="Parts of the page",
    close="Close",
    cancel="Cancel",
    sign_out="Sign out",
    skip="Skip to content",
    lost="The connection to the server is lost. See whether rag ui is still running, then try again.",
    copied="Copied",
    admins_only="Only an administrator may do this.",
)

WORDS: Mapping[Language, Words] = MappingProxyType({"hans": HANS, "hant": HANT, "en": EN})
LANGUAGES: tuple[tuple[str, Language], ...] = (("简体", "hans"), ("繁體", "hant"), ("English", "en"))
