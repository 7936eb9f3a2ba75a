"""Parcels of the sample county that apply for connection, in town and in the villages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely import LineString, Polygon, STRtree, affinity

from layers.sample.buildings import Used
from layers.sample.frames import Record
from layers.sample.grid import Floats
from layers.sample.sites import Village
from layers.sample.terrain import Ground
from layers.sample.water import river_width_m

_PROJECTS = {
    "vacant": (
        "锦绣江岸", "山水华庭", "凤鸣新城", "桂花苑", "滨江一号", "翠屏雅居", "清溪里", "龙山府",
        "江语城", "云栖谷", "学府花园", "安置房小区", "康养中心", "县人民医院新院区", "体育中心",
        "第二实验小学", "汽车客运站", "农贸市场", "游客集散中心", "文化馆",
    ),
    "industrial": (
        "榨菜加工厂", "页岩气装备厂", "中药材加工园", "新型建材厂", "冷链物流园", "茶叶精制厂",
        "电子配件厂", "竹木制品厂", "食品产业园", "数据机房", "包装材料厂", "农机装配厂",
    ),
    "rural": (
        "民宿集群", "生态茶园", "高山蔬菜基地", "养殖场", "乡村旅游接待站", "文旅驿站",
        "水厂扩建", "光伏升压站", "易地安置点", "粮油加工坊",
    ),
}  # fmt: skip


def parcels(
    land: Sequence[Used],
    villages: Sequence[Village],
    ways: Sequence[LineString],
    ground: Ground,
    count: int,
    rng: np.random.Generator,
) -> list[Record]:
    """Return the parcels that apply for connection: vacant plots, and some in the villages.

    One rural parcel in four lies away from any road, so that a route to it cannot be had.
    """
    wet = ground.river.buffer(river_width_m(ground) / 2.0 + 5.0)
    land_free = ground.boundary.difference(wet)
    rural = max(3, count // 6)
    vacant = [used for used in land if used.use == "vacant"]
    chosen = [vacant[i] for i in sorted(rng.permutation(len(vacant))[: count - rural])]
    rows: list[Record] = []
    for used in chosen:
        kind = "industrial" if used.plot.industrial else "vacant"
        use = "工业用地" if kind == "industrial" else "居住用地"
        rows.append(_parcel(kind, len(rows), use, used.plot.town, used.plot.area))
    shapes = [used.plot.area for used in land]
    streets = np.array(ways, dtype=object)
    for i in range(rural):
        remote = i % 4 == 2
        for _ in range(60):
            village = villages[int(rng.integers(len(villages)))]
            area = _rural_plot(village.xy, ways, 340.0 if remote else 9.0, rng)
            off = float(shapely.distance(area, streets).min())
            apart = all(area.distance(shape) > 10.0 for shape in shapes)
            if land_free.contains(area) and apart and (off > 210.0 if remote else 2.5 < off < 60.0):
                shapes.append(area)
                rows.append(_parcel("rural", i, "农村建设用地", village.town, area))
                break
    return [{"parcel_id": f"DK{i:03d}", **row} for i, row in enumerate(rows, 1)]


def _parcel(kind: str, number: int, use: str, town: str, area: Polygon) -> Record:
    pool = _PROJECTS[kind]
    again = number // len(pool)
    name = pool[number % len(pool)] + (f"（{again + 1}期）" if again else "")
    return {"name": name, "land_use": use, "town": town, "planned": True, "geometry": area}


def _rural_plot(
    xy: Floats, ways: Sequence[LineString], off_m: float, rng: np.random.Generator
) -> Polygon:
    """Return a rectangle beside the road nearest to a village, `off_m` away from its centre."""
    way = ways[int(STRtree(ways).nearest(shapely.Point(xy)))]
    station = float(way.project(shapely.Point(xy))) + float(rng.uniform(-220.0, 220.0))
    station = float(np.clip(station, 0.0, way.length))
    here, ahead = way.interpolate(station), way.interpolate(min(station + 8.0, way.length))
    behind = way.interpolate(max(station - 8.0, 0.0))
    angle = float(np.arctan2(ahead.y - behind.y, ahead.x - behind.x))
    depth = float(rng.uniform(30.0, 55.0))
    width = float(rng.uniform(45.0, 80.0))
    box = shapely.box(-width / 2, off_m, width / 2, off_m + depth)
    turned = affinity.rotate(box, angle, origin=(0.0, 0.0), use_radians=True)
    return shapely.set_precision(affinity.translate(turned, here.x, here.y), 0.01)
