"""Every table and every column once: kind, unit, Chinese and English label, aliases, limits.

A file maps itself onto a table when its columns bear the canonical name, the Chinese label or
one of the aliases (the pinyin initials of CJJ 61 tables among them); coded columns translate
their values the same way. Results are tables too, so that a report, a spreadsheet and the
independent check read the same columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Kind = Literal["text", "integer", "number", "date", "flag"]
Geometry = Literal["none", "point", "line", "polygon", "any"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column, wherever it occurs.

    Parameters
    ----------
    name
        Canonical snake_case name, with its unit where it has one.
    kind
        What a cell holds once checked.
    zh, en
        Label for people.
    unit
        Unit as printed.
    aliases
        Other headings under which files carry the column, compared without case.
    required
        Whether the column must be found in a file.
    nullable
        Whether a cell may be empty; a row that breaks this goes to quarantine.
    default
        What an absent column or an empty nullable cell is taken as.
    at_least, at_most
        Closed range of a number.
    values
        For coded text: canonical value to the spellings met in files.
    """

    name: str
    kind: Kind
    zh: str
    en: str
    unit: str = ""
    aliases: tuple[str, ...] = ()
    required: bool = False
    nullable: bool = True
    default: str | float | bool | None = None
    at_least: float | None = None
    at_most: float | None = None
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def needed(self) -> Column:
        """Return this column as one that must be present and filled."""
        return replace(self, required=True, nullable=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table: its columns in order, its key and the geometry of its rows."""

    name: str
    zh: str
    en: str
    geometry: Geometry
    columns: tuple[Column, ...]
    key: str | None = None

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """Canonical column names, in order, without the geometry."""
        return tuple(column.name for column in self.columns)


def _text(name: str, zh: str, en: str, *aliases: str) -> Column:
    return Column(name=name, kind="text", zh=zh, en=en, aliases=aliases)


def _coded(
    name: str, zh: str, en: str, values: Mapping[str, tuple[str, ...]], *aliases: str
) -> Column:
    return Column(name=name, kind="text", zh=zh, en=en, aliases=aliases, values=values)


def _number(
    name: str,
    zh: str,
    en: str,
    unit: str,
    *aliases: str,
    at_least: float | None = None,
    at_most: float | None = None,
) -> Column:
    return Column(
        name=name, kind="number", zh=zh, en=en, unit=unit, aliases=aliases,
        at_least=at_least, at_most=at_most,
    )  # fmt: skip


def _integer(name: str, zh: str, en: str, unit: str, *aliases: str, at_least: float = 0) -> Column:
    return Column(
        name=name, kind="integer", zh=zh, en=en, unit=unit, aliases=aliases, at_least=at_least
    )


def _date(name: str, zh: str, en: str, *aliases: str) -> Column:
    return Column(name=name, kind="date", zh=zh, en=en, aliases=aliases)


def _flag(name: str, zh: str, en: str, *aliases: str) -> Column:
    return Column(name=name, kind="flag", zh=zh, en=en, aliases=aliases, default=False)


UTILITIES: Mapping[str, tuple[str, ...]] = {
    "water": ("给水", "供水", "自来水", "水", "用水", "JS"),
    "drain": ("排水", "雨水", "污水", "雨污合流", "PS", "YS", "WS"),
    "gas": ("燃气", "天然气", "气", "用气", "RQ", "TR"),
    "heat": ("热力", "供热", "暖", "RL", "RS"),
    "power": ("电力", "供电", "电", "用电", "DL", "GD"),
    "telecom": ("通信", "通讯", "电信网络", "讯", "网络", "通讯/网络", "TX", "DX"),
    "tv": ("有线电视", "广电", "视", "DS"),
}
"""Utilities in the order in which reports list them; 003 adds 视 (cable TV)."""

OPERATORS: Mapping[str, tuple[str, ...]] = {
    "cmcc": ("移动", "中国移动"),
    "ctcc": ("电信", "中国电信"),
    "cucc": ("联通", "中国联通"),
    "cbn": ("广电", "中国广电"),
}

ROAD_CLASSES: Mapping[str, tuple[str, ...]] = {
    "expressway": ("快速路", "高速公路", "motorway", "trunk", "motorway_link", "trunk_link"),
    "arterial": ("主干路", "主干道", "primary", "primary_link"),
    "secondary_road": ("次干路", "次干道", "secondary", "secondary_link"),
    "branch": ("支路", "tertiary", "tertiary_link", "unclassified"),
    "lane": ("巷道", "街坊路", "residential", "living_street", "service", "pedestrian"),
    "rural": ("乡村道路", "村道", "乡道", "县道", "track"),
}
SURFACES: Mapping[str, tuple[str, ...]] = {
    "asphalt": ("沥青", "paved"),
    "concrete": ("水泥", "混凝土", "水泥混凝土"),
    "paving": ("铺装", "人行道砖", "块石", "paving_stones", "sett", "cobblestone"),
    "gravel": ("砂石", "碎石", "compacted", "fine_gravel"),
    "earth": ("土路", "unpaved", "ground", "dirt", "grass"),
}
APPLICANTS: Mapping[str, tuple[str, ...]] = {
    "small": ("小微企业", "小型企业", "简易低风险"),
    "large": ("大型企业", "园区", "筹建项目", "新建企业"),
    "resident": ("居民", "低压居民"),
}
BUSINESSES: Mapping[str, tuple[str, ...]] = {
    "new": ("新装",),
    "increase": ("增容",),
    "expand": ("扩容",),
    "temporary_power": ("临时用电",),
    "construction_water": ("施工临时用水",),
    "transfer": ("过户", "更名过户"),
    "suspend": ("暂停恢复",),
    "change_use": ("用水性质变更", "用电性质变更"),
    "close": ("销户",),
}
ZONE_KINDS: Mapping[str, tuple[str, ...]] = {
    "boundary": ("研究范围", "县界", "行政区"),
    "planned_construction": ("规划建设用地", "建设用地范围"),
    "green": ("绿地", "城市绿地"),
    "water_body": ("水域", "河流", "水库"),
    "building": ("建筑", "房屋"),
    "protected": ("保护区", "生态红线", "永久基本农田"),
    "park": ("园区",),
    "utility_tunnel": ("综合管廊", "管廊"),
    "town_centre": ("中心城区",),
    "industrial_park": ("工业园区",),
    "scenic_area": ("重点景区", "景区"),
    "rural_tourism": ("乡村旅游示范点",),
}
KEY_AREAS = ("town_centre", "industrial_park", "scenic_area", "rural_tourism")
"""Zones that 000 二(四) puts first when gaps are closed."""
PLACE_KINDS: Mapping[str, tuple[str, ...]] = {
    "committee": ("村委会", "村民委员会"),
    "settlement": (
        "自然村",
        "村民小组",
        "居民点",
        "hamlet",
        "village",
        "town",
        "isolated_dwelling",
    ),
    "school": ("学校", "村小"),
    "clinic": ("卫生室", "医院"),
}
EVENT_KINDS: Mapping[str, tuple[str, ...]] = {
    "exam": ("考试", "高考", "中考"),
    "holiday": ("节假日", "春节"),
    "tourism": ("旅游旺季",),
    "rain": ("汛期", "雨季"),
    "winter": ("冬季",),
    "other": ("其他",),
}
METHODS: Mapping[str, tuple[str, ...]] = {
    "open_cut": ("开挖", "明挖"),
    "trenchless": ("非开挖", "定向钻", "顶管"),
}
SIDES: Mapping[str, tuple[str, ...]] = {"left": ("左侧",), "right": ("右侧",)}
SUBTYPES: Mapping[str, tuple[str, ...]] = {
    "transmission": ("输水", "输气", "输配", "SS"),
    "distribution": ("配水", "配气", "JP"),
    "service": ("入户", "接户", "庭院"),
    "duct": ("管道", "管块", "保护管"),
    "direct": ("直埋",),
    "rain": ("雨水",),
    "sewage": ("污水",),
}

UTILITY = _coded(
    "utility", "管线种类", "utility", UTILITIES, "GXZL", "管类", "专业", "type"
).needed()
OWNER = _text("owner", "权属单位", "owner", "QSDW", "Belong", "实施单位", "建设单位")
OPERATOR = _coded("operator", "运营商", "operator", OPERATORS, "lte_operator")
SUBTYPE = _coded("subtype", "管线小类", "subtype", SUBTYPES, "XL", "小类")
NAME = _text("name", "名称", "name", "MC", "项目名称")
TOWN = _text("town", "乡镇街道", "town", "XZ", "街道", "乡镇")
DIAMETER_MM = _number(
    "diameter_mm", "管径", "diameter", "mm", "GJ", "GNJ", "PSize", "DN", "口径", at_least=0
)
DEPTH_M = _number(
    "depth_m", "埋深", "cover depth", "m", "QDMS", "start_depth", "S_Deep", at_least=0
)
VOLTAGE_KV = _number("voltage_kv", "电压", "voltage", "kV", "DY", at_least=0)
PRESSURE_MPA = _number("pressure_mpa", "压力", "pressure", "MPa", "YL", at_least=0)
LENGTH_M = _number("length_m", "长度", "length", "m", "CD", at_least=0)
HOUSEHOLDS = _integer("households", "户数", "households", "户")
PEOPLE = _integer("people", "人口", "people", "人", "population")
SEGMENT_ID = _text("segment_id", "路段编号", "segment id", "LDBH")
WORK_ID = _text("work_id", "工程编号", "work id", "GCBH", "项目编号")
PARCEL_ID = _text("parcel_id", "地块编号", "parcel id", "DKBH")
APPLICATION_ID = _text("application_id", "申请编号", "application id", "SQBH", "受理编号")
TIE_IN_ID = _text("tie_in_id", "接入点编号", "tie-in id", "JRDBH")
SITE_ID = _text("site_id", "站址编号", "site id", "eNodeBID", "enodeb_id", "站号")
PLACE_ID = _text("place_id", "地点编号", "place id")
OPENING_ID = _text("opening_id", "开挖编号", "opening id")
ROAD_CLASS = replace(
    _coded("road_class", "道路等级", "road class", ROAD_CLASSES, "DLDJ", "highway"),
    default="branch",
)
WIDTH_M = _number("width_m", "道路红线宽度", "road width", "m", "HXKD", "宽度", at_least=0)
SURFACE = replace(_coded("surface", "路面", "surface", SURFACES, "LMLX"), default="asphalt")
OPENED_ON = _date("opened_on", "建成日期", "opened on", "TCRQ", "通车日期")
OVERHAULED_ON = _date("overhauled_on", "大修日期", "overhauled on", "DXRQ")
DEMAND = _number("demand", "需求量", "demand", "", "用量", at_least=0)
DEMAND_UNIT = _text("demand_unit", "需求单位", "demand unit")
COST_YUAN = _number("cost_yuan", "费用", "cost", "元", at_least=0)
REASON = _text("reason", "原因", "reason")
UTILITIES_LIST = _text("utilities", "参与管线", "utilities")

ROADS = Table(
    name="roads", zh="道路", en="roads", geometry="line", key="road_id",
    columns=(
        _text("road_id", "道路编号", "road id", "DLBH", "osm_id", "FID"),
        NAME, ROAD_CLASS, WIDTH_M, SURFACE, OPENED_ON, OVERHAULED_ON,
        _text("detour_group", "绕行组", "detour group"),
    ),
)  # fmt: skip
SEGMENTS = Table(
    name="segments", zh="路段", en="segments", geometry="line", key="segment_id",
    columns=(
        SEGMENT_ID.needed(), NAME, ROAD_CLASS, WIDTH_M, SURFACE, OPENED_ON, OVERHAULED_ON,
        _text("detour_group", "绕行组", "detour group"), TOWN,
        _text("group_id", "双幅路组", "carriageway group"),
        _integer("from_node", "起点节点", "from node", ""),
        _integer("to_node", "终点节点", "to node", ""),
        LENGTH_M.needed(),
    ),
)  # fmt: skip
PIPES = Table(
    name="pipes", zh="现状管线", en="existing lines", geometry="line", key="pipe_id",
    columns=(
        _text("pipe_id", "管线编号", "line id", "GXBH"), UTILITY, SUBTYPE, DIAMETER_MM, DEPTH_M,
        _text("material", "材质", "material", "CZ"), PRESSURE_MPA, VOLTAGE_KV, OWNER,
        _date("built_on", "建设年代", "built on", "JSND", "buildtime"),
    ),
)  # fmt: skip
TIE_INS = Table(
    name="tie_ins", zh="接入点", en="tie-ins", geometry="point", key="tie_in_id",
    columns=(
        TIE_IN_ID, NAME, UTILITY, OWNER, OPERATOR,
        _number("capacity_left", "剩余容量", "capacity left", "", "余量", at_least=0).needed(),
        _text("capacity_unit", "容量单位", "capacity unit"), VOLTAGE_KV, PRESSURE_MPA, DIAMETER_MM,
    ),
)  # fmt: skip
PARCELS = Table(
    name="parcels", zh="地块", en="parcels", geometry="polygon", key="parcel_id",
    columns=(
        PARCEL_ID, NAME, _text("land_use", "用地性质", "land use", "YDXZ", "landuse"), TOWN,
        _flag("planned", "规划地块", "planned"),
    ),
)  # fmt: skip
APPLICATIONS = Table(
    name="applications", zh="接入申请", en="applications", geometry="none", key="application_id",
    columns=(
        APPLICATION_ID, PARCEL_ID.needed(),
        replace(_coded("applicant_kind", "申请类别", "applicant kind", APPLICANTS), default="large"),
        _text("project_kind", "项目类别", "project kind"), UTILITY,
        replace(_coded("business", "业务类型", "business type", BUSINESSES, "YWLX"), default="new"),
        _text("nature", "用能性质", "nature of use"), OPERATOR,
        _number("load_kva", "报装容量", "load", "kVA", "容量", at_least=0), DEMAND, DEMAND_UNIT,
        DIAMETER_MM, _flag("dual_source", "双电源", "dual source"),
        _date("accepted_on", "受理日期", "accepted on", "SLRQ"),
    ),
)  # fmt: skip
WORKS = Table(
    name="works", zh="计划工程", en="planned works", geometry="line", key="work_id",
    columns=(
        WORK_ID, NAME, UTILITY, SUBTYPE, OWNER.needed(), DIAMETER_MM, VOLTAGE_KV, DEPTH_M,
        _date("earliest", "最早开工", "earliest start", "ZZKG").needed(),
        _date("wanted", "计划开工", "wanted start", "JHKG", "计划开工日期"),
        _date("latest", "最迟完工", "latest finish", "ZCWG", "计划完工日期").needed(),
        _integer("duration_days", "工期", "duration", "天", "GQ", at_least=1),
        replace(_coded("method", "施工方法", "method", METHODS), default="open_cut"),
        _flag("fixed", "已批准", "fixed"), _flag("emergency", "抢修", "emergency"),
        _text("confidence", "可信度", "confidence"),
    ),
)  # fmt: skip
CREWS = Table(
    name="crews",
    zh="施工队",
    en="crews",
    geometry="none",
    key="owner",
    columns=(OWNER.needed(), _integer("crews", "施工队数", "crews at a time", "", "队数").needed()),
)
SITES = Table(
    name="sites", zh="基站站址", en="sites", geometry="point", key="site_id",
    columns=(
        SITE_ID, NAME, _text("site_kind", "站址类型", "kind of site"),
        _number("structure_height_m", "塔高", "structure height", "m", at_least=0),
        _flag("has_power", "有电", "has power"), _flag("has_fibre", "有光缆", "has fibre"),
    ),
)  # fmt: skip
CELLS = Table(
    name="cells", zh="小区工参", en="cells", geometry="none", key="cell_id",
    columns=(
        _text("cell_id", "小区编号", "cell id", "CellID", "ECI"), SITE_ID.needed(),
        OPERATOR.needed(),
        _number("azimuth_deg", "方位角", "azimuth", "°", "方向角", "Azimuth", at_least=0, at_most=360),
        _number("height_m", "挂高", "antenna height", "m", "天线挂高", "站高", "AHeight", at_least=0).needed(),
        _number("tilt_deg", "机械下倾角", "mechanical tilt", "°", "下倾角", "M_DOWNTILT", at_least=-30, at_most=60),
        _number("electrical_tilt_deg", "电子下倾角", "electrical tilt", "°", "E_DOWNTILT", at_least=-30, at_most=60),
        _text("band", "频段", "band", "BAND_TYPE", "频带类型"),
        _number("frequency_mhz", "下行频率", "downlink frequency", "MHz", at_least=30, at_most=6000),
        _integer("earfcn", "频点", "EARFCN", "", "下行频点"),
        _number("bandwidth_mhz", "带宽", "bandwidth", "MHz", at_least=0),
        _number("rs_power_dbm", "参考信号功率", "RS power", "dBm", "RSPOWER", at_least=-60, at_most=60),
        _number("gain_dbi", "天线增益", "antenna gain", "dBi", at_least=-10, at_most=40),
        _number("feeder_loss_db", "馈线损耗", "feeder loss", "dB", at_least=0),
        _number("beamwidth_deg", "水平半功率角", "horizontal beamwidth", "°", "Beamwidth", at_least=0, at_most=360),
        _number("vertical_beamwidth_deg", "垂直半功率角", "vertical beamwidth", "°", "VBeamWidth", at_least=0, at_most=180),
        _flag("indoor", "室内", "indoor", "覆盖类型"),
        _text("state", "开通情况", "state"),
    ),
)  # fmt: skip
PLACES = Table(
    name="places", zh="村落与公共设施", en="places", geometry="point", key="place_id",
    columns=(
        PLACE_ID, NAME, replace(_coded("kind", "类别", "kind", PLACE_KINDS, "place"), default="settlement"),
        _text("village", "行政村", "administrative village"), TOWN, HOUSEHOLDS, PEOPLE,
    ),
)  # fmt: skip
ZONES = Table(
    name="zones", zh="分区", en="zones", geometry="polygon", key="zone_id",
    columns=(
        _text("zone_id", "分区编号", "zone id"), NAME,
        _coded("kind", "类别", "kind", ZONE_KINDS).needed(), TOWN,
    ),
)  # fmt: skip
EVENTS = Table(
    name="events", zh="禁挖时段", en="no-dig periods", geometry="none", key="event_id",
    columns=(
        _text("event_id", "时段编号", "event id"), NAME,
        replace(_coded("kind", "类别", "kind", EVENT_KINDS), default="other"),
        _date("starts_on", "开始日期", "starts on").needed(),
        _date("ends_on", "结束日期", "ends on").needed(),
        replace(TOWN, name="town"),
        _text("road_class", "适用道路等级", "applies to road class"),
    ),
)  # fmt: skip
PRICES = Table(
    name="prices", zh="单价", en="prices", geometry="none", key="key",
    columns=(
        _text("key", "项目", "setting").needed(),
        _number("value", "单价", "value", "").needed(),
        _text("unit", "单位", "unit"), _text("source", "来源", "source"),
    ),
)  # fmt: skip

OPENINGS = Table(
    name="openings", zh="开挖", en="openings", geometry="line", key="opening_id",
    columns=(
        OPENING_ID, SEGMENT_ID, NAME, TOWN, _date("starts_on", "开工", "starts on"),
        _date("ends_on", "完工", "ends on"), _integer("days", "工期", "days open", "天"),
        UTILITIES_LIST, _text("owners", "实施单位", "owners"),
        _integer("works", "工程数", "works", ""), _flag("joint", "联合开挖", "joint"),
        _number("dug_m", "开挖长度", "dug length", "m"), _number("width_m", "沟槽总宽", "trench width", "m"),
        _number("volume_m3", "土方", "volume", "m³"), _number("area_m2", "路面恢复", "surface", "m²"),
        COST_YUAN, _number("separate_yuan", "分别实施费用", "cost if separate", "元"),
        _text("permits", "许可", "permits"),
    ),
)  # fmt: skip
PARTICIPANTS = Table(
    name="participants", zh="参与工程", en="participants", geometry="none", key=None,
    columns=(
        OPENING_ID, WORK_ID, UTILITY, OWNER, SEGMENT_ID,
        _number("from_m", "起", "from", "m"), _number("to_m", "止", "to", "m"),
        _coded("side", "侧", "side", SIDES), _date("starts_on", "开工", "starts on"),
        _date("ends_on", "完工", "ends on"), _number("share_yuan", "分摊费用", "cost share", "元"),
    ),
)  # fmt: skip
REOPENINGS = Table(
    name="reopenings", zh="重复开挖", en="re-openings", geometry="none", key=None,
    columns=(
        SEGMENT_ID, _text("first_opening", "先次开挖", "first opening"),
        _text("second_opening", "后次开挖", "second opening"),
        _text("rule", "规则", "rule"), REASON, _text("facts", "依据", "facts"),
    ),
)  # fmt: skip
UNPLACED = Table(
    name="unplaced",
    zh="未能排期的工程",
    en="works not placed",
    geometry="none",
    key="work_id",
    columns=(WORK_ID, UTILITY, OWNER, _text("rule", "规则", "rule"), REASON),
)
STARTS = Table(
    name="starts",
    zh="开工安排",
    en="starts of works",
    geometry="none",
    key="work_id",
    columns=(WORK_ID, _integer("period", "时段", "period", "")),
)
CONNECTIONS = Table(
    name="connections", zh="接入路由", en="connections", geometry="line", key="application_id",
    columns=(
        APPLICATION_ID, PARCEL_ID, UTILITY, OPERATOR, _text("service_class", "等级", "class"),
        TIE_IN_ID, DEMAND, DEMAND_UNIT, LENGTH_M,
        _number("outside_m", "红线外长度", "outside the red line", "m"),
        _number("inside_m", "红线内长度", "inside the red line", "m"),
        _number("shared_m", "共沟长度", "in shared trench", "m"),
        _number("in_works_m", "借用计划工程沟长度", "in trenches of planned works", "m"),
        COST_YUAN, _number("separate_yuan", "单独实施费用", "cost if alone", "元"),
        _text("payer", "红线外费用承担", "payer outside the red line"),
        _text("payer_source", "承担依据", "source"),
        _text("permits", "许可", "permits"), _date("deadline_on", "办结时限", "deadline"),
        _text("deadline_source", "时限依据", "source of the deadline"),
    ),
)  # fmt: skip
TRENCHES = Table(
    name="trenches", zh="接入沟槽", en="extension trenches", geometry="line", key="trench_id",
    columns=(
        _text("trench_id", "沟槽编号", "trench id"), SEGMENT_ID, UTILITIES_LIST,
        _text("applications", "申请", "applications"), LENGTH_M, COST_YUAN,
        _flag("in_work", "借用计划工程", "opened by a planned work"),
    ),
)  # fmt: skip
UNREACHABLE = Table(
    name="unreachable",
    zh="无法接入",
    en="unreachable",
    geometry="point",
    key="application_id",
    columns=(APPLICATION_ID, PARCEL_ID, UTILITY, _text("rule", "规则", "rule"), REASON),
)
GAPS = Table(
    name="gaps", zh="盲区", en="gaps", geometry="polygon", key="gap_id",
    columns=(
        _text("gap_id", "盲区编号", "gap id"), _text("operator", "运营商", "operator"),
        _integer("rank", "优先序", "rank", ""), _number("area_km2", "面积", "area", "km²"),
        PEOPLE, HOUSEHOLDS, _integer("places", "村落数", "places", ""),
        _number("road_km", "道路", "road length", "km"), _text("key_area", "重点区域", "key area"),
    ),
)  # fmt: skip
VILLAGES = Table(
    name="villages", zh="行政村 4G 判定", en="village test", geometry="point", key="village",
    columns=(
        _text("village", "行政村", "administrative village"), TOWN,
        _text("operator", "运营商", "operator"), _flag("covered", "达标", "covered"),
        _number("nearest_site_km", "最近站址", "nearest site", "km"),
        _integer("places", "判定点数", "places tested", ""),
        _integer("places_covered", "有信号点数", "places with signal", ""), REASON,
    ),
)  # fmt: skip
INFILL = Table(
    name="infill", zh="补点", en="infill sites", geometry="point", key="candidate_id",
    columns=(
        _text("candidate_id", "候选编号", "candidate id"), _text("operator", "运营商", "operator"),
        _integer("rank", "次序", "rank", ""), _text("site_kind", "站址类型", "kind of site"),
        _number("height_m", "挂高", "antenna height", "m"),
        _integer("people_gained", "新增覆盖人口", "people gained", "人"),
        _number("area_gained_km2", "新增覆盖面积", "area gained", "km²"),
    ),
)  # fmt: skip
QUARANTINE = Table(
    name="quarantine", zh="隔离记录", en="quarantine", geometry="none", key=None,
    columns=(
        _text("layer", "图层", "layer"), _text("file", "文件", "file"), _text("row", "行", "row"),
        _text("column", "列", "column"), _text("code", "代码", "code"),
        _text("reason_zh", "原因与处理", "reason (Chinese)"),
        _text("reason_en", "原因（英文）", "reason and remedy"),
    ),
)  # fmt: skip

INPUTS = (
    ROADS, PIPES, TIE_INS, PARCELS, APPLICATIONS, WORKS, CREWS, SITES, CELLS, PLACES, ZONES,
    EVENTS, PRICES,
)  # fmt: skip
RESULTS = (
    SEGMENTS, OPENINGS, PARTICIPANTS, REOPENINGS, UNPLACED, STARTS, CONNECTIONS, TRENCHES,
    UNREACHABLE, GAPS, VILLAGES, INFILL,
)  # fmt: skip
BY_NAME: Mapping[str, Table] = {table.name: table for table in (*INPUTS, *RESULTS, QUARANTINE)}
