"""The videos that `check` is asked about: below a folder, in a list, or one alone."""

import csv
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from poseattn.checks.walk import Walk
from poseattn.folders import is_image_name
from poseattn.messages import WrongUse

SUFFIXES = frozenset(
    ".3g2 .3gp .asf .avi .divx .dv .f4v .flv .h264 .hevc .ivf .m1v .m2ts .m2v .m4v .mkv .mov .mp4 .mpe .mpeg .mpg .mts"
    " .mxf .ogv .rm .rmvb .ts .vob .webm .wmv .y4m".split()
)
# Sound, images and others in containers that videos have, too.
_OTHERS = frozenset(".aac .aif .aiff .ani .avif .cur .flac .heic .heif .m4a .m4b .m4r .mka .mks .mp3 .oga .ogg".split())
_OTHERS |= frozenset(".opus .spx .wav .webp .wma .cr3 .jp2 .jxl".split())
_SOURCES = (".ts", ".mts")  # of TypeScript, too, which is text
_COLUMNS = ("path", "file", "filename", "video")  # of a CSV list, the first that it has
_HEAD = 16  # bytes
_LARGEST_LIST = 1 << 30  # bytes


class Found(NamedTuple):
    """A file to be checked, with a reason instead if it cannot even be looked at."""

    path: Path
    fault: str = ""


def find_videos(place: Path) -> list[Found]:
    """Videos below a folder, of a list, or a video alone.

    Below a folder: regular files whose suffix or first bytes say video, links included, each file once, none that is
    hidden. A list is a text with a path in each line, or a CSV file with a column `path`, `file`, `filename` or
    `video`; paths are relative to the folder of the list.

    Args:
        place: Folder, list or video.

    Returns:
        The files, in order of their paths or of the list.

    Raises:
        WrongUse: There is nothing at that place, or a list that cannot be read as one.
    """
    if place.is_dir():
        return sorted(_below(place))
    try:
        found = place.stat()
        if not stat.S_ISREG(found.st_mode):
            raise WrongUse(f"{place} is no regular file, expected a folder, a list or a video")
        if place.suffix.lower() in SUFFIXES or is_image_name(place.name) or _is_video(place):
            return [Found(place)]
        if found.st_size > _LARGEST_LIST:
            raise WrongUse(f"{place} is too large for a list of videos")
        text = place.read_text(encoding="utf-8-sig", errors="surrogateescape")
    except OSError as error:
        raise WrongUse(f"{place}: {error.strerror}, expected a folder, a list or a video") from error
    if "\0" in text:
        raise WrongUse(f"{place} is neither a folder nor a video, nor a text that lists videos")
    return list(dict.fromkeys(Found(place.parent / name) for name in _listed(text, place)))


def _below(folder: Path) -> Iterator[Found]:
    """Videos below a folder; each file once, under the first of its names."""
    walk = Walk(folder, enters=lambda path: not path.name.startswith("."))
    seen: set[tuple[int, int]] = set()
    for path, fault in walk.files():
        suffix = path.suffix.lower()
        if path.name.startswith(".") or (fault and suffix not in SUFFIXES):
            continue
        try:
            known = (found := path.stat()).st_dev, found.st_ino
            if fault or (known not in seen and _says_video(path, suffix)):
                seen.add(known)
                yield Found(path, fault)
        except OSError as error:
            if suffix in SUFFIXES:
                yield Found(path, error.strerror)
    for path, reason in walk.left_out:
        yield Found(path, f"folder not entered: {reason}")


def _says_video(path: Path, suffix: str) -> bool:
    """Whether the suffix of a file or its first bytes say that it is a video."""
    if suffix in _SOURCES and all(byte in b"\t\n\r" or 32 <= byte < 127 for byte in _head(path)):
        return False
    return suffix in SUFFIXES or (suffix not in _OTHERS and _is_video(path))


def _head(path: Path) -> bytes:
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        return file.read(_HEAD)


def _is_video(path: Path) -> bool:
    """Whether the first bytes are those of a container that holds videos as a rule."""
    head = _head(path)
    if head[4:8] == b"ftyp":
        return head[8:12] not in (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis", b"M4A ", b"M4B ", b"crx ")
    is_riff = head[:4] == b"RIFF" and head[8:12] == b"AVI "
    return is_riff or head[:4] in (b"\x1a\x45\xdf\xa3", b"FLV\1", b"\0\0\1\xba", b"\0\0\1\xb3")


def _listed(text: str, place: Path) -> Iterator[str]:
    """Paths in a list."""
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line.strip() and not line.startswith("#")]
    if place.suffix.lower() not in (".csv", ".tsv"):
        yield from (line.strip() for line in lines)
        return
    try:
        rows = csv.DictReader(lines, delimiter="\t" if place.suffix.lower() == ".tsv" else ",", strict=True)
        column = next((name for name in _COLUMNS if name in (rows.fieldnames or ())), None)
        if column is None:
            raise WrongUse(f"{place} has the columns {rows.fieldnames}, expected one of {', '.join(_COLUMNS)}")
        yield from (row[column] for row in rows if row[column])
    except csv.Error as error:
        raise WrongUse(f"{place}: {error}") from error
