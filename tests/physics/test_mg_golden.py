"""Pixels of mammograms, held to the byte: a change of them that nobody meant is noticed here.

After a change that is meant, write the new hashes and say in the commit why they changed:

    python tests/physics/test_mg_golden.py
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest

from fhir2dicom.anatomy.breast import BREAST
from fhir2dicom.model import Edit, InstancePlan, Person, Protocol, Shot
from fhir2dicom.physics.mg import MG
from fhir2dicom.seed import Seed

GOLDEN = Path(__file__).with_name("golden_mg.json")
MASS = Edit("breast-mass", "breast", "L", key=5, numbers={"diameter_mm": 16.0})
CASES = {
    "young cc": (Person("young", "F", 41.0, 1.68, 60.0), "CC", "L", (), {}),
    "old mlo": (Person("old", "F", 82.0, 1.58, 70.0), "MLO", "R", (), {}),
    "mass mlo": (Person("mass", "F", 63.0, 1.65, 98.0), "MLO", "L", (MASS,), {}),
    "raw cc": (Person("young", "F", 41.0, 1.68, 60.0), "CC", "R", (), {"for_processing": 1.0}),
}


def digest(case: str) -> str:
    person, view, side, grown, settings = CASES[case]
    body = BREAST.build(person, Seed("golden").child("patient", person.key), grown)
    protocol = Protocol("MG", "MG", "breast", 4096, 3328, view=view, settings=settings)
    shot = Shot(protocol, side, 1, (InstancePlan("1.2.3", 1),))
    return hashlib.blake2b(
        MG.acquire(body, shot, Seed("noise")).render(0).tobytes(), digest_size=16
    ).hexdigest()


@pytest.mark.parametrize("case", CASES)
def test_a_mammogram_has_the_pixels_it_had(case: str) -> None:
    assert digest(case) == json.loads(GOLDEN.read_text())[case]


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps({case: digest(case) for case in CASES}, indent=1) + "\n")
    sys.stdout.write(GOLDEN.read_text())
