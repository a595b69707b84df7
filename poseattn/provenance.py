"""Provenance: which code and which software made a file. Standard library only: rules import it."""

import ast
import hashlib
import importlib.metadata
import json
from functools import cache
from pathlib import Path

_PACKAGE = "poseattn"
_ROOT = Path(__file__).parent
_RECORDED = ("poseattn", "torch", "torchvision", "timm", "numpy", "h5py", "av", "opencv-python")


def source_hash(*modules: str) -> str:
    """Digest of what the named modules and every package module that they import compute.

    Snakemake does not notice an edited import, so each rule carries this digest as a parameter. It is taken over
    syntax trees without docstrings: a comment, a docstring or a reformatting reruns nothing, an edit reruns exactly
    the stages that can reach it. Modules loaded by name at run time (a model, a backbone) must be named here.

    Args:
        *modules: Dotted names inside this package, such as `poseattn.stages.train`.

    Returns:
        Twelve hexadecimal digits.

    Raises:
        ValueError: A module does not exist.
    """
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        found.add(module)
        waiting += _imports(module)
    lines = "\n".join(f"{module} {_digest(module)}" for module in sorted(found))
    return hashlib.sha256(lines.encode()).hexdigest()[:12]


def versions() -> str:
    """Installed versions of the software that can move a number, as a JSON object with sorted keys."""
    return json.dumps({name: _version(name) for name in _RECORDED}, sort_keys=True)


@cache
def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _path(module: str) -> Path | None:
    """File of a module of this package; None if there is none of that name."""
    parts = module.split(".")
    if parts[0] != _PACKAGE:
        return None
    base = _ROOT.joinpath(*parts[1:])
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None


@cache
def _tree(module: str) -> ast.Module:
    path = _path(module)
    if path is None:
        raise ValueError(f"no module {module!r} in the package {_PACKAGE}")
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def _imports(module: str) -> tuple[str, ...]:
    """Modules of this package that a module imports, with the parent packages of each."""
    names = set()
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    names |= {name.rpartition(".")[0] for name in (*names, module)}
    return tuple(sorted(name for name in names if _path(name) is not None))


@cache
def _digest(module: str) -> str:
    tree = _tree(module)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and ast.get_docstring(node) is not None
        ):
            node.body = node.body[1:]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()
