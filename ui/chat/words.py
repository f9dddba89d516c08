"""What the chat says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ui.words import Language


@dataclass(frozen=True, slots=True)
class Words:
    """The labels of the chat; those with a name in braces are filled with ``str.format``."""

    welcome: str
    promise: str
    empty_title: str
    empty_hint: str
    empty_ask: str
    to_library: str
    building: str
    examples: str
    placeholder: str
    question: str
    send: str
    stop: str
    conversation: str
    searching: str
    reading: str
    source: str
    sources: str
    cited: str
    open_source: str
    refused: str
    nearest: str
    instead: str
    read_as: str
    high: str
    medium: str
    low: str
    supported: str
    partly: str
    unsupported: str
    all_supported: str
    count: str
    damaged: str
    as_it_stands: str
    superseded: str
    page: str
    copies: str
    more: str
    failed: str
    cancelled: str
    unanswered: str
    copy: str
    copy_sources: str
    retry: str
    edit: str
    save: str
    good: str
    bad: str
    comment: str
    commented: str
    thanks: str
    send_comment: str
    why: str
    why_passages: str
    why_timings: str
    why_written: str
    why_extractive: str
    why_left_out: str
    why_invented: str
    arm_dense: str
    arm_lexical: str
    arm_reader: str
    arm_fused: str
    used: str
    only: str
    everything: str


HANS = Words(
    welcome="请用自己的话提问",
    promise="回答只用已入库文件的原文，每句注明出处；找不到依据就直说。",
    empty_title="还没有文件",
    empty_hint="先放入要查的文件，然后就可以提问。",
    empty_ask="请管理员先放入文件。",
    to_library="添加文件",
    building="正在准备模型，马上就好……",
    examples="这些问题文件里有答案",
    placeholder="输入问题，Enter 发送",
    question="问题",
    send="发送",
    stop="停止",
    conversation="对话内容",
    searching="正在查找……",
    reading="找到 {number} 段，正在核对……",
    source="来源",
    sources="出处",
    cited="来源 {number}：{title}",
    open_source="查看原文",
    refused="文件里没有找到足够的依据",
    nearest="最接近的段落",
    instead="这些问题文件里有答案",
    read_as="检索时理解为：{question}",
    high="把握很大（{percent}%）",
    medium="把握较大（{percent}%）",
    low="把握不大（{percent}%）",
    supported="原文支持这一句",
    partly="只有部分依据",
    unsupported="没有原文依据",
    all_supported="每句都有原文依据",
    count="{verdict}：{number} 句",
    damaged="原文可能有缺损",
    as_it_stands="这里的原文可能有缺损，按原样引用，没有改动",
    superseded="已有新版：{source}",
    page="第 {page} 页",
    copies="也见于：{places}",
    more="另外 {number} 处",
    failed="这个问题没能回答",
    cancelled="已停止，没有回答。",
    unanswered="没有回答完：页面或服务中途关闭了。",
    copy="复制",
    copy_sources="复制（带出处）",
    retry="重新回答",
    edit="修改问题",
    save="重新提问",
    good="有帮助",
    bad="没帮助",
    comment="哪里不对？应该怎样回答？（可不填）",
    commented="评语：",
    thanks="已记下，谢谢。",
    send_comment="提交",
    why="为什么这样回答",
    why_passages="找到的段落和各路得分",
    why_timings="用时（毫秒）",
    why_written="由 {provider} 撰写，提示词 {prompt}",
    why_extractive="直接摘自原文，没有用语言模型",
    why_left_out="找到但没有给模型看的段落：{number}",
    why_invented="模型编造、已去掉的引用标记：{number}",
    arm_dense="语义",
    arm_lexical="词语",
    arm_reader="阅读",
    arm_fused="合并",
    used="已引用",
    only="只查：{filter}",
    everything="取消限制",
)

HANT = Words(
    welcome="請用自己的話提問",
    promise="回答只用已入庫文件的原文，每句註明出處；找不到依據就直說。",
    empty_title="還沒有文件",
    empty_hint="先放入要查的文件，然後就可以提問。",
    empty_ask="請管理員先放入文件。",
    to_library="新增文件",
    building="正在準備模型，馬上就好……",
    examples="這些問題文件裡有答案",
    placeholder="輸入問題，Enter 送出",
    question="問題",
    send="送出",
    stop="停止",
    conversation="對話內容",
    searching="正在查找……",
    reading="找到 {number} 段，正在核對……",
    source="來源",
    sources="出處",
    cited="來源 {number}：{title}",
    open_source="查看原文",
    refused="文件裡沒有找到足夠的依據",
    nearest="最接近的段落",
    instead="這些問題文件裡有答案",
    read_as="檢索時理解為：{question}",
    high="把握很大（{percent}%）",
    medium="把握較大（{percent}%）",
    low="把握不大（{percent}%）",
    supported="原文支持這一句",
    partly="只有部分依據",
    unsupported="沒有原文依據",
    all_supported="每句都有原文依據",
    count="{verdict}：{number} 句",
    damaged="原文可能有缺損",
    as_it_stands="這裡的原文可能有缺損，按原樣引用，沒有改動",
    superseded="已有新版：{source}",
    page="第 {page} 頁",
    copies="也見於：{places}",
    more="另外 {number} 處",
    failed="這個問題沒能回答",
    cancelled="已停止，沒有回答。",
    unanswered="沒有回答完：頁面或服務中途關閉了。",
    copy="複製",
    copy_sources="複製（帶出處）",
    retry="重新回答",
    edit="修改問題",
    save="重新提問",
    good="有幫助",
    bad="沒幫助",
    comment="哪裡不對？應該怎樣回答？（可不填）",
    commented="評語：",
    thanks="已記下，謝謝。",
    send_comment="提交",
    why="為什麼這樣回答",
    why_passages="找到的段落和各路得分",
    why_timings="用時（毫秒）",
    why_written="由 {provider} 撰寫，提示詞 {prompt}",
    why_extractive="直接摘自原文，沒有用語言模型",
    why_left_out="找到但沒有給模型看的段落：{number}",
    why_invented="模型編造、已去掉的引用標記：{number}",
    arm_dense="語義",
    arm_lexical="詞語",
    arm_reader="閱讀",
    arm_fused="合併",
    used="已引用",
    only="只查：{filter}",
    everything="取消限制",
)

EN = Words(
    welcome="Ask in your own words",
    promise="Answers use only the words of the documents, each sentence with its source. No source, no answer.",
    empty_title="No documents yet",
    empty_hint="Add the documents you want to ask about, then ask.",
    empty_ask="Ask an administrator to add documents.",
    to_library="Add documents",
    building="Getting the models ready…",
    examples="The documents answer these",
    placeholder="Type a question, Enter sends",
    question="Question",
    send="Send",
    stop="Stop",
    conversation="Conversation",
    searching="Searching…",
    reading="{number} {number:passage|passages} found, checking…",
    source="Source",
    sources="Sources",
    cited="Source {number}: {title}",
    open_source="Read in the document",
    refused="The documents do not support an answer",
    nearest="Nearest passages",
    instead="The documents answer these",
    read_as="Searched as: {question}",
    high="High confidence ({percent}%)",
    medium="Fair confidence ({percent}%)",
    low="Low confidence ({percent}%)",
    supported="Supported by the document",
    partly="Only partly supported",
    unsupported="Not supported",
    all_supported="Every sentence is supported by its source",
    count="{verdict}: {number}",
    damaged="Possibly damaged",
    as_it_stands="The document may have lost characters here; quoted as it stands",
    superseded="Newer version: {source}",
    page="p. {page}",
    copies="Also in: {places}",
    more="{number} more",
    failed="This question could not be answered",
    cancelled="Stopped, not answered.",
    unanswered="Not answered to its end: the page or the server was closed.",
    copy="Copy",
    copy_sources="Copy with sources",
    retry="Answer again",
    edit="Edit question",
    save="Ask again",
    good="Helpful",
    bad="Not helpful",
    comment="What is wrong? What should it say? (optional)",
    commented="Comment: ",
    thanks="Noted, thank you.",
    send_comment="Submit",
    why="Why this answer",
    why_passages="Passages found, and how each arm scored them",
    why_timings="Time (milliseconds)",
    why_written="Written by {provider}, prompt {prompt}",
    why_extractive="Taken word for word from the documents, no language model",
    why_left_out="Found, but not shown to the model: {number}",
    why_invented="Citation marks the model made up, taken out: {number}",
    arm_dense="Meaning",
    arm_lexical="Words",
    arm_reader="Reader",
    arm_fused="Combined",
    used="cited",
    only="Only: {filter}",
    everything="Search everything",
)

WORDS: Mapping[Language, Words] = MappingProxyType({"hans": HANS, "hant": HANT, "en": EN})
