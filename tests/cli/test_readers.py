"""What others' readers ask of a series before they call it a volume."""

from __future__ import annotations

import subprocess

import numpy as np
import pydicom
import pytest
from hand_fhir import bundle, run, study


@pytest.fixture
def series(tmp_path):
    source = bundle(tmp_path / "b.json", study("ct-1", "ann", instances=7))
    assert run("generate", source, "--dicom-dir", tmp_path / "out", "--workers", 1).exit_code == 0
    return sorted((tmp_path / "out").rglob("*.dcm"))


def test_a_ct_is_one_right_handed_volume_of_even_steps(series):
    slices = sorted(map(pydicom.dcmread, series), key=lambda d: d.InstanceNumber)
    place = np.array([d.ImagePositionPatient for d in slices], float)
    steps = np.diff(place, axis=0)
    assert np.ptp(steps, axis=0) == pytest.approx([0, 0, 0], abs=1e-3)
    row, column = np.reshape(np.array(slices[0].ImageOrientationPatient, float), (2, 3))
    assert np.abs(np.cross(row, column) @ steps[0]) == pytest.approx(np.linalg.norm(steps[0]), rel=1e-6)
    assert np.linalg.norm(steps[0]) > 0
    for keyword in (
        "ImageOrientationPatient",
        "PixelSpacing",
        "FrameOfReferenceUID",
        "Rows",
        "RescaleIntercept",
    ):
        assert len({str(d[keyword].value) for d in slices}) == 1, keyword
    assert len({d.SOPInstanceUID for d in slices}) == 7


@pytest.mark.needs("dcm2pnm")
def test_dcmtk_draws_a_slice_without_a_word(series, tmp_path):
    drawn = subprocess.run(
        ["dcm2pnm", "+Wi", "1", series[3], tmp_path / "x.pgm"], capture_output=True, check=True
    )
    assert (drawn.stdout, drawn.stderr) == (b"", b"")
    assert (tmp_path / "x.pgm").stat().st_size > 512 * 512
