"""What the sign-in page says, in 简体, 繁體 and English, and which of them a browser would like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ui.words import Language

_WISH = re.compile(r"\s*([A-Za-z-]{2,20})\s*(?:;\s*q=([01](?:\.\d{1,3})?))?\s*")
_TRADITIONAL = re.compile(r"zh\b.*-(hant|tw|hk|mo)\b")


@dataclass(frozen=True, slots=True)
class Words:
    """The labels of the page; those with a name in braces are filled with ``str.format``."""

    sign_in: str
    name: str
    password: str
    wrong: str
    too_often: str
    elsewhere: str
    no_account: str
    language: str


HANS = Words(
    sign_in="登录",
    name="用户名",
    password="密码",
    wrong="用户名或密码不对，请重新输入。",
    too_often="尝试次数过多，请在 {minutes} 分钟后再试。",
    elsewhere="这次登录不是从本页发出的，请在这里重新输入。",
    no_account="没有账号，或忘了密码？请联系管理员。",
    language="界面语言",
)

HANT = Words(
    sign_in="登入",
    name="使用者名稱",
    password="密碼",
    wrong="使用者名稱或密碼不對，請重新輸入。",
    too_often="嘗試次數過多，請在 {minutes} 分鐘後再試。",
    elsewhere="這次登入不是從本頁送出的，請在這裡重新輸入。",
    no_account="沒有帳號，或忘了密碼？請聯絡管理員。",
    language="介面語言",
)

EN = Words(
    sign_in="Sign in",
    name="Name",
    password="Password",
    wrong="Name or password is wrong. Please try again.",
    too_often="Too many tries. Try again in {minutes} min.",
    elsewhere="This did not come from the sign-in page. Please sign in here.",
    no_account="No account, or forgot the password? Ask your administrator.",
    language="Language",
)

WORDS: Mapping[Language, Words] = MappingProxyType({"hans": HANS, "hant": HANT, "en": EN})


def preferred(chosen: str | None, accepted: str) -> Language:
    """The language ``chosen``, else the first that the browser accepts (``Accept-Language``), else 简体."""
    for language in WORDS:
        if language == chosen:
            return language
    wishes = [found for part in accepted[:500].split(",") if (found := _WISH.fullmatch(part))]
    for wish in sorted(wishes, key=lambda found: -float(found[2] or 1)):
        tag = wish[1].lower()
        if tag.split("-")[0] == "zh":
            return "hant" if _TRADITIONAL.match(tag) else "hans"
        if tag.split("-")[0] == "en":
            return "en"
    return "hans"
