"""What operations on the heart leave: wires in the sternum, clips along the grafts, an artificial valve, a pump."""

from __future__ import annotations

from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan, Grown
from fhir2dicom.seed import Seed

_SEEN = ("chest", "ribs", "thoracic-spine", "abdomen")


def _device(part: str, seed: Seed, amount: float = 1.0) -> Edit:
    return Edit("device", part, amount=amount, key=seed.child(part).key())


def sternotomy(plan: FindingPlan, seed: Seed) -> tuple[Grown, ...]:  # noqa: ARG001  wires stay as they were set
    """Return the wires that close a sternum."""
    return (_device("sternal-wires", seed),)


def bypass(plan: FindingPlan, seed: Seed) -> tuple[Grown, ...]:  # noqa: ARG001
    """Return the clips on the vessels of a bypass; the wires are `sternotomy`'s, which the same codes call for."""
    return (_device("bypass-clips", seed),)


def valve(plan: FindingPlan, seed: Seed) -> tuple[Grown, ...]:  # noqa: ARG001
    """Return an aortic valve: of metal in one of three, else of tissue in a frame."""
    metal = seed.child("kind").uniform() < 0.34
    return _device("mechanical-valve" if metal else "bioprosthesis", seed), _device("sternal-wires", seed)


def transcatheter_valve(plan: FindingPlan, seed: Seed) -> tuple[Grown, ...]:  # noqa: ARG001
    """Return a valve in a stent, put in without opening the chest."""
    return (_device("transcatheter-valve", seed),)


def assist_device(plan: FindingPlan, seed: Seed) -> tuple[Grown, ...]:  # noqa: ARG001
    """Return a pump for the left ventricle, in a chest that was opened, round a heart that is wide."""
    return _device("assist-device", seed), _device("sternal-wires", seed), Edit("heart-size", amount=0.6)


def stent(plan: FindingPlan, seed: Seed) -> tuple[Grown, ...]:
    """Return one or two stents in coronary arteries."""
    return (_device("coronary-stent", seed, plan.severity),)


STERNOTOMY = Finding(
    name="sternotomy",
    snomed=frozenset({
        "359672006",  # median sternotomy
        "119481000119105",  # history of aortic valve repair
        "1155885007",  # repair of aortic valve
    }),
    regions=_SEEN,
    grow=sternotomy,
)  # fmt: skip
"""A sternum closed with wires."""

BYPASS = Finding(
    name="coronary-bypass",
    snomed=frozenset({
        "399261000",  # history of coronary artery bypass grafting
        "232717009",  # coronary artery bypass grafting
        "418824004",  # off-pump coronary artery bypass
        "414088005",  # emergency coronary artery bypass graft
    }),
    regions=_SEEN,
    grow=lambda plan, seed: (*bypass(plan, seed), *sternotomy(plan, seed)),
)  # fmt: skip
"""Coronary bypass."""

VALVE = Finding(
    name="aortic-valve-prosthesis",
    snomed=frozenset({
        "1231000119100",  # history of aortic valve replacement
        "26212005",  # replacement of aortic valve
        "705991002",  # mechanical cardiac valve prosthesis
        "860577005",  # aortic valve bioprosthesis
    }),
    regions=_SEEN,
    grow=valve,
)  # fmt: skip
"""An artificial aortic valve."""

TRANSCATHETER_VALVE = Finding(
    name="transcatheter-aortic-valve",
    snomed=frozenset({
        "773996000",  # transcatheter aortic valve implantation
        "725351001",  # transcatheter aortic valve implantation (older code)
    }),
    regions=_SEEN,
    grow=transcatheter_valve,
)  # fmt: skip
"""An aortic valve in a stent."""

ASSIST_DEVICE = Finding(
    name="ventricular-assist-device",
    snomed=frozenset({
        "232965003",  # implantation of cardiac ventricular assist device
        "232967006",  # implantation of left cardiac ventricular assist device
        "360064003",  # ventricular assist device
        "360066001",  # left ventricular assist device
    }),
    regions=_SEEN,
    grow=assist_device,
)  # fmt: skip
"""A pump for the left ventricle."""

STENT = Finding(
    name="coronary-stent",
    snomed=frozenset({"415070008"}),  # percutaneous coronary intervention
    regions=("chest",),
    grow=stent,
)
"""Stents in coronary arteries."""
