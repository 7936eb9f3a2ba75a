"""Names of the sample county: made up, in the manner of south-east Chongqing."""

from __future__ import annotations

import numpy as np

COUNTY = "示例县"
SEAT = "凤鸣街道"
RIVER = "清溪江"
TRUNK_ROAD = "国道G319"

ALONG = (
    "滨江路", "建设路", "人民路", "解放路", "芙蓉路", "文教路", "环城路", "仙女路", "龙山路",
    "凤凰路", "学府路", "山城路",
)  # fmt: skip
ACROSS = (
    "红豆街", "柑园街", "茶山路", "桥头街", "南门街", "石梯巷", "桂花街", "银杏路", "府前路",
    "西门街", "新市街", "竹园巷", "玉龙路", "白杨街", "和平路", "翠屏路", "体育路", "车站路",
    "青年路", "百果街", "盐井巷", "水塔巷", "朝阳路", "文昌路", "东门街", "望江巷",
)  # fmt: skip

_FIRST = "青白石双龙凤羊火黄沙长平云高庙仙大桐芦桃杨柏梨茶木铁金银万三"
_LAST = "坪溪坝岩垭河桥滩塘湾岭沟场坡池泉洞子口田"
_FAMILIES = "张李王刘陈杨冉田向谭罗黄周吴蒋郑唐何谢肖"
_HAMLETS = ("湾", "坝", "院子", "大屋", "沟", "岩", "坡", "老房子", "堡", "田坝", "槽", "梁子")


def towns(count: int, rng: np.random.Generator) -> list[str]:
    """Return distinct names of townships (镇 and 乡)."""
    ending = ["镇" if rng.random() < 0.6 else "乡" for _ in range(count)]
    return [stem + end for stem, end in zip(_stems(count, rng), ending, strict=True)]


def villages(count: int, rng: np.random.Generator) -> list[str]:
    """Return distinct names of administrative villages."""
    return [f"{stem}村" for stem in _stems(count, rng)]


def hamlet(rng: np.random.Generator) -> str:
    """Return the name of a settlement, after a family and the lie of the land."""
    family = _FAMILIES[int(rng.integers(len(_FAMILIES)))]
    place = _HAMLETS[int(rng.integers(len(_HAMLETS)))]
    return f"{family}家{place}"


def _stems(count: int, rng: np.random.Generator) -> list[str]:
    every = [first + last for first in _FIRST for last in _LAST]
    chosen = [every[i] for i in rng.permutation(len(every))[:count]]
    if len(chosen) < count:
        msg = f"only {len(every)} names of places can be formed, {count} are asked for"
        raise AssertionError(msg)
    return chosen
