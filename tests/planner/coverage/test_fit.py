"""The fit by band and land cover: finds what is planted, and leaves alone what does not help."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from planner.coverage import check_fit
from planner.coverage.clutter import COVERS
from planner.coverage.fit import chosen, correction_of, fitted
from planner.settings import Settings

PLANTED = {
    ("B3", "open"): 4.0, ("B3", "forest"): 11.0, ("B3", "built_up"): -3.0,
    ("B8", "open"): -2.0, ("B8", "forest"): 3.5, ("B8", "built_up"): 6.0,
}  # fmt: skip
SLOPE = {"B3": 6.0, "B8": -4.0}


def medians(
    planted: Mapping[tuple[str, str], float] = PLANTED, *, sites: int = 8, each: int = 60,
    site_db: float = 0.0, seed: int = 1,
) -> pd.DataFrame:  # fmt: skip
    """Return as many medians of each site, band and land cover, 0.1 to 3 km away."""
    chance = np.random.default_rng(seed)
    rows = [
        (f"s{site}", band, cover)
        for site in range(sites)
        for band in SLOPE
        for cover in COVERS
        for _ in range(each)
    ]
    frame = pd.DataFrame(rows, columns=["site", "band", "cover"])
    decades = chance.uniform(-1.0, 0.5, len(frame))
    keys = list(zip(frame["band"], frame["cover"], strict=True))
    level = np.array([planted.get(key, 0.0) for key in keys])
    level += frame["band"].map(SLOPE).to_numpy() * decades
    level += frame["site"].map({f"s{k}": x for k, x in enumerate(chance.normal(0, site_db, sites))})
    return frame.assign(decades=decades, excess_db=level + chance.normal(0.0, 3.0, len(frame)))


def spoilt(points: pd.DataFrame, share: float) -> pd.DataFrame:
    """Return the medians with a share off by 45 dB: half in tunnels, half of a nearer cell."""
    chance = np.random.default_rng(7)
    off = chance.random(len(points)) < share
    sign = np.where(np.arange(len(points)) % 2 == 0, 45.0, -45.0)
    return points.assign(excess_db=points["excess_db"] + off * sign)


def as_checked(points: pd.DataFrame) -> pd.DataFrame:
    return points.rename(columns={"excess_db": "excess"})


def test_offsets_by_band_and_land_cover_are_found_among_a_fifth_of_outliers(
    settings: Settings,
) -> None:
    points = spoilt(medians(each=120), 0.2)
    choice = chosen(points, settings)
    assert choice.terms == "land_cover"
    model = fitted(points, choice.terms, settings)
    for (band, cover), offset in PLANTED.items():
        assert correction_of(model, band, cover)[0] == pytest.approx(offset, abs=0.5)
        assert correction_of(model, band, cover)[1] == pytest.approx(SLOPE[band], abs=1.0)


def test_land_cover_that_lies_further_off_is_not_taken_for_a_slope(settings: Settings) -> None:
    points = medians(each=120)
    forest = points["cover"] == "forest"
    kept = points[forest == (points["decades"] > -0.3)].reset_index(drop=True)
    model = fitted(kept, "land_cover", settings)
    for band, slope in SLOPE.items():
        offset = correction_of(model, band, "forest")[0]
        assert offset == pytest.approx(PLANTED[band, "forest"], abs=0.8)
        assert correction_of(model, band, "")[1] == pytest.approx(slope, abs=2.0)


def thin(points: pd.DataFrame, *, most: int, sites: int) -> pd.DataFrame:
    """Return the medians with at most so many of B8 in built-up land, around so many sites."""
    scarce = (points["band"] == "B8") & (points["cover"] == "built_up")
    near = points["site"].isin([f"s{k}" for k in range(sites)])
    kept = points[scarce & near].groupby("site").head(-(-most // sites)).head(most)
    return pd.concat([points[~scarce], kept]).sort_index().reset_index(drop=True)


@pytest.mark.parametrize(("most", "sites", "own"), [(29, 8, False), (60, 1, False), (60, 2, True)])
def test_land_cover_with_few_points_or_one_site_takes_the_offset_of_its_band(
    settings: Settings, most: int, sites: int, own: bool
) -> None:
    model = fitted(thin(medians(), most=most, sites=sites), "land_cover", settings)
    assert (("B8", "built_up") in model) == own
    assert (correction_of(model, "B8", "built_up") == correction_of(model, "B8", "")) == (not own)
    assert correction_of(model, "B8", "forest") != correction_of(model, "B8", "")


def test_a_band_with_few_points_takes_the_land_cover_of_all(settings: Settings) -> None:
    points = medians()
    few = points[(points["band"] == "B3") | (points.index % 60 == 0)].reset_index(drop=True)
    model = fitted(few, "land_cover", settings)
    assert ("B8", "") not in model
    for cover in COVERS:
        assert correction_of(model, "B8", cover) == model["", cover]
    assert correction_of(model, "B1", "") == model["", ""]


def test_land_cover_that_differs_by_site_only_is_not_used(settings: Settings) -> None:
    # each site lies in one land cover; what seems to be of it is of the site
    points = medians({}, site_db=8.0, sites=9)
    lone = points["cover"] == points["site"].map({f"s{k}": COVERS[k % 3] for k in range(9)})
    one_each = points[lone].reset_index(drop=True)
    fit = fitted(one_each, "land_cover", settings)
    offsets = [correction_of(fit, "B3", cover)[0] for cover in COVERS]
    assert np.ptp(offsets) > 2.0, "the fit itself sees a difference"
    choice = chosen(one_each, settings)
    assert choice.terms != "land_cover"
    assert choice.scores["land_cover"] > choice.scores[choice.terms]


@pytest.mark.parametrize("cover", ["", "open"])
def test_where_no_two_kinds_of_land_cover_are_told_apart_the_fit_is_that_of_the_band(
    settings: Settings, cover: str
) -> None:
    points = medians({}).assign(cover=cover)
    choice = chosen(points, settings)
    assert choice.scores["land_cover"] == choice.scores["slope"]
    assert choice.terms == "slope"
    assert fitted(points, "land_cover", settings) == fitted(points, "slope", settings)


def test_errors_on_unseen_sites_are_those_of_the_chosen_terms(settings: Settings) -> None:
    choice = chosen(medians(site_db=3.0), settings)
    assert choice.unseen_db is not None
    found = float(np.sqrt(np.mean(choice.unseen_db**2)))
    assert found == pytest.approx(choice.scores[choice.terms]) == min(choice.scores.values())


@pytest.mark.parametrize("limit_db", [0.0, 3.0, 15.0])
@pytest.mark.parametrize("terms", check_fit.TERMS)
def test_the_check_finds_the_same_fit_another_way(
    settings: Settings, terms: str, limit_db: float
) -> None:
    strict = settings.with_user({"coverage.calibrate_slope_limit_db": limit_db}, source="test")
    points = thin(spoilt(medians(site_db=2.0), 0.1), most=20, sites=8)
    mine = fitted(points, terms, strict)
    theirs = check_fit.fit(as_checked(points), terms, strict)
    assert set(mine) == set(theirs)
    for key, pair in mine.items():
        assert pair == pytest.approx(theirs[key], abs=0.01)
        assert abs(pair[1]) <= limit_db
        assert check_fit.serving(theirs, *key) == theirs[key]
