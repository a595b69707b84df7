"""Two packages of OpenCV at once are refused."""

import importlib.metadata

import pytest

from poseattn.video.opencv_builds import check_one_build


def test_one_package_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = {"opencv-python"}

    def distribution(name: str) -> None:
        if name not in installed:
            raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", distribution)
    check_one_build()
    installed.add("opencv-contrib-python")
    with pytest.raises(ValueError, match="^opencv-python and opencv-contrib-python are installed, .*`pip uninstall "):
        check_one_build()
