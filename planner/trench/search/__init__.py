"""The best joint plan that can be found, and how far from the best possible it can be at most."""

from planner.trench.search.find import Found, search

__all__ = ["Found", "search"]
