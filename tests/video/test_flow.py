"""Optical flow: known motions are found, codes are the release's, mirrors and stacks are what they should be."""

import sys
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from poseattn.video.flow import dense_flow, implementation, successive_flow
from poseattn.video.flow_codes import BOUND, as_grey, from_grey, mirrored, quantise, stack_of

METHODS = ["tvl1:skimage", "dis"]
MIDDLE = np.s_[16:-16, 16:-16]  # what moves across the border of the image has no flow


def _texture(height: int, width: int) -> np.ndarray:
    """Colour noise at several scales (row, col, rgb) uint8."""
    rng = np.random.default_rng(0)
    blurred = [cv2.GaussianBlur(rng.standard_normal((height, width, 3)), (0, 0), sigma) for sigma in (2, 4, 8)]
    total = sum(image / image.std() for image in blurred)
    return np.interp(total, (total.min(), total.max()), (0, 255)).astype(np.uint8)


def _moved(x: int, y: int, height: int = 96, width: int = 128) -> tuple[np.ndarray, np.ndarray]:
    """Two frames between which everything moves by x and y pixels."""
    large = _texture(height + 40, width + 40)
    return large[20:-20, 20:-20], large[20 - y : 20 - y + height, 20 - x : 20 - x + width]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("motion", [(3, -2), (-7, 5), (0, 0)])
def test_a_known_motion_is_found(method: str, motion: tuple[int, int]) -> None:
    """To a quarter of a pixel everywhere, and to 0.02 on average."""
    found = dense_flow(*_moved(*motion), method)
    assert found.shape == (96, 128, 2) and found.dtype == np.float32
    np.testing.assert_allclose(found[MIDDLE], np.broadcast_to(motion, (64, 96, 2)), atol=0.25)
    np.testing.assert_allclose(found[MIDDLE].mean((0, 1)), motion, atol=0.02)


@pytest.mark.parametrize("method", METHODS)
def test_the_same_frames_give_the_same_bytes(method: str) -> None:
    frames = _moved(3, 1)
    first = dense_flow(*frames, method)
    cv2.setNumThreads(2)
    assert first.tobytes() == dense_flow(*frames, method).tobytes()


@pytest.mark.parametrize("method", METHODS)
def test_a_mirrored_video_has_mirrored_flow(method: str) -> None:
    frames = _moved(4, -3)
    found = dense_flow(*(np.flip(frame, axis=1) for frame in frames), method)
    np.testing.assert_allclose(found[MIDDLE], mirrored(dense_flow(*frames, method))[MIDDLE], atol=0.25)


@pytest.mark.parametrize("method", METHODS)
def test_an_image_without_texture_has_no_flow(method: str) -> None:
    grey = np.full((64, 80, 3), 90, np.uint8)
    np.testing.assert_array_equal(dense_flow(grey, grey, method), 0)


def test_each_frame_but_the_last_has_flow() -> None:
    frames = [_moved(x, 0, 48, 64)[1] for x in (0, 2, 3)]
    fields = list(successive_flow(iter(frames), "dis"))
    assert len(fields) == 2
    np.testing.assert_array_equal(fields[1], dense_flow(frames[1], frames[2], "dis"))
    assert list(successive_flow(frames[:1], "dis")) == []


def test_flow_of_a_pair_does_not_depend_on_the_frames_before() -> None:
    """One solver goes through all pairs of a clip."""
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 256, (40, 56, 3), np.uint8) for _ in range(4)]
    for method in METHODS:
        expected = [dense_flow(*pair, method).tobytes() for pair in zip(frames, frames[1:], strict=False)]
        assert [field.tobytes() for field in successive_flow(frames, method)] == expected


def test_unknown_methods_missing_libraries_and_other_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = np.zeros((32, 32, 3), np.uint8)
    with pytest.raises(ValueError, match="flow method 'brox', expected dis, tvl1:skimage, tvl1:opencv"):
        dense_flow(frame, frame, "brox")
    with pytest.raises(ValueError, match=r"shapes \(32, 32\) and \(32, 30\)"):
        dense_flow(frame, frame[:, 2:], "dis")
    monkeypatch.setitem(sys.modules, "skimage.registration", None)
    with pytest.raises(ValueError, match="pip install scikit-image"):
        dense_flow(frame, frame, "tvl1:skimage")
    monkeypatch.delattr(cv2, "optflow", raising=False)
    with pytest.raises(ValueError, match="recipe: tvl1 is opencv, but this build of OpenCV lacks it: .*contrib"):
        dense_flow(frame, frame, "tvl1:opencv")


def test_the_recipe_and_not_the_installation_chooses_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the published tau, lambda, theta, scales, warps, epsilon, and 300 iterations in two loops."""
    calls = []

    def create(*parameters: float) -> SimpleNamespace:
        calls.append(parameters)
        return SimpleNamespace(calc=lambda first, second, flow: np.stack([first, second], -1).astype(np.float32))

    monkeypatch.setattr(cv2, "optflow", SimpleNamespace(DualTVL1OpticalFlow_create=create), raising=False)
    first, second = np.full((2, 2, 3), 10, np.uint8), np.full((2, 2, 3), 20, np.uint8)
    assert dense_flow(first, second, "tvl1:opencv")[0, 0].tolist() == [10, 20]
    assert calls == [(0.25, 0.15, 0.3, 5, 5, 0.01, 30, 10)]
    assert implementation("tvl1:skimage").startswith("scikit-image 0.")
    assert implementation("tvl1:opencv") == implementation("dis") == f"opencv {cv2.__version__}"


def test_codes_are_those_of_the_release() -> None:
    """Its macro in plain Python, whose `round` takes halves to the even number as OpenCV's `cvRound` does."""

    def release(v: float, low: float, high: float) -> int:
        return 255 if v > high else 0 if v < low else round(255 * (v - low) / (high - low))

    values = np.array([-30, -20, -19.95, -7.3, -0.01, 0, 0.01, 0.1, 5, 19.9, 20, 25], np.float32)
    assert quantise(values).tolist() == [release(float(value), -20, 20) for value in values]
    assert quantise(values, 8).tolist() == [release(float(value), -8, 8) for value in values]
    assert quantise(np.zeros(1)).tolist() == [128]
    assert quantise(np.array([-20.0, 20.0])).tolist() == [0, 255]


def test_flow_comes_back_to_one_code() -> None:
    """Networks subtract 128 from codes; one code is 2 bound / 255 pixels wide."""
    values = np.linspace(-25, 25, 10_001, dtype=np.float32)
    lost = np.clip(values, -20, 20) - (quantise(values).astype(float) - 128) * 40 / 255
    assert -1e-5 < lost.min() and lost.max() < 40 / 255 + 1e-5
    codes = np.arange(1, 256, dtype=np.uint8)
    pixels = ((codes.astype(float) - 128) * 40 / 255).astype(np.float32)
    np.testing.assert_array_equal(quantise(pixels + np.float32(0.01)), codes)


def test_mirrored_by_hand() -> None:
    codes = np.array([[[128, 7], [100, 9]], [[0, 0], [255, 255]]], np.uint8)  # (row, col, xy)
    assert mirrored(codes).tolist() == [[[156, 9], [128, 7]], [[1, 255], [255, 0]]]
    pixels = np.array([[[1.5, 7], [0, 9]]], np.float32)
    assert mirrored(pixels).tolist() == [[[0, 9], [-1.5, 7]]]


def test_mirrored_twice_is_the_identity() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(1, 256, (3, 4, 6, 10), np.uint8)  # (frame, row, col, channel)
    np.testing.assert_array_equal(mirrored(mirrored(codes)), codes)
    pixels = rng.standard_normal((4, 6, 2)).astype(np.float32)
    np.testing.assert_array_equal(mirrored(mirrored(pixels)), pixels)
    assert mirrored(mirrored(np.zeros((1, 1, 2), np.uint8))).tolist() == [[[1, 0]]]


def test_mirrored_codes_are_codes_of_mirrored_flow_but_for_the_last_digit() -> None:
    pixels = np.random.default_rng(0).uniform(-22, 22, (8, 9, 2)).astype(np.float32)
    difference = mirrored(quantise(pixels)).astype(int) - quantise(mirrored(pixels))
    assert set(np.unique(difference[..., 0])) <= {0, 1}
    assert not difference[..., 1].any()


def test_stack_by_hand() -> None:
    assert stack_of(4, 1, 2).tolist() == [1, 2]
    assert stack_of(4, 0, 5).tolist() == [0, 1, 2, 3, 3]
    assert stack_of(4, 4, 2).tolist() == [3, 3]  # the last frame


def test_a_field_survives_being_grey() -> None:
    field = np.random.default_rng(0).integers(0, 256, (4, 6, 2), np.uint8)
    grey = as_grey(field)
    assert grey.shape == (8, 6) and grey[5, 2] == field[1, 2, 1]
    np.testing.assert_array_equal(from_grey(grey), field)


@pytest.mark.parametrize(("n_fields", "at"), [(0, 0), (3, 4), (3, -1)])
def test_no_such_frame(n_fields: int, at: int) -> None:
    with pytest.raises(ValueError, match=f"frame {at} of a clip with {n_fields} flow fields"):
        stack_of(n_fields, at, 5)


def test_the_bound_is_that_of_the_release() -> None:
    assert BOUND == 20
