"""Whether a scan is with contrast medium, and in which phase: by code, parameter or word."""

from __future__ import annotations

from collections.abc import Mapping

from fhir2dicom.model import SeriesOrder, StudyOrder
from fhir2dicom.plan.protocol_row import words_of
from fhir2dicom.plan.texts import has_word

_ARTERIAL = ("arterial", "angio", "cta", "embolism", "arteriell", "aorta", "cardiac")
_PORTAL = ("portal", "venous", "venös", "veineux", "venosa")
_WITHOUT = (
    "without contrast",
    "without iv contrast",
    "w/o contrast",
    "wo contrast",
    "non-contrast",
    "noncontrast",
    "unenhanced",
    "native",
    "nativ",
    "ohne kontrast",
    "ohne km",
    "sans contraste",
    "sin contraste",
    "sem contraste",
    "senza contrasto",
    "no contrast",
    "plain ct",
)
_WITH = (
    "with contrast",
    "with iv contrast",
    "with intravenous contrast",
    "w contrast",
    "w/ contrast",
    "enhanced",
    "contrast",
    "kontrast",
    "cta",
    "ctpa",
    "angiogra",
    "mit km",
    "contraste",
    "contrasto",
    "造影",
    "контраст",
)
_WITHOUT_CODES = frozenset(
    {"16335031000119103", "396205005", "396101000119105", "16457501000119102", "30799-1", "395081000119108"}
)
_WITH_CODES = frozenset(
    {
        "32962002",
        "429864007",
        "433761009",
        "432370003",
        "1148701004",
        "24628-0",
        "75385009",
        "16332841000119106",
    }
)
_PHASE: Mapping[str, str] = {
    # region: the phase of its routine scan with contrast medium
    "chest": "arterial",
    "abdomen": "portal-venous",
    "chest-abdomen": "portal-venous",
}


def contrast_of(order: StudyOrder, series: SeriesOrder, region: str) -> tuple[str, str]:
    """Return the contrast phase of a CT, and why: empty without contrast medium.

    An acquisition parameter decides, else what the series or the study says; "without" beats "with".
    """
    text, codes = words_of(order, series), {c.value for c in order.procedures}
    given = series.parameters.get("ContrastBolusAgent")
    without = given == 0 or has_word(text, _WITHOUT) or bool(codes & _WITHOUT_CODES)
    asked = bool(given) or has_word(text, (*_WITH, *_PORTAL)) or bool(codes & _WITH_CODES)
    usual = _PHASE.get(region, "")
    if not usual or without or not asked:
        return "", ""
    phase = "portal-venous" if has_word(text, _PORTAL) else "arterial" if has_word(text, _ARTERIAL) else usual
    return phase, f"with contrast medium: {phase} phase"
