"""Columns that more than one table carries, declared once."""

from __future__ import annotations

from dataclasses import replace

from layers.tables.schema import coded, date, integer, number, text
from layers.tables.vocabulary import OPERATORS, ROAD_CLASSES, SUBTYPES, SURFACES, UTILITIES

UTILITY = coded(
    "utility", "管线种类", "utility", UTILITIES, "GXZL", "管类", "专业", "type"
).needed()
OWNER = text("owner", "权属单位", "owner", "QSDW", "Belong", "实施单位", "建设单位")
OPERATOR = coded("operator", "运营商", "operator", OPERATORS, "lte_operator")
SUBTYPE = coded("subtype", "管线小类", "subtype", SUBTYPES, "XL", "小类")
NAME = text("name", "名称", "name", "MC", "项目名称")
TOWN = text("town", "乡镇街道", "town", "XZ", "街道", "乡镇")
DIAMETER_MM = number(
    "diameter_mm", "管径", "diameter", "mm", "GJ", "GNJ", "PSize", "DN", "口径",
    at_least=0, at_most=10_000,
)  # fmt: skip
DEPTH_M = number(
    "depth_m", "埋深", "cover depth", "m", "QDMS", "start_depth", "S_Deep", at_least=0, at_most=100,
)  # fmt: skip
VOLTAGE_KV = number("voltage_kv", "电压", "voltage", "kV", "DY", at_least=0)
PRESSURE_MPA = number("pressure_mpa", "压力", "pressure", "MPa", "YL", at_least=0)
LENGTH_M = number("length_m", "长度", "length", "m", "CD", at_least=0)
HOUSEHOLDS = integer("households", "户数", "households", "户")
PEOPLE = integer("people", "人口", "people", "人", "population")
SEGMENT_ID = text("segment_id", "路段编号", "segment id", "LDBH")
WORK_ID = text("work_id", "工程编号", "work id", "GCBH", "项目编号")
PARCEL_ID = text("parcel_id", "地块编号", "parcel id", "DKBH")
APPLICATION_ID = text("application_id", "申请编号", "application id", "SQBH", "受理编号")
TIE_IN_ID = text("tie_in_id", "接入点编号", "tie-in id", "JRDBH")
SITE_ID = text("site_id", "站址编号", "site id", "eNodeBID", "enodeb_id", "站号")
EARFCN = integer("earfcn", "频点", "EARFCN", "", "下行频点", "DL EARFCN")
PCI = replace(
    integer("pci", "物理小区标识", "physical cell id", "", "PCI", "PhyCellId"), at_most=503
)
PLACE_ID = text("place_id", "地点编号", "place id")
OPENING_ID = text("opening_id", "开挖编号", "opening id")
ROAD_CLASS = replace(
    coded("road_class", "道路等级", "road class", ROAD_CLASSES, "DLDJ", "highway"),
    default="branch",
)
WIDTH_M = number(
    "width_m", "道路红线宽度", "road width", "m", "HXKD", "宽度", at_least=0, at_most=500,
)  # fmt: skip
CARRIAGEWAY_M = number(
    "carriageway_m", "车行道宽", "carriageway width, kerb to kerb", "m", "CXDK", "车行道宽度",
    "路缘石间距", at_least=0, at_most=500,
)  # fmt: skip
TREE_OFFSET_M = number(
    "tree_offset_m", "行道树距中线", "rows of trees, from the centre line", "m", "SJZX",
    "行道树距", at_least=0, at_most=250,
)  # fmt: skip
SURFACE = replace(coded("surface", "路面", "surface", SURFACES, "LMLX"), default="asphalt")
OPENED_ON = date("opened_on", "建成日期", "opened on", "TCRQ", "通车日期")
OVERHAULED_ON = date("overhauled_on", "大修日期", "overhauled on", "DXRQ")
DEMAND = number("demand", "需求量", "demand", "", "用量", at_least=0)
DEMAND_UNIT = text("demand_unit", "需求单位", "demand unit")
COST_YUAN = number("cost_yuan", "费用", "cost", "元", at_least=0)
RULE = text("rule", "规则", "rule")
REASON = text("reason", "原因", "reason")
FACTS = text("facts", "依据", "facts")
UTILITIES_LIST = text("utilities", "参与管线", "utilities")
