"""Rules of the package's source that digests of code and equal bytes rest on."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from poseattn.provenance.source_digest import digest_of

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "poseattn").rglob("*.py"))
NAMES = {
    "opencv-python": "cv2",
    "pyyaml": "yaml",
    "scikit-image": "skimage",
    "scikit-learn": "sklearn",
    "pillow": "PIL",
}
# Modules that look at files: names of commands, figures, backbones and models, the configuration, and digests of code.
LOOK_AT_FILES = {
    f"poseattn/{name}.py"
    for name in (
        "commands",
        "config/names",
        "extraction/backbone",
        "plan/preflight",
        "provenance/source_digest",
        "stages/draw_figure",
        "tools/accept",
        "tools/explain",
        "tools/list",
        "training/model",
    )
}
READ_DOCSTRINGS = {"poseattn/commands.py"}  # for --help alone, and no digest counts it
READERS = {"importlib.resources", "pkgutil", "runpy", "zipimport"}
VIEWS = ("keys", "items")


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for path in SOURCES:
        yield _name(path), ast.parse(path.read_text())


def test_every_module_has_a_digest() -> None:
    """All that `MOVES_NO_NUMBER` names are literals."""
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in SOURCES if path.name != "__init__.py"]
    assert len({digest_of([module]) for module in modules}) == len(modules) > 150


def test_the_package_holds_source_alone() -> None:
    """No digest would count a file of data beside a module."""
    others = [path for path in (ROOT / "poseattn").rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]
    assert others == []


def test_only_declared_software_is_imported() -> None:
    """A helper elsewhere would count in no digest."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.match(r"[\w-]+", line)[0] for line in project["dependencies"]}
    known = {NAMES.get(name, name) for name in declared} | sys.stdlib_module_names | {"poseattn"}
    for name, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found = {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{name}:{node.lineno}: a relative import"
                found = {node.module or ""}
            else:
                continue
            assert {module.split(".")[0] for module in found} <= known, f"{name}:{node.lineno}"
            assert not found & READERS, f"{name}:{node.lineno}"


def test_modules_are_short() -> None:
    """Half of all files have at most 90 lines."""
    lines = {path: len(path.read_text().splitlines()) for path in (ROOT / "poseattn").rglob("*.py")}
    assert {_name(path) for path, n_lines in lines.items() if n_lines > 200} == set()
    assert sorted(lines.values())[len(lines) // 2] <= 90


def test_modules_read_neither_their_files_nor_their_docstrings() -> None:
    for name, tree in _trees():
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert "__file__" not in used or name in LOOK_AT_FILES, name
        assert not used & {"__doc__", "getdoc", "getsource"} or name in READ_DOCSTRINGS, name


def test_modules_loaded_by_name_are_of_the_package() -> None:
    for name, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("importlib.import_module", "__import__"):
                assert ast.unparse(node.args[0]).lstrip("f").strip("'\"").startswith("poseattn."), (
                    f"{name}:{node.lineno}"
                )


def _is_set(node: ast.expr) -> bool:
    """Whether an expression is a set by its form."""
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr | ast.BitXor | ast.Sub):
        return any(_is_set(side) or _is_view(side) for side in (node.left, node.right))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in ("union", "intersection", "difference", "symmetric_difference")
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("set", "frozenset")


def _is_view(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in VIEWS


def _ordered(tree: ast.Module) -> Iterator[ast.expr]:
    """Expressions whose order may reach a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.comprehension):
            yield node.iter
        elif isinstance(node, ast.Starred):
            yield node.value
        elif isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("list", "tuple", "join", "enumerate", "map", "next", "iter", "array"):
                yield node.args[-1]


@pytest.mark.parametrize(
    "text", ["for x in {1}: f(x)", "list(a.keys() - {1})", "[x for x in set(y)]", "next(iter({1}))"]
)
def test_the_rule_sees_iterations_over_sets(text: str) -> None:
    assert any(map(_is_set, _ordered(ast.parse(text))))


def test_nothing_iterates_over_a_set() -> None:
    """Its order differs from process to process; `sorted` has one, and what is summed up or made a set needs none."""
    for name, tree in _trees():
        harmless = {id(inner) for node in ast.walk(tree) for inner in _without_order(node)}
        for node in _ordered(tree):
            assert not _is_set(node) or id(node) in harmless, f"{name}:{node.lineno}: {ast.unparse(node)}"


def _without_order(node: ast.AST) -> Iterator[ast.expr]:
    """Iterables of comprehensions whose result has no order."""
    taken: list[ast.expr] = [node] if isinstance(node, ast.SetComp) else []
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        taken += node.args if node.func.id in ("sorted", "set", "all", "any", "sum", "min", "max", "len") else []
    for one in taken:
        if isinstance(one, ast.SetComp | ast.GeneratorExp | ast.ListComp):
            yield from (generator.iter for generator in one.generators)


CARRIERS = {
    "attended",
    "baseline",
    "checkpoint",
    "cubes",
    "frames",
    "glimpses",
    "heatmaps",
    "images",
    "joints",
    "network",
}
CARRIERS |= {"pieces", "poses", "scores", "start", "weights"}  # inputs that say what made them


def _rules() -> dict[str, str]:
    text = "".join(path.read_text() for path in sorted((ROOT / "rules").glob("*.smk")))
    blocks = re.split(r"(?m)^rule (\w+):\n", text)[1:]
    return dict(zip(blocks[::2], blocks[1::2], strict=True))


@pytest.mark.parametrize(("rule", "text"), _rules().items(), ids=_rules())
def test_every_rule_tells_its_job_what_was_planned(rule: str, text: str) -> None:
    """Its code, and the origin of the inputs that carry one; flow reads published weights alone."""
    assert "--code {params.code}" in text and "        code=" in text
    carries = not CARRIERS.isdisjoint(re.findall(r"\{input\.(\w+)", text)) or rule == "tabulate"
    assert (
        "--made-by {params.made_by:q}" in text and "made_by=plan.origins.made_by" in text
    ) == carries or rule == "compute_flow"
