"""Make contact sheets of people of all ages and sizes, to be looked at: films, chest, abdomen and head.

usage: python tools/gallery.py FOLDER      writes FOLDER/fhir, FOLDER/dicom and a sheet for each kind of study
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

STUDIED = "2026-01-15"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"

#  sex       born          m      kg
PEOPLE = (
    ("female", "2024-06-01", 0.81, 10.5),
    ("male", "2020-03-01", 1.12, 19.0),
    ("female", "2015-05-01", 1.39, 34.0),
    ("male", "2010-02-01", 1.71, 60.0),
    ("female", "2001-01-01", 1.64, 47.0),
    ("male", "1996-01-01", 1.93, 84.0),
    ("female", "1986-01-01", 1.60, 112.0),
    ("male", "1981-01-01", 1.77, 141.0),
    ("female", "1970-01-01", 1.67, 68.0),
    ("male", "1962-01-01", 1.74, 79.0),
    ("female", "1946-01-01", 1.58, 55.0),
    ("male", "1935-06-01", 1.66, 62.0),
)

#  folder        modality  body site      procedure
KINDS = (
    ("film", "DX", "51185008", "399208008"),
    ("head", "CT", "69536005", "303653007"),
    ("chest", "CT", "51185008", "169069000"),
    ("abdomen", "CT", "818983003", "169070004"),
)
SLICES = 24


def concept(system: str, code: str) -> dict[str, Any]:
    """Return a CodeableConcept."""
    return {"coding": [{"system": system, "code": code}]}


def measured(patient: str, code: str, value: float, unit: str) -> dict[str, Any]:
    """Return an Observation of the day before."""
    return {
        "resourceType": "Observation",
        "id": f"{patient}-{code}",
        "status": "final",
        "subject": {"reference": f"Patient/{patient}"},
        "code": concept(LOINC, code),
        "effectiveDateTime": "2026-01-14",
        "valueQuantity": {"value": value, "unit": unit},
    }


def resources(kind: tuple[str, str, str, str]) -> list[dict[str, Any]]:
    """Return everybody with one study of a kind each."""
    folder, modality, site, procedure = kind
    made: list[dict[str, Any]] = []
    for number, (sex, born, height_m, weight_kg) in enumerate(PEOPLE):
        who = f"gallery-{number:02d}"
        site_code = {"system": SNOMED, "code": site}
        count = SLICES if modality == "CT" else 1
        series = [
            {"number": k, "modality": {"code": modality}, "bodySite": site_code, "numberOfInstances": count}
            for k in ((1, 2) if modality == "DX" else (1,))
        ]
        made += [
            {
                "resourceType": "Patient",
                "id": who,
                "identifier": [{"system": "urn:fhir2dicom:gallery", "value": who}],
                "name": [{"family": f"{sex.title()}", "given": [born[:4]]}],
                "gender": sex,
                "birthDate": born,
            },
            measured(who, "8302-2", round(100 * height_m), "cm"),
            measured(who, "29463-7", weight_kg, "kg"),
            {
                "resourceType": "ImagingStudy",
                "id": f"{who}-{folder}",
                "status": "available",
                "subject": {"reference": f"Patient/{who}"},
                "started": f"{STUDIED}T10:00:00Z",
                "procedureCode": [concept(SNOMED, procedure)],
                "series": series,
            },
        ]
    return made


def main() -> int:
    """Write the patients, and run the commands on them."""
    root = Path(sys.argv[1])
    command = Path(sys.executable).with_name("fhir2dicom")
    for kind in KINDS:
        fhir = root / "fhir" / kind[0]
        fhir.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps(r, separators=(",", ":")) for r in resources(kind)]
        (fhir / "patients.ndjson").write_text("\n".join(lines) + "\n")
        dicom = root / "dicom" / kind[0]
        subprocess.run([command, "generate", fhir, "--dicom-dir", dicom], check=True)
        subprocess.run([command, "preview", dicom, "--output", root / kind[0]], check=True)
    print(f"Look at {root}/*/preview.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
