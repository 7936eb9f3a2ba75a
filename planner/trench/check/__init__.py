"""Prove a plan anew, from the problem and the written tables alone."""

from planner.trench.check.whole import check

__all__ = ["check"]
