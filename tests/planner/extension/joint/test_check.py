"""Every planted error is found, by the rule that it breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from planner.extension.joint.certificate import ENTER, Certificate, load, save
from planner.extension.joint.check import check
from planner.extension.joint.model import Model
from planner.extension.joint.network import net_of
from planner.extension.joint.reduce import reduced
from planner.extension.joint.solve import Joint, solve

Tinies = dict[int, tuple[Model, float]]
Planted = Callable[[Joint], Joint]


@pytest.fixture(scope="module")
def solved(tinies: Tinies) -> tuple[Model, Joint]:
    """The costliest instance with several utilities that can be reduced, solved."""
    many = [
        pair
        for pair in tinies.values()
        if len(pair[0].names) > 1 and reduced(net_of(pair[0])).trace.size
    ]
    model = max(many, key=lambda pair: pair[1])[0]
    return model, solve(model, effort=0.1)


def changed(joint: Joint, **arrays: np.ndarray) -> Joint:
    """Return a design with another certificate."""
    return replace(joint, certificate=replace(joint.certificate, **arrays))


def raised(values: np.ndarray, amount: int) -> np.ndarray:
    """Return a copy whose largest value is raised."""
    copy = values.copy()
    copy.flat[int(copy.argmax())] += amount
    return copy


def without_an_edge(joint: Joint) -> Joint:
    used = joint.used.copy()
    used[tuple(np.argwhere(used)[0])] = False
    return replace(joint, used=used)


def heaviest_row(certificate: Certificate) -> int:
    return int(np.where(certificate.kind == ENTER, certificate.weight, -1).argmax())


def a_set_of_everything(joint: Joint) -> Joint:
    """Let the heaviest row speak of a set that lacks nothing: all nodes."""
    certificate = joint.certificate
    row = heaviest_row(certificate)
    begin, end = certificate.set_ptr[row], certificate.set_ptr[row + 1]
    nodes = np.arange(20)
    ptr = certificate.set_ptr.copy()
    ptr[row + 1 :] += nodes.size - (end - begin)
    parts = [certificate.set_nodes[:begin], nodes, certificate.set_nodes[end:]]
    return changed(joint, set_ptr=ptr, set_nodes=np.concatenate(parts))


PLANTED: dict[str, tuple[str, Planted]] = {
    "a missing edge": ("capacity", without_an_edge),
    "a wrong cost": ("cost", lambda one: replace(one, cost_yuan=one.cost_yuan + 1.0)),
    "a bound above the cost": ("bound", lambda one: replace(one, bound_yuan=one.cost_yuan + 1.0)),
    "a bound below its proof": ("bound", lambda one: replace(one, bound_yuan=0.0)),
    "a proof overstated": (
        "bound",
        lambda one: replace(one, certified_yuan=one.certified_yuan + 1.0),
    ),
    "optimal without proof": ("status", lambda one: replace(one, bound_yuan=one.bound_yuan - 1.0)),
    "infeasible with nobody left out": ("status", lambda one: replace(one, status="infeasible")),
    "plan of another size": ("edges", lambda one: replace(one, used=one.used[:, 1:])),
    "a set that lacks nothing": ("certificate", a_set_of_everything),
    "weights below 0": (
        "certificate",
        lambda one: changed(one, weight=-one.certificate.weight - 1),
    ),
    "steps below 0": ("certificate", lambda one: changed(one, step=one.certificate.step - 1)),
    "steps of another count": (
        "certificate",
        lambda one: changed(one, step=one.certificate.step[1:]),
    ),
    "a step left out": (
        "certificate",
        lambda one: changed(one, trace=one.certificate.trace[:0], edges=one.certificate.edges),
    ),
    "edges that are not left": (
        "certificate",
        lambda one: changed(one, edges=one.certificate.edges + 1),
    ),
    "a utility that does not exist": (
        "certificate",
        lambda one: changed(one, utility=one.certificate.utility + 9),
    ),
    "a heavier row": (
        "bound",
        lambda one: changed(one, weight=raised(one.certificate.weight, -5_000)),
    ),
    "trench given twice": (
        "bound",
        lambda one: changed(one, share=raised(one.certificate.share, 50_000_000)),
    ),
}


def test_a_sound_design_passes(solved: tuple[Model, Joint]) -> None:
    model, joint = solved
    verdicts = check(model, joint)
    assert verdicts.passed > 8
    assert not verdicts.failures


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_error_is_found(solved: tuple[Model, Joint], name: str) -> None:
    model, joint = solved
    rule, plant = PLANTED[name]
    assert rule in {failure.rule for failure in check(model, plant(joint)).failures}


def test_more_weight_never_proves_more_than_the_optimum(solved: tuple[Model, Joint]) -> None:
    model, joint = solved
    heavier = changed(joint, weight=raised(joint.certificate.weight, 5_000_000))
    failures = check(model, heavier).failures
    assert {failure.rule for failure in failures} <= {"bound"}


def test_a_certificate_comes_back_from_its_file(
    solved: tuple[Model, Joint], tmp_path: Path
) -> None:
    model, joint = solved
    save(joint.certificate, tmp_path / "duals.npz")
    again = replace(joint, certificate=load(tmp_path / "duals.npz"))
    assert not check(model, again).failures


def test_files_that_are_no_certificates_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not exist"):
        load(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("no", encoding="utf-8")
    with pytest.raises(ValueError, match="cannot be read"):
        load(tmp_path / "text.npz")
    np.savez(tmp_path / "other.npz", trace=np.zeros(3))
    with pytest.raises(ValueError, match="cannot be read"):
        load(tmp_path / "other.npz")
