"""What a film's header says of a view, in digital and in plate objects."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hand_built import CR, DX, frames, make, read, series, study

from fhir2dicom.dicom.modules.radiograph import lateral

OBLIQUE = {
    "ViewPosition": "RLO",
    "ViewCodeSequence": (
        {
            "CodeValue": "399312000",
            "CodingSchemeDesignator": "SCT",
            "CodeMeaning": "antero-posterior oblique",
        },
    ),
    "PatientOrientation": ("LP", "F"),
    "Grid": "NONE",
    "EntranceDoseInmGy": 0.1,
}
"""What a physics says of an oblique knee."""


def viewed(sop_class, *views):
    """A series of one film a view, of a right part."""
    plain = series(sop_class, count=1)
    one = plain.shots[0]
    return replace(
        plain,
        shots=tuple(replace(one, protocol=replace(one.protocol, view=v), laterality="R") for v in views),
    )


def written(sop_class):
    said = {**frames(sop_class).attributes, **OBLIQUE}
    return read(make(study(series_plans=(viewed(sop_class, "AP"),)), attributes=said)[0])


def test_what_the_camera_says_of_a_view_is_written_in_a_digital_object():
    dataset = written(DX)
    assert dataset.ViewPosition == "RLO"
    assert dataset.ViewCodeSequence[0].CodeValue == "399312000"
    assert list(dataset.PatientOrientation) == ["LP", "F"]


def test_a_plate_has_no_place_for_codes_grids_and_skin_doses():
    dataset = written(CR)
    assert not {"ViewCodeSequence", "Grid", "EntranceDoseInmGy"} & {e.keyword for e in dataset}
    assert list(dataset.PatientOrientation) == ["LP", "F"]


@pytest.mark.parametrize(("views", "said"), [(("AP",), "AP"), (("AP", "LAT"), ""), (("LAT", "LAT"), "RL")])
def test_view_position_of_plates_belongs_to_the_series(views, said):
    dataset = read(make(study(series_plans=(viewed(CR, *views),)))[0])
    assert dataset.ViewPosition == said


@pytest.mark.parametrize(
    ("view", "side", "said"), [("LAT", "R", "RL"), ("LAT", "L", "LL"), ("LAT", "", "LL"), ("PA", "R", "PA")]
)
def test_a_limb_s_lateral_has_its_own_side_at_the_detector(view, side, said):
    assert lateral(view, side) == said
