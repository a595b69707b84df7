"""Intact videos to damage: rendered ones of many kinds, and real samples where there are any."""

import os
from pathlib import Path
from typing import NamedTuple

import av

from .render import KINDS, render

SUFFIXES = (".avi", ".mp4", ".mpg", ".mkv", ".webm", ".mov")
_MOST_ALIKE = 6  # samples of one folder


class Source(NamedTuple):
    """An intact video: its codec and container, such as `h264 mp4`, a name for people, and the file."""

    group: str
    name: str
    path: Path


def rendered(folder: Path) -> list[Source]:
    """Videos of our own, rendered into a folder unless they are there."""
    paths = [render(kind, folder / f"{name}{kind.suffix}") for name, kind in KINDS.items()]
    return [Source(_group(path), path.name, path) for path in paths]


def samples() -> list[Source]:
    """A few real videos of each folder of the samples that POSEATTN_SAMPLES names; none where it is not set."""
    folder = os.environ.get("POSEATTN_SAMPLES")
    found: dict[Path, list[Path]] = {}
    for path in sample_paths(Path(folder)) if folder else ():
        found.setdefault(path.parent, []).append(path)
    chosen = [path for paths in found.values() for path in paths[:: -(-len(paths) // _MOST_ALIKE)]]
    return [Source(_group(path), path.relative_to(folder).as_posix(), path) for path in chosen]


def sample_paths(folder: Path) -> list[Path]:
    """All videos below a folder, sorted."""
    return sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)


def _group(path: Path) -> str:
    with av.open(str(path), metadata_errors="replace") as container:
        return f"{container.streams.video[0].codec_context.codec.name.removeprefix('lib')} {path.suffix[1:]}"
