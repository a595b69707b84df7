"""Show all tables and figures on one self-contained HTML page."""

import csv
import io
from pathlib import Path

from PIL import Image

from poseattn.files import replace_file
from poseattn.tables.report import Figure, Table, render_page

_NEEDED = ("row_label", "own_method", "seeds", "data", "weights", "note")


def run(*, tables: list[Path], figures: list[Path], out: Path) -> None:
    """Write the page.

    Args:
        tables: Results tables (CSV), in the order in which they shall stand.
        figures: PNG files; title and caption stand in their text fields.
        out: HTML file to write.

    Raises:
        ValueError: A file is no results table or no whole PNG file.
    """
    page = render_page([read_table(path) for path in tables], [read_figure(path) for path in figures])
    replace_file(out, page.encode())


def read_table(path: Path) -> Table:
    """Read a results table.

    Args:
        path: CSV file.

    Returns:
        The table, named as the file.

    Raises:
        ValueError: A column that every results table has is missing, or a row has another number of cells.
    """
    with open(path, newline="", encoding="utf-8") as file:
        header, *rows = [*csv.reader(file)] or [[]]
    if missing := [name for name in _NEEDED if name not in header]:
        raise ValueError(f"{path}: no column {', '.join(missing)}; not a results table")
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise ValueError(f"{path}: row {number} has {len(row)} cells, expected {len(header)}")
    return Table(path.stem, header, [dict(zip(header, row, strict=True)) for row in rows])


def read_figure(path: Path) -> Figure:
    """Read a figure and what it says of itself.

    Args:
        path: PNG file.

    Returns:
        The figure, named as the file.

    Raises:
        ValueError: The file is no whole PNG file.
    """
    content = path.read_bytes()
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            image.load()
            texts = {name: str(image.info.get(name, "")) for name in ("Title", "Description")}
    except (OSError, SyntaxError) as error:
        raise ValueError(f"{path}: no whole PNG file") from error
    return Figure(path.stem, texts["Title"], texts["Description"], content)
