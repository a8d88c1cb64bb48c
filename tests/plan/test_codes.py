"""SNOMED CT identifiers carry a check digit: an invented one is caught here, before it finds no study."""

from __future__ import annotations

import pytest

from fhir2dicom import plugs
from fhir2dicom.anatomy.region import Region
from fhir2dicom.dicom.modules.dx import VIEWS
from fhir2dicom.findings.finding import Finding
from fhir2dicom.plan.contrast import _WITH_CODES, _WITHOUT_CODES
from fhir2dicom.plan.modalities import _MEANT
from fhir2dicom.plan.places import PLACES
from fhir2dicom.plan.protocols import ROWS

# The dihedral group of order 10 and Verhoeff's permutation (SNOMED CT Technical Implementation Guide, check digit)
_TIMES = [[(a + b) % 5 if b < 5 else 5 + (a + b) % 5 for b in range(10)] for a in range(5)] + [
    [5 + (a - b) % 5 if b < 5 else (a - b) % 5 for b in range(10)] for a in range(5, 10)
]
_TURN = [list(range(10)), [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
for _ in range(6):
    _TURN.append([_TURN[-1][_TURN[1][k]] for k in range(10)])

CODES = sorted(
    {
        code
        for codes in (
            *(region.snomed for region in plugs.load(Region).values()),
            *(finding.snomed for finding in plugs.load(Finding).values()),
            *(place.snomed for place in PLACES),
            *(row.codes for row in ROWS),
            (view.value for view in VIEWS.values()),
            _MEANT,
            _WITH_CODES,
            _WITHOUT_CODES,
        )
        for code in codes
        if code.isdigit()
    }
)


def check(code: str) -> int:
    """Return Verhoeff's remainder: 0 for an identifier with the right check digit."""
    c = 0
    for place, digit in enumerate(reversed(code)):
        c = _TIMES[c][_TURN[place % 8][int(digit)]]
    return c


@pytest.mark.parametrize("code", CODES)
def test_a_snomed_code_has_the_right_check_digit(code):
    assert check(code) == 0


@pytest.mark.parametrize("code", ["30657000", "431613002", "419942001", "399208009", "392908008"])
def test_an_invented_code_has_not(code):
    assert check(code) != 0
