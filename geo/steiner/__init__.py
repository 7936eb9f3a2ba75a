"""Steiner trees in graphs: the cheapest edges that connect given nodes, with a proven bound."""

from geo.steiner.find import SteinerTree, solve

__all__ = ["SteinerTree", "solve"]
