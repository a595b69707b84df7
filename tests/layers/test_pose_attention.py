"""Heatmaps of joints: the literal loop, what is shared by whom, and what that makes equal."""

import numpy as np
import pytest
import torch
from torch import Tensor

from poseattn.layers.pose_attention import PoseAttention
from tests.closeness import assert_close
from tests.reference import rpan as reference

B, K, D, H, SIZE = 2, 6, 5, 3, 4
GROUPS = {"part": [0, 1, 0, 2, 1], "joint": [0, 1, 2, 3, 4], "all": [0]}


def _layer(group_of: list[int]) -> PoseAttention:
    torch.manual_seed(0)
    layer = PoseAttention(hidden=H, channels=D, size=SIZE, group_of=group_of).double()
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter)
    return layer


def _inputs() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    return tuple(torch.randn(*size, dtype=torch.double, generator=generator) for size in ((B, K, D), (B, H)))


def _heatmaps(layer: PoseAttention, slices: Tensor, h: Tensor) -> Tensor:
    return layer.begin(1, len(h))(layer.keys(slices), h)


def _of_equations(layer: PoseAttention) -> reference.Parameters:
    names = {"A_c": layer.content.weight, "A_h": layer.state.weight, "b": layer.state.bias}
    groups = {name: np.split(value.detach().numpy(), layer.group.shape[1]) for name, value in names.items()}
    return groups | {"v": layer.score.detach().numpy()}


@pytest.mark.parametrize("group_of", GROUPS.values(), ids=GROUPS)
def test_heatmaps_are_the_transcribed_equations(group_of: list[int]) -> None:
    layer, (slices, h) = _layer(group_of), _inputs()
    found = _heatmaps(layer, slices, h).detach().numpy()
    for b in range(B):
        expected = reference.heatmaps(slices[b].numpy(), h[b].numpy(), _of_equations(layer), group_of)
        np.testing.assert_allclose(found[b], expected, rtol=1e-10)
    np.testing.assert_allclose(found.sum(axis=-1), 1, rtol=1e-12)


def test_joints_permuted_inside_a_group_permute_their_heatmaps() -> None:
    layer, inputs = _layer(GROUPS["part"]), _inputs()
    before = _heatmaps(layer, *inputs)
    order = [2, 4, 0, 3, 1]  # exchanges the two joints of group 0 and those of group 1
    layer.score.data = layer.score.data[order]
    assert_close(_heatmaps(layer, *inputs), before[:, order])


def test_one_set_of_parameters_copied_to_all_joints_gives_identical_maps() -> None:
    shared, every, inputs = _layer(GROUPS["all"]), _layer(GROUPS["part"]), _inputs()
    for name, parameter in every.named_parameters():
        one = shared.get_parameter(name).data
        parameter.data = one.repeat(len(parameter) // len(one), *[1] * (one.ndim - 1))
    expected = _heatmaps(shared, *inputs).expand(-1, 5, -1)
    assert_close(_heatmaps(every, *inputs), expected)


def test_permuted_places_permute_the_heatmaps() -> None:
    layer, (slices, h), order = _layer(GROUPS["joint"]), _inputs(), [3, 0, 5, 1, 4, 2]
    assert_close(_heatmaps(layer, slices[:, order], h), _heatmaps(layer, slices, h)[..., order])


def test_each_matrix_starts_within_its_own_limits() -> None:
    layer = PoseAttention(hidden=200, channels=300, size=50, group_of=[0, 1, 1])
    for weight, width in ((layer.content.weight, 300), (layer.state.weight, 200)):
        assert weight.abs().max().item() == pytest.approx((6 / (width + 50)) ** 0.5, rel=0.01)
    assert layer.score.abs().max().item() == pytest.approx((6 / 51) ** 0.5, rel=0.05)
    assert not layer.state.bias.any()
