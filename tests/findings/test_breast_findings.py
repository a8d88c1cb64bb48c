"""Findings of the breast: what they ask of it, and that they grow and stay."""

from __future__ import annotations

import pytest

from fhir2dicom import plugs
from fhir2dicom.findings.breast_cancer import BREAST_CANCER, IN_SITU, diameter_mm
from fhir2dicom.findings.breast_lump import CYSTS, FIBROADENOMA
from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import FindingPlan
from fhir2dicom.seed import Seed

SEED = Seed("root").child("patient", "a").child("finding", "breast-cancer")


def test_a_cancer_grows_with_time_and_with_its_stage():
    days = [diameter_mm(FindingPlan("breast-cancer", 0.25, d, "L"), SEED) for d in (0, 200, 800, 3000)]
    assert days == sorted(days) and days[-1] < 60
    stages = [diameter_mm(FindingPlan("breast-cancer", s, 30, "L"), SEED) for s in (0.05, 0.25, 0.5, 1.0)]
    assert stages == sorted(stages)
    assert 5 < stages[0] < 13 < stages[-1] < 40


def test_a_cancer_is_of_one_side_and_the_same_when_asked_again():
    plan = FindingPlan("breast-cancer", 0.5, 30, "R")
    edits = BREAST_CANCER.grow(plan, SEED)
    assert {e.laterality for e in edits} == {"R"}
    assert edits == BREAST_CANCER.grow(plan, SEED)


def test_some_cancers_have_calcifications_and_some_have_none():
    kinds = {
        tuple(
            e.kind for e in BREAST_CANCER.grow(FindingPlan("breast-cancer", 0.5, 30, "R"), Seed("x").child(k))
        )
        for k in range(20)
    }
    assert kinds == {("breast-mass",), ("breast-mass", "breast-cluster")}


def test_an_old_fibroadenoma_has_calcified():
    young, old = (FIBROADENOMA.grow(FindingPlan("f", 0.5, d, "L"), SEED)[0] for d in (100, 5000))
    assert young.numbers["popcorn"] == 0 < old.numbers["popcorn"]
    assert young.numbers["diameter_mm"] == old.numbers["diameter_mm"]


def test_cysts_are_one_to_five_at_places_of_their_own():
    edits = CYSTS.grow(FindingPlan("c", 0.9, 10, "L"), SEED)
    assert 1 <= len(edits) <= 5
    assert len({(e.numbers["clock"], e.numbers["off"]) for e in edits}) == len(edits)


@pytest.mark.parametrize("code", ["254837009", "122548005", "392021009", "392023007"])
def test_what_synthea_writes_of_breast_cancer_is_known(code):
    assert [f.regions for f in plugs.load(Finding).values() if code in f.snomed] == [("breast",)]


def test_carcinoma_in_situ_is_calcifications_without_a_mass():
    early, late = (IN_SITU.grow(FindingPlan("i", s, 30, "L"), SEED) for s in (0.2, 0.9))
    assert [e.kind for e in (*early, *late)] == ["breast-cluster"] * 2
    assert early[0].numbers["count"] < late[0].numbers["count"]
