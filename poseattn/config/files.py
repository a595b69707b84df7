"""Files of the configuration, read with the lines that Snakemake forgets when it merges them.

Snakemake reads a file of `--configfile` before any rule, and runs Python code that stands in it. The profiles therefore
run this module by its path, before Snakemake reads such a file: it imports nothing of the package.
"""

import argparse
import json
import math
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml

Keys = tuple[str | int, ...]
_CODE = ("__use_yte__", "__definitions__", "__variables__")  # keys by which Snakemake runs Python code
_SCALARS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "str"))
_PLAIN = frozenset({"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:merge", *_SCALARS})
_DEEPEST = 100  # levels
_MOST = 1_000_000  # values, with those that aliases repeat
_LONGEST = 40  # digits of a number


class _JsonLoader(yaml.CSafeLoader):
    """Loader for JSON, in which 1e-3 is a number; in YAML it is text."""


_JsonLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"-?[0-9]+(\.[0-9]+)?[eE][-+]?[0-9]+$"), [*"-0123456789"]
)


def refuse_bad(argv: Sequence[str]) -> None:
    """Check, before Snakemake does, its own folder and the files that a command line gives with `--configfile`.

    Args:
        argv: Arguments of Snakemake.

    Raises:
        SystemExit: One line that names the folder that cannot be written into, or the first bad file.
    """
    folder = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    try:
        (folder / "snakemake").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        said = f"Snakemake cannot write into {folder} ({error.strerror}): name another folder in XDG_CACHE_HOME"
        raise SystemExit(said) from None
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--configfile", "--configfiles", nargs="+", default=[], type=Path)
    try:
        check_files(parser.parse_known_args(list(argv))[0].configfile)
    except ValueError as error:
        raise SystemExit(str(error)) from None


def check_files(files: Iterable[Path], has_run: bool = False) -> None:
    """Check what Snakemake would pass over: code, the same key twice, numbers that are none, and unreadable files.

    Args:
        files: Files in YAML or JSON.
        has_run: Whether Snakemake has read them, and so has run their code.

    Raises:
        ValueError: One line that names the file and the line.
    """
    for file in files:
        read_checked(file, has_run)


def read_checked(file: Path, has_run: bool = False) -> yaml.MappingNode:
    """Read one file of the configuration and check it as `check_files` does.

    Args:
        file: File in YAML or JSON.
        has_run: Whether Snakemake has read it, and so has run its code.

    Returns:
        Tree of the file, in which every value knows its line.

    Raises:
        ValueError: One line that names the file and the line.
    """
    root = _read(file)
    if not isinstance(root, yaml.MappingNode):
        found = "nothing" if root is None else "a list" if isinstance(root, yaml.SequenceNode) else repr(root.value)
        raise ValueError(f"{file}: found {found}, expected keys and values such as `seeds: [0]`")
    for key, _ in root.value:
        if key.value in _CODE:
            told = "Snakemake has run it" if has_run else "it was not run"
            raise ValueError(f"{_place(file, key)}: {key.value} asks Snakemake to run code ({told}): remove it")
    _count(file, root, {})
    return root


def _read(file: Path) -> yaml.Node | None:
    """Tree of a file, in which every value knows its line."""
    loader = yaml.CSafeLoader
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise ValueError(f"{file}: byte {error.start} (0x{byte:02x}) is no UTF-8: save the file in UTF-8") from None
    except OSError as error:
        raise ValueError(f"{file}: cannot be read: {error.strerror}") from None
    try:
        json.loads(text)
        text = text.replace("\t", " ")  # between the values, which YAML does not allow
        loader = _JsonLoader
    except (ValueError, RecursionError):
        pass
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise ValueError(f"{_place(file, event)}: more than {_DEEPEST} levels of values")
        return yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        at = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ValueError(f"{file}{at}: no YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise ValueError(f"{file}: no YAML: {' '.join(str(error).split())}") from None


def shown(file: Path) -> str:
    """Write the path of a file as messages do.

    Args:
        file: The file.

    Returns:
        Its path from the current folder if it is in there, else the path as given.
    """
    return os.path.relpath(file) if file.is_relative_to(Path.cwd()) else str(file)


def _place(file: Path, node: yaml.Node | yaml.Event) -> str:
    return f"{shown(file)}:{node.start_mark.line + 1}"


def _count(file: Path, node: yaml.Node, known: dict[int, int]) -> int:
    """Number of values below a node, each of which is checked once; an alias counts as all that it repeats."""
    if id(node) in known:
        if not known[id(node)]:
            raise ValueError(f"{_place(file, node)}: a value that contains itself")
        return known[id(node)]
    known[id(node)] = 0
    if node.tag not in _PLAIN:
        raise ValueError(f"{_place(file, node)}: found a value of the kind {node.tag!r}, expected text or a number")
    if isinstance(node, yaml.ScalarNode):
        _check_number(file, node)
    if isinstance(node, yaml.MappingNode):
        _check_keys(file, node)
    total = 1 + sum(_count(file, child, known) for child in _children(node))
    if total > _MOST:
        raise ValueError(f"{_place(file, node)}: aliases repeat it to more than {_MOST} values")
    known[id(node)] = total
    return total


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.ScalarNode):
        return []
    return [one for pair in node.value for one in (pair if isinstance(pair, tuple) else (pair,))]


def _check_keys(file: Path, node: yaml.MappingNode) -> None:
    """Refuse the same key twice: the last one would count, and nobody would know."""
    seen: dict[str, int] = {}
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise ValueError(f"{_place(file, key)}: found a list or keys as a key, expected a name")
        line = key.start_mark.line + 1
        if key.value in seen:
            raise ValueError(f"{file}:{line}: the key {key.value!r} is there twice, first in line {seen[key.value]}")
        seen[key.value] = line


def _check_number(file: Path, node: yaml.ScalarNode) -> None:
    """Refuse not-a-number and infinity, which pass every limit, and numbers too long to be read."""
    kind = node.tag.rpartition(":")[2]
    if kind in ("int", "float") and len(node.value) > _LONGEST:
        raise ValueError(f"{_place(file, node)}: a number of {len(node.value)} digits")
    if kind == "float" and not math.isfinite(yaml.SafeLoader("").construct_yaml_float(node)):
        raise ValueError(f"{_place(file, node)}: found {node.value}, expected a finite number")
