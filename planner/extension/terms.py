"""What the rules say of one connection: permits, deadline, and who pays outside the red line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import Fault
from layers.workdays import Workdays
from planner.extension.demand import Demand
from planner.rules.citation import NOTHING, Citation, Words, joined
from planner.rules.classes import flow
from planner.rules.deadlines import deadline
from planner.rules.payers import outside
from planner.rules.permits import needed, total_working_days
from planner.rules.profile import Profile
from planner.settings import Settings, defaults


@dataclass(frozen=True, slots=True)
class Land:
    """Zones that decide on permits and payers, each as one geometry."""

    green: BaseGeometry
    planned: BaseGeometry
    park: BaseGeometry


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the rules say of one connection, ready for the table.

    `permit_days` are working days until all permits are granted.
    """

    permits: str
    permit_days: int
    deadline_on: date | None
    deadline_source: Words
    payer: Words
    payer_source: Words
    payer_clause: str


def voltage_note(profile: Profile, settings: Settings) -> Fault | None:
    """Return the notice that low voltage reaches further than the documents allow, or None.

    References
    ----------
    004 附件5 二(二): 100 kVA, 160 where conditions allow; elsewhere the same 100 is our reading.
    """
    principle = profile.principles.get("low_voltage_kva")
    most = principle.most if principle else defaults().number("rules.low_voltage_kva")
    given = settings.number("rules.low_voltage_kva")
    if given <= most:
        return None
    facts = {"given": f"{given:g}", "most": f"{most:g}", "profile": profile.name}
    return Fault("extension_low_voltage", facts)


def land(zones: gpd.GeoDataFrame) -> Land:
    """Collect the zones of `layers.tables.ZONES` that the rules ask for."""
    kind = zones["kind"].to_numpy(dtype=object)
    shapes = zones.geometry.to_numpy(dtype=object)

    def united(*kinds: str) -> BaseGeometry:
        whole: BaseGeometry = shapely.union_all(shapes[np.isin(kind, kinds)])
        shapely.prepare(whole)
        return whole

    return Land(
        green=united("green"),
        planned=united("planned_construction"),
        park=united("park", "industrial_park"),
    )


def terms(
    demand: Demand,
    *,
    route: BaseGeometry,
    dug: bool,
    in_carriageway: bool,
    parcel: BaseGeometry,
    zones: Land,
    profile: Profile,
    workdays: Workdays,
    settings: Settings,
) -> Terms:
    """Apply the profile to one connection.

    Parameters
    ----------
    demand
        What is connected.
    route
        Its part outside the red line, empty where there is none.
    dug
        Whether any of it is dug, and not all hangs on poles or lies in a tunnel.
    in_carriageway
        Whether works stand in a carriageway: the route runs along a road or crosses one openly; a
        crossing bored under it opens ground beside the road only.
    parcel
        Polygon of the parcel; its land decides who pays.
    zones
        As `land` returns them.
    profile, workdays, settings
        The rules, the calendar and the bound of low voltage.

    References
    ----------
    001 7, 25; 004 附件4, 附件5 二(二), 三(三); Decree 198, arts 30, 31, 33.
    """
    digs = dug and route.length > 0
    voltage_kv = demand.line.voltage_kv
    procedure = flow(
        profile,
        utility=demand.utility,
        applicant_kind=demand.applicant_kind,
        voltage_kv=voltage_kv,
        diameter_mm=demand.line.diameter_mm,
        pressure_mpa=demand.line.pressure_mpa,
    )
    permits = needed(
        profile,
        utility=demand.utility,
        voltage_kv=voltage_kv,
        length_m=float(route.length),
        opens_surface=digs,
        in_carriageway=digs and in_carriageway,
        in_green=route.length > 0 and bool(zones.green.intersects(route)),
        small_flow=procedure.filing,
    )
    limit = deadline(
        profile,
        utility=demand.utility,
        applicant_kind=demand.applicant_kind,
        service_class=demand.service_class,
        business=demand.business,
        nature=demand.nature,
        load_kva=demand.load_kva,
        dual_source=demand.dual_source,
        accepted_on=demand.accepted_on,
        workdays=workdays,
        low_voltage_kva=settings.number("rules.low_voltage_kva"),
    )
    inside = parcel.representative_point()
    payer = outside(
        profile,
        utility=demand.utility,
        in_planned_land=bool(zones.planned.intersects(inside)),
        applicant_kind=demand.applicant_kind,
        load_kva=demand.load_kva,
        park=bool(zones.park.intersects(inside)),
        low_voltage_kva=settings.number("rules.low_voltage_kva"),
    )
    return Terms(
        permits="；".join(f"{p.zh}（{'假设' if p.assumption else '有据'}）" for p in permits),
        permit_days=total_working_days(permits),
        deadline_on=limit.due_on,
        deadline_source=_basis(
            limit.source, limit.note, average=limit.average, assumed=limit.assumed
        ),
        payer=Words(f"{payer.zh}（假设）", f"{payer.en} (assumed)")
        if payer.assumption
        else Words(payer.zh, payer.en),
        payer_source=_basis(payer.source, payer.note),
        payer_clause=payer.clause,
    )


def _basis(
    source: Citation | None, note: Words, *, average: bool = False, assumed: bool = False
) -> Words:
    """Return a citation with what a reader must know of it."""
    return joined(
        Words(source.text("zh"), source.text("en")) if source else NOTHING,
        Words("平均值", "an average") if average else NOTHING,
        Words("起算日为假设", "counted from an assumed day") if assumed else NOTHING,
        note,
    )
