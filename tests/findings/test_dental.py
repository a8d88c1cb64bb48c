from __future__ import annotations

import pytest

from fhir2dicom import plugs
from fhir2dicom.anatomy.mouth_edits import CHANGES
from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed

DENTAL = {n: f for n, f in plugs.load(Finding).items() if f.regions == ("mouth", "mandible")}


@pytest.mark.parametrize("name", sorted(DENTAL))
def test_a_dental_finding_asks_for_a_change_that_the_mouth_knows(name: str) -> None:
    (edit,) = DENTAL[name].grow(FindingPlan(name, 0.7, 90.0, "L"), Seed("p"))
    assert isinstance(edit, Edit)
    assert edit.kind in CHANGES
    assert 0 <= edit.amount <= 1
    assert edit.numbers["days"] == 90.0
    assert edit.laterality == "L"


@pytest.mark.parametrize("name", sorted(DENTAL))
def test_a_dental_finding_is_the_same_each_time(name: str) -> None:
    plan = FindingPlan(name, 0.5, 10.0)
    assert DENTAL[name].grow(plan, Seed("p")) == DENTAL[name].grow(plan, Seed("p"))


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("109570002", "dental-caries"),
        ("66383009", "gingivitis"),
        ("18718003", "gum-disease"),
        ("37320007", "tooth-loss"),
        ("196416002", "impacted-molars"),
        ("427898007", "tooth-infection"),
        ("278558000", "filling-lost"),
        ("1255252008", "ridge-resorption"),
        ("65546002", "wisdom-extraction"),
        ("173291009", "tooth-extraction"),
        ("8060009", "tooth-loss"),
    ],
)
def test_what_synthea_says_of_a_mouth_has_a_finding(code: str, name: str) -> None:
    assert [n for n, f in DENTAL.items() if code in f.snomed] == [name]


def test_gingivitis_takes_less_bone_than_gum_disease() -> None:
    amounts = [DENTAL[n].grow(FindingPlan(n, 0.8), Seed("p"))[0] for n in ("gingivitis", "gum-disease")]
    assert isinstance(amounts[0], Edit) and isinstance(amounts[1], Edit)
    assert amounts[0].amount < 0.2 < 0.5 < amounts[1].amount
