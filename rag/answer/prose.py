"""Questions to plain prose, which has neither headings nor the phrases of rules: each made of one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HAN = "\u4e00-\u9fff"
_COUNTED = r"(?:\d[\d,.]*|[〇零一二三四五六七八九十百千两兩]+)"
_DIGIT = "[\\d〇○零一二三四五六七八九十]"
_DAY = rf"{_DIGIT}{{4}}年(?:{_DIGIT}{{1,3}}月(?:{_DIGIT}{{1,3}}[日号號])?)?"
# What a sentence is about: it names its matter itself, with nothing that points back to another sentence.
_POINTS_BACK = (
    "其|该|該|本|这|這|那|它|他|她|我|你|此|上述|前款|以上|以下|同时|同時|另外|但|如|若|因|由|为|為|在|从|從|到|自|当|當|经|經|"
    "对|對|而|并|並|每|有|一|将|將|凡|除|所|各|两|兩|全部|目前|其中"
)
_LOOSE = "的和与與及或、是为為被把向对對于於了也可约約均都又则則就还還仍曾已只分本常更很不"
_SUBJECT = rf"(?!{_POINTS_BACK})(?P<what>(?:(?![在以于於向是每])[{_HAN}“”《》]){{4,18}}?)(?<![{_LOOSE}])"
_UNIT = (
    "元|万元|萬元|亿元|億元|分钟|分鐘|小时|小時|天|日|个工作日|個工作日|工作日|周|個月|个月|年|米|公里|千米|平方米|平方公里|"
    "公顷|公頃|亩|畝|吨|噸|公斤|千克|升|度|岁|歲|周岁|周歲|人次|倍"
)
_NOUN = (
    "时间|時間|期限|地点|地點|地址|电话|電話|热线|熱線|对象|對象|范围|範圍|条件|條件|方式|原则|原則|职责|職責|材料|名称|名稱|"
    "目标|目標|任务|任務|内容|內容"
)
_ENDS = r"(?=[,，。；;]|$)"


@dataclass(frozen=True, slots=True)
class _Rule:
    """What a sentence looks like, and the question it answers, in Simplified script, filled with the named groups."""

    pattern: re.Pattern[str]
    question: str


_RULES = (
    _Rule(
        re.compile(
            rf"^{_SUBJECT}[,，]?(?:总计|總計|一共|共计|共計)?"
            "(?:为|為|是|达到|達到|达|達|不超过|不超過|不得超过|不得超過|不少于|不少於|不低于|不低於)"
            rf"(?:约|約|每[{_HAN}]{{1,2}})*{_COUNTED}(?:[%％]|[万萬亿億]?(?:{_UNIT}))(?:{_COUNTED}角|以上|以下|以内|以內|左右)?{_ENDS}"
        ),
        "{what}是多少？",
    ),
    _Rule(
        re.compile(
            rf"^{_SUBJECT}[,，]?由[{_HAN}“”]{{2,16}}?(?P<deed>负责|負責|主办|主辦|承办|承辦|管理|解释|解釋|运营|運營|建设|建設|编制|編制|发放|發放){_ENDS}"
        ),
        "{what}由谁{deed}？",
    ),
    _Rule(
        re.compile(rf"^{_SUBJECT}(?:位于|位於|设在|設在|坐落于|坐落於|坐落在)[{_HAN}\d]{{2,30}}{_ENDS}"),
        "{what}位于哪里？",
    ),
    _Rule(
        re.compile(
            rf"^{_SUBJECT}[,，]?(?:于|於|自|在|从|從)?{_DAY}(?:起)?(?P<deed>成立|建成|开馆|開館|开业|開業|启用|啟用|施行|实施|實施|生效|通车|通車|开工|開工|竣工|开通|開通|投入使用|正式运行|正式運行|开始运营|開始運營){_ENDS}"
        ),
        "{what}什么时候{deed}？",
    ),
    _Rule(
        re.compile(
            rf"^{_SUBJECT}每(?:隔)?{_COUNTED}?[{_HAN}]{{1,3}}?(?P<deed>(?:发|發|开|開|举办|舉辦|召开|召開|检查|檢查|更新|清扫|清掃|组织|組織)[{_HAN}]{{0,2}}?){_COUNTED}[次班期届屆趟]{_ENDS}"
        ),
        "{what}多久{deed}一次？",
    ),
    _Rule(
        re.compile(rf"^{_SUBJECT}(?:是指|指的是|是一种|是一種|是一项|是一項|是一座|是一家|是一个|是一個)[{_HAN}]"),
        "{what}是什么？",
    ),
    _Rule(
        re.compile(
            rf"^(?={_SUBJECT})(?P<named>[{_HAN}“”]{{2,16}}(?:{_NOUN}))[,，]?(?:为|為|是|包括|有)[:：]?[{_HAN}\d“《]"
        ),
        "{named}是什么？",
    ),
    _Rule(
        re.compile(
            rf"^(?!{_POINTS_BACK})(?P<what>[{_HAN}]{{2,12}}?)(?:应当|應當|应|應|须|須|需|需要)(?:依法)?向[{_HAN}]{{2,16}}?"
            rf"(?P<deed>(?:提出|提交|申请|申請|报告|報告|备案|備案|缴纳|繳納|办理|辦理)[{_HAN}]{{0,6}}){_ENDS}"
        ),
        "{what}应当向谁{deed}？",
    ),
    _Rule(
        re.compile(
            rf"^(?!其|该|該|这|這|那)[{_HAN}]{{2,20}}(?:人|者|户|戶|员|員|生|单位|單位|企业|企業|家庭|组织|組織)(?P<deed>(?:可以|可)(?!能)[{_HAN}]{{4,20}}){_ENDS}"
        ),
        "谁{deed}？",
    ),
)


def asked_of(sentence: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Questions that ``sentence`` answers: each in Simplified script, and the words of the sentence to fill it with."""
    for rule in _RULES:
        if found := rule.pattern.search(sentence):
            yield rule.question, found.groupdict()
