"""Bones of a right arm as musclemimic-models holds them, in one frame, LPS mm from the centre of the humeral head. Offline."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import trimesh

FINGERS = ("1", "2", "3", "4", "5")
NAMES = {
    **{f"{k}mc_r": f"mc{k}" for k in FINGERS},
    **{f"{k}proxph_r": f"pp{k}" for k in FINGERS[1:]},
    **{f"{k}midph_r": f"mp{k}" for k in FINGERS[1:]},
    **{f"{k}distph_r": f"dp{k}" for k in FINGERS[1:]},
    "thumbprox_r": "pp1",
    "thumbdist_r": "dp1",
    **{f"{n}_r": n for n in ("humerus", "ulna", "radius", "lunate", "scaphoid", "pisiform", "triquetrum")},
    **{f"{n}_r": n for n in ("capitate", "trapezium", "trapezoid", "hamate")},
}
"""Mesh of the model → our name: mc metacarpal, pp, mp and dp proximal, middle and distal phalanx."""


def meshes(wheel: Path) -> tuple[dict[str, trimesh.Trimesh], np.ndarray]:
    """Return the meshes by our names, and the head's centre from the model's origin of the humerus, mm; ``wheel`` is the unpacked musclemimic-models 1.0.6."""
    model = wheel / "musclemimic_models" / "model"
    assets = ET.parse(model / "arm/assets/myoarm_bimanual_assets.xml").getroot()
    files = {m.get("name"): model / m.get("file") for m in assets.iter("mesh")}
    root = ET.fromstring("<r>" + _inner(model / "arm/assets/myoarm_bimanual_body.xml") + "</r>")
    humerus = next(b for b in root.iter("body") if b.get("name") == "humerus_r")
    found: dict[str, trimesh.Trimesh] = {}
    _collect(humerus, np.zeros(3), files, found)
    head = head_of(found["humerus"].vertices)
    for m in found.values():
        m.vertices -= head
    return found, head


def _inner(path: Path) -> str:
    text = path.read_text()
    return text[text.index("?>") + 2 :] if text.lstrip().startswith("<?xml") else text


def _collect(body: ET.Element, at: np.ndarray, files: dict, found: dict) -> None:
    """Put a body's meshes, and those of the bodies in it, at their places; the model turns none of them."""
    for geom in body.findall("geom"):
        if geom.get("mesh") in NAMES:
            shift = at + np.array([float(f) for f in geom.get("pos", "0 0 0").split()])
            m = trimesh.load(files[geom.get("mesh")], process=True)
            m.merge_vertices(digits_vertex=6)
            p = (m.vertices + shift) * 1000
            found[NAMES[geom.get("mesh")]] = trimesh.Trimesh(
                np.stack([-p[:, 2], -p[:, 0], p[:, 1]], 1), m.faces
            )
    for inner in body.findall("body"):
        _collect(inner, at + np.array([float(f) for f in inner.get("pos", "0 0 0").split()]), files, found)


def head_of(v: np.ndarray) -> np.ndarray:
    """Return the centre of the sphere that fits the medial upper part of the humerus."""
    top = v[:, 2].max()
    near = v[v[:, 2] > top - 36]
    p = near[near[:, 0] > np.percentile(near[:, 0], 45)]  # the head looks to the middle: +x on the right
    a = np.c_[2 * p, np.ones(len(p))]
    return np.linalg.lstsq(a, (p**2).sum(1), rcond=None)[0][:3]
