from __future__ import annotations

import numpy as np
import pytest

from fhir2dicom.anatomy.chest import CHEST
from fhir2dicom.anatomy.tissues import LABEL
from fhir2dicom.findings.lung_mass import LOBES, diameter_mm, lung_mass
from fhir2dicom.model import FindingPlan, Person
from fhir2dicom.seed import Seed

MAN = Person("man", "M", 67.0, 1.75, 74.0)


def plan(severity: float = 0.5, days: float = 0.0, side: str = "") -> FindingPlan:
    return FindingPlan("lung-mass", severity, days, side)  # type: ignore[arg-type]


def seed(n: int) -> Seed:
    return Seed("s").child("patient", n, "finding", "lung-mass")


@pytest.mark.parametrize("n", range(8))
def test_the_mass_is_at_the_same_place_in_every_study(n: int) -> None:
    early, late = lung_mass(plan(), seed(n))[0], lung_mass(plan(days=700.0), seed(n))[0]
    assert early.center_mm == late.center_mm
    assert early.key == late.key


@pytest.mark.parametrize("n", range(6))
@pytest.mark.parametrize("severity", [0.1, 0.25, 0.5, 0.75])
def test_the_label_has_the_volume_that_was_asked_for(n: int, severity: float) -> None:
    shapes = lung_mass(plan(severity), seed(n))
    asked = np.pi / 6 * diameter_mm(plan(severity), seed(n)) ** 3
    labels = CHEST.build(MAN, Seed("s").child("patient", n), shapes).volume().labels
    assert (labels == LABEL["tumour"]).sum() == pytest.approx(asked, rel=0.1)


@pytest.mark.parametrize("side", ["L", "R"])
def test_the_record_decides_the_side(side: str) -> None:
    for n in range(10):
        x = lung_mass(plan(side=side), seed(n))[0].center_mm[0]
        assert x > 0 if side == "L" else x < 0


def test_the_mass_grows_with_stage_and_with_time() -> None:
    sizes = [diameter_mm(p, seed(1)) for p in (plan(0.1), plan(0.25), plan(0.5), plan(0.5, 400.0), plan(1.0))]
    assert sizes == sorted(sizes)
    assert sizes[0] < 17
    assert sizes[-1] > 45


def test_every_lobe_gets_some() -> None:
    centres = {tuple(lung_mass(plan(), seed(n))[0].center_mm) for n in range(200)}
    near = {
        min(
            LOBES, key=lambda lobe: min(sum((a - b) ** 2 for a, b in zip(c, p, strict=True)) for p in lobe[3])
        )[0]
        for c in centres
    }
    assert near == {lobe[0] for lobe in LOBES}
