"""Print what is inside a file: a shard, any HDF5 file, a checkpoint or a table, whole or broken.

A tool, no stage of the pipeline: it changes nothing.
"""

import reprlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from poseattn.files import REPAIR, SEAL
from poseattn.messages import say
from poseattn.reading import read_input
from poseattn.tools._hdf5_lines import describe_hdf5, readable, short

_FIRST = 10  # lines of a text
_WIDTH = 200  # characters
_LONGEST_LINE = 1 << 20  # characters of a line in memory
_MOST = 1000  # entries of a checkpoint
_DEEPEST = 20  # levels of dictionaries


def run(*, file: Path) -> None:
    """Print a page about a file.

    Args:
        file: The file.

    Raises:
        ValueError: The file is empty, no file, or broken; what can be said of it is printed all the same.
        OSError: There is no such file, or it may not be read.
    """
    if file.is_dir():
        raise ValueError(f"{file} is a folder; `verify` checks folders")
    start = read_input(file, 4096)
    if not start:
        raise ValueError(f"{file} is empty")
    say(f"{file}, {readable(file.stat().st_size)}")
    for line in _describe(file, start):
        say(line, keep="\t")


def _describe(path: Path, start: bytes) -> Iterator[str]:
    if start.startswith(b"\x89HDF\r\n\x1a\n"):
        yield from describe_hdf5(path)
    elif start.startswith(b"PK\x03\x04"):
        yield from _describe_checkpoint(path)
    elif b"\0" in start:
        yield f"neither text nor a format known here; begins with the bytes {start[:16].hex(' ')}"
    else:
        yield from _describe_text(path)


def _describe_checkpoint(path: Path) -> Iterator[str]:
    """Names, types and shapes of tensors, and the other values; no number of a tensor is kept and no code run."""
    from poseattn.networks.torch_files import read_torch  # only checkpoints need torch, which takes seconds to import

    try:
        leaves = list(islice(_leaves("", read_torch(path, "meta"), 0), _MOST + 1))
    except ValueError as error:
        raise ValueError(str(error).removesuffix(f": {REPAIR}")) from error
    yield f"checkpoint of {sum(value.numel() for _, value in leaves if hasattr(value, 'numel')):,} numbers in tensors"
    yield from (f"  {name}  {_value(value)}" for name, value in leaves[:_MOST])
    if len(leaves) > _MOST:
        yield "  and more"


def _leaves(name: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """Names and values of all entries, made one by one: few bytes can describe many."""
    if isinstance(value, dict) and value and depth < _DEEPEST:
        for key, inner in value.items():
            yield from _leaves(f"{name}.{_value(key)}"[-_WIDTH:].removeprefix("."), inner, depth + 1)
    else:
        yield name, value


def _value(value: Any) -> str:
    """A tensor's type and shape, or another value in few words, however large or nested it is."""
    if hasattr(value, "numel"):
        return f"{str(value.dtype).removeprefix('torch.')} {tuple(value.shape)}"
    return short(value if isinstance(value, str) else reprlib.repr(value))


def _describe_text(path: Path) -> Iterator[str]:
    """Number of lines, columns of a table, and the first lines; of a long file few lines are in memory."""
    n_lines, first, last = 0, [], ""
    with open(path, encoding="utf-8") as file:
        try:
            while line := file.readline(_LONGEST_LINE):
                n_lines, last = n_lines + line.endswith("\n"), line
                first += [line.rstrip("\n")] if len(first) <= _FIRST + 1 else []
        except UnicodeDecodeError:
            yield "neither UTF-8 text nor a format known here"
            return
    n_lines += not last.endswith("\n")
    if last.startswith(SEAL):
        n_lines -= 1
    columns = {".csv": ",", ".tsv": "\t"}.get(path.suffix)
    if columns is not None and n_lines:
        yield f"table of {n_lines - 1} rows and {len(first[0].split(columns))} columns"
    else:
        yield f"text of {n_lines} lines"
    yield from (f"  {short(line)}" for line in first[: min(n_lines, _FIRST + 1)])
