"""MATLAB files (version 5) with a few named arrays, as some data sets keep their annotations."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.io


def read_matlab(path: Path, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Read arrays of a file.

    Args:
        path: The file.
        names: Arrays that must be in it.

    Returns:
        The arrays by name, with the types that they have there.

    Raises:
        ValueError: The file is damaged or of another format, or lacks an array.
        OSError: It cannot be opened.
    """
    with open(path, "rb") as file:
        try:
            found = scipy.io.loadmat(file, variable_names=list(names))
        except Exception as error:  # scipy's reader raises whatever a damaged file leads it to
            raise ValueError(f"damaged, or no MATLAB file: {' '.join(str(error).split())[:200]}") from error
    if missing := [name for name in names if not isinstance(found.get(name), np.ndarray)]:
        raise ValueError(f"no array {', '.join(missing)} in it")
    return {name: found[name] for name in names}
