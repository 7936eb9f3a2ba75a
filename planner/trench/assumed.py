"""Which prices of an opening the user gave, and which are still assumptions."""

from __future__ import annotations

from planner.settings import Settings, defaults

_ROOMS = ("trench.", "section.")
_LUMP_SUMS = frozenset({"trench.setup_yuan"})


def price_keys() -> tuple[str, ...]:
    """Return the names of all settings that price an opening or a start, sorted.

    They are the set-up, and those of the trench plan and its cross-section whose unit is yuan by
    something: sums in plain yuan are thresholds. A price added to ``planner/defaults.toml`` is
    among them without a word here.
    """
    priced = (value for value in defaults() if value.name.startswith(_ROOMS))
    found = {value.name for value in priced if value.unit.startswith("yuan/")}
    return tuple(sorted(found | _LUMP_SUMS))


def prices_assumed(settings: Settings) -> tuple[str, ...]:
    """Return the names of the prices that the user did not give, sorted.

    Empty where every price is the user's, so that yuan need no label 「假设单价」.

    Examples
    --------
    >>> from planner.settings import defaults
    >>> "trench.setup_yuan" in prices_assumed(defaults())
    True
    >>> user = defaults().with_user({"trench.setup_yuan": 15000.0}, source="单价.csv")
    >>> "trench.setup_yuan" in prices_assumed(user)
    False
    """
    return tuple(key for key in price_keys() if settings[key].confidence != "user")
