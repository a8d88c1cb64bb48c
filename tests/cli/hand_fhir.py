"""A Bundle of a few studies, small enough to be made for real."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from click.testing import CliRunner, Result

from fhir2dicom.cli import main

CHEST = {"system": "http://snomed.info/sct", "code": "51185008", "display": "Thoracic structure"}


def patient(name: str) -> dict:
    return {
        "resourceType": "Patient",
        "id": name,
        "identifier": [{"system": "urn:test", "value": f"id of {name}"}],
        "name": [{"family": name.title(), "given": ["Test"]}],
        "gender": "female",
        "birthDate": "1970-02-03",
    }


def study(name: str, who: str, modality: str = "CT", instances: int = 2, **more) -> dict:
    root = f"1.2.826.0.1.3680043.10.{int(sha256(name.encode()).hexdigest()[:12], 16)}"
    listed = [{"uid": f"{root}.1.{k}", "number": k} for k in range(1, instances + 1)]
    series = {
        "uid": f"{root}.1",
        "number": 1,
        "modality": {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": modality},
        "bodySite": CHEST,
        "instance": listed,
    }
    return {
        "resourceType": "ImagingStudy",
        "id": name,
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{root}"}],
        "status": "available",
        "subject": {"reference": f"Patient/{who}"},
        "started": "2020-05-06T07:08:09Z",
        "series": [series],
        **more,
    }


def bundle(path: Path, *studies: dict) -> Path:
    who = sorted({s["subject"]["reference"].partition("/")[2] for s in studies})
    entries = [{"resource": r} for r in (*map(patient, who), *studies)]
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    return path


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(w) for w in words])


def tree(root: Path) -> dict[str, str]:
    files = (p for p in sorted(root.rglob("*")) if p.is_file() and p.name != "commit.lock")
    return {str(p.relative_to(root)): sha256(p.read_bytes()).hexdigest() for p in files}
