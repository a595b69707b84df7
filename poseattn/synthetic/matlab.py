"""MATLAB files of version 5 that are the same bytes whenever they are written."""

from io import BytesIO
from pathlib import Path

import numpy as np
from scipy.io import savemat

_ABOUT = 116  # bytes of a file's description, in which SciPy writes the time


def write_mat(path: Path, fields: dict[str, np.ndarray | np.generic | str]) -> None:
    """Write the fields of one file, compressed, in their order.

    Args:
        path: File to write.
        fields: Names and values; a scalar becomes a 1x1 array, as in MATLAB.
    """
    content = BytesIO()
    savemat(content, fields, do_compression=True)
    about = b"MATLAB 5.0 MAT-file, Platform: MACI64, Created on: Tue Mar 25 15:04:17 2014"
    path.write_bytes(about.ljust(_ABOUT) + content.getvalue()[_ABOUT:])
