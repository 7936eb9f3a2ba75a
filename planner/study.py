"""The whole run: layers in; trench plan, coverage gaps and routes to the red lines out.

The three topics do not know one another. They meet here and hand over plain tables: the stretches
that planned works open become cheap ways for the routes, and the routes become works of the
trench plan.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace

import geopandas as gpd
import pandas as pd

from geo.errors import Fault, InputError
from layers import assemble, derive
from layers.county import County
from layers.sample import make as sample
from planner import ground
from planner.approved import with_approved
from planner.checking import Checks
from planner.coverage import run as coverage_run
from planner.coverage import valid as coverage_settings
from planner.coverage.calibrate import notices as notices_of_calibration
from planner.coverage.tiles import Crew
from planner.extension import run as extension_run
from planner.extension.sitelines import SiteLines
from planner.openingpermits import permits_of
from planner.proof import prove
from planner.rules import profile as profiles
from planner.settings import Settings, defaults
from planner.siteways import SiteWays
from planner.studyfile import Study
from planner.trench import run as trench_run
from planner.trench.build import Built
from planner.trench.notices import notices

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What the topics decided on one county's segments.

    `coverage` is None where the study has no cells or no terrain; `site_lines` lead to the
    candidates of its infill.
    """

    segments: gpd.GeoDataFrame
    trench: trench_run.TrenchResult
    extension: extension_run.ExtensionResult
    coverage: coverage_run.CoverageResult | None
    site_lines: SiteLines

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every result table by its name in `layers.tables`."""
        tables = {
            "segments": self.segments,
            "openings": self.trench.openings,
            "participants": self.trench.participants,
            "reopenings": self.trench.reopenings,
            "unplaced": self.trench.unplaced,
            "starts": self.trench.starts,
            **self.trench.lists,
            "connections": self.extension.connections,
            "trenches": self.extension.trenches,
            "unreachable": self.extension.unreachable,
            "drains": self.extension.drains,
            "drain_levels": self.extension.drain_levels,
            **self.extension.options,
            "extension_works": self.extension.works,
        }
        if self.coverage is not None:
            tables |= {
                "gaps": self.coverage.gaps,
                "gaps_after": self.coverage.after.gaps,
                "villages": self.coverage.villages,
                "infill": self.coverage.infill,
                **self.site_lines.tables(),
                "calibration": self.coverage.calibration,
                "measured_gaps": self.coverage.measured_gaps,
            }
        return tables

    def figures(self) -> dict[str, Mapping[str, object]]:
        """Return the topics' objects of ``result.json``."""
        return {
            "trench": self.trench.figures,
            "extension": self.extension.figures,
            "coverage": self.coverage.figures if self.coverage else coverage_run.NOT_COMPUTED,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyResult(Decided):
    """Everything a run decided, and what it decided from.

    `notes` is what a reader must know beside the figures: made-up keys, assumed demands, what
    was not computed and why.
    """

    study: Study
    county: County
    settings: Settings
    profile: profiles.Profile
    notes: tuple[Fault, ...]
    checks: Checks
    seconds: float

    def summary(self) -> dict[str, object]:
        """Return the content of ``result.json``."""
        return {
            "name": self.study.name,
            "profile": self.study.profile,
            "crs": self.county.crs.to_string(),
            "generated": sorted(self.county.generated),
            "inputs": [asdict(source) for source in self.county.inputs],
            **{topic: dict(figures) for topic, figures in self.figures().items()},
            "notes": [note.text("zh") for note in self.notes],
            "checks": {
                "passed": self.checks.passed,
                "failed": self.checks.failed,
                "failures": [asdict(failure) for failure in self.checks.failures],
            },
            "seconds": round(self.seconds, 3),
        }


def run(study: Study, *, crew: Crew | None = None, progress: Progress | None = None) -> StudyResult:
    """Run a study from its files to its result.

    Parameters
    ----------
    study
        What to plan; see `planner.studyfile.load`.
    crew
        Works off the signal in tiles; see `planner.coverage.crews`.
    progress
        Called with a message and the share done, 0 to 1.

    Raises
    ------
    InputError
        If a file, a setting or a layer as a whole cannot be used; single bad rows go to
        ``county.quarantine`` instead.
    """
    began = time.perf_counter()
    tell = progress or (lambda _message, _share: None)
    profile = profiles.load(study.profile)
    settings = defaults().with_user(study.settings, source="study.toml")
    county = county_of(study, settings, progress=_part(tell, 0.0, 0.2))
    settings = with_prices(settings, county)
    coverage_settings.require(settings)  # before the long part, not after it
    tell("路段 / segments", 0.2)
    onto = ground.segments_of(county, settings)
    works = county["works"]
    opened = ground.opened_by(works, ground.place(works, onto, settings), onto)
    extension = extension_run.solve(
        county,
        onto,
        settings,
        profile,
        start=study.start,
        open_segments=opened,
        progress=_part(tell, 0.25, 0.45),
    )
    built = ground.trench_problem(
        county, onto, extension.works, settings, start=study.start, days=study.days
    )
    trench = trench_run.solve(
        built, profile=profile, permits=permits_of(profile), progress=_part(tell, 0.45, 0.6)
    )
    site_ways = SiteWays(county, onto, settings, open_segments=opened)
    coverage = coverage_run.solve(
        county, settings, prices=site_ways, crew=crew, progress=_part(tell, 0.6, 0.85)
    )
    tell("核验 / checks", 0.85)
    decided = Decided(
        segments=onto,
        trench=trench,
        extension=extension,
        coverage=coverage,
        site_lines=site_ways.lines,
    )
    checks = prove(
        county,
        decided.tables(),
        decided.figures(),
        settings,
        profile=profile,
        certificate=trench.certificate,
        routing_certificate=extension.certificate,
        siting=coverage.evidence if coverage else {},
        permits=permits_of(profile),
        start=study.start,
        days=study.days,
    )
    seconds = time.perf_counter() - began
    return StudyResult(
        study=study,
        county=county,
        settings=settings,
        profile=profile,
        segments=onto,
        trench=trench,
        extension=extension,
        coverage=coverage,
        site_lines=site_ways.lines,
        notes=(
            *county.notices,
            *extension.notes,
            *_notes(county, settings, built, trench),
            *(notices_of_calibration(coverage.figures["calibration"]) if coverage else ()),
        ),
        checks=checks,
        seconds=seconds,
    )


def _notes(
    county: County, settings: Settings, built: Built, trench: trench_run.TrenchResult
) -> Iterator[Fault]:
    for name in ("roads", "works", "applications"):
        if county[name].empty:
            yield Fault("study_without", layer=name)
    yield from _empty_places(county["places"])
    yield from coverage_run.notes(county, settings)
    if built.unknown_towns:
        towns = ", ".join(built.unknown_towns)
        yield Fault("event_town_unknown", {"towns": towns}, layer="events", column="town")
    yield from built.notices
    yield from notices(trench.problem, trench.plan)


def _empty_places(places: pd.DataFrame) -> Iterator[Fault]:
    homes = places[places["kind"] == "settlement"]
    silent = homes.loc[homes["people"].isna() & homes["households"].isna(), "place_id"]
    if len(silent):
        rows = tuple(silent.astype(str).head(5))
        yield Fault("places_without_people", layer="places", rows=rows, count=len(silent))


def county_of(study: Study, settings: Settings, *, progress: Progress | None = None) -> County:
    """Read the study's layers, derive and generate what it asks for, add the approved plan.

    Raises
    ------
    InputError
        See `layers.assemble.county`, `layers.derive.complete`, `layers.sample.make.complete` and
        `planner.approved.with_approved`.
    """
    county = assemble.county(
        study.name,
        study.sources,
        base=study.base,
        area_margin_m=settings.number("study.area_margin_m"),
        terrain=study.terrain,
        terrain_kind=study.terrain_kind,
        crs=study.crs,
        credits=study.credits,
        progress=progress,
    )
    if study.terrain_generated:
        county = replace(county, generated=county.generated | {"terrain"})
    county = derive.complete(county, study.derive, accepted_on=study.start)
    county = sample.complete(county, study.generate, seed=study.seed)
    return with_approved(county, study.approved, base=study.base) if study.approved else county


def with_prices(settings: Settings, county: County) -> Settings:
    """Return the settings with the values of the county's ``prices`` layer.

    Raises
    ------
    InputError
        If a price is not the name of a numeric setting.
    """
    prices = county["prices"]
    overrides = dict(zip(prices["key"], prices["value"].astype(float), strict=True))
    files = ", ".join(source.path for source in county.inputs if source.layer == "prices")
    try:
        return settings.with_user(overrides, source=files or "prices")
    except InputError as error:
        raise InputError(
            replace(fault, layer="prices", column="key", rows=(str(fault.facts["name"]),), count=1)
            for fault in error.faults
        ) from error


def _part(tell: Progress, low: float, high: float) -> Progress:
    """Return a progress that fills the share from `low` to `high` of the whole."""
    return lambda message, share: tell(message, low + (high - low) * share)
