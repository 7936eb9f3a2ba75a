"""Tables of what a joint plan leaves to people to decide, and of its shadow prices."""

from __future__ import annotations

from layers.tables.columns import (
    COST_YUAN,
    FACTS,
    OPENING_ID,
    OWNER,
    REASON,
    RULE,
    SEGMENT_ID,
    UTILITY,
)
from layers.tables.schema import Table, coded, date, flag, integer, number, text
from layers.tables.vocabulary import (
    DECISION_KINDS,
    MEASURES,
    REPLAN_MODES,
    SCENARIOS,
)

DECISIONS = Table(
    name="decisions",
    zh="待决清单",
    en="list for deciding",
    geometry="none",
    key="decision_id",
    columns=(
        text("decision_id", "序号", "decision id"),
        coded("kind", "类别", "kind", DECISION_KINDS),
        RULE,
        flag("settled", "方案已解决", "settled by the plan"),
        SEGMENT_ID,
        text("other_segment_id", "另一路段", "other segment"),
        text("work_id", "工程", "works"),
        text("other_work_id", "另一方工程", "other works"),
        text("owner", "实施单位", "owners"),
        text("other_owner", "另一方单位", "other owners"),
        OPENING_ID,
        text("other_opening_id", "另一次开挖", "other opening"),
        date("starts_on", "开工", "starts on"),
        date("other_starts_on", "另一方开工", "other starts on"),
        integer("days_between", "相隔", "days between", "天"),
        number("saving_yuan", "可省费用", "saving", "元"),
        text("advice", "建议", "advice"),
        FACTS,
    ),
)
SPLITS = Table(
    name="splits",
    zh="疑似拆分",
    en="works that look split",
    geometry="none",
    key="split_id",
    columns=(
        text("split_id", "序号", "split id"),
        OWNER,
        UTILITY,
        text("works", "工程", "works"),
        text("segments", "路段", "segments"),
        coded("measure", "门槛种类", "measure", MEASURES),
        number("threshold", "门槛（米或元）", "threshold (m or yuan)", ""),
        number("together", "合计（米或元）", "together (m or yuan)", ""),
        number("largest", "单项最大（米或元）", "largest of them (m or yuan)", ""),
        number("together_m", "合计长度", "length together", "m"),
        text("clause", "条款", "clause"),
        RULE,
        REASON,
        FACTS,
    ),
)
ROBUSTNESS = Table(
    name="robustness",
    zh="稳健性",
    en="robustness",
    geometry="none",
    key=None,
    columns=(
        coded("scenario", "情景", "scenario", SCENARIOS),
        OWNER,
        coded("mode", "日期", "dates", REPLAN_MODES),
        integer("openings", "开挖数", "openings", ""),
        integer("survive", "仍为一次开挖", "survive", ""),
        integer("same_dates", "日期不变", "keep their dates", ""),
        integer("joint", "联合开挖数", "joint openings", ""),
        integer("joint_survive", "仍为联合开挖", "joint openings that survive", ""),
        integer("violations", "违反规则", "rules broken", ""),
        integer("unplaced", "排不进的工程", "works left out", ""),
        COST_YUAN,
        RULE,
        REASON,
        FACTS,
    ),
)
CREW_PRICES = Table(
    name="crew_prices",
    zh="班组影子价格",
    en="shadow prices of crews",
    geometry="none",
    key=None,
    columns=(
        text("crew", "班组", "crew"),
        date("starts_on", "开始", "from"),
        date("ends_on", "结束", "to"),
        number("yuan", "多一个班组最多可省", "one more crew saves at most", "元"),
    ),
)
SEGMENT_PRICES = Table(
    name="segment_prices",
    zh="路段下界",
    en="bounds of segments",
    geometry="none",
    key="segment_id",
    columns=(
        SEGMENT_ID,
        number("plan_yuan", "方案费用", "cost of the plan", "元"),
        number("bound_yuan", "下界", "part of the bound", "元"),
        number("gap_yuan", "差额", "gap", "元"),
    ),
)
