"""Pixels of CT, held to the byte: a change of them that nobody meant is noticed here.

After a change that is meant, write the new hashes and say in the commit why they changed:

    python tests/physics/test_ct_golden.py
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest

from fhir2dicom import plugs
from fhir2dicom.anatomy.region import Region
from fhir2dicom.model import Person, Protocol, Shot
from fhir2dicom.physics.ct import CT
from fhir2dicom.seed import Seed

GOLDEN = Path(__file__).with_name("golden_ct.json")
MAN, OBESE, CHILD = (
    Person("man", "M", 50.0, 1.76, 84.0),
    Person("obese", "F", 38.0, 1.65, 130.0),
    Person("child", "F", 4.0, 1.02, 16.0),
)
CASES = {
    "chest soft": (MAN, "chest", "soft", ""),
    "chest lung": (CHILD, "chest", "lung", ""),
    "abdomen soft portal-venous": (OBESE, "abdomen", "soft", "portal-venous"),
    "chest-abdomen bone arterial": (MAN, "chest-abdomen", "bone", "arterial"),
    "head head": (MAN, "head", "head", ""),
    "head bone": (CHILD, "head", "bone", ""),
}


def digest(case: str) -> str:
    person, region, kernel, contrast = CASES[case]
    body = plugs.load(Region)[region].build(person, Seed("golden").child("patient", person.key), ())
    setup = Protocol("golden", "CT", region, 128, 128, frames=3, kernel=kernel, contrast=contrast)
    frames = CT.acquire(body, Shot(setup, "", 3, ()), Seed("golden scan"))
    made = hashlib.blake2b(digest_size=16)
    for k in range(3):
        made.update(frames.render(k).astype("<u2").tobytes())
    return made.hexdigest()


@pytest.mark.parametrize("case", CASES)
def test_the_same_patient_gives_the_same_pixels_as_ever(case: str) -> None:
    assert digest(case) == json.loads(GOLDEN.read_text())[case]


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps({case: digest(case) for case in CASES}, indent=2) + "\n")
    sys.stdout.write(f"{GOLDEN} written\n")
