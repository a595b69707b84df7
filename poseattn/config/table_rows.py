"""Rows of a results table from its CSV file: labels, published numbers, and the runs that measure a row."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from poseattn.config.files import shown
from poseattn.config.placed import Place, Placed, place_all
from poseattn.config.unknown import meant, no_such

_FIRST = ("label", "method_id")
_LAST = ("runs", "stream_weights")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_ORDER = ("method_id", "label", "conditions", "protocols", "runs", "fuse", "stream_weights", "published")


def read_rows(file: Path, head: Placed) -> Placed:
    """Read the rows of a table.

    The columns are `label`, `method_id`, those that the table names in `row_columns` and `columns`, and if need be
    `runs`, joined by `+`, and `stream_weights`, one number for each run. The scores of several runs are added up. Under
    `rows` the table may have more for a row, by its `method_id`.

    Args:
        file: CSV file in UTF-8 with one line of names and a line for each row.
        head: The table without its rows.

    Returns:
        The rows, of which every value knows its line and column.

    Raises:
        ValueError: One line that names the file, the line and the column.
    """
    conditions, metrics = _names(head, "row_columns"), _names(head, "columns")
    rows = [_row(cells, conditions, metrics) for cells in _lines(file, [*_FIRST, *conditions, *metrics])]
    methods = [row["method_id"] for row in rows]
    for number, method in enumerate(methods):
        if method.value in [one.value for one in methods[:number]]:
            raise ValueError(f"{method.place}: {method.value!r} is there twice")
    for name, settings in _more(head).items():
        if name not in (known := [method.value for method in methods]):
            raise ValueError(f"{settings.place}: {no_such('row', name, known, f' in {shown(file)}')}")
        rows[known.index(name)] |= settings.value
    return Placed([Placed(_finish(row), row["label"].place) for row in rows], Place(file, 1))


def _more(head: Placed) -> dict[str, Placed]:
    """Find the settings of rows that stand in the table instead of the CSV file."""
    if (rows := head.get("rows")) is None:
        return {}
    if not isinstance(rows.value, dict) or not all(isinstance(one.value, dict) for one in rows.value.values()):
        raise ValueError(f"{rows.place}: rows: expected the method_id of rows, and keys and values for each")
    return rows.value


def _names(head: Placed, key: str) -> list[str]:
    """Return the names in a list, or the keys of settings."""
    found = head.get(key)
    if found is None or not isinstance(found.value, dict | list):
        return []
    return [str(one.value if isinstance(one, Placed) else one) for one in found.value]


def _lines(file: Path, needed: list[str]) -> Iterator[dict[str, Placed]]:
    """Read the cells of each line by the name of their column."""
    try:
        reader = csv.reader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline=""), strict=True)
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise ValueError(
            f"{shown(file)}: byte {error.start} (0x{byte:02x}) is no UTF-8: save the file in UTF-8"
        ) from None
    except OSError as error:
        raise ValueError(f"{shown(file)}: cannot be read: {error.strerror}") from None
    try:
        names = next(reader, [])
        _check_names(f"{shown(file)}:1", names, needed)
        for cells in reader:
            if len(cells) != len(names):
                raise ValueError(f"{shown(file)}:{reader.line_num}: found {len(cells)} cells, expected {len(names)}")
            yield {
                name: Placed(cell.strip(), Place(file, reader.line_num, name))
                for name, cell in zip(names, cells, strict=True)
            }
    except csv.Error as error:
        raise ValueError(f"{shown(file)}:{reader.line_num}: no CSV: {error}") from None


def _check_names(where: str, names: list[str], needed: list[str]) -> None:
    known = [*needed, *_LAST]
    if unknown := [name for name in names if name not in known]:
        near = meant(unknown[:1], known)
        raise ValueError(f"{where}: unknown column {unknown[0]!r}{near}; expected {', '.join(known)}")
    if missing := [name for name in needed if name not in names]:
        raise ValueError(f"{where}: no column {', '.join(missing)}")
    if twice := [name for name in names if names.count(name) > 1]:
        raise ValueError(f"{where}: the column {twice[0]!r} is there twice")


def _row(cells: dict[str, Placed], conditions: list[str], metrics: list[str]) -> dict[str, Placed]:
    for name in _FIRST:
        if not cells[name].value:
            raise ValueError(f"{cells[name].place}: empty")
    place = cells["label"].place
    row = {name: cells[name] for name in _FIRST}
    row["published"] = Placed({name: _number(cells[name]) for name in metrics if cells[name].value}, place)
    if conditions:
        filled = {name: _number(cells[name], text=True) for name in conditions if cells[name].value}
        row["conditions"] = Placed(filled, place)
    if (runs := cells.get("runs")) and runs.value:
        row["runs"] = place_all([name.strip() for name in runs.value.split("+")], runs.place)
    if (weights := cells.get("stream_weights")) and weights.value:
        numbers = [_number(Placed(word, weights.place)) for word in weights.value.split()]
        row["stream_weights"] = Placed(numbers, weights.place)
    return row


def _number(cell: Placed, text: bool = False) -> Placed:
    """Read the number of a cell, whole if it is written without a point; a condition may be text."""
    if not _NUMBER.fullmatch(cell.value):
        if text:
            return cell
        raise ValueError(f"{cell.place}: {cell.value!r} is not a number such as 74.9")
    return Placed(float(cell.value) if "." in cell.value else int(cell.value), cell.place)


def _finish(row: dict[str, Placed]) -> dict[str, Placed]:
    """Say how the scores of several runs become one, and put the keys into the order in which tables have them."""
    runs = row.get("runs")
    if runs and isinstance(runs.value, list) and len(runs.value) > 1:
        row["fuse"] = Placed("weighted_sum" if "stream_weights" in row else "sum_logits", runs.place)
    return {key: row[key] for key in (*_ORDER, *sorted(row.keys() - {*_ORDER})) if key in row}
