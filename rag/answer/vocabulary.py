"""Words that say the same, words that say little, and words that only look like a negation.

Hand-made for policy prose, in Simplified characters. Every line of ``_SAME`` is a group whose members are read as its
first, nouns behind a ``=``; a group must never hold two words of which one could make the other's sentence false.
"""

from __future__ import annotations

_SAME = """
设立 建立 成立 组建 创建 创办 设置 设有 设在 放在 设于 建起 建成
提高 提升 增强 提振
推进 推动 推行 推广 实施 开展 促进 落实 施行 贯彻 执行
完善 健全 优化 改进 改善
加强 强化 深化 加大 严格
建设 打造 构建 营造
担任 出任
= 名称 名字
更名 改名 改称
负责 牵头 主管 承担
制定 出台 制订 拟定
完成 办结 办完
= 部门 机构
= 居民 群众 百姓 市民
= 企业 公司
覆盖 涵盖
查验 核查 查看 检查 核验
= 身份证 身份证件
录用 雇用 雇佣 聘用
招用 招聘 招收
出具 开具 提供
= 劳动者 员工 职工
支持 扶持 拥护
监督 监管
报告 汇报 上报
发放 发给 支付
缴纳 交纳 缴交
= 罚款 罚金
处罚 惩处
违反 违背
共同建设 共建 一起建设
申请 申领
向社会 对外
= 期限 时限
目前 现在 当前 现时 截至目前
开始 起
包括 包含 含有
位于 坐落于 地处 坐落
属于 隶属
参加 参与
出生 生于 诞生
去世 逝世 过世 卒于 离世
毕业 毕业于
获得 取得 荣获 赢得 得到 拿到
如何 怎样 怎么 怎么样
举办 举行 召开 主办 开办 兴办
= 电子商务 电商
= 网络 网路 互联网
= 信息 资讯 讯息
= 软件 软体
= 质量 品质
= 出租车 计程车
= 老年人 老人 长者
= 残疾人 残障人士
= 工资 薪酬 薪资 薪水
= 住所 住处
= 驾驶员 司机
= 省会 首府
= 城市 都市
= 农村 乡村
= 住房 房屋
= 国家级 全国性
上涨 上升 增长 增加 新增
下降 下跌 降低 减少 降到 降至
颁布 公布 发布 公示 公开
废止 废除
移交 移送
购买 购置 采购
出售 售卖 销售 卖出
处理 处置
检验 检测
患病 生病
大幅 大幅度
经常 常常
免费 无偿
至今 迄今
收取 征收
提前 预先 事先
缩短 压缩 压减
联合 共同 一起 一道 一同 一并
引进 引入
参观 游览
发生 出现
结成 缔结
成为 变成 当上
首次 第一次
修建 兴建 建造 建于 始建于
拥有 具有 具备
称为 称作 叫做 被称为 称
使用 采用 运用 利用
导致 造成 引起 致使 引发
因为 由于
所以 因此 因而
但是 但 然而 不过
如果 倘若
帮助 协助
= 办法 措施 举措
加快 加速
扩大 拓展 扩展
整合 统筹
= 时期 时间
各类 各种
保障 保证
进行 展开
结束 终止 停止 终结
解除 撤销
死亡 丧生
= 旅客 乘客
= 学校 该校
= 政府 人民政府
= 中国 中华人民共和国
= 市政府 市人民政府
= 市委 中共市委
保管 保存
批准 核准 许可
改变 变更 更改 更换
告知 通知
接受 受理
销毁 毁坏 损毁 损坏
安装 装设
收费 收取费用
= 电话 电话号码
评价 评估 考核 考评
= 经费 资金 费用
= 方案 计划
修改 修订 修正
确定 认定
决定 作出决定
期满 届满 到期
选举 选出
= 比例 比率 占比 比重
逾期 超期
运行 运转 运营
分配 配置 配备
立即 马上 及时 即时
通过 经由
依法 依照法律
培养 培育
调查 调研
合并 并入 归并
再次 再度 又一次
说明 讲明 讲清 讲清楚 阐明 解释
搬迁 迁到 迁往 迁至 搬到 搬至 迁移
就读 上学 读书 接受教育
连通 接入 接通 开通
履行 走完
升放 放飞
征得 取得同意
打通 疏通
招人 招用人员
遗漏 漏掉
奖励 奖赏 嘉奖
居住 定居
建议 提议
解决 化解
经营 从事
制度 机制 体制
= 农民 村民
= 资料 材料
收到 接到
缺少 缺乏
变动 变化
全年 年内
每个 各个
持续 长期
大力 着力 全力 积极
准确 精准
快速 迅速
方便 便利 便民
= 困难 难题
尽快 尽早
重大 重要
= 作用 功能
= 区域 地区 地域 地带
举报 检举
保护 维护
= 教师 老师
扩充 扩建
"""
# Words that may be added or left out without changing what is said.
_EMPTY = """
的 了 着 之 并且 并 且 也 还 就 等 其 该 和 与 及 以及 是 为 于 在 而 以 所 则 即 已经 已 曾经 曾 将会 将 一方面
另一方面 同时 此外 另外 其中 分别 相关 有关 相应 这些 那些 这个 那个 这 那 此 当中 方面 当时 过 做 说 把 使 让
令 被 给 对于 对 关于 予以 给予 加以 进行 通过 个 年度 情况 能够 如下 以下简称 更加 更 进一步 不断 继续 从 自 由
一个 一种 一项 一是 二是 三是 一共 总共 作出 做出 我市 我省 我县 我区 全市 全省 全县 全区 全州 本市 本省 本县
本区 该市 该省 该县 当地 我国 规定 提出 明确 指出 要求 强调 显示 根据 按照 依据 依照 遵照 文件 提到 约 大约 约有
左右 大概 实现 达到 做到 达 到
"""
# Characters that carry little by themselves; within a word they still count for matching.
LIGHT = frozenset(
    "一项名家年月日市省县区人里地得来去会中上下时后前内外有能者所性化按出先改定共处好难想办放打再又才最很本同替跟因叫讲走拿收交用写看找"
    "带请成变作起住开始态否可天种位条次座套群仅某几多少大小只像即便若如却但虽既先便把需该其此每两三四五方面件时间这么那吗呢吧啊他她它们"
)
# Words that carry little: what a writer puts in or leaves out when saying the same in another way.
_GENERIC = """
推进 完善 加强 提高 建设 加快 扩大 整合 设立 制定 使用 成为 包括 导致 因为 所以 但是 如果 目前 开始 立即 持续
大力 快速 方便 说明 拥有 期间 内容 各类 帮助 确定 再次 一起 坚持 择机 推出 可是 然而 为此 因此 基本 大致 具体
方式 方法 时候 程度 过程 阶段 领域 环节 力度 步伐 水平 来说 来看 而言 之后 随后 接着 最终 最后 首先 然后 其次
并非 仍然 依然 仍 正式 正在 准备 打算 以便 从而 以此 用来 用于 为了 处于 属于 位于 作为 即可 也就是 即 指的是
这天 当天 此时 届时 一套 一批 一系列 一整套 其余 其他 另 还要 还会 需 必需 有效 切实 扎实 稳步 逐步 全部 确实
尤其 特别 特别是 比如 例如 主动 认真 积极 着眼 围绕 针对 面向 依托 结合 采取 采用 实行 所需 所在 所有
"""

# Words that hold a character of a negation or an obligation and are none.
_NOT_NEGATIVE = """
不断 不同 不仅 不但 不少 不动产 不管 不论 不良 不法 不当 不正 不满 不足 不久 不力 未来 未成年 未满 无论 无人
无障碍 无线 无锡 无形 非常 非遗 非法 非公 非洲 非物质 不可分割 不可抗力 无偿 无效 不锈 不超过 不低于 不少于
不高于 不多于 不超 不大于 不小于 不得超过 不得低于 不得少于 不得高于 不得多于 不能低于 不能超过 不应超过
非禁即入 无差别 不可避免 不可缺少 无一 可能 认可 主要 重要 需求 必要 重要性 要素 纲要 概要 首要 要点 响应 适应
供应 反应 应用 应急 应对 部门
"""


def _groups() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _SAME.strip().splitlines():
        first, *others = line.removeprefix("= ").split()
        for word in (first, *others):
            found.setdefault(word, found.get(first, first))
    return found


SAME = _groups()
NOUNS = frozenset(line.split()[1] for line in _SAME.splitlines() if line.startswith("="))
GENERIC = frozenset(SAME.get(word, word) for word in _GENERIC.split())
EMPTY = frozenset(_EMPTY.split())
HARMLESS = frozenset(_NOT_NEGATIVE.split())
