"""Which permits an opening of the trench plan needs under a jurisdiction's profile."""

from __future__ import annotations

from math import nan

from planner.rules.entries import Order
from planner.rules.permits import Permit, needed
from planner.rules.profile import Profile
from planner.trench.frames import Permits
from planner.trench.plan import Opening
from planner.trench.problem import Problem, Work

_ORDER: tuple[Order, ...] = ("first", "parallel", "after")


def permits_of(profile: Profile) -> Permits:
    """Return the function that names an opening's permits, see `of_opening`.

    Parameters
    ----------
    profile
        Jurisdiction whose permits count.
    """

    def named(problem: Problem, opening: Opening) -> str:
        found = of_opening(profile, problem, opening)
        return "；".join(f"{p.zh}（{'假设' if p.assumption else '有据'}）" for p in found)

    return named


def of_opening(profile: Profile, problem: Problem, opening: Opening) -> tuple[Permit, ...]:
    """Return an opening's permits, each once, in the order of granting.

    An opening lies in a road: it opens the surface and stands in the carriageway. The length that
    decides on the planning permit is the work's whole length in metres, not its part in the
    opening. A permit that the documents demand of one work and that is only assumed of another
    counts as demanded (有据).

    Parameters
    ----------
    profile
        Jurisdiction whose permits count.
    problem, opening
        One opening of a plan.
    """
    found: dict[str, Permit] = {}
    for number in opening.works:
        for permit in _permits(profile, problem.works[number]):
            known = found.get(permit.code)
            if known is None or known.assumption:
                found[permit.code] = permit
    return tuple(sorted(found.values(), key=lambda permit: _ORDER.index(permit.order)))


def _permits(profile: Profile, work: Work) -> tuple[Permit, ...]:
    return needed(
        profile,
        utility=work.utility,
        voltage_kv=work.line.voltage_kv if work.line is not None else nan,
        length_m=sum(task.dug_m for task in work.tasks),
        opens_surface=True,
        in_carriageway=True,
        in_green=False,
        small_flow=False,
    )
