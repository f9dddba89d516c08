"""What the library says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ui.words import Language


@dataclass(frozen=True, slots=True)
class Words:
    """The labels of the library; those with a name in braces are filled with ``str.format``."""

    heading: str
    count: str
    count_of: str
    find: str
    nothing: str
    empty_title: str
    empty: str
    empty_admin: str
    more: str
    title: str
    issuer: str
    number: str
    date: str
    script: str
    characters: str
    chunks: str
    coverage: str
    ingested: str
    actions: str
    scripts: Mapping[str, str]
    covered: str
    # uploading
    drop: str
    choose: str
    accepted: str
    first: str
    uploads: str
    waiting_turn: str
    uploading: str
    broken: str
    folder: str
    replace: str
    replace_yes: str
    and_so_on: str
    exists: str
    busy: str
    states: Mapping[str, str]
    reading_of: str
    inside: Mapping[str, str]
    not_read: str
    passed_over: str
    others: str
    nothing_read: str
    said: str
    said_failed: str
    clear: str
    # removing
    remove: str
    sure: str
    removed: str
    undo: str
    back: str
    # one document
    all_documents: str
    read: str
    ask: str
    about: str
    published: str
    region: str
    origin: str
    source: str
    encoding: str
    path: str
    sections: str
    outline: str
    no_outline: str
    unfold: str
    furniture: str
    furniture_note: str
    no_furniture: str
    kind_count: str
    place: str
    open_there: str
    rest: str
    kinds: Mapping[str, str]


HANS = Words(
    heading="文件",
    count="{total} 份",
    count_of="{total} 份中的 {shown} 份",
    find="按标题、文件名、发文机关、文号查找，简繁皆可",
    nothing="没有符合的文件。换个词，或清空查找框。",
    empty_title="还没有文件",
    empty="请管理员先放入文件，然后就可以提问。",
    empty_admin="放入要查的政策文件，系统会读出标题、文号和章节结构，去掉网页杂项，然后就可以提问。",
    more="再显示 {count} 份",
    title="标题",
    issuer="发文机关",
    number="文号",
    date="日期",
    script="字体",
    characters="字数",
    chunks="段落",
    coverage="覆盖",
    ingested="入库",
    actions="操作",
    scripts={"hans": "简", "hant": "繁", "en": "EN", "unknown": "—"},
    covered="可检索的正文 {text}，去掉的网页杂项 {left_out}",
    drop="把文件拖到这里",
    choose="选择文件",
    accepted="可放 PDF、Word、Excel、PPT、网页、EPUB、Markdown 和纯文本，一次可选多份，每份不超过 {megabytes} MB；"
    "也可放装着这些文件的 ZIP，不超过 {archive} MB",
    first="第一次入库要先准备向量模型，可能要几十秒，只此一次。",
    uploads="正在放入的文件",
    waiting_turn="等待上传",
    uploading="上传",
    broken="上传中断了。请检查网络和 rag ui 是否还在运行，然后重新上传。",
    folder="“{name}”是文件夹，不能直接上传。请打开它选择里面的文件，或用 rag ingest。",
    replace="库里已有同名文件：{names}（{count} 份）。用新上传的替换吗？不替换就跳过。",
    replace_yes="替换",
    and_so_on="、",
    exists="库里已有“{name}”。要替换，请重新上传并选择“替换”。",
    busy="正在入库另一份文件，请稍等片刻再试。",
    states={
        "waiting": "排队中",
        "preparing": "第一次使用，正在准备向量模型……",
        "reading": "正在读取……",
        "embedding": "正在建索引：{done} / {total} 段",
        "added": "已入库 · {total} 段",
        "updated": "已替换 · {total} 段",
        "unchanged": "内容没有变化 · {total} 段",
        "failed": "没有入库",
    },
    reading_of="正在读取：{done} / {total} 份",
    inside={
        "added": "新增 {count} 份",
        "updated": "替换 {count} 份",
        "moved": "改名 {count} 份",
        "unchanged": "未变 {count} 份",
        "removed": "移除 {count} 份",
    },
    not_read="{count} 份没有入库",
    passed_over="略过 {count} 项",
    others="另外 {count} 项",
    nothing_read="压缩包里没有能读的文件，库里没有任何变化。",
    said="入库完成 {done} 份。",
    said_failed="入库完成 {done} 份，失败 {failed} 份。",
    clear="清除这些记录",
    remove="移除",
    sure="移除“{title}”？移除后不再用它回答；关闭页面之前可以撤销。",
    removed="已移除“{title}”",
    undo="撤销",
    back="“{title}”已放回",
    all_documents="全部文件",
    read="阅读原文",
    ask="只问这份文件",
    about="概况",
    published="网页日期",
    region="地区",
    origin="来自",
    source="文件名",
    encoding="编码",
    path="位置",
    sections="章节",
    outline="目录",
    no_outline="没有认出章节结构，按段落检索。",
    unfold="展开“{heading}”下的章节",
    furniture="没有收入检索的内容",
    furniture_note="这些字不是文件自己的话，检索和回答都不用；原文里仍然保留。",
    no_furniture="没有去掉任何内容。",
    kind_count="{count} 处 · {characters} 字",
    place="第 {line} 行 · 第 {start} 字",
    open_there="在原文中查看",
    rest="另外 {count} 处",
    kinds={
        "web header": "网页页头",
        "site footer": "网站页脚",
        "source note": "来源说明",
        "slice number": "切片编号",
        "repeated title": "重复的标题",
        "title": "单独成段的标题",
        "table of contents": "目录页",
        "markup": "标记符号",
        "blank": "空白",
    },
)

HANT = Words(
    heading="文件",
    count="{total} 份",
    count_of="{total} 份中的 {shown} 份",
    find="按標題、檔名、發文機關、文號查找，簡繁皆可",
    nothing="沒有符合的文件。換個詞，或清空查找框。",
    empty_title="還沒有文件",
    empty="請管理員先放入文件，然後就可以提問。",
    empty_admin="放入要查的政策文件，系統會讀出標題、文號和章節結構，去掉網頁雜項，然後就可以提問。",
    more="再顯示 {count} 份",
    title="標題",
    issuer="發文機關",
    number="文號",
    date="日期",
    script="字體",
    characters="字數",
    chunks="段落",
    coverage="涵蓋",
    ingested="入庫",
    actions="操作",
    scripts={"hans": "简", "hant": "繁", "en": "EN", "unknown": "—"},
    covered="可檢索的正文 {text}，去掉的網頁雜項 {left_out}",
    drop="把檔案拖到這裡",
    choose="選擇檔案",
    accepted="可放 PDF、Word、Excel、PPT、網頁、EPUB、Markdown 和純文字檔，一次可選多份，每份不超過 {megabytes} MB；"
    "也可放裝著這些檔案的 ZIP，不超過 {archive} MB",
    first="第一次入庫要先準備向量模型，可能要幾十秒，只此一次。",
    uploads="正在放入的檔案",
    waiting_turn="等待上傳",
    uploading="上傳",
    broken="上傳中斷了。請檢查網路和 rag ui 是否還在執行，然後重新上傳。",
    folder="「{name}」是資料夾，不能直接上傳。請打開它選擇裡面的檔案，或用 rag ingest。",
    replace="庫裡已有同名檔案：{names}（{count} 份）。用新上傳的取代嗎？不取代就跳過。",
    replace_yes="取代",
    and_so_on="、",
    exists="庫裡已有「{name}」。要取代，請重新上傳並選擇「取代」。",
    busy="正在入庫另一份檔案，請稍等片刻再試。",
    states={
        "waiting": "排隊中",
        "preparing": "第一次使用，正在準備向量模型……",
        "reading": "正在讀取……",
        "embedding": "正在建索引：{done} / {total} 段",
        "added": "已入庫 · {total} 段",
        "updated": "已取代 · {total} 段",
        "unchanged": "內容沒有變化 · {total} 段",
        "failed": "沒有入庫",
    },
    reading_of="正在讀取：{done} / {total} 份",
    inside={
        "added": "新增 {count} 份",
        "updated": "取代 {count} 份",
        "moved": "改名 {count} 份",
        "unchanged": "未變 {count} 份",
        "removed": "移除 {count} 份",
    },
    not_read="{count} 份沒有入庫",
    passed_over="略過 {count} 項",
    others="另外 {count} 項",
    nothing_read="壓縮檔裡沒有能讀的檔案，庫裡沒有任何變化。",
    said="入庫完成 {done} 份。",
    said_failed="入庫完成 {done} 份，失敗 {failed} 份。",
    clear="清除這些記錄",
    remove="移除",
    sure="移除「{title}」？移除後不再用它回答；關閉頁面之前可以復原。",
    removed="已移除「{title}」",
    undo="復原",
    back="「{title}」已放回",
    all_documents="全部文件",
    read="閱讀原文",
    ask="只問這份文件",
    about="概況",
    published="網頁日期",
    region="地區",
    origin="來自",
    source="檔名",
    encoding="編碼",
    path="位置",
    sections="章節",
    outline="目錄",
    no_outline="沒有認出章節結構，按段落檢索。",
    unfold="展開「{heading}」下的章節",
    furniture="沒有收入檢索的內容",
    furniture_note="這些字不是文件自己的話，檢索和回答都不用；原文裡仍然保留。",
    no_furniture="沒有去掉任何內容。",
    kind_count="{count} 處 · {characters} 字",
    place="第 {line} 行 · 第 {start} 字",
    open_there="在原文中查看",
    rest="另外 {count} 處",
    kinds={
        "web header": "網頁頁首",
        "site footer": "網站頁尾",
        "source note": "來源說明",
        "slice number": "切片編號",
        "repeated title": "重複的標題",
        "title": "單獨成段的標題",
        "table of contents": "目錄頁",
        "markup": "標記符號",
        "blank": "空白",
    },
)

EN = Words(
    heading="Documents",
    count="{total}",
    count_of="{shown} of {total}",
    find="Find by title, file name, issuer or number, in either script",
    nothing="No document fits. Try another word, or empty the box.",
    empty_title="No documents yet",
    empty="Ask an administrator to add documents; then you can ask.",
    empty_admin="Add the policy documents you want to ask about. Titles, numbers and outline are read from them, "
    "what a web site has put around them is left out.",
    more="Show {count} more",
    title="Title",
    issuer="Issuer",
    number="Number",
    date="Date",
    script="Script",
    characters="Characters",
    chunks="Passages",
    coverage="Coverage",
    ingested="Added",
    actions="Actions",
    scripts={"hans": "简", "hant": "繁", "en": "EN", "unknown": "—"},
    covered="{text} text that is searched, {left_out} left out as site furniture",
    drop="Drop files here",
    choose="Choose files",
    accepted="PDF, Word, Excel, PowerPoint, HTML, EPUB, Markdown, text, several at once, up to {megabytes} MB each; "
    "or a ZIP of such files, up to {archive} MB",
    first="The first time, the embedding model is built. That can take half a minute, once.",
    uploads="Files being added",
    waiting_turn="Waiting to upload",
    uploading="Uploading",
    broken="The upload was cut off. See whether rag ui is still running, then upload the file again.",
    folder="“{name}” is a folder. Open it and choose the files in it, or use rag ingest.",
    replace="Already in the library: {names} ({count}). Replace with what you upload? Otherwise skipped.",
    replace_yes="Replace",
    and_so_on=", ",
    exists="“{name}” is already in the library. To replace it, upload it again and choose Replace.",
    busy="Another file is being added. Wait a moment, then try again.",
    states={
        "waiting": "Waiting",
        "preparing": "First use: the embedding model is being built…",
        "reading": "Reading…",
        "embedding": "Indexing: {done} of {total} {total:passage|passages}",
        "added": "Added · passages: {total}",
        "updated": "Replaced · passages: {total}",
        "unchanged": "Nothing has changed · passages: {total}",
        "failed": "Not added",
    },
    reading_of="Reading: {done} / {total}",
    inside={
        "added": "added: {count}",
        "updated": "replaced: {count}",
        "moved": "renamed: {count}",
        "unchanged": "unchanged: {count}",
        "removed": "removed: {count}",
    },
    not_read="{count} not added",
    passed_over="{count} skipped",
    others="{count} more",
    nothing_read="The archive holds no file that can be read. Nothing has changed in the library.",
    said="{done} added.",
    said_failed="{done} added, {failed} failed.",
    clear="Clear this list",
    remove="Remove",
    sure="Remove “{title}”? It is no longer used for answers. You can undo this until you close the page.",
    removed="Removed “{title}”",
    undo="Undo",
    back="“{title}” is back",
    all_documents="All documents",
    read="Read the document",
    ask="Ask about this document",
    about="About",
    published="Web page dated",
    region="Region",
    origin="From",
    source="File name",
    encoding="Encoding",
    path="Path",
    sections="Sections",
    outline="Outline",
    no_outline="No outline was recognised; the document is searched by paragraphs.",
    unfold="Sections of “{heading}”",
    furniture="Left out of the search",
    furniture_note="These are not the document's own words: neither searched nor quoted, still there in the original.",
    no_furniture="Nothing was left out.",
    kind_count="places: {count} · characters: {characters}",
    place="line {line} · character {start}",
    open_there="See it in the document",
    rest="{count} more",
    kinds={
        "web header": "Web page header",
        "site footer": "Web site footer",
        "source note": "Source note",
        "slice number": "Slice numbers",
        "repeated title": "Title said again",
        "title": "Title standing alone",
        "table of contents": "Table of contents",
        "markup": "Markup",
        "blank": "White space",
    },
)

WORDS: Mapping[Language, Words] = MappingProxyType({"hans": HANS, "hant": HANT, "en": EN})
