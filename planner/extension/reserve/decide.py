"""Which ducts are kept: those whose saving later, by chance and discount, exceeds their cost now.

Parcels are looked at one after another. What each would cost later is found twice, without any
reserve and with ducts kept wherever that is cheaper in the plan's trenches; all lines of a parcel
come together, and where a pipe must open the road anyway a duct saves little. The parcels before
count as come: a saving that several bring about is counted for the first alone, so that the sum
is a careful one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from planner.extension.reserve.expected import Event
from planner.extension.reserve.later import Later
from planner.extension.reserve.laying import Laid, Layer, World
from planner.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """Ducts kept for one parcel.

    Parameters
    ----------
    event
        The parcel, its chance and what it would need.
    alone, later
        Its later lines without any reserve and with it.
    discount
        Present value of a yuan at that time.
    """

    event: Event
    alone: Laid
    later: Laid
    discount: float

    @property
    def extra_yuan(self) -> float:
        """What the ducts cost now."""
        return self.later.kept_yuan

    @property
    def saving_yuan(self) -> float:
        """What they save once the parcel comes."""
        return self.alone.yuan - self.later.yuan

    @property
    def expected_yuan(self) -> float:
        """Present value of what they save, by chance, less what they cost."""
        return self.event.probability * self.discount * self.saving_yuan - self.extra_yuan


def decide(later: Later, settings: Settings) -> tuple[Reserve, ...]:
    """Return the reserves that pay.

    Parameters
    ----------
    later
        What the plan leaves, and who comes later.
    settings
        ``extension.reserve_years``, ``reserve_discount`` and ``reserve_least_yuan``.
    """
    rate, years = (settings.number(f"extension.reserve_{n}") for n in ("discount", "years"))
    discount = (1 + rate) ** -years
    least_yuan = settings.number("extension.reserve_least_yuan")
    return tuple(_paying(later, discount, least_yuan))


def _paying(later: Later, discount: float, least_yuan: float) -> Iterator[Reserve]:
    layer = Layer(later)
    none = np.zeros_like(later.lined)
    without = World(later.lined, none, later.left)
    reserved = without
    for event, every in later.events:
        demands = [d for d in every if layer.lay([d], without) and layer.lay([d], reserved)]
        found = _compared(layer, event, demands, (without, reserved), discount)
        if found is not None and found.expected_yuan > least_yuan:
            yield found
            without, reserved = (
                layer.after(without, found.alone),
                layer.after(reserved, found.later),
            )


def _compared(
    layer: Layer,
    event: Event,
    demands: list[int],
    worlds: tuple[World, World],
    discount: float,
) -> Reserve | None:
    """Return one parcel's later lines without and with ducts; None where no duct is kept.

    Without ducts the parcel takes the ways it has with them, if these are the cheaper.
    """
    without, reserved = worlds
    with_ducts = layer.lay(demands, reserved, chance=event.probability * discount)
    if with_ducts is None or not with_ducts.kept.any():
        return None
    found = (layer.lay(demands, without), layer.lay(demands, without, ways=with_ducts.routes))
    alone = min((laid for laid in found if laid), key=lambda laid: laid.yuan)
    return Reserve(event=event, alone=alone, later=with_ducts, discount=discount)
