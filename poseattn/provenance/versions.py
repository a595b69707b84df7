"""Record the software that made a file."""

import importlib.metadata
import json
from functools import cache

MOVES_NO_NUMBER = ("_RECORDED",)
_RECORDED = (
    "poseattn",
    "torch",
    "torchvision",
    "timm",
    "numpy",
    "h5py",
    "av",
    "opencv-python",
    "opencv-contrib-python",
)


def versions() -> str:
    """Installed versions of the software that can move a number, as a JSON object with sorted keys."""
    return json.dumps({name: version(name) for name in _RECORDED}, sort_keys=True)


@cache
def version(name: str) -> str:
    """Version of installed software, by its name on the package index; `not installed` if there is none."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
