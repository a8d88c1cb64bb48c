"""Findings of jaw, skull, spine and ribs: where, which side, how bad; the same every time."""

from __future__ import annotations

import pytest

from fhir2dicom.findings.jaw_dislocation import JAW_DISLOCATION
from fhir2dicom.findings.mandible_fracture import MANDIBLE_FRACTURE, SHARES
from fhir2dicom.findings.rib_fracture import FIRST, LAST, RIB_FRACTURE
from fhir2dicom.findings.skull_fracture import SKULL_FRACTURE
from fhir2dicom.findings.vertebral_fracture import LEVELS, VERTEBRAL_FRACTURE
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed

ALL = (MANDIBLE_FRACTURE, JAW_DISLOCATION, RIB_FRACTURE, SKULL_FRACTURE, VERTEBRAL_FRACTURE)


def edits(
    finding: object, seed: int, severity: float = 0.5, days: float = 0.0, side: str = "R"
) -> tuple[Edit, ...]:
    plan = FindingPlan("x", severity, days, side)  # type: ignore[arg-type]
    grown = finding.grow(plan, Seed("findings", (str(seed),)))  # type: ignore[attr-defined]
    assert all(isinstance(e, Edit) for e in grown)
    return tuple(grown)


@pytest.mark.parametrize("finding", ALL, ids=lambda f: str(f.name))
def test_the_same_plan_and_seed_give_the_same_edits(finding: object) -> None:
    assert edits(finding, 3) == edits(finding, 3)


def test_a_light_blow_breaks_the_jaw_once_and_a_heavy_one_on_the_other_side_as_well() -> None:
    assert {len(edits(MANDIBLE_FRACTURE, k, 0.4)) for k in range(20)} == {1}
    for k in range(20):
        first, second = edits(MANDIBLE_FRACTURE, k, 0.9, side="L")
        assert (first.laterality, second.laterality) == ("L", "R")
        assert second.amount < first.amount


def test_jaws_break_at_the_places_and_about_as_often_as_the_table_says() -> None:
    found = [edits(MANDIBLE_FRACTURE, k)[0].part.removeprefix("mandible_") for k in range(400)]
    for place, share in SHARES:
        assert found.count(place) / 400 == pytest.approx(share, abs=0.08)


@pytest.mark.parametrize("severity", [0.1, 0.5, 1.0])
def test_broken_ribs_are_neighbours_on_one_side(severity: float) -> None:
    for k in range(30):
        made = edits(RIB_FRACTURE, k, severity, side="L")
        numbers = [int(e.part.split("_")[1]) for e in made]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert numbers[0] >= FIRST
        assert numbers[-1] <= LAST
        assert {e.part[-1] for e in made} == {"l"}
        assert all(0.2 < e.numbers["along"] < 0.76 for e in made)


def test_a_rib_heals_in_months() -> None:
    assert [edits(RIB_FRACTURE, 1, 0.5, d)[0].numbers["healed"] for d in (0.0, 60.0, 365.0)] == [
        0.0,
        pytest.approx(0.394, abs=0.01),
        1.0,
    ]


def test_a_worse_vertebra_has_lost_more_height() -> None:
    mild, bad = (edits(VERTEBRAL_FRACTURE, 5, s)[0] for s in (0.1, 1.0))
    assert mild.part == bad.part
    assert mild.part.removeprefix("vertebra_") in dict(LEVELS)
    assert 0.15 < mild.numbers["loss"] < 0.3 < bad.numbers["loss"] < 0.6
