"""The shipped configuration as tests read it: of all papers, and of one paper alone."""

import copy
from functools import cache
from pathlib import Path
from typing import Any

from poseattn.config.load import load
from poseattn.config.placed import Placed, plain
from poseattn.config.shipped import read_shipped

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "workflow/papers"
NAMES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


@cache
def files(workflow: Path = ROOT / "workflow") -> Placed:
    """The shipped files alone, read once for all tests that lay something over them."""
    return read_shipped(workflow)


@cache
def shipped() -> Placed:
    """The configuration without any user's file but `config.yaml`, checked."""
    return load(ROOT / "workflow", ROOT / "config.yaml")


@cache
def _paper(name: str) -> dict[str, Any]:
    sections = {
        section: {key: plain(entry) for key, entry in entries.value.items() if _is_of(name, entry)}
        for section, entries in shipped().value.items()
        if isinstance(entries.value, dict)
    }
    return {section: entries for section, entries in sections.items() if entries}


def _is_of(name: str, entry: Placed) -> bool:
    return entry.place.file is not None and entry.place.file.parent == FOLDER / name


def paper(name: str) -> dict[str, Any]:
    """Sections of the configuration with the entries that stand in the folder of a paper; a copy of one's own."""
    return copy.deepcopy(_paper(name))
