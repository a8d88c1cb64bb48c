"""What was done to a breast: the marker of a biopsy, the scar and clips of a lumpectomy, a breast that was removed."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan
from fhir2dicom.seed import Seed


def biopsy(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the titanium marker that is left behind."""
    return (Edit("breast-clip", "breast", plan.laterality, key=seed.child("clip").key()),)


def lumpectomy(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return the scar, which fades over the years, and the surgeon's clips; the mass is gone."""
    fresh = round(1.0 / (1.0 + max(plan.days, 0.0) / 1500.0), 4)
    return (Edit("breast-scar", "breast", plan.laterality, fresh, seed.child("scar").key()),)


def mastectomy(plan: FindingPlan, seed: Seed) -> tuple[Edit, ...]:
    """Return that there is no breast on this side."""
    return (Edit("mastectomy", "breast", plan.laterality, key=seed.key()),)


BIOPSY = Finding(
    name="breast-biopsy",
    snomed=frozenset({
        "122548005",  # biopsy of breast
        "44578009",  # core needle biopsy of breast
        "274331003",  # surgical biopsy of breast
    }),
    regions=("breast",),
    grow=biopsy,
)  # fmt: skip
"""A biopsy's marker."""

LUMPECTOMY = Finding(
    name="breast-lumpectomy",
    snomed=frozenset({
        "392021009",  # lumpectomy of breast
        "392023007",  # excision of lesion of breast
        "64368001",  # partial mastectomy
    }),
    regions=("breast",),
    grow=lumpectomy,
)  # fmt: skip
"""A lumpectomy's scar."""

MASTECTOMY = Finding(
    name="mastectomy",
    snomed=frozenset({
        "69031006",  # excision of breast tissue
        "172043006",  # simple mastectomy
        "384723003",  # radical mastectomy
        "406505007",  # modified radical mastectomy
    }),
    regions=("breast",),
    grow=mastectomy,
)  # fmt: skip
"""A breast that was removed."""
