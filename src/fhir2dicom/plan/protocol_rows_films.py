"""Films of the trunk and the head, one row each: the views that a department makes, the usual one first. Limbs: `protocol_rows_limbs`.

Chest films with high voltage, 1.8 m and a grid, as EUR 16260 (European guidelines on quality criteria for diagnostic
radiographic images, 1996); at the bedside, where no grid is carried, 90 kV and 1.1 m. A lateral chest takes about three
times the mAs of a frontal one. The other numbers are common practice, rounded by us: skull and face 70 to 80 kV, spine,
pelvis and abdomen 75 to 90 kV at 1.15 m behind a grid, the lateral neck at 1.8 m over an air gap. Views and angles of the
beam as Lampignano and Kendrick have them (Bontrager's Textbook of Radiographic Positioning and Related Anatomy,
chapters 2, 3, 8 to 11).
"""

from __future__ import annotations

from dataclasses import replace

from fhir2dicom.model import Protocol
from fhir2dicom.plan.protocol_film import FRONTAL, LATERAL, OBLIQUE, film, further, named
from fhir2dicom.plan.protocol_row import Row

_BEDSIDE = (
    "portable",
    "bedside",
    "supine",
    "liegend",
    "a.p.",
    "ap view",
    "ap",
    "anteroposterior",
    "mobile",
    "icu",
    "au lit",
)
_ERECT = ("pa", "p.a.", "posteroanterior")
_STANDING = ("erect", "upright", "standing", "stehend", "debout", "de pie", "bipedestación", "ortostat")
_LYING = ("supine", "kub", "liegend", "couché", "decúbito supino", "flat plate")
_DECUBITUS = ("decubitus", "linksseitenlage", "seitenlage", "lateral decubitus")

_SMALL, _MIDDLE, _LARGE, _WIDE = (24, 30), (30, 40), (35, 43), (43, 35)
"""Detector fields, cm."""
_STAND = {"grid": 10.0, "pixel_mm": 0.175}
"""The large detector in the table or the wall stand, behind its grid."""


def _chest(
    name: str, view: str, pose: str, description: str, *, kvp: int, mas: float, sid: int, grid: int
) -> Row:
    settings = {"kvp": float(kvp), "mas": mas, "sid_mm": float(sid), "grid": float(grid)}
    return Row(
        Protocol(name, "DX", "chest", 2048, 2048, 1, description, view=view, pose=pose, settings=settings)
    )


ROWS: tuple[Row, ...] = (
    # name, view, pose, description, kV, mAs, focus to detector mm, grid ratio (0: none)
    replace(
        _chest("Chest PA", "PA", "arms-down", "Chest PA", kvp=125, mas=2.0, sid=1800, grid=10), words=_ERECT
    ),
    replace(
        _chest("Chest lateral", "LL", "arms-up", "Chest lateral", kvp=125, mas=6.0, sid=1800, grid=10),
        words=LATERAL,
    ),
    replace(
        _chest("Chest AP bedside", "AP", "bedside", "Chest AP bedside", kvp=90, mas=2.0, sid=1100, grid=0),
        words=_BEDSIDE,
        routine=False,
    ),
    # name, region, view, pose, (kV, mAs), detector cm, words
    film("Ribs AP", "ribs", "AP", "ap", (72, 16), _LARGE, (*FRONTAL, "above diaphragm"), **_STAND),
    film("Ribs oblique", "ribs", "AP", "ap", (74, 18), _LARGE, OBLIQUE, **_STAND, turn_deg=45.0),
    film("Abdomen supine", "abdomen", "AP", "supine", (80, 20), _LARGE, (*_LYING, *FRONTAL), **_STAND),
    further(film("Abdomen erect", "abdomen", "AP", "erect", (82, 25), _LARGE, _STANDING, **_STAND)),
    further(
        film(
            "Abdomen left decubitus",
            "abdomen",
            "AP",
            "left-decubitus",
            (82, 25),
            _WIDE,
            _DECUBITUS,
            **_STAND,
            roll_deg=90.0,  # hung as the patient lay, the left side down: levels run level
        )
    ),
    film("Pelvis AP", "pelvis", "AP", "ap", (77, 20), _WIDE, FRONTAL, **_STAND),
    further(
        film(
            "Pelvis inlet",
            "pelvis",
            "AP",
            "ap",
            (80, 28),
            _WIDE,
            ("inlet", "beckeneingang"),
            **_STAND,
            tilt_deg=40.0,
        )
    ),
    further(
        film(
            "Pelvis outlet",
            "pelvis",
            "AP",
            "ap",
            (80, 28),
            _WIDE,
            ("outlet", "beckenausgang"),
            **_STAND,
            tilt_deg=-35.0,
        )
    ),
    film("Cervical spine AP", "cervical-spine", "AP", "ap", (70, 8), _SMALL, FRONTAL, grid=8, tilt_deg=-15.0),
    film("Cervical spine lateral", "cervical-spine", "LL", "lateral", (72, 10), _SMALL, LATERAL, sid_mm=1800),
    further(
        film(
            "Odontoid",
            "cervical-spine",
            "AP",
            "open-mouth",
            (72, 9),
            _SMALL,
            ("odontoid", "open mouth", "open-mouth", "dens", "c1/c2", "transoral", "boca abierta"),
            grid=8,
        )
    ),
    further(
        film(
            "Cervical spine oblique",
            "cervical-spine",
            "AP",
            "ap",
            (72, 9),
            _SMALL,
            OBLIQUE,
            grid=8,
            turn_deg=45.0,
            tilt_deg=-15.0,
        )
    ),
    further(
        film(
            "Cervical spine LPO",
            "cervical-spine",
            "AP",
            "ap",
            (72, 9),
            _SMALL,
            ("lpo", "left posterior oblique"),
            grid=8,
            turn_deg=-45.0,
            tilt_deg=-15.0,
        )
    ),
    film("Thoracic spine AP", "thoracic-spine", "AP", "ap", (77, 20), _LARGE, FRONTAL, **_STAND),
    film("Thoracic spine lateral", "thoracic-spine", "LL", "lateral", (80, 32), _LARGE, LATERAL, **_STAND),
    film("Lumbar spine AP", "lumbar-spine", "AP", "ap", (78, 28), _LARGE, FRONTAL, **_STAND),
    film("Lumbar spine lateral", "lumbar-spine", "LL", "lateral", (88, 50), _LARGE, LATERAL, **_STAND),
    further(
        film(
            "Lumbar spine oblique",
            "lumbar-spine",
            "AP",
            "ap",
            (80, 35),
            _LARGE,
            OBLIQUE,
            **_STAND,
            turn_deg=45.0,
        )
    ),
    named(
        film(
            "Lumbosacral spot",
            "lumbar-spine",
            "LL",
            "spot",
            (92, 60),
            _SMALL,
            ("spot", "coned", "l5-s1", "l5/s1", "l5 s1", "lumbosacral junction", "lumbosacral spot"),
            **_STAND,
        )
    ),
    film(
        "Skull PA", "skull", "PA", "pa", (75, 16), _SMALL, (*FRONTAL, "occipitofrontal", "caldwell"), grid=10
    ),
    film("Skull lateral", "skull", "LL", "lateral", (72, 10), _SMALL, LATERAL, grid=10),
    further(
        film(
            "Skull Towne",
            "skull",
            "AP",
            "ap",
            (78, 20),
            _SMALL,
            ("towne", "townes", "half axial", "occipital", "hinterhaupt", "ap axial"),
            grid=10,
            tilt_deg=30.0,
        )
    ),
    film(
        "Face occipitomental",
        "face",
        "PA",
        "occipitomental",
        (76, 20),
        _SMALL,
        ("waters", "occipitomental", "occipito-mental", "nnh", "blondeau", "sinuses", *FRONTAL),
        grid=10,
        tilt_deg=45.0,
    ),
    film("Face lateral", "face", "LL", "lateral", (70, 8), _SMALL, LATERAL, grid=10),
    further(
        film(
            "Face occipitofrontal",
            "face",
            "PA",
            "pa",
            (75, 16),
            _SMALL,
            ("caldwell", "occipitofrontal", "occipito-frontal"),
            grid=10,
            tilt_deg=15.0,
        )
    ),
    film("Mandible PA", "mandible", "PA", "pa", (74, 14), _SMALL, FRONTAL, grid=10),
    replace(
        film(
            "Mandible oblique right",
            "mandible",
            "LAT",
            "lateral-oblique",
            (68, 6),
            _SMALL,
            ("right oblique", "oblique right", "right lateral", "right lateral oblique", *OBLIQUE, *LATERAL),
            tilt_deg=-32.0,
            turn_deg=-14.0,
        ),
        laterality="R",
    ),
    replace(
        film(
            "Mandible oblique left",
            "mandible",
            "LAT",
            "lateral-oblique",
            (68, 6),
            _SMALL,
            ("left oblique", "oblique left", "left lateral", "left lateral oblique"),
            tilt_deg=-32.0,
            turn_deg=-14.0,
        ),
        laterality="L",
    ),
)
