from __future__ import annotations

import json

import pydicom
import pytest
from hand_fhir import bundle, run, study

pytestmark = pytest.mark.needs("dciodvfy", "dcentvfy")


@pytest.fixture
def source(tmp_path):
    studies = study("ct-1", "ann"), study("ct-2", "ann", instances=1), study("dx-1", "ann", "DX", 2)
    return bundle(tmp_path / "b.json", *studies)


@pytest.fixture
def made(source, tmp_path):
    assert run("generate", source, "--dicom-dir", tmp_path / "dicom", "--workers", 1).exit_code == 0
    return tmp_path / "dicom"


def test_what_generate_made_is_valid_and_says_what_fhir_said(made, source):
    result = run("validate", made, "--source", source, "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 0, result.output
    assert (told["studies"], told["files"], told["errors"], told["compared"]) == (3, 5, 0, 3)
    assert all(d["why"] for d in told["differences"])


def test_a_difference_from_fhir_is_shown_and_fails(made, tmp_path):
    other = bundle(tmp_path / "b.json", study("ct-1", "ann", description="Another one"), study("ct-2", "ann"))
    result = run("validate", made, "--source", other)
    assert result.exit_code == 1
    assert "ct-1, study: StudyDescription is" in result.stdout
    assert "FHIR says 'Another one'" in result.stdout


def test_an_invalid_file_is_an_error(made):
    path = made / "study_ct-1/series_001_CT/slice_0001.dcm"
    dataset = pydicom.dcmread(path)
    del dataset.Rows
    dataset.save_as(path)
    told = json.loads(run("validate", made, "--json").stdout)
    assert told["errors"] > 0


def test_damage_is_found(made):
    path = made / "study_ct-2/series_001_CT/slice_0001.dcm"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    result = run("validate", made)
    assert result.exit_code == 1
    assert "damaged since it was written (first: study_ct-2/series_001_CT/slice_0001.dcm)" in result.stdout
