"""The weights given are drawn, at the places given, and always as the same bytes."""

import io

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from PIL import Image

from poseattn.figures.drawing import hands as figures
from poseattn.figures.drawing.hands import AttendedClip, draw_attention


@pytest.fixture
def clip() -> AttendedClip:
    """Five steps, two of them shown; the second right hand is never there."""
    rng = np.random.default_rng(0)
    corners = np.tile(np.array([[2.0, 3.0], [20.0, 4.0], [30.0, 20.0], [np.nan, np.nan]]), (5, 1, 1))
    spatial = rng.random((5, 4))
    temporal = rng.random(5)
    return AttendedClip(
        shown=np.array([1, 3]),
        images=rng.integers(0, 255, (2, 40, 60, 3), dtype=np.uint8),
        glimpses=rng.integers(0, 255, (2, 4, 10, 10, 3), dtype=np.uint8),
        corners=corners,
        seconds=np.arange(5) / 30,
        spatial=spatial / spatial.sum(axis=1, keepdims=True),
        temporal=temporal / temporal.sum(),
    )


def test_the_same_clip_gives_the_same_bytes_without_a_trace_of_the_software(clip: AttendedClip) -> None:
    first, second = (draw_attention(clip, "title", "subtitle", "what it shows <&> “here”") for _ in range(2))
    assert first == second
    picture = Image.open(io.BytesIO(first))
    picture.load()
    assert picture.width == 1680
    texts = {key: value for key, value in picture.info.items() if isinstance(value, str)}
    assert texts == {"Title": "title", "Description": "what it shows <&> “here”"}


def test_lines_and_bars_show_the_weights(clip: AttendedClip) -> None:
    lines, bars = figures._draw(clip).axes[:2]
    named = {line.get_label(): line for line in lines.lines if not line.get_label().startswith("_")}
    assert list(named) == [*figures.HANDS[:3], f"{figures.HANDS[3]} (absent)"]
    for hand, line in enumerate(named.values()):
        present = clip.spatial[:, hand] if hand < 3 else np.full(5, np.nan)
        np.testing.assert_array_equal(line.get_ydata(), present)
    dotted = [line for line in lines.lines if line.get_linestyle() == ":"]
    np.testing.assert_array_equal([line.get_ydata() for line in dotted], clip.spatial.T)
    heights = [patch.get_height() for patch in bars.patches if patch.get_width() < 1]
    np.testing.assert_allclose(heights, clip.temporal)
    assert [text.get_text() for text in bars.get_xticklabels()] == ["0.00", "0.03", "0.07", "0.10", "0.13"]


def test_boxes_stand_on_the_hands_and_the_heaviest_has_its_weight(clip: AttendedClip) -> None:
    pictures = [axes for axes in figures._draw(clip).axes if axes.images and axes.patches]
    assert len(pictures) == 2
    for picture, step in zip(pictures, (1, 3), strict=True):
        boxes = [patch for patch in picture.patches if isinstance(patch, Rectangle)]
        np.testing.assert_array_equal([box.get_xy() for box in boxes], clip.corners[step, :3])
        assert {box.get_width() for box in boxes} == {10}
        weights = clip.spatial[step]
        assert np.argsort([box.get_linewidth() for box in boxes]).tolist() == np.argsort(weights[:3]).tolist()
        expected = [f"{weights.max():.2f}"] if weights.argmax() < 3 else []
        assert [text.get_text() for text in picture.texts] == expected


def test_glimpses_carry_the_weights_of_all_hands(clip: AttendedClip) -> None:
    axes = figures._draw(clip).axes
    below = [one.get_xlabel() for one in axes if one.images and not one.patches]
    assert below == [f"{weight:.2f}" for step in (1, 3) for weight in clip.spatial[step]]


def test_without_temporal_attention_there_are_no_bars(clip: AttendedClip) -> None:
    whole, without = figures._draw(clip), figures._draw(clip._replace(temporal=None))
    assert len(without.axes) == len(whole.axes) - 1
    assert without.get_figheight() < whole.get_figheight()
    assert without.axes[0].get_xlabel() == "time of the step in the clip (seconds)"
