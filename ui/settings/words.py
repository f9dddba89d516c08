"""What the settings say, in 简体, 繁體 and English, and what was measured of each strictness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ui.words import Language

MEASURED: Mapping[str, tuple[tuple[float, float], ...]] = MappingProxyType(
    {
        "strict": ((0.09, 0.91), (0.10, 0.92), (0.02, 0.96)),
        "balanced": ((0.03, 0.82), (0.05, 0.88), (0.02, 0.95)),
        "lenient": ((0.01, 0.82), (0.02, 0.83), (0.02, 0.93)),
    }
)
"""Refused of the answerable questions, and of those without an answer: seeds, DRCD, CMRC (docs/grounding.md)."""


@dataclass(frozen=True, slots=True)
class Words:
    """The labels of the settings; those with a name in braces are filled with ``str.format``."""

    title: str
    mine: str
    mine_note: str
    shared: str
    shared_note: str
    read_only: str
    default: str
    strictness: str
    strict: str
    balanced: str
    lenient: str
    measured: str
    measured_note: str
    outweighed: str
    k: str
    k_help: str
    asked: str
    asked_note: str
    documents: str
    find: str
    more: str
    absent: str
    nothing: str
    issuer: str
    region: str
    since: str
    until: str
    as_of: str
    as_of_help: str
    date_help: str
    bad_date: str
    everything: str
    limited: str
    unlimited: str
    not_applied: str
    answers: str
    files: str
    max_file: str
    max_file_help: str
    reader: str
    reader_help: str
    model: str
    provider: str
    none: str
    server: str
    openai: str
    anthropic: str
    deepseek: str
    ollama: str
    other: str
    gguf: str
    name: str
    other_help: str
    file: str
    file_help: str
    address: str
    address_help: str
    key: str
    key_set: str
    key_unset: str
    key_help: str
    forget_key: str
    key_again: str
    temperature: str
    temperature_help: str
    max_tokens: str
    max_tokens_help: str
    context_tokens: str
    context_tokens_help: str
    timeout: str
    timeout_help: str
    fallback: str
    fallback_help: str
    unsupported: str
    flag: str
    drop: str
    more_settings: str
    prompt: str
    prompt_help: str
    given: str
    on: str
    off: str
    fixed: str
    by_environment: str
    by_file: str
    by_argument: str
    with_key: str
    between: str
    required: str
    bad_name: str
    bad_address: str
    bad_choice: str
    test: str
    testing: str
    test_works: str
    test_failed: str
    test_none: str
    test_silent: str
    test_busy: str
    test_broken: str
    save: str
    saved: str
    unchanged: str
    revert: str
    health: str
    health_note: str
    check: str
    checking: str
    well: str
    wrong: str
    version: str


HANS = Words(
    title="设置",
    mine="我的设置",
    mine_note="只影响您自己，保存在这个浏览器里，改了就生效。",
    shared="本库设置",
    shared_note="影响所有人，保存后从下一个问题起生效。",
    read_only="由管理员设定。",
    default="默认（{value}）",
    strictness="把握多大才回答",
    strict="严格",
    balanced="均衡",
    lenient="宽松",
    measured="无答案的问题拒答 {refused}，有答案的误拒 {missed}",
    measured_note="数字是在三组测试题上测得的。",
    outweighed="管理员另外规定：把握低于 {percent}% 一律不回答，所以这里的选择不起作用。",
    k="每次列出的段落数",
    k_help="查找和回答时列出的段落，{least} 到 {most}。",
    asked="查哪些文件",
    asked_note="几项条件都要符合；都不填就查全部文件。",
    documents="只查这些文件",
    find="按名称或文号查找文件",
    more="另有 {number} 份，请输入名称缩小范围。",
    absent="已不在库中",
    nothing="没有符合的文件。",
    issuer="发文机关",
    region="地区",
    since="发文日期从",
    until="发文日期到",
    as_of="以哪一天为准",
    as_of_help="只查当时已发布的文件，有几个版本的查当时有效的那一版。",
    date_help="如 2019 或 2019-06-20",
    bad_date="请写成 2019、2019-06 或 2019-06-20。",
    everything="恢复为查全部文件",
    limited="现在只查符合以上条件的文件。",
    unlimited="现在查全部文件。",
    not_applied="没有生效：{message}",
    answers="回答",
    files="文件",
    max_file="文件大小上限（MB）",
    max_file_help="超过的文件不收，最多 {most}。",
    reader="细读段落",
    reader_help="把最好的几段和问题放在一起细读：更准，但慢一些。",
    model="语言模型",
    provider="由谁组织语言",
    none="不用模型，直接摘录原文",
    server="自己的服务器（OpenAI 兼容接口）",
    openai="OpenAI",
    anthropic="Anthropic",
    deepseek="DeepSeek",
    ollama="Ollama",
    other="其他服务商",
    gguf="本机的 GGUF 文件",
    name="模型名称",
    other_help="写成“服务商:名称”，如 mistralai:mistral-large-latest。",
    file="文件路径",
    file_help="运行本程序的电脑上的 .gguf 文件，在本进程里运行，第一次提问时载入。",
    address="服务器地址",
    address_help="如 http://127.0.0.1:8000/v1。Ollama 可不填。",
    key="API 密钥",
    key_set="已设置",
    key_unset="未设置",
    key_help="只写入，不再显示。不填就保留原来的；从未填过就用服务商惯用的环境变量。",
    forget_key="删除已保存的密钥",
    key_again="模型或服务器换了地方，原来的密钥不会发过去：请重新填写密钥，或勾选删除。",
    temperature="随机程度",
    temperature_help="0 最稳定，{least} 到 {most}。",
    max_tokens="回答最长",
    max_tokens_help="单位是 token，{least} 到 {most}。",
    context_tokens="输入最长",
    context_tokens_help="要求、段落和问题合计的 token 数，{least} 到 {most}。",
    timeout="最长等待",
    timeout_help="模型多少秒没有动静就放弃，不超过 {most}。",
    fallback="模型出错时改为摘录原文，并说明",
    fallback_help="不勾选就直接显示错误。",
    unsupported="没有原文依据的句子",
    flag="标出来",
    drop="去掉",
    more_settings="更多模型设置",
    prompt="回答用的提示词：{name}",
    prompt_help="提示词用 RAG_LLM__PROMPT 或 rag.toml 更换。",
    given="本程序启动时指定了模型 {name}，回答都由它撰写，与下面的选择无关。",
    on="开",
    off="关",
    fixed="由管理员设定（{by}）",
    by_environment="环境变量 {name}",
    by_file="rag.toml",
    by_argument="启动参数",
    with_key="密钥由管理员设定，地址随密钥一起固定",
    between="请填 {least} 到 {most} 之间的数。",
    required="请填写。",
    bad_name="这里不能这样写，请写模型的名称。",
    bad_address="请写完整地址，如 http://127.0.0.1:8000/v1。",
    bad_choice="请从列出的选项里选一个。",
    test="测试",
    testing="正在问模型……",
    test_works="{name} 回答了，第一个字用了 {seconds} 秒。",
    test_failed="模型没有回答",
    test_none="没有设模型，回答直接摘录原文，不需要测试。",
    test_silent="{seconds} 秒内没有一个字。如果是 GGUF 文件，可能还在载入，请稍后再试；否则检查服务器。",
    test_busy="上一次测试还没有结束，请稍后再试。",
    test_broken="连接模型时出了意外的错误（{kind}），详情见服务器日志。",
    save="保存",
    saved="已保存，从下一个问题起生效",
    unchanged="没有改动",
    revert="放弃改动",
    health="运行状况",
    health_note="检查索引、模型和磁盘；设了语言模型的话会问它一个字。",
    check="检查",
    checking="正在检查……",
    well="正常",
    wrong="有问题",
    version="版本 {version}",
)

HANT = Words(
    title="設定",
    mine="我的設定",
    mine_note="只影響您自己，儲存在這個瀏覽器裡，改了就生效。",
    shared="本庫設定",
    shared_note="影響所有人，儲存後從下一個問題起生效。",
    read_only="由管理員設定。",
    default="預設（{value}）",
    strictness="把握多大才回答",
    strict="嚴格",
    balanced="均衡",
    lenient="寬鬆",
    measured="無答案的問題拒答 {refused}，有答案的誤拒 {missed}",
    measured_note="數字是在三組測試題上測得的。",
    outweighed="管理員另外規定：把握低於 {percent}% 一律不回答，所以這裡的選擇不起作用。",
    k="每次列出的段落數",
    k_help="查找和回答時列出的段落，{least} 到 {most}。",
    asked="查哪些文件",
    asked_note="幾項條件都要符合；都不填就查全部文件。",
    documents="只查這些文件",
    find="按名稱或文號查找文件",
    more="另有 {number} 份，請輸入名稱縮小範圍。",
    absent="已不在庫中",
    nothing="沒有符合的文件。",
    issuer="發文機關",
    region="地區",
    since="發文日期從",
    until="發文日期到",
    as_of="以哪一天為準",
    as_of_help="只查當時已發布的文件，有幾個版本的查當時有效的那一版。",
    date_help="如 2019 或 2019-06-20",
    bad_date="請寫成 2019、2019-06 或 2019-06-20。",
    everything="恢復為查全部文件",
    limited="現在只查符合以上條件的文件。",
    unlimited="現在查全部文件。",
    not_applied="沒有生效：{message}",
    answers="回答",
    files="文件",
    max_file="檔案大小上限（MB）",
    max_file_help="超過的檔案不收，最多 {most}。",
    reader="細讀段落",
    reader_help="把最好的幾段和問題放在一起細讀：更準，但慢一些。",
    model="語言模型",
    provider="由誰組織語言",
    none="不用模型，直接摘錄原文",
    server="自己的伺服器（OpenAI 相容介面）",
    openai="OpenAI",
    anthropic="Anthropic",
    deepseek="DeepSeek",
    ollama="Ollama",
    other="其他服務商",
    gguf="本機的 GGUF 檔案",
    name="模型名稱",
    other_help="寫成「服務商:名稱」，如 mistralai:mistral-large-latest。",
    file="檔案路徑",
    file_help="執行本程式的電腦上的 .gguf 檔案，在本行程裡執行，第一次提問時載入。",
    address="伺服器位址",
    address_help="如 http://127.0.0.1:8000/v1。Ollama 可不填。",
    key="API 金鑰",
    key_set="已設定",
    key_unset="未設定",
    key_help="只寫入，不再顯示。不填就保留原來的；從未填過就用服務商慣用的環境變數。",
    forget_key="刪除已儲存的金鑰",
    key_again="模型或伺服器換了地方，原來的金鑰不會發過去：請重新填寫金鑰，或勾選刪除。",
    temperature="隨機程度",
    temperature_help="0 最穩定，{least} 到 {most}。",
    max_tokens="回答最長",
    max_tokens_help="單位是 token，{least} 到 {most}。",
    context_tokens="輸入最長",
    context_tokens_help="要求、段落和問題合計的 token 數，{least} 到 {most}。",
    timeout="最長等待",
    timeout_help="模型多少秒沒有動靜就放棄，不超過 {most}。",
    fallback="模型出錯時改為摘錄原文，並說明",
    fallback_help="不勾選就直接顯示錯誤。",
    unsupported="沒有原文依據的句子",
    flag="標出來",
    drop="去掉",
    more_settings="更多模型設定",
    prompt="回答用的提示詞：{name}",
    prompt_help="提示詞用 RAG_LLM__PROMPT 或 rag.toml 更換。",
    given="本程式啟動時指定了模型 {name}，回答都由它撰寫，與下面的選擇無關。",
    on="開",
    off="關",
    fixed="由管理員設定（{by}）",
    by_environment="環境變數 {name}",
    by_file="rag.toml",
    by_argument="啟動參數",
    with_key="金鑰由管理員設定，位址隨金鑰一起固定",
    between="請填 {least} 到 {most} 之間的數。",
    required="請填寫。",
    bad_name="這裡不能這樣寫，請寫模型的名稱。",
    bad_address="請寫完整位址，如 http://127.0.0.1:8000/v1。",
    bad_choice="請從列出的選項裡選一個。",
    test="測試",
    testing="正在問模型……",
    test_works="{name} 回答了，第一個字用了 {seconds} 秒。",
    test_failed="模型沒有回答",
    test_none="沒有設模型，回答直接摘錄原文，不需要測試。",
    test_silent="{seconds} 秒內沒有一個字。如果是 GGUF 檔案，可能還在載入，請稍後再試；否則檢查伺服器。",
    test_busy="上一次測試還沒有結束，請稍後再試。",
    test_broken="連接模型時出了意外的錯誤（{kind}），詳情見伺服器日誌。",
    save="儲存",
    saved="已儲存，從下一個問題起生效",
    unchanged="沒有改動",
    revert="放棄改動",
    health="執行狀況",
    health_note="檢查索引、模型和磁碟；設了語言模型的話會問它一個字。",
    check="檢查",
    checking="正在檢查……",
    well="正常",
    wrong="有問題",
    version="版本 {version}",
)

EN = Words(
    title="Settings",
    mine="For me",
    mine_note="For you alone: kept in this browser, in force at once.",
    shared="For the library",
    shared_note="For everybody, in force from the next question after saving.",
    read_only="Set by the administrator.",
    default="Default ({value})",
    strictness="How sure an answer must be",
    strict="Strict",
    balanced="Balanced",
    lenient="Lenient",
    measured="refuses {refused} of questions without an answer, and {missed} of those with one",
    measured_note="As measured on three sets of questions.",
    outweighed="The administrator has answers below {percent}% confidence refused, whatever is chosen here.",
    k="Passages listed",
    k_help="Passages listed by a search and with an answer, {least} to {most}.",
    asked="Which documents are asked",
    asked_note="Those that fit everything below; all documents where nothing is given.",
    documents="Only these documents",
    find="Find documents by name or number",
    more="{number} more: type a name to narrow the list.",
    absent="no longer in the library",
    nothing="No document fits.",
    issuer="Issuer",
    region="Region",
    since="Issued from",
    until="Issued until",
    as_of="As of",
    as_of_help="Only what was issued by then; of several versions, the one in force then.",
    date_help="2019 or 2019-06-20",
    bad_date="Write 2019, 2019-06 or 2019-06-20.",
    everything="Ask everything",
    limited="Only the documents that fit the above are asked.",
    unlimited="All documents are asked.",
    not_applied="Not in force: {message}",
    answers="Answers",
    files="Documents",
    max_file="Largest file (MB)",
    max_file_help="A larger file is not taken, {most} at most.",
    reader="Read passages closely",
    reader_help="Reads the best passages together with the question: better, but slower.",
    model="Language model",
    provider="Who words the answers",
    none="No model: quote the documents",
    server="Your own server (OpenAI-compatible)",
    openai="OpenAI",
    anthropic="Anthropic",
    deepseek="DeepSeek",
    ollama="Ollama",
    other="Another provider",
    gguf="A GGUF file on this computer",
    name="Model name",
    other_help="Written provider:name, such as mistralai:mistral-large-latest.",
    file="Path of the file",
    file_help="A .gguf file on the computer that runs this program; loaded into it at the first question.",
    address="Address of the server",
    address_help="Such as http://127.0.0.1:8000/v1. Ollama can do without.",
    key="API key",
    key_set="Set",
    key_unset="Not set",
    key_help="Written, never shown again. Empty keeps the one that is set; without any, the provider's usual "
    "environment variable is used.",
    forget_key="Delete the saved key",
    key_again="The model is elsewhere now, and the old key is not sent there: enter it again, or tick to delete it.",
    temperature="Temperature",
    temperature_help="0 is steadiest, {least} to {most}.",
    max_tokens="Longest answer",
    max_tokens_help="In tokens, {least} to {most}.",
    context_tokens="Longest input",
    context_tokens_help="Tokens of instructions, passages and question together, {least} to {most}.",
    timeout="Longest silence",
    timeout_help="Seconds without a word after which the model is given up, at most {most}.",
    fallback="When the model fails, quote the documents instead, and say so",
    fallback_help="Otherwise the error is shown.",
    unsupported="Sentences that no document supports",
    flag="Flag them",
    drop="Drop them",
    more_settings="More about the model",
    prompt="Prompt of the answers: {name}",
    prompt_help="Another prompt is set with RAG_LLM__PROMPT or rag.toml.",
    given="This program was started with the model {name}, which words the answers whatever is chosen below.",
    on="on",
    off="off",
    fixed="Set by the administrator ({by})",
    by_environment="environment {name}",
    by_file="rag.toml",
    by_argument="command line",
    with_key="the key is set by the administrator, and the address goes with it",
    between="Enter a number from {least} to {most}.",
    required="Fill this in.",
    bad_name="This is not how it is written here. Enter the name of the model.",
    bad_address="Enter the whole address, such as http://127.0.0.1:8000/v1.",
    bad_choice="Choose one of those listed.",
    test="Test",
    testing="Asking the model…",
    test_works="{name} answers; its first word took {seconds} s.",
    test_failed="The model did not answer",
    test_none="No model is set: answers quote the documents, and there is nothing to test.",
    test_silent="Not a word within {seconds} s. A GGUF file may still be loading: try again in a while. "
    "Otherwise look at the server.",
    test_busy="The last test is not over yet. Try again in a while.",
    test_broken="Something unexpected went wrong on the way to the model ({kind}). The server's log says more.",
    save="Save",
    saved="Saved, in force from the next question",
    unchanged="Nothing has changed",
    revert="Discard changes",
    health="Health",
    health_note="Checks index, models and disk; a language model is asked for a word.",
    check="Check",
    checking="Checking…",
    well="well",
    wrong="wrong",
    version="Version {version}",
)

WORDS: Mapping[Language, Words] = MappingProxyType({"hans": HANS, "hant": HANT, "en": EN})
