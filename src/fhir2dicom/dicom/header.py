"""The fast way to a header: what a series shares is encoded once, what changes is laid between.

The shared elements are cut where changing elements belong in tag order; for each instance only the changing ones are
encoded. Texts, numbers and sequences are encoded by hand, and an element that was encoded before is remembered, since all films
of a series, a study, a machine share most of theirs; anything else is pydicom's. A test holds the bytes equal to pydicom's
own ``dcmwrite``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import pairwise
from typing import cast

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import correct_ambiguous_vr, write_dataset, write_file_meta_info
from pydicom.uid import UID, ExplicitVRLittleEndian

from fhir2dicom.dicom import values
from fhir2dicom.dicom.uid import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from fhir2dicom.dicom.values import CHARACTER_SET, EncodeError
from fhir2dicom.model import Attributes

_PIXEL_DATA = 0x7FE00010
_SHORT_TEXTS = frozenset(("AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UI"))
"""VRs whose explicit length has 16 bits and whose value is text."""
_NUMBERS = {"FD": "d", "FL": "f", "SL": "i", "SS": "h", "UL": "I", "US": "H"}
"""VRs of binary numbers, with their struct formats; explicit length of 16 bits too."""
_LONGEST = 0xFFFE
_ITEM = struct.pack("<HH", 0xFFFE, 0xE000)
_PAD = {"UI": b"\0"}
_META_UID = struct.pack("<HH2s", 0x0002, 0x0003, b"UI")


class Template:
    """The header of instances that differ in a few elements only.

    ``shared`` and what `header` gets are normal attributes (see `values`); ``varying`` names the keywords
    that `header` will be given, SOP Instance UID among them.
    """

    def __init__(self, shared: Attributes, varying: Iterable[str], pixel_bytes: int) -> None:
        self.varying = frozenset(varying)
        tags = sorted(values.element(keyword)[0] for keyword in self.varying)
        kept = {k: v for k, v in shared.items() if k not in self.varying}
        if any(values.element(k)[0] >= _PIXEL_DATA for k in (*kept, *self.varying)):
            raise EncodeError("nothing may stand behind the pixels")
        self._signed = bool(kept.get("PixelRepresentation", 0))
        edges = [-1, *tags, _PIXEL_DATA]
        self._segments = list(self._between(kept, edges))
        self._segments[-1] += _pixel_element(cast("int", kept["BitsAllocated"]), pixel_bytes)
        self._order = {tag: place for place, tag in enumerate(tags)}
        self._prefix, self._group_length, self._suffix = _meta(str(kept["SOPClassUID"]))

    def header(self, varying: Attributes) -> bytes:
        """Return everything of the file up to the pixel bytes."""
        uid = _padded(cast("str", varying["SOPInstanceUID"]).encode(), b"\0")
        parts = [
            self._prefix,
            struct.pack("<I", self._group_length + len(uid)),
            self._suffix[0],
            struct.pack("<H", len(uid)),
            uid,
            self._suffix[1],
        ]
        laid = [b""] * len(self._order)
        for keyword, value in varying.items():
            laid[self._order[values.element(keyword)[0]]] = self._element(keyword, value)
        for segment, own in zip(self._segments, laid, strict=False):
            parts += (segment, own)
        parts.append(self._segments[-1])
        return b"".join(parts)

    def _between(self, kept: Attributes, edges: list[int]) -> Iterator[bytes]:
        """Yield the shared elements between two edges, encoded, for each pair of neighbours among the edges."""
        if any(" or " in (vr := values.element(k)[1]) and vr != "US or SS" for k in kept):
            full = correct_ambiguous_vr(values.dataset(kept), is_little_endian=True)
            yield from (_encoded(full[low + 1 : high]) for low, high in pairwise(edges))
            return
        found = sorted((values.element(k)[0], self._element(k, v)) for k, v in kept.items())
        place = 0
        for edge in edges[1:]:
            begin = place
            while place < len(found) and found[place][0] < edge:
                place += 1
            yield b"".join(raw for _, raw in found[begin:place])

    def _element(self, keyword: str, value: object) -> bytes:
        """Encode one element; texts alone are remembered: of numbers, equal ones may have other bytes (0 and -0)."""
        if values.element(keyword)[1] not in _SHORT_TEXTS:
            return _by_hand(keyword, value) or _by_pydicom(keyword, value, signed=self._signed)
        return _remembered(keyword, value, self._signed)


@lru_cache(maxsize=4096, typed=True)
def _remembered(keyword: str, value: object, signed: bool) -> bytes:  # noqa: FBT001 - of a cache's key
    return _by_hand(keyword, value) or _by_pydicom(keyword, value, signed=signed)


def _by_hand(keyword: str, value: object) -> bytes:
    """Return an element, or nothing where it takes pydicom to encode it."""
    tag, vr = values.element(keyword)
    if vr in _SHORT_TEXTS:
        raw = ("\\".join(value) if isinstance(value, tuple) else cast("str", value)).encode()
        raw = _padded(raw, _PAD.get(vr, b" "))
        return _prefix(tag, vr) + struct.pack("<H", len(raw)) + raw if len(raw) <= _LONGEST else b""
    if vr in _NUMBERS and value not in ("", None):
        numbers = value if isinstance(value, tuple) else (value,)
        raw = struct.pack(f"<{len(numbers)}{_NUMBERS[vr]}", *numbers)
        return _prefix(tag, vr) + struct.pack("<H", len(raw)) + raw
    if vr == "SQ":
        items = [_item(item) for item in cast("tuple[Attributes, ...]", value)]
        if all(items):
            raw = b"".join(items)
            return _prefix(tag, vr) + struct.pack("<HI", 0, len(raw)) + raw
    return b""


def _item(attributes: Attributes) -> bytes:
    """Return an item of a sequence, or nothing where it takes pydicom to encode it."""
    found = sorted((values.element(k)[0], _by_hand(k, v)) for k, v in attributes.items())
    raw = b"".join(part for _, part in found)
    return _ITEM + struct.pack("<I", len(raw)) + raw if all(part for _, part in found) else b""


def _by_pydicom(keyword: str, value: object, *, signed: bool) -> bytes:
    lone = values.dataset({keyword: value})
    lone._pixel_rep = int(signed)  # noqa: SLF001 - what pydicom reads when the element stands alone
    return _encoded(correct_ambiguous_vr(lone, is_little_endian=True))


@cache
def _prefix(tag: int, vr: str) -> bytes:
    return struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr.encode())


def _padded(raw: bytes, pad: bytes) -> bytes:
    return raw + pad if len(raw) & 1 else raw


def _encoded(part: Dataset) -> bytes:
    out = DicomBytesIO()
    out.is_little_endian, out.is_implicit_VR = True, False
    write_dataset(out, part, parent_encoding=CHARACTER_SET)
    return out.getvalue()


def _pixel_element(bits_allocated: int, count: int) -> bytes:
    return _prefix(_PIXEL_DATA, "OW" if bits_allocated > 8 else "OB") + struct.pack(
        "<HI", 0, count + count % 2
    )


@cache
def _meta(sop_class: str) -> tuple[bytes, int, tuple[bytes, bytes]]:
    """Return what stands before the group length, the length without the UID, and what surrounds the UID."""
    out = DicomBytesIO()
    out.is_little_endian, out.is_implicit_VR = True, False
    write_file_meta_info(out, file_meta(sop_class, "1.2"))
    raw = out.getvalue()
    at = raw.index(_META_UID) + len(_META_UID)
    size = struct.unpack_from("<H", raw, at)[0]
    length = struct.unpack_from("<I", raw, 8)[0] - size
    return b"\0" * 128 + b"DICM" + raw[:8], length, (raw[12:at], raw[at + 2 + size :])


def file_meta(sop_class: str, uid: str) -> FileMetaDataset:
    """Return the File Meta Information of PS3.10 7.1."""
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\0\1"
    meta.MediaStorageSOPClassUID = UID(sop_class)
    meta.MediaStorageSOPInstanceUID = UID(uid)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    return meta
