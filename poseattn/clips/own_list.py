"""Lists of a user's own clips: CSV files with path, label and split. Standard library only: rules import it."""

import csv
import unicodedata
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path
from typing import NamedTuple

COLUMNS = ("path", "label", "split")
OPTIONAL = ("start", "end", "subject")
SPLITS = ("train", "val", "test", "")


class ListedClip(NamedTuple):
    """One line of a list.

    Attributes:
        clip_id: Path without its suffix, folders joined by `__`; of a part of a video also its times.
        path: Video, image or folder of images, relative to the folder of the data set, without `./` and `//`.
        labels: Names of its classes, in the composed form of Unicode (NFC).
        split: `train`, `val`, `test`, or empty for a clip that is not used.
        start: Seconds from which on the video belongs to the clip, as text; empty for its beginning.
        end: Seconds before which it does; empty for its end.
        subject: What clips share; where the list names no `val`, whole subjects are held out. By default the video.
    """

    clip_id: str
    path: str
    labels: tuple[str, ...]
    split: str
    start: str
    end: str
    subject: str


def read_clip_list(path: Path) -> list[ListedClip]:
    """Read a user's clips.

    Args:
        path: CSV file in UTF-8 whose first line names the columns `path`, `label` (several classes are separated by
            `|`) and `split`, and may name `start`, `end` (seconds) and `subject`.

    Returns:
        The clips in the order of the file.

    Raises:
        ValueError: The file, a column or a value is missing or wrong; the message names the line.
        OSError: The system cannot read the file.
    """
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, strict=True)
            _check_columns(path, reader.fieldnames or [])
            clips = [_clip(f"{path}, line {reader.line_num}", row) for row in reader]
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise ValueError(f"{path}: {error.strerror}, expected a CSV file") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path}: {error}") from None
    _check_names(path, clips)
    if clips and not any(clip.split for clip in clips):
        raise ValueError(f"{path}: the column split is empty in every line, expected train, val or test in some")
    refuse_shared_seconds(path, clips, lambda clip: clip.path)
    return clips


def class_names(clips: Iterable[ListedClip]) -> tuple[str, ...]:
    """Classes in the order of their numbers: all labels of a list, sorted."""
    return tuple(sorted({label for clip in clips for label in clip.labels}))


def refuse_shared_seconds(path: Path, clips: Iterable[ListedClip], video_of: Callable[[ListedClip], Hashable]) -> None:
    """Refuse seconds of a video that are in two parts of the split.

    Args:
        path: The list, which a message names.
        clips: Its clips.
        video_of: Returns a key that clips of the same video share.

    Raises:
        ValueError: There are such seconds.
    """
    videos: dict[Hashable, list[ListedClip]] = {}
    for clip in clips:
        if clip.split:
            videos.setdefault(video_of(clip), []).append(clip)
    for parts in videos.values():
        latest: dict[str, tuple[float, str]] = {}  # split -> end of what it has of the video so far, and by which path
        for clip in sorted(parts, key=_seconds):
            begin, end = _seconds(clip)
            for split, (until, other) in latest.items():
                if split != clip.split and begin < until:
                    same = "" if other == clip.path else f", which is the same file as {other!r},"
                    raise ValueError(
                        f"{path}: seconds of {clip.path!r}{same} are both for {split} and for {clip.split}"
                    )
            latest[clip.split] = max((end, clip.path), latest.get(clip.split, (0.0, "")))


def _check_names(path: Path, clips: list[ListedClip]) -> None:
    """Refuse a clip that is there twice."""
    names: set[str] = set()
    for clip in clips:
        if clip.clip_id in names:
            raise ValueError(f"{path}: two lines are of the clip {clip.clip_id!r} (paths count without their suffix)")
        names.add(clip.clip_id)


def _seconds(clip: ListedClip) -> tuple[float, float]:
    return float(clip.start or 0), float(clip.end or "inf")


def _check_columns(path: Path, found: list[str]) -> None:
    known = (*COLUMNS, *OPTIONAL)
    if missing := [name for name in COLUMNS if name not in found]:
        raise ValueError(f"{path}: no column {', '.join(missing)}; found {', '.join(found)[:300] or 'nothing'}")
    if len(set(found)) < len(found):
        raise ValueError(f"{path}: a column is there twice: {', '.join(found)[:300]}")
    if unknown := [name for name in found if name not in known]:
        raise ValueError(f"{path}: unknown column {', '.join(map(repr, unknown))}; expected {', '.join(known)}")


def _clip(where: str, row: dict[str, str | None]) -> ListedClip:
    if None in row or None in row.values():
        raise ValueError(f"{where}: not as many values as columns")
    cell = {name: value.strip() for name, value in row.items()}
    # one label however an editor composes its letters
    labels = tuple(unicodedata.normalize("NFC", label.strip()) for label in cell["label"].split("|"))
    if not all(value.isprintable() for value in cell.values()):
        raise ValueError(f"{where}: a value has a line end, a tab or another sign that cannot be printed")
    if not Path(cell["path"]).name or not all(labels):
        raise ValueError(f"{where}: path is {cell['path']!r} and label {cell['label']!r}, expected some text")
    if Path(cell["path"]).is_absolute() or ".." in Path(cell["path"]).parts:
        raise ValueError(f"{where}: path is {cell['path']!r}, expected one below the folder of the data set")
    if cell["split"] not in SPLITS:
        raise ValueError(f"{where}: split is {cell['split']!r}, expected train, val, test or nothing")
    start, end = (cell.get(name, "") for name in ("start", "end"))
    _check_times(where, start, end)
    times = f"__{start or 0}-{end or 'end'}" if start or end else ""
    path = Path(cell["path"])
    clip_id = "__".join(path.with_suffix("").parts) + times
    name = path.as_posix()  # one spelling: without `./` and `//`
    subject = unicodedata.normalize("NFC", cell.get("subject", "")) or name
    return ListedClip(clip_id, name, labels, cell["split"], start, end, subject)


def _check_times(where: str, start: str, end: str) -> None:
    try:
        begins, ends = float(start or 0), float(end or "inf")
    except ValueError:
        raise ValueError(f"{where}: start is {start!r} and end {end!r}, expected seconds") from None
    if not 0 <= begins < ends:
        raise ValueError(f"{where}: start is {start or 0} and end {end or 'open'}, expected 0 <= start < end")
