"""What a metre of trench costs: surface, excavation, backfill and support of the walls."""

from __future__ import annotations

from dataclasses import dataclass

from planner.settings import Settings


@dataclass(frozen=True, slots=True)
class Prices:
    """Unit prices of earthwork, all of them the user's or plain assumptions.

    Parameters
    ----------
    surface_yuan_m2
        Breaking and reinstating the surface.
    excavation_yuan_m3
        Digging and carting.
    backfill_yuan_m3
        Bedding, backfill and compaction, taken on the whole excavated volume.
    support_yuan_m2
        Shoring, for each square metre of wall.
    """

    surface_yuan_m2: float
    excavation_yuan_m3: float
    backfill_yuan_m3: float
    support_yuan_m2: float

    def cost_yuan_per_m(self, *, surface_m: float, volume_m2: float, support_m: float) -> float:
        """Price one metre of trench.

        Parameters
        ----------
        surface_m
            Width of surface to be reinstated.
        volume_m2
            Excavated cross-section, in m³ for each metre.
        support_m
            Height of supported wall, all walls added.
        """
        earth_yuan_m3 = self.excavation_yuan_m3 + self.backfill_yuan_m3
        return (
            surface_m * self.surface_yuan_m2
            + volume_m2 * earth_yuan_m3
            + support_m * self.support_yuan_m2
        )


def prices(surface: str, settings: Settings) -> Prices:
    """Return the unit prices for a road with this surface.

    Parameters
    ----------
    surface
        Key of `layers.tables.SURFACES`.
    settings
        Settings ``section.surface_<surface>_yuan_m2`` and the three earthwork prices.

    Raises
    ------
    KeyError
        If the surface is none of `layers.tables.SURFACES`.
    """
    return Prices(
        surface_yuan_m2=settings.number(f"section.surface_{surface}_yuan_m2"),
        excavation_yuan_m3=settings.number("section.excavation_yuan_m3"),
        backfill_yuan_m3=settings.number("section.backfill_yuan_m3"),
        support_yuan_m2=settings.number("section.support_yuan_m2"),
    )
