"""What the evaluation tab says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ui.words import Language


@dataclass(frozen=True, slots=True)
class Words:
    """The labels of the tab; those with a name in braces are filled with ``str.format``.

    ``metrics``, ``types``, ``outcomes``, ``verdicts`` and ``stages`` are by the names that ``rag-eval`` uses; what is
    not in them is shown under its own name.
    """

    title: str
    purpose: str
    first: str
    nothing: str
    no_documents: str
    to_library: str
    start: str
    cases: str
    shipped: str
    how_many: str
    all_cases: str
    first_cases: str
    while_it_runs: str
    own: str
    own_hint: str
    own_draft: str
    own_format: str
    feedback: str
    feedback_hint: str
    feedback_written: str
    feedback_none: str
    drafts: str
    running: str
    cancel: str
    cancelling: str
    cancelled: str
    finished: str
    counted: str
    failed_so_far: str
    seconds_left: str
    minutes_left: str
    broke: str
    runs: str
    runs_hint: str
    choose: str
    compare: str
    when: str
    count: str
    settings: str
    delete: str
    sure: str
    back: str
    facts: str
    figures: str
    higher: str
    lower: str
    must_be_zero: str
    interval: str
    of_cases: str
    by_type: str
    by_type_hint: str
    type: str
    failures: str
    no_failures: str
    all_failures: str
    more_failures: str
    expected: str
    a_refusal: str
    got: str
    went_wrong: str
    evidence: str
    open_source: str
    ask: str
    report: str
    report_hint: str
    new_tab: str
    compared: str
    base: str
    new: str
    swap: str
    shared: str
    improved: str
    worse: str
    no_change: str
    broken: str
    measured: str
    difference: str
    cases_moved: str
    probability: str
    verdict: str
    verdict_hint: str
    within_types: str
    no_evidence_hint: str
    mended: str
    newly_broken: str
    otherwise: str
    what_differs: str
    same_settings: str
    listing: str
    milliseconds: str
    seconds: str
    metrics: Mapping[str, str]
    types: Mapping[str, str]
    outcomes: Mapping[str, str]
    verdicts: Mapping[str, str]
    stages: Mapping[str, str]


HANS = Words(
    title="评测",
    purpose="用一组有标准答案的题目来提问，逐题对照：依据找到了没有，答对了没有，该拒绝的拒绝了没有。换文件、换模型或改设置前后各跑一次，就知道变好还是变差。",
    first="还没有评测过",
    nothing="管理员运行过评测以后，结果会显示在这里。",
    no_documents="先加入文件，才有可评测的内容。",
    to_library="去加入文件",
    start="开始评测",
    cases="题目",
    shipped="随附的题目（针对随附的文件）",
    how_many="题数",
    all_cases="全部",
    first_cases="前 {count} 题（试跑）",
    while_it_runs="在单独的进程里运行，随时可以取消；运行时问答会慢一些。",
    own="用自己的题目",
    own_hint="把题目文件（JSON Lines 或 CSV）放进这个文件夹，就能在上面选择：",
    own_draft="从文件起草题目，再由人逐题修改：",
    own_format="格式见 evals/README.md。",
    feedback="用用户的好评出题",
    feedback_hint="把得到好评的回答变成题目，写入 {file}。",
    feedback_written="已写入 {count} 题，可在“题目”里选择。",
    feedback_none="还没有能出题的评价：回答下方的“有帮助”会变成题目。",
    drafts="另有 {count} 条评价要由人补全才能用：rag conversations feedback --out cases.jsonl",
    running="正在评测：{cases}",
    cancel="取消评测",
    cancelling="正在停止……",
    cancelled="已取消，没有保留结果。",
    finished="评测完成",
    counted="第 {done} 题，共 {total} 题",
    failed_so_far="未通过 {count} 题",
    seconds_left="还要约 {count} 秒",
    minutes_left="还要约 {count} 分钟",
    broke="评测没有完成：{cases}",
    runs="历次评测",
    runs_hint="点时间看结果；勾选两次可以比较。",
    choose="选择 {when} 的评测来比较",
    compare="比较所选的两次",
    when="时间",
    count="题数",
    settings="不同的设置",
    delete="删除",
    sure="删除 {when} 的评测？结果不能恢复。",
    back="全部评测",
    facts="{count} 题 · {documents} 份文件 · {failed} 题未通过",
    figures="总体",
    higher="越高越好",
    lower="越低越好",
    must_be_zero="必须是 0",
    interval="95% 区间 {low}–{high}",
    of_cases="{count} 题",
    by_type="按题型",
    by_type_hint="点是平均值，线是 95% 区间：题目少，区间就宽。",
    type="题型",
    failures="未通过的题目",
    no_failures="没有未通过的题目。",
    all_failures="全部 {count}",
    more_failures="另外 {count} 题见完整报告。",
    expected="应答",
    a_refusal="拒绝回答",
    got="实答",
    went_wrong="出错",
    evidence="依据",
    open_source="看原文",
    ask="问这个问题",
    report="图表和完整报告",
    report_hint="风险与覆盖、置信度校准、各阶段用时、每题的检索结果（英文）",
    new_tab="在新标签页打开",
    compared="两次评测的比较",
    base="之前",
    new="之后",
    swap="前后对调",
    shared="两次都有的 {count} 题，逐题配对比较。",
    improved="变好",
    worse="变差",
    no_change="没有变好或变差的证据。",
    broken="新出现的错误",
    measured="指标",
    difference="差（95% 区间）",
    cases_moved="好转 / 变差",
    probability="p 值",
    verdict="判断",
    verdict_hint="p 不大于 0.05、题目不少于 8 道，才算证据；用时只供参考。",
    within_types="各题型中有变化的",
    no_evidence_hint="没有变化的指标：{names}",
    mended="修好的题目",
    newly_broken="答坏的题目",
    otherwise="以另一种方式失败的题目",
    what_differs="两次运行的不同",
    same_settings="设置相同。",
    listing="、",
    milliseconds="{value} 毫秒",
    seconds="{value} 秒",
    metrics={
        "correct": "答对",
        "recall@1": "第一段有依据",
        "recall@3": "前三段有依据",
        "recall@5": "前五段有依据",
        "recall@10": "前十段有依据",
        "recall@1500chars": "前 1500 字有依据",
        "mrr": "MRR",
        "ndcg@10": "nDCG@10",
        "key_recall": "要点齐全",
        "char_f1": "与参考答案的字面重合",
        "exact_match": "与参考答案完全相同",
        "supported_sentences": "句子有依据支持",
        "citation_recall": "依据被引用",
        "citation_precision": "引用准确",
        "fabricated_citations": "捏造的引用",
        "refused_answerable": "误拒",
        "refused_unanswerable": "该拒则拒",
        "characters": "回答字数",
        "ms_total": "用时",
        "ms_total_p50": "用时（中位）",
        "ms_retrieve": "检索用时",
        "ms_answer": "作答用时",
    },
    types={
        "overall": "全部",
        "fact": "事实",
        "list": "列举",
        "compare": "比较",
        "paraphrase": "换种说法",
        "crossscript": "繁简互问",
        "followup": "追问",
        "english": "英文提问",
        "unanswerable": "没有答案",
        "feedback": "用户好评",
    },
    outcomes={
        "error": "出错",
        "refused": "有答案却拒绝",
        "answered": "没有答案却回答",
        "wrong": "没答对",
        "correct": "答对",
        "declined": "拒绝得对",
        "unscored": "已回答，未评分",
    },
    verdicts={
        "improved": "变好",
        "worse": "变差",
        "changed": "有变化",
        "no evidence": "无证据",
        "faster": "更快",
        "slower": "更慢",
    },
    stages={"opening": "正在打开索引和模型", "asking": "正在提问"},
)

HANT = Words(
    title="評測",
    purpose="用一組有標準答案的題目來提問，逐題對照：依據找到了沒有，答對了沒有，該拒絕的拒絕了沒有。換文件、換模型或改設定前後各跑一次，就知道變好還是變差。",
    first="還沒有評測過",
    nothing="管理員執行過評測以後，結果會顯示在這裡。",
    no_documents="先加入文件，才有可評測的內容。",
    to_library="去加入文件",
    start="開始評測",
    cases="題目",
    shipped="隨附的題目（針對隨附的文件）",
    how_many="題數",
    all_cases="全部",
    first_cases="前 {count} 題（試跑）",
    while_it_runs="在單獨的行程裡執行，隨時可以取消；執行時問答會慢一些。",
    own="用自己的題目",
    own_hint="把題目檔案（JSON Lines 或 CSV）放進這個資料夾，就能在上面選擇：",
    own_draft="從文件起草題目，再由人逐題修改：",
    own_format="格式見 evals/README.md。",
    feedback="用使用者的好評出題",
    feedback_hint="把得到好評的回答變成題目，寫入 {file}。",
    feedback_written="已寫入 {count} 題，可在「題目」裡選擇。",
    feedback_none="還沒有能出題的評價：回答下方的「有幫助」會變成題目。",
    drafts="另有 {count} 條評價要由人補全才能用：rag conversations feedback --out cases.jsonl",
    running="正在評測：{cases}",
    cancel="取消評測",
    cancelling="正在停止……",
    cancelled="已取消，沒有保留結果。",
    finished="評測完成",
    counted="第 {done} 題，共 {total} 題",
    failed_so_far="未通過 {count} 題",
    seconds_left="還要約 {count} 秒",
    minutes_left="還要約 {count} 分鐘",
    broke="評測沒有完成：{cases}",
    runs="歷次評測",
    runs_hint="點時間看結果；勾選兩次可以比較。",
    choose="選擇 {when} 的評測來比較",
    compare="比較所選的兩次",
    when="時間",
    count="題數",
    settings="不同的設定",
    delete="刪除",
    sure="刪除 {when} 的評測？結果不能復原。",
    back="全部評測",
    facts="{count} 題 · {documents} 份文件 · {failed} 題未通過",
    figures="總體",
    higher="越高越好",
    lower="越低越好",
    must_be_zero="必須是 0",
    interval="95% 區間 {low}–{high}",
    of_cases="{count} 題",
    by_type="按題型",
    by_type_hint="點是平均值，線是 95% 區間：題目少，區間就寬。",
    type="題型",
    failures="未通過的題目",
    no_failures="沒有未通過的題目。",
    all_failures="全部 {count}",
    more_failures="另外 {count} 題見完整報告。",
    expected="應答",
    a_refusal="拒絕回答",
    got="實答",
    went_wrong="出錯",
    evidence="依據",
    open_source="看原文",
    ask="問這個問題",
    report="圖表和完整報告",
    report_hint="風險與覆蓋、信心校準、各階段用時、每題的檢索結果（英文）",
    new_tab="在新分頁開啟",
    compared="兩次評測的比較",
    base="之前",
    new="之後",
    swap="前後對調",
    shared="兩次都有的 {count} 題，逐題配對比較。",
    improved="變好",
    worse="變差",
    no_change="沒有變好或變差的證據。",
    broken="新出現的錯誤",
    measured="指標",
    difference="差（95% 區間）",
    cases_moved="好轉 / 變差",
    probability="p 值",
    verdict="判斷",
    verdict_hint="p 不大於 0.05、題目不少於 8 道，才算證據；用時只供參考。",
    within_types="各題型中有變化的",
    no_evidence_hint="沒有變化的指標：{names}",
    mended="修好的題目",
    newly_broken="答壞的題目",
    otherwise="以另一種方式失敗的題目",
    what_differs="兩次執行的不同",
    same_settings="設定相同。",
    listing="、",
    milliseconds="{value} 毫秒",
    seconds="{value} 秒",
    metrics={
        "correct": "答對",
        "recall@1": "第一段有依據",
        "recall@3": "前三段有依據",
        "recall@5": "前五段有依據",
        "recall@10": "前十段有依據",
        "recall@1500chars": "前 1500 字有依據",
        "mrr": "MRR",
        "ndcg@10": "nDCG@10",
        "key_recall": "要點齊全",
        "char_f1": "與參考答案的字面重合",
        "exact_match": "與參考答案完全相同",
        "supported_sentences": "句子有依據支持",
        "citation_recall": "依據被引用",
        "citation_precision": "引用準確",
        "fabricated_citations": "捏造的引用",
        "refused_answerable": "誤拒",
        "refused_unanswerable": "該拒則拒",
        "characters": "回答字數",
        "ms_total": "用時",
        "ms_total_p50": "用時（中位）",
        "ms_retrieve": "檢索用時",
        "ms_answer": "作答用時",
    },
    types={
        "overall": "全部",
        "fact": "事實",
        "list": "列舉",
        "compare": "比較",
        "paraphrase": "換種說法",
        "crossscript": "繁簡互問",
        "followup": "追問",
        "english": "英文提問",
        "unanswerable": "沒有答案",
        "feedback": "使用者好評",
    },
    outcomes={
        "error": "出錯",
        "refused": "有答案卻拒絕",
        "answered": "沒有答案卻回答",
        "wrong": "沒答對",
        "correct": "答對",
        "declined": "拒絕得對",
        "unscored": "已回答，未評分",
    },
    verdicts={
        "improved": "變好",
        "worse": "變差",
        "changed": "有變化",
        "no evidence": "無證據",
        "faster": "更快",
        "slower": "更慢",
    },
    stages={"opening": "正在開啟索引和模型", "asking": "正在提問"},
)

EN = Words(
    title="Evaluation",
    purpose="Asks questions whose answers are known and checks each: was the evidence found, is the answer correct, "
    "was what cannot be answered refused. Run it before and after you change documents, model or settings to see "
    "whether things got better or worse.",
    first="Nothing has been evaluated yet",
    nothing="Once an administrator has run an evaluation, its results are shown here.",
    no_documents="Add documents first: without them there is nothing to evaluate.",
    to_library="Add documents",
    start="Start evaluation",
    cases="Cases",
    shipped="Shipped cases, about the shipped documents",
    how_many="How many",
    all_cases="All",
    first_cases="The first {count}, to try",
    while_it_runs="Runs in a process of its own and can be cancelled at any time; answers are slower meanwhile.",
    own="Use your own cases",
    own_hint="Put files with cases (JSON Lines or CSV) into this folder, and choose them above:",
    own_draft="Draft cases from documents, for you to mend one by one:",
    own_format="The format is in evals/README.md.",
    feedback="Cases from praise",
    feedback_hint="Turns answers that users found helpful into cases, in {file}.",
    feedback_written="{count} {count:case|cases} written. Choose {count:it|them} under Cases.",
    feedback_none="There is no rating to make a case of yet: answers rated as good become cases.",
    drafts="{count} more {count:has|have} to be completed by a person: rag conversations feedback --out cases.jsonl",
    running="Evaluating: {cases}",
    cancel="Cancel",
    cancelling="Stopping…",
    cancelled="Cancelled; nothing was kept.",
    finished="Evaluation finished",
    counted="{done} of {total} {total:case|cases}",
    failed_so_far="{count} failed",
    seconds_left="about {count} s left",
    minutes_left="about {count} min left",
    broke="The evaluation did not finish: {cases}",
    runs="Earlier runs",
    runs_hint="Open a run by its date; tick two to compare them.",
    choose="Choose the run of {when} to compare",
    compare="Compare the two",
    when="Date",
    count="Number",
    settings="Settings that differ",
    delete="Delete",
    sure="Delete the run of {when}? Its results cannot be brought back.",
    back="All runs",
    facts="{count} {count:case|cases} · {documents} {documents:document|documents} · {failed} failed",
    figures="Overall",
    higher="higher is better",
    lower="lower is better",
    must_be_zero="must be 0",
    interval="95% interval {low}–{high}",
    of_cases="{count} {count:case|cases}",
    by_type="By type",
    by_type_hint="The dot is the mean, the line its 95% interval: the fewer cases, the wider.",
    type="Type",
    failures="Cases that failed",
    no_failures="No case failed.",
    all_failures="All {count}",
    more_failures="{count} more {count:is|are} in the full report.",
    expected="Expected",
    a_refusal="A refusal",
    got="Got",
    went_wrong="Error",
    evidence="Evidence",
    open_source="Open source",
    ask="Ask this",
    report="Plots and full report",
    report_hint="Risk and coverage, calibration of the confidence, time by stage, what was retrieved for each failure",
    new_tab="Open in a new tab",
    compared="Two runs compared",
    base="Before",
    new="After",
    swap="Swap",
    shared="{count} {count:case|cases} that both runs asked, paired case by case.",
    improved="Improved",
    worse="Worse",
    no_change="No evidence of a change for the better or worse.",
    broken="New errors",
    measured="Metric",
    difference="Difference (95% interval)",
    cases_moved="Better / worse",
    probability="p",
    verdict="Verdict",
    verdict_hint="Evidence means p at most 0.05 on at least 8 cases; times decide nothing.",
    within_types="Changes within types",
    no_evidence_hint="The same in every case: {names}",
    mended="Mended cases",
    newly_broken="Broken cases",
    otherwise="Cases that fail in another way",
    what_differs="How the two runs differ",
    same_settings="The settings are the same.",
    listing=", ",
    milliseconds="{value} ms",
    seconds="{value} s",
    metrics={
        "correct": "Correct",
        "recall@1": "Evidence in the first passage",
        "recall@3": "Evidence in the first 3",
        "recall@5": "Evidence in the first 5",
        "recall@10": "Evidence in the first 10",
        "recall@1500chars": "Evidence in 1,500 characters",
        "mrr": "MRR",
        "ndcg@10": "nDCG@10",
        "key_recall": "Keys found",
        "char_f1": "Character F1",
        "exact_match": "Exact match",
        "supported_sentences": "Supported sentences",
        "citation_recall": "Evidence cited",
        "citation_precision": "Citations to the point",
        "fabricated_citations": "Fabricated citations",
        "refused_answerable": "Wrongly refused",
        "refused_unanswerable": "Rightly refused",
        "characters": "Characters",
        "ms_total": "Time",
        "ms_total_p50": "Time, median",
        "ms_retrieve": "Time of retrieval",
        "ms_answer": "Time of answering",
    },
    types={
        "overall": "All",
        "fact": "Fact",
        "list": "List",
        "compare": "Comparison",
        "paraphrase": "Paraphrase",
        "crossscript": "Other script",
        "followup": "Follow-up",
        "english": "English",
        "unanswerable": "Unanswerable",
        "feedback": "Praised",
    },
    outcomes={
        "error": "error",
        "refused": "refused, though answerable",
        "answered": "answered, though unanswerable",
        "wrong": "not correct",
        "correct": "correct",
        "declined": "rightly refused",
        "unscored": "answered, not scored",
    },
    verdicts={
        "improved": "improved",
        "worse": "worse",
        "changed": "changed",
        "no evidence": "no evidence",
        "faster": "faster",
        "slower": "slower",
    },
    stages={"opening": "Opening index and model", "asking": "Asking"},
)

WORDS: Mapping[Language, Words] = MappingProxyType({"hans": HANS, "hant": HANT, "en": EN})
