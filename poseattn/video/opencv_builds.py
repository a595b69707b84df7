"""Which package of OpenCV is installed: all of them fill the same folder, so that two of them spoil each other."""

import importlib.metadata

BUILDS = ("opencv-python", "opencv-contrib-python", "opencv-python-headless", "opencv-contrib-python-headless")


def check_one_build() -> None:
    """Refuse to compute with a mixture of packages.

    Raises:
        ValueError: More than one of them is installed; the message says what to do.
    """
    found = [name for name in BUILDS if _is_installed(name)]
    if len(found) > 1:
        raise ValueError(
            f"{' and '.join(found)} are installed, which overwrite each other: `pip uninstall {' '.join(found)}`, "
            "then install the one that is wanted"
        )


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
