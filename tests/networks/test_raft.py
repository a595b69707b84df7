"""RAFT against torchvision's own network, called the official way. Its weights cannot be had in tests."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torchvision.models.optical_flow import Raft_Large_Weights, Raft_Small_Weights, raft_small

from poseattn.networks import raft as ours
from poseattn.networks.weights_files import published_prefix


def _frames(seed: int, height: int, width: int) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).integers(0, 256, (1, height, width, 3), np.uint8))


def test_flow_is_torchvisions(tmp_path: Path) -> None:
    torch.manual_seed(3)
    official = raft_small(weights=None).eval()
    torch.save(official.state_dict(), tmp_path / "raft.pth")
    first, second = _frames(0, 128, 136), _frames(1, 128, 136)
    pictures = Raft_Small_Weights.C_T_V2.transforms()(first.permute(0, 3, 1, 2), second.permute(0, 3, 1, 2))
    network = ours.build("raft_small", weights=tmp_path / "raft.pth", seed=0)
    with torch.inference_mode():
        expected = official(*pictures)[-1]
        found = network(first, second)
        assert float(expected.std()) > 1e-3
        np.testing.assert_allclose(found, expected.permute(0, 2, 3, 1), rtol=1e-3, atol=1e-3)
        assert torch.equal(found, network(first, second))


def test_other_sizes_are_padded_by_repetition() -> None:
    """120 x 133 is padded to 128 x 136."""
    network = ours.build("raft_small", weights=None, seed=0)
    first, second = _frames(0, 120, 133), _frames(1, 120, 133)
    padded = [torch.from_numpy(np.pad(frame, ((0, 0), (0, 8), (0, 3), (0, 0)), "edge")) for frame in (first, second)]
    with torch.inference_mode():
        found = network(first, second)
        assert found.shape == (1, 120, 133, 2)
        np.testing.assert_array_equal(found, network(*padded)[:, :120, :133])


@pytest.mark.parametrize(("name", "count"), [("raft_small", 990_162), ("raft_large", 5_257_536)])
def test_published_counts(name: str, count: int) -> None:
    with torch.device("meta"):
        network = ours._NETWORKS[name](weights=None)
    assert sum(value.numel() for value in network.parameters()) == count


def test_addresses_are_torchvisions() -> None:
    assert set(ours.PUBLISHED) == {Raft_Small_Weights.DEFAULT.url, Raft_Large_Weights.DEFAULT.url}
    assert all(published_prefix(url) for url in ours.PUBLISHED)


def test_unknown_architecture_and_other_weights(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'raft_huge', expected raft_small or raft_large"):
        ours.build("raft_huge", weights=None, seed=0)
    torch.save({"a": torch.zeros(1)}, tmp_path / "a.pth")
    with pytest.raises(ValueError, match="a.pth: weights of another network"):
        ours.build("raft_small", weights=tmp_path / "a.pth", seed=0)
