"""Acquisition parameters that servers keep in extensions, by DICOM keyword and in DICOM's units.

Known: the German core data set's imaging module (Medizininformatik-Initiative, Modul Bildgebung: ``modalitaet-mr``,
``-ct``, ``-mg-cr-dx``, ``instanz-details`` …) and IHE MADO. Another guide is a row or two in `_ROWS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fhir2dicom.source.codes import codes
from fhir2dicom.source.references import REFERENCE_LIMIT
from fhir2dicom.source.values import flag, items, number, objects, part, text

# end of the extension's url, lower case    DICOM keyword (PS3.6)     unit that DICOM wants
_ROWS = (
    ("echotime", "EchoTime", "ms"),
    ("repetitiontime", "RepetitionTime", "ms"),
    ("inversiontime", "InversionTime", "ms"),
    ("flipangle", "FlipAngle", "deg"),
    ("magneticfieldstrength", "MagneticFieldStrength", "T"),
    ("kvp", "KVP", "kV"),
    ("exposure", "Exposure", "mAs"),
    ("exposuretime", "ExposureTime", "ms"),
    ("xraytubecurrent", "XRayTubeCurrent", "mA"),
    ("ctdivol", "CTDIvol", "mGy"),
    ("slicethickness", "SliceThickness", "mm"),
    ("mii-ex-bildgebung-serie-schichtdicke", "SliceThickness", "mm"),
    ("spacingbetweenslices", "SpacingBetweenSlices", "mm"),
    ("pixelspacingy", "PixelSpacing", "mm"),
    ("pixelspacingx", "PixelSpacing", "mm"),
    ("pixelspacing", "PixelSpacing", "mm"),
    ("transducerfrequency", "TransducerFrequency", "kHz"),
    ("pulserepetitionfrequency", "PulseRepetitionFrequency", "Hz"),
    ("radionuclidehalflife", "RadionuclideHalfLife", "s"),
    ("radionuclidetotaldose", "RadionuclideTotalDose", "Bq"),
    ("contrastbolus", "ContrastBolusAgent", ""),
    ("madonumberofframes", "NumberOfFrames", ""),
)

# unit as written, lower case             unit    times
_UNITS = (
    ("ms", "ms", 1.0), ("millisecond", "ms", 1.0), ("s", "ms", 1e3), ("second", "ms", 1e3), ("us", "ms", 1e-3),
    ("s", "s", 1.0), ("second", "s", 1.0), ("sec", "s", 1.0), ("min", "s", 60.0), ("minute", "s", 60.0),
    ("h", "s", 3600.0), ("hour", "s", 3600.0), ("ms", "s", 1e-3), ("millisecond", "s", 1e-3),
    ("deg", "deg", 1.0), ("degree", "deg", 1.0), ("plane angle degree", "deg", 1.0), ("°", "deg", 1.0),
    ("rad", "deg", 57.29577951308232), ("radian", "deg", 57.29577951308232),
    ("t", "T", 1.0), ("tesla", "T", 1.0), ("mt", "T", 1e-3), ("millitesla", "T", 1e-3), ("g", "T", 1e-4),
    ("kv", "kV", 1.0), ("kilovolt", "kV", 1.0), ("v", "kV", 1e-3), ("volt", "kV", 1e-3),
    ("ma.s", "mAs", 1.0), ("mas", "mAs", 1.0), ("milliampere second", "mAs", 1.0), ("as", "mAs", 1e3),
    ("uas", "mAs", 1e-3),
    ("ma", "mA", 1.0), ("milliampere", "mA", 1.0), ("a", "mA", 1e3), ("ampere", "mA", 1e3), ("ua", "mA", 1e-3),
    ("mgy", "mGy", 1.0), ("milligray", "mGy", 1.0), ("gy", "mGy", 1e3), ("gray", "mGy", 1e3), ("cgy", "mGy", 10.0),
    ("mm", "mm", 1.0), ("millimeter", "mm", 1.0), ("millimetre", "mm", 1.0), ("cm", "mm", 10.0),
    ("centimeter", "mm", 10.0), ("centimetre", "mm", 10.0), ("m", "mm", 1e3), ("um", "mm", 1e-3), ("µm", "mm", 1e-3),
    ("khz", "kHz", 1.0), ("kilohertz", "kHz", 1.0), ("mhz", "kHz", 1e3), ("megahertz", "kHz", 1e3),
    ("hz", "kHz", 1e-3), ("hertz", "kHz", 1e-3),
    ("hz", "Hz", 1.0), ("hertz", "Hz", 1.0), ("khz", "Hz", 1e3), ("kilohertz", "Hz", 1e3),
    ("bq", "Bq", 1.0), ("becquerel", "Bq", 1.0), ("kbq", "Bq", 1e3), ("mbq", "Bq", 1e6), ("megabecquerel", "Bq", 1e6),
    ("gbq", "Bq", 1e9),
)  # fmt: skip

_KEYWORDS = {row[0]: row[1:] for row in _ROWS}
_FACTORS = {(written, unit): factor for written, unit, factor in _UNITS}
_DEPTH = 3
_VALUES = ("valueQuantity", "valueDecimal", "valueInteger", "valueString", "valueBoolean")


def parameters(series: Any) -> Mapping[str, float]:
    """Return a series' acquisition parameters, its own before those of its first instance.

    Pixel spacing is one number, that between rows when the two differ. Contrast medium, of which extensions say only
    whether it was given, is ``ContrastBolusAgent`` 1 or 0. A value in a unit nobody knows is left out.
    """
    holders = [series, *objects(part(series, "instance"), 1)]
    found: dict[str, float] = {}
    for holder in holders:
        for keyword, value in _walk(part(holder, "extension"), _DEPTH):
            found.setdefault(keyword, value)
    return dict(sorted(found.items()))


def view(series: Any) -> str:
    """Return the view that a film's extension names, ``Left lateral projection``; empty when none does."""
    for extension in objects(part(series, "extension")):
        for inner in (extension, *objects(extension.get("extension"))):
            if text(inner.get("url"), REFERENCE_LIMIT).lower().endswith("viewposition"):
                return next((c.display or c.value for c in codes(inner.get("valueCodeableConcept"))), "")
    return ""


def _walk(extensions: Any, depth: int) -> Iterator[tuple[str, float]]:
    # Y before X: rows come first in Pixel Spacing (0028,0030)
    named = [(text(e.get("url"), REFERENCE_LIMIT).lower().rpartition("/")[2], e) for e in objects(extensions)]
    for tail, extension in sorted(named, key=lambda n: n[0] == "pixelspacingx"):
        keyword, unit = _KEYWORDS.get(tail, ("", ""))
        value = _value(extension, unit) if keyword else None
        if value is not None:
            yield keyword, value
        if depth and "extension" in extension:
            yield from _walk(extension["extension"], depth - 1)


def _value(extension: Any, unit: str) -> float | None:
    value = next((extension[k] for k in _VALUES if k in extension), None)
    if isinstance(value, dict):
        return _quantity(value, unit)
    if not unit and (said := flag(value)) is not None:
        return float(said)
    return number(value)


def _quantity(quantity: Any, unit: str) -> float | None:
    amount = number(part(quantity, "value"))
    written = [text(part(quantity, k), 64).lower() for k in ("code", "unit")]
    said = [w.removesuffix("s") if len(w) > 3 else w for w in written if w]
    factors = (_FACTORS.get((w, unit)) for w in items(said))
    factor = next((f for f in factors if f is not None), 1.0 if not said or not unit else None)
    # rounded so that 0.388 s is 388 ms to the last digit
    return None if amount is None or factor is None else round(amount * factor, 9)
