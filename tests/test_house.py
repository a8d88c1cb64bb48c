"""The house rules that no linter knows."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import click
import pytest
from pydicom.datadict import tag_for_keyword

from fhir2dicom import plugs
from fhir2dicom.anatomy.region import Region
from fhir2dicom.cli import main
from fhir2dicom.findings.finding import Finding
from fhir2dicom.physics.modality import Modality
from fhir2dicom.source.source import Source

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "fhir2dicom"
FILES = sorted(SRC.rglob("*.py"))
NPZ = sorted(SRC.rglob("*.npz"))

PURE = ("model", "plan", "anatomy", "findings", "physics", "dicom")
"""Rooms that know no clock, no environment and no chance."""

PIXEL_PATHS = [p for p in FILES if p.parts[len(SRC.parts)] in {"anatomy", "physics", "noise.py"}]
"""Modules whose arithmetic has to give the same bytes on every machine."""

TRANSCENDENTAL = frozenset(
    [
        "exp",
        "exp2",
        "expm1",
        "log",
        "log2",
        "log10",
        "log1p",
        "sin",
        "cos",
        "tan",
        "arcsin",
        "arccos",
        "arctan",
        "arctan2",
        "asin",
        "acos",
        "atan",
        "atan2",
        "sinh",
        "cosh",
        "tanh",
        "power",
        "pow",
        "hypot",
        "cbrt",
        "erf",
        "gamma",
    ]
)
"""Functions whose last bit depends on the processor and the library."""


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text())
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def lines_without_docstring(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = function.body[0]
    doc = ast.get_docstring(function, clean=False) is not None
    docstring = (first.end_lineno or 0) - first.lineno + 1 if doc else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def is_kernel(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("njit" in ast.unparse(d) for d in function.decorator_list)


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{a.name}" for a in node.names)}
    return names


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_modules_stay_under_400_lines_and_functions_under_40(path: Path) -> None:
    assert path.read_text().count("\n") <= 400
    long = {f.name: lines_without_docstring(f) for f in functions(path) if not is_kernel(f)}
    assert {name: lines for name, lines in long.items() if lines > 40} == {}


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize("path", [*SRC.glob("dicom/*.py"), *SRC.glob("physics/*.py")], ids=relative)
def test_every_dicom_keyword_exists(path: Path) -> None:
    dicts = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Dict)]
    keys = {
        k.value for d in dicts for k in d.keys if isinstance(k, ast.Constant) and isinstance(k.value, str)
    }
    keywords = {k for k in keys if re.fullmatch(r"[A-Z]\w*[a-z]\w*", k)}
    assert {k for k in keywords if tag_for_keyword(k) is None} == set()


@pytest.mark.parametrize(
    "path", [p for p in FILES if p.parts[len(SRC.parts)] in {*PURE, "seed.py", "journey.py"}], ids=relative
)
def test_below_the_doors_nothing_knows_the_clock_chance_or_the_environment(path: Path) -> None:
    forbidden = {
        "time",
        "random",
        "secrets",
        "uuid",
        "numpy.random",
        "os.environ",
        "socket",
        "platform",
        "locale",
    }
    counts_its_jobs_cpu = {"time"} if path.name == "journey.py" else set()
    assert imported(path) & (forbidden - counts_its_jobs_cpu) == set()
    calls = {ast.unparse(n.func) for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call)}
    assert {
        c for c in calls if re.search(r"\b(now|today|utcnow|generate_uid|getenv|np\.random\.\w+)$", c)
    } == set()


@pytest.mark.parametrize("path", PIXEL_PATHS, ids=relative)
def test_pixels_are_made_of_arithmetic_that_every_machine_does_alike(path: Path) -> None:
    tree = ast.parse(path.read_text())
    attributes = {ast.unparse(n) for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    unsafe = {
        f"{lib}.{f}" for lib in ("np", "numpy") for f in (*TRANSCENDENTAL, "dot", "matmul", "einsum", "fft")
    }
    assert attributes & unsafe == set()
    assert not [
        n.lineno for n in ast.walk(tree) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.MatMult)
    ]
    decorators = {ast.unparse(d) for f in functions(path) for d in f.decorator_list}
    assert not [d for d in decorators if "njit" in d and re.search(r"fastmath=True|parallel=True", d)]
    inside = {
        ast.unparse(n.func)
        for f in functions(path)
        if is_kernel(f)
        for n in ast.walk(f)
        if isinstance(n, ast.Call)
    }
    assert inside & {f"math.{f}" for f in TRANSCENDENTAL} == set()


def test_src_imports_only_what_pyproject_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = {re.split(r"[<>=\[; ]", d)[0] for d in project["dependencies"]}
    modules = {"pillow": "PIL", "pyyaml": "yaml"}
    allowed = {modules.get(n, n) for n in named} | sys.stdlib_module_names | {"fhir2dicom"}
    used = {name.partition(".")[0]: relative(path) for path in FILES for name in imported(path)}
    assert {name: path for name, path in used.items() if name not in allowed} == {}
    assert {modules.get(n, n) for n in named} - set(used) == set()


def test_the_shipped_anatomy_is_small_and_its_origin_is_told() -> None:
    """4.8 MB of trunk and head, and 12 MB that films may add to them."""
    notice = (ROOT / "NOTICE").read_text()
    assert NPZ
    assert [relative(p) for p in NPZ if p.name not in notice] == []
    assert sum(p.stat().st_size for p in NPZ if "anatomy" in p.parts) < 16_800_000


def test_no_two_test_modules_share_a_name() -> None:
    names = [p.name for p in (ROOT / "tests").rglob("*.py") if p.name != "conftest.py"]
    assert sorted(n for n in set(names) if names.count(n) > 1) == []


def test_the_changelog_knows_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert re.search(rf"^## \[{re.escape(version)}\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


def test_no_plug_is_lost() -> None:
    assert sorted(plugs.load(Source)) == ["files", "server"]
    assert sorted(plugs.load(Modality)) == ["CT", "DX", "IO", "MG", "PX"]
    assert sorted(plugs.load(Region)) == [
        "abdomen",
        "ankle",
        "breast",
        "cervical-spine",
        "chest",
        "chest-abdomen",
        "clavicle",
        "elbow",
        "face",
        "femur",
        "foot",
        "forearm",
        "hand",
        "head",
        "hip",
        "humerus",
        "knee",
        "lower-leg",
        "lumbar-spine",
        "mandible",
        "mouth",
        "pelvis",
        "ribs",
        "shoulder",
        "skull",
        "thoracic-spine",
        "wrist",
    ]
    assert sorted(plugs.load(Finding)) == [
        "ankle-fracture",
        "aortic-valve-prosthesis",
        "artificial-joint",
        "breast-biopsy",
        "breast-cancer",
        "breast-cancer-in-situ",
        "breast-cysts",
        "breast-fibroadenoma",
        "breast-lumpectomy",
        "central-venous-catheter",
        "clavicle-fracture",
        "coronary-bypass",
        "coronary-stent",
        "defibrillator",
        "dental-caries",
        "emphysema",
        "femur-fracture",
        "filling-fractured",
        "filling-leaking",
        "filling-loose",
        "filling-lost",
        "finger-fracture",
        "foot-fracture",
        "forearm-fracture",
        "gallstones",
        "gastric-tube",
        "gingivitis",
        "ground-glass",
        "gum-disease",
        "heart-failure",
        "hip-arthritis",
        "hip-fracture",
        "hip-prosthesis",
        "humerus-fracture",
        "impacted-molars",
        "intrauterine-device",
        "intubation",
        "jaw-dislocation",
        "kidney-stone",
        "knee-arthritis",
        "knee-injury",
        "knee-prosthesis",
        "lung-mass",
        "mandible-fracture",
        "mastectomy",
        "metacarpal-fracture",
        "osteoporosis",
        "pacemaker",
        "patellar-tendon-rupture",
        "pelvic-fracture",
        "pleural-effusion",
        "pneumonia",
        "pneumothorax",
        "pulmonary-catheter",
        "rib-fracture",
        "ridge-resorption",
        "scaphoid-fracture",
        "scoliosis",
        "skull-fracture",
        "sternotomy",
        "tibia-fracture",
        "tooth-crown",
        "tooth-extraction",
        "tooth-filling",
        "tooth-infection",
        "tooth-loss",
        "torus",
        "transcatheter-aortic-valve",
        "venous-port",
        "ventricular-assist-device",
        "vertebral-fracture",
        "wisdom-extraction",
        "wrist-fracture",
    ]
    assert main.list_commands(click.Context(main)) == ["generate", "plan", "preview", "validate"]
