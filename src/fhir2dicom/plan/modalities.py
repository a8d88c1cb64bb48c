"""Modality codes: their names, what junk stands for them on servers, and which are no images."""

from __future__ import annotations

from collections.abc import Mapping

from fhir2dicom.model import Code, SeriesOrder, StudyOrder
from fhir2dicom.plan.texts import fold, has_word

NAMES: Mapping[str, str] = {
    "AR": "Autorefraction",
    "ANN": "Annotation",
    "ASMT": "Content Assessment Result",
    "AU": "Basic Voice Audio",
    "BDUS": "Ultrasound Bone Densitometry",
    "BI": "Biomagnetic Imaging",
    "BMD": "Bone Mineral Densitometry",
    "CFM": "Confocal Microscopy",
    "CR": "Computed Radiography",
    "CT": "Computed Tomography",
    "CTPROTOCOL": "CT Protocol",
    "DG": "Diaphanography",
    "DMS": "Dermoscopy",
    "DOC": "Document",
    "DX": "Digital Radiography",
    "ECG": "Electrocardiography",
    "EEG": "Electroencephalography",
    "EMG": "Electromyography",
    "EOG": "Electrooculography",
    "EPS": "Cardiac Electrophysiology",
    "ES": "Endoscopy",
    "FID": "Spatial Fiducials",
    "GM": "General Microscopy",
    "HC": "Hard Copy",
    "HD": "Hemodynamic Waveform",
    "IO": "Intra-oral Radiography",
    "IOL": "Intraocular Lens Calculation",
    "IVOCT": "Intravascular Optical Coherence Tomography",
    "IVUS": "Intravascular Ultrasound",
    "KER": "Keratometry",
    "KO": "Key Object Selection",
    "LEN": "Lensometry",
    "LP": "Laparoscopy",
    "LS": "Laser Surface Scan",
    "M3D": "3D Manufacturing Modeling System",
    "MG": "Mammography",
    "MR": "Magnetic Resonance",
    "NM": "Nuclear Medicine",
    "OAM": "Ophthalmic Axial Measurements",
    "OCT": "Optical Coherence Tomography",
    "OP": "Ophthalmic Photography",
    "OPM": "Ophthalmic Mapping",
    "OPR": "Ophthalmic Refraction",
    "OPT": "Ophthalmic Tomography",
    "OPTBSV": "Ophthalmic Tomography B-scan Volume Analysis",
    "OPTENF": "Ophthalmic Tomography En Face",
    "OPV": "Ophthalmic Visual Field",
    "OSS": "Optical Surface Scanner",
    "OT": "Other Modality",
    "PA": "Photoacoustic",
    "PLAN": "Plan",
    "POS": "Position Sensor",
    "PR": "Presentation State",
    "PT": "Positron Emission Tomography",
    "PX": "Panoramic X-Ray",
    "REG": "Registration",
    "RESP": "Respiratory Waveform",
    "RF": "Radiofluoroscopy",
    "RG": "Radiographic Imaging",
    "RTDOSE": "Radiotherapy Dose",
    "RTIMAGE": "Radiotherapy Image",
    "RTINTENT": "Radiotherapy Intent",
    "RTPLAN": "Radiotherapy Plan",
    "RTRAD": "Radiotherapy Radiation",
    "RTRECORD": "Radiotherapy Treatment Record",
    "RTSEGANN": "Radiotherapy Segment Annotation",
    "RTSTRUCT": "Radiotherapy Structure Set",
    "RWV": "Real World Value Map",
    "SEG": "Segmentation",
    "SM": "Slide Microscopy",
    "SMR": "Stereometric Relationship",
    "SR": "Structured Report Document",
    "SRF": "Subjective Refraction",
    "STAIN": "Automated Slide Stainer",
    "TEXTUREMAP": "Texture Map",
    "TG": "Thermography",
    "US": "Ultrasound",
    "VA": "Visual Acuity",
    "XA": "X-Ray Angiography",
    "XAPROTOCOL": "XA Protocol",
    "XC": "External-camera Photography",
}
"""What the codes of Modality (PS3.3 C.7.3.1.1.1) mean, as PS3.16 Annex D has it; LP and OPR are retired."""

NOT_IMAGES = frozenset(
    [
        "AR",
        "ANN",
        "ASMT",
        "AU",
        "CTPROTOCOL",
        "DOC",
        "ECG",
        "EEG",
        "EMG",
        "EOG",
        "EPS",
        "FID",
        "HD",
        "IOL",
        "KER",
        "KO",
        "LEN",
        "M3D",
        "OAM",
        "OPR",
        "OPV",
        "PLAN",
        "POS",
        "PR",
        "REG",
        "RESP",
        "RTDOSE",
        "RTINTENT",
        "RTPLAN",
        "RTRAD",
        "RTRECORD",
        "RTSEGANN",
        "RTSTRUCT",
        "RWV",
        "SEG",
        "SMR",
        "SR",
        "SRF",
        "STAIN",
        "TEXTUREMAP",
        "VA",
        "XAPROTOCOL",
    ]
)
"""Reports, waveforms, measurements, and what is drawn over images of others."""

_MEANT: Mapping[str, str] = {
    # junk seen on servers, or codes that are no CID 29 term: what is meant
    "PET": "PT",
    "XR": "DX",
    "RG": "DX",
    "DR": "DX",
    "X-RAY": "DX",
    "XRAY": "DX",
    "MRI": "MR",
    "MRT": "MR",
    "CTA": "CT",
    "CAT": "CT",
    "MAMMO": "MG",
    "ECHO": "US",
    "USG": "US",
    "ULTRASOUND": "US",
    "FLUORO": "RF",
    "EKG": "ECG",
    # SNOMED CT procedures used as a modality
    "77477000": "CT",
    "312251004": "CT",
    "113091000": "MR",
    "312250003": "MR",
    "16310003": "US",
    "40701008": "US",
    "363680008": "DX",
    "168537006": "DX",
    "71651007": "MG",
    "44491008": "RF",
    "82918005": "PT",
    "373205008": "NM",
}

_WORDS: Mapping[str, tuple[str, ...]] = {
    # in the order in which they are looked for: a PET-CT is a PT, a CT angiography a CT
    "PT": ("pet", "positron"),
    "MG": ("mammogra", "mamograf"),
    "US": ("ultraso", "ultrasch", "sonogra", "echograph", "echocardio", "ecograf", "échogra", "doppler"),
    "MR": (
        "mr",
        "mri",
        "mrt",
        "irm",
        "magnetic resonance",
        "magnetresonanz",
        "resonancia",
        "kernspin",
        "mrt",
    ),
    "CT": (
        "ct",
        "cat",
        "tac",
        "computed tomography",
        "computertomogra",
        "tomodensito",
        "tomografía",
        "scanner",
    ),
    "OPT": ("optical coherence", "oct", "ophthalmic tomography"),
    "OP": ("fundus", "fundoscopy", "ophthalmic photography"),
    "DX": (
        "x-ray",
        "xray",
        "x ray",
        "xr",
        "cxr",
        "radiograph",
        "röntgen",
        "rx",
        "radiogra",
        "plain film",
        "レントゲン",
    ),
}

_OF_CLASS: Mapping[str, str] = {
    # SOP class: modality its IOD wants (PS3.3), where servers say DX for all of them
    "1.2.840.10008.5.1.4.1.1.1.2": "MG",
    "1.2.840.10008.5.1.4.1.1.1.2.1": "MG",
    "1.2.840.10008.5.1.4.1.1.1.3": "IO",
    "1.2.840.10008.5.1.4.1.1.1.3.1": "IO",
}
_CLASS_MODALITY: Mapping[str, str] = {
    # SOP class: modality, when FHIR names no modality at all
    **_OF_CLASS,
    "1.2.840.10008.5.1.4.1.1.1": "CR",
    "1.2.840.10008.5.1.4.1.1.1.1": "DX",
    "1.2.840.10008.5.1.4.1.1.1.1.1": "DX",
    "1.2.840.10008.5.1.4.1.1.2": "CT",
    "1.2.840.10008.5.1.4.1.1.2.1": "CT",
    "1.2.840.10008.5.1.4.1.1.3.1": "US",
    "1.2.840.10008.5.1.4.1.1.4": "MR",
    "1.2.840.10008.5.1.4.1.1.4.1": "MR",
    "1.2.840.10008.5.1.4.1.1.6.1": "US",
    "1.2.840.10008.5.1.4.1.1.20": "NM",
    "1.2.840.10008.5.1.4.1.1.77.1.5.1": "OP",
    "1.2.840.10008.5.1.4.1.1.77.1.5.4": "OPT",
    "1.2.840.10008.5.1.4.1.1.128": "PT",
}
RADIOGRAPHS = frozenset({"CR", "DX", "IO", "MG", "PX"})
"""Films: servers take one for the other."""
WHY_NOT: Mapping[str, str] = {
    "XA": "vessels filled with contrast medium are not drawn",
    "RF": "organs filled with contrast medium, and motion, are not drawn",
    "NM": "uptake of a tracer is not drawn",
    "PT": "uptake of a tracer is not drawn",
}
"""Of modalities that are not only waiting for their turn."""
_PLAIN_FILMS = frozenset({"CR", "DX"})
PANORAMIC = (
    "panoramic",
    "panorex",
    "opg",
    "orthopantomogra",
    "ortopantomogra",
    "panoramique",
    "panorama",
    "パノラマ",
)


def named(modality: str) -> str:
    """Return a code with its meaning: ``OPT (Ophthalmic Tomography)``."""
    return f"{modality} ({NAMES[modality]})" if modality in NAMES else f"'{modality[:40]}' (unknown modality)"


def sop_class_of(series: SeriesOrder) -> str:
    """Return the SOP class that most instances of a series name; the first of equals."""
    classes = [i.sop_class for i in series.instances if i.sop_class]
    return max(dict.fromkeys(classes), key=classes.count) if classes else ""


def modality_of(order: StudyOrder, series: SeriesOrder, where: str, notes: list[str]) -> str:
    """Return the modality of a series as a DICOM code, an unknown code as it is, or nothing."""
    if series.modality is not None and (series.modality.value or series.modality.display):
        code = _read(series.modality, where, notes)
    else:
        code = _guess(order, series, where, notes)
    wanted = _OF_CLASS.get(sop_class_of(series))
    if code in _PLAIN_FILMS and wanted:
        notes.append(f"{where}: modality {code}, but the SOP class is of {named(wanted)}; taken as {wanted}")
        return wanted
    return code


def _read(given: Code, where: str, notes: list[str]) -> str:
    code = given.value.strip().upper()
    if code in NAMES and code not in _MEANT:
        return code
    meant = _MEANT.get(code) or _by_name(given.display)
    if not meant:
        return code or given.display
    notes.append(f"{where}: modality '{given.value[:40]}' is taken as {named(meant)}")
    return meant


def _by_name(display: str) -> str:
    folded = fold(display)
    exact = next((c for c, name in NAMES.items() if name.casefold() == folded), "")
    return exact or next((c for c, words in _WORDS.items() if has_word(folded, words)), "")


def _guess(order: StudyOrder, series: SeriesOrder, where: str, notes: list[str]) -> str:
    if code := _CLASS_MODALITY.get(sop_class_of(series), ""):
        notes.append(f"{where}: no modality; {named(code)} by its SOP class")
        return code
    codes = list(dict.fromkeys(_read(m, "study", notes) for m in order.modalities))
    images = [c for c in codes if c not in NOT_IMAGES]
    if len(images) == 1 or (codes and not images):
        notes.append(f"{where}: no modality; {named((images or codes)[0])} as the study says")
        return (images or codes)[0]
    text = fold(
        series.description, order.description, *(c.display for c in (*order.procedures, *order.reasons))
    )
    code = next((c for c, words in _WORDS.items() if has_word(text, words)), "")
    if code:
        notes.append(f"{where}: no modality; {named(code)} by the words of the description or procedure")
    return code
