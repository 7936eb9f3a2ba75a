"""Bounds know that a terminal draws from one source, and nothing more than that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from planner.extension.joint import raising
from planner.extension.joint.certificate import ENTER, Certificate
from planner.extension.joint.check_bound import bound_milli, replay, structure
from planner.extension.joint.dual import charge_all
from planner.extension.joint.model import Model, Points
from planner.extension.joint.network import net_of
from planner.extension.joint.prove import Proof, prove

Tinies = dict[int, tuple[Model, float]]

DEAR = 1e6
"""Yuan, more than any plan costs."""


def splitting(model: Model) -> Model:
    return replace(model, unsplit=np.zeros(0, dtype=np.bool_))


def proven(model: Model, certificate: Certificate) -> tuple[int, list[str]]:
    """Return what the checker says of a certificate."""
    faults = list(structure(model, certificate))
    if faults:
        return 0, faults
    net, faults = replay(model, certificate, set())
    return (0, faults) if faults else bound_milli(net, certificate)


def points(**amounts: int) -> Points:
    nodes = np.array([int(name[1:]) for name in amounts])
    return Points(nodes, np.array(list(amounts.values()), dtype=float))


def bridge() -> Model:
    """Return a dear edge that a large demand needs one way, and small ones the other."""
    return Model(
        nodes=10,
        u=np.array([0, 0, 0, 0, 0, 1, 1, 1, 1]),
        v=np.array([1, 2, 3, 4, 5, 6, 7, 8, 9]),
        trench_yuan=np.array([100.0] + [1.0] * 8),
        line_yuan=np.array([[50.0] + [1.0] * 8]),
        names=("gas",),
        sources=(points(n2=10, n7=4, n8=4, n9=4),),
        terminals=(points(n6=10, n3=4, n4=4, n5=4),),
        unsplit=np.array([True]),
    )


@pytest.fixture(scope="module")
def proofs(lones: Tinies) -> dict[int, Proof]:
    return {seed: prove(model, cost_yuan=DEAR) for seed, (model, _) in lones.items()}


def test_no_bound_lies_above_the_optimum(lones: Tinies, proofs: dict[int, Proof]) -> None:
    assert len(lones) >= 50
    for seed, (model, optimum) in lones.items():
        assert charge_all(net_of(model)).bound_milli <= 1000 * optimum, seed
        assert proofs[seed].bound_yuan <= optimum + 1e-6, seed


def test_one_source_each_raises_the_bound(lones: Tinies, proofs: dict[int, Proof]) -> None:
    gained = [
        proofs[seed].bound_yuan - prove(splitting(model), cost_yuan=DEAR).bound_yuan
        for seed, (model, _) in lones.items()
    ]
    assert sum(gain > 1.0 for gain in gained) >= 10
    assert sum(gain < -1.0 for gain in gained) <= 2


def test_bounds_exceed_the_cheapest_plan_that_splits(
    lones: Tinies, proofs: dict[int, Proof], optimum_of: Callable[[Model], float]
) -> None:
    dearer = [
        proofs[seed].bound_yuan > optimum_of(splitting(model)) + 1e-6
        for seed, (model, _) in list(lones.items())[:40]
    ]
    assert sum(dearer) >= 4


def test_what_flows_both_ways_pays_once(optimum_of: Callable[[Model], float]) -> None:
    optimum = optimum_of(bridge())
    assert optimum == 166.0
    bound = prove(bridge(), cost_yuan=DEAR, effort=4.0).bound_yuan
    assert bound == pytest.approx(optimum)


def test_the_checker_proves_the_same(lones: Tinies, proofs: dict[int, Proof]) -> None:
    counted = 0
    for seed, (model, _) in lones.items():
        milli, faults = proven(model, proofs[seed].certificate)
        assert not faults, seed
        assert milli / 1000 == proofs[seed].bound_yuan, seed
        counted += bool(proofs[seed].certificate.least.any())
    assert counted >= 15


def test_blocks_prove_no_more_than_the_optimum(
    lones: Tinies, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raising, "MOST_ARCS", 0)
    for seed, (model, optimum) in list(lones.items())[:20]:
        proof = prove(model, cost_yuan=DEAR)
        assert proof.bound_yuan <= optimum + 1e-6, seed
        assert proven(model, proof.certificate) == (round(proof.bound_yuan * 1000), []), seed


def test_least_amounts_where_splitting_is_allowed_are_refused(
    lones: Tinies, proofs: dict[int, Proof]
) -> None:
    for seed, (model, _) in lones.items():
        certificate = proofs[seed].certificate
        if certificate.least.any():
            assert proven(splitting(model), certificate)[1] == [
                "least amounts of utilities that may split"
            ]


@pytest.mark.parametrize("planted", ["raised", "negative", "too few", "of another kind"])
def test_planted_least_amounts_are_found(
    lones: Tinies, proofs: dict[int, Proof], planted: str
) -> None:
    seen = 0
    for seed, (model, _) in lones.items():
        certificate = proofs[seed].certificate
        if not certificate.least.any():
            continue
        row = int(np.where(certificate.least > 0, certificate.weight, 0).argmax())
        seen += 1
        changed = planted_in(certificate, row, planted)
        milli, faults = proven(model, changed)
        assert faults or milli / 1000 < proofs[seed].bound_yuan, seed
    assert seen >= 15


def test_rows_that_say_too_much_of_all_are_found(lones: Tinies, proofs: dict[int, Proof]) -> None:
    found = 0
    for seed, (model, optimum) in lones.items():
        certificate = proofs[seed].certificate
        dropped = replace(certificate, least=np.zeros_like(certificate.least))
        milli, faults = proven(model, dropped)
        assert faults or milli <= 1000 * optimum, seed
        found += bool(faults)
    assert found >= 8


def planted_in(certificate: Certificate, row: int, planted: str) -> Certificate:
    """Return a certificate with one error in what counts for a row."""
    least, kind = certificate.least.copy(), certificate.kind.copy()
    least[row] = {"raised": 1 << 40, "negative": -1}.get(planted, least[row])
    if planted == "of another kind":
        assert kind[row] == ENTER
        kind[row] = ENTER + 1
    if planted == "too few":
        least = least[1:]
    return replace(certificate, least=least, kind=kind)


def test_terminals_at_sources_are_refused() -> None:
    with pytest.raises(ValueError, match="sources of gas"):
        replace(bridge(), terminals=(points(n2=3),))
