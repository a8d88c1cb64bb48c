"""Films of limbs, one row each: the views that a department makes of arm and leg, the usual one first.

Views and angles of the beam as Lampignano and Kendrick have them (Bontrager's Textbook of Radiographic Positioning and
Related Anatomy, chapters 4 to 7), where a part is turned and not the tube, the camera is turned the other way. Tube
voltages, distances and grids are common practice (hand to elbow and foot to knee 50 to 66 kV on the bare detector at
1.15 m, shoulder and thigh 70 to 75 kV behind a grid), tube currents are ours: a flat detector of caesium iodide at the
dose that gives an exposure index near its target. The detector's field is the largest of its size; a film is cut to the
part by whoever makes it. What is hung fingers up is turned by 180°.
"""

from __future__ import annotations

from dataclasses import replace

from fhir2dicom.plan.protocol_film import FRONTAL, LATERAL, OBLIQUE, film, further, named
from fhir2dicom.plan.protocol_row import Row

_SMALL, _MIDDLE, _LARGE = (24, 30), (30, 40), (35, 43)
"""Detector fields, cm."""
_AXIAL = ("axial", "ap axial", "axiale", "axial view", "tangential")
_WEIGHT = (
    "weight bearing",
    "weight-bearing",
    "weightbearing",
    "standing",
    "belastung",
    "en charge",
    "stehend",
)
_BONE_AGE = ("bone age", "knochenalter", "âge osseux", "edad ósea")
"""Read from the left hand (Greulich and Pyle 1959)."""

_UP = {"roll_deg": 180.0, "from_tube": 1.0}
_OTHER_SIDE = {"turn_deg": 180.0}
"""An arm lies on its ulnar side, a leg on its outer one: in a lateral the beam comes from the other side."""

ROWS: tuple[Row, ...] = (
    # name, region, view, pose, (kV, mAs), detector cm, words
    film("Clavicle AP", "clavicle", "AP", "ap", (68, 5), _SMALL, FRONTAL, grid=8),
    film("Clavicle axial", "clavicle", "AP", "ap", (70, 6), _SMALL, _AXIAL, grid=8, tilt_deg=-20.0),
    film("Shoulder AP", "shoulder", "AP", "ap", (70, 6), _SMALL, FRONTAL, grid=8),
    film(
        "Shoulder Y",
        "shoulder",
        "PA",
        "y",
        (73, 9),
        _SMALL,
        (
            *LATERAL,
            "shoulder y",
            "y view",
            "y-view",
            "y-aufnahme",
            "scapular y",
            "scapula y",
            "neer",
            "outlet",
        ),
        grid=8,
        turn_deg=35.0,
        from_tube=1.0,
    ),
    further(
        film(
            "Shoulder glenoid AP",
            "shoulder",
            "AP",
            "ap",
            (70, 7),
            _SMALL,
            (*OBLIQUE, "grashey", "true ap", "true a.p.", "glenoid"),
            grid=8,
            turn_deg=38.0,
        )
    ),
    film("Humerus AP", "humerus", "AP", "ap", (66, 4), _LARGE, FRONTAL),
    film("Humerus lateral", "humerus", "LAT", "lateral", (66, 4), _LARGE, LATERAL, **_OTHER_SIDE),
    film("Elbow AP", "elbow", "AP", "ap", (58, 2.5), _SMALL, FRONTAL),
    film("Elbow lateral", "elbow", "LAT", "lateral", (58, 2.5), _SMALL, LATERAL, **_OTHER_SIDE),
    further(
        film(
            "Elbow oblique",
            "elbow",
            "AP",
            "ap",
            (58, 2.5),
            _SMALL,
            (*OBLIQUE, "radial head", "radiusköpfchen"),
            turn_deg=45.0,
        )
    ),
    film("Forearm AP", "forearm", "AP", "ap", (57, 2), _LARGE, FRONTAL),
    film("Forearm lateral", "forearm", "LAT", "lateral", (57, 2), _LARGE, LATERAL, **_OTHER_SIDE),
    film("Wrist PA", "wrist", "PA", "pa", (55, 2), _SMALL, FRONTAL, **_UP),
    film(
        "Wrist lateral", "wrist", "LAT", "lateral", (57, 2.5), _SMALL, LATERAL, roll_deg=180.0, **_OTHER_SIDE
    ),
    film("Wrist oblique", "wrist", "PA", "pa", (55, 2.2), _SMALL, OBLIQUE, turn_deg=-45.0, **_UP),
    further(
        film(
            "Wrist scaphoid",
            "wrist",
            "PA",
            "ulnar-deviation",
            (55, 2.2),
            _SMALL,
            ("scaphoid", "navicular", "kahnbein", "stecher", "ulnar deviation", "escafoides"),
            tilt_deg=-15.0,
            **_UP,
        )
    ),
    film("Hand PA", "hand", "PA", "pa", (52, 1.6), _SMALL, FRONTAL, **_UP),
    film("Hand oblique", "hand", "PA", "pa", (52, 1.8), _SMALL, OBLIQUE, turn_deg=-45.0, **_UP),
    film("Hand lateral", "hand", "LAT", "lateral", (55, 2), _SMALL, LATERAL, roll_deg=180.0, **_OTHER_SIDE),
    replace(
        named(film("Hand bone age", "hand", "PA", "pa", (52, 1.6), _SMALL, _BONE_AGE, **_UP)), laterality="L"
    ),
    film("Hip AP", "hip", "AP", "ap", (75, 16), _SMALL, FRONTAL, grid=10),
    film(
        "Hip lateral",
        "hip",
        "AP",
        "frog",
        (75, 18),
        _SMALL,
        (*LATERAL, *_AXIAL, "frog", "frog-leg", "frog leg", "lauenstein", "dunn"),
        grid=10,
    ),
    film("Femur AP", "femur", "AP", "ap", (72, 10), _LARGE, FRONTAL, grid=8),
    film("Femur lateral", "femur", "LAT", "lateral", (72, 10), _LARGE, LATERAL, grid=8),
    film("Knee AP", "knee", "AP", "ap", (64, 5), _SMALL, (*FRONTAL, *_WEIGHT)),
    film("Knee lateral", "knee", "LAT", "lateral", (64, 5), _SMALL, LATERAL),
    further(
        film(
            "Patella axial",
            "knee",
            "AP",
            "sunrise",
            (64, 5),
            _SMALL,
            (*_AXIAL, "sunrise", "skyline", "merchant", "patella défilé", "défilé"),
        )
    ),
    film("Lower leg AP", "lower-leg", "AP", "ap", (60, 3.5), _LARGE, FRONTAL),
    film("Lower leg lateral", "lower-leg", "LAT", "lateral", (60, 3.2), _LARGE, LATERAL),
    film("Ankle AP", "ankle", "AP", "ap", (57, 3), _SMALL, (*FRONTAL, *_WEIGHT)),
    film("Ankle lateral", "ankle", "LAT", "lateral", (57, 2.8), _SMALL, LATERAL),
    film(
        "Ankle mortise",
        "ankle",
        "AP",
        "mortise",
        (57, 3),
        _SMALL,
        ("mortise", "mortice", "ankle mortise", "innenrotation", "mortaise", *OBLIQUE),
        turn_deg=-18.0,
    ),
    film(
        "Foot DP", "foot", "AP", "dp", (54, 2.5), _SMALL, (*FRONTAL, *_WEIGHT), tilt_deg=-10.0, roll_deg=180.0
    ),
    film("Foot oblique", "foot", "AP", "dp", (55, 2.8), _SMALL, OBLIQUE, turn_deg=-38.0, roll_deg=180.0),
    film("Foot lateral", "foot", "LAT", "lateral", (56, 3), _MIDDLE, LATERAL),
)
