"""Tables of clips as files: tab-separated text in UTF-8 with a checksum, one row a clip, sorted by their names."""

import csv
import io
from pathlib import Path

import pandas as pd

from poseattn.files import read_sealed, write_sealed

_MOST_COLUMNS = 100
_NO_NAMES = ("", ".", "..")


def read_table(path: Path, columns: dict[str, type]) -> pd.DataFrame:
    """Read a table; text stays as it is, and no text counts as a missing value.

    Args:
        path: The file.
        columns: Types (`str` or `int`) of the columns that the table must have; `clip_id` must be among the columns.

    Returns:
        One row a clip with these columns.

    Raises:
        ValueError: The file is no such table; the message names it.
        OSError: It cannot be read.
    """
    text = read_sealed(path)
    _check_lines(path, text)
    try:
        options = {"keep_default_na": False, "quoting": csv.QUOTE_NONE, "skip_blank_lines": False}
        table = pd.read_csv(io.StringIO(text), sep="\t", dtype=columns, **options)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{path}: {' '.join(str(error).split())[:300]}") from None
    if missing := [name for name in columns if name not in table]:
        raise ValueError(f"{path}: no column {', '.join(missing)}; expected {', '.join(columns)}")
    _check_names(path, table)
    return table[list(columns)]


def write_table(rows: pd.DataFrame, path: Path, columns: dict[str, type]) -> None:
    """Write a table with its rows sorted by clip, complete or not at all.

    Args:
        rows: One row a clip.
        path: File to write.
        columns: As for `read_table`.

    Raises:
        ValueError: A column is missing, a clip is there twice, or a text is none that could be read back.
        OSError: The file cannot be written.
    """
    if missing := [name for name in columns if name not in rows]:
        raise ValueError(f"{path}: no column {', '.join(missing)} to write; expected {', '.join(columns)}")
    table = rows[list(columns)].astype(columns).sort_values("clip_id")
    words = table[[name for name, kind in columns.items() if kind is str]]
    if (split := words.apply(lambda column: column.str.contains(r"[\t\r\n]")).any(axis=1)).any():
        raise ValueError(f"{path}: clip {table.clip_id[split].iloc[0]!r} has a tab or a line end in its name or path")
    _check_names(path, table)
    text = table.to_csv(sep="\t", index=False, lineterminator="\n", quoting=csv.QUOTE_NONE)
    try:
        write_sealed(path, text)
    except UnicodeEncodeError as error:  # how Python shows bytes of a file's name that are no UTF-8
        raise ValueError(f"{path}: {text[error.start - 50 : error.end]!r}: a file's name is not in UTF-8") from None


def _check_lines(path: Path, text: str) -> None:
    """Refuse a table that was cut off or has a line of another length, whose values would move to other columns."""
    if not text:
        raise ValueError(f"{path}: is empty, expected a table")
    if not text.endswith("\n") or "\r" in text or "\0" in text:
        raise ValueError(f"{path}: cut off, or no table with a line feed at the end of each line")
    lines = text.split("\n")
    n_tabs = lines[0].count("\t")
    if n_tabs >= _MOST_COLUMNS:  # pandas takes minutes for a million
        raise ValueError(f"{path}: {n_tabs + 1} columns, expected at most {_MOST_COLUMNS}")
    for number, line in enumerate(lines[:-1], 1):
        if line.count("\t") != n_tabs:
            raise ValueError(f"{path}: line {number} has {line.count(chr(9)) + 1} columns, expected {n_tabs + 1}")


def _check_names(path: Path, table: pd.DataFrame) -> None:
    """Refuse clips that are there twice, or whose names cannot be names of files or rows."""
    if (twice := table.clip_id.duplicated()).any():
        raise ValueError(f"{path}: clip {table.clip_id[twice].iloc[0]} is there twice")
    for clip_id in table.clip_id:
        if not clip_id.isprintable() or "/" in clip_id or clip_id in _NO_NAMES:
            raise ValueError(f"{path}: clip {clip_id!r}: expected a name without slashes and control characters")
