"""Coded values: the canonical word and the spellings met in files."""

from __future__ import annotations

from collections.abc import Mapping

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
    "forest": ("林地", "森林", "乔木林地", "wood"),
    "built_up": ("建成区", "居民地", "residential"),
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
DECISION_KINDS: Mapping[str, tuple[str, ...]] = {
    "conflict": ("冲突",),
    "opportunity": ("合并机会",),
    "junction": ("路口相邻",),
}
MEASURES: Mapping[str, tuple[str, ...]] = {"length": ("长度",), "cost": ("费用",)}
SCENARIOS: Mapping[str, tuple[str, ...]] = {"duration": ("工期延长",), "owner": ("单位退出",)}
REPLAN_MODES: Mapping[str, tuple[str, ...]] = {
    "kept": ("日期不变",),
    "replanned": ("重新排期",),
}
TRENCH_KINDS: Mapping[str, tuple[str, ...]] = {
    "street": ("沿路",),
    "crossing": ("开挖横穿",),
    "boring": ("顶管横穿",),
    "lead_in": ("引入段",),
    "stub": ("接出段",),
    "tap": ("干管开口",),
    "touch": ("紧邻接入点",),
    "pole": ("杆线",),
    "tunnel": ("综合管廊",),
    "shaft": ("管廊引出",),
}
"""Ways of an extension's line: dug, bored, hung or laid in a tunnel."""
LAID_AS: Mapping[str, tuple[str, ...]] = {
    "new_trench": ("新开挖",),
    "open_trench": ("同沟增设",),
    "own_line": ("已有同类线路",),
    "in_duct": ("预留管孔内",),
}
"""How a piece of a way that the plan does not take would be laid."""
LATER_WITH: Mapping[str, tuple[str, ...]] = {
    "nothing": ("不预留",),
    "reserve": ("预留",),
}
DRAINS_BY: Mapping[str, tuple[str, ...]] = {
    "gravity": ("自流",),
    "pumped": ("提升",),
}
SITE_KINDS: Mapping[str, tuple[str, ...]] = {
    "existing": ("现有站加挂",),
    "planned": ("规划站址",),
    "pole": ("杆上",),
    "roof": ("屋顶",),
    "top": ("山头新建",),
    "ridge": ("山脊新建",),
    "ground": ("路边新建",),
    "wifi": ("室外 Wi-Fi",),
}
"""Where an infill site stands."""
SUBTYPES: Mapping[str, tuple[str, ...]] = {
    "transmission": ("输水", "输气", "输配", "SS"),
    "distribution": ("配水", "配气", "JP"),
    "service": ("入户", "接户", "庭院"),
    "duct": ("管道", "管块", "保护管"),
    "direct": ("直埋",),
    "overhead": ("架空", "杆路", "架空线"),
    "rain": ("雨水",),
    "sewage": ("污水",),
}
