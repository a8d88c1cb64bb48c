"""What surgeons, cardiologists and intensivists leave in a chest or a belly: wires, clips, valves, leads, tubes, stents.

A device is an `Edit` of kind ``device`` whose ``part`` is its name. Where it lies is given in the atlas and goes through
the patient's warp; how large it is, is in millimetres: devices do not grow with people. Sizes after product data sheets,
rounded by us. Films only: a section shows none of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy import device_parts as parts
from fhir2dicom.anatomy.device_parts import F64, Wire
from fhir2dicom.model import Edit, Surface, Tubes, Vec3
from fhir2dicom.noise import unit

F32 = npt.NDArray[np.float32]
Move = Callable[[F32], F32]

STEEL, TITANIUM, COBALT, BARIUM, SILICONE = 18.0, 12.0, 18.0, 3.0, 0.5
"""Attenuation beside water of what a film shows: metals nearly stop the beam, and are capped so; a barium stripe does
not (NIST XCOM at 65 keV: iron 39, titanium 13; a plastic with a fifth of barium sulphate about 3)."""


@dataclass(frozen=True, eq=False, slots=True)
class Hardware:
    """Devices in patient mm."""

    surfaces: dict[str, Surface] = field(default_factory=dict)
    wires: list[Wire] = field(default_factory=list)


def devices(edits: Iterable[Edit], to_patient: Move) -> tuple[dict[str, Surface], dict[str, Tubes]]:
    """Return the devices among the edits as surfaces and tubes; each once, unknown names passed over."""
    made = Hardware()
    once = {(e.part, e.laterality): e for e in edits if e.kind == "device" and e.part in MAKERS}
    for k, edit in enumerate(once.values()):
        part = MAKERS[edit.part](edit, _Place(to_patient))
        made.surfaces.update({f"device_{k}_{n}": s for n, s in part.surfaces.items()})
        made.wires.extend(part.wires)
    return made.surfaces, parts.tubes(made.wires)


@dataclass(frozen=True, slots=True)
class _Place:
    """From the atlas to the patient."""

    to_patient: Move

    def line(self, *points: Vec3, steps: int = 6) -> F64:
        """Return a smooth line through atlas points, patient mm (n, 3)."""
        return parts.spline(self.to_patient(np.array(points, np.float32)).astype(np.float64), steps)

    def at(self, point: Vec3) -> F64:
        """Return one point of the patient."""
        return np.asarray(self.to_patient(np.array([point], np.float32))[0], np.float64)


def _chance(edit: Edit, n: int, low: float = -1.0, high: float = 1.0) -> float:
    return low + (high - low) * float(unit(edit.key, n))


def _sternal_wires(edit: Edit, place: _Place) -> Hardware:
    """Make seven loops round the sternum, twisted in front; a wire of 0.9 mm."""
    wires = []
    for k, z in enumerate((284.0, 268.0, 248.0, 228.0, 208.0, 189.0, 171.0)):
        front = 126.0 - (296.0 - z) * 0.225
        x = 5.0 + (296.0 - z) * 0.045 + _chance(edit, k) * 1.5
        middle = place.at((x, front, z + 1.5 * _chance(edit, 20 + k)))
        half = 15.0 if k < 2 else 11.5
        tilt = 0.22 * _chance(edit, 40 + k)
        loop = (
            parts.ring(half + _chance(edit, 60 + k), 8.5, (tilt, -0.22 + 0.2 * _chance(edit, 80 + k), 1.0))
            + middle
        )
        wires.append(Wire(loop, 0.45, STEEL))
        knot = middle + np.array((2.0 * _chance(edit, 100 + k), -9.5, 0.0))
        turn = _chance(edit, 120 + k) * 6.0
        wires.append(
            Wire(
                np.array(
                    [knot, knot + np.array((turn * 0.4, -1.5, 3.5)), knot + np.array((turn, -1.0, 6.5))]
                ),
                0.75,
                STEEL,
            )
        )
    return Hardware(wires=wires)


def _bypass_clips(edit: Edit, place: _Place) -> Hardware:
    """Make clips along the left internal mammary artery and the grafts, some 4 mm long."""
    wires = []
    for k in range(9 + int(7 * _chance(edit, 0, 0, 1))):
        share = _chance(edit, 10 + k, 0, 1)
        along = (20 + 26 * share**2, 106 + 4 * share, 278 - 128 * share)
        at = place.at(along) + np.array([4.0 * _chance(edit, 40 + 3 * k + c) for c in range(3)])
        way = np.array([_chance(edit, 140 + 3 * k + c) for c in range(3)]) + 0.01
        way *= 2.2 / float((way * way).sum()) ** 0.5
        wires.append(Wire(np.array([at - way, at + way]), 0.7, STEEL))
    return Hardware(wires=wires)


_ROOT: Vec3 = (9.0, 147.0, 163.0)
"""Middle of the aortic valve."""
_ROOT_AXIS: Vec3 = (-0.42, -0.40, 0.81)


def _mechanical_valve(edit: Edit, place: _Place) -> Hardware:
    """Make two leaflets in a ring of 23 mm."""
    size = 11.5 + _chance(edit, 1)
    at = place.at(_ROOT)
    side = parts.across(_ROOT_AXIS)[0]
    ring = parts.ring(size, size, _ROOT_AXIS) + at
    wires = [Wire(ring, 1.1, COBALT), Wire(ring + 2.2 * np.array(_ROOT_AXIS), 0.9, COBALT)]
    for sign in (-1.0, 1.0):
        middle = at + 2.5 * sign * side
        hinge = parts.across(_ROOT_AXIS)[1] * (size - 2.0)
        lift = (np.array(_ROOT_AXIS) * 0.9 + side * 0.25 * sign) * 8.0
        wires += [
            Wire(np.array([middle - hinge * w + lift * t, middle + hinge * w + lift * t]), 0.5, TITANIUM)
            for t, w in ((0.0, 1.0), (0.3, 0.95), (0.6, 0.75), (0.9, 0.4))
        ]
    return Hardware(wires=wires)


def _bioprosthesis(edit: Edit, place: _Place) -> Hardware:
    """Make a wire that rises to three posts on a ring of 23 mm."""
    size, at = 11.0 + _chance(edit, 1), place.at(_ROOT)
    flat = parts.ring(size, size, _ROOT_AXIS, 36)
    height = np.array([13.0 * max(0.0, 1 - 2.2 * abs((k % 12) / 12 - 0.5) * 2) ** 1.3 for k in range(36)])
    crown = flat + height[np.arange(37) % 36][:, None] * np.array(_ROOT_AXIS)
    return Hardware(wires=[Wire(crown + at, 0.6, COBALT), Wire(flat + at, 0.45, COBALT)])


def _transcatheter_valve(edit: Edit, place: _Place) -> Hardware:
    """Make a lattice of cells 20 mm tall and 26 mm wide, opened by a balloon, or one of 45 mm that opens itself."""
    tall = _chance(edit, 1) < 0
    mesh = parts.lattice(
        12.5, 45.0 if tall else 20.0, 12, 6 if tall else 4, 0.28 if tall else 0.0, _ROOT_AXIS
    )
    return Hardware(wires=[Wire(line + place.at(_ROOT), 0.33, COBALT) for line in mesh])


_SVC: tuple[Vec3, ...] = ((-26.0, 156.0, 262.0), (-28.0, 158.0, 235.0), (-29.0, 158.0, 210.0))


def _leads(place: _Place, side: float, *, coil: bool, third: bool) -> list[Wire]:
    """Leads from a pocket under the collar bone through the upper caval vein to atrium and ventricle."""
    vein: tuple[Vec3, ...] = (
        (side * 62, 104, 270), (side * 80, 118, 285), (side * 66, 142, 300), (side * 38, 152, 298),
        *(((4.0, 144.0, 282.0),) if side > 0 else ()), *_SVC,
    )  # fmt: skip
    atrium = place.line(*vein, (-30, 150, 176), (-22, 132, 166), (-14, 118, 180), (-16, 114, 196))
    ventricle = place.line(
        *((x + 3.0, y + 2.0, z) for x, y, z in vein), (-31, 156, 182), (-22, 150, 158), (6, 132, 142), (34, 116, 134),
        (54, 108, 134),
    )  # fmt: skip
    wires = [Wire(atrium, 0.85, 5.0), Wire(ventricle, 0.95, 5.0)]
    wires += [Wire(line[-3:], 1.0, COBALT) for line in (atrium, ventricle)]
    if coil:
        n = len(ventricle)
        wires += [Wire(ventricle[int(0.80 * n) : int(0.96 * n)], 1.4, COBALT)]
        wires += [Wire(ventricle[int(0.46 * n) : int(0.58 * n)], 1.4, COBALT)]
    if third:
        sinus = ((-28, 160, 176), (-6, 180, 164), (30, 192, 172), (62, 182, 176), (82, 164, 164))
        wires.append(Wire(place.line(*((x - 3.0, y, z) for x, y, z in vein), *sinus), 0.8, 5.0))
    return wires


def _pacemaker(edit: Edit, place: _Place) -> Hardware:
    """Make a can of 45 x 48 x 7 mm and two leads."""
    return _generator(edit, place, (22.0, 3.6, 23.0), coil=False)


def _defibrillator(edit: Edit, place: _Place) -> Hardware:
    """Make a can of 60 x 72 x 12 mm, a lead with coils, another to the atrium, and with ``amount`` over a half a third."""
    return _generator(edit, place, (28.0, 5.6, 33.0), coil=True)


def _generator(edit: Edit, place: _Place, half: Vec3, *, coil: bool) -> Hardware:
    side = -1.0 if edit.laterality == "R" else 1.0
    at = place.at((side * (74 + 3 * _chance(edit, 1)), 92.0, 262.0 + 5 * _chance(edit, 2)))
    at = at + np.array((side * half[0] * 0.3, 0.0, -half[2] * 0.5))
    can = parts.pillow(at, half)
    inner = parts.pillow(
        at + np.array((0.0, 0.0, -half[2] * 0.25)), (half[0] * 0.85, half[1] * 0.8, half[2] * 0.62)
    )
    surfaces = {"can": Surface(*can, 5.6), "battery": Surface(*inner, 7.0)}
    return Hardware(surfaces, _leads(place, side, coil=coil, third=coil and edit.amount > 0.5))


def _port(edit: Edit, place: _Place) -> Hardware:
    """Make a chamber under the skin and a catheter to the lower caval-atrial junction."""
    side = 1.0 if edit.laterality == "L" else -1.0
    at = place.at((side * 62.0, 92.0, 258.0))
    chamber = Surface(*parts.pillow(at, (12.0, 5.5, 13.0)), 2.0)
    rim = [Wire(parts.ring(r, r, (0.0, 1.0, 0.1)) + at, 0.6, TITANIUM) for r in (7.0, 10.5)]
    way = ((side * 62, 96, 264), (side * 58, 116, 288), (side * 42, 146, 304), (side * 26, 152, 290), *_SVC)
    tip = ((-29.0, 156.0, 190.0),)
    return Hardware({"chamber": chamber}, [*rim, Wire(place.line(*way, *tip), 1.1, BARIUM)])


def _endotracheal_tube(edit: Edit, place: _Place) -> Hardware:
    """Make a tube with an opaque stripe, its tip 3 to 6 cm over the carina."""
    tip = 254.0 + 16.0 * _chance(edit, 1, 0, 1)
    way: tuple[Vec3, ...] = tuple((4.0, 187 - 0.31 * (z - 254), z) for z in (tip, 285.0, 310.0, 340.0, 372.0))
    line = place.line(*way)
    return Hardware(wires=[Wire(line, 4.8, 0.22), Wire(line + np.array((3.6, 0.0, 0.0)), 0.8, BARIUM * 2)])


def _pulmonary_catheter(edit: Edit, place: _Place) -> Hardware:  # noqa: ARG001  every one takes the same way
    """Make a catheter from the right jugular vein through the heart into the right pulmonary artery."""
    heart = ((-30, 152, 178), (-16, 138, 158), (10, 120, 150), (30, 116, 162), (32, 124, 190), (26, 146, 206))
    way = ((-34, 176, 350), (-32, 166, 310), *_SVC, *heart, (2, 168, 208), (-28, 180, 203), (-44, 192, 190))
    line = place.line(*way)
    return Hardware(wires=[Wire(line, 1.25, BARIUM * 1.3)])


def _central_line(edit: Edit, place: _Place) -> Hardware:
    """Make a catheter from a jugular vein to the lower upper caval vein."""
    side = 1.0 if edit.laterality == "L" else -1.0
    way = ((side * 36, 176, 350), (side * 33, 164, 308), *_SVC)
    return Hardware(wires=[Wire(place.line(*way), 1.1, BARIUM)])


def _gastric_tube(edit: Edit, place: _Place) -> Hardware:
    """Make a tube through the oesophagus into the stomach."""
    low = 78.0 + 14 * _chance(edit, 1)
    way = (
        (4, 200, 368),
        (6, 214, 320),
        (8, 222, 250),
        (9, 226, 190),
        (16, 220, 140),
        (34, 196, 112),
        (58, 160, low),
    )
    return Hardware(wires=[Wire(place.line(*way), 1.5, BARIUM * 0.8)])


def _coronary_stent(edit: Edit, place: _Place) -> Hardware:
    """Make a mesh of 18 x 3 mm in a coronary artery: a faint double line."""
    places: tuple[tuple[Vec3, Vec3], ...] = (
        ((44, 126, 196), (0.5, -0.5, -0.7)), ((52, 160, 190), (0.6, 0.4, -0.7)), ((-22, 128, 176), (-0.2, 0.1, -1.0)),
    )  # fmt: skip
    wires = []
    for k in range(1 + int(2 * edit.amount)):
        at, axis = places[int(_chance(edit, k, 0, 2.999))]
        mesh = parts.lattice(1.6, 18.0, 5, 8, 0.0, axis)
        wires += [Wire(line + place.at(at), 0.09, COBALT * 1.6) for line in mesh]
    return Hardware(wires=wires)


def _assist_device(edit: Edit, place: _Place) -> Hardware:  # noqa: ARG001  every one is set alike
    """Make a pump at the tip of the left ventricle, its outflow to the ascending aorta, its cable through the belly wall."""
    at = place.at((74.0, 118.0, 122.0))
    pump = Surface(*parts.pillow(at, (25.0, 15.0, 20.0)), 7.0)
    inflow = place.line((72, 126, 132), (60, 138, 150), steps=4)
    outflow = place.line((60, 104, 118), (20, 92, 130), (-8, 100, 170), (-6, 122, 205))
    cable = place.line((74, 104, 110), (86, 84, 70), (60, 66, 40), (-20, 60, 20))
    return Hardware(
        {"pump": pump},
        [Wire(inflow, 7.0, 6.0), Wire(outflow, 8.0, 0.25), Wire(cable, 2.0, 5.0)],
    )


def _monitor_leads(edit: Edit, place: _Place) -> Hardware:
    """Make three electrodes on the skin and their cables."""
    wires = []
    spots: tuple[Vec3, ...] = ((-78, 86, 268), (82, 86, 264), (104, 108, 120))
    for k, (x, y, z) in enumerate(spots):
        at = place.at((x + 8 * _chance(edit, k), y, z + 8 * _chance(edit, 10 + k)))
        wires += [Wire(parts.ring(r, r, (0.1, 1.0, 0.1), 10) + at, 0.7, 8.0) for r in (1.2, 3.0)]
        end = place.at((-150.0 + 30 * _chance(edit, 20 + k), 90.0, 150.0 - 60 * k))
        sag = (at + end) / 2 + np.array((10 * _chance(edit, 30 + k), 0.0, -35.0 + 30 * _chance(edit, 40 + k)))
        wires.append(Wire(parts.spline(np.array([at, sag, end]), 10), 0.8, 6.0))
    return Hardware(wires=wires)


def _intrauterine_device(edit: Edit, place: _Place) -> Hardware:
    """Make a T of copper or barium, 32 mm each way, aslant in the pelvis."""
    at = place.at((6.0 * _chance(edit, 1), 165.0, -162.0))
    lean = 0.5 * _chance(edit, 2)
    down, aside = np.array((lean, 0.45, -1.0)), np.array((1.0, 0.1, lean))
    stem = np.array([at, at + 29.0 * down / float((down * down).sum()) ** 0.5])
    arms = np.array([at - 15.0 * aside + (0, 0, -3.0), at, at + 15.0 * aside + (0, 0, -3.0)])
    return Hardware(wires=[Wire(stem, 1.1, 8.0), Wire(arms, 0.9, BARIUM * 2)])


MAKERS: Mapping[str, Callable[[Edit, _Place], Hardware]] = {
    "sternal-wires": _sternal_wires,
    "bypass-clips": _bypass_clips,
    "mechanical-valve": _mechanical_valve,
    "bioprosthesis": _bioprosthesis,
    "transcatheter-valve": _transcatheter_valve,
    "pacemaker": _pacemaker,
    "defibrillator": _defibrillator,
    "port": _port,
    "endotracheal-tube": _endotracheal_tube,
    "pulmonary-catheter": _pulmonary_catheter,
    "central-line": _central_line,
    "gastric-tube": _gastric_tube,
    "coronary-stent": _coronary_stent,
    "assist-device": _assist_device,
    "monitor-leads": _monitor_leads,
    "intrauterine-device": _intrauterine_device,
}
