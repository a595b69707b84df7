"""Compute digests of source: a job compares its own code with the planned code. Standard library only.

Snakemake does not notice an edited import, so each rule carries a digest of the code that it calls as a parameter, and
the job compares it with its own code when it begins and when it ends.
"""

import ast
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from poseattn.provenance.syntax import normal_form

PLANNED_IN = "POSEATTN_PLANNED_IN"  # environment variable by which rules tell jobs where the planned code is
_PACKAGE = "poseattn"
_ROOT = Path(__file__).parents[1]
_DIGITS = 12


class _Module(NamedTuple):
    """Digest of the source of a module, and names of this package that it may import, with the parents of each."""

    digest: str
    imports: tuple[str, ...]


class Code(NamedTuple):
    """Code of a job as its rule planned it: a digest, and the modules of this package that it is the digest of."""

    digest: str
    modules: tuple[str, ...]


@cache
def source_hash(*modules: str) -> str:
    """Compute the digest of the named modules and of every package module that they import, as rules pass it to jobs.

    A comment, a docstring, another format or the wording of a message moves nothing; see `poseattn.provenance.syntax`.
    Files are read once: a plan is of one state of the code.

    Args:
        *modules: Dotted names inside this package, such as `poseattn.stages.train`; with them the modules that are
            loaded by name at run time (a model, a backbone).

    Returns:
        Twelve hexadecimal digits, a colon, and the names without the package, joined by commas.

    Raises:
        ValueError: A module does not exist.
    """
    return f"{digest_of(modules, _look_once)}:{','.join(module.removeprefix(f'{_PACKAGE}.') for module in modules)}"


def read_code(text: str) -> Code:
    """Read what `source_hash` returned; a text without a colon is a digest of no modules, which is never compared."""
    digest, _, names = text.partition(":")
    return Code(digest, tuple(f"{_PACKAGE}.{name}" for name in names.split(",") if name))


def check_code(code: Code) -> None:
    """Refuse to compute with other code than was planned. Files are read anew.

    Args:
        code: As it was planned.

    Raises:
        ValueError: The code of this package is another one now.
    """
    if not code.modules or (found := digest_of(code.modules)) == code.digest:
        return
    planned_in = os.environ.get(PLANNED_IN, str(_ROOT))
    if Path(planned_in).resolve() == _ROOT.resolve():
        reason = f"the code in {_ROOT} changed after Snakemake had planned this job: give the same command again"
    else:
        reason = (
            f"Snakemake planned with the code in {planned_in}, but this job runs the code in {_ROOT}: give the "
            "command again in the folder of the checkout that is meant, or install that one (`pip install -e .`)"
        )
    raise ValueError(f"{reason} (code of {', '.join(code.modules)}: {code.digest} planned, {found} found)")


def digest_of(modules: Sequence[str], look: Callable[[str], _Module | None] | None = None) -> str:
    """Digest of modules of this package and of all that they import, of the files as they are now.

    Args:
        modules: Dotted names.
        look: What looks at one module; None for the file as it is now.

    Returns:
        Twelve hexadecimal digits.

    Raises:
        ValueError: A module does not exist, or is no Python of ours.
    """
    look = look or _look
    for module in modules:
        if look(module) is None:
            raise ValueError(f"no module {module!r} in the package {_PACKAGE}")
    found: dict[str, _Module | None] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = module = look(name)
            waiting += module.imports if module else ()  # a name inside of a module is no module
    lines = "\n".join(f"{name} {module.digest}" for name, module in sorted(found.items()) if module)
    return hashlib.sha256(lines.encode()).hexdigest()[:_DIGITS]


def _look(module: str) -> _Module | None:
    """Look at a module of this package; None if there is none of that name."""
    path = _path(module)
    return path and _scan(module, path.name == "__init__.py", path.read_text(encoding="utf-8"))


_look_once = cache(_look)


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
def _scan(module: str, is_package: bool, text: str) -> _Module:
    try:
        tree = ast.parse(text)
        names = set(_imported(tree, module, is_package))
        digest = hashlib.sha256(normal_form(tree).encode()).hexdigest()
    except (ValueError, SyntaxError) as error:
        raise ValueError(f"{module}: {error}") from None
    for name in (*names, module):
        parts = name.split(".")
        names |= {".".join(parts[:count]) for count in range(1, len(parts))}
    return _Module(digest, tuple(sorted(name for name in names if name.partition(".")[0] == _PACKAGE)))


def _imported(tree: ast.Module, module: str, is_package: bool) -> Iterator[str]:
    """Modules that a module imports, and names that it takes from them, which may be modules as well."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = _source(node, module, is_package)
            yield from (source, *(f"{source}.{alias.name}" for alias in node.names))


def _source(node: ast.ImportFrom, module: str, is_package: bool) -> str:
    """Module from which an import takes its names; a relative one is spelt out."""
    if node.level == 0:
        return node.module or ""
    parts = module.split(".")
    base = parts[: len(parts) - node.level + is_package]
    return ".".join([*base, *filter(None, [node.module])])
