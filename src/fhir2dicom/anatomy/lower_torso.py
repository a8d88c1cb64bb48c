"""The belly and the lower back as films see them: the torso's atlas carried on down to the thighs.

Chest, upper spine and ribs are those of `torso_scene`, pelvis, sacrum and femora those of `leg`, set
under the fifth lumbar vertebra; what lies between is in lower_torso.npz (atlas/build_lower_torso.py). Fat outlines what
is soft: psoas, kidneys, liver, spleen, flanks, bladder.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from fhir2dicom.anatomy import bone, leg, leg_metal, leg_pelvis, tissues, torso_scene
from fhir2dicom.anatomy.device import devices
from fhir2dicom.anatomy.scene_age import calcium
from fhir2dicom.anatomy.scene_bowel import bowel
from fhir2dicom.anatomy.scene_findings import finding_surfaces
from fhir2dicom.anatomy.spine_edits import compressed
from fhir2dicom.anatomy.torso import Torso
from fhir2dicom.anatomy.warp import AXIS_Y_MM
from fhir2dicom.model import Edit, Laterality, Scene, Surface, Tubes, Vec3

ATLAS = "lower_torso"
CUT = ("vertebra_29",)
"""What of the donor's skeleton the scan cuts, and lower_torso.npz has whole."""
REACH_MM = 215.0
"""Bones above this height, atlas mm, are not drawn on a film of the belly."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a film shows, atlas mm before the patient's own scale."""

    aim: Vec3
    width: float
    height: float


FRAMES = {
    # pose              aim x, y, z               width  height
    "supine": Frame((0.0, 170.0, -52.0), 360.0, 400.0),
    "erect": Frame((0.0, 170.0, -20.0), 360.0, 420.0),
    "left-decubitus": Frame((0.0, 170.0, -30.0), 370.0, 420.0),
    "ap": Frame((0.0, 185.0, -6.0), 200.0, 300.0),
    "lateral": Frame((0.0, 205.0, -6.0), 190.0, 300.0),
    "spot": Frame((0.0, 195.0, -74.0), 120.0, 140.0),
}


def scene(body: Torso, pose: str) -> Scene:
    """Return a patient's belly; ``pose`` is a key of `FRAMES`."""
    warp, person, seed = body.warp, body.person, body.seed
    table = {t.name: t.hu for t in tissues.of_person(person)}
    fat, flesh = 1 + table["fat"] / 1000, 1 + table["muscle"] / 1000
    parts = bone.meshes(ATLAS)
    surfaces = {
        "skin": _soft(body, parts["skin"], fat),
        "lean": _soft(body, parts["lean"], flesh - fat),
        "fat": _soft(body, parts["fat"], fat - flesh),
    }
    lung = torso_scene.breath(warp, "" if pose == "erect" else "supine")
    mesh = torso_scene.atlas()
    for name in ("lung_r", "lung_l"):
        surfaces[name] = Surface(
            lung(mesh[name].vertices), mesh[name].triangles, 1 + table["lung"] / 1000 - flesh, "coarse"
        )
    gas = bowel(seed.child("bowel"), warp.to_patient, pose, 1 + table["bowel_gas"] / 1000 - flesh)
    cartilage = mesh["cartilage"]
    surfaces["cartilage"] = Surface(
        warp.to_patient(cartilage.vertices),
        cartilage.triangles,
        (table["cartilage"] - table["muscle"]) / 1000,
    )
    solid, metal = bones(body)
    surfaces |= gas.surfaces | bone.surfaces(solid, person, flesh, bone.lost(body.grown)) | metal
    surfaces |= finding_surfaces(person, warp.to_patient, body.shapes)
    hardware, wires = devices([g for g in body.grown if isinstance(g, Edit)], warp.to_patient)
    surfaces |= hardware
    tubes: dict[str, Tubes] = gas.tubes | calcium(person, seed, warp.to_patient) | wires
    frame = FRAMES.get(pose, FRAMES["supine"])
    aim = warp.to_patient(np.array([frame.aim], np.float32))[0]
    wide, _, tall = warp.scale
    size = (frame.width * wide, frame.height * tall)
    return Scene(surfaces, tubes, (float(aim[0]), float(aim[1]), float(aim[2])), size)


def _soft(body: Torso, mesh: tuple[bone.F32, bone.I32], weight: float) -> Surface:
    """Return skin, flesh or fat: of the belly as the trunk's warp has it, of the hips round the patient's own pelvis."""
    warp, v = body.warp, mesh[0]
    rigid = replace(warp, fat=np.zeros_like(warp.fat), belly=np.zeros_like(warp.belly))
    trunk = warp.to_patient(v)
    layer = trunk - rigid.to_patient(v)
    away = v[:, :2] - np.array((0.0, AXIS_Y_MM), np.float32)
    outwards = (layer[:, :2] * away).sum(axis=1) > 0
    layer *= np.where(outwards, np.float32(1.0), np.float32(LEANEST))[:, None]
    size = np.float32(leg.size_of(body.person, body.seed).pelvis)
    s1 = np.array(S1, np.float32)
    hips = (v - s1) * size + warp.to_patient(s1[None]) + layer
    t = np.clip(-v[:, 2:] / np.float32(75.0), 0, 1)
    share = t * t * (3 - 2 * t)
    return Surface((trunk + (hips - trunk) * share).astype(np.float32), mesh[1], weight, "coarse")


LEANEST = 0.3
"""How much of what a thin belly lacks its hips lack too: bone is near the skin there in anybody."""


@cache
def _spine() -> dict[str, bone.Bone]:
    """Return spine and ribs below `REACH_MM` with the lumbar vertebrae that the donor's scan does not hold, atlas mm."""
    upper = {
        n: bone.Bone(n, m.vertices, m.inner, m.triangles)
        for n, m in torso_scene.atlas().items()
        if m.inner is not None and not n.startswith(torso_scene.GIRDLE) and n not in CUT
    }
    low = {n: b for n, b in upper.items() if float(b.vertices[:, 2].min()) < REACH_MM}
    return low | dict(bone.load(ATLAS))


@cache
def _trunk() -> bone.Bone:
    """Return all of `_spine` as one mesh."""
    return bone.joined(_spine().values(), "trunk")


def bones(body: Torso) -> tuple[list[bone.Bone], dict[str, Surface]]:
    """Return all bones of the film, and what is metal in place of bone, patient mm."""
    edits = [g for g in body.grown if isinstance(g, Edit) and g.kind == "compression"]
    trunk = bone.joined(compressed(_spine(), edits).values(), "trunk") if edits else _trunk()
    both = body.warp.to_patient(np.concatenate([trunk.vertices, trunk.inner]))
    n = len(trunk.vertices)
    low, metal = _pelvis(body)
    return [replace(trunk, vertices=both[:n], inner=both[n:]), *low], metal


S1: Vec3 = (0.0, 192.5, -82.5)
"""Middle of the sacrum's upper end-plate under the fifth lumbar vertebra, atlas mm."""
SLOPE = (0.669130606, 0.743144825)
"""Sine and cosine of its slope, 42 degrees: usual are 41 ± 8 (Vialle et al., J Bone Joint Surg Am 87:260, 2005)."""


def _pelvis(body: Torso) -> tuple[list[bone.Bone], dict[str, Surface]]:
    """Return hip bones, sacrum and femora of the patient's films of hips, artificial ones too, set under the spine.

    Bones; metal, and the sacrum's holes; patient mm.
    """
    whole = leg_pelvis.pelvis_bones(body.person, body.seed, body.grown)
    bones: list[bone.Bone] = []
    metal: dict[str, Surface] = {}
    for side, limb in (("R", whole.right), ("L", whole.left)):
        edits = [
            g for g in leg_pelvis.sided(body.grown) if isinstance(g, Edit) and g.laterality in ("", "B", side)
        ]
        fitted = leg_metal.fitted(limb, edits)
        parts = leg.flat(fitted, ("hip", "sacrum", "femur") if side == "R" else ("hip", "femur"))
        bones += parts if side == "R" else [bone.mirrored(b) for b in parts]
        metal |= {f"{n} {side}": m if side == "R" else leg.mirrored(m) for n, m in fitted.metal.items()}
    metal |= leg_pelvis.sacral(whole.right.size.pelvis, body.person)
    matrix = _under_spine(body, whole.at["s1"], whole.at["s1_up"])
    moved = {n: replace(m, vertices=bone.transformed(m.vertices, matrix)) for n, m in metal.items()}
    return [bone.moved(b, matrix) for b in bones], moved


def _under_spine(body: Torso, s1: Vec3, up: Vec3) -> bone.Matrix34:
    """Return the way of a pelvis whose sacrum has its upper end-plate at ``s1``, facing ``up``, to the patient's spine."""
    y, z = up[1] - s1[1], up[2] - s1[2]
    length = (y * y + z * z) ** 0.5
    y, z = y / length, z / length
    # the turn about the x axis that takes (y, z) to (-sine, cosine) of the slope
    cosine, sine = -y * SLOPE[0] + z * SLOPE[1], y * SLOPE[1] + z * SLOPE[0]
    place = body.warp.to_patient(np.array([S1], np.float32))[0].astype(np.float64)
    shift = (float(place[0]) - s1[0], float(place[1]) - s1[1], float(place[2]) - s1[2])
    return bone.turned((1.0, 0.0, 0.0), (cosine, -sine), s1, shift)


@dataclass(frozen=True, eq=False)
class LowerTorso(Torso):
    """One patient's belly: labels for sections as the torso's, surfaces of its own."""

    def scene(self, pose: str, laterality: Laterality = "") -> Scene:  # noqa: ARG002  one trunk
        """Return the belly as surfaces and tubes."""
        return scene(self, pose)


def lower(torso: Torso) -> LowerTorso:
    """Return a torso that films see as a belly."""
    return LowerTorso(torso.person, torso.seed, torso.grown, torso.span_mm, torso.warp)
