"""Check how the cost of an opening is shared, and who would rather leave it.

What each group would pay alone is found anew. Shapley values come from dividends (Harsanyi 1963):
what a group saves or adds beyond all smaller groups within it is split evenly among its parties.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from math import isnan

from geo.messages import message
from planner.checking import Failure
from planner.trench.check.ground import dig
from planner.trench.check.groups import group_values
from planner.trench.check.openings import Seat, Use, text
from planner.trench.check.plan import Verdicts, verdict
from planner.trench.problem import Problem
from planner.trench.records import Row

FEN_YUAN = 0.01
SLACK_YUAN = 1e-4
"""More than floating point can be off."""
Group = tuple[str, ...]
Uses = tuple[Use, ...]
Stretch = tuple[str, str, float, float]
"""Work, side, from and to: what one row of the participants digs."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What an opening costs and what each group of parties would pay without the others.

    Parameters
    ----------
    parties
        Works of each party, by its name, in order of their first work.
    values
        Yuan of each group short of all parties, in that order, and of single parties; only of
        these where `whole` is false.
    cost_yuan
        Of the opening.
    whole
        Whether every group has been looked at.
    """

    parties: Mapping[str, Uses]
    values: Mapping[Group, float]
    cost_yuan: float
    whole: bool


def check_shares(
    problem: Problem, taken: Seat, part: Sequence[Row], *, cost_yuan: float
) -> Verdicts:
    """Yield tests of the shares of an opening's participants and of who would rather leave.

    Parameters
    ----------
    problem
        What was asked.
    taken
        The opening.
    part
        Its rows of the participants' table.
    cost_yuan
        What it costs, counted anew.
    """
    bill = bill_of(problem, taken, cost_yuan)
    alone = {name: bill.values[name,] for name in bill.parties}
    by_cost = _proportional(alone, cost_yuan)
    by_order = _shapley(bill) if bill.whole else by_cost
    columns = {"share_yuan": by_cost, "share_shapley_yuan": by_order, "alone_yuan": alone}
    for column, paid in columns.items():
        yield from _column(problem, taken, bill, part, column, paid)
    yield from _grievances(problem, taken, bill, by_cost, by_order)


def bill_of(problem: Problem, taken: Seat, cost_yuan: float) -> Bill:
    """Return what an opening costs, and each group of its parties without the others."""
    parties: dict[str, list[Use]] = {}
    for use in taken.uses:
        parties.setdefault(use[0].owner or use[0].id, []).append(use)
    named = {name: tuple(uses) for name, uses in parties.items()}
    most_works = problem.settings.count("trench.sharing_most_works")
    whole = len(named) <= problem.settings.count("trench.sharing_most_parties")
    whole = whole and len(taken.uses) <= most_works
    values: dict[Group, float] = {
        (name,): _alone_yuan(problem, taken.segment, uses) for name, uses in named.items()
    }
    if whole:
        uses = [use[:2] for use in taken.uses]
        least = group_values(problem, taken.segment, uses)
        bits = {name: sum(1 << taken.uses.index(use) for use in named[name]) for name in named}
        sizes = range(2, len(named))
        groups = chain.from_iterable(combinations(named, size) for size in sizes)
        values |= {group: least[sum(bits[name] for name in group)] for group in groups}
    return Bill(named, values, cost_yuan, whole)


def _alone_yuan(problem: Problem, segment: int, uses: Uses) -> float:
    """Return what a party pays alone; each work for itself where it has too many of them."""
    each = [(work, task) for work, task, _ in uses]
    if len(uses) <= problem.settings.count("trench.sharing_most_works"):
        return group_values(problem, segment, each)[-1]
    return sum(_for_itself(problem, segment, use) for use in uses)


def _for_itself(problem: Problem, segment: int, use: Use) -> float:
    work, task, _ = use
    place, dug = problem.segments[segment], dig(problem, segment, [(work, task)])
    return place.opening_yuan + place.open_period_yuan * task.duration + dug.trench_yuan


def _proportional(alone: Mapping[str, float], whole: float) -> dict[str, float]:
    total = sum(alone.values())
    if total == 0.0:
        return {name: whole / len(alone) for name in alone}
    return {name: whole * yuan / total for name, yuan in alone.items()}


def _shapley(bill: Bill) -> dict[str, float]:
    values = {**bill.values, tuple(bill.parties): bill.cost_yuan}
    dividends: dict[Group, float] = {}
    for group in sorted(values, key=len):
        within = (some for size in range(1, len(group)) for some in combinations(group, size))
        dividends[group] = values[group] - sum(dividends[some] for some in within)
    return {
        name: sum(yuan / len(group) for group, yuan in dividends.items() if name in group)
        for name in bill.parties
    }


def _column(
    problem: Problem,
    taken: Seat,
    bill: Bill,
    part: Sequence[Row],
    column: str,
    paid: Mapping[str, float],
) -> Verdicts:
    """Each row pays by the work's cost alone and the metres it digs; a fen may be left over."""
    due: dict[Stretch, float] = {}
    for name, uses in bill.parties.items():
        alone = {use[0].id: _for_itself(problem, taken.segment, use) for use in uses}
        for work, yuan in _proportional(alone, paid[name]).items():
            (task,) = (task for item, task, _ in uses if item.id == work)
            for piece in task.stretches:
                key = (work, piece.side, round(piece.from_m, 3), round(piece.to_m, 3))
                due[key] = yuan * piece.length_m / task.dug_m
    rows: dict[Stretch, float] = {
        (str(r["work_id"]), str(r["side"]), round(r["from_m"], 3), round(r["to_m"], 3)): float(
            r[column]
        )
        for r in part
    }
    wrong = [key for key in due if not abs(rows.get(key, float("nan")) - due[key]) < FEN_YUAN]
    told = [f"{key[0]}: {rows.get(key)}, expected {due[key]:.2f}" for key in wrong[:3]]
    yield verdict(column, taken.name, "; ".join(told), held=not wrong)
    yield _sum(taken, column, sum(rows.values()), sum(due.values()))


def _sum(taken: Seat, column: str, found: float, due: float) -> tuple[bool, Failure]:
    detail = f"rows add up to {found:.2f}, expected {due:.2f}"
    return verdict(column, taken.name, detail, held=abs(found - due) <= FEN_YUAN / 2 + SLACK_YUAN)


def _grievances(
    problem: Problem,
    taken: Seat,
    bill: Bill,
    by_cost: Mapping[str, float],
    by_order: Mapping[str, float],
) -> Verdicts:
    """Name what the worst group overpays, and a group that overpays as much."""
    named, found = text(taken.row["unstable_group"]), {}
    for column, shares in {"excess_yuan": by_cost, "excess_shapley_yuan": by_order}.items():
        stated = float(taken.row[column])
        if not bill.whole:
            yield verdict(column, taken.name, f"{stated}, not tested", held=isnan(stated))
            continue
        found[column] = _excess(bill, shares)
        worst = max(found[column].values(), default=0.0)
        due = worst if worst >= FEN_YUAN else 0.0
        held = abs(stated - due) < FEN_YUAN
        yield verdict(column, taken.name, f"found {stated:.2f}, expected {due:.2f}", held=held)
    if not bill.whole:
        limits = {
            n: problem.settings.count(f"trench.sharing_most_{n}") for n in ("parties", "works")
        }
        held = named == message("sharing_untested", "zh", **limits)
    else:
        excess = {"、".join(group): yuan for group, yuan in found["excess_yuan"].items()}
        worst = max(excess.values(), default=0.0)
        aggrieved = excess.get(named, 0.0)
        held = named in excess if named else worst < FEN_YUAN + SLACK_YUAN
        held = held and aggrieved > worst - FEN_YUAN - SLACK_YUAN
        held = held and (not named or worst > FEN_YUAN - SLACK_YUAN)
    yield verdict("unstable_group", taken.name, f"{named!r} overpays not most", held=held)


def _excess(bill: Bill, shares: Mapping[str, float]) -> dict[Group, float]:
    """Return what each group but the whole pays above its cheapest openings alone."""
    return {
        group: sum(shares[name] for name in group) - yuan
        for group, yuan in bill.values.items()
        if len(group) < len(bill.parties)
    }
