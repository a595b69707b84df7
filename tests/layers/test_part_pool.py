"""Part features: the literal loop over joints, and the three ways to pool them."""

import numpy as np
import pytest
import torch

from poseattn.layers.part_pool import POOLINGS, PartPool
from tests.closeness import assert_close
from tests.reference import rpan as reference

B, J, K, D = 2, 5, 6, 5
PART_OF = [0, 1, 0, 2, 1]


@pytest.mark.parametrize("pooling", POOLINGS)
def test_pooled_features_are_the_transcribed_equations(pooling: str) -> None:
    torch.manual_seed(0)
    heatmap = torch.randn(B, J, K, dtype=torch.double).softmax(dim=-1)
    slices = torch.randn(B, K, D, dtype=torch.double)
    layer = PartPool(part_of=PART_OF, pooling=pooling).double()
    found = layer(heatmap, slices)
    assert found.shape == (B, layer.vectors * D)
    for b in range(B):
        features = reference.part_features(heatmap[b].numpy(), slices[b].numpy(), PART_OF)
        np.testing.assert_allclose(found[b], reference.pool(features, pooling), rtol=1e-12)


def test_a_part_is_the_sum_of_its_joints() -> None:
    heatmap = torch.tensor([[[1.0, 0], [0, 1], [0.5, 0.5]]])
    slices = torch.tensor([[[2.0, 10], [4, 20]]])
    pooled = PartPool(part_of=[0, 0, 1], pooling="concat")(heatmap, slices)
    assert pooled.tolist() == [[2 + 4, 10 + 20, 3, 15]]


def test_a_single_part_is_the_same_in_all_poolings() -> None:
    heatmap, slices = torch.rand(B, 1, K).softmax(dim=-1), torch.rand(B, K, D)
    concat, largest, mean = (PartPool(part_of=[0], pooling=pooling)(heatmap, slices) for pooling in POOLINGS)
    assert_close(concat, largest)
    assert_close(concat, mean)


def test_an_unknown_pooling_is_named() -> None:
    with pytest.raises(ValueError, match="pooling: 'sum' is not one of concat, max, mean"):
        PartPool(part_of=PART_OF, pooling="sum")
