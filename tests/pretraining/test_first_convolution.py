"""Cross-modality initialisation: the first convolution by hand, and the same answer to a grey picture."""

import pytest
import torch
from torch import nn

from poseattn.backbones import bn_inception
from poseattn.pretraining.first_convolution import average_first_convolution


def test_mean_of_the_colours_for_every_channel_of_flow() -> None:
    colours, flow = nn.Sequential(nn.Conv2d(3, 1, 1)), nn.Sequential(nn.Conv2d(10, 1, 1))
    with torch.no_grad():
        colours[0].weight.copy_(torch.tensor([1.0, 2.0, 6.0]).reshape(1, 3, 1, 1))
    average_first_convolution(colours, flow)
    assert flow[0].weight.flatten().tolist() == [3.0] * 10
    assert torch.equal(flow[0].bias, colours[0].bias)


def test_all_else_is_copied() -> None:
    colours = bn_inception.build(weights=None, size=32, seed=0, width=0.1)
    flow = bn_inception.build(weights=None, size=32, seed=1, width=0.1, in_channels=10)
    average_first_convolution(colours.network, flow.network)
    grey = torch.randn(2, 1, 32, 32)
    expected = colours.network(grey.expand(-1, 3, -1, -1) * 10 / 3)
    torch.testing.assert_close(flow.network(grey.expand(-1, 10, -1, -1)), expected, rtol=1e-3, atol=1e-3)


def test_other_networks_are_refused() -> None:
    with pytest.raises(ValueError, match="networks for colours and for flow differ: .* size mismatch"):
        average_first_convolution(nn.Conv2d(3, 1, 1), nn.Conv2d(10, 2, 1))
