"""What the rows of a shard look like: lengths of axes and types, taken from the first rows and asked of all others."""

from pathlib import Path

import numpy as np

from poseattn.shards.format import FEATURE_KINDS, OWN_ARRAYS, OWN_ATTRS, SideArray


class RowSchema:
    """Shapes and types of the arrays of one shard while it is written.

    Args:
        path: The shard, for messages.
        arrays: Axes and units of the data (called `data`) and of each side array.
        is_feature: Whether the data may be float16.
        empty: Shape of a row and dtype of the data, as far as they are known before the first rows.
    """

    def __init__(
        self,
        path: Path,
        arrays: dict[str, SideArray],
        is_feature: bool,
        empty: tuple[tuple[int, ...], str | type | np.dtype],
    ) -> None:
        self._path, self._arrays, self._is_feature = path, arrays, is_feature
        self._sizes = dict(zip(arrays["data"].axes.split()[1:], empty[0], strict=False))  # axis -> length
        self._dtypes = {"data": np.dtype(empty[1])} if empty[0] else {}

    def rows_of(self, name: str) -> tuple[tuple[int, ...], np.dtype]:
        """Shape of a row and dtype of an array; of no rows a type that promotes to any other."""
        shape = tuple(self._sizes.get(axis, 0) for axis in self._arrays[name].axes.split()[1:])
        return shape, self._dtypes.get(name, np.dtype("uint8"))

    def check(self, clip_id: str, arrays: dict[str, np.ndarray]) -> None:
        """Refuse rows that do not fit; remember lengths and dtypes of the first.

        Args:
            clip_id: Their clip.
            arrays: The data and all side arrays.

        Raises:
            ValueError: An array is missing, empty, or of another shape or type.
        """
        where = f"{self._path}: clip {clip_id!r}"
        if not clip_id.isprintable():
            raise ValueError(f"{where}: no control characters may be in its name")
        if arrays.keys() != self._arrays.keys():
            raise ValueError(f"{where} has the arrays {sorted(arrays)}, expected {sorted(self._arrays)}")
        if len(arrays["data"]) == 0:
            raise ValueError(f"{where} has no rows")
        rows = self._arrays["data"].axes.split()[0]
        sizes = self._sizes | {rows: len(arrays["data"])}
        for name, array in arrays.items():
            axes = self._arrays[name].axes.split()
            sizes = dict(zip(axes, array.shape, strict=False)) | sizes
            dtype = self._dtypes.get(name, array.dtype)
            if array.shape != tuple(sizes.get(axis) for axis in axes) or array.dtype != dtype:
                expected = f"{dtype} {' '.join(f'{axis}={sizes.get(axis)}' for axis in axes)}"
                raise ValueError(f"{where}: {name} is {array.dtype} {array.shape}, expected {expected}")
            _check_dtype(f"{where}: {name}", array.dtype, name == "data" and self._is_feature)
        self._sizes = sizes
        self._dtypes = {name: array.dtype for name, array in arrays.items()}


def check_names(path: Path, axes: str, side: dict[str, SideArray], attrs: dict[str, str | int | float]) -> None:
    """Refuse names that a shard uses itself, and side arrays that do not share its rows.

    Args:
        path: The shard, for messages.
        axes: Axes of the data.
        side: Side arrays by name.
        attrs: Further attributes of the file.

    Raises:
        ValueError: A name is reserved, or the first axis of a side array is not that of the data.
    """
    for name in [name for name in side if name in OWN_ARRAYS] + [name for name in attrs if name in OWN_ATTRS]:
        raise ValueError(f"{path}: the name {name!r} is reserved")
    for name, array in side.items():
        if array.axes.split()[0] != axes.split()[0]:
            raise ValueError(f"{path}: {name} has the axes {array.axes!r}, expected {axes.split()[0]!r} as the first")


def _check_dtype(where: str, dtype: np.dtype, is_feature: bool) -> None:
    if dtype.kind not in "iuf":
        raise ValueError(f"{where} is {dtype}, expected integers or floats")
    if dtype == np.float16 and not is_feature:
        raise ValueError(f"{where} is float16, which is for features only ({', '.join(FEATURE_KINDS)})")
