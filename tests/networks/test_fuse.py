"""Rewriting for speed: the same function, and only what may be rewritten is."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from poseattn.networks.fuse import for_inference

CPU = torch.device("cpu")


def _lively(network: nn.Module) -> nn.Module:
    """Batch norm as after a training."""
    torch.manual_seed(0)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for value in (module.weight, module.bias, module.running_mean):
                nn.init.normal_(value)
            nn.init.uniform_(module.running_var, 0.5, 2.0)
    return network.eval()


class _Branches(nn.Module):
    """What must not be folded: a convolution that others read too, one called twice, one of another type."""

    def __init__(self) -> None:
        super().__init__()
        self.read_twice, self.shared = nn.Conv2d(3, 3, 3, padding=1), nn.Conv2d(3, 3, 1)
        self.reflecting = nn.Conv2d(3, 3, 3, padding=1, padding_mode="reflect")
        self.norms = nn.ModuleList(nn.BatchNorm2d(3) for _ in range(4))

    def forward(self, pixels: Tensor) -> Tensor:
        first = self.read_twice(pixels)
        second = functional.relu(self.norms[0](first)) + first
        third = self.norms[1](self.shared(second)) + self.norms[2](self.shared(second * 2))
        return functional.relu(self.norms[3](self.reflecting(third)))


@pytest.mark.parametrize("bias", [True, False])
def test_batch_norm_and_relu_vanish(bias: bool) -> None:
    torch.manual_seed(0)
    network = _lively(nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=bias), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten()))
    pixels = torch.randn(2, 3, 9, 7)
    with torch.no_grad():
        expected = network(pixels)
        fast = for_inference(network, CPU)
        np.testing.assert_allclose(fast(pixels), expected, rtol=1e-5, atol=1e-5)
    calls = [node for node in fast.graph.nodes if node.op == "call_module"]
    assert len(calls) == (2 if torch.backends.mkldnn.is_available() else 3)
    assert float(expected.min()) == 0 < float(expected.max())


def test_shared_results_stay() -> None:
    network = _lively(_Branches())
    pixels = torch.randn(2, 3, 8, 8)
    with torch.no_grad():
        expected = network(pixels)
        fast = for_inference(network, CPU)
        np.testing.assert_allclose(fast(pixels), expected, rtol=1e-5, atol=1e-5)
    assert sum(isinstance(module, nn.BatchNorm2d) for module in fast.modules()) == 4


def test_volumes_are_laid_out_too() -> None:
    """Five axes have a channels-last layout of their own."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv3d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool3d(2), nn.Flatten()).eval()
    volumes = torch.randn(2, 3, 4, 6, 8)
    with torch.no_grad():
        expected = network(volumes)
        fast = for_inference(network, CPU)
        np.testing.assert_allclose(fast(volumes), expected, rtol=1e-5, atol=1e-5)
    assert next(fast.parameters()).is_contiguous(memory_format=torch.channels_last_3d)


class _Choosing(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.convolution, self.norm = nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)

    def forward(self, pixels: Tensor) -> Tensor:
        return self.norm(self.convolution(pixels)) if pixels.sum() > 0 else pixels


def test_untraceable_network_is_left_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    """In double precision, where another order of sums in another layout does not show."""
    network = _lively(_Choosing()).double()
    pixels = torch.ones(1, 3, 2, 2).double()
    with caplog.at_level("INFO"), torch.no_grad():
        expected = network(pixels)
        np.testing.assert_allclose(for_inference(network, CPU)(pixels), expected, rtol=1e-6)
    assert "not folded" in caplog.text
