"""Files of Caffe: both kinds of networks, C3D's arrays, a genuine mean volume, and damaged ones."""

from pathlib import Path

import numpy as np
import pytest
import torch

from poseattn.networks.caffe import read_layers, read_mean
from poseattn.networks.parameters import read_state
from tests import caffe_files

RNG = np.random.default_rng(0)
LAYERS = {
    "conv1_1": [RNG.standard_normal((300, 3, 3, 3)).astype(np.float32), RNG.standard_normal(300).astype(np.float32)],
    "inception_3a/1x1": [RNG.standard_normal((2, 5)).astype(np.float32)],
}
VOLUMES = {"conv1a": [RNG.standard_normal((4, 3, 3, 3, 3)).astype(np.float32), np.ones(4, np.float32)]}


@pytest.mark.parametrize(
    ("content", "layers"),
    [
        (caffe_files.network(LAYERS), LAYERS),
        (caffe_files.old_network(LAYERS), LAYERS),
        (caffe_files.old_network(VOLUMES, 5), VOLUMES),
    ],
)
def test_networks(tmp_path: Path, content: bytes, layers: dict[str, list[np.ndarray]]) -> None:
    path = tmp_path / "net.caffemodel"
    path.write_bytes(content)
    found = read_layers(path)
    assert list(found) == list(layers)
    for name, arrays in layers.items():
        assert len(found[name]) == len(arrays)
        for array, expected in zip(found[name], arrays, strict=True):
            np.testing.assert_array_equal(array, expected)


def test_as_a_state_dictionary(tmp_path: Path) -> None:
    (tmp_path / "net").write_bytes(caffe_files.network(LAYERS))
    state = read_state(tmp_path / "net")
    assert list(state) == ["conv1_1.weight", "conv1_1.bias", "inception_3a_1x1.weight"]
    assert torch.equal(state["conv1_1.bias"], torch.from_numpy(LAYERS["conv1_1"][1]))


@pytest.mark.data
def test_a_genuine_mean_volume(samples: Path) -> None:
    """C3D's mean of 16 frames: colours near ImageNet's 104, 117 and 123, blue first, smooth in space and time."""
    mean = read_mean(samples / "means/fb_train16_128_mean.binaryproto")
    assert mean.shape == (3, 16, 128, 128)
    np.testing.assert_allclose(mean.mean((1, 2, 3)), (104, 117, 123), atol=5)
    assert max(np.abs(np.diff(mean, axis=axis)).mean() for axis in (1, 2, 3)) < 0.5


@pytest.mark.parametrize("end", [-1, -51, 3, 1])
def test_damaged_files_are_refused_in_one_line(tmp_path: Path, end: int) -> None:
    path = tmp_path / "net.caffemodel"
    path.write_bytes(caffe_files.old_network(VOLUMES, 5)[:end])
    with pytest.raises(ValueError, match="net.caffemodel: (damaged, or no file|holds no)"):
        read_layers(path)
    path.write_bytes(caffe_files.old_blob(np.ones((3, 2, 2), np.float32))[:end])
    with pytest.raises(ValueError, match="net.caffemodel: damaged, or no mean"):
        read_mean(path)


def test_arrays_with_too_few_values_are_refused(tmp_path: Path) -> None:
    shape = caffe_files.text(1, bytes([2, 3]))
    (tmp_path / "a").write_bytes(caffe_files.text(7, shape) + caffe_files.text(5, np.ones(5, "<f4").tobytes()))
    with pytest.raises(ValueError, match="no mean of Caffe") as caught:
        read_mean(tmp_path / "a")
    assert "5 values of shape [2, 3]" in str(caught.value.__cause__)
