"""From a siting problem to a choice with its bound."""

from __future__ import annotations

from dataclasses import dataclass

from planner.coverage.siting import bound, certificate, greedy, swap
from planner.coverage.siting.certificate import Certificate
from planner.coverage.siting.problem import Problem


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Choice:
    """Chosen sites with what they are worth and what no choice exceeds, in units of weight.

    Parameters
    ----------
    sites
        Candidates in the order in which to build them: what gains most for its size comes first.
    value, bound
        ``value <= best possible <= bound``.
    greedy_value
        Worth of the greedy choice, for comparison.
    certificate
        What proves the bound, see `planner.coverage.siting.certificate.bound`.
    """

    sites: tuple[int, ...]
    value: int
    bound: int
    greedy_value: int
    certificate: Certificate

    @property
    def gap(self) -> float | None:
        """Share of the bound that may be missing; None where the bound is 0 and nothing to gain."""
        return 1.0 - self.value / self.bound if self.bound > 0 else None


def solve(problem: Problem, *, swap_steps: int, bound_steps: int) -> Choice:
    """Choose sites and prove how far the choice can be from the best.

    Parameters
    ----------
    swap_steps
        Changes that may be made although they do not improve, see `planner.coverage.siting.swap`.
    bound_steps
        Steps of the primal-dual method, see `planner.coverage.siting.bound`.
    """
    first = greedy.choose(problem)
    chosen = swap.improve(problem, first, steps=swap_steps)
    proof = bound.prove(problem, chosen, steps=bound_steps)
    return Choice(
        sites=greedy.ordered(problem, chosen),
        value=problem.value(chosen),
        bound=certificate.bound(proof),
        greedy_value=problem.value(first),
        certificate=proof,
    )
