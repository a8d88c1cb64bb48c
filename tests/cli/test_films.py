"""Films from FHIR to files: every part that is filmed, its side, its views, and what other programs say of them."""

from __future__ import annotations

import json
from pathlib import Path

import pydicom
import pytest
from hand_fhir import bundle, run, study, tree

from fhir2dicom import journey
from fhir2dicom.plan.iods import regions_made
from fhir2dicom.plan.protocols import ROWS, rows_for

SNOMED = "http://snomed.info/sct"
CATALOG = journey.catalog()
REGIONS = {r.name: r for r in CATALOG.regions}
PARTS = [
    (m.name, r)
    for m in CATALOG.modalities
    if m.name in {"DX", "IO", "MG", "PX"}
    for r in regions_made(m, CATALOG)
]
JAWS = {"661005", "70925003", "91609006"}
"""What an intra-oral film may be of (PS3.3 C.8.11.9, CID 4016)."""
LEFT = {"code": "7771000", "system": SNOMED}


def film(name: str, modality: str, region: str, instances: int = 1, **series: object) -> dict:
    """Return a study of one part; FHIR counts its films."""
    made = study(name, "ann", modality, instances)
    made["series"][0] |= {"bodySite": {"system": SNOMED, "code": REGIONS[region].code.value}, **series}
    return made


def files(folder: Path, name: str) -> list[pydicom.Dataset]:
    return [pydicom.dcmread(p) for p in sorted((folder / f"study_{name}").rglob("*.dcm"))]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    studies = [film(f"{m}-{r}".lower(), m, r) for m, r in PARTS]
    studies += [
        film("left", "DX", "wrist", 2, laterality=LEFT),
        film("both", "DX", "wrist", 2, laterality={"system": SNOMED, "code": "51440002"}),
        film("plate", "CR", "chest"),
        study("vessels", "ann", "XA", 1),
    ]
    return bundle(folder / "b.json", *studies)


@pytest.fixture(scope="module")
def made(source):
    folder = source.parent / "dicom"
    result = run("generate", source, "--dicom-dir", folder, "--workers", 1, "--json")
    told = json.loads(result.stdout)
    assert (told["failed"], [p["study"] for p in told["problems"]]) == (0, ["vessels"])
    assert "contrast medium are not drawn" in told["problems"][0]["message"]
    return folder


def test_every_part_that_is_filmed_has_views_of_its_own_and_every_view_a_part():
    films = {(r.protocol.modality, r.protocol.region) for r in ROWS} - {("CT", r) for r in REGIONS}
    assert films == set(PARTS)


@pytest.mark.parametrize(("modality", "region"), PARTS, ids=lambda v: v)
def test_a_film_of_a_part_says_what_it_is(made, modality, region):
    (read,) = files(made, f"{modality}-{region}".lower())
    row, part = rows_for(modality, region)[0], REGIONS[region]
    assert (read.Modality, read.BodyPartExamined) == (modality, part.body_part)
    assert read.AnatomicRegionSequence[0].CodeValue in (JAWS if modality == "IO" else {part.code.value})
    assert read.ImageLaterality in ({"R", "L"} if part.paired or row.laterality else {"U"})
    assert read.Rows <= row.protocol.rows
    assert read.Columns <= row.protocol.columns
    assert read.pixel_array.std() > 20


@pytest.mark.needs("dciodvfy", "dcentvfy")
def test_all_films_are_valid_and_say_what_fhir_says(made, source):
    result = run("validate", made, "--source", source, "--json")
    told = json.loads(result.stdout)
    assert (told["errors"], result.exit_code) == (0, 0), result.output
    assert told["files"] == len(PARTS) + 5


def test_a_side_that_fhir_gives_is_the_films(made):
    assert [f.ImageLaterality for f in files(made, "left")] == ["L", "L"]
    assert len({f.ViewPosition for f in files(made, "left")}) == 2


def test_films_of_both_sides_are_one_of_each_and_one_body(made):
    right, left = files(made, "both")
    assert (right.ImageLaterality, left.ImageLaterality) == ("R", "L")
    assert right.ViewPosition == left.ViewPosition
    assert (right.Rows, right.Columns) == (left.Rows, left.Columns)


def test_a_plate_is_a_plate(made):
    (read,) = files(made, "plate")
    assert (read.Modality, read.SOPClassUID) == ("CR", "1.2.840.10008.5.1.4.1.1.1")


def test_films_are_the_same_bytes_again(made, source, tmp_path):
    some = json.loads(source.read_text())
    wanted = {"both", "io-mouth", "mg-breast"}
    some["entry"] = [e for e in some["entry"] if e["resource"]["id"] in {"ann", *wanted}]
    again = tmp_path / "b.json"
    again.write_text(json.dumps(some))
    assert run("generate", again, "--dicom-dir", tmp_path / "out", "--workers", 1).exit_code == 0
    pictures = {k: v for k, v in tree(tmp_path / "out").items() if k.endswith(".dcm")}
    assert pictures
    assert pictures.items() <= tree(made).items()
