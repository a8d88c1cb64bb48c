"""The fast header is pydicom's own, byte for byte."""

from __future__ import annotations

import io
import string

from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread, dcmwrite
from pydicom.datadict import DicomDictionary

from fhir2dicom.dicom import values
from fhir2dicom.dicom.header import Template, file_meta

IMAGE = {
    "SpecificCharacterSet": "ISO_IR 192",
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2",
    "Rows": 2,
    "Columns": 3,
    "BitsAllocated": 16,
    "PixelRepresentation": 1,
}
TEXT = st.text(max_size=40)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
VALUES = {
    "CS": st.text(string.ascii_uppercase + " _", max_size=20),
    "DA": st.dates().map(lambda d: d.strftime("%Y%m%d").rjust(8, "0")),
    "TM": st.times().map(lambda t: t.strftime("%H%M%S")),
    "AS": st.integers(0, 999).map("{:03d}Y".format),
    "DS": NUMBER,
    "IS": st.integers(-(2**31), 2**31 - 1),
    "UI": st.integers(1, 2**64).map("2.25.{}".format),
    "US": st.integers(0, 65535),
    "US or SS": st.integers(-32768, 32767),
    "SS": st.integers(-32768, 32767),
    "UL": st.integers(0, 2**32 - 1),
    "SL": st.integers(-(2**31), 2**31 - 1),
    "FD": NUMBER,
    "FL": st.floats(allow_nan=False, allow_infinity=False, width=32),
    "OB": st.binary(max_size=8).filter(lambda b: len(b) % 2 == 0),
    **dict.fromkeys(("LO", "SH", "PN", "LT", "ST", "UT", "UC", "AE", "UR"), TEXT),
}
MANY = ("CS", "DS", "IS", "LO", "SH", "PN", "US", "SS", "FD", "FL", "UL", "SL", "UC")
KEYWORDS = {
    row[4]: row[:2]
    for tag, row in sorted(DicomDictionary.items())
    if row[4] and not row[3] and 0x00080005 < tag < 0x60000000 and row[4] not in (*IMAGE, "SOPInstanceUID")
}
PLAIN = sorted(k for k, (vr, _) in KEYWORDS.items() if vr in VALUES)
SEQUENCES = sorted(k for k, (vr, _) in KEYWORDS.items() if vr == "SQ")


@st.composite
def attributes(draw, depth=1, most=8):
    found = {}
    for keyword in draw(st.lists(st.sampled_from(PLAIN), max_size=most, unique=True)):
        vr, multiplicity = KEYWORDS[keyword]
        one = VALUES[vr]
        several = st.lists(one, min_size=1, max_size=3).map(tuple)
        found[keyword] = draw(st.one_of(one, several) if vr in MANY and multiplicity != "1" else one)
    if depth:
        for keyword in draw(st.lists(st.sampled_from(SEQUENCES), max_size=2, unique=True)):
            found[keyword] = tuple(draw(st.lists(attributes(depth=depth - 1, most=3), max_size=2)))
    return found


def by_pydicom(found, pixels):
    """Write the dataset the ordinary way."""
    made = values.dataset(found)
    made.PixelData = pixels
    made.file_meta = file_meta(found["SOPClassUID"], found["SOPInstanceUID"])
    out = io.BytesIO()
    dcmwrite(out, made, enforce_file_format=True)
    return out.getvalue()


@settings(max_examples=150, deadline=None)
@given(attributes(), st.lists(attributes(), min_size=1, max_size=3), st.sampled_from((8, 16)))
def test_the_fast_header_is_byte_equal_to_pydicoms_own(shared, frames, bits):
    pixels = b"\1" * 6 * (bits // 8)
    shared = values.normal({**shared, **IMAGE, "BitsAllocated": bits})
    for k, own in enumerate(frames):
        varying = values.normal({**own, "SOPInstanceUID": f"1.2.{10**k}", "InstanceNumber": k})
        template = Template(shared, varying, len(pixels))
        assert template.header(varying) + pixels == by_pydicom({**shared, **varying}, pixels)


def test_one_template_serves_instances_whose_values_have_other_lengths():
    shared = values.normal({**IMAGE, "PatientName": "A^B", "StudyInstanceUID": "1.2"})
    names = ("SOPInstanceUID", "InstanceNumber", "ImagePositionPatient", "SliceLocation", "ImageComments")
    template = Template(shared, names, 12)
    for k in (0, 9, 99_999):
        row = (f"2.25.{10 ** (k % 37)}", k, (0.1 * k, -1e-7 * k, k), k / 3, "ü" * (k % 5))
        varying = values.normal(dict(zip(names, row, strict=True)))
        written = template.header(varying) + bytes(12)
        assert written == by_pydicom({**shared, **varying}, bytes(12))
        assert dcmread(io.BytesIO(written)).InstanceNumber == k


def test_an_odd_count_of_pixel_bytes_is_announced_as_the_even_one_that_follows():
    shared = values.normal({**IMAGE, "BitsAllocated": 8, "Columns": 1, "Rows": 3})
    header = Template(shared, ("SOPInstanceUID",), 3).header({"SOPInstanceUID": "1.2.3"})
    assert header[-12:] == b"\xe0\x7f\x10\x00OB\0\0\4\0\0\0"
