"""Figures of the kind pose_maps: which images are shown, and where their maps lie."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from poseattn.figures import pose_maps
from poseattn.figures._posed_image import PosedImage
from poseattn.figures.pose_maps import draw_pose_maps, figure_of_maps
from tests import posed
from tests.drawn import draw

IMAGE = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
POSE = np.random.default_rng(1).random((8, 8)).astype(np.float32)
SAMPLE = PosedImage(IMAGE, POSE, np.array([0, -10, 60, 50], np.float32), "running, a_001")


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("posed")
    written = posed.write_images(folder)
    return {"root": folder, "manifest": [written["manifest"]]} | {key: written[key] for key in ("classes", "heatmaps")}


def _draw(given: dict[str, Any], out: Path, *actions: str) -> None:
    draw("pose_maps", {"source": "Fig. 1", "title": "Poses", "actions": actions}, **given, out=out)


def test_the_first_image_of_each_action_is_shown_with_its_map(
    given: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[PosedImage] = []

    def keep(samples: list[PosedImage], title: str, caption: str) -> bytes:
        seen.extend(samples)
        return f"{title}|{caption}".encode()

    monkeypatch.setattr(pose_maps, "draw_pose_maps", keep)
    _draw(given, tmp_path / "a.png", "high", "low")
    assert (tmp_path / "a.png").read_text() == "Poses|After Fig. 1: Poses; heatmaps with weights random."
    assert [sample.title for sample in seen] == ["high, clip002", "low, clip000"]
    for sample, number in zip(seen, (2, 0), strict=True):
        assert sample.image.shape == (40, 60, 3) and sample.square.tolist() == [0, -10, 60, 50]
        assert sample.pose.max(axis=1).nonzero()[0].tolist() == [posed.row_of(number)]


def test_a_figure_comes_out_and_an_unknown_action_is_refused(given: dict[str, Any], tmp_path: Path) -> None:
    _draw(given, tmp_path / "a.png", "low", "middle", "high")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="figure: found action 'x', expected one of low, middle, high"):
        _draw(given, tmp_path / "c.png", "low", "x")
    assert not (tmp_path / "c.png").exists()


def test_a_pose_map_lies_where_it_was_found_in_the_image() -> None:
    figure = figure_of_maps([SAMPLE, SAMPLE._replace(title="rowing")], "Title")
    upper, other, lower, _ = figure.axes
    assert [axes.get_title() for axes in (upper, other)] == ["running, a_001", "rowing"]
    np.testing.assert_array_equal(upper.images[0].get_array(), IMAGE)
    np.testing.assert_array_equal(lower.images[0].get_array(), POSE)
    assert lower.images[0].get_extent() == [0, 60, 50, -10]
    assert upper.get_xlim() == lower.get_xlim() == (0, 60) and upper.get_ylim() == lower.get_ylim() == (40, 0)


def test_equal_arguments_give_equal_bytes() -> None:
    first, second = (draw_pose_maps([SAMPLE], "Title", "Caption") for _ in range(2))
    assert first == second and first.startswith(b"\x89PNG") and b"Caption" in first
