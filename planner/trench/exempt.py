"""Works that dig while their segment is closed, and by what right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from geo.messages import Language, message
from planner.trench.plan import Opening
from planner.trench.problem import Closed, Problem, Work


def exempt_text(
    problem: Problem, opening: Opening, starts: Mapping[int, int], language: Language = "zh"
) -> str:
    """Return the works of an opening that break a closure, with the closure and their right.

    Parameters
    ----------
    problem, opening, starts
        An opening of the plan with these starts.
    language
        Of the sentences, which are separated by semicolons.

    Returns
    -------
    str
        Empty where no closure is broken.

    References
    ----------
    State Council Decree 198 (城市道路管理条例), arts 33, 34.
    """
    sentences = [
        message(
            f"exempt_{'emergency' if work.emergency else 'approved'}",
            language,
            work=work.id,
            closures=_closures(problem, closures, language),
        )
        for work, closures in _breaks(problem, opening, starts)
    ]
    return ("；" if language == "zh" else "; ").join(sentences)


def _breaks(
    problem: Problem, opening: Opening, starts: Mapping[int, int]
) -> Iterator[tuple[Work, tuple[Closed, ...]]]:
    """Yield each work of an opening that is active in a closure, with those closures."""
    closed = problem.segments[opening.segment].closed
    for place in opening.works:
        work = problem.works[place]
        task = work.task_on(opening.segment)
        first = starts[place] + task.lag
        end = first + task.duration
        broken = tuple(shut for shut in closed if shut.first < end and first <= shut.last)
        if broken:
            yield work, broken


def _closures(problem: Problem, closed: tuple[Closed, ...], language: Language) -> str:
    return ("、" if language == "zh" else ", ").join(
        f"{problem.day(shut.first)} ~ {problem.last_day(shut.last + 1)} "
        f"{(shut.detail_zh if language == 'zh' else '') or shut.detail}"
        for shut in closed
    )
