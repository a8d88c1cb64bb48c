"""Films inside the mouth held to the byte: other pixels are another edition, and must be meant.

python tests/physics/test_io_golden.py writes what is made now.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest

from fhir2dicom.anatomy.mouth import build
from fhir2dicom.model import Person, Protocol, Shot
from fhir2dicom.physics.io import IO
from fhir2dicom.seed import Seed

GOLDEN = Path(__file__).with_name("golden_io.json")
CASES = {
    "bitewing 35": (35.0, 46, "BITEWING", 0.0),
    "upper molar 62": (62.0, 16, "PERIAPICAL", 0.0),
    "upper incisors 20": (20.0, 11, "PERIAPICAL", 0.0),
    "lower premolar 8": (8.0, 35, "PERIAPICAL", 0.0),
    "raw bitewing 50": (50.0, 36, "BITEWING", 1.0),
}


def digest(case: str) -> str:
    age, tooth, view, raw = CASES[case]
    body = build(Person(case, "F", age, 1.6, 60.0), Seed("golden").child("patient", case), ())
    settings = {"tooth": float(tooth), "for_processing": raw}
    rows, columns = (1500, 1080) if tooth == 11 else (1080, 1500)
    protocol = Protocol("golden", "IO", "mouth", rows, columns, view=view, settings=settings)
    frames = IO.acquire(body, Shot(protocol, "", 1, ()), Seed("golden film"))
    return hashlib.blake2b(frames.render(0).astype("<u2").tobytes(), digest_size=16).hexdigest()


@pytest.mark.parametrize("case", CASES)
def test_the_same_patient_gives_the_same_film_as_ever(case: str) -> None:
    assert digest(case) == json.loads(GOLDEN.read_text())[case]


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps({case: digest(case) for case in CASES}, indent=2) + "\n")
    sys.stdout.write(f"{GOLDEN} written\n")
