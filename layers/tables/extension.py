"""Tables that a study writes of what else a connection could do, now and later."""

from __future__ import annotations

from layers.tables.columns import (
    APPLICATION_ID,
    COST_YUAN,
    LENGTH_M,
    PARCEL_ID,
    SEGMENT_ID,
    TIE_IN_ID,
    UTILITIES_LIST,
    UTILITY,
)
from layers.tables.schema import Table, coded, flag, integer, number, text
from layers.tables.vocabulary import DRAINS_BY, LAID_AS, LATER_WITH, SIDES, TRENCH_KINDS

_LAID_M = number("laid_m", "敷设长度（沿地形）", "length over the terrain", "m")
_RANK = integer("rank", "次序", "rank", "", at_least=1)
_CANDIDATE_ID = text("candidate_id", "候选编号", "candidate id")
_RESERVE_ID = text("reserve_id", "预留编号", "reserve id")
_PIECE = (
    SEGMENT_ID,
    coded("kind", "类别", "kind", TRENCH_KINDS),
    coded("side", "侧", "side", SIDES),
    LENGTH_M,
    _LAID_M,
    coded("laid_as", "敷设方式", "laid as", LAID_AS),
    flag("in_work", "借用计划工程", "opened by a planned work"),
    COST_YUAN,
)
"""Columns of one piece of a way: a run of one kind on one segment, laid in one manner."""

CANDIDATES = Table(
    name="candidates",
    zh="备选接入",
    en="other entries",
    geometry="line",
    key=None,
    columns=(
        APPLICATION_ID,
        _RANK,
        UTILITY,
        TIE_IN_ID,
        text("tapped_pipe_id", "接出管线", "existing line that is tapped"),
        text("differs", "不同之处", "what differs"),
        LENGTH_M,
        _LAID_M,
        integer("crossings", "横穿道路次数", "crossings of roads", ""),
        number("way_yuan", "备选费用（其余不变）", "cost, all else as planned", "元"),
        number(
            "present_yuan", "现方案费用（其余不变）", "the plan's way, all else as planned", "元"
        ),
        number("depth_yuan", "排水埋深差价", "difference of the drain's depth", "元"),
        number("extra_yuan", "增加费用", "extra cost over the plan", "元"),
        coded("drains_by", "排水方式", "drains by", DRAINS_BY),
    ),
)
CANDIDATE_WAYS = Table(
    name="candidate_ways",
    zh="备选接入分段",
    en="pieces of other entries",
    geometry="line",
    key=None,
    columns=(APPLICATION_ID, _RANK, *_PIECE),
)
RESERVES = Table(
    name="reserves",
    zh="预留方案",
    en="reserves",
    geometry="point",
    key="reserve_id",
    columns=(
        _RESERVE_ID,
        PARCEL_ID,
        UTILITIES_LIST,
        text("reserved", "预留管线", "utilities with a reserve"),
        number("probability", "接入概率", "probability of the connection", ""),
        number("years", "预计年限", "years until then", "年"),
        number("discount", "折现系数", "discount factor", ""),
        number("duct_m", "预留管孔长度", "length of ducts", "m"),
        number("alone_yuan", "日后费用（不预留）", "later cost without", "元"),
        number("later_yuan", "日后费用（预留）", "later cost with", "元"),
        number("extra_yuan", "现增费用", "extra cost now", "元"),
        number("saving_yuan", "日后节省", "saving later", "元"),
        number("expected_yuan", "期望净节省（现值）", "expected saving, present value", "元"),
    ),
)
RESERVE_DUCTS = Table(
    name="reserve_ducts",
    zh="预留管孔",
    en="reserve ducts",
    geometry="line",
    key=None,
    columns=(
        _RESERVE_ID,
        PARCEL_ID,
        UTILITY,
        SEGMENT_ID,
        coded("kind", "类别", "kind", TRENCH_KINDS),
        coded("side", "侧", "side", SIDES),
        LENGTH_M,
        _LAID_M,
        number("extra_yuan", "现增费用", "extra cost now", "元"),
    ),
)
RESERVE_WAYS = Table(
    name="reserve_ways",
    zh="预留测算分段",
    en="pieces of later connections",
    geometry="line",
    key=None,
    columns=(
        _RESERVE_ID,
        coded("later_with", "测算情形", "later with", LATER_WITH),
        UTILITY,
        TIE_IN_ID,
        *_PIECE,
    ),
)
SITE_LINES = Table(
    name="site_lines",
    zh="补点引电与光缆",
    en="power and fibre to infill sites",
    geometry="line",
    key=None,
    columns=(
        _CANDIDATE_ID,
        UTILITY,
        TIE_IN_ID,
        text("tapped_pipe_id", "接出管线", "existing line that is tapped"),
        LENGTH_M,
        _LAID_M,
        integer("crossings", "横穿道路次数", "crossings of roads", ""),
        COST_YUAN,
    ),
)
SITE_LINE_WAYS = Table(
    name="site_line_ways",
    zh="补点引电与光缆分段",
    en="pieces of power and fibre to infill sites",
    geometry="line",
    key=None,
    columns=(_CANDIDATE_ID, UTILITY, *_PIECE),
)
