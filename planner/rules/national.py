"""What holds in every county: the Regulations on Urban Roads (城市道路管理条例, Decree 198)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

from planner.rules.citation import Citation, Words
from planner.rules.entries import PermitRule
from planner.rules.profile import permit_rule


@dataclass(frozen=True, slots=True)
class National:
    """Articles of Decree 198, by number, and the permits that follow from them.

    `summaries` says each article in short; `articles` cites it. Working days of the permits are
    not from the decree but those of 004 附件5 三(三).
    """

    articles: Mapping[str, Citation]
    summaries: Mapping[str, Words]
    permits: tuple[PermitRule, ...]


@cache
def national() -> National:
    """Read ``planner/rules/national.toml``."""
    path = resources.files("planner.rules").joinpath("national.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    document = table["documents"]["198"]
    articles = {
        number: Citation(
            document["title"], document["number"], f"第{number}条", row.get("quote", "")
        )
        for number, row in table["articles"].items()
    }
    summaries = {number: Words(row["zh"], row["en"]) for number, row in table["articles"].items()}
    permits = (permit_rule(row, articles.get(row.get("article", ""))) for row in table["permits"])
    return National(MappingProxyType(articles), MappingProxyType(summaries), tuple(permits))
