"""What every plan costs at least, where a plan is known already."""

from __future__ import annotations

from dataclasses import dataclass

from planner.extension.joint.certificate import Certificate
from planner.extension.joint.dual import charge_all
from planner.extension.joint.model import PARTS, Model, parts
from planner.extension.joint.network import net_of
from planner.extension.joint.reduce import reduced
from planner.extension.joint.solve import certificate_of


@dataclass(frozen=True, slots=True)
class Proof:
    """A lower bound and what proves it."""

    bound_yuan: float
    certificate: Certificate
