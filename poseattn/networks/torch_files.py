"""Files of PyTorch, read without running any code of theirs and without more memory than they have bytes."""

import os
import re
import zipfile
from pathlib import Path
from typing import Any

import torch

from poseattn.files import REPAIR, damage_of_archive
from poseattn.reading import open_input, reading, system_fault

_ZIP = b"PK\x03\x04"
_BLOCK = 1 << 24  # bytes read at once


def read_torch(path: Path, device: str = "cpu") -> Any:
    """Tensors, numbers, texts, lists and dictionaries that `torch.save` wrote.

    Args:
        path: The file.
        device: Where tensors are put; `meta` for their shapes alone.

    Returns:
        What it holds.

    Raises:
        ValueError: It is damaged, something else, or holds objects of other classes; the message names it.
        OSError: The system does not give its bytes, which says nothing about them.
        MemoryError: They do not fit into memory.
    """
    with open_input(path) as file, reading(path):
        if file.read(len(_ZIP)) == _ZIP:
            _check_archive(path)
        file.seek(0)
        try:
            return torch.load(file, map_location=device, weights_only=True)
        except Exception as error:  # torch's reader raises whatever a damaged file leads it to
            if fault := system_fault(error, path):
                raise fault from error
            _read_through(path)
            if other := re.search(r"Unsupported global: GLOBAL (\S{1,200})", str(error)):
                raise ValueError(f"{path}: holds a {other[1]}, expected tensors, numbers and texts") from error
            raise ValueError(f"{path}: damaged, or no file of PyTorch: {REPAIR}") from error


def _read_through(path: Path) -> None:
    """Raise the error of a read that fails, whose number a library may have hidden."""
    with open_input(path) as file, reading(path):
        while file.read(_BLOCK):
            pass


def _check_archive(path: Path) -> None:
    """Refuse an archive that changed, or whose members are packed or share bytes: a small one could fill the memory."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        if fault := system_fault(error, path):
            raise fault from error
        _read_through(path)
        raise ValueError(f"{path}: damaged, or no file of PyTorch: {REPAIR}") from error
    if sum(member.file_size for member in members) > os.path.getsize(path):
        raise ValueError(f"{path}: its parts have more bytes than the file, which PyTorch never packs")
    if damage := damage_of_archive(path):
        raise ValueError(f"{path}: {damage}: {REPAIR}")
