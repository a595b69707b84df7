"""Sizes of images as recipes write them: one number for a square, `[rows, cols]` for anything else."""

from collections.abc import Sequence


def rectangle(size: int | Sequence[int]) -> tuple[int, int]:
    """Return rows and columns of an image.

    Args:
        size: Edge of a square, or rows and columns; pixels.

    Returns:
        Rows and columns, pixels.

    Raises:
        ValueError: These are not one or two numbers above 0.
    """
    rows_cols = (size, size) if isinstance(size, int) else tuple(size)
    if len(rows_cols) != 2 or not all(isinstance(edge, int) and edge > 0 for edge in rows_cols):
        raise ValueError(f"size {size!r}, expected the edge of a square or [rows, cols] in pixels")
    return rows_cols
