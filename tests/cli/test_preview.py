from __future__ import annotations

import base64
import re

import pydicom
import pytest
from hand_fhir import bundle, run, study
from PIL import Image


@pytest.fixture
def made(tmp_path):
    source = bundle(tmp_path / "b.json", study("ct-1", "ann", instances=12), study("dx-1", "<bob>", "DX", 1))
    assert run("generate", source, "--dicom-dir", tmp_path / "dicom", "--workers", 1).exit_code == 0
    return tmp_path / "dicom"


def test_a_contact_sheet_and_a_page_are_written(made, tmp_path):
    result = run("preview", made, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["preview.html", "preview.png"]
    sheet = Image.open(tmp_path / "out/preview.png")
    assert sheet.width > 700
    assert len(sheet.convert("L").getcolors()) > 100


def test_the_page_holds_its_pictures_and_fetches_nothing(made, tmp_path):
    run("preview", made, "--out", tmp_path / "out")
    page = (tmp_path / "out/preview.html").read_text()
    sources = re.findall(r'src="([^"]*)"', page)
    assert len(sources) == 12 + 1 + 1  # slices, coronal cut, film
    assert all(s.startswith("data:image/jpeg;base64,") for s in sources)
    assert base64.b64decode(sources[0].partition(",")[2]).startswith(b"\xff\xd8")
    assert "http" not in re.sub(r'src="[^"]*"', "", page).replace("http-equiv", "")
    assert page.count('<input type="range"') == 1
    assert "Not for diagnosis" in page
    assert "Ann" in page


def test_every_film_of_a_series_is_shown(tmp_path):
    source = bundle(tmp_path / "b.json", study("dx-2", "ann", "DX", 2))
    result = run("preview", source, "--out", tmp_path)
    assert "2 pictures of 1 studies" in result.stdout
    page = (tmp_path / "preview.html").read_text()
    assert re.findall(r'<img class="(\w+)"[^>]*alt="([^"]*)"( hidden)?', page) == [
        ("film", "DX PA", ""),
        ("film", "DX LL", ""),
    ]
    assert 'type="range"' not in page.partition("<script>")[0]


def test_names_are_text_and_not_html(made, tmp_path):
    run("preview", made, "--out", tmp_path / "out")
    page = (tmp_path / "out/preview.html").read_text()
    assert "<Bob>" not in page


def test_an_unreadable_file_hides_no_other(made, tmp_path):
    (made / "study_ct-1/series_001_CT/slice_0003.dcm").write_bytes(b"junk")
    result = run("preview", made, "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert "3 pictures of 2 studies" in result.stdout
    assert "slice_0003.dcm: cannot be shown" in result.stderr


def test_a_source_is_made_for_the_preview_only(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = bundle(tmp_path / "b.json", study("ct-1", "ann", instances=1))
    assert run("preview", source, "--out", tmp_path / "out").exit_code == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b.json", "out"]


def test_an_age_is_shown_without_leading_zeros(made, tmp_path):
    path = made / "study_dx-1/series_001_DX/slice_0001.dcm"
    for age, shown in (("000D", "0D"), ("004M", "4M"), ("", "born")):
        dataset = pydicom.dcmread(path)
        dataset.PatientAge = age
        dataset.save_as(path)
        run("preview", made, "--out", tmp_path / "out")
        assert f"F · {shown}" in (tmp_path / "out/preview.html").read_text()
