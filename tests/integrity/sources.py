"""Intact videos to damage: rendered ones of many kinds, and real samples where there are any."""

import os
from pathlib import Path
from typing import NamedTuple

import av

from .render import KINDS, render

SUFFIXES = (".avi", ".mp4", ".mpg", ".mkv", ".webm", ".mov")


class Source(NamedTuple):
    """An intact video: its codec and container, such as `h264 mp4`, a name for people, and the file."""

    group: str
    name: str
    path: Path


def rendered(folder: Path) -> list[Source]:
    """Videos of our own, rendered into a folder unless they are there."""
    paths = [render(kind, folder / f"{name}{kind.suffix}") for name, kind in KINDS.items()]
    return [Source(group_of(path), path.name, path) for path in paths]


def samples() -> list[Source]:
    """The smallest real video of each folder of the samples that POSEATTN_SAMPLES names; none where it is not set."""
    folder = os.environ.get("POSEATTN_SAMPLES")
    smallest: dict[Path, Path] = {}
    for path in sorted(sample_paths(Path(folder)), key=lambda path: path.stat().st_size) if folder else ():
        smallest.setdefault(path.parent, path)
    return [Source(group_of(path), path.relative_to(folder).as_posix(), path) for path in sorted(smallest.values())]


def sample_paths(folder: Path) -> list[Path]:
    """All videos below a folder, sorted."""
    return sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)


def group_of(path: Path) -> str:
    """Codec and container of a video, such as `h264 mp4`."""
    with av.open(str(path), metadata_errors="replace") as container:
        return f"{container.streams.video[0].codec_context.codec.canonical_name} {path.suffix[1:]}"
