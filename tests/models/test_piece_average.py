"""The CNN baseline passes logits on, and takes no other features than those."""

import pytest
import torch

from poseattn.models.piece_average import Model


def test_the_logits_of_the_pieces_are_the_answer() -> None:
    model, logits = Model(n_classes=3, channels=3), torch.randn(2, 4, 3)
    found, maps = model(logits)
    assert torch.equal(found, logits) and maps == {} and not list(model.parameters())


def test_features_that_are_no_logits_are_refused() -> None:
    with pytest.raises(ValueError, match="pieces have 4096 channels, expected one logit for each of 200 classes"):
        Model(n_classes=200, channels=4096)
