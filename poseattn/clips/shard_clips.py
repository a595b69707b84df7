"""Read and write the clips of one shard in two tables: where their files are, and their use in each protocol.

Features are made from the first table. The second one is a table of its own, since no feature depends on it.
"""

from pathlib import Path

import pandas as pd

from poseattn.clips.table_files import read_table, write_table

# All columns are text. `path` and `pose_path` are relative to the data set's root, empty where there is no file;
# `start` and `end` are seconds, empty for the whole file; `excluded` is empty, or "<stage or protocol>: <reason>".
_CLIPS = dict.fromkeys(("clip_id", "path", "pose_path", "start", "end", "excluded"), str)
PARTS = {"trains": "train", "validates": "val", "tests": "test"}  # column -> part of a protocol
# All columns are text. `label` has numbers of classes from 0, joined by `+`; `group` says what clips share (performer,
# film); `trains`, `validates` and `tests` name the protocols that use the clip so, separated by blanks.
_USES = dict.fromkeys(("clip_id", "label", "group", *PARTS), str)
CLIP_COLUMNS = tuple(_CLIPS)
USE_COLUMNS = tuple(_USES)
_LABEL = r"([0-9]{1,6}(\+[0-9]{1,6})*)?"


def read_clips(path: Path) -> pd.DataFrame:
    """Read where the files of the clips of a shard are.

    Args:
        path: Table as written by `write_clips`.

    Returns:
        One row a clip, sorted by clip_id, with the columns `CLIP_COLUMNS`, all text.

    Raises:
        ValueError: The file is no such table.
    """
    return read_table(path, _CLIPS)


def write_clips(clips: pd.DataFrame, path: Path) -> None:
    """Write where the files of clips are; the same clips give the same bytes in any order.

    Args:
        clips: One row a clip, with the columns that `read_clips` returns.
        path: File to write.

    Raises:
        ValueError: A column is missing, or a clip is there twice.
    """
    write_table(clips, path, _CLIPS)


def read_uses(path: Path) -> pd.DataFrame:
    """Read the use of the clips of a shard in each protocol.

    Args:
        path: Table as written by `write_uses`.

    Returns:
        One row a clip, sorted by clip_id, with the columns `USE_COLUMNS`, all text.

    Raises:
        ValueError: The file is no such table.
    """
    return with_labels(path, read_table(path, _USES))


def write_uses(uses: pd.DataFrame, path: Path) -> None:
    """Write the use of clips in each protocol; the same rows give the same bytes in any order.

    Args:
        uses: One row a clip, with the columns that `read_uses` returns.
        path: File to write.

    Raises:
        ValueError: A column is missing, or a clip is there twice.
    """
    write_table(uses, path, _USES)


def join_uses(clips: pd.DataFrame, uses: pd.DataFrame) -> pd.DataFrame:
    """Join clips and their use in each protocol.

    Args:
        clips: Rows of `read_clips`.
        uses: Rows of `read_uses` in any order.

    Returns:
        The clips with the columns of both.

    Raises:
        ValueError: A clip is in one of the two alone.
    """
    if apart := set(clips.clip_id) ^ set(uses.clip_id):
        raise ValueError(f"clip {min(apart)!r}: a table of clips or a table of uses lacks it, expected it in both")
    return clips.merge(uses, on="clip_id", how="left", validate="one_to_one")


def with_labels(path: Path, clips: pd.DataFrame) -> pd.DataFrame:
    """Look at the labels of a table.

    Args:
        path: Its file, which a message names.
        clips: Rows with a column `label`.

    Returns:
        The rows as they are.

    Raises:
        ValueError: A label is something else than numbers joined by `+`.
    """
    if (wrong := ~clips.label.str.fullmatch(_LABEL)).any():
        clip = clips[wrong].iloc[0]
        raise ValueError(f"{path}: clip {clip.clip_id!r}: label is {clip.label!r}, expected numbers joined by +")
    return clips
