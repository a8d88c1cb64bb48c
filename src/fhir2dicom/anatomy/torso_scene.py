"""The torso as a film sees it: closed surfaces and tubes in patient space, standing or lying.

The atlas' meshes (atlas/build_surfaces.py) go through the same warp as the labels of the CT. Only what a pose
moves is moved before: clavicles, scapulae and arms. Weights are linear attenuation beside water, inside less
outside, nested as the meshes are: fat under the skin, flesh and organs in it, lungs and gas in those, bone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy import tissues, vessels
from fhir2dicom.anatomy.arm_hung import humeri
from fhir2dicom.anatomy.bone import Bone, joined
from fhir2dicom.anatomy.device import devices
from fhir2dicom.anatomy.scene_age import calcium
from fhir2dicom.anatomy.scene_breast import breasts
from fhir2dicom.anatomy.scene_disease import broken, collapsed, congested, fluid, septal_lines
from fhir2dicom.anatomy.scene_findings import finding_surfaces
from fhir2dicom.anatomy.scene_pose import posed
from fhir2dicom.anatomy.spine_edits import compressed
from fhir2dicom.anatomy.torso_shape import leaning
from fhir2dicom.anatomy.warp import Warp
from fhir2dicom.model import Edit, Grown, Person, Scene, Shape, Surface, Tubes
from fhir2dicom.seed import Seed

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]
Move = Callable[[F32], F32]
"""From atlas points to the patient."""

SPREAD = 0.32, 0.15
"""What cortex gives off of its surplus over marrow, and what marrow gains: the cortex of a mesh is sharp and evenly
thick, that of a rib or vertebra thins out and goes over into dense trabeculae."""

BONE_GAIN = 1.75
"""How much more bone stands out in a film's beam (65 keV) than its CT number says (120 kV, about 72 keV): 1.19 is
the ratio of calcium's attenuation to water's in the one and the other (NIST XCOM); the rest is our estimate for thin
cortex, which CT averages with its surroundings."""

LIFT_MM = 24.0
"""How much higher the diaphragm of somebody who lies is, atlas mm: some 2 to 3 cm (Wade & Gilson, Thorax 6:103, 1951)."""

GIRDLE = ("clavicle", "scapula", "humerus")
"""Bones that a pose moves, and that fat does not push apart."""


@dataclass(frozen=True, eq=False, slots=True)
class Mesh:
    """A closed mesh of the atlas, mm; ``inner`` is the inside of a bone's cortex, triangle by triangle."""

    vertices: F32
    triangles: I32
    inner: F32 | None


@cache
def atlas() -> dict[str, Mesh]:
    """Load the meshes, once a process."""
    with (files("fhir2dicom.anatomy") / "atlas" / "surfaces.npz").open("rb") as file, np.load(file) as data:
        names = sorted(k[:-2] for k in data.files if k.endswith(".v"))
        return {n: _mesh(data[f"{n}.v"], data[f"{n}.t"], data.get(f"{n}.i")) for n in names}


def _mesh(v: npt.NDArray[np.int16], t: npt.NDArray[np.uint16], i: npt.NDArray[np.int16] | None) -> Mesh:
    """Return a mesh as the file stores it, 1/32 mm."""
    vertices = v.astype(np.float32) / np.float32(32)
    triangles = t.astype(np.int32)
    inner = None if i is None else i.astype(np.float32) / np.float32(32)
    return Mesh(vertices, triangles[_from_head(vertices[triangles[:, 0], 2])], inner)


def scene(person: Person, seed: Seed, warp: Warp, grown: Sequence[Grown], pose: str) -> Scene:
    """Return one patient's torso; ``pose`` is ``arms-down``, ``arms-up`` (lateral), ``supine`` or ``bedside``: supine, and often watched."""
    shapes, edits = [g for g in grown if isinstance(g, Shape)], [g for g in grown if isinstance(g, Edit)]
    if pose == "bedside":
        pose = "supine"
        if person.age_years > 12 and seed.child("monitor").uniform() < 0.6:
            edits.append(Edit("device", "monitor-leads", key=seed.child("monitor").key()))
    table = {t.name: t.hu for t in tissues.of_person(person)}
    rigid = replace(warp, fat=np.zeros_like(warp.fat), belly=np.zeros_like(warp.belly))
    lung = breath(warp, pose)
    surfaces = _soft(person, seed, warp, rigid, table, pose)
    surfaces |= _skeletal(person, seed, _bones(warp, rigid, seed, pose, edits), table, edits)
    surfaces |= finding_surfaces(person, lung, shapes)
    lungs = {n: surfaces[n] for n in ("lung_r", "lung_l")}
    solid, wires = devices(edits, warp.to_patient)
    surfaces |= fluid(edits, lungs, pose, _relative(table["fluid"]) - _relative(table["lung"])) | solid
    vessel = _relative(42.0) - _relative(table["lung"])
    air, tree = collapsed(
        edits,
        lungs,
        _vessels(seed, warp, lung, vessel, lungs, edits),
        _relative(-1000.0) - _relative(table["muscle"]),
    )
    surfaces |= air
    tubes = {"vessels": tree} | septal_lines(edits, lungs, vessel)
    return Scene(surfaces, tubes | calcium(person, seed, warp.to_patient) | wires)


def outlines(person: Person, seed: Seed, warp: Warp, grown: Sequence[Grown], pose: str) -> dict[str, Surface]:
    """Return of `scene` what a film of the neck needs: skin, flesh, lungs, windpipe, cartilage and bones."""
    table = {t.name: t.hu for t in tissues.of_person(person)}
    rigid = replace(warp, fat=np.zeros_like(warp.fat), belly=np.zeros_like(warp.belly))
    edits = [g for g in grown if isinstance(g, Edit)]
    surfaces = _flesh_and_air(warp, rigid, table, pose)
    surfaces["cartilage"] = _firm(atlas(), warp, table | {"breast_gland": table["fat"]})["cartilage"]
    return surfaces | _skeletal(person, seed, _bones(warp, rigid, seed, pose, edits), table, edits)


def _skeletal(
    person: Person,
    seed: Seed,
    bones: tuple[F32, F32, I32],
    table: Mapping[str, float],
    edits: Sequence[Edit],
) -> dict[str, Surface]:
    """Return the surfaces of all bones; ``bones`` are outer and inner vertices and triangles. Arms have theirs."""
    outer, inner, triangles = bones
    cortex, marrow = (1 + BONE_GAIN * table[n] / 1000 for n in ("cortical", "trabecular"))
    cortex, marrow = cortex - SPREAD[0] * (cortex - marrow), marrow + SPREAD[1] * (cortex - marrow)
    hard, spongy = cortex - _relative(table["muscle"]), marrow - cortex
    out = {
        "bone": Surface(outer, triangles, hard),
        "marrow": Surface(inner, triangles, spongy, "coarse", "trabecular"),
    }
    where = spans(edits)
    own = [(outer[where[n]], atlas()[n].vertices) for n in ("humerus_r", "humerus_l")]
    for name, b in humeri(person, seed, edits, own).items():
        out[name] = Surface(b.vertices, b.triangles, hard)
        out[f"{name} marrow"] = Surface(b.inner, b.triangles, spongy, "coarse", "trabecular")
        if b.canal is not None:
            out[f"{name} canal"] = Surface(b.canal, b.triangles, _relative(table["fat"]) - marrow, "coarse")
    return out


def _flesh_and_air(warp: Warp, rigid: Warp, table: Mapping[str, float], pose: str) -> dict[str, Surface]:
    """Return skin, flesh, lungs and windpipe."""
    mesh = atlas()
    fat, flesh = _relative(table["fat"]), _relative(table["muscle"])
    arms = "up" if pose == "arms-up" else "down"
    lung = breath(warp, pose)
    surfaces = {
        "skin": _flesh(mesh[f"skin_{arms}"], warp, rigid, fat),
        "lean": _flesh(mesh[f"lean_{arms}"], warp, rigid, flesh - fat),
    }
    for name, tissue in (("lung_r", "lung"), ("lung_l", "lung"), ("airway", "airway")):
        m = mesh[name]
        surfaces[name] = Surface(lung(m.vertices), m.triangles, _relative(table[tissue]) - flesh)
    return surfaces


def _soft(
    person: Person, seed: Seed, warp: Warp, rigid: Warp, table: Mapping[str, float], pose: str
) -> dict[str, Surface]:
    """Return skin, flesh, lungs, gas and what is firm among them."""
    mesh = atlas()
    fat, flesh = _relative(table["fat"]), _relative(table["muscle"])
    surfaces = _flesh_and_air(warp, rigid, table, pose)
    m = mesh["gas"]
    surfaces["gas"] = Surface(
        breath(warp, pose)(m.vertices), m.triangles, _relative(table["bowel_gas"]) - flesh
    )
    if pose != "supine":
        v, t = _stomach_bubble(seed)
        dome = warp.to_patient(v)
        level = v[:, 2] == v[:, 2].min()
        surface = dome[level, 2].astype(np.float64).mean()  # lies level, however the body is warped
        dome[:, 2] = np.where(level, surface, np.maximum(dome[:, 2], surface))
        surfaces["bubble"] = Surface(dome, t, _relative(table["bowel_gas"]) - flesh)
    if pose == "arms-down":
        both = np.concatenate([surfaces["lung_r"].vertices, surfaces["lung_l"].vertices])
        surfaces |= breasts(person, seed, surfaces["skin"].vertices, both, fat)
    return surfaces | _firm(mesh, warp, table)


def _firm(mesh: Mapping[str, Mesh], warp: Warp, table: Mapping[str, float]) -> dict[str, Surface]:
    """Return what is denser than the soft parts around it: costal cartilage, and the glands of a grown woman."""
    firm = {"cartilage": ("fine", _relative(table["cartilage"]) - _relative(table["muscle"]))}
    if table["breast_gland"] > table["fat"]:
        firm["gland"] = ("coarse", _relative(table["breast_gland"]) - _relative(table["fat"]))
    return {
        name: Surface(warp.to_patient(mesh[name].vertices), mesh[name].triangles, weight, detail)
        for name, (detail, weight) in firm.items()
    }


def breath(warp: Warp, pose: str) -> Move:
    """Return the warp of what moves with the diaphragm: who lies does not breathe in as deeply as who stands."""
    if pose != "supine":
        return warp.to_patient

    def raised(points: F32) -> F32:
        up = points.copy()
        up[:, 2] += np.float32(LIFT_MM) * (1 - _step(90.0, 250.0, points[:, 2]))
        return warp.to_patient(up)

    return raised


def _relative(hu: float) -> float:
    """Return attenuation beside water of soft matter, by its CT number."""
    return 1 + hu / 1000


def _flesh(m: Mesh, warp: Warp, rigid: Warp, weight: float) -> Surface:
    """Return skin or flesh: fat pushes the trunk apart, the arms it pushes aside."""
    x, z = np.abs(m.vertices[:, 0]), m.vertices[:, 2]
    out = _step(150.0, 185.0, x + np.maximum(z - 285, 0) * 1.2)
    v = leaning(m.vertices, _step(140.0, 190.0, x + np.maximum(z - 262, 0) * 1.5))
    trunk, arm = warp.to_patient(v), rigid.to_patient(v)
    for side in (-1, 1):
        at = np.array([(side * 168.0, 185.0, 190.0)], np.float32)
        shift = (warp.to_patient(at) - rigid.to_patient(at)) * np.float32(0.8)
        arm += np.where(m.vertices[:, :1] * side > 0, shift, np.float32(0)).astype(np.float32)
    vertices = (trunk + (arm - trunk) * out[:, None]).astype(np.float32)
    _settle(vertices, m.triangles, _step(225.0, 290.0, z) * np.float32(0.5), 14)
    return Surface(vertices, m.triangles, weight, "coarse")


@nb.njit(cache=True)
def _settle(v: F32, t: I32, share: F32, rounds: int) -> None:
    """Draw corners towards the mean of their neighbours, by their share: fat above the trunk's table has no profile."""
    total, count = np.empty(v.shape), np.empty(v.shape[0])
    for _ in range(rounds):
        total[:] = 0
        count[:] = 0
        for k in range(t.shape[0]):
            for e in range(3):
                a, b = t[k, e], t[k, (e + 1) % 3]
                if share[a] > 0:
                    for c in range(3):
                        total[a, c] += v[b, c]
                    count[a] += 1
        for k in range(v.shape[0]):
            if share[k] > 0:
                for c in range(3):
                    v[k, c] = np.float32(v[k, c] + share[k] * (total[k, c] / count[k] - v[k, c]))


def _step(a: float, b: float, x: npt.NDArray[np.floating]) -> F32:
    """Return 0 below ``a``, 1 above ``b``, smooth between."""
    t = np.clip((x - a) / (b - a), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


@cache
def _skeleton() -> tuple[Mapping[str, Bone], tuple[str, ...], I32]:
    """Return all bones, those of the trunk first, the names of those of the girdle, and all triangles, head first."""
    bones = {n: Bone(n, m.vertices, m.inner, m.triangles) for n, m in atlas().items() if m.inner is not None}
    girdle = tuple(n for n in bones if n.startswith(GIRDLE))
    ordered = {n: bones[n] for n in (*(n for n in bones if n not in girdle), *girdle)}
    return ordered, girdle, _triangles(ordered)


def spans(edits: Sequence[Edit]) -> dict[str, slice]:
    """Return where each bone's corners stand in the surfaces ``bone`` and ``marrow``."""
    found, count = {}, 0
    for name, b in broken(_skeleton()[0], edits).items():
        found[name] = slice(count, count + len(b.vertices))
        count += len(b.vertices)
    return found


def _triangles(bones: Mapping[str, Bone]) -> I32:
    """Return the triangles of several bones, whose corners stand one after the other, from head to foot.

    The arms' bones are left out: what hangs there is `arm_hung.humeri`.
    """
    drawn = (
        b if not n.startswith("humerus") else replace(b, triangles=b.triangles[:0]) for n, b in bones.items()
    )
    whole = joined(drawn)
    return whole.triangles[_from_head(whole.vertices[whole.triangles[:, 0], 2])]


def _from_head(z: F32) -> npt.NDArray[np.intp]:
    """Return the order from head to foot: whoever draws it stays in the same rows for a while."""
    return np.argsort(-z, kind="stable")


def _bones(warp: Warp, rigid: Warp, seed: Seed, pose: str, edits: Sequence[Edit]) -> tuple[F32, F32, I32]:
    """Return outer and inner vertices of all bones and their triangles."""
    bones, girdle, triangles = _skeleton()
    mended = compressed(broken(bones, edits), edits)
    if any(mended[n] is not bones[n] for n in bones):
        bones, triangles = mended, _triangles(mended)
    faces = {n: (b.vertices, b.inner) for n, b in bones.items()}
    faces |= posed({n: faces[n] for n in girdle}, seed, pose)
    outer, inner = [], []
    trunk = tuple(n for n in bones if n not in girdle)
    for names, move in ((trunk, warp), (girdle, rigid)):
        both = np.concatenate([faces[n][side] for side in (0, 1) for n in names])
        both = move.to_patient(leaning(both, np.full(len(both), float(names is girdle), np.float32)))
        outer.append(both[: len(both) // 2])
        inner.append(both[len(both) // 2 :])
    return np.concatenate(outer), np.concatenate(inner), triangles


@cache
def _tree(number: int) -> tuple[F32, F32]:
    """Return one of the vessel trees, head first: start and end points of its tubes, and radii that keep volumes."""
    tree = vessels.numbered(number)
    start, end = tree.start.astype(np.float64), tree.end.astype(np.float64)
    length = np.sqrt(((end - start) ** 2).sum(1))
    section = (tree.start_radius_mm.astype(np.float64) + tree.end_radius_mm) ** 2 / 4
    first, second = _pairs(tree.start, tree.end)
    apart = np.sqrt(((end[second] - start[first]) ** 2).sum(1))
    straight = apart > 0.92 * (length[first] + length[second])
    first, second, apart = first[straight], second[straight], apart[straight]
    section[first] = (section[first] * length[first] + section[second] * length[second]) / apart
    end[first] = end[second]
    left = np.ones(len(start), bool)
    left[second] = False
    radius = np.sqrt(section[left]).astype(np.float32)
    order = _from_head(tree.start[left, 2])
    return np.concatenate([start[left][order], end[left][order]]).astype(np.float32), radius[order]


def _pairs(start: F32, end: F32) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return tubes and those that go on from them without a fork, no tube twice."""
    begins: dict[bytes, list[int]] = {}
    for k, point in enumerate(start):
        begins.setdefault(point.tobytes(), []).append(k)
    taken: set[int] = set()
    first: list[int] = []
    second: list[int] = []
    for k, point in enumerate(end):
        after = begins.get(point.tobytes(), [])
        if len(after) == 1 and k not in taken and after[0] not in taken and after[0] != k:
            taken.update((k, after[0]))
            first.append(k)
            second.append(after[0])
    return np.array(first, np.intp), np.array(second, np.intp)


def _vessels(
    seed: Seed, warp: Warp, lung: Move, weight: float, lungs: Mapping[str, Surface], edits: Sequence[Edit]
) -> Tubes:
    """Return the vessel tree that the CT has too, in the patient."""
    atlas_ends, radius = _tree(vessels.variant(seed))
    ends = lung(atlas_ends)
    n = len(radius)
    g = np.float32((warp.scale[0] + warp.scale[1] + warp.scale[2]) / 3)
    heights = [float(f(lung.vertices[:, 2])) for f in (np.max, np.min) for lung in lungs.values()]
    whole = Tubes(ends[:n], ends[n:], radius * g, radius * g, weight)
    return congested(edits, whole, max(heights[:2]), min(heights[2:]))


def _stomach_bubble(seed: Seed) -> tuple[F32, I32]:
    """Return the gas over the fluid in the fundus of somebody upright: a dome on a level, atlas mm."""
    draw = seed.child("bubble")
    a, b, c = draw.child("x").uniform(19, 30), draw.child("y").uniform(20, 30), draw.child("z").uniform(8, 15)
    rings, around = 8, 32
    angle = [(k * 360 / around) for k in range(around)]
    circle = np.array([_unit(t) for t in angle])
    rise = np.array([_unit(r * 90 / rings) for r in range(rings)])
    v = np.concatenate(
        [np.c_[circle * r[0], np.full(around, r[1])] for r in rise] + [np.array([(0, 0, 1.0), (0, 0, 0.0)])]
    )
    t = []
    for r in range(rings - 1):
        for k in range(around):
            i, j = r * around + k, r * around + (k + 1) % around
            t += [(i, j, i + around), (j, j + around, i + around)]
    top, bottom, last = rings * around, rings * around + 1, (rings - 1) * around
    for k in range(around):
        n = (k + 1) % around
        t += [(last + k, last + n, top), (n, k, bottom)]
    centre = np.array((64.0, 165.0, 106.0))
    return (v * (a, b, c) + centre).astype(np.float32), np.array(t, np.int32)


def _unit(degrees: float) -> tuple[float, float]:
    """Return (cos, sin), rounded so that all machines agree."""
    from math import cos, radians, sin  # noqa: PLC0415

    return round(cos(radians(degrees)), 9), round(sin(radians(degrees)), 9)
