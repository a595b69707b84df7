"""The clip table of a data set and the tables that say which clips had to be left out. All are tab-separated text.

Their last line, `# crc32 ...`, is a checksum: readers refuse a file that changed since it was written.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from poseattn.clips.shard_clips import CLIP_COLUMNS, PARTS, USE_COLUMNS, with_labels
from poseattn.clips.table_files import read_table, write_table
from poseattn.files import read_sealed, write_sealed
from poseattn.messages import one_line

# Clips with what the protocols do with them: the columns of both tables of shards, all text. Here `excluded`, the last
# one, also has the reasons of stages that found a clip bad.
_MANIFEST = {name: str for name in (*CLIP_COLUMNS, *USE_COLUMNS) if name != "excluded"} | {"excluded": str}
MANIFEST_COLUMNS = tuple(_MANIFEST)
# What became of each clip that a stage was asked for; `reason` is empty where all is well, `n_frames` counts the frames
# of the clip. Between them stands what `poseattn.video.frames.Account` says of the file, 0 where the stage opens none:
# `packets` of the video track, `frames` that were decoded, `damaged` frames (lost, or decoded with errors), `errors` of
# the decoder, frames that the container `stated`, and `odd_times`: frames whose time stamp is missing, repeated or
# earlier than the time stamp before.
ACCOUNT = ("packets", "frames", "damaged", "errors", "stated", "odd_times")
_STATUS = {"clip_id": str, "stage": str, "n_frames": int, **dict.fromkeys(ACCOUNT, int), "reason": str}
# Excluded clips; `kind` is `protocol` or `bad`.
_EXCLUDED = {"clip_id": str, "kind": str, "stage": str, "reason": str}


def read_manifest(path: Path) -> pd.DataFrame:
    """Read the clips of a data set and their use in each protocol.

    Args:
        path: Table as written by `write_manifest`.

    Returns:
        One row a clip, sorted by clip_id, with the columns `MANIFEST_COLUMNS`, all text.

    Raises:
        ValueError: The file is no such table.
    """
    return with_labels(path, read_table(path, _MANIFEST))


def write_manifest(clips: pd.DataFrame, path: Path) -> None:
    """Write clips; the same clips give the same bytes in any order.

    Args:
        clips: One row a clip, with the columns that `read_manifest` returns.
        path: File to write.

    Raises:
        ValueError: A column is missing, or a clip is there twice.
    """
    write_table(clips, path, _MANIFEST)


def read_status(path: Path) -> pd.DataFrame:
    """Read the outcome of a stage for each clip of a shard.

    Args:
        path: Table as written by `write_status`.

    Returns:
        One row a clip, with the columns clip_id, stage, n_frames (of the clip), the columns `ACCOUNT` (of the file that
        the stage opened; all 0 where it opened none) and reason (empty: nothing wrong).

    Raises:
        ValueError: The file is no such table.
    """
    return read_table(path, _STATUS)


def write_status(rows: Iterable[Mapping[str, str | int]], path: Path) -> None:
    """Write the outcome of a stage for each clip that it was asked for.

    Args:
        rows: Clips, each with the columns that `read_status` returns; a reason becomes one line of bounded length.
        path: File to write.

    Raises:
        ValueError: A column is missing, or a clip is there twice.
    """
    shown = [{**row, "reason": one_line(row["reason"])} for row in rows]
    write_table(pd.DataFrame(shown, columns=list(_STATUS)), path, _STATUS)


def read_excluded(path: Path) -> pd.DataFrame:
    """Read the clips of a data set that are left out.

    Args:
        path: Table as written by `write_excluded`.

    Returns:
        One row an excluded clip, with the columns clip_id, kind (protocol or bad), stage and reason.

    Raises:
        ValueError: The file is no such table.
    """
    return read_table(path, _EXCLUDED)


def write_excluded(rows: Iterable[Mapping[str, str]], path: Path) -> None:
    """Write the clips of a data set that are left out.

    Args:
        rows: Clips, each with the columns that `read_excluded` returns.
        path: File to write.

    Raises:
        ValueError: A column is missing, or a clip is there twice.
    """
    write_table(pd.DataFrame(list(rows), columns=list(_EXCLUDED)), path, _EXCLUDED)


def official_split(clips: pd.DataFrame, protocol: str) -> pd.Series:
    """Return the split of each clip in a protocol.

    Args:
        clips: Clips of a manifest.
        protocol: Name of the protocol.

    Returns:
        "train", "val" or "test" for each clip, empty where the protocol does not use it, on the index of the clips.
        Most protocols name no validation clips; see `poseattn.clips.held_out`.

    Raises:
        ValueError: No clip is of such a protocol, or one has two uses.
    """
    uses = pd.DataFrame(
        {use: clips[name].str.split().map(lambda names: protocol in names) for name, use in PARTS.items()}
    )
    if (several := uses.sum(axis=1) > 1).any():
        found = " and ".join(uses.columns[uses[several].iloc[0]])
        raise ValueError(f"clip {clips.clip_id[several].iloc[0]} is for {found} in {protocol}")
    if not uses.any(axis=None):
        known = sorted({name for column in PARTS for names in clips[column] for name in names.split()})
        raise ValueError(f"protocol is {protocol!r}, expected one of {', '.join(known)}")
    return uses.dot(uses.columns)


def class_numbers(clips: pd.DataFrame) -> list[list[int]]:
    """Classes of each clip, as numbers from 0; a clip may show none."""
    return [[int(number) for number in label.split("+") if number] for label in clips.label]


def read_classes(path: Path) -> tuple[str, ...]:
    """Read the names of a data set's classes, one a line in the order of their numbers.

    Args:
        path: Text file as written by the stage list_classes.

    Returns:
        The names.

    Raises:
        ValueError: There is no class in it, or it changed since it was written.
    """
    names = tuple(read_sealed(path).splitlines())
    if not names:
        raise ValueError(f"{path}: no class in it")
    return names


def write_classes(names: Iterable[str], path: Path) -> None:
    """Write the names of a data set's classes, one a line in the order of their numbers, and a checksum.

    Args:
        names: The names.
        path: File to write.
    """
    write_sealed(path, "".join(f"{name}\n" for name in names))
