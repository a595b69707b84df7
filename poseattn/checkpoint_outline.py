"""What is inside a PyTorch checkpoint, told without PyTorch: no number is read and no code of the file is run."""

import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any, NamedTuple


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


def _tensor(dtype: str, offset: int, shape: tuple[int, ...], *_: object) -> _Tensor:
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
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            pickled = [name for name in names if name.endswith("/data.pkl")]
            if not pickled:
                yield f"zip archive of {len(names)} files, no checkpoint"
                return
            with archive.open(pickled[0]) as file:
                content = _Outline(file).load()
    except (zipfile.BadZipFile, pickle.UnpicklingError, EOFError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(f"{path}: truncated or damaged checkpoint ({error})") from error
    leaves = list(_leaves("", content))
    numbers = sum(prod(value.shape) for _, value in leaves if isinstance(value, _Tensor))
    yield f"checkpoint of {numbers:,} numbers in tensors"
    for name, value in leaves:
        yield f"  {name}  {f'{value.dtype} {value.shape}' if isinstance(value, _Tensor) else repr(value)}"


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(f"{name}.{key}" if name else str(key), inner)
    else:
        yield name, value
