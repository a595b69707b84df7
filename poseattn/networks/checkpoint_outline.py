"""What is inside a PyTorch checkpoint, told without PyTorch: no number is read and no code of the file is run."""

import io
import pickle
import pickletools
import reprlib
import zipfile
from collections import OrderedDict
from collections.abc import Iterator
from itertools import islice
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

from poseattn.reading import open_input, reading, system_fault

_LONGEST = 64 << 20  # bytes of a pickle, which has no numbers of tensors in it
_WIDTH = 200  # characters of a line
_LINES = 1000
_MOST_AXES = 64
_DEEPEST = 20
_MEMO = ("PUT", "BINPUT", "LONG_BINPUT")
_brief = reprlib.Repr()
_brief.maxstring = _brief.maxother = _WIDTH


class _Tensor(NamedTuple):
    dtype: str
    shape: tuple[int, ...]


class _Unknown:
    """Stands for an object of any other class."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __setstate__(self, state: object) -> None:
        pass

    def __repr__(self) -> str:
        return "..."


class _Outline(pickle.Unpickler):
    """Builds dictionaries, numbers and texts; a tensor becomes its type and shape, everything else a place-holder."""

    def find_class(self, module: str, name: str) -> Any:
        if name == "OrderedDict":
            return OrderedDict
        if name in ("_rebuild_tensor_v2", "_rebuild_parameter"):
            return _tensor if name == "_rebuild_tensor_v2" else _parameter
        if name.endswith("Storage"):
            return name.removesuffix("Storage").lower()
        return _Unknown

    def persistent_load(self, pid: Any) -> Any:
        return pid[1]  # ("storage", type, file in the archive, device, length)


def _tensor(dtype: object, offset: object, shape: object, *_: object) -> _Tensor:
    if not isinstance(dtype, str) or not isinstance(shape, tuple):
        raise TypeError("a tensor without type or shape")
    if not all(isinstance(size, int) and 0 <= size < 2**63 for size in shape[:_MOST_AXES]) or len(shape) > _MOST_AXES:
        raise TypeError("a tensor of an impossible shape")
    return _Tensor(dtype, shape)


def _parameter(data: _Tensor, *_: object) -> _Tensor:
    return data


def outline_checkpoint(path: Path) -> Iterator[str]:
    """Lines that tell what a checkpoint holds.

    Args:
        path: The file, a zip archive.

    Yields:
        One line for each tensor or value.

    Raises:
        ValueError: The file is truncated or damaged.
        OSError: The system does not give its bytes.
    """
    try:
        with open_input(path) as raw, reading(path), zipfile.ZipFile(raw) as archive:
            names = archive.namelist()
            pickled = [name for name in names if name.endswith("/data.pkl")]
            if not pickled:
                yield f"zip archive of {len(names)} files, no checkpoint"
                return
            with archive.open(pickled[0]) as file:
                content = _load(file.read(_LONGEST + 1))
    except Exception as error:  # a damaged file may lead the readers of zip archives and pickles to any of them
        if fault := system_fault(error, path):
            raise fault from error
        raise ValueError(f"{path}: truncated or damaged checkpoint ({str(error)[:_WIDTH]})") from error
    leaves = list(islice(_leaves("", content, 0), _LINES + 1))
    numbers = sum(prod(value.shape) for _, value in leaves if isinstance(value, _Tensor))
    yield f"checkpoint of {numbers:,} numbers in tensors"
    for name, value in leaves[:_LINES]:
        yield f"  {name[:_WIDTH]}  {_shown(value)[:_WIDTH]}"
    if len(leaves) > _LINES:
        yield "  and more"


def _load(content: bytes) -> Any:
    """Build what a pickle describes, unless it asks for room for more things than it has bytes."""
    if len(content) > _LONGEST:
        raise ValueError(f"a pickle of more than {_LONGEST} bytes")
    for code, argument, _ in pickletools.genops(content):
        if code.name in _MEMO and argument > len(content):
            raise ValueError(f"{code.name} {argument}")
        if code.name.startswith("EXT"):
            raise ValueError(code.name)
    return _Outline(io.BytesIO(content)).load()


def _leaves(name: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """Names and values of all entries; as many of them as are asked for, since few bytes can describe many."""
    if isinstance(value, dict) and value and depth < _DEEPEST:
        for key, inner in value.items():
            yield from _leaves(f"{name}.{_shown(key)}"[-_WIDTH:] if name else _shown(key), inner, depth + 1)
    else:
        yield name, value


def _shown(value: Any) -> str:
    """A value in few words, however large or nested it is."""
    if isinstance(value, _Tensor):
        return f"{value.dtype} {value.shape}"
    return value if isinstance(value, str) and value.isprintable() else _brief.repr(value)
